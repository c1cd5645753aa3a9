//! Partitions that come and go under a sink task.

use std::time::Duration;

use api::data::TopicPartition;

use crate::connectors::Fault;
use crate::world::{World, numbers};

fn fill(world: &World, partition: i32, range: std::ops::Range<i64>) {
    for number in range {
        world.cluster.append("t", partition, None, Some(&number.to_string()));
    }
}

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

/// A sink with two partitions whose first records were accepted.
async fn two_partitions() -> (World, sluice_task::Handle) {
    let world = World::sink();
    world.cluster.create_topic("t", 2);
    fill(&world, 0, 0..3);
    fill(&world, 1, 100..103);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 6).await;
    (world, task)
}

#[tokio::test(start_paused = true)]
async fn revoked_partitions_are_flushed_closed_and_committed_and_only_they() {
    let (world, task) = two_partitions().await;
    world.cluster.revoke("connect-c", &[partition(1)]);
    world.until("committed", || world.committed(1) == Some(3)).await;
    assert_eq!(world.committed(0), None);
    let deeds = world.deeds();
    assert_eq!(deeds[deeds.len() - 2..], ["flush t-1@3", "close t-1 Revoked"]);
    fill(&world, 0, 3..5);
    world.until("the other goes on", || world.accepted().len() == 8).await;
    world.cluster.assign("connect-c", &[partition(1)]);
    fill(&world, 1, 103..105);
    world.until("it comes back", || world.accepted().len() == 10).await;
    assert_eq!(world.accepted()[8..], numbers(103..105), "nothing twice, nothing lost");
    assert_eq!(world.deeds().iter().filter(|call| *call == "open t-1").count(), 1);
    world.stop(task).await;
    assert_eq!((world.committed(0), world.committed(1)), (Some(5), Some(5)));
}

#[tokio::test(start_paused = true)]
async fn lost_partitions_are_closed_and_nothing_of_them_is_written() {
    let (world, task) = two_partitions().await;
    world.cluster.lose("connect-c", &[partition(1)]);
    world.until("closed", || world.deeds().contains(&"close t-1 Lost".to_owned())).await;
    world.pass(Duration::from_secs(61)).await;
    assert_eq!((world.committed(0), world.committed(1)), (Some(3), None));
    assert!(!world.deeds().iter().any(|call| call.starts_with("flush") && call.contains("t-1")));
    world.cluster.assign("connect-c", &[partition(1)]);
    world.until("read again by the next owner", || world.accepted().len() == 9).await;
    assert_eq!(world.accepted()[6..], numbers(100..103));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_waiting_batch_loses_the_records_of_partitions_that_go() {
    for lost in [false, true] {
        let (world, task) = two_partitions().await;
        world.script.lock().put_faults.extend([Fault::Retry; 4]);
        fill(&world, 0, 3..5);
        fill(&world, 1, 103..105);
        world.until("retrying", || task.stats().retries >= 1).await;
        match lost {
            true => world.cluster.lose("connect-c", &[partition(1)]),
            false => world.cluster.revoke("connect-c", &[partition(1)]),
        }
        world.until("accepted", || world.accepted().contains(&"4".to_owned())).await;
        assert!(!world.accepted().contains(&"103".to_owned()), "lost: {lost}");
        assert_eq!(world.committed(1), (!lost).then_some(3), "only what was accepted");
        world.cluster.assign("connect-c", &[partition(1)]);
        world.until("it comes back", || world.accepted().contains(&"104".to_owned())).await;
        world.stop(task).await;
        assert_eq!((world.committed(0), world.committed(1)), (Some(5), Some(5)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_for_a_lost_partition_only_is_dropped() {
    let (world, task) = two_partitions().await;
    world.script.lock().put_faults.extend([Fault::Retry; 1000]);
    fill(&world, 1, 103..105);
    world.until("retrying", || task.stats().retries >= 1).await;
    world.cluster.lose("connect-c", &[partition(1)]);
    world.until("closed", || world.deeds().contains(&"close t-1 Lost".to_owned())).await;
    world.script.lock().put_faults.clear();
    fill(&world, 0, 3..5);
    world.until("the other goes on", || world.accepted().contains(&"4".to_owned())).await;
    assert_eq!(task.stats().retry, None);
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn partitions_that_come_while_paused_are_not_read() {
    let (world, task) = two_partitions().await;
    world.cluster.revoke("connect-c", &[partition(1)]);
    world.until("closed", || world.deeds().contains(&"close t-1 Revoked".to_owned())).await;
    task.pause();
    world.pass(Duration::from_secs(2)).await;
    world.cluster.assign("connect-c", &[partition(1)]);
    fill(&world, 1, 103..105);
    world.until("opened", || world.deeds().iter().filter(|call| *call == "open t-1").count() == 1).await;
    world.pass(Duration::from_secs(3)).await;
    assert_eq!(world.accepted().len(), 6);
    task.resume();
    world.until("accepted", || world.accepted().len() == 8).await;
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_fails_on_the_way_out_commits_nothing() {
    let (world, task) = two_partitions().await;
    world.script.lock().flush_faults.push_back(Fault::Retry);
    world.cluster.revoke("connect-c", &[partition(1)]);
    world.until("closed", || world.deeds().contains(&"close t-1 Revoked".to_owned())).await;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(world.committed(1), None);
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(3));
}

#[tokio::test(start_paused = true)]
async fn two_tasks_share_the_partitions_and_nothing_is_lost() {
    let (world, first) = two_partitions().await;
    let second = world.start();
    world.until("handed over", || world.deeds().iter().any(|call| call.starts_with("close t-"))).await;
    fill(&world, 0, 3..10);
    fill(&world, 1, 103..110);
    world.until("accepted", || world.accepted().len() >= 20).await;
    let mut all = world.accepted();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 20);
    assert_eq!(world.accepted().len(), 20, "handed over in order: nothing twice");
    world.stop(first).await;
    world.stop(second).await;
    assert_eq!((world.committed(0), world.committed(1)), (Some(10), Some(10)));
}
