//! Groups at random: workers come, crash and leave, connectors come and go, leaders change, assignments get lost. Then
//! nothing happens any more, and the group comes to rest.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Happening {
    Comes {
        ours: bool,
    },
    Crashes(usize),
    Leaves(usize),
    /// Stops everything, and stays.
    Drops(usize),
    Configures {
        connector: u8,
        tasks: u32,
    },
    Deletes {
        connector: u8,
    },
    /// Another worker leads from now on.
    LeaderChanges,
    /// The next assignment reaches nobody.
    SyncFails,
    Passes {
        ms: u64,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => prop::bool::weighted(0.8).prop_map(|ours| Happening::Comes { ours }),
        2 => any::<usize>().prop_map(Happening::Crashes),
        2 => any::<usize>().prop_map(Happening::Leaves),
        1 => any::<usize>().prop_map(Happening::Drops),
        4 => (0..6u8, 0..7u32).prop_map(|(connector, tasks)| Happening::Configures { connector, tasks }),
        1 => (0..6u8).prop_map(|connector| Happening::Deletes { connector }),
        1 => Just(Happening::LeaderChanges),
        1 => Just(Happening::SyncFails),
        2 => (0..400_000u64).prop_map(|ms| Happening::Passes { ms }),
    ]
}

/// A group, seen from outside.
struct Group {
    leader: Leader,
    members: Vec<Worker>,
    configured: BTreeMap<String, u32>,
    born: usize,
    sync_fails: bool,
    last_completed: Option<i32>,
    /// When all join again.
    again_at: Option<Duration>,
}

impl Group {
    fn new() -> Self {
        Self {
            leader: Leader::new(),
            members: Vec::new(),
            configured: BTreeMap::new(),
            born: 0,
            sync_fails: false,
            last_completed: None,
            again_at: None,
        }
    }

    fn configured(&self) -> Work {
        let tasks =
            self.configured.iter().flat_map(|(name, tasks)| (0..*tasks).map(|n| Task::new(name.as_str(), n)));
        Work {
            connectors: self.configured.keys().map(|name| name.as_str().into()).collect(),
            tasks: tasks.collect(),
        }
    }

    fn happens(&mut self, happening: &Happening) {
        let at = |index: usize, members: &Vec<Worker>| (!members.is_empty()).then(|| index % members.len());
        match happening {
            Happening::Comes { ours } if self.members.len() < 6 => {
                self.born += 1;
                let id = format!("w{:03}", self.born);
                self.members.push(Worker { id, owned: Work::default(), ours: *ours });
            }
            Happening::Comes { .. } => {}
            Happening::Crashes(index) => {
                if let Some(index) = at(*index, &self.members) {
                    self.members.remove(index);
                }
            }
            Happening::Leaves(index) => {
                if let Some(index) = at(*index, &self.members) {
                    self.leader.goodbyes.insert(self.members.remove(index).id);
                }
            }
            Happening::Drops(index) => {
                if let Some(index) = at(*index, &self.members) {
                    self.members[index].owned = Work::default();
                }
            }
            Happening::Configures { connector, tasks } => {
                self.configured.insert(format!("c{connector}"), *tasks);
            }
            Happening::Deletes { connector } => {
                self.configured.remove(&format!("c{connector}"));
            }
            Happening::LeaderChanges => self.leader.memory = Memory::default(),
            Happening::SyncFails => self.sync_fails = true,
            Happening::Passes { ms } => self.leader.now += Duration::from_millis(*ms),
        }
    }

    /// All join and get their parts; answers what was decided.
    fn round(&mut self) -> Plan {
        let configured = self.configured();
        self.leader.generation += 1;
        let round = Round {
            protocol: self.leader.protocol,
            generation: self.leader.generation,
            last_generation: self.last_completed,
            now: self.leader.now,
            configured: &configured,
            members: &self.members,
            goodbyes: &self.leader.goodbyes,
            delay_max: DELAY,
            crash_delay: self.leader.crash_delay,
        };
        let (plan, memory) = assign(&self.leader.memory, &round);
        self.leader.memory = memory;
        self.check(&plan);
        if std::mem::take(&mut self.sync_fails) {
            return plan; // nobody hears of it, and a rebalance follows
        }
        self.last_completed = Some(self.leader.generation);
        self.members = after(&self.members, &plan);
        self.again_at = (!plan.delay.is_zero()).then(|| self.leader.now + plan.delay);
        self.nothing_is_owned_twice();
        plan
    }

    /// Nothing that somebody owns is given to another: it must have been stopped, and said so, before.
    fn check(&self, plan: &Plan) {
        assert_eq!(plan.members.len(), self.members.len());
        let configured = self.configured();
        for (id, part) in &plan.members {
            assert_eq!(
                part.assigned.without(&configured),
                Work::default(),
                "{id} gets what is not configured"
            );
            for member in &self.members {
                let taken = part.assigned.without(&part.assigned.without(&member.owned));
                assert!(taken.is_empty(), "{id} gets {taken:?}, which {} runs", member.id);
            }
        }
        let limit =
            match self.members.iter().all(|member| member.ours) && self.leader.memory.waiting.is_some() {
                true => self.leader.crash_delay,
                false => DELAY,
            };
        assert!(plan.delay <= limit, "{:?} is longer than {limit:?}", plan.delay);
    }

    fn nothing_is_owned_twice(&self) {
        let (mut connectors, mut tasks) = (BTreeSet::new(), BTreeSet::new());
        for member in &self.members {
            for name in &member.owned.connectors {
                assert!(connectors.insert(name), "{name} is owned twice");
            }
            for task in &member.owned.tasks {
                assert!(tasks.insert(task), "{task} is owned twice");
            }
        }
    }

    /// As members do it: who gave something back joins again at once, and all do when the delay is over.
    fn come_to_rest(&mut self) {
        for _ in 0..40 {
            let plan = self.round();
            if plan.members.values().any(|part| !part.revoked.is_empty()) {
                continue;
            }
            match self.again_at {
                Some(at) => self.leader.now = self.leader.now.max(at),
                None => return,
            }
        }
        panic!("it does not come to rest: {:?}", self.members);
    }

    fn check_rest(&mut self) {
        if self.members.is_empty() {
            return;
        }
        let configured = self.configured();
        let owned = self.members.iter().fold(Work::default(), |all, member| all.with(&member.owned));
        assert!(configured.without(&owned).is_empty(), "nobody has {:?}", configured.without(&owned));
        assert!(owned.without(&configured).is_empty(), "somebody has {:?}", owned.without(&configured));
        for count in [|work: &Work| work.connectors.len(), |work: &Work| work.tasks.len()] {
            let counts: Vec<usize> = self.members.iter().map(|member| count(&member.owned)).collect();
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(most - least <= 1, "{counts:?}");
        }
        let before = self.members.clone();
        let plan = self.round();
        assert!(
            plan.members.values().all(|part| *part == Part::default()),
            "it moves without need: {plan:?}"
        );
        assert_eq!(before, self.members);
    }
}

fn owners(members: &[Worker]) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for member in members {
        for name in &member.owned.connectors {
            owners.insert(name.to_string(), member.id.clone());
        }
        for task in &member.owned.tasks {
            owners.insert(task.to_string(), member.id.clone());
        }
    }
    owners
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_group_comes_to_rest(happenings in prop::collection::vec(happening(), 0..40), crash_delay_ms in 0..3_000u64) {
        let mut group = Group::new();
        group.leader.crash_delay = Duration::from_millis(crash_delay_ms);
        for happening in &happenings {
            group.happens(happening);
            group.round();
        }
        group.sync_fails = false;
        group.come_to_rest();
        group.check_rest();
    }

    /// Who comes gets its share, from the others, and nothing else changes hands. Who leaves is replaced, and nothing
    /// else changes hands.
    #[test]
    fn only_what_must_moves(tasks in prop::collection::vec(0..9u32, 1..8), workers in 1..6usize) {
        let mut group = Group::new();
        for (number, tasks) in tasks.iter().enumerate() {
            group.happens(&Happening::Configures { connector: number as u8, tasks: *tasks });
        }
        for _ in 0..workers {
            group.happens(&Happening::Comes { ours: true });
        }
        group.come_to_rest();
        let before = owners(&group.members);
        group.happens(&Happening::Comes { ours: true });
        group.come_to_rest();
        group.check_rest();
        let newcomer = format!("w{:03}", group.born);
        for (item, owner) in owners(&group.members) {
            prop_assert!(owner == newcomer || before.get(&item) == Some(&owner), "{} moved to {}", item, owner);
        }
        let before = owners(&group.members);
        let leaver = group.members[0].id.clone();
        group.happens(&Happening::Leaves(0));
        if !group.members.is_empty() {
            let plan = group.round();
            prop_assert_eq!(plan.delay, Duration::ZERO);
            group.come_to_rest();
            group.check_rest();
            for (item, owner) in owners(&group.members) {
                prop_assert!(before[&item] == leaver || before[&item] == owner, "{} moved to {}", item, owner);
            }
        }
    }

    #[test]
    fn eager_deals_everything_once(happenings in prop::collection::vec(happening(), 0..20)) {
        let mut group = Group::new();
        group.leader.protocol = Protocol::Eager;
        for happening in &happenings {
            group.happens(happening);
        }
        group.sync_fails = false;
        group.members.iter_mut().for_each(|member| member.owned = Work::default());
        let plan = group.round();
        prop_assert_eq!(plan.delay, Duration::ZERO);
        let counts: Vec<usize> =
            group.members.iter().map(|m| m.owned.connectors.len() + m.owned.tasks.len()).collect();
        let configured = group.configured();
        if let (Some(least), Some(most)) = (counts.iter().min(), counts.iter().max()) {
            prop_assert!(most - least <= 1);
            prop_assert_eq!(counts.iter().sum::<usize>(), configured.connectors.len() + configured.tasks.len());
        }
    }
}
