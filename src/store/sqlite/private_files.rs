//! Files that only the user who runs the program can read: prompts and photos are in them.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Result;
use std::path::{Path, PathBuf};

/// Ends of the names of the files that SQLite puts beside a database.
const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Makes a folder for this user alone. One that is there already is left as it is: it may serve others, too.
pub(super) fn create_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens or makes a file for this user alone; its content stays.
pub(super) fn open_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(&file)?;
    Ok(file)
}

/// Makes a database for this user alone before SQLite opens it, which gives its own files beside it the same mode.
pub(super) fn make_private(database: &Path) -> Result<()> {
    open_private(database)?;
    for suffix in SIDE_FILES {
        let path = PathBuf::from(format!("{}{suffix}", database.display()));
        if path.is_file() {
            open_private(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn restrict(file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(0o600);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &File) -> Result<()> {
    Ok(())
}
