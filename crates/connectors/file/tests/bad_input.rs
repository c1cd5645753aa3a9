//! What goes wrong with files, and what is said about it.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::time::Duration;

use api::config::RawConfig;
use api::data::OffsetMap;
use api::dynamic::DynSourceTask;
use api::registry::ConnectorClass;
use api::{ErrorKind, Registry, Result};
use testkit::contexts::Lent;

const WAIT: Duration = Duration::from_millis(1);

async fn source(path: &str, lent: &Lent) -> Result<Box<dyn DynSourceTask>> {
    let mut registry = Registry::new();
    sluice_connector_file::register(&mut registry);
    let ConnectorClass::Source(class) = registry.connector("FileStreamSource")? else { panic!("a source") };
    class.start_task(RawConfig::new().with("file", path).with("topic", "t"), lent.source()).await
}

fn stored(path: &str, position: i64) -> Lent {
    let lent = Lent::default();
    let partition = OffsetMap::new().with("filename", path);
    lent.offsets.store(&vec![(Some(partition.into()), OffsetMap::new().with("position", position))]);
    lent
}

#[tokio::test]
async fn a_missing_file_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.txt");
    let mut task = source(&path.to_string_lossy(), &Lent::default()).await.unwrap();
    assert!(task.poll(WAIT).await.unwrap().records.is_empty());
    std::fs::write(&path, "here\nhalf").unwrap();
    let records = task.poll(WAIT).await.unwrap().records;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].record.value.value.as_str(), Some("here"));
    assert_eq!(records[0].source_offset.as_ref().unwrap().get("position").unwrap().to_i64(), Some(5));
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_replaced_and_cost_no_other_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt");
    std::fs::write(&path, b"good\nb\xffd\ngood\n").unwrap();
    let mut task = source(&path.to_string_lossy(), &Lent::default()).await.unwrap();
    let texts: Vec<_> = task
        .poll(WAIT)
        .await
        .unwrap()
        .records
        .iter()
        .map(|r| r.record.value.value.as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(texts, ["good", "b\u{fffd}d", "good"]);
}

#[tokio::test]
async fn a_file_shorter_than_its_position_is_said_not_read_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt").to_string_lossy().into_owned();
    std::fs::write(&path, "new\n").unwrap();
    let mut task = source(&path, &stored(&path, 100)).await.unwrap();
    let error = task.poll(WAIT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retry);
    assert!(error.to_string().contains("4 bytes, but 100 were read before"), "{error}");
}

#[tokio::test]
async fn a_stored_position_that_is_no_number_fails_the_start() {
    let lent = Lent::default();
    let partition = OffsetMap::new().with("filename", "/x");
    lent.offsets.store(&vec![(Some(partition.into()), OffsetMap::new().with("position", "many"))]);
    let error = source("/x", &lent).await.err().unwrap();
    assert!(error.to_string().contains("not a number of bytes"), "{error}");
}

#[tokio::test]
async fn a_sink_without_folder_names_the_file() {
    let mut registry = Registry::new();
    sluice_connector_file::register(&mut registry);
    let ConnectorClass::Sink(class) = registry.connector("FileStreamSink").unwrap() else { panic!("a sink") };
    let raw = RawConfig::new().with("file", "no/such/dir/out.txt");
    let error = class.start_task(raw, Lent::default().sink()).await.err().unwrap();
    let expected = "Couldn't find or create file 'no/such/dir/out.txt' for FileStreamSinkTask";
    assert!(error.trace().contains(expected), "{}", error.trace());
}

fn lines(count: i64, text: &str) -> Vec<api::data::SinkRecord> {
    let topic: api::data::Topic = "t".into();
    let record = |offset| api::data::SinkRecord {
        record: api::data::Record {
            topic: topic.clone(),
            partition: Some(0),
            key: api::data::Datum::NULL,
            value: api::data::Datum::schemaless(api::data::Value::string(format!("{text} {offset}"))),
            timestamp: None,
            headers: Vec::new(),
        },
        origin_topic: topic.clone(),
        origin_partition: 0,
        offset,
        timestamp_type: api::data::TimestampType::NoTimestampType,
    };
    (0..count).map(record).collect()
}

async fn sink(path: &str) -> Box<dyn api::dynamic::DynSinkTask> {
    let mut registry = Registry::new();
    sluice_connector_file::register(&mut registry);
    let ConnectorClass::Sink(class) = registry.connector("FileStreamSink").unwrap() else { panic!("a sink") };
    class.start_task(RawConfig::new().with("file", path), Lent::default().sink()).await.unwrap()
}

// `/dev/full` takes nothing, like a full disk.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_refuses_the_batch_that_it_did_not_take() {
    let mut task = sink("/dev/full").await;
    for attempt in 0..3 {
        let error =
            task.put(&lines(100, "x")).await.expect_err("nothing was written, so nothing is accepted");
        assert_eq!(error.kind(), ErrorKind::Retry, "attempt {attempt}");
        assert!(error.trace().contains("No space left"), "{}", error.trace());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_device_without_a_disk_can_be_flushed() {
    let mut task = sink("/dev/null").await;
    task.put(&lines(3, "x")).await.unwrap();
    let accepted = api::data::Offsets::from([(api::data::TopicPartition::new("t", 0), 3)]);
    assert_eq!(task.flush(&accepted).await.unwrap(), accepted);
}

#[tokio::test]
async fn a_file_that_is_cut_while_it_is_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut task = source(&path.to_string_lossy(), &Lent::default()).await.unwrap();
    assert_eq!(task.poll(WAIT).await.unwrap().records.len(), 2);
    assert!(task.poll(WAIT).await.unwrap().records.is_empty());
    std::fs::write(&path, "new\n").unwrap();
    let mut said = None;
    for _ in 0..3 {
        match task.poll(WAIT).await {
            Ok(batch) => assert!(batch.records.is_empty()),
            Err(error) => said = Some(error),
        }
    }
    let error = said.unwrap();
    assert!(error.is_retriable() && error.to_string().contains("4 bytes, but 8 were read"), "{error}");
    // As long as it was: reading goes on.
    std::fs::write(&path, "new\nnew\nthree\n").unwrap();
    assert_eq!(task.poll(WAIT).await.unwrap().records.len(), 1);
}
