//! What keeps a check from being made at all. What is wrong in a file that could be read is a finding.

use std::path::{Path, PathBuf};

/// A check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not.
        source: std::io::Error,
    },
    /// A Terraform file does not parse.
    #[error("{path}:{line}:{column}: this is not valid HCL: {message}; `terraform fmt` shows the same place")]
    Hcl {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser expected.
        message: String,
    },
    /// A file is no plan.
    #[error("{path} is not a Terraform plan: {what}")]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        what: String,
    },
}

impl Error {
    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }
}
