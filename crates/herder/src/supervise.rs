//! Keeps an eye on plugin code: it runs on the work runtime, and whatever it does (panic, hang) the herder goes on.

use std::time::Duration;

use api::{BoxFuture, Spawner};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tracing::{Instrument, Span};

/// A future on the work runtime, aborted when this is dropped.
pub(crate) struct Supervised(JoinHandle<()>);

impl Supervised {
    pub(crate) fn spawn(work: &Handle, life: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(work.spawn(life))
    }

    /// Waits for its end; an error is the text of a panic. It also ends when its runtime does, at a second Ctrl-C.
    pub(crate) async fn ended(&mut self) -> Result<(), String> {
        match (&mut self.0).await {
            Err(error) if error.is_panic() => Err(panic_text(error)),
            _ => Ok(()),
        }
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

/// Side work of a connector object, in the connector's span; what still runs when this is dropped is aborted.
#[derive(Debug)]
pub(crate) struct SideWork {
    work: Handle,
    running: Mutex<JoinSet<()>>,
    span: Span,
}

impl SideWork {
    pub(crate) fn new(work: Handle, span: Span) -> Self {
        Self { work, running: Mutex::new(JoinSet::new()), span }
    }
}

impl Spawner for SideWork {
    fn spawn(&self, name: &'static str, work: BoxFuture<'static, ()>) {
        let mut running = self.running.lock();
        while let Some(ended) = running.try_join_next() {
            if let Err(error) = ended {
                let text = panic_text(error);
                tracing::error!(parent: &self.span, "side work of a connector ended early: {text}");
            }
        }
        tracing::debug!(parent: &self.span, "side work begins: {name}");
        running.spawn_on(work.instrument(self.span.clone()), &self.work);
    }

    fn spawn_blocking(&self, name: &'static str, work: Box<dyn FnOnce() + Send>) {
        let span = self.span.clone();
        let run = move || span.in_scope(work);
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(run) {
            tracing::error!(parent: &self.span, "cannot start a thread for {name}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Counts the spans that are entered.
    #[derive(Clone, Default)]
    struct Entered(Arc<AtomicUsize>);

    impl Subscriber for Entered {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        fn exit(&self, _: &Id) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_runtime_that_ends_is_no_panic() {
        let work = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let control = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut hanging = Supervised::spawn(work.handle(), std::future::pending());
        let mut panicking = Supervised::spawn(work.handle(), async { panic!("at the disco") });
        assert_eq!(control.block_on(panicking.ended()), Err("at the disco".to_owned()));
        work.shutdown_background();
        assert_eq!(control.block_on(hanging.ended()), Ok(()));
    }

    #[tokio::test]
    async fn side_work_is_in_the_span_of_its_connector() {
        let entered = Entered::default();
        let span = tracing::subscriber::with_default(entered.clone(), || {
            tracing::error_span!("connector", connector = "a")
        });
        let side = SideWork::new(Handle::current(), span);
        let (tell, told) = tokio::sync::oneshot::channel();
        let depth = entered.0.clone();
        side.spawn(
            "looks",
            Box::pin(async move {
                let _ = tell.send(depth.load(Ordering::SeqCst)); // the test waits for it
            }),
        );
        assert_eq!(told.await, Ok(1));
        let (tell, told) = tokio::sync::oneshot::channel();
        let depth = entered.0.clone();
        side.spawn_blocking(
            "looks",
            Box::new(move || {
                let _ = tell.send(depth.load(Ordering::SeqCst)); // the test waits for it
            }),
        );
        assert_eq!(told.await, Ok(1));
    }
}
