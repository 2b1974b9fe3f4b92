//! Weights in safetensors files, mapped into memory.
//!
//! A tensor is copied out of the map once, straight into the format that the network computes in, and its pages are let go
//! at once. So loading a part takes no more memory than its weights and its largest tensor.

use std::collections::HashMap;
use std::fs::File;
use std::ops::{Deref, Range};
use std::path::PathBuf;

use candle_core::{DType, Device, Error, Result, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use memmap2::Mmap;
use rayon::prelude::*;
use safetensors::{Dtype, SafeTensors};

use super::{Stored, TensorFile};

/// Numbers that one core converts at a time.
const CHUNK: usize = 1 << 16;

/// Safetensors files of one network: mapped, or a single one in memory.
pub(super) struct SafetensorsFile {
    files: Vec<Bytes>,
    places: HashMap<String, Place>,
}

/// The content of a file.
enum Bytes {
    Mapped(Mmap),
    Memory(&'static [u8]),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Memory(bytes) => bytes,
        }
    }
}

/// Where a tensor is.
struct Place {
    file: usize,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Range<usize>,
}

impl SafetensorsFile {
    /// Maps the files.
    ///
    /// # Errors
    /// If a file can not be mapped or is no whole safetensors file.
    pub(super) fn map(paths: &[PathBuf]) -> Result<Self> {
        let map = |path: &PathBuf| Ok(Bytes::Mapped(map(&File::open(path)?)?));
        Self::new(paths.iter().map(map).collect::<Result<_>>()?)
    }

    /// A file compiled into the program.
    ///
    /// # Errors
    /// If it is no whole safetensors file.
    pub(super) fn slice(bytes: &'static [u8]) -> Result<Self> {
        Self::new(vec![Bytes::Memory(bytes)])
    }

    fn new(files: Vec<Bytes>) -> Result<Self> {
        let mut places = HashMap::new();
        for (file, bytes) in files.iter().enumerate() {
            let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(Error::wrap)?;
            // The data comes behind the header's length, eight bytes, and the header itself.
            let data = 8 + header;
            for (name, info) in metadata.tensors() {
                let bytes = data + info.data_offsets.0..data + info.data_offsets.1;
                places.insert(name, Place { file, dtype: info.dtype, shape: info.shape.clone(), bytes });
            }
        }
        Ok(Self { files, places })
    }
}

impl TensorFile for SafetensorsFile {
    fn tensors(&self) -> Vec<(String, Stored)> {
        // Types that are not read are refused when the tensor is.
        let dtype = |place: &Place| DType::try_from(place.dtype).unwrap_or(DType::U8);
        let stored = |place: &Place| Stored { dtype: dtype(place), shape: place.shape.clone() };
        let mut tensors: Vec<_> = self.places.iter().map(|(name, place)| (name.clone(), stored(place))).collect();
        tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
        tensors
    }

    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>> {
        let Some(place) = self.places.get(name) else {
            return Ok(None);
        };
        let file = &self.files[place.file];
        let bytes = &file[place.bytes.clone()];
        let tensor = match dtype {
            Some(dtype) => tensor(bytes, place, dtype)?,
            None => Tensor::from_raw_buffer(bytes, DType::try_from(place.dtype)?, &place.shape, &Device::Cpu)?,
        };
        if let Bytes::Mapped(map) = file {
            let_go(map, &place.bytes);
        }
        Ok(Some(tensor))
    }
}

/// Turns stored bytes into numbers.
type Decode = fn(&[u8], &mut [f32]);

/// The bytes of a tensor as numbers of another type.
fn tensor(bytes: &[u8], place: &Place, dtype: DType) -> Result<Tensor> {
    let (width, decode): (usize, Decode) = match place.dtype {
        Dtype::F16 => (2, |bytes, numbers| decode(bytes, numbers, |bytes| f16::from_le_bytes(bytes).to_f32())),
        Dtype::BF16 => (2, |bytes, numbers| decode(bytes, numbers, |bytes| bf16::from_le_bytes(bytes).to_f32())),
        Dtype::F32 => (4, |bytes, numbers| decode(bytes, numbers, f32::from_le_bytes)),
        Dtype::F64 => (8, |bytes, numbers| decode(bytes, numbers, |bytes| f64::from_le_bytes(bytes) as f32)),
        other => candle_core::bail!("weights of the type {other:?} are not read"),
    };
    let (shape, device) = (place.shape.as_slice(), &Device::Cpu);
    match dtype {
        DType::F32 => {
            let numbers = convert(bytes, width, decode);
            Tensor::from_vec(numbers, shape, device)
        }
        DType::BF16 => {
            let numbers = convert::<bf16>(bytes, width, |bytes, numbers| narrow(bytes, numbers, decode));
            Tensor::from_vec(numbers, shape, device)
        }
        DType::F16 => {
            let numbers = convert::<f16>(bytes, width, |bytes, numbers| narrow(bytes, numbers, decode));
            Tensor::from_vec(numbers, shape, device)
        }
        other => candle_core::bail!("networks do not compute in {other:?}"),
    }
}

/// Numbers of `width` bytes each, converted on all cores.
fn convert<T: Default + Clone + Send>(bytes: &[u8], width: usize, convert: impl Fn(&[u8], &mut [T]) + Sync) -> Vec<T> {
    let mut numbers = vec![T::default(); bytes.len() / width];
    let chunks = bytes.par_chunks(CHUNK * width).zip(numbers.par_chunks_mut(CHUNK));
    chunks.for_each(|(bytes, numbers)| convert(bytes, numbers));
    numbers
}

fn decode<const WIDTH: usize>(bytes: &[u8], numbers: &mut [f32], decode: impl Fn([u8; WIDTH]) -> f32) {
    let (values, _) = bytes.as_chunks();
    for (value, number) in values.iter().zip(numbers) {
        *number = decode(*value);
    }
}

fn narrow<T>(bytes: &[u8], numbers: &mut [T], decode: Decode)
where
    [T]: HalfFloatSliceExt,
{
    let mut wide = vec![0f32; numbers.len()];
    decode(bytes, &mut wide);
    numbers.convert_from_f32_slice(&wide);
}

#[allow(unsafe_code)]
fn map(file: &File) -> Result<Mmap> {
    // SAFETY: a mapped file must not be cut short or rewritten while it is mapped. The map lives only while a part is
    // loading (every tensor is copied out of it), and nothing in this program writes to a weight file in place.
    Ok(unsafe { Mmap::map(file)? })
}

/// Tells the system that the pages are not needed: they would count as this program's memory until the map is closed.
#[allow(unsafe_code, unused_variables)]
fn let_go(file: &Mmap, bytes: &Range<usize>) {
    #[cfg(unix)]
    {
        let advice = memmap2::UncheckedAdvice::DontNeed;
        // SAFETY: the map is read-only and of a file, so a page that is read again is read from the file again. That it
        // fails costs memory alone.
        let _ = unsafe { file.unchecked_advise_range(advice, bytes.start, bytes.len()) };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// Numbers that all formats hold, more than a chunk of them.
    fn saved(dtype: DType) -> (tempfile::TempDir, PathBuf, Vec<f32>) {
        let values: Vec<f32> = (0..100_000).map(|i| (i % 200) as f32 / 16. - 4.).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let tensor = Tensor::new(values.as_slice(), &Device::Cpu).unwrap().reshape((2, ())).unwrap();
        let pair = Tensor::new(&[1f32, -2.], &Device::Cpu).unwrap();
        let tensors = HashMap::from([("first", pair), ("weight", tensor.to_dtype(dtype).unwrap())]);
        candle_core::safetensors::save(&tensors, &path).unwrap();
        (folder, path, values)
    }

    #[test]
    fn every_format_is_read_as_every_other() {
        for stored in [DType::F16, DType::BF16, DType::F32, DType::F64] {
            let (_folder, path, values) = saved(stored);
            for wanted in [DType::F16, DType::BF16, DType::F32] {
                let weights = SafetensorsFile::map(std::slice::from_ref(&path)).unwrap();
                let tensor = weights.read("weight", Some(wanted)).unwrap().unwrap();
                assert_eq!(tensor.dtype(), wanted);
                let read = tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
                assert_eq!(read, values, "{stored:?} as {wanted:?}");
                // Its pages may have gone along with the other's.
                let first = weights.read("first", None).unwrap().unwrap();
                assert_eq!(first.to_vec1::<f32>().unwrap(), [1., -2.]);
            }
        }
    }

    #[test]
    fn tensors_are_told_as_they_are_stored() {
        let (_folder, path, _) = saved(DType::F16);
        let weights = SafetensorsFile::map(&[path]).unwrap();
        let found = weights.tensors();
        assert_eq!((found[0].0.as_str(), found[0].1.shape.as_slice()), ("first", &[2][..]));
        assert_eq!(found[1].1, Stored { dtype: DType::F16, shape: vec![2, 50_000] });
        assert_eq!(weights.read("weight", None).unwrap().unwrap().dtype(), DType::F16);
        assert!(weights.read("second", None).unwrap().is_none());
    }

    #[test]
    fn a_file_that_was_cut_short_is_refused() {
        let (_folder, path, _) = saved(DType::F16);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(SafetensorsFile::map(&[path]).is_err());
    }
}
