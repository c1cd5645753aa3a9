//! What happens with time: expiry of members and transactions, retention, compaction, flushing.

use std::sync::Arc;
use std::time::Duration;

use crate::broker::Shared;
use crate::log::{compaction, retention};
use crate::options::Fsync;

/// Looks at everything that has a deadline, until the broker stops.
pub async fn run(shared: Arc<Shared>) {
    tokio::join!(expire(shared.clone()), clean(shared.clone()), flush(shared));
}

async fn expire(shared: Arc<Shared>) {
    let mut stopping = shared.stopping.clone();
    loop {
        let now = shared.clock.monotonic();
        let group = shared.groups.sweep(now);
        let txn = shared.txns.sweep(&shared).map(|due_ms| {
            now + Duration::from_millis(u64::try_from(due_ms - shared.clock.now_ms()).unwrap_or(0))
        });
        // Without a deadline there is still the odd thing to retry or forget.
        let idle = now + Duration::from_secs(60);
        let next = group.into_iter().chain(txn).min().unwrap_or(idle).min(idle);
        tokio::select! {
            () = shared.clock.sleep_until(next) => {}
            () = shared.timer.notified() => {}
            _ = stopping.wait_for(|s| *s) => return,
        }
    }
}

async fn clean(shared: Arc<Shared>) {
    let mut stopping = shared.stopping.clone();
    loop {
        let next = shared.clock.monotonic() + shared.options.maintenance_interval;
        tokio::select! {
            () = shared.clock.sleep_until(next) => {}
            _ = stopping.wait_for(|s| *s) => return,
        }
        let work = shared.clone();
        // Files are read and written here for as long as it takes.
        let done = tokio::task::spawn_blocking(move || clean_once(&work)).await;
        if let Err(error) = done {
            tracing::error!(%error, "maintenance failed; it is tried again");
        }
    }
}

fn clean_once(shared: &Shared) {
    for topic in shared.topics.all() {
        for partition in topic.partitions() {
            if *shared.stopping.borrow() {
                return;
            }
            let now_ms = shared.clock.now_ms();
            retention::apply(&partition, now_ms);
            compaction::apply(&partition, now_ms);
        }
    }
}

async fn flush(shared: Arc<Shared>) {
    let Fsync::Every(interval) = shared.options.fsync else { return };
    let mut stopping = shared.stopping.clone();
    loop {
        let next = shared.clock.monotonic() + interval.max(Duration::from_millis(1));
        tokio::select! {
            () = shared.clock.sleep_until(next) => {}
            _ = stopping.wait_for(|s| *s) => return,
        }
        let work = shared.clone();
        let _ = tokio::task::spawn_blocking(move || flush_all(&work)).await;
    }
}

/// Flushes all data to the disk itself and notes how far it is there.
pub fn flush_all(shared: &Shared) {
    if shared.options.data_dir.is_none() {
        return;
    }
    if let Err(error) = shared.journal.flush() {
        tracing::error!(%error, "cannot flush the journal; check the disk under the data directory");
    }
    for topic in shared.topics.all() {
        for partition in topic.partitions() {
            if let Err(error) = partition.flush() {
                tracing::error!(partition = partition.name, %error, "cannot flush the log; check the disk under the data directory");
            }
        }
    }
}
