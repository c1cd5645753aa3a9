//! What the loop is told from outside. A command is looked at between calls; it never interrupts one.

use tokio::sync::watch;

use crate::Target;

/// What the loop should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Run,
    Pause,
    Stop,
}

impl From<Target> for Command {
    fn from(target: Target) -> Self {
        match target {
            Target::Running => Command::Run,
            Target::Paused => Command::Pause,
        }
    }
}

/// The loop's end of the commands.
#[derive(Debug, Clone)]
pub(crate) struct Commands(watch::Receiver<Command>);

pub(crate) fn channel(target: Target) -> (watch::Sender<Command>, Commands) {
    let (sender, receiver) = watch::channel(target.into());
    (sender, Commands(receiver))
}

impl Commands {
    /// The command in force. When nobody is left to give one, it is to stop.
    pub(crate) fn current(&self) -> Command {
        match self.0.has_changed() {
            Ok(_) => *self.0.borrow(),
            Err(_) => Command::Stop,
        }
    }

    pub(crate) fn is_stop(&self) -> bool {
        self.current() == Command::Stop
    }

    /// Waits until the command is another one than this.
    pub(crate) async fn other_than(&mut self, command: Command) {
        while self.current() == command {
            if self.0.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until the command is to stop.
    pub(crate) async fn stopped(&mut self) {
        while !self.is_stop() {
            if self.0.changed().await.is_err() {
                return;
            }
        }
    }
}
