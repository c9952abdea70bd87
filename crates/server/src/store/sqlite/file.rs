//! The file of a database: who may read it.
//!
//! It holds password hashes, session keys and what customers wrote. SQLite gives its companions (`-wal`, `-shm`) the
//! mode of the file itself, so that one decides for all.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

use crate::store::StoreError;

/// Makes a file that is missing, for its owner alone; warns where others may read one that is there.
pub(super) fn prepare(file: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            warn_of_readers(file);
            Ok(())
        }
        Err(error) => Err(StoreError::Open { url: format!("sqlite://{}", file.display()), source: error.into() }),
    }
}

/// Wants a file that is there.
pub(super) fn require(file: &Path) -> Result<(), StoreError> {
    // What exists and is no database is told apart by SQLite.
    if file.exists() { Ok(()) } else { Err(StoreError::Missing { file: file.display().to_string() }) }
}

/// Whoever set the mode of a file that is there may have meant it: it stays.
#[cfg(unix)]
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    /// Reading, for the group and for all.
    const OTHERS_READ: u32 = 0o044;

    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        let Ok(metadata) = std::fs::metadata(&name) else { continue };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS_READ != 0 {
            tracing::warn!(
                file = %Path::new(&name).display(),
                mode = format!("{mode:o}"),
                "other users of this machine may read the database; `chmod 600` keeps them from it"
            );
        }
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}
