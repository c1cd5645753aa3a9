//! The folders and files that a provider may read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use api::config::RawConfig;
use api::{Error, Result};

// A file of secrets is small; a bigger one is a mistake, and reading it would only cost memory.
const MAX_BYTES: u64 = 1 << 20;

/// `allowed.paths`: each path absolute, there, and without links.
#[derive(Debug, Clone)]
pub(crate) struct AllowedPaths(Vec<PathBuf>);

impl AllowedPaths {
    /// Reads the parameter.
    ///
    /// # Errors
    /// It is missing, or one of the paths is relative or not there.
    pub(crate) fn parse(params: &RawConfig) -> std::result::Result<Self, String> {
        let text = params.get("allowed.paths").unwrap_or_default();
        let mut paths = Vec::new();
        for path in text.split(',').map(str::trim).filter(|path| !path.is_empty()) {
            let path = Path::new(path);
            if !path.is_absolute() {
                return Err(format!("path {} is not absolute", path.display()));
            }
            let real = path
                .canonicalize()
                .map_err(|error| format!("path {} cannot be used: {error}", path.display()))?;
            paths.push(real);
        }
        match paths.is_empty() {
            true => Err(
                "this provider reads nothing without a list of folders or files: set it to those that hold \
                         your secrets, separated by commas"
                    .to_owned(),
            ),
            false => Ok(Self(paths)),
        }
    }

    /// The real path, links and `..` followed, if it is allowed.
    ///
    /// # Errors
    /// It is not there, or not allowed.
    pub(crate) fn real(&self, path: &Path) -> Result<PathBuf> {
        let real = path.canonicalize().map_err(|error| {
            Error::misconfigured("cannot read a config provider's path")
                .with("path", path.display())
                .caused_by(error)
        })?;
        match self.0.iter().any(|allowed| real.starts_with(allowed)) {
            true => Ok(real),
            false => Err(Error::misconfigured("a config provider may not read this path")
                .with("path", path.display())
                .hint("add its folder to the provider's allowed.paths in the worker's config, if it should be read")),
        }
    }
}

/// The text of a regular file.
pub(crate) fn read(real: &Path) -> Result<String> {
    let failed = |why: &'static str| Error::misconfigured(why).with("path", real.display());
    let open = || -> std::io::Result<(bool, String)> {
        let file = fs::File::open(real)?;
        let is_file = file.metadata()?.is_file();
        let mut text = String::new();
        if is_file {
            file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
        }
        Ok((is_file, text))
    };
    match open() {
        Ok((false, _)) => Err(failed("a config provider's path is not a file")),
        Ok((true, text)) if text.len() as u64 > MAX_BYTES => {
            Err(failed("a config provider's file is larger than 1 MiB"))
        }
        Ok((true, text)) => Ok(text),
        Err(error) => Err(failed("cannot read a config provider's file").caused_by(error)),
    }
}
