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
