//! Side work of a task, which ends with it.

use std::panic::AssertUnwindSafe;

use api::{BoxFuture, Spawner};
use parking_lot::Mutex;
use tokio::task::{JoinError, JoinSet};
use tracing::{Instrument, Span};

/// Runs side work in the task's span.
#[derive(Debug)]
pub(crate) struct TaskSpawner {
    /// `None` once the task has ended: whatever comes later is dropped at once.
    work: Mutex<Option<JoinSet<()>>>,
    span: Span,
}

impl TaskSpawner {
    pub(crate) fn new(span: Span) -> Self {
        Self { work: Mutex::new(Some(JoinSet::new())), span }
    }

    /// Drops all side work.
    pub(crate) fn end(&self) {
        *self.work.lock() = None;
    }
}

fn look_at(result: Result<(), JoinError>) {
    if let Err(error) = result
        && error.is_panic()
    {
        tracing::error!("side work of the task panicked: {error}");
    }
}

impl Spawner for TaskSpawner {
    fn spawn(&self, name: &'static str, work: BoxFuture<'static, ()>) {
        let mut running = self.work.lock();
        let Some(running) = running.as_mut() else { return };
        while let Some(result) = running.try_join_next() {
            self.span.in_scope(|| look_at(result));
        }
        running.spawn(work.instrument(tracing::debug_span!(parent: &self.span, "side work", name)));
    }

    fn spawn_blocking(&self, name: &'static str, work: Box<dyn FnOnce() + Send>) {
        if self.work.lock().is_none() {
            return;
        }
        let span = self.span.clone();
        let run = move || {
            let _entered = span.enter();
            if std::panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("side work {name} of the task panicked");
            }
        };
        // A thread of its own, not one of the runtime's pool: it may work as long as the task runs.
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(run) {
            self.span.in_scope(|| tracing::error!("cannot start a thread for side work {name}: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Tells when it is dropped.
    struct Flag(Arc<std::sync::atomic::AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn side_work_ends_with_the_task() {
        let spawner = TaskSpawner::new(Span::none());
        let (before, after) = (Arc::default(), Arc::default());
        let work = |flag: &Arc<_>| {
            let flag = Flag(Arc::clone(flag));
            Box::pin(async move {
                let _flag = flag;
                std::future::pending::<()>().await;
            })
        };
        spawner.spawn("before", work(&before));
        tokio::task::yield_now().await;
        spawner.end();
        spawner.spawn("after", work(&after));
        for flag in [before, after] {
            for _ in 0..1000 {
                if flag.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                tokio::task::yield_now().await;
            }
            assert!(flag.load(std::sync::atomic::Ordering::SeqCst));
        }
    }
}
