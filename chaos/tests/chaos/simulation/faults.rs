//! What goes wrong, and when: all of it follows from the seed, and is known before anything begins.

use std::time::Duration;

use kafka::memory::TransactionFault;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::world::Place;
use crate::verdict::Kind;

/// How many workers there are.
pub const WORKERS: usize = 3;
/// The connectors: two sources, and the sink that reads both of their topics.
pub const CONNECTORS: [&str; 3] = ["a", "b", "z"];

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A worker stops as by SIGTERM, and another begins in its place after a while.
    Stop(usize, Duration),
    /// A worker is gone at once, and another begins in its place after a while.
    Crash(usize, Duration),
    /// A worker stands still for a while, as by SIGSTOP and SIGCONT.
    Freeze(usize, Duration),
    /// A worker does not reach the group's coordinator for a while.
    CutOff(usize, Duration),
    /// A worker and the others do not reach each other for a while.
    Separate(usize, Duration),
    /// Kafka acknowledges nothing that is written to a topic for a while.
    HoldAcks(&'static str, Duration),
    /// Kafka takes nothing for a while.
    HoldSends(Duration),
    /// Kafka refuses so many batches.
    RefuseSends(usize),
    /// The first record of so many batches times out.
    TimeOutSends(usize),
    /// Kafka refuses to commit offsets of consumers so many times.
    RefuseCommits(usize),
    /// Admin calls fail so many times.
    RefuseAdmin(usize),
    /// So many transactions go wrong.
    Transactions(usize, TransactionFault),
    /// Calls of a connector hang for a while.
    Hang(&'static str, Place, Duration),
    /// So many answers get lost, of workers to each other and to whoever asks them; what was asked for is done.
    LoseAnswers(usize),
    /// Somebody gives the config topic a policy by which Kafka removes records.
    WrongPolicy,
    /// Somebody deletes the config topic.
    LoseConfigTopic,
    /// The leader is gone after it has written task configs and before it has written their commit.
    LeaderDies(Duration),
    /// Somebody wants something.
    Ask(&'static str, Request),
}

/// What somebody wants of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Makes it, or gives it a config of so many tasks, which differs from all before by its stamp.
    Put {
        /// `tasks.max`.
        tasks: u32,
        /// Makes the difference.
        stamp: u32,
    },
    /// Pauses it.
    Pause,
    /// Stops it.
    Stop,
    /// Starts it again.
    Resume,
    /// Deletes it.
    Delete,
    /// Starts the object, and its tasks if so said, anew.
    Restart(bool),
    /// Starts what failed anew.
    RestartFailed,
    /// Starts a task anew.
    RestartTask(u32),
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
        let end = Duration::from_secs(dice.random_range(20..=40));
        let count = dice.random_range(4..=14);
        let mut faults: Vec<(Duration, Fault)> = (0..count)
            .map(|number| {
                let at = Duration::from_millis(dice.random_range(0..end.as_millis() as u64));
                (at, fault(&mut dice, kind, number))
            })
            .collect();
        faults.sort_by_key(|(at, _)| *at);
        Self { kind, faults, end }
    }
}

fn within(dice: &mut StdRng, from_ms: u64, to_ms: u64) -> Duration {
    Duration::from_millis(dice.random_range(from_ms..=to_ms))
}

fn fault(dice: &mut StdRng, kind: Kind, number: u32) -> Fault {
    let worker = dice.random_range(0..WORKERS);
    let clean = kind == Kind::Clean;
    let choice = dice.random_range(0..if clean { 13 } else { 23 });
    match choice {
        0 | 1 => Fault::Stop(worker, within(dice, 0, 15_000)),
        2 => Fault::CutOff(worker, within(dice, 500, 20_000)),
        3 => Fault::Separate(worker, within(dice, 500, 10_000)),
        4 => {
            let topics = ["configs", "offsets", "statuses", "ta", "tb"];
            let topic = *topics.choose(dice).unwrap_or(&"configs");
            let longest = if clean { 500 } else { 8_000 };
            Fault::HoldAcks(topic, within(dice, 50, longest))
        }
        5 => Fault::RefuseSends(dice.random_range(1..=6)),
        6 => Fault::RefuseAdmin(dice.random_range(1..=4)),
        7..=10 => request(dice, clean, number),
        11 => Fault::LoseAnswers(dice.random_range(1..=4)),
        12 => Fault::HoldSends(within(dice, 50, 500)),
        13 | 14 => Fault::Crash(worker, within(dice, 0, 15_000)),
        15 | 16 => Fault::Freeze(worker, within(dice, 500, 20_000)),
        17 => match dice.random_range(0..4) {
            0 => Fault::HoldSends(within(dice, 100, 5_000)),
            1 => Fault::TimeOutSends(dice.random_range(1..=3)),
            2 => Fault::RefuseCommits(dice.random_range(1..=5)),
            _ => Fault::RefuseSends(dice.random_range(10..=40)),
        },
        18 => {
            let places = [Place::Start, Place::Work, Place::Stop, Place::ObjectStart];
            let place = *places.choose(dice).unwrap_or(&Place::Work);
            let connector = *CONNECTORS.choose(dice).unwrap_or(&CONNECTORS[0]);
            Fault::Hang(connector, place, within(dice, 500, 15_000))
        }
        19 => Fault::LeaderDies(within(dice, 0, 10_000)),
        20 if kind == Kind::Rough => Fault::LoseConfigTopic,
        21 => Fault::WrongPolicy,
        _ => {
            let faults = [TransactionFault::Init, TransactionFault::Aborted, TransactionFault::AnswerLost];
            let fault = *faults.choose(dice).unwrap_or(&TransactionFault::Aborted);
            Fault::Transactions(dice.random_range(1..=4), fault)
        }
    }
}

fn request(dice: &mut StdRng, clean: bool, stamp: u32) -> Fault {
    let connector = *CONNECTORS.choose(dice).unwrap_or(&CONNECTORS[0]);
    // With other tasks, those of before may not all have ended when the new ones begin, as in Kafka Connect: a sequence
    // that goes to another task may be doubled, unless sources are exactly-once.
    let tasks = if clean { tasks_at_first(connector) } else { dice.random_range(1..=4) };
    let request = match dice.random_range(0..8) {
        0 | 1 => Request::Put { tasks, stamp },
        2 => Request::Pause,
        3 => Request::Stop,
        4 => Request::Resume,
        5 => Request::Delete,
        6 => Request::Restart(dice.random()),
        _ => Request::RestartTask(dice.random_range(0..3)),
    };
    Fault::Ask(connector, request)
}

/// The tasks of a connector, unless somebody wants others.
pub fn tasks_at_first(connector: &str) -> u32 {
    if connector == "b" { 3 } else { 2 }
}
