//! Takes new keys and certificates when their files change.

use std::path::Path;

use ring::digest::{SHA256, digest};

use crate::{Error, Material, Settings};

/// Looks at the files of some settings.
pub struct Reloader {
    settings: Settings,
    /// What the files held at the last look, good or bad.
    seen: Vec<Seen>,
}

/// What a file held, by its digest; a file that could not be read, by why.
type Seen = Result<Vec<u8>, String>;

impl Reloader {
    /// Finds changes from now on: to be made before the files are first loaded.
    pub fn new(settings: Settings) -> Self {
        let seen = contents(&settings);
        Self { settings, seen }
    }

    /// Looks whether a file has changed, and makes of what it holds now what is needed; `None` when all is as before.
    /// Blocks while files are read.
    ///
    /// # Errors
    /// What has changed cannot be used. It is said once, until it changes again.
    pub fn look<T>(
        &mut self,
        make: impl FnOnce(&Settings, &Material) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let now = contents(&self.settings);
        if now == self.seen {
            return Ok(None);
        }
        self.seen = now;
        let material = self.settings.load()?;
        make(&self.settings, &material).map(Some)
    }
}

fn contents(settings: &Settings) -> Vec<Seen> {
    settings.files().map(content).collect()
}

fn content(file: &Path) -> Seen {
    crate::file::bytes(file).map(|bytes| digest(&SHA256, &bytes).as_ref().to_vec())
}
