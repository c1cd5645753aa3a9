//! Groups of workers under faults, and what must hold all the same.
//!
//! Sources write numbers in sequence, sinks check what they get, and meanwhile workers are stopped, killed, frozen and cut
//! off, requests come at bad moments, and Kafka fails. Then everything is healed, and [`Tally`] judges: nothing is
//! missing ever, nothing is doubled after clean stops, and nothing at all where sources are exactly-once.
//!
//! `tests/chaos` has the runs: `simulation` is three workers in one process, on Kafka in memory, with time that passes as
//! fast as it can (a seed takes a tenth of a second); `processes` is three programs on the embedded broker or on Apache
//! Kafka's, in real time (a seed takes half a minute or a minute).
//!
//! What a seed repeats: in one process everything, in the same order, to the last record that is written but for the bytes of
//! session keys; a fingerprint says so, and `--twice` holds it. No thread but one runs, time is passed in, and the order of
//! hash maps and of `select!` follows from the seed. With programs it repeats the faults and when they come.
//!
//! - `cargo xtask chaos --seeds 500` runs seeds 1 to 500, `--from 501` goes on; seeds that fail are told with what happened.
//! - `cargo xtask chaos --seed 7` repeats one and tells what happened, with the workers' log when `RUST_LOG` says so.
//! - `--twice` runs each seed twice and compares.
//! - `--processes` takes three programs, `--kafka` Apache Kafka's broker for them; it builds what they start.

mod tally;

pub use tally::{Doubles, Tally};
