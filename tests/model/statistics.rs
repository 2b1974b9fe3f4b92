//! The original's file of statistics, mean and deviation of CLIP's image embeddings, in both formats that PyTorch has had.

use std::path::Path;

use kandinsky_bot::kandinsky::ModelFiles;

const PRIOR: &str = "kandinsky-2-1-prior/prior";
const NAME: &str = "ViT-L-14_stats.th";

/// A folder with a prior of original checkpoints, and its statistics.
fn originals(statistics: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(committed().join("prior_fp16.ckpt"), folder.path().join("prior_fp16.ckpt")).unwrap();
    std::fs::write(folder.path().join(NAME), statistics).unwrap();
    folder
}

fn committed() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases/models/original")
}

fn numbers(folder: &Path, name: &str) -> Vec<f32> {
    let weights = ModelFiles::folder(folder).unwrap().weights(PRIOR).unwrap();
    weights.read(name).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// Two vectors as PyTorch before 1.6 pickles a pair of them.
fn old_format(pair: [&[f32]; 2]) -> Vec<u8> {
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mark = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.".to_vec();
    let machine = [&b"\x80\x02}("[..], &text("little_endian"), b"\x88u."].concat();
    let tensor = |index: usize| {
        let length = [b'M', pair[index].len() as u8, 0];
        let class = b"ctorch\nFloatStorage\n";
        let storage =
            [&b"("[..], &text("storage"), class, &text(&index.to_string()), &text("cpu"), &length, b"NtQ"].concat();
        let rest = [&b"K\x00"[..], &length, b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"].concat();
        [&b"ctorch._utils\n_rebuild_tensor_v2\n("[..], &storage, &rest].concat()
    };
    let table = [&b"\x80\x02"[..], &tensor(0), &tensor(1), b"\x86."].concat();
    let names = [&b"\x80\x02]("[..], &text("0"), &text("1"), b"e."].concat();
    let storage = |numbers: &[f32]| {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        (numbers.len() as u64).to_le_bytes().into_iter().chain(bytes).collect::<Vec<u8>>()
    };
    [mark, machine, table, names, storage(pair[0]), storage(pair[1])].concat()
}

#[test]
fn statistics_in_the_old_format_are_read() {
    let published = originals(&std::fs::read(committed().join(NAME)).unwrap());
    let [mean, deviation] = ["clip_mean", "clip_std"].map(|name| numbers(published.path(), name));
    let old = originals(&old_format([&mean, &deviation]));
    assert_eq!(numbers(old.path(), "clip_mean"), mean);
    assert_eq!(numbers(old.path(), "clip_std"), deviation);
}

#[test]
fn unreadable_statistics_are_refused_under_their_own_name() {
    let published = std::fs::read(committed().join(NAME)).unwrap();
    let old = old_format([&[1., 2.], &[3., 4.]]);
    let not_finite = old_format([&[f32::NAN, 2.], &[3., 4.]]);
    let no_pair = std::fs::read(committed().join("prior_fp16.ckpt")).unwrap();
    for bytes in [&published[..published.len() / 2], &old[..old.len() - 5], &old[..60], &not_finite, &no_pair, b"x"] {
        let folder = originals(bytes);
        let refusal = ModelFiles::folder(folder.path()).unwrap().weights(PRIOR).unwrap_err().to_string();
        assert!(refusal.contains("ViT-L-14_stats.th does not fit") && !refusal.contains("prior_fp16"), "{refusal}");
    }
}
