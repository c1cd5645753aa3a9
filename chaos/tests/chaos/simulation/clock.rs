//! Time of the simulation.
//!
//! Each worker has a runtime of its own, whose time stands still but for [`super::node::Node::turn`]. All are turned by
//! one thread, one after another, so that whoever asks for the time is on the runtime that is turned now.

use std::cell::Cell;
use std::time::Duration;

use api::{BoxFuture, Clock};
use tokio::time::Instant;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// What the simulation began at, in milliseconds since the epoch.
const EPOCH_MS: i64 = 1_700_000_000_000;

thread_local! {
    static TURNED: Cell<Option<Turned>> = const { Cell::new(None) };
}

/// The runtime that is turned: its own instant, and what the time of the simulation was then.
#[derive(Debug, Clone, Copy)]
pub struct Turned {
    /// The worker.
    pub worker: usize,
    /// An instant of the runtime.
    pub begun: Instant,
    /// The time of the simulation at that instant.
    pub at: Duration,
}

/// Says which runtime is turned from now on.
pub fn set_turned(turned: Option<Turned>) {
    TURNED.set(turned);
}

/// The clock of all workers, and of the coordinator of their group.
#[derive(Debug, Clone, Copy)]
pub struct SimulatedClock;

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        EPOCH_MS + self.elapsed().as_millis() as i64
    }

    fn elapsed(&self) -> Duration {
        TURNED.get().map_or(Duration::ZERO, |turned| turned.at + turned.begun.elapsed())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Stamps lines of the log with the time of the simulation, and the worker.
#[derive(Debug)]
pub struct Time;

impl FormatTime for Time {
    fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
        let worker = TURNED.get().map_or("-".to_owned(), |turned| format!("w{}", turned.worker));
        write!(line, "{:>7.3} s {worker}", SimulatedClock.elapsed().as_secs_f64())
    }
}
