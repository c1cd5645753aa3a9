//! What a sink asks for, at moments when something else is under way.

use std::time::Duration;

use api::SinkRequest;
use api::data::TopicPartition;

use crate::connectors::Fault;
use crate::world::{World, numbers};

fn fill(world: &World, range: std::ops::Range<i64>) {
    for number in range {
        world.cluster.append("t", 0, Some("k"), Some(&number.to_string()));
    }
}

fn zero() -> TopicPartition {
    TopicPartition::new("t", 0)
}

fn puts(world: &World) -> Vec<String> {
    world.deeds().into_iter().filter(|call| call.starts_with("put")).collect()
}

/// A sink whose first batch was accepted late, with a flush right behind it and more records to be read.
async fn flush_before_the_next_poll(asked: SinkRequest) -> (World, sluice_task::Handle) {
    let world = World::sink();
    fill(&world, 0..3);
    world.script.lock().put_faults.push_back(Fault::Retry);
    let task = world.start();
    world.until("retrying", || task.stats().retries == 1).await;
    fill(&world, 3..5);
    {
        let mut script = world.script.lock();
        script.requests.push(SinkRequest::Commit);
        script.flush_requests.push(asked);
    }
    world.until("committed", || world.committed(0) == Some(3)).await;
    (world, task)
}

#[tokio::test(start_paused = true)]
async fn a_seek_that_flush_asks_for_comes_before_the_next_records() {
    let (world, task) = flush_before_the_next_poll(SinkRequest::Seek(zero(), 1)).await;
    world.until("read again", || world.accepted().contains(&"4".to_owned())).await;
    assert_eq!(puts(&world), ["put 0,1,2", "put 0,1,2", "put 1,2,3,4"]);
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_flush_asks_for_comes_before_the_next_records() {
    let (world, task) = flush_before_the_next_poll(SinkRequest::Pause(vec![zero()])).await;
    world.pass(Duration::from_secs(5)).await;
    assert_eq!(world.accepted(), numbers(0..3));
    world.stop(task).await;
}

#[tokio::test(start_paused = true)]
async fn a_seek_while_a_batch_waits_drops_the_batch_and_reads_on() {
    let world = World::sink();
    fill(&world, 0..3);
    world.script.lock().put_faults.push_back(Fault::Retry);
    world.script.lock().requests.push(SinkRequest::Seek(zero(), 1));
    let task = world.start();
    world.until("accepted", || world.accepted() == numbers(1..3)).await;
    assert_eq!(puts(&world), ["put 0,1,2", "put 1,2"]);
    assert_eq!(task.stats().retry, None);
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_flush_that_fails_while_a_batch_waits_rewinds_and_reads_on() {
    let world = World::sink();
    fill(&world, 0..3);
    let task = world.start();
    world.until("accepted", || world.accepted().len() == 3).await;
    world.script.lock().put_faults.extend([Fault::Retry; 1000]);
    world.script.lock().flush_faults.push_back(Fault::Retry);
    fill(&world, 3..5);
    world.until("retrying", || task.stats().retries >= 1).await;
    world.until("rewound", || world.deeds().contains(&"close t-0 Lost".to_owned())).await;
    world.script.lock().put_faults.clear();
    world.until("read again", || world.accepted().len() == 8).await;
    assert_eq!(world.accepted()[3..], numbers(0..5));
    world.stop(task).await;
    assert_eq!(world.committed(0), Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_sought_offset_is_committed_when_it_is_flushed() {
    let world = World::sink();
    fill(&world, 0..3);
    world.script.lock().requests.push(SinkRequest::Seek(zero(), 100)); // nothing to read there
    let task = world.start();
    world.until("committed", || world.committed(0) == Some(100)).await;
    world.stop(task).await;
}
