//! What the loop is told from outside. A command is looked at between calls; it never interrupts one.

use std::time::Duration;

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

/// A command as it is passed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    command: Command,
    /// When a task that is to stop is given up, as [`api::Clock::elapsed`].
    stop_by: Option<Duration>,
}

/// The worker's end of the commands.
#[derive(Debug)]
pub(crate) struct Commander(watch::Sender<Order>);

/// The loop's end of the commands.
#[derive(Debug, Clone)]
pub(crate) struct Commands(watch::Receiver<Order>);

pub(crate) fn channel(target: Target) -> (Commander, Commands) {
    let (sender, receiver) = watch::channel(Order { command: target.into(), stop_by: None });
    (Commander(sender), Commands(receiver))
}

impl Commander {
    /// Gives a command.
    pub(crate) fn tell(&self, command: Command) {
        self.give(Order { command, stop_by: None });
    }

    /// Says that the task is to stop, and when it is given up, as [`api::Clock::elapsed`].
    pub(crate) fn stop(&self, by: Duration) {
        self.give(Order { command: Command::Stop, stop_by: Some(by) });
    }

    fn give(&self, order: Order) {
        self.0.send_if_modified(|current| std::mem::replace(current, order).command != order.command);
    }
}

impl Commands {
    /// The command in force. When nobody is left to give one, it is to stop.
    pub(crate) fn current(&self) -> Command {
        match self.0.has_changed() {
            Ok(_) => self.0.borrow().command,
            Err(_) => Command::Stop,
        }
    }

    /// When a task that was told to stop is given up, as [`api::Clock::elapsed`].
    pub(crate) fn stop_by(&self) -> Option<Duration> {
        self.0.borrow().stop_by
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
