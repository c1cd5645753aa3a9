//! Opens the offset file, and finds out before the first record whether it can be written.

use std::path::Path;

use herder::standalone::OffsetFile;

/// Opens the file.
///
/// # Errors
/// Its folder is missing, or it cannot be read or written: one line, with what to do.
pub(crate) fn open(path: &Path) -> Result<OffsetFile, String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(format!(
            "offset.storage.file.filename={}: there is no folder {}; create it, or choose another file",
            path.display(),
            folder.display()
        ));
    }
    let file = OffsetFile::open(path).map_err(|error| error.to_string())?;
    // The file is replaced by a new one whenever offsets are stored, so that its folder must be writable.
    let probe = folder.join(format!(".sluice-probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    let _ = std::fs::remove_file(&probe); // not there when it could not be written
    match written {
        Ok(()) => Ok(file),
        Err(error) => Err(format!(
            "offset.storage.file.filename={}: cannot write to folder {}: {error}; make room there or allow writing, or \
             choose another file",
            path.display(),
            folder.display()
        )),
    }
}
