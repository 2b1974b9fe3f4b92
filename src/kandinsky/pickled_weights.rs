//! Weights as PyTorch pickles them: `pytorch_model.bin` and its like.
//!
//! `torch.save` writes a zip file with the pickle `*/data.pkl` and one file for each storage. A pickle is a program; this one
//! is read by a reader that runs nothing, and only after [`pickle_guard`](super::pickle_guard) has seen that it names tensors
//! alone.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use candle_core::{DType, Device, Error, Result};
use candle_nn::VarBuilder;
use zip::ZipArchive;

use super::pickle_guard;

/// The largest pickle of a state dict that is read, bytes: names and shapes alone take far less.
const PICKLE_LIMIT: u64 = 16 * 1024 * 1024;

/// Opens a file; tensors are read, and cast, when a network asks for them.
///
/// # Errors
/// If it is not what `torch.save` writes, is cut short, or would run code elsewhere.
pub(super) fn open(path: &Path, dtype: DType, device: &Device) -> Result<VarBuilder<'static>> {
    pickle_guard::check(&pickle(path)?).map_err(Error::Msg)?;
    VarBuilder::from_pth(path, dtype, device)
}

/// The pickle inside.
fn pickle(path: &Path) -> Result<Vec<u8>> {
    let no_archive = |error| Error::Msg(format!("it is no file that torch.save writes: {error}"));
    let mut archive = ZipArchive::new(File::open(path)?).map_err(no_archive)?;
    // The reader that follows looks at every entry of that name, so there must not be a second one.
    let names = archive.file_names().flatten().map(Cow::into_owned);
    let names: Vec<String> = names.filter(|name| name.ends_with("data.pkl")).collect();
    let [name] = &*names else {
        return Err(Error::Msg(format!("there are {} files data.pkl in it, not one", names.len())));
    };
    let entry = archive.by_name(name).map_err(no_archive)?;
    let mut bytes = Vec::new();
    entry.take(PICKLE_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Written by `tests/reference/make_pickle.py`: `{"half": [[1, 2], [3, 4]] in f16, "bias": [0.5, -1.5]}`.
    const WEIGHTS: &[u8] = include_bytes!("../../tests/reference/pickles/weights.bin");

    fn saved(bytes: &[u8]) -> tempfile::TempPath {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file.into_temp_path()
    }

    fn refusal(bytes: &[u8]) -> String {
        open(&saved(bytes), DType::F32, &Device::Cpu).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn what_torch_saved_is_read_and_cast() {
        let path = saved(WEIGHTS);
        let weights = open(&path, DType::F32, &Device::Cpu).unwrap();
        assert_eq!(weights.get((2, 2), "half").unwrap().to_vec2::<f32>().unwrap(), [[1., 2.], [3., 4.]]);
        assert_eq!(weights.get(2, "bias").unwrap().to_vec1::<f32>().unwrap(), [0.5, -1.5]);
        assert!(weights.get(3, "bias").is_err() && weights.get(2, "gain").is_err());
    }

    #[test]
    fn a_pickle_that_would_run_code_is_refused() {
        let malicious = include_bytes!("../../tests/reference/pickles/malicious.bin");
        let refusal = refusal(malicious);
        assert!(refusal.contains("posix.system") && refusal.contains("nothing was executed"), "{refusal}");
    }

    #[test]
    fn damaged_files_are_refused() {
        assert!(refusal(b"no zip").contains("torch.save"));
        assert!(refusal(&WEIGHTS[..WEIGHTS.len() / 2]).contains("torch.save"));
    }
}
