//! kill -9 of the worker at seeded moments, again and again, while rows are written: nothing is missing, order holds,
//! and no object is ever there with other bytes.
//!
//! The seed is printed; `SLUICE_KILL_SEED` runs one again, `SLUICE_KILLS` changes how many (50).
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use config::RawConfig;
use data::TopicPartition;
use kafka::librdkafka::RdKafkaClients;
use kafka::{ClientSettings, Clients, Polled, Subscription};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const TOPIC: &str = "kill.items";
const FLUSH: i64 = 37;
const ROWS_A_ROUND: i64 = 200;

struct Rig {
    folder: tempfile::TempDir,
    broker: dev_broker::Broker,
    s3: dev_s3::Server,
    database: rusqlite::Connection,
    rows: i64,
}

impl Rig {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let broker = dev_broker::Options::default().start().await.unwrap();
        let s3 = dev_s3::Options::new(folder.path().join("s3")).bucket("lake").start().await.unwrap();
        let database = rusqlite::Connection::open(folder.path().join("items.sqlite")).unwrap();
        database.pragma_update(None, "journal_mode", "WAL").unwrap();
        database
            .execute_batch("CREATE TABLE items (id BIGINT PRIMARY KEY NOT NULL, text TEXT NOT NULL)")
            .unwrap();
        let rig = Self { folder, broker, s3, database, rows: 0 };
        rig.write_files();
        rig
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_files(&self) {
        let properties = format!(
            "bootstrap.servers={}\nlisteners=http://127.0.0.1:0\n\
             key.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n\
             offset.storage.file.filename={}\noffset.flush.interval.ms=20\n",
            self.broker.bootstrap(),
            self.path("offsets").display()
        );
        std::fs::write(self.path("worker.properties"), properties).unwrap();
        let source = format!(
            "name=source\nconnector.class=io.confluent.connect.jdbc.JdbcSourceConnector\n\
             connection.url=jdbc:sqlite:{}\ntable.whitelist=items\nmode=incrementing\nincrementing.column.name=id\n\
             topic.prefix=kill.\npoll.interval.ms=5\nbatch.max.rows=50\n",
            self.path("items.sqlite").display()
        );
        std::fs::write(self.path("source.properties"), source).unwrap();
        let sink = format!(
            "name=sink\nconnector.class=io.confluent.connect.s3.S3SinkConnector\ntopics={TOPIC}\n\
             storage.class=io.confluent.connect.s3.storage.S3Storage\n\
             format.class=io.confluent.connect.s3.format.json.JsonFormat\nstore.url={}\ns3.bucket.name=lake\n\
             aws.access.key.id=sluice\naws.secret.access.key=sluice-secret\nflush.size={FLUSH}\n\
             consumer.override.session.timeout.ms=6000\nconsumer.override.heartbeat.interval.ms=200\n",
            self.s3.endpoint()
        );
        std::fs::write(self.path("sink.properties"), sink).unwrap();
    }

    fn start_worker(&self) -> Worker {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.path("worker.log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_sluice"))
            .args(["worker", "--standalone"])
            .args(["worker.properties", "source.properties", "sink.properties"].map(|name| self.path(name)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Worker(child)
    }

    fn insert(&mut self, count: i64) {
        let transaction = self.database.transaction().unwrap();
        for _ in 0..count {
            self.rows += 1;
            let text = format!("item {}", self.rows);
            transaction
                .execute("INSERT INTO items VALUES (?, ?)", rusqlite::params![self.rows, text])
                .unwrap();
        }
        transaction.commit().unwrap();
    }

    // Objects by name, with their bytes, as the server has them on disk.
    fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut objects = BTreeMap::new();
        let root = self.path("s3/lake/topics");
        collect(&root, &root, &mut objects);
        objects
    }
}

// Dropping it is kill -9.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn collect(root: &Path, folder: &Path, objects: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(root, &path, objects);
        } else if name.ends_with(".json") && !entry.file_name().to_string_lossy().starts_with('.') {
            // An object may be replaced while it is read: only a file that can be read counts.
            if let Ok(bytes) = std::fs::read(&path) {
                objects.insert(name, bytes);
            }
        }
    }
}

fn id_of(line: &[u8]) -> i64 {
    let text = std::str::from_utf8(line).expect("UTF-8");
    let number = text.strip_prefix("{\"id\":").and_then(|rest| rest.split(',').next()).expect("an id");
    number.parse().expect("a number")
}

async fn read_topic(bootstrap: &str) -> Vec<i64> {
    let clients = RdKafkaClients::new();
    let settings = RawConfig::new().with("bootstrap.servers", bootstrap);
    let admin = clients.admin(&ClientSettings(settings.clone())).unwrap();
    let partition = TopicPartition::new(TOPIC, 0);
    let end = admin.end_offsets(std::slice::from_ref(&partition)).await.unwrap()[&partition];
    let settings = settings.with("group.id", "kill-proof").with("auto.offset.reset", "earliest");
    let topics = Subscription::Topics(vec![TOPIC.to_owned()]);
    let mut consumer = clients.consumer(&ClientSettings(settings), &topics).unwrap();
    let mut ids = Vec::new();
    while (ids.len() as i64) < end {
        if let Polled::Records(batch) = consumer.poll(Duration::from_millis(100)).await.unwrap() {
            ids.extend(batch.records.iter().map(|record| id_of(record.value.as_ref().expect("a value"))));
        }
    }
    consumer.close().await;
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missing_and_no_object_changes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("SLUICE_KILL_SEED").unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    let kills = number("SLUICE_KILLS").unwrap_or(50);
    println!("SLUICE_KILL_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut rig = Rig::new().await;
    let mut seen: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut check_unchanged = |objects: BTreeMap<String, Vec<u8>>, when: &str| {
        for (name, bytes) in objects {
            if let Some(before) = seen.get(&name) {
                assert!(*before == bytes, "object {name} has other bytes {when} (seed {seed})");
            }
            seen.insert(name, bytes);
        }
    };
    for kill in 0..kills {
        let worker = rig.start_worker();
        rig.insert(ROWS_A_ROUND);
        // The moment of the kill is what is random here, not a wait for something to happen.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
        drop(worker);
        check_unchanged(rig.objects(), &format!("after kill {kill}"));
    }
    // The last run may finish: a whole number of files covers all rows.
    let worker = rig.start_worker();
    let mut ids = Vec::new();
    for patience in 0.. {
        let objects = rig.objects();
        let lines = |bytes: &Vec<u8>| {
            bytes.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).map(id_of).collect::<Vec<_>>()
        };
        let found: BTreeSet<i64> = objects.values().flat_map(lines).collect();
        let topic = read_topic(&rig.broker.bootstrap()).await;
        let covered = topic.len() as i64 / FLUSH * FLUSH;
        let whole = objects
            .values()
            .map(|bytes| bytes.iter().filter(|byte| **byte == b'\n').count() as i64)
            .sum::<i64>();
        if topic.contains(&rig.rows) && whole == covered {
            check_unchanged(objects, "at the end");
            let expected: BTreeSet<i64> = topic[..covered as usize].iter().copied().collect();
            assert_eq!(found, expected, "the bucket has other rows than the topic (seed {seed})");
            ids = topic;
            break;
        }
        let log = || std::fs::read_to_string(rig.path("worker.log")).unwrap_or_default();
        assert!(
            patience < 600,
            "not done (seed {seed}): {} of {} rows in the topic, {whole} of {covered} in the bucket\n{}",
            topic.len(),
            rig.rows,
            log().lines().rev().take(20).collect::<Vec<_>>().join("\n")
        );
        tokio::time::sleep(Duration::from_millis(100)).await; // polls a condition, with a bound
    }
    drop(worker);
    // Invariant 1: nothing is missing. Repeats are allowed, and after each the order is that of the table.
    let distinct: BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!(distinct, (1..=rig.rows).collect(), "rows are missing in the topic (seed {seed})");
    for pair in ids.windows(2) {
        assert!(
            pair[1] <= pair[0] + 1,
            "row {} follows row {}: one was skipped (seed {seed})",
            pair[1],
            pair[0]
        );
    }
    println!(
        "{kills} kills, {} rows, {} records, {} repeats",
        rig.rows,
        ids.len(),
        ids.len() as i64 - rig.rows
    );
}
