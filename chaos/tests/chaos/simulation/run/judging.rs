//! What must hold: at the end of a run, and before it is well again.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use herder::View;
use sluice_chaos::{Doubles, Tally};

use super::Run;
use crate::simulation::faults::{CONNECTORS, Request, WORKERS, tasks_at_first};
use crate::simulation::operator::{sequences, topic};
use crate::simulation::source::{LENGTH, sequence};
use crate::verdict::Kind;

impl Run {
    pub(super) fn watch(&mut self) {
        self.watched.clear();
        for node in self.nodes.iter().flatten().filter(|node| node.answers()) {
            let views = node.ask(|herder| async move { herder.views().await });
            self.watched.extend(views.map(|views| (node.index, views)));
        }
    }

    // What is not well yet.
    pub(super) fn trouble(&mut self) -> Option<String> {
        let seen = std::mem::take(&mut self.seen);
        let (tally, lengths) = (self.tally(), lengths());
        if !tally.is_complete(&lengths) {
            return self.ask_for_failed(&seen).or(Some("sequences are not complete".to_owned()));
        }
        let put = self.site.world.put();
        for source in CONNECTORS.into_iter().filter(|name| sequences(name) > 0) {
            for record in self.site.cluster.records(&topic(source)) {
                let place = api::data::TopicPartition::new(topic(source), record.partition);
                if !put.get(&place).is_some_and(|offsets| offsets.contains(&record.offset)) {
                    return self
                        .ask_for_failed(&seen)
                        .or_else(|| Some(format!("the sink has not got {place} at {}", record.offset)));
                }
            }
        }
        if seen.len() < WORKERS {
            return Some(format!("only {} workers tell how it is", seen.len()));
        }
        if let Some(failed) = self.ask_for_failed(&seen) {
            return Some(failed);
        }
        for (index, views) in &seen {
            for connector in CONNECTORS {
                let Some(view) = views.iter().find(|view| &*view.name == connector) else {
                    return Some(format!("w{index} does not know {connector}"));
                };
                let tasks = view.tasks.iter().map(|task| task.state.state);
                let states: Vec<_> = std::iter::once(view.object.state).chain(tasks).collect();
                if view.tasks.len() != tasks_at_first(connector) as usize
                    || states.iter().any(|state| *state != "RUNNING")
                {
                    return Some(format!("w{index} says of {connector}: {states:?}"));
                }
            }
        }
        None
    }

    // What was said last of each connector object and task.
    pub(super) fn tell_statuses(&self) {
        let text = |bytes: Option<api::data::Bytes>| {
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        };
        let mut last = BTreeMap::<String, Vec<String>>::new();
        for record in self.site.cluster.records("statuses") {
            last.entry(text(record.key)).or_default().push(text(record.value));
        }
        for (key, values) in last.into_iter().filter(|(key, _)| !key.contains("topic")) {
            for value in values.iter().rev().take(3).rev() {
                self.tell(&format!("{key} {value}"));
            }
        }
    }

    // What failed is started anew by whoever looks after it.
    pub(super) fn ask_for_failed(&mut self, seen: &BTreeMap<usize, Vec<View>>) -> Option<String> {
        if !self.operator.is_idle() {
            return None;
        }
        for view in seen.values().flatten() {
            let mut instances =
                std::iter::once(&view.object).chain(view.tasks.iter().map(|task| &task.state));
            if let Some(instance) = instances.find(|instance| instance.state == "FAILED") {
                let trace = instance.trace.clone().unwrap_or_default();
                let why = trace.lines().next().unwrap_or_default();
                self.site.world.tell(self.now, &format!("{} has failed: {why}", view.name));
                let connector = CONNECTORS.into_iter().find(|name| **name == *view.name)?;
                self.operator.ask(self.now, connector, Request::RestartFailed);
                return Some(format!("{connector} has failed: {why}"));
            }
        }
        None
    }

    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for source in CONNECTORS.into_iter().filter(|name| sequences(name) > 0) {
            for record in self.site.cluster.records(&topic(source)) {
                let text = record.value.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                if let Err(why) = tally.add(&text) {
                    self.site.world.violated(self.now, why);
                }
            }
        }
        tally
    }

    // Of everything that was written, in its order, but for session keys, which really are random.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for topic in self.site.cluster.topics() {
            let records = self.site.cluster.records(&topic).into_iter();
            for record in records.filter(|record| record.key.as_deref() != Some(b"session-key")) {
                (&topic, record.partition, record.offset, record.key, record.value).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    pub(super) fn judge(&self) {
        let world = &self.site.world;
        let doubles = match self.plan.kind {
            Kind::Rough => Doubles::Allowed,
            Kind::Clean | Kind::ExactlyOnce => Doubles::Forbidden,
        };
        for problem in self.tally().problems(&lengths(), doubles) {
            world.violated(self.now, problem);
        }
        for (place, offsets) in world.put() {
            let mut sorted = offsets.clone();
            sorted.sort_unstable();
            sorted.dedup();
            if self.plan.kind == Kind::Clean && sorted != offsets {
                let extra = offsets.len() - sorted.len();
                world.violated(self.now, format!("the sink got {extra} records of {place} twice"));
            }
        }
    }
}

fn lengths() -> BTreeMap<String, u64> {
    let sources = CONNECTORS.into_iter();
    sources
        .flat_map(|name| (0..sequences(name)).map(move |number| (sequence(name, number), LENGTH)))
        .collect()
}
