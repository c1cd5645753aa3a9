//! The folders and files that a provider may read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use api::config::RawConfig;
use api::{Error, Result};

// A file of secrets is small; a bigger one is a mistake, and reading it would only cost memory.
const MAX_BYTES: u64 = 1 << 20;

/// `allowed.paths`: each path absolute. Links in them are followed at each look, since Kubernetes puts a new version of a
/// mounted secret behind the same link.
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
            path.canonicalize()
                .map_err(|error| format!("path {} cannot be used: {error}", path.display()))?;
            paths.push(path.to_owned());
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
        let is_in = |allowed: &PathBuf| allowed.canonicalize().is_ok_and(|allowed| real.starts_with(allowed));
        match self.0.iter().any(is_in) {
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
        let is_file = fs::metadata(real)?.is_file(); // before it is opened: a pipe would wait for somebody who writes
        let mut text = String::new();
        if is_file {
            fs::File::open(real)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    // As Kubernetes does when a mounted secret changes.
    #[test]
    fn a_link_may_lead_elsewhere_later() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for version in ["v1", "v2"] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("db"), version).unwrap();
        }
        symlink(at("v1"), at("..data")).unwrap();
        symlink(at("..data").join("db"), at("db")).unwrap();
        let params = RawConfig::new().with("allowed.paths", at("db").display().to_string());
        let allowed = AllowedPaths::parse(&params).unwrap();
        assert_eq!(read(&allowed.real(&at("db")).unwrap()).unwrap(), "v1");
        symlink(at("v2"), at("..next")).unwrap();
        fs::rename(at("..next"), at("..data")).unwrap();
        assert_eq!(read(&allowed.real(&at("db")).unwrap()).unwrap(), "v2");
        assert!(allowed.real(&at("v1").join("db")).is_err(), "what it led to before is not named");
    }
}
