//! kill -9 of an exactly-once worker at seeded moments while rows are written: who reads what is committed sees each row
//! once, in order.
//!
//! The seed is printed; `SLUICE_KILL_SEED` runs one again, `SLUICE_KILLS` changes how many.

use std::io::Write;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::stage::{Stage, eventually};
use crate::topic;

/// Where a source reads from, and how it is written to.
enum Origin {
    File(std::fs::File),
    Table(rusqlite::Connection),
}

impl Origin {
    fn file(stage: &Stage) -> (Self, Value) {
        let path = stage.path("lines");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
        let config = json!({
            "connector.class": "FileStreamSource", "file": path, "topic": "rows", "batch.size": "20",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        });
        (Self::File(file), config)
    }

    fn table(stage: &Stage) -> (Self, Value) {
        let path = stage.path("items.sqlite");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.pragma_update(None, "journal_mode", "WAL").unwrap();
        database.execute_batch("CREATE TABLE rows (id BIGINT PRIMARY KEY NOT NULL)").unwrap();
        let config = json!({
            "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
            "connection.url": format!("jdbc:sqlite:{}", path.display()),
            "table.whitelist": "rows", "mode": "incrementing", "incrementing.column.name": "id",
            "topic.prefix": "", "poll.interval.ms": "5", "batch.max.rows": "20",
        });
        (Self::Table(database), config)
    }

    fn add(&mut self, ids: std::ops::Range<u64>) {
        match self {
            Self::File(file) => {
                let lines: String = ids.map(|id| format!("{id}\n")).collect();
                file.write_all(lines.as_bytes()).unwrap();
            }
            Self::Table(database) => {
                let transaction = database.transaction().unwrap();
                for id in ids {
                    transaction.execute("INSERT INTO rows VALUES (?)", [id as i64]).unwrap();
                }
                transaction.commit().unwrap();
            }
        }
    }
}

// A row as the topic has it: a line, or JSON.
fn id_of(value: &str) -> u64 {
    value.trim_start_matches("{\"id\":").trim_end_matches('}').parse().unwrap_or_else(|_| panic!("{value}"))
}

async fn each_row_once(origin: impl Fn(&Stage) -> (Origin, Value)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("SLUICE_KILL_SEED").unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    let kills = number("SLUICE_KILLS").unwrap_or(10);
    println!("SLUICE_KILL_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // A killed worker is a member until its session is over: what it had waits so long.
    let keys = [
        ("exactly.once.source.support", "enabled"),
        ("session.timeout.ms", "500"),
        ("heartbeat.interval.ms", "100"),
    ];
    let stage = Stage::new(&keys).await;
    let (mut origin, config) = origin(&stage);
    let mut rows = 0;
    let mut more = |origin: &mut Origin, count: u64| {
        origin.add(rows..rows + count);
        rows += count;
        rows
    };
    more(&mut origin, 10);
    let worker = stage.worker("worker");
    worker.create("rows", &config);
    let mut running = Some(worker);
    for _ in 0..kills {
        let worker = running.take().unwrap_or_else(|| stage.worker("worker"));
        // Rows come while it starts, while it works, and while it is killed. The moment is what is random.
        for _ in 0..random.random_range(1..12) {
            more(&mut origin, random.random_range(1..100));
            tokio::time::sleep(Duration::from_millis(random.random_range(0..200))).await;
        }
        drop(worker);
    }
    let worker = stage.worker("worker");
    let all = more(&mut origin, 1);
    let last = |texts: &[String]| texts.iter().any(|text| id_of(text) == all - 1);
    topic::until(&stage.broker.bootstrap(), "rows", last).await;
    eventually("it runs to the end", || {
        let tasks = worker.tasks("rows", &["RUNNING"]);
        if tasks == [worker.id.clone()] { Ok(()) } else { Err(format!("{tasks:?}")) }
    });
    drop(worker);
    let seen: Vec<u64> =
        topic::committed(&stage.broker.bootstrap(), "rows").await.iter().map(|text| id_of(text)).collect();
    println!("{kills} kills, {all} rows, {} committed", seen.len());
    let wrong = seen.iter().zip(0..).find(|(seen, expected)| *seen != expected);
    assert!(wrong.is_none(), "(row, expected) {wrong:?} of {} (seed {seed})", seen.len());
    assert_eq!(seen.len() as u64, all, "(seed {seed})");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_a_file_is_there_once_whenever_the_worker_is_killed() {
    each_row_once(Origin::file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_of_a_table_is_there_once_whenever_the_worker_is_killed() {
    each_row_once(Origin::table).await;
}
