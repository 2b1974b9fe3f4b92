//! Weights as PyTorch pickled them before version 1.6 of 2020: Marian's translators are published so.
//!
//! Five pickles stand one after another: a magic number, a version, facts about the machine, the table of tensors and the names of
//! the storages. Then each storage follows: how many numbers it has, and those.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Error, Result, Tensor};

use super::pickle::{self, PickledTensor};
use super::pickled_file::{PICKLE_LIMIT, load};
use super::{Stored, TensorFile};

/// The pickled magic number that such a file begins with.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// An open file; numbers are read when a tensor is asked for.
pub(super) struct LegacyFile {
    file: Mutex<File>,
    tensors: BTreeMap<String, PickledTensor>,
    /// Where the numbers of a storage are.
    storages: HashMap<String, Storage>,
}

#[derive(Debug, Clone, Copy)]
struct Storage {
    start: u64,
    /// Bytes.
    length: u64,
}

impl LegacyFile {
    /// Whether a file begins as such a one.
    pub(super) fn is_one(path: &Path) -> bool {
        let mut start = [0; MAGIC.len()];
        File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MAGIC
    }

    /// Opens a file and reads its tables.
    ///
    /// # Errors
    /// If it is not what `torch.save` wrote, is cut short, or would run code elsewhere.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.by_ref().take(PICKLE_LIMIT).read_to_end(&mut bytes)?;
        let (table, names, start) = tables(&bytes).map_err(Error::Msg)?;
        let (mut storages, mut place) = (HashMap::new(), start as u64);
        for name in names {
            let width = table.widths.get(&name).copied().ok_or_else(cut_short)? as u64;
            let mut count = [0; 8];
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut count).map_err(|_| cut_short())?;
            let length = u64::from_le_bytes(count).checked_mul(width).ok_or_else(cut_short)?;
            let start = place + count.len() as u64;
            place = start.checked_add(length).filter(|end| *end <= size).ok_or_else(cut_short)?;
            storages.insert(name, Storage { start, length });
        }
        Ok(Self { file: Mutex::new(file), tensors: table.tensors.into_iter().collect(), storages })
    }

    /// `length` bytes of a storage, from `start`.
    fn storage_bytes(&self, name: &str, start: usize, length: usize) -> Result<Vec<u8>> {
        let storage = self.storages.get(name).ok_or_else(cut_short)?;
        let end = (start as u64).checked_add(length as u64);
        if end.is_none_or(|end| end > storage.length) {
            return Err(Error::Msg("a storage in it is shorter than its tensor; fetch the file again".to_string()));
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(storage.start + start as u64))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl TensorFile for LegacyFile {
    fn tensors(&self) -> Vec<(String, Stored)> {
        let stored = |tensor: &PickledTensor| Stored { dtype: tensor.dtype, shape: tensor.shape.clone() };
        self.tensors.iter().map(|(name, tensor)| (name.clone(), stored(tensor))).collect()
    }

    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>> {
        let Some(tensor) = self.tensors.get(name) else { return Ok(None) };
        let loaded = load(name, tensor, |start, length| self.storage_bytes(&tensor.storage, start, length))?;
        dtype.map_or(Ok(loaded.clone()), |dtype| loaded.to_dtype(dtype)).map(Some)
    }
}

/// The table of tensors, the names of the storages in their order, and where the storages begin.
fn tables(bytes: &[u8]) -> std::result::Result<(pickle::Table<'_>, Vec<String>, usize), String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("it is no file that torch.save writes")?;
    // Version and machine.
    let rest = pickle::skip(pickle::skip(rest)?)?;
    let table = pickle::table(rest)?;
    let (names, rest) = pickle::texts(table.rest)?;
    Ok((table, names, bytes.len() - rest.len()))
}

fn cut_short() -> Error {
    Error::Msg("it is cut short, or is not what torch.save writes; fetch the file again".to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::kandinsky::weights::Weights;

    /// Written by `tests/reference/make_pickle.py`: tensors of three types, two of them in one storage, one transposed.
    const LEGACY: &[u8] = include_bytes!("../../../tests/reference/pickles/legacy.bin");

    fn open(bytes: &[u8]) -> Result<Weights> {
        let mut file = tempfile::Builder::new().suffix(".bin").tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Weights::open(&[file.path().to_owned()])
    }

    #[test]
    fn what_torch_saved_before_2020_is_read() {
        let weights = open(LEGACY).unwrap();
        let numbers = |name: &str| weights.read(name).unwrap().to_dtype(DType::F32).unwrap();
        assert_eq!(numbers("half").to_vec2::<f32>().unwrap(), [[1., 2.], [3., 4.]]);
        assert_eq!(numbers("bias").to_vec1::<f32>().unwrap(), [0.5, -1.5]);
        assert_eq!(numbers("same").to_vec1::<f32>().unwrap(), [-1.5]);
        assert_eq!(numbers("transposed").to_vec2::<f32>().unwrap(), [[0., 2., 4.], [1., 3., 5.]]);
        assert_eq!(weights.tensors().len(), 4, "whole numbers are left out");
    }

    #[test]
    fn a_pair_is_read_and_refused_wherever_it_is_cut_short() {
        let pair = include_bytes!("../../../tests/reference/pickles/legacy_pair.th");
        let weights = open(pair).unwrap();
        let numbers = |name: &str| weights.read(name).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!((numbers("0"), numbers("1")), (vec![1., 2.], vec![3., 4.]));
        for length in MAGIC.len()..pair.len() {
            assert!(open(&pair[..length]).is_err(), "{length} of {} bytes", pair.len());
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        for length in [MAGIC.len(), 40, LEGACY.len() / 2, LEGACY.len() - 1] {
            let error = open(&LEGACY[..length]).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("cut short"), "{length}: {error}");
        }
        let mut malicious = LEGACY.to_vec();
        let class = malicious.windows(12).position(|bytes| bytes == b"FloatStorage").unwrap();
        malicious[class..class + 12].copy_from_slice(b"RemoteModule");
        let error = open(&malicious).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("nothing was executed"), "{error}");
    }
}
