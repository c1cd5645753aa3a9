//! What a leader deals out, and what a member makes of it.

use std::sync::Arc;
use std::time::Duration;

use api::{BoxFuture, ManualClock};
use config::RawConfig;
use kafka::membership::{self, Assigned, Assignment, AssignmentError, GroupEvent, Membership, Subscription};
use kafka::membership::{Member, Protocol, Task, Work};
use parking_lot::Mutex;

use super::{Group, GroupMember, UNSYNCED_PAUSE};
use crate::{Leader, Name, Result, Roster, SessionKeys};

/// What was said to the group.
#[derive(Debug, Clone, Default)]
struct Said {
    assigned: Arc<Mutex<Vec<(String, Assignment)>>>,
    rejoins: Arc<Mutex<Vec<String>>>,
}

impl Membership for Said {
    fn poll(&mut self) -> BoxFuture<'_, kafka::Result<GroupEvent>> {
        Box::pin(std::future::pending())
    }

    fn join(&mut self, _: Subscription) {}

    fn assign(&mut self, assignments: Vec<(String, Assignment)>) {
        *self.assigned.lock() = assignments;
    }

    fn request_rejoin(&mut self, reason: &str) {
        self.rejoins.lock().push(reason.to_owned());
    }

    fn leave(&mut self, _: &str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

struct Nobody;

impl Leader for Nobody {
    fn put_task_configs(&self, _: String, _: Name, _: Vec<RawConfig>) -> BoxFuture<'static, Result<()>> {
        Box::pin(std::future::pending())
    }

    fn fence(&self, _: String, _: Name) -> BoxFuture<'static, Result<()>> {
        Box::pin(std::future::pending())
    }
}

fn group(clock: &Arc<ManualClock>) -> (Group, Said) {
    let said = Said::default();
    let second = Duration::from_secs(1);
    let member = GroupMember {
        membership: Box::new(said.clone()),
        url: "http://a:1/".to_owned(),
        topics: "c, o, s".to_owned(),
        delay_max: Duration::ZERO,
        heartbeat_interval: second,
        session_timeout: 10 * second,
        keys: SessionKeys::default(),
        leader: Arc::new(Nobody),
        clock: clock.clone(),
    };
    (Group::new(member, Roster::default()), said)
}

fn member(id: &str, url: &str, config_offset: i64) -> Member {
    let topics = Some("c, o, s".to_owned());
    let subscription =
        Subscription { url: url.to_owned(), config_offset, allocation: None, ours: true, topics };
    Member { id: id.to_owned(), subscription }
}

fn lead(members: &[Member]) -> membership::Lead {
    membership::Lead {
        generation: 1,
        member_id: "a".to_owned(),
        protocol: Protocol::Sessioned,
        members: members.to_vec(),
    }
}

fn two_tasks() -> Work {
    Work { connectors: vec!["x".into()], tasks: vec![Task::new("x", 0), Task::new("x", 1)] }
}

// Invariant 3: who has not read that tasks have changed runs the old ones still.
#[tokio::test]
async fn nobody_gets_work_before_all_know_of_changed_tasks() {
    let (mut group, said) = group(&ManualClock::at(0));
    let errors = || said.assigned.lock().iter().map(|(_, part)| part.error).collect::<Vec<_>>();
    let round = lead(&[member("a", "http://a:1/", 20), member("b", "http://b:1/", 19)]);
    group.lead(&round, &two_tasks(), 20, Some(20));
    assert_eq!(errors(), [AssignmentError::ConfigMismatch; 2]);
    group.lead(&round, &two_tasks(), 20, None);
    assert_eq!(errors(), [AssignmentError::None; 2], "nothing that b does not know of is held");
    let round = lead(&[member("a", "http://a:1/", 20), member("b", "http://b:1/", 20)]);
    group.lead(&round, &two_tasks(), 20, Some(20));
    assert_eq!(errors(), [AssignmentError::None; 2]);
    // A worker in Java runs nothing of ours.
    let mut java = member("b", "http://b:1/", 3);
    java.subscription.ours = false;
    group.lead(&lead(&[member("a", "http://a:1/", 20), java]), &two_tasks(), 20, Some(20));
    assert_eq!(errors(), [AssignmentError::None; 2]);
}

#[tokio::test]
async fn of_members_with_one_address_one_has_work() {
    let (mut group, said) = group(&ManualClock::at(0));
    let all = [member("0", "http://b:1/", 5), member("a", "http://a:1/", 5), member("b", "http://b:1/", 5)];
    group.lead(&lead(&all), &two_tasks(), 5, None);
    let idle = |id: &str| said.assigned.lock().iter().any(|(it, part)| it == id && part.assigned.is_empty());
    assert!(idle("b") && !idle("a") && !idle("0"));
    let problem = group.problem().unwrap();
    assert!(problem.contains("http://b:1/") && problem.contains("rest.advertised.port"), "{problem}");
    // Who leads comes before one whose id is before its own.
    let all = [member("0", "http://a:1/", 5), member("a", "http://a:1/", 5)];
    group.lead(&lead(&all), &two_tasks(), 5, None);
    assert!(idle("0") && !idle("a"));
    group.lead(&lead(&all[1..]), &two_tasks(), 5, None);
    assert_eq!(group.problem(), None);
}

#[tokio::test]
async fn rounds_that_do_not_help_come_less_and_less_often() {
    let clock = ManualClock::at(0);
    let (mut group, _said) = group(&clock);
    let part = |config_offset| Assigned {
        generation: 1,
        member_id: "a".to_owned(),
        leader_id: "b".to_owned(),
        protocol: Protocol::Sessioned,
        assignment: Assignment {
            leader: "b".to_owned(),
            leader_url: "http://b:1/".to_owned(),
            config_offset,
            ours: true,
            topics: Some("c, o, s".to_owned()),
            ..Assignment::default()
        },
    };
    let mut pauses = Vec::new();
    for _ in 0..5 {
        group.assigned(&part(9), 5).unwrap();
        pauses.push(group.rejoin_at.unwrap() - api::Clock::elapsed(&*clock));
    }
    let pause = UNSYNCED_PAUSE;
    assert_eq!(pauses, [Duration::ZERO, pause, 2 * pause, 4 * pause, 8 * pause]);
    group.assigned(&part(5), 5).unwrap();
    assert_eq!(group.rejoin_at, None, "all have read the same");
    group.assigned(&part(9), 5).unwrap();
    assert_eq!(group.rejoin_at, Some(api::Clock::elapsed(&*clock)));
}
