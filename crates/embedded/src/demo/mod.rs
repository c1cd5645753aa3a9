//! The demo: rows of a database, through Kafka, into S3, and the proof that all arrived.

mod bucket;
mod database;
mod fingerprint;
mod orders;
mod topic;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use database::Database;
pub use fingerprint::Fingerprint;

use crate::Error;
use crate::stack::{self, Stack};

/// The source connector, as a file of this repository.
const SOURCE: &str = include_str!("../../demo/orders-source.json");
/// The sink connector, as a file of this repository.
const SINK: &str = include_str!("../../demo/orders-sink.json");
/// The topic that both name.
pub const TOPIC: &str = "demo.orders";

/// Rows come within milliseconds, and the last ones after the sink's `rotate.schedule.interval.ms`: nothing for so
/// long means that nothing will come.
const STANDSTILL: Duration = Duration::from_secs(30);

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many rows.
    pub rows: u64,
    /// A PostgreSQL to use instead of SQLite, by URL.
    pub postgres: Option<String>,
    /// Where data stays; none: gone at the end.
    pub data: Option<PathBuf>,
}

/// Is told how far the demo is.
pub trait Progress: Send + Sync {
    /// A step begins.
    fn step(&self, what: &str);
    /// Rows that have arrived.
    fn moved(&self, in_topic: u64, in_bucket: u64);
}

/// What was measured and found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which database it was.
    pub database_name: &'static str,
    /// What is in the table.
    pub database: Fingerprint,
    /// What is in the topic.
    pub topic: Fingerprint,
    /// What is in the bucket.
    pub bucket: Fingerprint,
    /// Objects in the bucket.
    pub objects: usize,
    /// From the creation of the source to the last row in the bucket, in seconds.
    pub seconds: f64,
    /// The most memory that the worker used, in bytes, where it is known.
    pub worker_peak_bytes: Option<u64>,
}

impl Outcome {
    /// Whether every field of every row is the same at the three places.
    pub fn is_equal(&self) -> bool {
        self.database == self.topic && self.topic == self.bucket
    }

    /// What differs, in one line; empty when nothing does.
    pub fn difference(&self) -> String {
        let places = [("topic", &self.topic), ("bucket", &self.bucket)];
        let differing = places.into_iter().filter(|(_, found)| **found != self.database).map(
            |(place, found)| match found.rows == self.database.rows {
                true => format!("the {place} has as many rows as the database, but not the same ones"),
                false => format!("the {place} has {} rows, the database {}", found.rows, self.database.rows),
            },
        );
        differing.collect::<Vec<_>>().join("; ")
    }
}

/// Runs the demo; the stack stays up for whoever wants to look at it.
///
/// # Errors
/// Something did not work: one line that says what. Differing data is no error but an [`Outcome`].
pub async fn run(options: Options, progress: &dyn Progress) -> Result<(Outcome, Stack), Error> {
    progress.step("starting broker, S3 server and worker");
    let folder = stack::Folder::open(options.data.as_deref())?;
    if let Some(path) = &options.data {
        // The rows of an earlier demo would be counted as this one's, and a table of the user's would be dropped.
        for held in ["orders.sqlite", "kafka", "s3", "worker"].map(|name| path.join(name)) {
            if held.exists() {
                return Err(Error::new(format!(
                    "--data {}: {} is there already; the demo begins in a folder of its own: choose another one, or \
                     remove it",
                    path.display(),
                    held.display()
                )));
            }
        }
    }
    let database = match &options.postgres {
        Some(url) => Database::postgres(url)?,
        None => Database::Sqlite(folder.path().join("orders.sqlite")),
    };
    let s3_port = crate::port::free()?;
    let options_of_stack = stack::Options {
        data: options.data.clone(),
        s3_port: Some(s3_port),
        environment: environment(&database, s3_port),
        ..stack::Options::default()
    };
    let mut stack = Stack::start_in(folder, options_of_stack).await?;
    progress.step(&format!("filling {} with {} orders", database.name(), options.rows));
    database.fill(options.rows).await?;
    progress.step("creating the connectors orders-source and orders-sink");
    let started = Instant::now();
    create(&stack, SOURCE).await?;
    create(&stack, SINK).await?;
    let mut bucket = bucket::Bucket::open(&stack)?;
    let watcher = topic::Topic::open(&stack.bootstrap())?;
    let mut last = ((0, 0), Instant::now());
    while bucket.rows() < options.rows {
        check(&mut stack).await?;
        bucket.read_new().await?;
        let moved = (watcher.end().await?, bucket.rows());
        progress.moved(moved.0, moved.1);
        if moved != last.0 {
            last = (moved, Instant::now());
        } else if last.1.elapsed() > STANDSTILL {
            return Err(standstill(&mut stack, moved).await);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let worker_peak_bytes = stack.worker().peak_memory();
    progress.step("comparing every field of every row");
    bucket.read_new().await?; // a row too many would be found here
    let outcome = Outcome {
        database_name: database.name(),
        database: database.fingerprint().await?,
        topic: watcher.fingerprint().await?,
        bucket: bucket.fingerprint(),
        objects: bucket.objects(),
        seconds,
        worker_peak_bytes,
    };
    Ok((outcome, stack))
}

fn environment(database: &Database, s3_port: u16) -> Vec<(String, String)> {
    let connection = database.connection();
    let variables = [
        ("SLUICE_DEMO_DATABASE_URL", connection.url),
        ("SLUICE_DEMO_DATABASE_USER", connection.user),
        ("SLUICE_DEMO_DATABASE_PASSWORD", connection.password),
        ("SLUICE_DEMO_S3_ENDPOINT", format!("http://127.0.0.1:{s3_port}")),
        ("SLUICE_DEMO_S3_ACCESS_KEY", stack::ACCESS_KEY.to_owned()),
        ("SLUICE_DEMO_S3_SECRET_KEY", stack::SECRET_KEY.to_owned()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

async fn create(stack: &Stack, file: &'static str) -> Result<(), Error> {
    let client = stack.client();
    let url = format!("{}/connectors", stack.rest_url());
    let request = client.post(url).header("content-type", "application/json").body(file);
    let answer =
        request.send().await.map_err(|error| Error::new("the worker does not answer").caused_by(error))?;
    if answer.status().is_success() {
        return Ok(());
    }
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    Err(Error::new(format!("the worker refused a connector ({status}): {body}")))
}

// What the tasks have to say about it.
async fn standstill(stack: &mut Stack, (in_topic, in_bucket): (u64, u64)) -> Error {
    let mut text = format!(
        "nothing has moved for {} s, with {in_topic} rows in the topic and {in_bucket} in the bucket; is the disk under \
         {} full?",
        STANDSTILL.as_secs(),
        stack.folder().display()
    );
    let url = format!("{}/sluice/v1/connectors", stack.rest_url());
    let answer = stack.client().get(url).timeout(Duration::from_secs(5)).send().await;
    let connectors: Vec<serde_json::Value> = match answer {
        Ok(answer) => answer.json().await.unwrap_or_default(),
        Err(_) => Vec::new(), // the log says why
    };
    for connector in &connectors {
        for task in connector["tasks"].as_array().into_iter().flatten() {
            if let (Some(name), Some(error)) = (connector["name"].as_str(), task["last_error"].as_str()) {
                text.push_str(&format!("\n{name}: {error}"));
            }
        }
    }
    Error::new(format!("{text}\nthe worker's log ends with:\n{}", stack.worker().log_tail()))
}

// A task that failed will never deliver: say why instead of waiting.
async fn check(stack: &mut Stack) -> Result<(), Error> {
    for name in ["orders-source", "orders-sink"] {
        let url = format!("{}/connectors/{name}/status", stack.rest_url());
        let answer = stack.client().get(url).send().await;
        let answer = answer.map_err(|error| Error::new("the worker does not answer").caused_by(error))?;
        let status: serde_json::Value = match answer.status().is_success() {
            true => answer
                .json()
                .await
                .map_err(|error| Error::new("the worker's status is no JSON").caused_by(error))?,
            false => continue, // not started yet
        };
        let tasks = status["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        for state in tasks.iter().chain([&status["connector"]]) {
            if state["state"] == "FAILED" {
                let trace = state["trace"].as_str().unwrap_or("no reason given");
                return Err(Error::new(format!("{name} failed: {trace}")));
            }
        }
    }
    Ok(())
}
