//! A broker for one test, on either storage, with a clock that can be advanced.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sluice_dev_broker::{Broker, Clock as _, ManualClock, Options};
use tempfile::TempDir;

/// Where the broker keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Memory,
    Directory,
}

/// A running broker and what belongs to it.
pub struct Stage {
    pub storage: Storage,
    pub clock: Arc<ManualClock>,
    broker: Option<Broker>,
    options: Options,
    folder: Option<TempDir>,
}

/// Nothing in these tests takes that long; it only ends a test that hangs.
const HANGS: Duration = Duration::from_secs(120);

impl Stage {
    /// Runs a check against a new broker.
    pub fn run<F>(storage: Storage, check: F)
    where
        F: AsyncFnOnce(&mut Stage),
    {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut stage = Self::new(storage).await;
            tokio::time::timeout(HANGS, check(&mut stage)).await.expect("the check hangs");
        });
        // Clients of other people keep threads and tasks; they need not be waited for.
        runtime.shutdown_background();
    }

    async fn new(storage: Storage) -> Self {
        let clock = ManualClock::new();
        let folder = (storage == Storage::Directory).then(|| tempfile::tempdir().unwrap());
        let options = Options {
            data_dir: folder.as_ref().map(|f| f.path().to_owned()),
            clock: clock.clone(),
            session_timeout_min: Duration::from_millis(200),
            maintenance_interval: Duration::from_millis(50),
            ..Options::default()
        };
        let mut stage = Self { storage, clock, broker: None, options, folder };
        stage.start().await;
        stage
    }

    async fn start(&mut self) {
        self.broker = Some(self.options.clone().start().await.unwrap());
        // The next start uses the same port, so that clients find it again.
        self.options.listen = self.broker().address();
    }

    /// Stops the broker and starts it again with other options.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Options)) {
        self.stop().await;
        change(&mut self.options);
        self.start().await;
    }

    /// Stops the broker in order.
    pub async fn stop(&mut self) {
        if let Some(broker) = self.broker.take() {
            broker.shutdown().await;
        }
    }

    /// Drops the broker without a shutdown.
    pub fn crash(&mut self) {
        drop(self.broker.take());
    }

    pub fn broker(&self) -> &Broker {
        self.broker.as_ref().expect("the broker runs")
    }

    pub fn bootstrap(&self) -> String {
        self.broker().bootstrap()
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The data folder.
    pub fn folder(&self) -> PathBuf {
        self.folder.as_ref().expect("this check is for directories").path().to_owned()
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

/// Tries again until there is a value; the bound only ends a test that would never pass.
pub async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
