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
