//! How much and how long a client may take.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use metrics::{Labels, Snapshot, list};

use crate::connections::Connections;
use crate::measures::Measures;
use crate::rate::{Rate, Rates};
use crate::under_way::{ALL_BYTES_MAX, UNPROVEN_BYTES_MAX, UnderWay};

/// How much and how long a client may take of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, over all listeners. Beyond it the one that has waited longest for a request is closed; when
    /// there is none, the new one is.
    pub connections_max: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a connection may be without a request.
    pub idle: Duration,
    /// How long the head of a request may take, from its first byte on.
    pub head: Duration,
    /// The largest head of a request, in bytes: its first line and its headers.
    pub head_bytes_max: usize,
    /// How long the body of a request may take, from the end of its head on.
    pub body: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub answer: Duration,
    /// How many requests each client may send; `None` is without a limit.
    pub rate: Option<Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 500,
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            head: Duration::from_secs(10),
            head_bytes_max: 32 << 10,
            body: Duration::from_secs(30),
            answer: Duration::from_secs(30),
            rate: Some(Rate::default()),
        }
    }
}

/// The limits of a worker, and what they are measured with: one for all of its listeners. Cheap to clone.
#[derive(Clone)]
pub struct Measure {
    pub(crate) limits: Arc<Limits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connections: Connections,
    pub(crate) rates: Arc<Rates>,
    pub(crate) measures: Arc<Measures>,
    /// All bodies.
    pub(crate) bodies: UnderWay,
    /// Bodies that are read before it is known who sends them.
    pub(crate) unproven: UnderWay,
}

impl Measure {
    /// Measures with a clock.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let connections = Connections::new(limits.connections_max);
        let rates = Arc::new(Rates::new(limits.rate.clone()));
        let (bodies, unproven) = (UnderWay::of(ALL_BYTES_MAX), UnderWay::of(UNPROVEN_BYTES_MAX));
        let measures = Arc::new(Measures::new(clock.elapsed()));
        Self { limits: Arc::new(limits), clock, connections, rates, measures, bodies, unproven }
    }

    /// The first certificate that these listeners show ends then, in milliseconds since the epoch; `None`: they show none.
    pub fn certificate_ends(&self, listeners: &'static str, ends_ms: Option<i64>) {
        self.measures.certificate_ends(listeners, ends_ms);
    }

    /// Adds what was measured.
    pub(crate) fn report(&self, into: &mut Snapshot) {
        self.measures.report(self.clock.elapsed(), self.clock.now_ms(), into);
        let (open, closed) = self.connections.counts();
        into.number(&list::REST_CONNECTIONS, &Labels::worker(), open as f64);
        into.number(&list::REST_CONNECTIONS_CLOSED, &Labels::worker(), closed as f64);
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measure").field("limits", &self.limits).finish_non_exhaustive()
    }
}
