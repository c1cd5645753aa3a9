//! The rules, one at a time; `simulation` plays groups at random.

mod simulation;

use super::*;

const DELAY: Duration = Duration::from_secs(300);

fn work(connectors: &[&str], tasks: &[(&str, u32)]) -> Work {
    Work {
        connectors: connectors.iter().map(|name| (*name).into()).collect(),
        tasks: tasks.iter().map(|(name, task)| Task::new(*name, *task)).collect(),
    }
}

fn worker(id: &str, owned: Work) -> Worker {
    Worker { id: id.to_owned(), owned, ours: true }
}

/// A leader that goes from round to round.
struct Leader {
    memory: Memory,
    generation: i32,
    now: Duration,
    goodbyes: BTreeSet<String>,
    crash_delay: Duration,
    protocol: Protocol,
}

impl Leader {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            generation: 0,
            now: Duration::from_secs(1_000),
            goodbyes: BTreeSet::new(),
            crash_delay: Duration::from_secs(2),
            protocol: Protocol::Sessioned,
        }
    }

    fn round(&mut self, configured: &Work, members: &[Worker]) -> Plan {
        let last_generation = (self.generation > 0).then_some(self.generation);
        self.generation += 1;
        let round = Round {
            protocol: self.protocol,
            generation: self.generation,
            last_generation,
            now: self.now,
            configured,
            members,
            goodbyes: &self.goodbyes,
            delay_max: DELAY,
            crash_delay: self.crash_delay,
        };
        let (plan, memory) = assign(&self.memory, &round);
        self.memory = memory;
        plan
    }
}

/// The members after a plan.
fn after(members: &[Worker], plan: &Plan) -> Vec<Worker> {
    members
        .iter()
        .map(|member| {
            let part = &plan.members[&member.id];
            Worker { owned: member.owned.without(&part.revoked).with(&part.assigned), ..member.clone() }
        })
        .collect()
}

#[test]
fn eager_deals_in_turn() {
    let mut leader = Leader { protocol: Protocol::Eager, ..Leader::new() };
    let configured = work(&["b", "a", "c"], &[("a", 0), ("a", 1), ("b", 0)]);
    let plan = leader.round(&configured, &[worker("y", Work::default()), worker("x", Work::default())]);
    assert_eq!(plan.members["x"].assigned, work(&["a", "c"], &[("a", 1)]));
    assert_eq!(plan.members["y"].assigned, work(&["b"], &[("a", 0), ("b", 0)]));
    assert_eq!(plan.delay, Duration::ZERO);
    assert_eq!(leader.round(&configured, &[]), Plan::default());
}

#[test]
fn a_second_worker_gets_its_share_in_two_rounds() {
    let mut leader = Leader::new();
    let configured = work(&["a", "b"], &[("a", 0), ("a", 1), ("b", 0), ("b", 1)]);
    let alone = [worker("x", Work::default())];
    let plan = leader.round(&configured, &alone);
    assert_eq!(plan.members["x"].assigned, configured);
    let mut both = after(&alone, &plan);
    both.push(worker("y", Work::default()));
    let plan = leader.round(&configured, &both);
    let revoked = &plan.members["x"].revoked;
    assert_eq!((revoked.connectors.len(), revoked.tasks.len()), (1, 2));
    assert!(plan.members["y"].assigned.is_empty(), "nothing is given away before it was stopped");
    // A task of each connector: each connector runs on both workers.
    assert_ne!(revoked.tasks[0].connector, revoked.tasks[1].connector);
    let both = after(&both, &plan);
    let plan = leader.round(&configured, &both);
    assert_eq!(plan.members["y"].assigned.tasks.len(), 2);
    assert_eq!(plan.delay, Duration::ZERO);
    let both = after(&both, &plan);
    let rest = leader.round(&configured, &both);
    assert!(rest.members.values().all(|part| *part == Part::default()), "nothing more moves: {rest:?}");
}

#[test]
fn tasks_of_one_connector_are_spread() {
    let mut leader = Leader::new();
    let members = [worker("x", Work::default()), worker("y", Work::default())];
    let first = work(&[], &[("a", 0), ("a", 1), ("b", 0), ("b", 1)]);
    let plan = leader.round(&first, &members);
    for part in plan.members.values() {
        let mut connectors: Vec<&str> = part.assigned.tasks.iter().map(|task| &*task.connector).collect();
        connectors.sort_unstable();
        assert_eq!(connectors, ["a", "b"]);
    }
    // Where counts are equal, the next one goes where the connector has fewer.
    let mut leader = Leader::new();
    let members = [worker("x", work(&[], &[("a", 0)])), worker("y", work(&[], &[("b", 0)]))];
    let plan = leader.round(&work(&[], &[("a", 0), ("a", 1), ("b", 0)]), &members);
    assert_eq!(plan.members["y"].assigned, work(&[], &[("a", 1)]));
}

/// Two workers with a connector and two tasks each.
fn balanced(leader: &mut Leader) -> (Work, Vec<Worker>) {
    let configured = work(&["a", "b"], &[("a", 0), ("a", 1), ("b", 0), ("b", 1)]);
    let members = [worker("x", Work::default()), worker("y", Work::default())];
    let plan = leader.round(&configured, &members);
    (configured, after(&members, &plan))
}

#[test]
fn work_of_a_worker_that_said_goodbye_is_handed_out_at_once() {
    let mut leader = Leader::new();
    let (configured, members) = balanced(&mut leader);
    leader.goodbyes.insert("y".to_owned());
    let left = &members[..1];
    let plan = leader.round(&configured, left);
    assert_eq!(plan.delay, Duration::ZERO);
    assert_eq!(after(left, &plan)[0].owned.tasks.len(), 4);
}

#[test]
fn work_of_a_dead_worker_waits_for_a_short_time_among_ours() {
    let mut leader = Leader::new();
    let (configured, members) = balanced(&mut leader);
    let left = &members[..1];
    let plan = leader.round(&configured, left);
    assert_eq!(plan.delay, leader.crash_delay);
    assert_eq!(plan.members["x"], Part::default());
    leader.now += leader.crash_delay;
    let plan = leader.round(&configured, left);
    assert_eq!(plan.delay, Duration::ZERO);
    assert_eq!(after(left, &plan)[0].owned.tasks.len(), 4);
}

#[test]
fn with_the_default_heartbeat_it_does_not_wait_at_all() {
    let mut leader = Leader { crash_delay: crash_delay(Duration::from_secs(3)), ..Leader::new() };
    let (configured, members) = balanced(&mut leader);
    let plan = leader.round(&configured, &members[..1]);
    assert_eq!(plan.delay, Duration::ZERO);
    assert_eq!(after(&members[..1], &plan)[0].owned.tasks.len(), 4);
    assert_eq!(crash_delay(Duration::from_millis(500)), Duration::from_secs(2));
}

#[test]
fn beside_a_java_worker_it_waits_as_java_does_and_comes_back_to_whom_it_was() {
    let mut leader = Leader::new();
    let (configured, mut members) = balanced(&mut leader);
    members[0].ours = false;
    let left = members[..1].to_vec();
    let plan = leader.round(&configured, &left);
    assert_eq!(plan.delay, DELAY);
    leader.now += DELAY / 3;
    // It comes back under another id, and waits with the others: nothing is balanced meanwhile.
    let mut back = after(&left, &plan);
    back.push(worker("y2", Work::default()));
    let plan = leader.round(&configured, &back);
    assert_eq!(plan.delay, DELAY - DELAY / 3);
    assert!(plan.members.values().all(|part| *part == Part::default()));
    leader.now += plan.delay;
    let plan = leader.round(&configured, &back);
    assert_eq!(plan.members["y2"].assigned, members[1].owned);
    assert_eq!(plan.delay, Duration::ZERO);
}

#[test]
fn when_the_last_java_worker_leaves_the_rest_of_the_wait_is_short() {
    let mut leader = Leader::new();
    let (configured, members) = balanced(&mut leader);
    let mut java = members[0].clone();
    java.ours = false;
    assert_eq!(leader.round(&configured, &[java]).delay, DELAY);
    leader.now += Duration::from_secs(1);
    assert_eq!(leader.round(&configured, &members[..1]).delay, leader.crash_delay - Duration::from_secs(1));
}

#[test]
fn a_worker_that_dropped_its_work_is_not_waited_for() {
    let mut leader = Leader::new();
    let (configured, mut members) = balanced(&mut leader);
    members[1].owned = Work::default(); // it was cut off for a moment, and stopped everything
    let plan = leader.round(&configured, &members);
    assert_eq!(plan.delay, Duration::ZERO);
    assert_eq!(plan.members["y"].assigned.tasks.len(), 2);
    assert_eq!(plan.members["x"], Part::default());
}

#[test]
fn what_is_owned_twice_is_stopped_everywhere_first() {
    let mut leader = Leader::new();
    let configured = work(&["a"], &[("a", 0)]);
    let twice = [worker("x", configured.clone()), worker("y", work(&[], &[("a", 0)]))];
    let plan = leader.round(&configured, &twice);
    assert_eq!(plan.members["x"].revoked, work(&[], &[("a", 0)]));
    assert_eq!(plan.members["y"].revoked, work(&[], &[("a", 0)]));
    assert!(plan.members.values().all(|part| part.assigned.is_empty()));
    let once = after(&twice, &plan);
    let plan = leader.round(&configured, &once);
    assert_eq!(plan.members["y"].assigned, work(&[], &[("a", 0)]), "to the one with less");
}

#[test]
fn what_is_deleted_is_given_back_also_to_a_new_leader() {
    let mut leader = Leader::new();
    let members = [worker("x", work(&["a", "gone"], &[("gone", 3)]))];
    let plan = leader.round(&work(&["a"], &[]), &members);
    assert_eq!(plan.members["x"].revoked, work(&["gone"], &[("gone", 3)]));
    assert!(plan.members["x"].assigned.is_empty());
}

#[test]
fn an_assignment_that_never_arrived_is_forgotten() {
    let mut leader = Leader::new();
    let configured = work(&["a"], &[("a", 0)]);
    let members = [worker("x", Work::default())];
    leader.round(&configured, &members);
    // The sync failed: that generation was never completed, and the member owns nothing.
    leader.generation += 1;
    let plan = leader.round(&configured, &members);
    assert_eq!(plan.members["x"].assigned, configured);
}

#[test]
fn rounds_that_revoke_are_further_and_further_apart() {
    let mut leader = Leader::new();
    let configured = work(&["a", "b", "c", "d"], &[]);
    let all = configured.clone();
    // A worker that never gives back what it should.
    let members = [worker("x", all), worker("y", Work::default())];
    let first = leader.round(&configured, &members);
    assert_eq!(first.members["x"].revoked.connectors.len(), 2);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let plan = leader.round(&configured, &members);
        assert!(plan.members["x"].revoked.is_empty());
        pauses.push(plan.delay.as_millis());
        leader.now += plan.delay;
        let plan = leader.round(&configured, &members);
        assert_eq!((plan.members["x"].revoked.connectors.len(), plan.delay), (2, Duration::ZERO));
    }
    assert_eq!(pauses, [40, 1_600, 64_000, 300_000], "no longer than the longest delay");
}

#[test]
fn the_assignments_say_who_leads() {
    let mut leader = Leader::new();
    let configured = work(&["a"], &[]);
    let plan = leader.round(&configured, &[worker("x", Work::default())]);
    let assignments = plan.assignments("x", "http://x:8083/", 7);
    assert_eq!(assignments.len(), 1);
    let (id, assignment) = &assignments[0];
    assert_eq!((id.as_str(), assignment.leader.as_str()), ("x", "x"));
    assert_eq!((assignment.config_offset, &assignment.assigned), (7, &configured));
}
