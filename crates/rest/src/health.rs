//! How a connector is altogether, and why it is not well.

use std::time::Duration;

use herder::Target;
use rest_types::sluice::{ConnectorDetails, ConnectorHealth, InstanceDetails, TaskDetails, Unanswered};

/// So long Kafka or the connector's code may be silent before a task counts as stalled.
const SILENT: Duration = Duration::from_secs(60);

/// Judges a connector by what is known of its parts, and says so in its details.
pub(crate) fn judge(target: Target, details: &mut ConnectorDetails, now_ms: i64) {
    let ConnectorDetails { connector, tasks, unanswered, .. } = details;
    (details.health, details.reasons) = of(target, connector, tasks, unanswered, now_ms);
}

fn of(
    target: Target,
    object: &InstanceDetails,
    tasks: &[TaskDetails],
    unanswered: &[Unanswered],
    now_ms: i64,
) -> (ConnectorHealth, Vec<String>) {
    match target {
        Target::Stopped => return (ConnectorHealth::Stopped, Vec::new()),
        Target::Paused => return (ConnectorHealth::Paused, Vec::new()),
        Target::Started => {}
    }
    let mut found = Vec::new();
    found.extend(of_instance("the connector object", object, Duration::ZERO, now_ms));
    for task in tasks {
        let calling = task.calling_since_ms.map_or(0, |since_ms| (now_ms - since_ms).max(0));
        let calling = Duration::from_millis(calling.unsigned_abs());
        let what = format!("task {}", task.id);
        let judged = of_instance(&what, &task.instance, calling, now_ms);
        found.extend(judged.or_else(|| unknown(&what, &task.instance, unanswered)));
    }
    // While nobody leads the group, what does not run is not about to.
    if let Some(Unanswered { error, .. }) = unanswered.iter().find(|it| it.worker_id.is_none()) {
        for (health, why) in found.iter_mut().filter(|(health, _)| *health == ConnectorHealth::Starting) {
            *health = ConnectorHealth::Degraded;
            *why = format!("{why}: {error}");
        }
    }
    let failed = |instance: &InstanceDetails| instance.state == "FAILED";
    let nothing_moves = match tasks.is_empty() {
        true => failed(object),
        false => tasks.iter().all(|task| failed(&task.instance)),
    };
    let worst = found.iter().map(|(health, _)| *health).min_by_key(|health| rank(*health));
    let health = match nothing_moves {
        true => ConnectorHealth::Failed,
        false => worst.unwrap_or(ConnectorHealth::Ok),
    };
    (health, found.into_iter().map(|(_, why)| why).collect())
}

fn rank(health: ConnectorHealth) -> u8 {
    match health {
        ConnectorHealth::Failed => 0,
        ConnectorHealth::Stalled => 1,
        ConnectorHealth::Degraded => 2,
        ConnectorHealth::Starting => 3,
        ConnectorHealth::Stopped | ConnectorHealth::Paused | ConnectorHealth::Ok => 4,
    }
}

/// What nobody tells may be anything.
fn unknown(
    what: &str,
    instance: &InstanceDetails,
    unanswered: &[Unanswered],
) -> Option<(ConnectorHealth, String)> {
    let worker = instance.worker_id.as_ref()?;
    let silent = unanswered.iter().find(|it| it.worker_id.as_ref() == Some(worker))?;
    Some((ConnectorHealth::Degraded, format!("how {what} is on {worker} is not known: {}", silent.error)))
}

fn of_instance(
    what: &str,
    instance: &InstanceDetails,
    calling: Duration,
    now_ms: i64,
) -> Option<(ConnectorHealth, String)> {
    let why = instance.last_error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    let next = instance.next_attempt_ms.map(|at| {
        let wait_ms = (at - now_ms).max(0);
        format!(" (tried again in {} s)", wait_ms.unsigned_abs().div_ceil(1000))
    });
    let next = next.unwrap_or_default();
    let seconds = |since_ms: i64| (now_ms - since_ms).max(0) / 1000;
    match (instance.state.as_str(), instance.failing_since_ms) {
        ("FAILED", _) => Some((ConnectorHealth::Degraded, format!("{what} FAILED{next}{why}"))),
        (_, Some(since_ms)) => {
            // What is tried again makes no progress either, but says when it will: Kafka that is silent does not.
            let silent = instance.next_attempt_ms.is_none() && now_ms - since_ms >= SILENT.as_millis() as i64;
            let health = if silent { ConnectorHealth::Stalled } else { ConnectorHealth::Degraded };
            Some((health, format!("{what} has made no progress for {} s{next}{why}", seconds(since_ms))))
        }
        _ if calling >= SILENT => Some((
            ConnectorHealth::Stalled,
            format!("{what}: the connector's code has not returned for {} s", calling.as_secs()),
        )),
        (_, None) if instance.next_attempt_ms.is_some() => {
            Some((ConnectorHealth::Degraded, format!("{what} does not start{next}{why}")))
        }
        ("RUNNING", None) => None,
        (state, None) => Some((ConnectorHealth::Starting, format!("{what} is {state}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(state: &str) -> InstanceDetails {
        InstanceDetails {
            state: state.to_owned(),
            last_error: None,
            next_attempt_ms: None,
            failing_since_ms: None,
            worker_id: Some("a:1".to_owned()),
        }
    }

    fn judged(
        object: InstanceDetails,
        tasks: Vec<InstanceDetails>,
        calling: &[u64],
    ) -> (ConnectorHealth, String) {
        let tasks = (0..).zip(tasks).zip(calling).map(|((id, instance), seconds)| TaskDetails {
            id,
            instance,
            calling_since_ms: (*seconds > 0).then(|| 100_000 - *seconds as i64 * 1000),
            records: None,
        });
        let (health, reasons) = of(Target::Started, &object, &tasks.collect::<Vec<_>>(), &[], 100_000);
        (health, reasons.join("; "))
    }

    #[test]
    fn the_worst_that_is_true_is_told_with_each_reason() {
        use ConnectorHealth::{Degraded, Failed, Ok, Stalled, Starting};
        let running = || instance("RUNNING");
        let failed = || InstanceDetails { last_error: Some("why".to_owned()), ..instance("FAILED") };
        let retries = || InstanceDetails {
            last_error: Some("why".to_owned()),
            failing_since_ms: Some(10_000),
            next_attempt_ms: Some(101_500),
            ..running()
        };
        let silent = |since_ms| InstanceDetails { failing_since_ms: Some(since_ms), ..running() };
        assert_eq!(judged(running(), vec![running(), running()], &[0, 59]), (Ok, String::new()));
        assert_eq!(
            judged(running(), vec![running(), failed()], &[0, 0]),
            (Degraded, "task 1 FAILED: why".to_owned())
        );
        assert_eq!(
            judged(running(), vec![failed(), failed()], &[0, 0]),
            (Failed, "task 0 FAILED: why; task 1 FAILED: why".to_owned())
        );
        assert_eq!(judged(failed(), vec![], &[]).0, Failed);
        assert_eq!(judged(failed(), vec![running()], &[0]).0, Degraded, "its tasks go on");
        assert_eq!(
            judged(running(), vec![retries()], &[0]),
            (Degraded, "task 0 has made no progress for 90 s (tried again in 2 s): why".to_owned())
        );
        assert_eq!(judged(running(), vec![silent(90_000)], &[0]).0, Degraded);
        assert_eq!(judged(running(), vec![silent(40_000), failed()], &[0, 0]).0, Stalled);
        assert_eq!(
            judged(running(), vec![running()], &[75]),
            (Stalled, "task 0: the connector's code has not returned for 75 s".to_owned())
        );
        assert_eq!(
            judged(running(), vec![running(), instance("UNASSIGNED")], &[0, 0]),
            (Starting, "task 1 is UNASSIGNED".to_owned())
        );
        let task = |instance| TaskDetails { id: 0, instance, calling_since_ms: None, records: None };
        let stopped = of(Target::Stopped, &failed(), &[task(failed())], &[], 0);
        assert_eq!(stopped, (ConnectorHealth::Stopped, vec![]));
        // What a silent worker has.
        let silent = |id: &str| Unanswered { worker_id: Some(id.to_owned()), error: "why".to_owned() };
        let by = |id| of(Target::Started, &running(), &[task(running())], &[silent(id)], 0);
        assert_eq!(by("b:1"), (Ok, vec![]), "it has nothing of it");
        // The group has no leader: nobody starts what does not run.
        let nobody = [Unanswered { worker_id: None, error: "why".to_owned() }];
        let waits = |tasks: &[TaskDetails]| of(Target::Started, &running(), tasks, &nobody, 0);
        assert_eq!(
            waits(&[task(instance("UNASSIGNED"))]),
            (Degraded, vec!["task 0 is UNASSIGNED: why".to_owned()])
        );
        assert_eq!(waits(&[task(running())]), (Ok, vec![]));
        assert_eq!(by("a:1"), (Degraded, vec!["how task 0 is on a:1 is not known: why".to_owned()]));
    }
}
