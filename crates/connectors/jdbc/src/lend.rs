//! What a connection needs of the runtime: time, and a place for side work.

use std::sync::Arc;

use api::{BoxFuture, Clock, Spawner, SystemClock};

/// Lent by the framework, or by [`Lent::own`] where there is no context.
#[derive(Debug, Clone)]
pub(crate) struct Lent {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spawner: Arc<dyn Spawner>,
}

impl Lent {
    /// For the connection check, which has no context: side work runs on the caller's runtime, and ends because the
    /// connection that it serves is dropped.
    pub(crate) fn own() -> Self {
        Self { clock: SystemClock::new(), spawner: Arc::new(OnRuntime) }
    }
}

#[derive(Debug)]
struct OnRuntime;

impl Spawner for OnRuntime {
    fn spawn(&self, _: &'static str, work: BoxFuture<'static, ()>) {
        drop(tokio::spawn(work)); // detached
    }

    fn spawn_blocking(&self, _: &'static str, work: Box<dyn FnOnce() + Send>) {
        drop(tokio::task::spawn_blocking(work)); // detached
    }
}
