//! Why a worker does not start.

use std::fmt;

/// Why a worker does not start. The text has one line a problem, each with what to do.
#[derive(Debug)]
pub enum Error {
    /// Files or options are wrong; nothing was started.
    Wrong(Vec<String>),
    /// Starting failed.
    Failed(String),
}

impl Error {
    /// The exit code of the program: 2 for what is wrong in files, 3 for what failed while starting, as
    /// `connect-standalone` has them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Wrong(_) => 2,
            Error::Failed(_) => 3,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Wrong(problems) => f.write_str(&problems.join("\n")),
            Error::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
