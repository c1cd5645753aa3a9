//! Running the commands of a page.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use super::blocks::{Block, Mode, matches};
use crate::process;

/// No command of the manual may hang the check.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs the blocks of a page in one new folder; gives how many were run.
///
/// # Errors
/// The first block that does not do what the page says.
pub fn run_page(page: &Path, blocks: &[Block]) -> anyhow::Result<usize> {
    if blocks.is_empty() {
        return Ok(0);
    }
    let folder = process::target_folder()
        .join("docs")
        .join(page.with_extension("").to_string_lossy().replace('/', "_"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut background = Background(Vec::new());
    let mut ran = 0;
    for block in blocks {
        let at = |what: &str| format!("block at line {}: {what}\n{}", block.line, block.script);
        let mut command = shell(&folder, &block.script);
        match &block.mode {
            Mode::NotRun(why) => {
                println!("docs: {} line {} not run: {why}", page.display(), block.line);
                continue;
            }
            Mode::Background => {
                let log = std::fs::File::create(folder.join(format!("background-{}.log", block.line)))?;
                command.stdout(log.try_clone()?).stderr(log);
                background.0.push(command.spawn().with_context(|| at("cannot start"))?);
            }
            Mode::Run | Mode::Fails => {
                let output = output(&mut command).with_context(|| at("cannot run"))?;
                let text = String::from_utf8_lossy(&output.1);
                if output.0 == (block.mode == Mode::Fails) {
                    bail!(
                        "{}\nprinted:\n{text}",
                        at(if output.0 { "should fail, but did not" } else { "failed" })
                    );
                }
                if let Some(shown) = &block.shown
                    && let Err(line) = matches(shown, &text)
                {
                    bail!("{}\nshould print `{line}`, but printed:\n{text}", at("other output than shown"));
                }
            }
        }
        background.must_be_up(&folder)?;
        ran += 1;
    }
    Ok(ran)
}

fn shell(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("bash");
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", process::target_folder().display()))
        .env("SLUICE_REPOSITORY", process::root())
        .stdin(Stdio::null());
    command
}

// Success, and what was printed to both streams in order.
fn output(command: &mut Command) -> anyhow::Result<(bool, Vec<u8>)> {
    use std::io::Read;
    let (mut reader, writer) = std::io::pipe()?;
    let mut child = command.stdout(writer.try_clone()?).stderr(writer).spawn()?;
    command.stdout(Stdio::null()).stderr(Stdio::null()); // closes our ends of the pipe, so that reading ends
    let (done, waiter) = std::sync::mpsc::channel::<()>();
    let id = child.id().to_string();
    let watchdog = std::thread::spawn(move || {
        if waiter.recv_timeout(LIMIT).is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
    });
    let mut text = Vec::new();
    reader.read_to_end(&mut text)?;
    let status = child.wait()?;
    drop(done);
    let _ = watchdog.join();
    Ok((status.success(), text))
}

// Commands that run until the end of the page.
struct Background(Vec<Child>);

impl Background {
    fn must_be_up(&mut self, folder: &Path) -> anyhow::Result<()> {
        for child in &mut self.0 {
            if let Some(status) = child.try_wait()? {
                bail!("a background command ended ({status}); its output is in {}", folder.display());
            }
        }
        Ok(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = Command::new("kill").arg(child.id().to_string()).status(); // asks, so that it can clean up
            let _ = child.wait();
        }
    }
}
