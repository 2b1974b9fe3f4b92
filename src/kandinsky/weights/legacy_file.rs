//! Weights as PyTorch pickled them before it wrote zip files: some pickles one after the other, then the numbers.
//!
//! The pickles hold a mark of the format, its version, facts about the machine, the table of tensors, and the names of the storages.
//! Each storage follows in that order, with its number of elements before it (`_legacy_save` in `torch/serialization.py`).

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Error, Result, Tensor};

use super::pickle::{self, PickledTensor};
use super::pickled_file::tensor_of;
use super::{Stored, TensorFile};

/// The first two pickles: the mark of the format and its only version.
const MARK: [u8; 15] = *b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
const VERSION: [u8; 6] = *b"\x80\x02M\xe9\x03.";
/// The pickles of a file must end within as many bytes.
const HEAD_LIMIT: u64 = 16 * 1024 * 1024;

/// An open file of this format; numbers are read when a tensor is asked for.
pub(super) struct LegacyFile {
    file: Mutex<File>,
    tensors: BTreeMap<String, PickledTensor>,
    storages: HashMap<String, Place>,
}

/// Where a storage is in the file, bytes.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    length: u64,
}

impl LegacyFile {
    /// Whether a file is of this format, by its first bytes.
    pub(super) fn is_one(path: &Path) -> bool {
        let mut first = [0; MARK.len()];
        File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == MARK
    }

    /// Opens a file and reads its table.
    ///
    /// # Errors
    /// If it is cut short, or would run code elsewhere.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut head = Vec::new();
        file.by_ref().take(HEAD_LIMIT).read_to_end(&mut head)?;
        let rest = head.strip_prefix(&MARK).and_then(|rest| rest.strip_prefix(&VERSION));
        let rest = rest.ok_or_else(|| Error::Msg("it is a file of torch.save of an unknown version".to_string()))?;
        let rest = pickle::skip(rest).map_err(Error::Msg)?;
        let (tensors, rest) = pickle::tensors_and_rest(rest).map_err(Error::Msg)?;
        let (names, rest) = pickle::texts_and_rest(rest).map_err(Error::Msg)?;
        let start = (head.len() - rest.len()) as u64;
        let storages = places(&mut file, start, size, &names, &tensors)?;
        Ok(Self { file: Mutex::new(file), tensors: tensors.into_iter().collect(), storages })
    }

    fn storage_bytes(&self, storage: &str, start: u64, length: usize) -> Result<Vec<u8>> {
        let place = self.storages.get(storage).ok_or_else(cut_short)?;
        if place.length.saturating_sub(start) < length as u64 {
            return Err(cut_short());
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place.start + start))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Where each storage is, from the `start` of the first.
fn places(
    file: &mut File,
    start: u64,
    size: u64,
    names: &[String],
    tensors: &[(String, PickledTensor)],
) -> Result<HashMap<String, Place>> {
    let widths: HashMap<&str, u64> =
        tensors.iter().map(|(_, tensor)| (&*tensor.storage, tensor.dtype.size_in_bytes() as u64)).collect();
    let mut places = HashMap::new();
    let mut at = start;
    for name in names {
        let width = widths.get(name.as_str()).copied();
        let width = width.ok_or_else(|| Error::Msg(format!("no tensor that is read has its numbers in {name}")))?;
        let mut count = [0; 8];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut count).map_err(|_| cut_short())?;
        let length = u64::from_le_bytes(count).checked_mul(width).ok_or_else(cut_short)?;
        let start = at + count.len() as u64;
        at = start.checked_add(length).filter(|&end| end <= size).ok_or_else(cut_short)?;
        places.insert(name.clone(), Place { start, length });
    }
    Ok(places)
}

fn cut_short() -> Error {
    Error::Msg("the file is cut short; fetch it again".to_string())
}

impl TensorFile for LegacyFile {
    fn tensors(&self) -> Vec<(String, Stored)> {
        let stored = |tensor: &PickledTensor| Stored { dtype: tensor.dtype, shape: tensor.shape.clone() };
        self.tensors.iter().map(|(name, tensor)| (name.clone(), stored(tensor))).collect()
    }

    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>> {
        let Some(tensor) = self.tensors.get(name) else { return Ok(None) };
        let bytes = |start: usize, length: usize| self.storage_bytes(&tensor.storage, start as u64, length);
        let loaded = tensor_of(name, tensor, bytes)?;
        dtype.map_or(Ok(loaded.clone()), |dtype| loaded.to_dtype(dtype)).map(Some)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Written by `tests/reference/make_pickle.py`: `([1, 2], [3, 4])`.
    const PAIR: &[u8] = include_bytes!("../../../tests/reference/pickles/legacy_pair.th");

    fn open(bytes: &[u8]) -> Result<LegacyFile> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        assert!(LegacyFile::is_one(file.path()));
        LegacyFile::open(file.path())
    }

    #[test]
    fn a_pair_in_the_old_format_is_read() {
        let pair = open(PAIR).unwrap();
        let numbers = |name: &str| pair.read(name, None).unwrap().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!((numbers("0"), numbers("1")), (vec![1., 2.], vec![3., 4.]));
        assert!(pair.read("2", None).unwrap().is_none());
    }

    #[test]
    fn weights_in_the_old_format_are_read() {
        let weights = open(include_bytes!("../../../tests/reference/pickles/legacy_weights.bin")).unwrap();
        let half = weights.read("half", Some(DType::F32)).unwrap().unwrap();
        assert_eq!(half.to_vec2::<f32>().unwrap(), [[1., 2.], [3., 4.]]);
        assert_eq!(weights.tensors().len(), 2);
    }

    #[test]
    fn every_file_that_is_cut_short_is_refused() {
        for length in MARK.len()..PAIR.len() {
            assert!(open(&PAIR[..length]).is_err(), "{length} of {} bytes", PAIR.len());
        }
    }
}
