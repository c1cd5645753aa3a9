//! Starting anew, by itself, what failed: `sluice.restart.*`.

use std::collections::HashMap;
use std::time::Duration;

use spec::RestartPolicy;

use crate::{Change, Event, Herder, Name, TaskId, plan};

/// How often what failed was started anew.
#[derive(Debug, Default)]
pub(crate) struct Restarts(HashMap<(Name, Option<u32>), InARow>);

#[derive(Debug)]
struct InARow {
    count: u32,
    /// When the last of them is, as [`api::Clock::elapsed`].
    last: Duration,
}

impl Restarts {
    /// The pause before the next start of what failed now, and which one in a row it is; `None` when it stays failed.
    fn next(
        &mut self,
        name: &Name,
        task: Option<u32>,
        policy: &RestartPolicy,
        now: Duration,
    ) -> Option<(Duration, u32)> {
        let key = (name.clone(), task);
        let known = self.0.get(&key).filter(|known| now.saturating_sub(known.last) < policy.reset);
        let before = known.map_or(0, |known| known.count);
        let pause = policy.pause(before)?;
        self.0.insert(key, InARow { count: before + 1, last: now + pause });
        Some((pause, before + 1))
    }

    /// Somebody has changed the connector, or restarted it: what was before counts no more.
    fn forget(&mut self, name: &Name) {
        self.0.retain(|(known, _), _| known != name);
    }
}

/// What failed for good by this event, unless it is started anew.
pub(crate) fn failed_by(event: &Event) -> Option<(Name, Option<u32>)> {
    match event {
        Event::TaskFailed(id, ..) => Some((id.connector.clone(), Some(id.task))),
        Event::ConnectorFailed { name, ended: true, .. } | Event::ErrorRaised { name, .. } => {
            Some((name.clone(), None))
        }
        _ => None,
    }
}

impl Herder {
    /// Sees to it that what has failed is started anew, if its connector's config or the worker's says so.
    pub(crate) fn plan_restart(&mut self, name: Name, task: Option<u32>) {
        let Some((connector, desired)) = self.state.connector(&name) else { return };
        let instance = match task {
            None => Some(&connector.object),
            Some(task) => connector.tasks.get(&task),
        };
        let Some(instance) = instance.filter(|instance| instance.has_failed()) else { return };
        let version = instance.version;
        let policy = RestartPolicy::of(&desired.config, &self.parts.defaults);
        let clock = &self.parts.clock;
        match self.restarts.next(&name, task, &policy, clock.elapsed()) {
            Some((pause, which)) => {
                tracing::warn!(
                    connector = %name,
                    task,
                    "failed, and is started anew in {} ms: restart {which} of {}",
                    pause.as_millis(),
                    policy.attempts.map_or("any number".to_owned(), |attempts| attempts.to_string())
                );
                let retry_at_ms = clock.now_ms() + pause.as_millis() as i64;
                let due = Event::RestartDue { name: name.clone(), task, version };
                self.executor.later(due, clock.sleep(pause));
                plan(&mut self.state, Event::RestartPlanned { name, task, retry_at_ms });
            }
            None if policy.attempts != Some(0) => {
                tracing::error!(connector = %name, task, "failed again and again, and is not started anew any more");
            }
            None => {}
        }
    }

    /// Whether an event is still of interest, and what it means for restarts.
    pub(crate) fn minds_restarts(&mut self, event: &Event) -> bool {
        match event {
            Event::Changed(
                Change::Config { name, .. } | Change::Deleted { name } | Change::Target { name, .. },
            )
            | Event::Restart { name, .. } => self.restarts.forget(name),
            Event::RestartDue { name, task, .. } => {
                let Some(owned) = &self.state.owned else { return true };
                return match task {
                    None => owned.object(name),
                    Some(task) => owned.task(&TaskId { connector: name.clone(), task: *task }),
                };
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_are_counted() {
        let policy = RestartPolicy {
            attempts: Some(2),
            backoff: Duration::from_secs(1),
            backoff_max: Duration::from_secs(60),
            reset: Duration::from_secs(100),
        };
        let (mut restarts, name, seconds) = (Restarts::default(), Name::from("a"), Duration::from_secs);
        assert_eq!(restarts.next(&name, Some(0), &policy, seconds(0)), Some((seconds(1), 1)));
        assert_eq!(restarts.next(&name, Some(0), &policy, seconds(2)), Some((seconds(2), 2)));
        assert_eq!(restarts.next(&name, Some(0), &policy, seconds(5)), None);
        assert_eq!(restarts.next(&name, Some(1), &policy, seconds(5)), Some((seconds(1), 1)), "another task");
        assert_eq!(
            restarts.next(&name, Some(0), &policy, seconds(104)),
            Some((seconds(1), 1)),
            "it ran long enough"
        );
        restarts.forget(&name);
        assert_eq!(restarts.next(&name, Some(0), &policy, seconds(105)), Some((seconds(1), 1)));
    }
}
