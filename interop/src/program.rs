//! A program of this repository that is built beside this one, and says its address in its first line.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use testkit::apache_kafka::java::Java;

/// The programs that a comparison starts.
pub const PROGRAMS: [&str; 3] = ["sluice", "dev-broker", "schema-registry"];

/// One of them, running; it is killed when this is dropped.
pub struct Program {
    /// What its first line said.
    pub address: String,
    _process: Java,
}

impl Program {
    /// Starts it and waits for its first line.
    ///
    /// # Errors
    /// It is not there, or it has ended without a word.
    pub fn start(name: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let program = path(name)?;
        let mut command = Command::new(&program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Java::start(&mut command).with_context(|| program.display().to_string())?;
        let output = process.process().stdout.take().context("no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        ensure!(!address.is_empty(), "{} has ended", program.display());
        Ok(Self { address: address.trim().to_owned(), _process: process })
    }
}

/// Where a program is.
///
/// # Errors
/// This program does not know where it is itself.
pub fn path(name: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe().context("where is this program?")?.with_file_name(name))
}

/// Whether all are built.
///
/// # Errors
/// As [`path`].
pub fn are_built() -> anyhow::Result<bool> {
    for name in PROGRAMS {
        if !path(name)?.exists() {
            return Ok(false);
        }
    }
    Ok(true)
}
