//! What the records of the config topic mean, one after another: the rules of Kafka Connect.

use std::collections::BTreeMap;

use config::RawConfig;

use super::config_record::ConfigRecord;
use crate::{Change, Fencing, Name, Target};

/// What was read of the config topic so far.
#[derive(Debug, Default)]
pub struct Replay {
    connectors: BTreeMap<Name, Known>,
    next: Option<i64>,
    /// Requests count from now on: those of earlier were done when they were made.
    live: bool,
}

/// What is known of a connector, also of one that was deleted or does not exist yet.
#[derive(Debug, Default)]
struct Known {
    exists: bool,
    target: Option<Target>,
    /// Task configs that no commit followed yet.
    deferred: BTreeMap<u32, RawConfig>,
    /// The log level of its own. What compaction leaves of a connector may come after it.
    level: Option<String>,
    /// Kept when the connector is deleted: its tasks may write for longer than that, and it may come back.
    fencing: Fencing,
}

impl Replay {
    /// The offset after the last record, which is what a worker says of itself to its group; -1 before the first.
    pub fn offset(&self) -> i64 {
        self.next.unwrap_or(-1)
    }

    /// What is known of a connector's tasks that may write in transactions.
    pub fn fencing(&self, name: &str) -> Fencing {
        self.connectors.get(name).map(|known| known.fencing).unwrap_or_default()
    }

    /// The log level of a connector that exists, if it has one of its own.
    pub fn level(&self, name: &str) -> Option<&str> {
        self.connectors.get(name).filter(|known| known.exists)?.level.as_deref()
    }

    /// The connectors that have a log level of their own.
    pub fn levels(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.connectors.keys().filter_map(|name| Some((name, self.level(name)?)))
    }

    /// Whether there is a record of a level of this connector, whether it exists or not.
    pub fn keeps_level(&self, name: &str) -> bool {
        self.connectors.get(name).is_some_and(|known| known.level.is_some())
    }

    /// What was stored earlier is read: requests that come now are new.
    pub fn go_live(&mut self) {
        self.live = true;
    }

    /// Whether what was stored earlier is read.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Takes in the record at an offset, if it could be read, and says what changes for connectors. What does not
    /// concern a connector's config is the caller's.
    pub fn apply(&mut self, offset: i64, record: Option<&ConfigRecord>) -> Option<Change> {
        self.next = Some(offset + 1);
        match record? {
            ConfigRecord::Connector(name, Some(config)) => {
                let known = self.connectors.entry(name.clone()).or_default();
                // A target that came before its connector is that of its creation.
                let target = (!known.exists).then(|| known.target.unwrap_or(Target::Started));
                known.exists = true;
                Some(Change::Config { name: name.clone(), config: config.clone(), target })
            }
            ConfigRecord::Connector(name, None) => {
                let known = self.connectors.get_mut(name)?;
                known.deferred.clear();
                known.level = None;
                std::mem::take(&mut known.exists).then(|| Change::Deleted { name: name.clone() })
            }
            ConfigRecord::Target(name, target) => {
                let known = self.connectors.entry(name.clone()).or_default();
                known.target = *target;
                let target = target.unwrap_or(Target::Started);
                known.exists.then(|| Change::Target { name: name.clone(), target })
            }
            ConfigRecord::Task(name, index, config) => {
                let known = self.connectors.entry(name.clone()).or_default();
                known.deferred.insert(*index, config.clone());
                None
            }
            ConfigRecord::Commit(name, count) => {
                let known = self.connectors.get_mut(name)?;
                let deferred = std::mem::take(&mut known.deferred);
                if !known.exists {
                    return None;
                }
                known.fencing.committed(*count);
                // Task configs are never deleted: some may be there of a larger set of earlier, or of a leader that died
                // before its commit. The set is whole when each index of the commit is there, as in Kafka Connect.
                let there = deferred.len();
                let configs: Vec<_> = (0..*count)
                    .zip(deferred)
                    .map_while(|(at, (index, config))| (at == index).then_some(config))
                    .collect();
                let whole = configs.len() as u64 == u64::from(*count);
                if !whole {
                    tracing::warn!(
                        connector = %name,
                        "the config topic has {there} task configs where its commit says {count}: the connector is asked \
                         for them again when it starts"
                    );
                }
                let configs = if whole { configs } else { Vec::new() };
                Some(Change::Tasks { name: name.clone(), configs, applied: None })
            }
            ConfigRecord::Restart { name, include_tasks, only_failed } => {
                let (include_tasks, only_failed) = (*include_tasks, *only_failed);
                self.live.then(|| Change::Restart { name: name.clone(), include_tasks, only_failed })
            }
            ConfigRecord::Fencing(name, count) => {
                self.connectors.entry(name.clone()).or_default().fencing.fenced(*count);
                None
            }
            ConfigRecord::ConnectorLevel(name, level) => {
                self.connectors.entry(name.clone()).or_default().level.clone_from(level);
                None
            }
            ConfigRecord::SessionKey(_) | ConfigRecord::Logger(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> RawConfig {
        RawConfig::new().with("a", text)
    }

    fn changes(records: &[ConfigRecord]) -> Vec<Change> {
        let mut replay = Replay::default();
        (0..).zip(records).filter_map(|(offset, record)| replay.apply(offset, Some(record))).collect()
    }

    fn tasks(configs: &[&str]) -> Change {
        let configs = configs.iter().map(|text| config(text)).collect();
        Change::Tasks { name: "c".into(), configs, applied: None }
    }

    #[test]
    fn task_configs_count_when_they_are_committed_whole() {
        let name: Name = "c".into();
        let task = |index, text| ConfigRecord::Task(name.clone(), index, config(text));
        let connector = ConfigRecord::Connector(name.clone(), Some(config("x")));
        let commit = |count| ConfigRecord::Commit(name.clone(), count);
        let created =
            Change::Config { name: name.clone(), config: config("x"), target: Some(Target::Started) };

        let records = [connector.clone(), task(0, "0"), task(1, "1"), commit(2), commit(0)];
        assert_eq!(changes(&records), [created.clone(), tasks(&["0", "1"]), tasks(&[])]);

        // A leader that died before its commit, or a set of which compaction left a part.
        let records = [connector.clone(), task(0, "0"), task(1, "1")];
        assert_eq!(changes(&records), std::slice::from_ref(&created));
        let records = [connector.clone(), task(1, "1"), commit(2), task(0, "0"), commit(1)];
        assert_eq!(changes(&records), [created.clone(), tasks(&[]), tasks(&["0"])]);
        // What compaction leaves of three tasks that became two; and of a leader that died when it had written three.
        let records = [connector.clone(), task(2, "old"), task(0, "0"), task(1, "1"), commit(2)];
        assert_eq!(changes(&records), [created.clone(), tasks(&["0", "1"])]);
        let records = [connector.clone(), task(0, "0"), task(2, "2"), commit(2)];
        assert_eq!(changes(&records), [created, tasks(&[])]);

        assert_eq!(changes(&[task(0, "0"), commit(1)]), [], "of a connector that does not exist");
        assert_eq!(changes(&[commit(1)]), []);
    }

    #[test]
    fn targets_come_before_their_connector_or_after() {
        let name: Name = "c".into();
        let target = |target| ConfigRecord::Target(name.clone(), target);
        let connector = |config| ConfigRecord::Connector(name.clone(), config);
        let created = |text, target| Change::Config { name: name.clone(), config: config(text), target };
        let wanted = |target| Change::Target { name: name.clone(), target };
        let records = [
            target(Some(Target::Stopped)),
            connector(Some(config("1"))),
            target(Some(Target::Started)),
            connector(Some(config("2"))),
            target(None),
            connector(None),
            target(None),
            connector(None),
            connector(Some(config("3"))),
        ];
        let expected = [
            created("1", Some(Target::Stopped)),
            wanted(Target::Started),
            created("2", None),
            wanted(Target::Started),
            Change::Deleted { name: name.clone() },
            created("3", Some(Target::Started)),
        ];
        assert_eq!(changes(&records), expected);
    }

    #[test]
    fn requests_of_earlier_are_not_done_again() {
        let request = ConfigRecord::Restart { name: "c".into(), include_tasks: true, only_failed: false };
        let mut replay = Replay::default();
        assert_eq!(replay.apply(0, Some(&request)), None);
        replay.go_live();
        let wanted = Change::Restart { name: "c".into(), include_tasks: true, only_failed: false };
        assert_eq!(replay.apply(1, Some(&request)), Some(wanted));
    }

    #[test]
    fn a_level_lasts_as_long_as_its_connector() {
        let name: Name = "c".into();
        let level =
            |level: Option<&str>| ConfigRecord::ConnectorLevel(name.clone(), level.map(str::to_owned));
        let connector = |config| ConfigRecord::Connector(name.clone(), config);
        let mut replay = Replay::default();
        let mut after = |record: &ConfigRecord| {
            replay.apply(0, Some(record));
            (replay.level("c").map(str::to_owned), replay.keeps_level("c"))
        };
        let debug = (Some("DEBUG".to_owned()), true);
        // As compaction leaves them when the connector was changed later.
        assert_eq!(after(&level(Some("DEBUG"))), (None, true));
        assert_eq!(after(&connector(Some(config("1")))), debug);
        assert_eq!(after(&connector(Some(config("2")))), debug);
        assert_eq!(after(&level(None)), (None, false));
        assert_eq!(after(&level(Some("DEBUG"))), debug);
        assert_eq!(after(&connector(None)), (None, false));
        assert_eq!(after(&connector(Some(config("3")))), (None, false), "another one of the same name");
    }

    #[test]
    fn the_offset_counts_every_record() {
        let mut replay = Replay::default();
        assert_eq!(replay.offset(), -1);
        replay.apply(7, None);
        assert_eq!(replay.offset(), 8);
    }
}
