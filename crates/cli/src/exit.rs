//! Exit codes: one table, used by every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed while executing.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A worker could not start: Kafka Connect's code for it.
    StartFailed,
    /// Something was found that must not be.
    Findings,
    /// Credentials are missing, or do not suffice.
    Permission,
    /// Somebody does not answer, or a name has no address.
    Unreachable,
    /// Interrupted by the user: SIGINT.
    Interrupted,
    /// Told to end by a service manager: SIGTERM.
    Terminated,
    /// The terminal was closed: SIGHUP.
    HungUp,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::StartFailed => 3,
            Exit::Findings => 4,
            Exit::Permission => 5,
            Exit::Unreachable => 6,
            // 128 and the signal's number, as shells have it.
            Exit::HungUp => 129,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        })
    }
}
