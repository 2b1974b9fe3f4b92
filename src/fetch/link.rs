//! Links or copies files of the cache into the model folder.

use std::path::Path;

use super::error::FetchError;

/// Makes `target` the file that `source` is, in place of whatever was there.
///
/// Weights are linked, so that they are not on the disk twice: by a hard link, which stays whole when the cache is cleared,
/// else by a symbolic one. Files that a user may want to edit are copied, so that an edit does not reach the cache.
pub(super) fn link_or_copy(source: &Path, target: &Path, link: bool) -> Result<(), FetchError> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(FetchError::disk(folder, "made"))?;
    }
    remove(target)?;
    // A link to a link would break with it.
    let source = source.canonicalize().map_err(FetchError::disk(source, "read"))?;
    if link && (std::fs::hard_link(&source, target).is_ok() || symbolic_link(&source, target).is_ok()) {
        return Ok(());
    }
    copy(&source, target).map_err(FetchError::disk(target, "written"))
}

/// Removes a file, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), FetchError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FetchError::disk(path, "removed")(error)),
        _ => Ok(()),
    }
}

/// Under another name first: what has the name is whole.
fn copy(source: &Path, target: &Path) -> std::io::Result<()> {
    let mut part = target.as_os_str().to_owned();
    part.push(".part");
    std::fs::copy(source, &part)?;
    std::fs::rename(&part, target)
}

/// Makes a symbolic link.
#[cfg(unix)]
pub(super) fn symbolic_link(source: &Path, target: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(source, target)
}

/// Makes no symbolic link: Windows lets only some accounts do so.
#[cfg(not(unix))]
pub(super) fn symbolic_link(_source: &Path, _target: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_a_copy_does_not_reach_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let [blob, target] = ["blob", "unet/config.json"].map(|name| folder.path().join(name));
        std::fs::write(&blob, "published").unwrap();
        link_or_copy(&blob, &target, false).unwrap();
        std::fs::write(&target, "edited").unwrap();
        assert_eq!(std::fs::read_to_string(&blob).unwrap(), "published");
        link_or_copy(&blob, &target, false).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "published");
        assert!(!folder.path().join("unet/config.json.part").exists());
    }

    #[cfg(unix)]
    #[test]
    fn weights_are_the_same_file_and_outlive_the_cache() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let [blob, pointer, target] = ["blob", "pointer", "weights"].map(|name| folder.path().join(name));
        std::fs::write(&blob, "weights").unwrap();
        std::os::unix::fs::symlink(&blob, &pointer).unwrap();
        link_or_copy(&pointer, &target, true).unwrap();
        assert_eq!(std::fs::symlink_metadata(&target).unwrap().ino(), std::fs::metadata(&blob).unwrap().ino());
        std::fs::remove_file(&pointer).unwrap();
        std::fs::remove_file(&blob).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "weights");
    }
}
