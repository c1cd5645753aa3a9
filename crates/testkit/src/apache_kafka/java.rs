//! A Java process that ends with the program that started it.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a process may take to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(20);

/// A running Java process. It is killed when this is dropped; and when the program that started it ends in any other
/// way, by Ctrl-C, a panic or SIGKILL, since a watcher reads from a pipe that the system closes then.
#[derive(Debug)]
pub struct Java {
    process: Child,
    watcher: Child,
}

impl Java {
    /// Starts the command.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // A group of its own: Ctrl-C reaches the program alone, which ends its processes in its own order.
        let mut process = command.process_group(0).spawn()?;
        let script = format!("cat >/dev/null; kill -9 {}", process.id());
        let mut watcher = Command::new("sh");
        watcher.args(["-c", &script]).process_group(0);
        watcher.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        match watcher.spawn() {
            Ok(watcher) => Ok(Self { process, watcher }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                Err(error)
            }
        }
    }

    /// Starts the command; what it prints goes to a file.
    ///
    /// # Errors
    /// It cannot be started, or the file not be written.
    pub fn start_logging(command: &mut Command, log: &Path) -> io::Result<Self> {
        let file = File::create(log)?;
        Self::start(command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file))
    }

    /// The process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.process
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, when it has.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.try_wait()
    }

    /// Asks it to end (SIGTERM), and waits until it has; after 20 s it is killed.
    ///
    /// # Errors
    /// The system does not let us, or it had to be killed.
    pub fn stop(&mut self) -> io::Result<()> {
        if self.process.try_wait()?.is_some() {
            return Ok(());
        }
        Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status()?;
        let asked = Instant::now();
        while self.process.try_wait()?.is_none() {
            if asked.elapsed() > GRACE {
                self.process.kill()?;
                self.process.wait()?;
                return Err(io::Error::other("it did not end when it was asked to, and was killed"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        // First the watcher: once the process is waited for, its id may be another's.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
