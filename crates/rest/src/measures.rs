//! What REST measures of itself: requests by what became of them, how long they took, connections, and how long its
//! certificates are good for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Labels, Metric, Snapshot, Window, list};
use parking_lot::Mutex;

/// Counts since the worker started; one for all of its listeners.
#[derive(Debug)]
pub(crate) struct Measures {
    done: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    unknown: AtomicU64,
    forbidden: AtomicU64,
    limited: AtomicU64,
    /// In microseconds. Requests end on several threads at once, and a window has one writer.
    durations: Mutex<Window>,
    /// When the first certificate of each kind of listener ends, in milliseconds since the epoch.
    certificates: Mutex<BTreeMap<&'static str, i64>>,
}

impl Measures {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            forbidden: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            durations: Mutex::new(Window::new(now)),
            certificates: Mutex::default(),
        }
    }

    /// A request has been answered with this status, after so long.
    pub(crate) fn answered(&self, now: Duration, status: StatusCode, lasted: Duration) {
        let class = match status.as_u16() {
            ..400 => &self.done,
            400..500 => &self.refused,
            500.. => &self.failed,
        };
        class.fetch_add(1, Relaxed);
        let why = match status {
            StatusCode::UNAUTHORIZED => Some(&self.unknown),
            StatusCode::FORBIDDEN => Some(&self.forbidden),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
                Some(&self.limited)
            }
            _ => None,
        };
        if let Some(why) = why {
            why.fetch_add(1, Relaxed);
        }
        let micros = u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX);
        self.durations.lock().record(now, micros);
    }

    /// The first certificate that these listeners show ends then; `None`: they show none.
    pub(crate) fn certificate_ends(&self, listeners: &'static str, ends_ms: Option<i64>) {
        let mut certificates = self.certificates.lock();
        match ends_ms {
            Some(ends_ms) => _ = certificates.insert(listeners, ends_ms),
            None => _ = certificates.remove(listeners),
        }
    }

    pub(crate) fn report(&self, now: Duration, now_ms: i64, into: &mut Snapshot) {
        let mut number = |metric: &'static Metric, value: f64| into.number(metric, &Labels::worker(), value);
        for (metric, count) in [
            (&list::REST_DONE, &self.done),
            (&list::REST_REFUSED, &self.refused),
            (&list::REST_FAILED, &self.failed),
            (&list::REST_UNKNOWN, &self.unknown),
            (&list::REST_FORBIDDEN, &self.forbidden),
            (&list::REST_LIMITED, &self.limited),
        ] {
            number(metric, count.load(Relaxed) as f64);
        }
        let durations = self.durations.lock();
        number(&list::REST_TIME_MAX, durations.max(now) / 1000.0);
        number(&list::REST_TIME_AVG, durations.avg(now) / 1000.0);
        drop(durations);
        if let Some(ends_ms) = self.certificates.lock().values().min() {
            number(&list::CERTIFICATE_LEFT, ends_ms.saturating_sub(now_ms) as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_counts_for_what_it_says() {
        let at = Duration::from_secs;
        let measures = Measures::new(at(0));
        for (status, millis) in
            [(200, 1), (204, 2), (301, 3), (401, 1), (403, 1), (404, 1), (429, 1), (503, 8)]
        {
            measures.answered(at(1), StatusCode::from_u16(status).unwrap(), Duration::from_millis(millis));
        }
        let mut told = Snapshot::default();
        measures.report(at(2), 1000, &mut told);
        let of = |metric| told.number_of(metric, &Labels::worker());
        assert_eq!(
            [&list::REST_DONE, &list::REST_REFUSED, &list::REST_FAILED].map(of),
            [Some(3.0), Some(4.0), Some(1.0)]
        );
        assert_eq!([&list::REST_UNKNOWN, &list::REST_FORBIDDEN, &list::REST_LIMITED].map(of), [Some(1.0); 3]);
        assert_eq!([&list::REST_TIME_MAX, &list::REST_TIME_AVG].map(of), [Some(8.0), Some(18.0 / 8.0)]);
        assert_eq!(of(&list::CERTIFICATE_LEFT), None, "there is none");
        measures.certificate_ends("REST", Some(5000));
        measures.certificate_ends("admin", Some(500));
        let left = |measures: &Measures| {
            let mut told = Snapshot::default();
            measures.report(at(2), 1000, &mut told);
            told.number_of(&list::CERTIFICATE_LEFT, &Labels::worker())
        };
        assert_eq!(left(&measures), Some(-500.0), "the first, which has ended");
        measures.certificate_ends("admin", None);
        assert_eq!(left(&measures), Some(4000.0));
    }
}
