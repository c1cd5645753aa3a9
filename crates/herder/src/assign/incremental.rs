//! Versions 1 and 2: what runs goes on, but for what must move.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kafka::membership::{Task, Work};

use super::balance::{Loads, place, surplus};
use super::lost::{Verdict, Why, judge, why};
use super::{Memory, Part, Plan, Round};

/// The first pause between rounds that revoke, and by how much each next one is longer.
const REVOKING_PAUSE: Duration = Duration::from_millis(1);
const REVOKING_FACTOR: u32 = 40;

/// Connectors, or tasks.
struct Kind<T> {
    /// What stays where it is.
    loads: Loads<T>,
    /// What members give back, whatever comes.
    revoked: Loads<T>,
    /// What nobody has and nobody waits for.
    free: Vec<T>,
    /// What went with its worker, and who that was.
    gone: BTreeMap<T, String>,
    total: usize,
}

impl<T: Clone + Ord> Kind<T> {
    fn new(
        owned: Loads<T>,
        configured: &[T],
        before: &BTreeMap<T, String>,
        round: &Round<'_>,
        present: &BTreeSet<&str>,
    ) -> Self {
        let configured: BTreeSet<&T> = configured.iter().collect();
        let mut owners: BTreeMap<&T, usize> = BTreeMap::new();
        for item in owned.values().flatten() {
            *owners.entry(item).or_default() += 1;
        }
        let (mut loads, mut revoked) = (Loads::new(), Loads::new());
        for (id, items) in &owned {
            // Deleted, or owned twice: all owners stop it, and the next round gives it to one.
            let (keep, back): (Vec<T>, Vec<T>) = items
                .iter()
                .cloned()
                .partition(|item| configured.contains(item) && owners.get(item) == Some(&1));
            loads.insert(id.clone(), keep);
            if !back.is_empty() {
                revoked.insert(id.clone(), back);
            }
        }
        let (mut free, mut gone) = (Vec::new(), BTreeMap::new());
        for item in &configured {
            if owners.contains_key(item) {
                continue;
            }
            match before.get(*item) {
                Some(owner) if why(owner, round, present) == Why::Gone => {
                    gone.insert((*item).clone(), owner.clone());
                }
                _ => free.push((*item).clone()),
            }
        }
        Self { loads, revoked, free, gone, total: configured.len() }
    }

    fn counts(&self) -> BTreeMap<String, usize> {
        self.loads.iter().map(|(id, load)| (id.clone(), load.len())).collect()
    }

    /// What members have too much.
    fn surplus(&self, family: impl Fn(&T) -> &str) -> Loads<T> {
        surplus(&self.loads, self.total, family)
    }

    /// Takes it from them.
    fn revoke(&mut self, surplus: Loads<T>) {
        for (id, items) in surplus {
            let given: BTreeSet<&T> = items.iter().collect();
            if let Some(load) = self.loads.get_mut(&id) {
                load.retain(|item| !given.contains(item));
            }
            self.revoked.entry(id).or_default().extend(items);
        }
    }

    /// What was lost is no longer waited for.
    fn hand_out(&mut self, verdict: &Verdict, given: &mut Loads<T>) {
        match verdict {
            Verdict::Wait(_) => {}
            Verdict::HandOut => self.free.extend(std::mem::take(&mut self.gone).into_keys()),
            Verdict::GiveTo(ids) => {
                for (item, id) in std::mem::take(&mut self.gone).into_keys().zip(ids.iter().cycle()) {
                    self.loads.entry(id.clone()).or_default().push(item.clone());
                    given.entry(id.clone()).or_default().push(item);
                }
            }
        }
    }

    /// Who has what from now on; of what is lost, who had it.
    fn after(&self) -> BTreeMap<T, String> {
        let owned =
            self.loads.iter().flat_map(|(id, load)| load.iter().map(|item| (item.clone(), id.clone())));
        owned.chain(self.gone.clone()).collect()
    }
}

pub(super) fn assign(memory: &Memory, round: &Round<'_>) -> (Plan, Memory) {
    // Another has led in between, or the last assignment never arrived: what members own is all that is known.
    let forgotten = memory.generation.is_none() || memory.generation != round.last_generation;
    let fresh = Memory::default();
    let memory = if forgotten { &fresh } else { memory };
    let present: BTreeSet<&str> = round.members.iter().map(|member| member.id.as_str()).collect();
    let owned = |work: fn(&Work) -> &Vec<Arc<str>>| -> Loads<Arc<str>> {
        round.members.iter().map(|member| (member.id.clone(), work(&member.owned).clone())).collect()
    };
    let owned_tasks: Loads<Task> =
        round.members.iter().map(|member| (member.id.clone(), member.owned.tasks.clone())).collect();
    let mut connectors = Kind::new(
        owned(|work| &work.connectors),
        &round.configured.connectors,
        &memory.connectors,
        round,
        &present,
    );
    let mut tasks = Kind::new(owned_tasks, &round.configured.tasks, &memory.tasks, round, &present);

    let any_gone = !connectors.gone.is_empty() || !tasks.gone.is_empty();
    let (verdict, waiting) = judge(memory.waiting.as_ref(), round, any_gone, &present);
    let (mut given_connectors, mut given_tasks) = (Loads::new(), Loads::new());
    connectors.hand_out(&verdict, &mut given_connectors);
    tasks.hand_out(&verdict, &mut given_tasks);

    let mut delay = Duration::ZERO;
    let mut revoking = None;
    match verdict {
        // Whoever comes back would find its work moved.
        Verdict::Wait(left) => {
            delay = left;
            revoking = memory.revoking;
        }
        Verdict::HandOut | Verdict::GiveTo(_) => {
            let more = (connectors.surplus(name_of), tasks.surplus(connector_of));
            if !more.0.is_empty() || !more.1.is_empty() {
                let pause = pause_left(memory.revoking, round);
                if pause.is_zero() {
                    connectors.revoke(more.0);
                    tasks.revoke(more.1);
                    let before = memory.revoking.map_or(0, |(rounds, _)| rounds);
                    revoking = Some((before.saturating_add(1), round.now));
                } else {
                    delay = pause;
                    revoking = memory.revoking;
                }
            }
        }
    }

    let free = std::mem::take(&mut connectors.free);
    merge(&mut given_connectors, place(&mut connectors.loads, free, name_of, &tasks.counts()));
    let free = std::mem::take(&mut tasks.free);
    merge(&mut given_tasks, place(&mut tasks.loads, free, connector_of, &connectors.counts()));

    let after = Memory {
        generation: Some(round.generation),
        connectors: connectors.after(),
        tasks: tasks.after(),
        waiting,
        revoking,
    };
    let parts = round.members.iter().map(|member| {
        let id = &member.id;
        let part = Part {
            assigned: Work {
                connectors: given_connectors.remove(id).unwrap_or_default(),
                tasks: given_tasks.remove(id).unwrap_or_default(),
            },
            revoked: Work {
                connectors: connectors.revoked.remove(id).unwrap_or_default(),
                tasks: tasks.revoked.remove(id).unwrap_or_default(),
            },
        };
        (id.clone(), part)
    });
    (Plan { members: parts.collect(), delay }, after)
}

fn name_of(connector: &Arc<str>) -> &str {
    connector
}

fn connector_of(task: &Task) -> &str {
    &task.connector
}

fn merge<T>(into: &mut Loads<T>, more: Loads<T>) {
    for (id, items) in more {
        into.entry(id).or_default().extend(items);
    }
}

/// How long the next round that revokes must wait. One that follows no other need not: a group that does not come to
/// rest, for whatever reason, must not spend its time with rebalances.
fn pause_left(revoking: Option<(u32, Duration)>, round: &Round<'_>) -> Duration {
    let Some((rounds, last)) = revoking else { return Duration::ZERO };
    let factor = REVOKING_FACTOR.saturating_pow(rounds.min(5));
    let pause = REVOKING_PAUSE.saturating_mul(factor).min(round.delay_max);
    (last + pause).saturating_sub(round.now)
}
