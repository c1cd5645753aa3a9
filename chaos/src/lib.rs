//! Groups of workers under faults, and what must hold all the same.
//!
//! Sources write numbers in sequence, sinks check what they get, and meanwhile workers are stopped, killed, frozen and cut
//! off, requests come at bad moments, and Kafka fails. Then everything is healed, and [`Tally`] judges: nothing is
//! missing ever, nothing is doubled after clean stops, and nothing at all where sources are exactly-once.
//!
//! `tests/chaos` has the runs, which `cargo xtask chaos` starts: `simulation` is three workers in one process, with time
//! that passes as fast as it can; `processes` is three programs. A run follows from its seed.

mod tally;

pub use tally::{Doubles, Tally};
