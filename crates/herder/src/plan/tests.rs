//! Small situations: events in, effects out, in words.

use super::*;

/// A state that events are fed to; effects are written down in short, writes are answered at once.
#[derive(Default)]
pub(super) struct World {
    pub(super) state: State,
}

impl World {
    pub(super) fn feed(&mut self, event: Event) -> Vec<Effect> {
        let mut all = Vec::new();
        let mut events = std::collections::VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in plan(&mut self.state, event) {
                if let Effect::Write(change) = &effect {
                    events.push_back(Event::Changed(change.clone()));
                }
                all.push(effect);
            }
        }
        all
    }

    fn check(&mut self, event: Event, expected: &str) {
        let effects: Vec<_> = self.feed(event).iter().map(short).collect();
        assert_eq!(effects.join(" "), expected);
    }

    fn shows(&self, name: &str, expected: &str) {
        let (connector, desired) = self.state.connector(name).expect("the connector is there");
        let mut words = vec![connector.object.condition.name().to_owned()];
        words.extend((0..desired.tasks.len()).map(|index| {
            connector.tasks.get(&(index as u32)).map_or("none", |task| task.condition.name()).to_owned()
        }));
        assert_eq!(words.join(" "), expected);
    }
}

fn short(effect: &Effect) -> String {
    match effect {
        Effect::Write(Change::Tasks { configs, .. }) => format!("write:{}", configs.len()),
        Effect::Write(_) => "write".to_owned(),
        Effect::StartConnector { run, .. } => format!("start#{run}"),
        Effect::Reconfigure(_, run) => format!("ask#{run}"),
        Effect::StopConnector(_, run) => format!("stop#{run}"),
        Effect::StartTask { id, run, paused, .. } => {
            format!("start{}#{run}{}", id.task, if *paused { "p" } else { "" })
        }
        Effect::PauseTask(id, run) => format!("pause{}#{run}", id.task),
        Effect::ResumeTask(id, run) => format!("resume{}#{run}", id.task),
        Effect::StopTask(id, run) => format!("stop{}#{run}", id.task),
    }
}

pub(super) fn config(name: &str, value: &str) -> Event {
    let config = RawConfig::new().with("k", value);
    Event::Changed(Change::Config { name: name.into(), config, target: None })
}

pub(super) fn target(name: &str, target: Target) -> Event {
    Event::Changed(Change::Target { name: name.into(), target })
}

pub(super) fn id(name: &str, task: u32) -> TaskId {
    TaskId { connector: name.into(), task }
}

pub(super) fn task_configs(name: &str, run: Run, values: &[&str], applied: u64) -> Event {
    let configs = values.iter().map(|value| RawConfig::new().with("t", *value)).collect();
    Event::TaskConfigs { name: name.into(), run, configs, applied }
}

fn running() -> World {
    let mut world = World::default();
    world.check(config("a", "1"), "start#1");
    world.check(Event::ConnectorStarted("a".into(), 1), "");
    world.check(task_configs("a", 1, &["x", "y"], 7), "write:2 start0#2 start1#3");
    world.check(Event::TaskRunning(id("a", 0), 2), "");
    world.check(Event::TaskRunning(id("a", 1), 3), "");
    world.shows("a", "RUNNING RUNNING RUNNING");
    world
}

#[test]
fn a_connector_starts() {
    running();
}

#[test]
fn only_changed_tasks_restart() {
    let mut world = running();
    world.check(Event::ReconfigurationRequested("a".into(), 1), "ask#1");
    world.check(task_configs("a", 1, &["x", "y"], 7), "");
    world.check(task_configs("a", 1, &["x", "z", "w"], 7), "write:3 stop1#3 start2#4");
    world.check(Event::TaskStopped(id("a", 1), 3), "start1#5");
    world.check(task_configs("a", 1, &["x"], 7), "write:1 stop1#5 stop2#4");
    world.check(Event::TaskStopped(id("a", 1), 5), "");
    world.check(Event::TaskStopped(id("a", 2), 4), "");
    world.shows("a", "RUNNING RUNNING");
}

#[test]
fn another_resolved_config_restarts_every_task() {
    let mut world = running();
    world.check(config("a", "2"), "stop#1");
    world.check(Event::ConnectorStopped("a".into(), 1), "start#4");
    world.check(Event::ConnectorStarted("a".into(), 4), "");
    world.check(task_configs("a", 4, &["x", "y"], 8), "write:2 stop0#2 stop1#3");
    world.check(Event::TaskStopped(id("a", 1), 3), "start1#5");
    world.check(Event::TaskStopped(id("a", 0), 2), "start0#6");
}

#[test]
fn pause_keeps_tasks_and_stop_does_not() {
    let mut world = running();
    world.check(target("a", Target::Paused), "stop#1 pause0#2 pause1#3");
    world.check(Event::ConnectorStopped("a".into(), 1), "");
    world.check(Event::TaskPaused(id("a", 0), 2), "");
    world.shows("a", "PAUSED PAUSED RUNNING");
    world.check(target("a", Target::Started), "start#4 resume0#2 resume1#3");
    world.check(target("a", Target::Stopped), "stop#4 stop0#2 stop1#3");
    world.check(Event::ConnectorStopped("a".into(), 4), "");
    let none = Change::Tasks { name: "a".into(), configs: vec![], applied: None };
    world.check(Event::Changed(none), "");
    world.shows("a", "STOPPED");
}

#[test]
fn what_failed_waits_for_a_restart() {
    let mut world = running();
    world.check(Event::TaskFailed(id("a", 0), 2, "why".to_owned()), "stop0#2");
    world.check(Event::TaskStopped(id("a", 0), 2), "");
    world.shows("a", "RUNNING FAILED RUNNING");
    world.check(target("a", Target::Paused), "stop#1 pause1#3");
    world.check(target("a", Target::Started), "resume1#3");
    world.shows("a", "RUNNING FAILED RUNNING");
    world.check(Event::Restart { name: "a".into(), object: false, tasks: vec![0, 9] }, "start0#4");
    world.shows("a", "RUNNING RESTARTING RUNNING");
    world.check(Event::TaskRunning(id("a", 0), 4), "");
    world.check(Event::TaskRunning(id("a", 0), 2), ""); // a late word of the old run
    world.check(Event::ConnectorStopped("a".into(), 1), "start#5");
    let failed = |ended| Event::ConnectorFailed {
        name: "a".into(),
        run: 5,
        trace: "why".to_owned(),
        retry_at_ms: None,
        ended,
    };
    world.check(failed(false), "");
    world.shows("a", "FAILED RUNNING RUNNING");
    world.check(task_configs("a", 5, &["x", "y"], 7), "");
    world.shows("a", "RUNNING RUNNING RUNNING");
    world.check(failed(true), "stop#5");
    world.check(Event::ConnectorStopped("a".into(), 5), "");
    world.check(target("a", Target::Stopped), "stop0#4 stop1#3");
    world.shows("a", "STOPPED RUNNING RUNNING");
}

#[test]
fn a_deleted_name_can_be_used_again_at_once() {
    let mut world = running();
    let deleted = Event::Changed(Change::Deleted { name: "a".into() });
    world.check(deleted, "stop#1 stop0#2 stop1#3");
    assert!(world.state.connector("a").is_none());
    world.check(config("a", "3"), "");
    world.check(Event::ConnectorStopped("a".into(), 1), "start#4");
    world.check(task_configs("a", 4, &["x"], 9), "write:1");
    world.check(Event::TaskStopped(id("a", 1), 3), "");
    world.check(Event::TaskStopped(id("a", 0), 2), "start0#5");
}

#[test]
fn what_was_deleted_is_forgotten() {
    let mut world = running();
    world.feed(Event::Changed(Change::Deleted { name: "a".into() }));
    for event in [
        Event::ConnectorStopped("a".into(), 1),
        Event::TaskStopped(id("a", 0), 2),
        Event::TaskStopped(id("a", 1), 3),
    ] {
        world.feed(event);
    }
    assert!(world.state.connectors.is_empty());
    world.check(Event::TaskRunning(id("a", 0), 2), "");
}

#[test]
fn a_worker_that_shuts_down_stops_everything() {
    let mut world = running();
    world.check(config("b", "1"), "start#4");
    world.check(Event::ShutDown, "stop#1 stop0#2 stop1#3 stop#4");
    world.check(Event::TaskStopped(id("a", 0), 2), "");
    world.check(Event::ConnectorStopped("a".into(), 1), "");
    assert!(!world.state.is_idle());
}

#[test]
fn what_an_object_raised_stays_until_another_is_started() {
    let mut world = World::default();
    world.check(config("a", "1"), "start#1");
    let raised = |run| Event::ErrorRaised { name: "a".into(), run, trace: "raised".to_owned() };
    let trace = |world: &World| {
        let (connector, _) = world.state.connector("a").expect("the connector is there");
        connector.object.condition.trace().map(str::to_owned)
    };
    world.check(raised(1), ""); // side work may be faster than the start
    world.check(Event::ConnectorStarted("a".into(), 1), "");
    world.check(task_configs("a", 1, &["x"], 7), "write:1 start0#2");
    world.check(Event::TaskRunning(id("a", 0), 2), "");
    world.shows("a", "FAILED RUNNING");
    let failed = |ended| Event::ConnectorFailed {
        name: "a".into(),
        run: 1,
        trace: "no configs".to_owned(),
        retry_at_ms: Some(5),
        ended,
    };
    world.check(failed(false), "");
    assert_eq!(trace(&world).as_deref(), Some("raised"));
    world.check(Event::Restart { name: "a".into(), object: true, tasks: vec![] }, "stop#1");
    world.check(raised(1), ""); // a late word
    world.check(Event::ConnectorStopped("a".into(), 1), "start#3");
    world.check(Event::ConnectorStarted("a".into(), 3), "");
    world.shows("a", "RUNNING RUNNING");
    world.check(raised(3), "");
    world.shows("a", "FAILED RUNNING");
    world.check(config("a", "2"), "stop#3");
    world.check(Event::ConnectorStopped("a".into(), 3), "start#4");
    world.check(Event::ConnectorStarted("a".into(), 4), "");
    world.shows("a", "RUNNING RUNNING");
}

#[test]
fn a_start_that_is_tried_again_tells_why() {
    let mut world = World::default();
    world.check(config("a", "1"), "start#1");
    world.check(Event::ConnectorStarted("a".into(), 1), "");
    world.check(task_configs("a", 1, &["x"], 7), "write:1 start0#2");
    let retrying = |run, trace: &str| Event::TaskRetrying {
        id: id("a", 0),
        run,
        trace: trace.to_owned(),
        retry_at_ms: 5,
    };
    let shown = |world: &World| {
        let (connector, desired) = world.state.connector("a").expect("the connector is there");
        let task = crate::View::of(&"a".into(), connector, desired).tasks.remove(0).state;
        (task.state, task.trace.unwrap_or_default(), task.retry_at_ms)
    };
    world.check(retrying(2, "first"), "");
    world.check(retrying(2, "second"), "");
    world.check(retrying(1, "of another run"), "");
    assert_eq!(shown(&world), ("UNASSIGNED", "second".to_owned(), Some(5)));
    world.check(Event::TaskRunning(id("a", 0), 2), "");
    assert_eq!(shown(&world), ("RUNNING", String::new(), None));
    world.check(retrying(2, "while it runs"), "");
    assert_eq!(shown(&world), ("RUNNING", String::new(), None));
    world.check(Event::Restart { name: "a".into(), object: false, tasks: vec![0] }, "stop0#2");
    world.check(Event::TaskStopped(id("a", 0), 2), "start0#3");
    world.check(retrying(3, "again"), "");
    assert_eq!(shown(&world), ("RESTARTING", "again".to_owned(), Some(5)));
    world.check(Event::TaskFailed(id("a", 0), 3, "why".to_owned()), "stop0#3");
    world.check(Event::TaskStopped(id("a", 0), 3), "");
    assert_eq!(shown(&world), ("FAILED", "why".to_owned(), None));
}

// In a group: what failed here, ran elsewhere and comes back begins anew.
#[test]
fn what_comes_back_from_another_worker_begins_anew() {
    let mut world = World::default();
    let owned = |names: &[&str], tasks: &[u32]| {
        let tasks = tasks.iter().map(|task| id("a", *task));
        Event::Owned(Owned::new(names.iter().map(|name| Name::from(*name)), tasks))
    };
    world.check(owned(&[], &[]), "");
    world.check(config("a", "1"), "");
    world.check(owned(&["a"], &[0, 1]), "start#1");
    world.check(task_configs("a", 1, &["x", "y"], 1), "write:2 start0#2 start1#3");
    world.check(Event::TaskFailed(id("a", 0), 2, "why".to_owned()), "stop0#2");
    world.check(Event::TaskStopped(id("a", 0), 2), "");
    world.check(owned(&["a"], &[0, 1]), "");
    world.shows("a", "RUNNING FAILED UNASSIGNED");
    world.check(owned(&["a"], &[1]), "");
    world.check(owned(&["a"], &[0, 1]), "start0#4");
    world.shows("a", "RUNNING UNASSIGNED UNASSIGNED");
    world.check(owned(&[], &[1]), "stop#1 stop0#4");
}

// What was planned for a failure is not done to what came after it.
#[test]
fn what_failed_is_started_anew_when_it_is_due() {
    let mut world = World::default();
    world.check(config("a", "1"), "start#1");
    world.check(task_configs("a", 1, &["x"], 1), "write:1 start0#2");
    let fail = |run| Event::TaskFailed(id("a", 0), run, "why".to_owned());
    let due = |version| Event::RestartDue { name: "a".into(), task: Some(0), version };
    world.check(fail(2), "stop0#2");
    world.check(Event::RestartPlanned { name: "a".into(), task: Some(0), retry_at_ms: 7 }, "");
    world.shows("a", "RUNNING FAILED");
    let version = world.state.connectors["a"].tasks[&0].version;
    let condition = world.state.connectors["a"].tasks[&0].condition.clone();
    assert_eq!(condition, Condition::Failed { trace: "why".to_owned(), retry_at_ms: Some(7) });
    world.check(Event::TaskStopped(id("a", 0), 2), "");
    world.check(due(version + 1), "");
    world.check(due(version), "start0#3");
    world.shows("a", "RUNNING RESTARTING");
    world.check(due(version), "");
    world.check(Event::TaskRunning(id("a", 0), 3), "");
    world.check(due(version + 1), "");
    world.shows("a", "RUNNING RUNNING");
}

// Invariant 3: what a task on another worker had may be with a task of this one now.
#[test]
fn changed_tasks_of_a_group_begin_when_all_have_joined_again() {
    let mut world = World::default();
    let owned = Owned::new(["a".into()], [id("a", 0), id("a", 1)]);
    world.state.owned = Some(Owned::default());
    world.state.joins = 1;
    world.check(Event::Owned(owned.clone()), "");
    world.check(config("a", "1"), "start#1");
    world.check(Event::ConnectorStarted("a".into(), 1), "");
    world.state.hold(&"a".into(), 10);
    world.check(task_configs("a", 1, &["x", "y"], 7), "write:2 start0#2 start1#3");

    world.state.hold(&"a".into(), 20);
    world.check(task_configs("a", 1, &["z", "y"], 7), "write:2 stop0#2");
    assert!(!world.state.is_at_rest(), "the group is not joined before it has stopped");
    world.check(Event::TaskStopped(id("a", 0), 2), "");
    assert!(world.state.is_at_rest());
    assert_eq!(world.state.held_offset(), Some(20));

    assert!(!world.state.release(20), "others may not have joined since");
    world.state.joins = 2;
    assert!(!world.state.release(19), "whoever leads does not know of it");
    world.check(Event::Owned(owned.clone()), "");
    assert!(world.state.release(20));
    world.check(Event::Owned(owned), "start0#4");
    assert_eq!(world.state.held_offset(), None);
}
