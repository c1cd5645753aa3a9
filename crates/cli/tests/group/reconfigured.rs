//! Work that a new config moves from a task on one worker to a task on another: it is read once, because no task of the
//! new config begins before all of the old one have stopped.

use serde_json::{Value, json};

use crate::stage::{Stage, Worker, eventually};
use crate::topic;

fn config(path: &std::path::Path, tables: &str) -> Value {
    json!({
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
        "connection.url": format!("jdbc:sqlite:{}", path.display()),
        "table.whitelist": tables, "mode": "incrementing", "incrementing.column.name": "id",
        "topic.prefix": "", "poll.interval.ms": "2", "batch.max.rows": "5", "tasks.max": "2",
    })
}

// Both tasks run, on different workers.
fn spread(workers: [&Worker; 2]) {
    let mut ids = workers.map(|worker| worker.id.clone());
    ids.sort();
    eventually("each worker has a task", || {
        let mut owners = workers[0].tasks("rows", &["RUNNING", "RUNNING"]);
        owners.sort();
        if owners == ids { Ok(()) } else { Err(format!("{owners:?}")) }
    });
}

async fn each_row_once(protocol: &str) {
    let stage = Stage::new(&[("connect.protocol", protocol)]).await;
    let path = stage.path("items.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    for table in ["one", "two"] {
        let made = format!("CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, x INTEGER)");
        database.execute_batch(&made).unwrap();
    }
    let mut rows = 0;
    let mut add = |count: usize| {
        for table in ["one", "two"] {
            let values = vec!["(1)"; count].join(",");
            database.execute_batch(&format!("INSERT INTO {table} (x) VALUES {values}")).unwrap();
        }
        rows += count;
        rows
    };
    add(10);
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    a.create("rows", &config(&path, "one,two"));
    spread([&a, &b]);
    for turn in 0..6 {
        // Each table goes to the other task, while there are rows to read.
        let tables = ["two,one", "one,two"][turn % 2];
        add(200);
        eventually("it has another config", || {
            let answer = a.send("PUT", "/connectors/rows/config", &config(&path, tables));
            if answer.status == 200 { Ok(()) } else { Err(answer.body) }
        });
        spread([&a, &b]);
    }
    let all = add(1);
    for table in ["one", "two"] {
        topic::until(&stage.broker.bootstrap(), table, |texts| {
            texts.iter().any(|text| text.contains(&format!("\"id\":{all},")))
        })
        .await;
        let seen = topic::committed(&stage.broker.bootstrap(), table).await;
        let ids: Vec<usize> = seen
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()["id"].as_u64().unwrap() as usize)
            .collect();
        assert_eq!(ids, (1..=all).collect::<Vec<_>>(), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_change_their_task_are_read_once() {
    each_row_once("sessioned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_change_their_task_are_read_once_in_an_eager_group() {
    each_row_once("eager").await;
}
