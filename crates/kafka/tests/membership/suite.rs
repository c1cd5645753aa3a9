//! What is true of every kind of group.

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::*;

/// A kind of group.
pub trait Stage {
    /// A member; its client id is `client_id`.
    fn member(&self, client_id: &str, pairs: &[(&str, &str)]) -> Box<dyn Membership>;
    /// Moves everybody's time on.
    fn advance(&self, by: Duration);
    /// Waits until the coordinator knows so many members.
    fn members(&self, count: usize) -> BoxFuture<'_, ()>;
}

/// Runs everything, one after another, each on a new stage.
pub async fn run<S: Stage>(mut stage: impl AsyncFnMut() -> S) {
    /// Fails by name when it does not come to an end.
    macro_rules! situation {
        ($($name:ident)*) => {$(
            let situation = tokio::time::timeout(LONG, $name(stage().await)).await;
            situation.unwrap_or_else(|_| panic!("{} does not come to an end", stringify!($name)));
            println!("{}", stringify!($name));
        )*};
    }
    situation!(
        one_member_leads_itself
        a_second_member_comes
        a_follower_wants_to_rejoin
        a_member_leaves_and_comes_back
        after_a_rebalance_the_next_is_heard_of_soon
        a_member_dies
        an_eager_member_makes_the_group_eager
        a_session_ends
        a_loop_that_hangs_is_out
        answers_to_nothing_do_nothing
    );
}

async fn one_member_leads_itself(stage: impl Stage) {
    let mut a = stage.member("a", &[]);
    assert_eq!(asked(&mut *a).await, None, "it is no member yet");
    let said = Subscription {
        allocation: Some(Assignment {
            leader: "before".to_owned(),
            assigned: work(&["x"]),
            ..Assignment::default()
        }),
        ..subscription("a", 42)
    };
    a.join(said.clone());
    let lead = leads(&mut *a).await;
    assert!(lead.member_id.starts_with("a-"), "{}", lead.member_id);
    assert_eq!(lead.protocol, Protocol::Sessioned);
    assert_eq!(lead.members.len(), 1);
    assert_eq!((&lead.members[0].id, &lead.members[0].subscription), (&lead.member_id, &said));
    let given = Assignment {
        leader: lead.member_id.clone(),
        leader_url: "http://a:8083/".to_owned(),
        config_offset: 42,
        assigned: work(&["c", "d"]),
        revoked: work(&["x"]),
        delay: Duration::from_millis(1_500),
        ..Assignment::default()
    };
    a.assign(vec![(lead.member_id.clone(), given.clone())]);
    let assigned = assigned(&mut *a).await;
    assert_eq!(assigned.assignment, given);
    assert_eq!(assigned.generation, lead.generation);
    assert!(assigned.is_leader());
    assert_eq!(assigned.owned_after(&work(&["x", "y"])), work(&["y", "c", "d"]));
}

/// Two members that have joined.
async fn two(stage: &impl Stage) -> (Box<dyn Membership>, Box<dyn Membership>) {
    let mut a = stage.member("a", &[]);
    settle(&mut *a, &subscription("a", 1)).await;
    let mut b = stage.member("b", &[]);
    asked(&mut *b).await;
    b.join(subscription("b", 2));
    stage.members(2).await;
    stage.advance(HEARTBEAT);
    assert_eq!(asked(&mut *a).await, Some(Protocol::Sessioned));
    a.join(subscription("a", 1));
    let lead = leads(&mut *a).await;
    let said: Vec<(&str, i64)> = lead
        .members
        .iter()
        .map(|member| (member.subscription.url.as_str(), member.subscription.config_offset))
        .collect();
    assert_eq!(said, [("http://a:8083/", 1), ("http://b:8083/", 2)]);
    a.assign(one_each(&lead));
    let (of_a, of_b) = (assigned(&mut *a).await, assigned(&mut *b).await);
    assert_eq!(of_a.assignment.assigned, work(&["http://a:8083/"]));
    assert_eq!(of_b.assignment.assigned, work(&["http://b:8083/"]));
    assert_eq!(of_a.generation, of_b.generation);
    assert_eq!((&of_a.leader_id, &of_b.leader_id), (&of_a.member_id, &of_a.member_id));
    assert!(of_a.is_leader() && !of_b.is_leader());
    (a, b)
}

async fn a_second_member_comes(stage: impl Stage) {
    let (mut a, mut b) = two(&stage).await;
    // Heartbeats go on, also over more than a session: nothing happens.
    for _ in 0..5 {
        stage.advance(HEARTBEAT);
        tokio::task::yield_now().await;
    }
    assert!(a.poll().now_or_never().is_none() && b.poll().now_or_never().is_none());
}

async fn a_follower_wants_to_rejoin(stage: impl Stage) {
    let (mut a, mut b) = two(&stage).await;
    b.request_rejoin("the config topic has news");
    b.request_rejoin("more of them");
    match next(&mut *b).await {
        GroupEvent::Rebalance { reason, protocol } => {
            assert_eq!((reason.as_str(), protocol), ("more of them", Some(Protocol::Sessioned)));
        }
        other => panic!("{other:?}"),
    }
    b.join(subscription("b", 9));
    // The coordinator tells the leader when it has the join: at the next heartbeat or the one after it.
    let lead = loop {
        stage.advance(HEARTBEAT);
        match tokio::time::timeout(Duration::from_millis(20), a.poll()).await {
            Err(_) => {}
            Ok(event) => match event.unwrap() {
                GroupEvent::Rebalance { .. } => a.join(subscription("a", 1)),
                GroupEvent::Lead(lead) => break lead,
                other => panic!("{other:?}"),
            },
        }
    };
    assert_eq!(lead.members[1].subscription.config_offset, 9);
    a.assign(one_each(&lead));
    assert_eq!(assigned(&mut *a).await.generation, lead.generation);
    assert_eq!(assigned(&mut *b).await.generation, lead.generation);
}

// What one rebalance takes from a worker, the next gives to another: nobody has it until all have heard of that one.
async fn after_a_rebalance_the_next_is_heard_of_soon(stage: impl Stage) {
    let (mut a, mut b) = two(&stage).await;
    b.leave("it goes for good").await;
    stage.members(1).await;
    stage.advance(HEARTBEAT / 20);
    assert_eq!(asked(&mut *a).await, Some(Protocol::Sessioned));
}

async fn a_member_leaves_and_comes_back(stage: impl Stage) {
    let (mut a, mut b) = two(&stage).await;
    b.leave("it catches up first").await;
    stage.members(1).await;
    assert!(b.poll().now_or_never().is_none(), "it was told nothing");
    stage.advance(HEARTBEAT);
    assert_eq!(asked(&mut *a).await, Some(Protocol::Sessioned));
    a.join(subscription("a", 1));
    let lead = leads(&mut *a).await;
    assert_eq!(lead.members.len(), 1, "only the leader is left");
    a.assign(one_each(&lead));
    assigned(&mut *a).await;

    b.request_rejoin("it has caught up");
    assert_eq!(asked(&mut *b).await, None, "it was no member meanwhile");
    b.join(subscription("b", 3));
    stage.members(2).await;
    stage.advance(HEARTBEAT);
    let (of_a, of_b) = (subscription("a", 1), subscription("b", 3));
    let (of_a, of_b) = tokio::join!(settle(&mut *a, &of_a), settle(&mut *b, &of_b));
    assert_eq!(of_a.generation, of_b.generation);

    // All leave: there is nobody to tell.
    a.leave("the worker stops").await;
    b.leave("the worker stops").await;
    a.leave("twice is once").await;
    stage.members(0).await;
}

async fn a_member_dies(stage: impl Stage) {
    let mut a = stage.member("a", &[]);
    settle(&mut *a, &subscription("a", 1)).await;
    let mut b = stage.member("b", &[("session.timeout.ms", "10000")]);
    asked(&mut *b).await;
    b.join(subscription("b", 1));
    stage.members(2).await;
    stage.advance(HEARTBEAT);
    let (of_a, of_b) = (subscription("a", 1), subscription("b", 1));
    tokio::join!(settle(&mut *a, &of_a), settle(&mut *b, &of_b));
    drop(b); // no goodbye
    stage.members(2).await;
    stage.advance(Duration::from_secs(10));
    stage.members(1).await;
    stage.advance(HEARTBEAT);
    asked(&mut *a).await;
    a.join(subscription("a", 1));
    assert_eq!(leads(&mut *a).await.members.len(), 1);
}

async fn an_eager_member_makes_the_group_eager(stage: impl Stage) {
    let mut a = stage.member("a", &[("connect.protocol", "compatible")]);
    let first = settle(&mut *a, &subscription("a", 1)).await;
    assert_eq!(first.protocol, Protocol::Compatible);
    let mut b = stage.member("b", &[("connect.protocol", "eager")]);
    asked(&mut *b).await;
    b.join(subscription("b", 2));
    stage.members(2).await;
    stage.advance(HEARTBEAT);
    let (of_a, of_b) = (subscription("a", 1), subscription("b", 2));
    let (of_a, of_b) = tokio::join!(settle(&mut *a, &of_a), settle(&mut *b, &of_b));
    assert_eq!((of_a.protocol, of_b.protocol), (Protocol::Eager, Protocol::Eager));
    let complete = of_a.owned_after(&work(&["what it had before"]));
    assert_eq!(complete, work(&["http://a:8083/"]), "an eager assignment is complete");
    // The next rebalance says that everything is given back first.
    b.leave("done").await;
    stage.members(1).await;
    stage.advance(HEARTBEAT);
    assert_eq!(asked(&mut *a).await, Some(Protocol::Eager));
    a.join(subscription("a", 1));
    let lead = leads(&mut *a).await;
    a.assign(one_each(&lead));
    assert_eq!(assigned(&mut *a).await.protocol, Protocol::Compatible, "better again");
}

async fn a_session_ends(stage: impl Stage) {
    let mut a = stage.member("a", &[]);
    let before = settle(&mut *a, &subscription("a", 1)).await;
    stage.advance(SESSION); // as if the machine had slept
    assert_eq!(lost(&mut *a).await, LossCause::SessionTimeout);
    assert_eq!(asked(&mut *a).await, None, "it owns nothing now");
    a.join(subscription("a", 1));
    let again = subscription("a", 1);
    let after = with_pauses(|by| stage.advance(by), settle(&mut *a, &again)).await;
    assert!(after.generation != before.generation || after.member_id != before.member_id);
}

async fn a_loop_that_hangs_is_out(stage: impl Stage) {
    let mut a = stage.member("a", &[]);
    settle(&mut *a, &subscription("a", 1)).await;
    // Nobody polls, while heartbeats are sent.
    stage.advance(REBALANCE);
    stage.members(0).await;
    assert_eq!(lost(&mut *a).await, LossCause::PollTimeout);
    assert_eq!(asked(&mut *a).await, None);
    a.join(subscription("a", 1));
    let again = subscription("a", 1);
    with_pauses(|by| stage.advance(by), settle(&mut *a, &again)).await;
}

async fn answers_to_nothing_do_nothing(stage: impl Stage) {
    let mut a = stage.member("a", &[]);
    a.join(subscription("nobody asked", 1));
    a.assign(vec![("nobody".to_owned(), Assignment::default())]);
    asked(&mut *a).await;
    a.assign(vec![("nobody".to_owned(), Assignment::default())]);
    a.join(subscription("a", 1));
    let lead = leads(&mut *a).await;
    assert_eq!(lead.members[0].subscription, subscription("a", 1));
    a.join(subscription("too late", 1));
    a.assign(one_each(&lead));
    assert_eq!(assigned(&mut *a).await.generation, lead.generation);
    a.assign(one_each(&lead));
    a.join(subscription("too late", 1));
    a.request_rejoin("and now in earnest");
    asked(&mut *a).await;
    a.join(subscription("a", 2));
    assert_eq!(leads(&mut *a).await.members[0].subscription.config_offset, 2);
}
