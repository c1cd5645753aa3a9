//! Invariant 5: whatever a task tells, the secrets of its config are not in it.

use crate::connectors::Fault;
use crate::log_lines;
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn of_retries_and_failures() {
    let mut world = World::source();
    world.redactor.hide("disk is full");
    world.redactor.hide("poll: fatal");
    world.script.lock().poll_faults.extend([Fault::Retry, Fault::Fatal]);
    let task = world.start();
    world.settle().await;
    let stats = task.stats();
    let retry = stats.retry.expect("it is tried again").error;
    assert_eq!(retry, "poll: try again: the [hidden]");
    assert_eq!(stats.last_error, Some(retry));
    assert!(world.heard.retries()[0].0.contains("the [hidden]"), "{:?}", world.heard.retries());
    world.until("failed", || world.heard.failed().is_some()).await;
    let trace = world.heard.failed().unwrap();
    assert!(trace.contains(": [hidden]\n"), "{trace}");
    assert_eq!(task.stats().last_error.as_deref(), Some("[hidden]"));
    world.stop(task).await;
    let text = log_lines::text();
    assert!(text.contains("[hidden]; trying again") || text.contains("the [hidden]"), "{text}");
    assert!(!text.contains("disk is full") && !text.contains("fatal"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn of_dead_letters_and_tolerated_records() {
    let mut world = World::sink();
    world.tolerate();
    world.errors(|errors| errors.log = true);
    world.dead_letters(true);
    world.redactor.hide("cannot be converted");
    world.cluster.append("t", 0, None, Some("bad 1"));
    let task = world.start();
    world.until("written", || world.cluster.records("dead").len() == 1).await;
    let letter = world.cluster.records("dead").remove(0);
    let texts = letter.headers.iter().filter_map(|header| header.value.as_deref());
    let texts: Vec<_> = texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    assert!(!texts.iter().any(|text| text.contains("cannot be")), "{texts:?}");
    assert_eq!(texts.iter().filter(|text| text.contains("[hidden]")).count(), 2, "{texts:?}");
    world.stop(task).await;
    let text = log_lines::text();
    assert!(text.contains("[hidden]") && !text.contains("cannot be"), "{text}");
}
