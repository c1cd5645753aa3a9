//! How often connector objects and tasks were started here, and how it went: for metrics.

use std::collections::HashSet;
use std::time::Duration;

use metrics::{Labels, Meter, Metric, Snapshot, list};

use crate::{Effect, Event, Run};

/// Starts of connector objects and of tasks.
pub(crate) struct Startups {
    objects: Tally,
    tasks: Tally,
}

struct Tally {
    attempts: u64,
    worked: Meter,
    failed: Meter,
    /// Runs of which it is not known yet.
    pending: HashSet<Run>,
}

impl Tally {
    fn new(now: Duration) -> Self {
        Self { attempts: 0, worked: Meter::new(now), failed: Meter::new(now), pending: HashSet::new() }
    }

    fn begin(&mut self, run: Run) {
        self.attempts += 1;
        self.pending.insert(run);
    }

    fn started(&mut self, now: Duration, run: Run) {
        if self.pending.remove(&run) {
            self.worked.add(now, 1);
        }
    }

    /// A failure after the start is none of the start.
    fn failed(&mut self, now: Duration, run: Run, tries_again: bool) {
        if self.pending.remove(&run) {
            self.failed.add(now, 1);
            if tries_again {
                self.begin(run);
            }
        }
    }

    fn report(&self, now: Duration, metrics: [&'static Metric; 5], into: &mut Snapshot) {
        let (worked, failed) = (self.worked.recent(now), self.failed.recent(now));
        let share = |of: f64| if worked + failed == 0.0 { 0.0 } else { of / (worked + failed) };
        let values =
            [self.attempts as f64, self.worked.total(), share(worked), self.failed.total(), share(failed)];
        for (metric, value) in metrics.into_iter().zip(values) {
            into.number(metric, &Labels::worker(), value);
        }
    }
}

impl Startups {
    pub(crate) fn new(now: Duration) -> Self {
        Self { objects: Tally::new(now), tasks: Tally::new(now) }
    }

    /// Something is about to be done.
    pub(crate) fn begin(&mut self, effect: &Effect) {
        match effect {
            Effect::StartConnector { run, .. } => self.objects.begin(*run),
            Effect::StartTask { run, .. } => self.tasks.begin(*run),
            _ => {}
        }
    }

    /// Something has happened.
    pub(crate) fn note(&mut self, now: Duration, event: &Event) {
        match event {
            Event::ConnectorStarted(_, run) => self.objects.started(now, *run),
            Event::ConnectorFailed { run, ended, .. } => self.objects.failed(now, *run, !ended),
            Event::ConnectorStopped(_, run) => _ = self.objects.pending.remove(run),
            Event::TaskRunning(_, run) | Event::TaskPaused(_, run) => self.tasks.started(now, *run),
            Event::TaskFailed(_, run, _) => self.tasks.failed(now, *run, false),
            Event::TaskStopped(_, run) => _ = self.tasks.pending.remove(run),
            _ => {}
        }
    }

    pub(crate) fn report(&self, now: Duration, into: &mut Snapshot) {
        let objects = [
            &list::CONNECTOR_STARTS,
            &list::CONNECTOR_STARTED,
            &list::CONNECTOR_STARTED_SHARE,
            &list::CONNECTOR_NOT_STARTED,
            &list::CONNECTOR_NOT_STARTED_SHARE,
        ];
        self.objects.report(now, objects, into);
        let tasks = [
            &list::TASK_STARTS,
            &list::TASK_STARTED,
            &list::TASK_STARTED_SHARE,
            &list::TASK_NOT_STARTED,
            &list::TASK_NOT_STARTED_SHARE,
        ];
        self.tasks.report(now, tasks, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskId;

    fn numbers(startups: &Startups, now: Duration, metrics: [&'static Metric; 4]) -> [f64; 4] {
        let mut snapshot = Snapshot::default();
        startups.report(now, &mut snapshot);
        metrics.map(|metric| snapshot.number_of(metric, &Labels::worker()).unwrap_or(f64::NAN))
    }

    #[test]
    fn a_failure_counts_for_the_start_only_before_it_has_started() {
        let (now, id) = (Duration::ZERO, TaskId { connector: "a".into(), task: 0 });
        let start = |run| Effect::StartTask {
            id: id.clone(),
            run,
            connector: config::RawConfig::new(),
            config: config::RawConfig::new(),
            paused: false,
        };
        let mut startups = Startups::new(now);
        for run in 1..=4 {
            startups.begin(&start(run));
        }
        startups.note(now, &Event::TaskRunning(id.clone(), 1));
        startups.note(now, &Event::TaskFailed(id.clone(), 1, "later".to_owned()));
        startups.note(now, &Event::TaskRunning(id.clone(), 1));
        startups.note(now, &Event::TaskFailed(id.clone(), 2, "at once".to_owned()));
        startups.note(now, &Event::TaskPaused(id.clone(), 3));
        startups.note(now, &Event::TaskStopped(id.clone(), 4));
        startups.note(now, &Event::TaskRunning(id, 4));
        let all =
            [&list::TASK_STARTS, &list::TASK_STARTED, &list::TASK_NOT_STARTED, &list::TASK_NOT_STARTED_SHARE];
        assert_eq!(numbers(&startups, now, all), [4.0, 2.0, 1.0, 1.0 / 3.0]);
        assert_eq!(numbers(&startups, Duration::from_secs(60), all)[3], 0.0, "it was more than a minute ago");
    }

    #[test]
    fn each_try_of_a_connector_object_is_a_start() {
        let now = Duration::ZERO;
        let failed = |ended| Event::ConnectorFailed {
            name: "a".into(),
            run: 1,
            trace: String::new(),
            retry_at_ms: None,
            ended,
        };
        let mut startups = Startups::new(now);
        startups.begin(&Effect::StartConnector {
            name: "a".into(),
            run: 1,
            config: config::RawConfig::new(),
        });
        startups.note(now, &failed(false));
        startups.note(now, &failed(false));
        startups.note(now, &Event::ConnectorStarted("a".into(), 1));
        startups.note(now, &failed(true));
        let all = [
            &list::CONNECTOR_STARTS,
            &list::CONNECTOR_STARTED,
            &list::CONNECTOR_NOT_STARTED,
            &list::CONNECTOR_STARTED_SHARE,
        ];
        assert_eq!(numbers(&startups, now, all), [3.0, 1.0, 2.0, 1.0 / 3.0]);
    }
}
