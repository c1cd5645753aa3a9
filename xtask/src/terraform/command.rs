//! Running one program to its end with its output kept, within a limit.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long an interrupted program may take to end by itself.
const GRACE: Duration = Duration::from_secs(20);

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to its standard output.
    pub output: String,
    /// What it wrote to its standard error.
    pub errors: String,
}

impl Finished {
    /// Its output, when it succeeded.
    ///
    /// # Errors
    /// It failed; the text has the end of what it wrote.
    pub fn success(self) -> anyhow::Result<String> {
        match self.code {
            Some(0) => Ok(self.output),
            _ => bail!("{}", self.told()),
        }
    }

    /// The end of what it wrote, errors last.
    pub fn told(&self) -> String {
        let text = format!("{}\n{}", self.output.trim_end(), self.errors.trim_end());
        let lines: Vec<_> = text.lines().collect();
        let shown = lines[lines.len().saturating_sub(60)..].join("\n");
        match self.code {
            Some(code) => format!("exit code {code}\n{shown}"),
            None => format!("ended by a signal\n{shown}"),
        }
    }
}

/// Runs a command; its output goes to `LOG.out` and `LOG.err`, which stay.
///
/// # Errors
/// It cannot be started, or has not ended after `limit`.
pub fn finish(command: &mut Command, log: &Path, limit: Duration) -> anyhow::Result<Finished> {
    let shown = format!("{:?} {:?}", command.get_program(), command.get_args().collect::<Vec<_>>());
    let (out, err) = (log.with_added_extension("out"), log.with_added_extension("err"));
    command.stdin(Stdio::null()).stdout(create(&out)?).stderr(create(&err)?);
    let mut child = command.spawn().with_context(|| format!("cannot start {shown}"))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            stop(&mut child);
            bail!("{shown} had not ended after {} s; see {}", limit.as_secs(), out.display());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Finished { code: status.code(), output: read(&out)?, errors: read(&err)? })
}

/// Interrupts a program, so that it ends what it has started itself, and kills it when it does not.
pub fn stop(child: &mut Child) {
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    let asked = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && asked.elapsed() < GRACE {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn create(path: &PathBuf) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_exit_code_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let ended = finish(&mut command, &folder.path().join("log"), Duration::from_secs(60)).unwrap();
        assert_eq!((ended.code, ended.output.as_str(), ended.errors.as_str()), (Some(3), "one\n", "two\n"));
        assert_eq!(ended.told(), "exit code 3\none\ntwo");
        assert!(ended.success().is_err());
    }

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sleep");
        command.arg("600");
        let problem =
            finish(&mut command, &folder.path().join("log"), Duration::from_millis(50)).unwrap_err();
        assert!(problem.to_string().contains("had not ended"), "{problem}");
    }
}
