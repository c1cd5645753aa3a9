//! Writes to a topic without making anybody wait: for each key the newest value is what gets there.

use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use data::Bytes;
use indexmap::IndexMap;
use kafka::{Error, LogRecord, LogWriter};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

/// The pause before a write is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// The pause after an error that does not pass by itself.
const LONG_PAUSE: Duration = Duration::from_secs(10);
/// The longest that [`Background::flush`] waits for brokers that are away.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Writes in the background. What still waits when this is dropped is not written: see [`Background::flush`].
pub(super) struct Background {
    shared: Arc<Shared>,
    idle: watch::Receiver<bool>,
    writer: tokio::task::JoinHandle<()>,
}

struct Shared {
    /// Bounded by the number of keys: there is one value for each.
    waiting: Mutex<IndexMap<Bytes, Option<Bytes>>>,
    more: Notify,
    idle: watch::Sender<bool>,
}

impl Background {
    pub(super) fn new(writer: LogWriter) -> Self {
        let (sender, idle) = watch::channel(true);
        let shared = Arc::new(Shared { waiting: Mutex::default(), more: Notify::new(), idle: sender });
        let writer = tokio::spawn(write_all(shared.clone(), writer));
        Self { shared, idle, writer }
    }

    /// Has this written soon. A value of the same key that still waits is not written any more.
    pub(super) fn write(&self, key: Bytes, value: Option<Bytes>) {
        let mut waiting = self.shared.waiting.lock();
        waiting.shift_remove(&key); // the newest comes last
        waiting.insert(key, value);
        self.shared.idle.send_replace(false);
        drop(waiting);
        self.shared.more.notify_one();
    }

    /// Waits until everything is written, some seconds at most.
    pub(super) fn flush(&self) -> BoxFuture<'static, ()> {
        let mut idle = self.idle.clone();
        Box::pin(async move {
            let written = tokio::time::timeout(FLUSH_LIMIT, idle.wait_for(|idle| *idle)).await;
            if written.is_err() {
                tracing::warn!(
                    "not all statuses could be written to the status topic within {} s",
                    FLUSH_LIMIT.as_secs()
                );
            }
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

async fn write_all(shared: Arc<Shared>, writer: LogWriter) {
    loop {
        let records: Vec<LogRecord> = {
            let mut waiting = shared.waiting.lock();
            if waiting.is_empty() {
                shared.idle.send_replace(true);
            }
            waiting.drain(..).collect()
        };
        if records.is_empty() {
            shared.more.notified().await;
            continue;
        }
        match writer.append(&records).await {
            Ok(()) => {}
            Err(error @ (Error::Retriable { .. } | Error::Unusable { .. })) => {
                tracing::warn!("statuses could not be written to the status topic, tried again: {error}");
                put_back(&shared, records);
                tokio::time::sleep(PAUSE).await;
            }
            Err(error @ Error::BadRecord { .. }) => {
                tracing::error!("statuses could not be written to the status topic: {error}");
            }
            // Somebody may mend it, such as a right that was taken away; there is one value of each key.
            Err(error) => {
                tracing::error!("statuses could not be written to the status topic, tried again: {error}");
                put_back(&shared, records);
                tokio::time::sleep(LONG_PAUSE).await;
            }
        }
    }
}

// What came meanwhile is newer.
fn put_back(shared: &Shared, records: Vec<LogRecord>) {
    let mut waiting = shared.waiting.lock();
    let newer = std::mem::take(&mut *waiting);
    waiting.extend(records.into_iter().filter(|(key, _)| !newer.contains_key(key)));
    waiting.extend(newer);
}
