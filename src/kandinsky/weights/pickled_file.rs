//! Weights as PyTorch pickles them: `pytorch_model.bin`, `decoder_fp16.ckpt` and their like.
//!
//! `torch.save` writes a zip file with the pickle `*/data.pkl`, a table of tensors, and one file `*/data/NAME` for each storage.
//! Until 2020 it wrote something else: see [`super::legacy_file`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Error, Result, Tensor};
use zip::ZipArchive;

use super::pickle::{self, PickledTensor};
use super::{Stored, TensorFile};

/// The largest table of tensors that is read, bytes: names and shapes alone take far less.
pub(super) const PICKLE_LIMIT: u64 = 16 * 1024 * 1024;

/// An open file of `torch.save`; numbers are read when a tensor is asked for.
pub(super) struct PickledFile {
    archive: Mutex<ZipArchive<BufReader<File>>>,
    /// Path of the storages inside the archive, `archive/data`.
    folder: String,
    /// Size of the file, bytes: no tensor is larger, whatever the table says.
    size: u64,
    tensors: BTreeMap<String, PickledTensor>,
}

impl PickledFile {
    /// Opens a file and reads its table.
    ///
    /// # Errors
    /// If it is not what `torch.save` writes, is cut short, or would run code elsewhere.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(no_archive)?;
        let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
        let mut tables = names.iter().filter(|name| name.ends_with("data.pkl"));
        let (Some(table), None) = (tables.next(), tables.next()) else {
            return Err(Error::Msg(
                "it is no file that torch.save writes: there is not one data.pkl in it".to_string(),
            ));
        };
        let mut bytes = Vec::new();
        archive.by_name(table).map_err(no_archive)?.take(PICKLE_LIMIT).read_to_end(&mut bytes)?;
        let tensors = pickle::tensors(&bytes).map_err(Error::Msg)?.into_iter().collect();
        let folder = table.trim_end_matches(".pkl").to_string();
        Ok(Self { archive: Mutex::new(archive), folder, size, tensors })
    }
}

impl TensorFile for PickledFile {
    fn tensors(&self) -> Vec<(String, Stored)> {
        let stored = |tensor: &PickledTensor| Stored { dtype: tensor.dtype, shape: tensor.shape.clone() };
        self.tensors.iter().map(|(name, tensor)| (name.clone(), stored(tensor))).collect()
    }

    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>> {
        let Some(tensor) = self.stored(name)? else {
            return Ok(None);
        };
        dtype.map_or(Ok(tensor.clone()), |dtype| tensor.to_dtype(dtype)).map(Some)
    }
}

impl PickledFile {
    fn stored(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(tensor) = self.tensors.get(name) else {
            return Ok(None);
        };
        let path = format!("{}/{}", self.folder, tensor.storage);
        load(name, tensor, |start, length| self.storage_bytes(&path, start, length)).map(Some)
    }

    /// `length` bytes of a file in the archive, from `start`.
    fn storage_bytes(&self, path: &str, start: usize, length: usize) -> Result<Vec<u8>> {
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entry = archive.by_name(path).map_err(|error| Error::Msg(format!("{path}: {error}")))?;
        if entry.size().min(self.size).saturating_sub(start as u64) < length as u64 {
            return Err(Error::Msg(format!("{path} in it is shorter than its tensor; fetch the file again")));
        }
        std::io::copy(&mut entry.by_ref().take(start as u64), &mut std::io::sink())?;
        let mut bytes = vec![0; length];
        entry.read_exact(&mut bytes)?;
        // Reading to the end makes the archive's checksum count.
        std::io::copy(&mut entry, &mut std::io::sink())?;
        Ok(bytes)
    }
}

/// A tensor on the CPU. `bytes` gives part of its storage: from where, and how many.
pub(super) fn load(
    name: &str,
    tensor: &PickledTensor,
    bytes: impl FnOnce(usize, usize) -> Result<Vec<u8>>,
) -> Result<Tensor> {
    let order = memory_order(tensor).ok_or_else(|| Error::Msg(format!("{name} is a view with gaps")))?;
    let elements = tensor.shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
    let width = tensor.dtype.size_in_bytes();
    let too_large = || Error::Msg(format!("{name} is too large"));
    let length = elements.and_then(|count| count.checked_mul(width)).ok_or_else(too_large)?;
    let start = tensor.offset.checked_mul(width).ok_or_else(too_large)?;
    let bytes = bytes(start, length)?;
    // Memory holds the dimensions in another order than the shape if the tensor was saved transposed.
    let sides: Vec<usize> = order.iter().map(|&dimension| tensor.shape[dimension]).collect();
    let loaded = Tensor::from_raw_buffer(&bytes, tensor.dtype, &sides, &Device::Cpu)?;
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &dimension)| back[dimension] = place);
    if back.is_sorted() {
        return Ok(loaded);
    }
    loaded.permute(back)?.contiguous()
}

/// The dimensions from the slowest in memory to the fastest; None where they do not fill memory without gaps.
fn memory_order(tensor: &PickledTensor) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..tensor.shape.len()).collect();
    order.sort_by_key(|&dimension| (std::cmp::Reverse(tensor.stride[dimension]), dimension));
    let mut expected = 1usize;
    for &dimension in order.iter().rev() {
        if tensor.shape[dimension] > 1 && tensor.stride[dimension] != expected {
            return None;
        }
        expected = expected.checked_mul(tensor.shape[dimension].max(1))?;
    }
    Some(order)
}

fn no_archive(error: impl std::fmt::Display) -> Error {
    Error::Msg(format!("it is no file that torch.save writes: {error}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Written by `tests/reference/make_pickle.py`: `{"half": [[1, 2], [3, 4]] in f16, "bias": [0.5, -1.5]}`.
    const WEIGHTS: &[u8] = include_bytes!("../../../tests/reference/pickles/weights.bin");

    fn open(bytes: &[u8]) -> Result<PickledFile> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        PickledFile::open(file.path())
    }

    fn refusal(bytes: &[u8]) -> String {
        open(bytes).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn what_torch_saved_is_read() {
        let weights = open(WEIGHTS).unwrap();
        let half = weights.read("half", None).unwrap().unwrap().to_dtype(DType::F32);
        assert_eq!(half.unwrap().to_vec2::<f32>().unwrap(), [[1., 2.], [3., 4.]]);
        assert_eq!(weights.read("bias", None).unwrap().unwrap().to_vec1::<f32>().unwrap(), [0.5, -1.5]);
        assert!(weights.read("gain", None).unwrap().is_none());
        assert_eq!(weights.tensors().len(), 2);
    }

    #[test]
    fn transposed_tensors_pairs_and_parameters_are_read() {
        let weights = open(include_bytes!("../../../tests/reference/pickles/layouts.bin")).unwrap();
        let numbers = |name: &str| weights.read(name, None).unwrap().unwrap();
        assert_eq!(numbers("transposed").to_vec2::<f32>().unwrap(), [[0., 2., 4.], [1., 3., 5.]]);
        assert_eq!(numbers("row").to_vec1::<f32>().unwrap(), [2., 3.]);
        assert_eq!(numbers("parameter").to_vec1::<f32>().unwrap(), [7.]);
        assert!(weights.read("every second", None).unwrap_err().to_string().contains("gaps"));
        let pair = open(include_bytes!("../../../tests/reference/pickles/pair.th")).unwrap();
        assert_eq!(pair.read("1", None).unwrap().unwrap().to_vec1::<f32>().unwrap(), [3., 4.]);
    }

    #[test]
    fn a_pickle_that_would_run_code_is_refused() {
        let refusal = refusal(include_bytes!("../../../tests/reference/pickles/malicious.bin"));
        assert!(refusal.contains("posix.system") && refusal.contains("nothing was executed"), "{refusal}");
    }

    #[test]
    fn damaged_files_are_refused() {
        assert!(refusal(b"no zip").contains("torch.save"));
        assert!(refusal(&WEIGHTS[..WEIGHTS.len() / 2]).contains("torch.save"));
        let mut flipped = WEIGHTS.to_vec();
        let bias = flipped.windows(4).position(|bytes| bytes == 0.5f32.to_le_bytes()).unwrap();
        flipped[bias] ^= 1;
        open(&flipped).unwrap().read("bias", None).unwrap_err();
    }
}
