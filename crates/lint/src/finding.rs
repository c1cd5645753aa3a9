//! What a rule found, and where.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// Something in a file that a rule refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The file, relative to the folder that was checked.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// The rule's stable code, such as `SL1001`.
    pub code: &'static str,
    /// The rule's name, as `# sluice:allow` takes it.
    pub rule: &'static str,
    /// What is wrong, with the names of what it is about.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.code, self.message)?;
        writeln!(f, "  {}:{}:{}  {}", self.file.display(), self.line, self.column, self.rule)?;
        write!(f, "  help: {}", self.help)
    }
}
