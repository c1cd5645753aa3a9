//! Stopping in each state, plugins that hang or panic.

use std::time::Duration;

use sluice_task::{Stopped, TaskState};

use crate::connectors::Fault;
use crate::world::{World, numbers};

async fn stops_cleanly(world: World, reach: impl AsyncFnOnce(&World, &sluice_task::Handle)) {
    let task = world.start();
    reach(&world, &task).await;
    assert_eq!(world.stop(task).await, Stopped::Clean);
    assert!(world.heard.is(&TaskState::Unassigned), "{:?}", world.heard.states());
    assert_eq!(world.script.lock().alive, 0);
}

#[tokio::test(start_paused = true)]
async fn invariant_8_a_stop_gets_through_in_every_state() {
    // At once, before anything was started.
    stops_cleanly(World::source(), async |_, _| {}).await;
    stops_cleanly(World::sink(), async |_, _| {}).await;
    // Waiting to start again.
    for world in [World::source(), World::sink()] {
        world.script.lock().start_faults.extend([Fault::Retry; 1000]);
        stops_cleanly(world, async |world, task| {
            world.until("retrying", || task.stats().retries > 3).await;
        })
        .await;
    }
    // Paused.
    for world in [World::source(), World::sink()] {
        stops_cleanly(world, async |world, task| {
            world.until("running", || world.heard.is(&TaskState::Running)).await;
            task.pause();
            world.until("paused", || world.heard.is(&TaskState::Paused)).await;
        })
        .await;
    }
    // Waiting to poll again.
    let world = World::source();
    world.script.lock().poll_faults.extend([Fault::Retry; 1000]);
    stops_cleanly(world, async |world, task| {
        world.until("retrying", || task.stats().retries > 3).await;
    })
    .await;
    // Waiting to put again.
    let world = World::sink();
    world.cluster.append("t", 0, None, Some("1"));
    world.script.lock().put_faults.extend([Fault::Retry; 1000]);
    stops_cleanly(world, async |world, task| {
        world.until("retrying", || task.stats().retries > 3).await;
    })
    .await;
    // A producer whose queue is full.
    let world = World::source();
    world.cluster.hold_sends();
    world.rows("a", numbers(0..100));
    stops_cleanly(world, async |world, task| {
        world.until("read", || task.stats().records_in > 0).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn invariant_8_a_plugin_that_hangs_is_cancelled_after_the_graceful_time() {
    let hang = |world: World, set: fn(&mut crate::connectors::Script)| {
        set(&mut world.script.lock());
        world
    };
    let worlds = [
        hang(World::source(), |script| script.start_faults.push_back(Fault::Hang)),
        hang(World::source(), |script| script.poll_faults.push_back(Fault::Hang)),
        hang(World::source(), |script| script.stop_faults.push_back(Fault::Hang)),
        hang(World::sink(), |script| script.start_faults.push_back(Fault::Hang)),
        hang(World::sink(), |script| script.put_faults.push_back(Fault::Hang)),
        hang(World::sink(), |script| script.flush_faults.push_back(Fault::Hang)),
        hang(World::sink(), |script| script.stop_faults.push_back(Fault::Hang)),
    ];
    for world in worlds {
        world.cluster.append("t", 0, None, Some("1"));
        let task = world.start();
        world.pass(Duration::from_secs(5)).await;
        assert_eq!(world.stop(task).await, Stopped::Cancelled);
        world.pass(Duration::from_secs(5)).await;
        assert!(!world.heard.is(&TaskState::Unassigned), "a cancelled task is silent");
        assert_eq!(world.script.lock().alive, 0, "it was dropped");
        assert_eq!(world.cluster.members("connect-c"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_the_task_and_nothing_else() {
    for world in [World::source(), World::sink()] {
        world.cluster.append("t", 0, None, Some("1"));
        world.script.lock().poll_faults.push_back(Fault::Panic);
        world.script.lock().put_faults.push_back(Fault::Panic);
        let task = world.start();
        world.until("failed", || world.heard.failed().is_some()).await;
        let trace = world.heard.failed().unwrap();
        assert!(trace.contains("panicked") && trace.contains(": panic"), "{trace}");
        assert_eq!(world.script.lock().alive, 0);
        assert_eq!(world.stop(task).await, Stopped::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_failed_and_hangs_in_stop_is_dropped() {
    for world in [World::source(), World::sink()] {
        world.cluster.append("t", 0, None, Some("1"));
        world.script.lock().poll_faults.push_back(Fault::Fatal);
        world.script.lock().put_faults.push_back(Fault::Fatal);
        world.script.lock().stop_faults.push_back(Fault::Hang);
        let task = world.start();
        world.until("failed", || world.heard.failed().is_some()).await;
        assert_eq!(world.script.lock().alive, 0);
        assert_eq!(world.stop(task).await, Stopped::Clean);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_that_is_dropped_stops_its_task() {
    let world = World::source();
    let task = world.start();
    world.until("running", || world.heard.is(&TaskState::Running)).await;
    drop(task);
    world.until("stopped", || world.heard.is(&TaskState::Unassigned)).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_plugin_is_a_failed_task() {
    let mut world = World::source();
    world.spec.class = "no.such.Plugin".to_owned();
    let task = world.start();
    world.until("failed", || world.heard.failed().is_some()).await;
    assert!(world.heard.failed().unwrap().contains("no plugin named no.such.Plugin"));
    world.stop(task).await;
}

/// Real threads, since one is blocked; nothing here waits for time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_8_a_plugin_that_blocks_its_thread_writes_nothing_after_it_was_cancelled() {
    let world = World::source();
    let (open, gate) = std::sync::mpsc::channel();
    world.script.lock().gate = Some(gate);
    world.script.lock().poll_faults.push_back(Fault::Block);
    world.rows("a", numbers(0..10));
    let task = world.start();
    let reached = async |is_so: &dyn Fn() -> bool| {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    reached(&|| world.script.lock().gate.is_none()).await;
    assert_eq!(task.stop(Duration::ZERO).await, Stopped::Cancelled);
    open.send(()).unwrap();
    reached(&|| world.script.lock().alive == 0).await;
    assert!(world.cluster.records("t").is_empty());
    assert_eq!(world.offsets.of("a"), None);
    assert_eq!(world.heard.states(), [TaskState::Running]);
}
