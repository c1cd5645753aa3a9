//! The internal topics of a group's worker, on a cluster in memory.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use api::data::{Bytes, OffsetMap, Primitive};
use config::RawConfig;
use kafka::memory::{Cluster, SendFault};
use kafka::{ClientSettings, CompactedLog, Error, LogSettings, NewTopic};
use sluice_herder::distributed::{Announced, ConfigTopic, OffsetTopic, StatusTopic};
use sluice_herder::{
    Announcement, Change, SigningRules, SourceOffsets, StatusChange, Statuses, Store, Target, TaskId,
};
use task::OffsetStore;

fn settings(topic: &str, partitions: i32) -> LogSettings {
    let client = ClientSettings(RawConfig::new().with("bootstrap.servers", "memory:1").with("group.id", "g"));
    LogSettings {
        topic: NewTopic {
            name: topic.to_owned(),
            partitions,
            replication_factor: 1,
            configs: BTreeMap::from([("cleanup.policy".to_owned(), "delete".to_owned())]),
        },
        create: true,
        key: "config.storage.topic",
        one_partition: partitions == 1,
        consumer: client.clone(),
        producer: client.clone(),
        admin: client,
    }
}

async fn log(cluster: &Cluster, topic: &str, partitions: i32) -> CompactedLog {
    CompactedLog::open(&cluster.clients(), &settings(topic, partitions)).await.unwrap()
}

async fn opened(cluster: &Cluster, announced: Announced) -> ConfigTopic {
    ConfigTopic::open(log(cluster, "configs", 1).await, announced).await.unwrap()
}

fn config(text: &str) -> RawConfig {
    RawConfig::new().with("a", text)
}

fn created(text: &str) -> Change {
    Change::Config { name: "c".into(), config: config(text), target: None }
}

fn tasks(texts: &[&str], applied: Option<u64>) -> Change {
    Change::Tasks { name: "c".into(), configs: texts.iter().map(|text| config(text)).collect(), applied }
}

#[tokio::test]
async fn what_is_written_is_there_for_the_next_worker() {
    let cluster = Cluster::new();
    let mut topic = opened(&cluster, Arc::new(drop)).await;
    assert_eq!((topic.stored(), topic.offset()), (vec![], -1));
    let started = Change::Config { name: "c".into(), config: config("1"), target: Some(Target::Started) };
    assert_eq!(topic.write(created("1")).await.unwrap(), std::slice::from_ref(&started));
    let written = topic.write(tasks(&["t0", "t1"], Some(7))).await.unwrap();
    assert_eq!(written, [tasks(&["t0", "t1"], Some(7))], "it is known what these were made of");
    let paused = Change::Target { name: "c".into(), target: Target::Paused };
    assert_eq!(topic.write(paused.clone()).await.unwrap(), std::slice::from_ref(&paused));
    let keys: Vec<_> = cluster.records("configs").into_iter().map(|record| record.key.unwrap()).collect();
    assert_eq!(keys, ["connector-c", "task-c-0", "task-c-1", "commit-c", "target-state-c"]);

    let mut next = opened(&cluster, Arc::new(drop)).await;
    assert_eq!(next.stored(), [started, tasks(&["t0", "t1"], None), paused]);
    assert_eq!(next.offset(), 5);
    next.write(Change::Deleted { name: "c".into() }).await.unwrap();
    // The other one sees it without having asked.
    assert_eq!(topic.next().await, Change::Deleted { name: "c".into() });
}

// A session key is for whoever comes later, too; a logger's level is not.
#[tokio::test]
async fn announcements_reach_every_worker() {
    let cluster = Cluster::new();
    let heard: [Arc<Mutex<Vec<Announcement>>>; 3] = Default::default();
    let hear = |index: usize| -> Announced {
        let heard = heard[index].clone();
        Arc::new(move |announcement| heard.lock().unwrap().push(announcement))
    };
    let (mut one, mut other) = (opened(&cluster, hear(0)).await, opened(&cluster, hear(1)).await);
    let key = SigningRules::default().new_key(7).unwrap();
    let said = [
        Announcement::SessionKey(key.clone()),
        Announcement::Level { logger: "a.b".to_owned(), level: "DEBUG".to_owned() },
    ];
    for announcement in said.clone() {
        assert_eq!(one.announce(announcement).await.unwrap(), []);
    }
    assert_eq!(other.catch_up().await.unwrap(), []);
    let _third = opened(&cluster, hear(2)).await;
    let heard = heard.map(|heard| heard.lock().unwrap().clone());
    assert_eq!(heard, [said.to_vec(), said.to_vec(), vec![Announcement::SessionKey(key.clone())]]);
    assert!(!format!("{heard:?}").contains(&key.key), "invariant 5");
}

// A worker that starts later has it, too; another connector of the same name has not, whatever compaction leaves.
#[tokio::test]
async fn a_connectors_log_level_is_kept_until_it_is_deleted() {
    let cluster = Cluster::new();
    let start = async || {
        let heard: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let hears = heard.clone();
        let announced: Announced = Arc::new(move |announcement| match announcement {
            Announcement::ConnectorLevel { connector, level } => {
                assert_eq!(&*connector, "c");
                hears.lock().unwrap().push(level);
            }
            other => panic!("{other:?}"),
        });
        let topic = opened(&cluster, announced).await;
        (topic, move || std::mem::take(&mut *heard.lock().unwrap()))
    };
    let level = |level: Option<&str>| Announcement::ConnectorLevel {
        connector: "c".into(),
        level: level.map(str::to_owned),
    };
    let debug = || vec![Some("DEBUG".to_owned())];
    let (mut one, one_heard) = start().await;
    one.write(created("1")).await.unwrap();
    one.announce(level(Some("DEBUG"))).await.unwrap();
    assert_eq!(one_heard(), debug());
    let (mut two, two_heard) = start().await;
    assert_eq!(two_heard(), debug(), "it starts with it");
    two.write(created("2")).await.unwrap();
    assert_eq!(two_heard(), [], "another config is no word about it");
    two.announce(level(None)).await.unwrap();
    two.announce(level(Some("DEBUG"))).await.unwrap();
    one.catch_up().await.unwrap();
    assert_eq!(one_heard(), [None, Some("DEBUG".to_owned())]);
    let stored = || -> Vec<(String, bool)> {
        let key = |bytes: Option<Bytes>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        cluster.records("configs").into_iter().map(|it| (key(it.key), it.value.is_some())).collect()
    };
    let before = stored().len();
    one.write(Change::Deleted { name: "c".into() }).await.unwrap();
    let written = stored().split_off(before);
    assert!(written.contains(&("logger-cluster-sluice.connector.c".to_owned(), false)), "{written:?}");
    two.catch_up().await.unwrap();
    assert_eq!((one_heard().last(), two_heard().last()), (Some(&None), Some(&None)));
    one.write(created("3")).await.unwrap();
    assert_eq!((start().await.1)(), []);
    one.write(Change::Deleted { name: "c".into() }).await.unwrap();
    assert_eq!(stored().len(), before + written.len() + 3, "without a level, nothing is taken back");
}

#[tokio::test]
async fn what_others_wrote_before_a_write_comes_first() {
    let cluster = Cluster::new();
    let mut one = opened(&cluster, Arc::new(drop)).await;
    let mut other = opened(&cluster, Arc::new(drop)).await;
    one.write(created("1")).await.unwrap();
    let changes = other.write(Change::Deleted { name: "c".into() }).await.unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(changes[1], Change::Deleted { name: "c".into() });
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing_and_loses_nothing() {
    let cluster = Cluster::new();
    let mut one = opened(&cluster, Arc::new(drop)).await;
    let mut other = opened(&cluster, Arc::new(drop)).await;
    other.write(created("1")).await.unwrap();
    cluster.fail_next_sends(1, SendFault::Retriable);
    assert!(one.write(Change::Deleted { name: "c".into() }).await.is_err());
    assert!(matches!(one.next().await, Change::Config { .. }), "what the other wrote");
}

// A leader that died between the task configs and their commit: they do not count.
#[tokio::test]
async fn task_configs_without_their_commit_do_not_count() {
    let cluster = Cluster::new();
    let mut topic = opened(&cluster, Arc::new(drop)).await;
    topic.write(created("1")).await.unwrap();
    cluster.append("configs", 0, Some("task-c-0"), Some(r#"{"properties":{"a":"never"}}"#));
    cluster.append("configs", 0, Some("garbage"), Some("{"));
    cluster.append("configs", 0, Some("connector-broken"), Some("{"));
    let mut next = opened(&cluster, Arc::new(drop)).await;
    assert_eq!(next.stored().len(), 1);
    assert_eq!(next.write(tasks(&["0"], Some(1))).await.unwrap(), [tasks(&["0"], Some(1))]);
}

#[tokio::test]
async fn a_topic_that_loses_records_or_order_is_refused() {
    let cluster = Cluster::new();
    cluster.create_topic("deleting", 1);
    let open = async |settings: LogSettings| {
        CompactedLog::open(&cluster.clients(), &settings).await.err().map(|error| error.to_string())
    };
    let why = open(settings("deleting", 1)).await.unwrap();
    assert!(why.contains("cleanup.policy=delete") && why.contains("config.storage.topic"), "{why}");
    drop(log(&cluster, "wide", 3).await);
    let why = open(settings("wide", 1)).await.unwrap();
    assert!(why.contains("single partition") && why.contains("found 3"), "{why}");
    let why = open(LogSettings { create: false, ..settings("absent", 1) }).await.unwrap();
    assert!(why.contains("does not exist"), "{why}");
    assert!(!cluster.topics().contains(&"absent".to_owned()));
    assert_eq!(cluster.topic_configs("wide")["cleanup.policy"], "compact", "whatever is asked for");
    cluster.fail_next_admin_calls(1);
    let error = CompactedLog::open(&cluster.clients(), &settings("wide", 3)).await.err();
    assert!(matches!(error, Some(Error::Retriable { .. })), "{error:?}");
}

fn map(name: &str, value: Primitive) -> OffsetMap {
    OffsetMap::new().with(name, value)
}

#[tokio::test]
async fn offsets_are_found_by_whoever_asks_next() {
    let cluster = Cluster::new();
    let one = OffsetTopic::open(log(&cluster, "offsets", 25).await).await.unwrap();
    let other = OffsetTopic::open(log(&cluster, "offsets", 25).await).await.unwrap();
    let (a, b) = (map("file", Primitive::String("a".into())), map("file", Primitive::String("b".into())));
    let at = |position| map("position", Primitive::Int(position));
    one.alter("c", &[(Some(a.clone()), Some(at(1))), (Some(b.clone()), Some(at(2)))]).await.unwrap();
    one.alter("d", &[(Some(a.clone()), Some(at(9))), (None, Some(at(3)))]).await.unwrap();
    let found = other.load("c", &[b.clone(), a.clone(), at(0)]).await.unwrap();
    assert_eq!(found, [Some(at(2)), Some(at(1)), None]);
    assert_eq!(other.list("d").await.unwrap(), [(a.clone(), at(9))], "a null partition is never listed");
    one.alter("c", &[(Some(a.clone()), None)]).await.unwrap();
    assert_eq!(other.list("c").await.unwrap(), [(b, at(2))]);

    let keys: Vec<_> = cluster.records("offsets").into_iter().map(|record| record.key.unwrap()).collect();
    assert!(keys.iter().any(|key| **key == *br#"["c",{"file":"a"}]"#), "{keys:?}");
    cluster.fail_next_sends(1, SendFault::Retriable);
    assert!(one.alter("c", &[(Some(a), Some(at(5)))]).await.is_err());
}

#[tokio::test]
async fn statuses_are_told_once_and_forgotten_with_their_connector() {
    let cluster = Cluster::new();
    let mut topic = StatusTopic::open(log(&cluster, "statuses", 5).await, "h:1".to_owned()).await.unwrap();
    let task = TaskId { connector: "c".into(), task: 0 };
    let running =
        |state| StatusChange::Task { id: task.clone(), state, trace: None, version: Some("1".to_owned()) };
    topic.publish(running("RUNNING"));
    topic.publish(running("RUNNING"));
    topic.publish(StatusChange::TopicUsed { id: task.clone(), topic: "t".to_owned(), now_ms: 5 });
    topic.publish(StatusChange::TopicUsed { id: task.clone(), topic: "t".to_owned(), now_ms: 6 });
    topic.flush().await;
    assert_eq!(
        values(&cluster),
        [
            (
                "status-task-c-0".to_owned(),
                Some(
                    r#"{"state":"RUNNING","trace":null,"worker_id":"h:1","generation":0,"version":"1"}"#
                        .to_owned()
                )
            ),
            (
                "status-topic-t:connector-c".to_owned(),
                Some(r#"{"topic":{"name":"t","connector":"c","task":0,"discoverTimestamp":5}}"#.to_owned())
            ),
        ]
    );

    drop(topic); // who runs a task and does not know that its connector is gone says again how it is
    let mut next = StatusTopic::open(log(&cluster, "statuses", 5).await, "h:2".to_owned()).await.unwrap();
    assert_eq!(next.topics(), [(Arc::from("c"), "t".to_owned())]);
    cluster.fail_next_sends(1, SendFault::Retriable);
    next.publish(StatusChange::ConnectorGone("c".into()));
    next.flush().await;
    assert_eq!(
        values(&cluster),
        [("status-task-c-0".to_owned(), None), ("status-topic-t:connector-c".to_owned(), None)]
    );
}

#[tokio::test]
async fn statuses_of_what_is_no_longer_wanted_are_forgotten() {
    let cluster = Cluster::new();
    let status = r#"{"state":"RUNNING","trace":null,"worker_id":"h:9","generation":3}"#;
    drop(log(&cluster, "statuses", 5).await);
    for key in ["status-connector-c", "status-task-c-0", "status-task-c-1", "status-connector-d"] {
        cluster.append("statuses", 0, Some(key), Some(status));
    }
    let mut topic = StatusTopic::open(log(&cluster, "statuses", 5).await, "h:1".to_owned()).await.unwrap();
    topic.retain(&|name, task| **name == *"c" && task.is_none_or(|task| task == 0));
    topic.flush().await;
    let gone: Vec<_> =
        values(&cluster).into_iter().filter(|(_, value)| value.is_none()).map(|it| it.0).collect();
    assert_eq!(gone, ["status-connector-d", "status-task-c-1"]);
}

// The newest value of each key.
fn values(cluster: &Cluster) -> Vec<(String, Option<String>)> {
    let mut newest = BTreeMap::new();
    for record in cluster.records("statuses") {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        newest.insert(text(&record.key.unwrap()), record.value.map(|value| text(&value)));
    }
    newest.into_iter().collect()
}

// A worker that stood still says late what was so, and a leader's word may have been held up: who runs a task says again
// how it is. It does not fight with who has it in a later generation.
#[tokio::test]
async fn who_runs_a_task_has_the_last_word() {
    let cluster = Cluster::new();
    let mut owner = StatusTopic::open(log(&cluster, "statuses", 1).await, "h:1".to_owned()).await.unwrap();
    let task = |state| StatusChange::Task {
        id: TaskId { connector: "c".into(), task: 0 },
        state,
        trace: None,
        version: None,
    };
    let said = |state: &str, worker: &str, generation: i32| {
        format!(
            r#"{{"state":"{state}","trace":null,"worker_id":"{worker}","generation":{generation},"version":null}}"#
        )
    };
    let ours = said("RUNNING", "h:1", 7);
    let until = async |count: usize| {
        while cluster.records("statuses").len() < count {
            tokio::task::yield_now().await;
        }
        let last = values(&cluster).pop().unwrap().1;
        last.unwrap_or_default()
    };
    owner.set_generation(7);
    owner.publish(task("RUNNING"));
    assert_eq!(until(1).await, ours);
    let key = Some("status-task-c-0");
    let late = [Some(said("RESTARTING", "h:2", 5)), Some(said("UNASSIGNED", "h:2", 7)), None];
    // What was appended is read before anything else is said: so that it is known which is newer.
    let read = async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    for (round, late) in late.into_iter().enumerate() {
        read().await;
        cluster.append("statuses", 0, key, late.as_deref());
        assert_eq!(until(3 + 2 * round).await, ours, "after {late:?}");
    }
    read().await;
    cluster.append("statuses", 0, key, Some(&said("RUNNING", "h:2", 8)));
    read().await;
    owner.publish(task("UNASSIGNED"));
    read().await;
    assert_eq!(cluster.records("statuses").len(), 8, "nothing more was said");
    assert_eq!(until(8).await, said("RUNNING", "h:2", 8));
}
