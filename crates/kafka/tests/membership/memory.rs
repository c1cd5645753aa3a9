//! Groups in memory.

use api::Clock as _;
use futures::future::BoxFuture;
use sluice_kafka::membership::Memberships as _;
use sluice_kafka::memory::WorkerGroups;

use super::*;

struct InMemory {
    clock: Arc<ManualClock>,
    groups: WorkerGroups,
}

fn in_memory() -> InMemory {
    let clock = manual_clock();
    InMemory { groups: WorkerGroups::new(clock.clone()), clock }
}

impl suite::Stage for InMemory {
    fn member(&self, client_id: &str, pairs: &[(&str, &str)]) -> Box<dyn Membership> {
        self.groups.member(&settings("nowhere:1", client_id, pairs)).unwrap()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn members(&self, count: usize) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            while self.groups.members("workers") != count {
                tokio::task::yield_now().await;
            }
        })
    }
}

#[tokio::test]
async fn the_suite() {
    suite::run(async || in_memory()).await;
}

#[tokio::test]
async fn a_member_that_is_cut_off_stops_after_a_heartbeat_interval() {
    use suite::Stage as _;
    let stage = in_memory();
    let mut a = stage.member("a", &[]);
    settle(&mut *a, &subscription("a", 1)).await;
    stage.groups.cut_off("a");
    stage.advance(HEARTBEAT); // the heartbeat that fails
    // Told when it has lasted for heartbeat.interval.ms, long before the session ends.
    let before = stage.clock.elapsed();
    let event = with_pauses(|by| stage.advance(by), next(&mut *a)).await;
    let waited = stage.clock.elapsed() - before;
    assert!(waited >= HEARTBEAT - BACKOFF && waited <= HEARTBEAT * 2, "{waited:?}");
    let GroupEvent::Lost { cause: LossCause::CoordinatorUnknown, reason } = event else {
        panic!("{event:?}")
    };
    assert!(reason.contains("heartbeat.interval.ms"), "{reason}");
    stage.groups.reconnect("a");
    assert_eq!(with_pauses(|by| stage.advance(by), asked(&mut *a)).await, None);
    a.join(subscription("a", 1));
    let again = subscription("a", 1);
    with_pauses(|by| stage.advance(by), settle(&mut *a, &again)).await;
    assert_eq!(stage.groups.members("workers"), 1, "it kept its id: no ghost is waited for");
}

#[tokio::test]
async fn a_short_outage_is_no_loss() {
    use suite::Stage as _;
    let stage = in_memory();
    let mut a = stage.member("a", &[]);
    let before = settle(&mut *a, &subscription("a", 1)).await;
    stage.groups.cut_off("a");
    stage.advance(HEARTBEAT);
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    stage.groups.reconnect("a");
    stage.advance(BACKOFF);
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(futures::FutureExt::now_or_never(a.poll()).is_none(), "nothing happened");
    a.request_rejoin("to see the next generation");
    let after = settle(&mut *a, &subscription("a", 1)).await;
    assert_eq!((after.generation, after.member_id), (before.generation + 1, before.member_id));
}

#[tokio::test]
async fn what_will_not_pass_is_said_and_ends_it() {
    use suite::Stage as _;
    for (code, says) in [
        (30, "Not authorized to access group: workers"),
        (23, "INCONSISTENT_GROUP_PROTOCOL"),
        (26, "client setting session.timeout.ms"),
        (24, "client setting group.id"),
        (81, "group.max.size"),
    ] {
        let stage = in_memory();
        stage.groups.refuse_next_join(code);
        let mut a = stage.member("a", &[]);
        let error = fatal(&mut *a).await;
        assert!(error.contains(says) || error.contains("InconsistentGroupProtocol"), "{code}: {error}");
        assert_eq!(fatal(&mut *a).await, error, "it stays so");
        a.leave("nothing to leave").await;
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    use suite::Stage as _;
    // Loading, not available, not the coordinator, a rebalance, unknown, an old generation, and one without a name.
    for code in [14, 15, 16, 27, 25, 22, -1] {
        let stage = in_memory();
        stage.groups.refuse_next_join(code);
        let mut a = stage.member("a", &[]);
        let said = subscription("a", 1);
        let joined = with_pauses(|by| stage.advance(by), settle(&mut *a, &said)).await;
        assert!(joined.is_leader(), "{code}");
    }
}

/// Two members, the first of which leads.
async fn two(stage: &InMemory) -> (Box<dyn Membership>, Box<dyn Membership>) {
    use suite::Stage as _;
    let mut a = stage.member("a", &[]);
    settle(&mut *a, &subscription("a", 1)).await;
    let mut b = stage.member("b", &[]);
    asked(&mut *b).await;
    b.join(subscription("b", 1));
    stage.members(2).await;
    stage.advance(HEARTBEAT);
    let (of_a, of_b) = (subscription("a", 1), subscription("b", 1));
    tokio::join!(settle(&mut *a, &of_a), settle(&mut *b, &of_b));
    (a, b)
}

#[tokio::test]
async fn a_member_that_is_cut_off_while_its_join_waits_stops_too() {
    use suite::Stage as _;
    let stage = in_memory();
    let (mut a, b) = two(&stage).await;
    a.request_rejoin("b does not come yet, so this waits");
    asked(&mut *a).await;
    a.join(subscription("a", 2));
    tokio::task::yield_now().await;
    stage.groups.cut_off("a");
    let before = stage.clock.elapsed();
    let cause = with_pauses(|by| stage.advance(by), lost(&mut *a)).await;
    assert_eq!(cause, LossCause::CoordinatorUnknown);
    let waited = stage.clock.elapsed() - before;
    assert!(waited <= HEARTBEAT * 2 + BACKOFF * 2, "{waited:?}");
    drop(b);
}

#[tokio::test]
async fn a_wish_to_rejoin_that_comes_after_the_answer_is_kept() {
    use suite::Stage as _;
    let stage = in_memory();
    let mut a = stage.member("a", &[]);
    asked(&mut *a).await;
    a.request_rejoin("this is in the answer already");
    a.join(subscription("a", 1));
    let lead = leads(&mut *a).await;
    a.request_rejoin("the config topic has news");
    a.assign(one_each(&lead));
    assigned(&mut *a).await;
    match next(&mut *a).await {
        GroupEvent::Rebalance { reason, .. } => assert_eq!(reason, "the config topic has news"),
        other => panic!("{other:?}"),
    }
    a.join(subscription("a", 2));
    let lead = leads(&mut *a).await;
    a.assign(one_each(&lead));
    assigned(&mut *a).await;
    tokio::task::yield_now().await;
    assert!(futures::FutureExt::now_or_never(a.poll()).is_none(), "and only once");
}

#[tokio::test]
async fn a_leader_that_does_not_decide_is_overtaken() {
    use suite::Stage as _;
    let stage = in_memory();
    let (mut a, mut b) = two(&stage).await;
    a.request_rejoin("a new round");
    asked(&mut *a).await;
    a.join(subscription("a", 2));
    stage.advance(HEARTBEAT);
    asked(&mut *b).await;
    b.join(subscription("b", 2));
    let late = leads(&mut *a).await;
    // Before it has decided, the other leaves.
    b.leave("it stops").await;
    stage.advance(HEARTBEAT);
    asked(&mut *a).await;
    a.assign(one_each(&late));
    a.join(subscription("a", 3));
    let lead = leads(&mut *a).await;
    assert_eq!((lead.generation, lead.members.len()), (late.generation + 1, 1));
    a.assign(one_each(&lead));
    assert_eq!(assigned(&mut *a).await.generation, lead.generation);
}
