//! Keeps an eye on plugin code: it runs on the work runtime, and whatever it does (panic, hang) the herder goes on.

use std::time::Duration;

use api::{BoxFuture, Spawner};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle, JoinSet};

/// A future on the work runtime, aborted when this is dropped.
pub(crate) struct Supervised(JoinHandle<()>);

impl Supervised {
    pub(crate) fn spawn(work: &Handle, life: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(work.spawn(life))
    }

    /// Waits for its end; an error is the text of a panic.
    pub(crate) async fn ended(&mut self) -> Result<(), String> {
        (&mut self.0).await.map_err(panic_text)
    }

    /// Waits at most this long, then gives it up: a future is dropped at its next await; code that blocks its thread
    /// is left alone, and nothing that it says is listened to any more.
    pub(crate) async fn end_within(mut self, limit: Duration) -> Ended {
        match tokio::time::timeout(limit, self.ended()).await {
            Ok(Ok(())) => Ended::Itself,
            Ok(Err(panic)) => Ended::Panicked(panic),
            Err(_) => Ended::GivenUp,
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How plugin code ended.
pub(crate) enum Ended {
    Itself,
    Panicked(String),
    GivenUp,
}

fn panic_text(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "it was cancelled".to_owned() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".to_owned())
}

/// Side work of a connector object; what still runs when this is dropped is aborted.
#[derive(Debug)]
pub(crate) struct SideWork {
    work: Handle,
    running: Mutex<JoinSet<()>>,
}

impl SideWork {
    pub(crate) fn new(work: Handle) -> Self {
        Self { work, running: Mutex::new(JoinSet::new()) }
    }
}

impl Spawner for SideWork {
    fn spawn(&self, name: &'static str, work: BoxFuture<'static, ()>) {
        let mut running = self.running.lock();
        while let Some(ended) = running.try_join_next() {
            if let Err(error) = ended {
                tracing::error!("side work of a connector ended early: {}", panic_text(error));
            }
        }
        tracing::debug!("side work begins: {name}");
        running.spawn_on(work, &self.work);
    }

    fn spawn_blocking(&self, name: &'static str, work: Box<dyn FnOnce() + Send>) {
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
            tracing::error!("cannot start a thread for {name}: {error}");
        }
    }
}
