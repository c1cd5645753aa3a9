//! A process that is started, and what is done to it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context as _, ensure};

/// A process; it is killed when this is dropped.
pub struct Program(Child);

/// What a process can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// To end in order.
    Terminate,
    /// To end at once.
    Kill,
    /// To stand still.
    Stop,
    /// To go on.
    Continue,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Signal::Terminate => "TERM",
            Signal::Kill => "KILL",
            Signal::Stop => "STOP",
            Signal::Continue => "CONT",
        }
    }
}

impl Program {
    /// Starts a program; what it prints is appended to a file.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self(child))
    }

    /// Starts a program that says its address in its first line; answers that, too.
    ///
    /// # Errors
    /// It cannot be started, or says nothing.
    pub fn start_server(command: &mut Command) -> anyhow::Result<(Self, String)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut program = Self(child);
        let mut line = String::new();
        let output = program.0.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        ensure!(!line.trim().is_empty(), "{command:?} has ended without a word");
        Ok((program, line.trim().to_owned()))
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Tells it something.
    ///
    /// # Errors
    /// The system has no `kill`.
    pub fn tell(&self, signal: Signal) -> anyhow::Result<()> {
        let kill = format!("kill -{} {}", signal.name(), self.id());
        let told = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        told.context("cannot run sh")?; // one that has ended meanwhile hears nothing
        Ok(())
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.0.try_wait().context("cannot wait for a process")
    }

    /// Whether it has this file open.
    pub fn has_open(&self, file: &Path) -> bool {
        let Ok(entries) = std::fs::read_dir(format!("/proc/{}/fd", self.id())) else { return false };
        entries.flatten().any(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path == file))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

/// Where a program of this repository is: beside the folder of this one.
///
/// # Errors
/// It is not built.
pub fn path(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("where is this program?")?;
    let folder = this.parent().and_then(Path::parent).context("this program is in no target folder")?;
    let program = folder.join(name);
    ensure!(
        program.exists(),
        "{} is not built; type: cargo build --release -p sluice-cli -p sluice-dev-broker",
        program.display()
    );
    Ok(program)
}
