//! Connectors that misbehave as their config says.

use std::path::PathBuf;
use std::time::Duration;

use api::config::{Config, RawConfig, Secret};
use api::{
    ConnectorContext, Error, Registry, Result, SourceBatch, SourceConnector, SourceContext, SourceTask,
};

/// The built-in plugins, and a source that misbehaves on request.
pub fn registry() -> Registry {
    let mut registry = plugins::registry();
    registry.source::<Fake>();
    registry
}

/// Keys of the fake.
#[derive(Debug, Clone, Config)]
pub struct FakeConfig {
    /// What the connector object does at start: `ok`, `fail`, `retry`, `panic` or `hang`.
    #[config(key = "object", default = "ok")]
    object: String,
    /// What each task does at start: `ok`, `fail`, `retry`, `panic` or `hang`.
    #[config(key = "task", default = "ok")]
    task: String,
    /// How many task configs there are, whatever `tasks.max` says.
    #[config(key = "tasks")]
    tasks: Option<i32>,
    /// A secret, which is put into every error.
    #[config(key = "fake.password")]
    password: Option<Secret>,
    /// Another secret, that is put into other keys of task configs.
    #[config(key = "fake.url")]
    url: Option<String>,
    /// A file to which each start of a task appends a line.
    #[config(key = "journal")]
    journal: Option<String>,
    /// A folder in which each task that lives has a file: a second one of the same number fails.
    #[config(key = "lives")]
    lives: Option<String>,
    /// The connector's name.
    #[config(key = "name")]
    name: Option<String>,
    /// The task's number.
    #[config(key = "index")]
    index: Option<String>,
}

pub struct Fake {
    config: FakeConfig,
    raw: RawConfig,
}

pub struct FakeTask {
    lives: Option<PathBuf>,
}

impl Drop for FakeTask {
    fn drop(&mut self) {
        if let Some(file) = &self.lives {
            std::fs::remove_file(file).unwrap();
        }
    }
}

async fn behave(what: &str, config: &FakeConfig) -> Result<()> {
    let secret = config.password.as_ref().map_or("", Secret::expose);
    let url = config.url.as_deref().unwrap_or_default();
    match what {
        "fail" => Err(Error::fatal(format!("told to fail, with {secret} at {url}"))),
        "retry" => Err(Error::retry(format!("told to be tried again, with {secret} at {url}"))),
        "panic" => panic!("told to panic"),
        "hang" => std::future::pending().await,
        _ => Ok(()),
    }
}

impl SourceConnector for Fake {
    const CLASS: &'static str = "com.example.FakeSourceConnector";
    const TASK_CLASS: &'static str = "com.example.FakeSourceTask";
    const VERSION: &'static str = "1.2.3";
    type Config = FakeConfig;
    type Task = FakeTask;

    async fn start(config: FakeConfig, raw: RawConfig, _: ConnectorContext) -> Result<Self> {
        behave(&config.object, &config).await?;
        Ok(Self { config, raw })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        let tasks = self.config.tasks.map_or(max_tasks, |tasks| tasks.max(0) as usize);
        let config = |index: usize| {
            let copied = self.config.url.clone().unwrap_or_default();
            self.raw.clone().with("index", index.to_string()).with("copied", copied)
        };
        Ok((0..tasks).map(config).collect())
    }
}

impl SourceTask for FakeTask {
    type Config = FakeConfig;

    async fn start(config: FakeConfig, _: SourceContext) -> Result<Self> {
        if let Some(journal) = &config.journal {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(journal).unwrap();
            std::io::Write::write_all(&mut file, b"started\n").unwrap();
        }
        behave(&config.task, &config).await?;
        let (name, index) = (config.name.unwrap_or_default(), config.index.unwrap_or_default());
        let lives = config.lives.map(|folder| PathBuf::from(folder).join(format!("{name}-{index}")));
        if let Some(file) = &lives {
            std::fs::File::create_new(file)
                .map_err(|_| Error::fatal(format!("{} lives already", file.display())))?;
        }
        Ok(Self { lives })
    }

    async fn poll(&mut self, max_wait: Duration) -> Result<SourceBatch> {
        tokio::time::sleep(max_wait).await;
        Ok(SourceBatch::empty())
    }
}
