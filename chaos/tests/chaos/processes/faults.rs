//! What goes wrong, and when: drawn from the seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::site::{SINK, SOURCES, WORKERS};
use crate::verdict::Kind;

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// SIGTERM; another worker begins in its place after a while.
    Terminate(usize, Duration),
    /// SIGKILL, and another one.
    Kill(usize, Duration),
    /// SIGSTOP, and SIGCONT after a while.
    Freeze(usize, Duration),
    /// The broker stands still for a while.
    FreezeBroker(Duration),
    /// Somebody asks a worker for something.
    Ask(usize, &'static str, Request),
}

/// What somebody wants of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// `PUT /connectors/{name}/config`, which differs by its stamp.
    Put(u32),
    /// `PUT /connectors/{name}/pause`
    Pause,
    /// `PUT /connectors/{name}/stop`
    Stop,
    /// `PUT /connectors/{name}/resume`
    Resume,
    /// `POST /connectors/{name}/restart?includeTasks=true`
    Restart,
    /// `DELETE /connectors/{name}`
    Delete,
}

/// Everything that happens in one run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is about.
    pub kind: Kind,
    /// What happens when, in order.
    pub faults: Vec<(Duration, Fault)>,
    /// When everything is healed.
    pub end: Duration,
}

impl Plan {
    /// Draws it.
    pub fn draw(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let kind = Kind::of(seed);
        let end = Duration::from_secs(18);
        let count = dice.random_range(3..=7);
        let mut faults: Vec<(Duration, Fault)> = (0..count)
            .map(|number| {
                let at = Duration::from_millis(dice.random_range(1_500..end.as_millis() as u64));
                (at, fault(&mut dice, kind, number))
            })
            .collect();
        faults.sort_by_key(|(at, _)| *at);
        Self { kind, faults, end }
    }
}

fn fault(dice: &mut StdRng, kind: Kind, number: u32) -> Fault {
    let worker = dice.random_range(0..WORKERS);
    let mut within = |from: u64, to: u64| Duration::from_millis(dice.random_range(from..=to));
    let (back, still, broker) = (within(0, 8_000), within(300, 14_000), within(200, 3_000));
    let choice = dice.random_range(0..if kind == Kind::Clean { 6 } else { 12 });
    match choice {
        0..=2 => Fault::Terminate(worker, back),
        3..=5 => {
            let connectors: Vec<&str> = SOURCES.into_iter().chain([SINK]).collect();
            let requests = [
                Request::Put(number),
                Request::Pause,
                Request::Stop,
                Request::Resume,
                Request::Restart,
                Request::Delete,
            ];
            let request = *requests.choose(dice).unwrap_or(&Request::Restart);
            Fault::Ask(worker, connectors.choose(dice).copied().unwrap_or(SINK), request)
        }
        6..=8 => Fault::Kill(worker, back),
        9 | 10 => Fault::Freeze(worker, still),
        _ => Fault::FreezeBroker(broker),
    }
}
