//! What came of a run.

use std::time::Duration;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// At least once, and all workers end cleanly: nothing may be doubled.
    Clean,
    /// At least once, and anything may happen.
    Rough,
    /// Anything may happen, and nothing of what sources write may be doubled.
    ExactlyOnce,
}

impl Kind {
    /// That of a seed: each has its turn.
    pub fn of(seed: u64) -> Self {
        [Kind::Clean, Kind::Rough, Kind::ExactlyOnce][(seed % 3) as usize]
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Verdict {
    /// What it was about.
    pub kind: Kind,
    /// What must not be and was; empty is well.
    pub violations: Vec<String>,
    /// Stands for everything that was written, where the same seed writes the same.
    pub fingerprint: Option<u64>,
    /// What happened.
    pub trace: Vec<String>,
    /// How much time passed in it.
    pub simulated: Duration,
}
