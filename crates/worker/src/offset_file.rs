//! Opens the offset file, and finds out before the first record whether it can be written, and that no other worker
//! writes it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use herder::standalone::OffsetFile;

/// How long a worker that stops may keep the file: it ends within `task.shutdown.graceful.timeout.ms`, 5 s by default.
const HANDOVER_LIMIT: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Opens the file. Another worker that uses it gets some seconds: after a kill and a restart it may be about to end.
///
/// # Errors
/// Its folder is missing, it cannot be read or written, or another worker keeps it: one line, with what to do.
pub(crate) async fn open_when_free(path: &Path) -> Result<(OffsetFile, Lock), String> {
    let mut waited = Duration::ZERO;
    loop {
        match open(path) {
            Err(Refusal::Taken(why)) if waited < HANDOVER_LIMIT => {
                if waited.is_zero() {
                    tracing::warn!("{why}; waiting {} s for it to end", HANDOVER_LIMIT.as_secs());
                }
                tokio::time::sleep(LOOK_AGAIN).await;
                waited += LOOK_AGAIN;
            }
            opened => return opened.map_err(Refusal::text),
        }
    }
}

/// Why the file cannot be used.
#[derive(Debug)]
enum Refusal {
    Taken(String),
    Other(String),
}

impl Refusal {
    fn text(self) -> String {
        match self {
            Self::Taken(why) | Self::Other(why) => why,
        }
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

fn open(path: &Path) -> Result<(OffsetFile, Lock), Refusal> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(format!(
            "offset.storage.file.filename={}: there is no folder {}; create it, or choose another file",
            path.display(),
            folder.display()
        )
        .into());
    }
    let lock = Lock::of(path)?;
    let file = OffsetFile::open(path).map_err(|error| error.to_string())?;
    // The file is replaced by a new one whenever offsets are stored, so that its folder must be writable.
    let probe = folder.join(format!(".sluice-probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    let _ = std::fs::remove_file(&probe); // not there when it could not be written
    match written {
        Ok(()) => Ok((file, lock)),
        Err(error) => Err(Refusal::Other(format!(
            "offset.storage.file.filename={}: cannot write to folder {}: {error}; make room there or allow writing, or \
             choose another file",
            path.display(),
            folder.display()
        ))),
    }
}

/// Held while a worker uses an offset file. Each worker has all offsets in memory and writes the file whole, so that two
/// would undo each other's work; connect-standalone does not find out. It ends with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Lock {
    /// `None` where the file system has no locks.
    _held: Option<File>,
}

impl Lock {
    fn of(offsets: &Path) -> Result<Self, Refusal> {
        let path = beside(offsets);
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = opened.map_err(|error| {
            format!(
                "offset.storage.file.filename={}: cannot open {}: {error}; allow writing there, or choose another file",
                offsets.display(),
                path.display()
            )
        })?;
        match file.try_lock() {
            Ok(()) => {
                // For whoever finds it locked; a full disk is found by the probe.
                let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Self { _held: Some(file) })
            }
            Err(TryLockError::WouldBlock) => {
                let mut id = String::new();
                let _ = (&file).take(20).read_to_string(&mut id); // only said when it is there
                let id = if id.is_empty() { String::new() } else { format!(" (process {id})") };
                Err(Refusal::Taken(format!(
                    "offset.storage.file.filename={}: another worker{id} uses this file; stop it, or choose another \
                     file: two workers would overwrite each other's offsets",
                    offsets.display()
                )))
            }
            Err(TryLockError::Error(error)) => {
                tracing::warn!(
                    "{} cannot be locked: {error}; see to it that no other worker uses the offset file",
                    path.display()
                );
                Ok(Self { _held: None })
            }
        }
    }
}

fn beside(offsets: &Path) -> PathBuf {
    let mut name = offsets.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_worker_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets");
        let first = open(&path).unwrap();
        let error = open(&path).unwrap_err().text();
        assert!(error.contains(&format!("another worker (process {})", std::process::id())), "{error}");
        assert!(open(&folder.path().join("others")).is_ok());
        drop(first);
        assert!(open(&path).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_is_about_to_end_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("offsets");
        let first = open(&path).unwrap();
        let begun = tokio::time::Instant::now();
        let error = open_when_free(&path).await.unwrap_err();
        assert!(error.contains("another worker"), "{error}");
        assert!(begun.elapsed() >= HANDOVER_LIMIT);
        let ending = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            drop(first);
        });
        open_when_free(&path).await.unwrap();
        ending.await.unwrap();
    }
}
