//! What users want, kept in the config topic of Kafka Connect.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use kafka::{CompactedLog, FetchedRecord};

use super::config_record::ConfigRecord;
use super::replay::Replay;
use super::write_privilege::WritePrivilege;
use crate::{Announcement, Change, Error, Fencing, Name, Result, Store};

/// The longest that a write may take with everything that belongs to it, as in Kafka Connect.
const WRITE_LIMIT: Duration = Duration::from_secs(30);
/// The pause after reading failed, so that a broker that is away does not keep a core busy.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes what is announced in the config topic, in order; never waits.
pub type Announced = Arc<dyn Fn(Announcement) + Send + Sync>;

/// The config topic, read to its end and followed.
pub struct ConfigTopic {
    log: CompactedLog,
    announced: Announced,
    /// What only the leader writes, it writes with this; `None` is a group without exactly-once support.
    privilege: Option<WritePrivilege>,
    replay: Replay,
    /// Read and not yet answered.
    pending: VecDeque<Change>,
}

impl ConfigTopic {
    /// Reads the topic; [`Store::stored`] says what is in it, but for what it announces: the newest session key, the log
    /// levels of connectors, and what comes from now on.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn open(log: CompactedLog, announced: Announced) -> Result<Self> {
        let mut topic =
            Self { log, announced, privilege: None, replay: Replay::default(), pending: VecDeque::new() };
        topic.read_decided().await.map_err(|error| topic.failed("reading", &error))?;
        topic.replay.go_live();
        for (connector, level) in topic.replay.levels() {
            let (connector, level) = (connector.clone(), Some(level.to_owned()));
            (topic.announced)(Announcement::ConnectorLevel { connector, level });
        }
        Ok(topic)
    }

    /// Has the leader take the right to write from whoever led before (KIP-618).
    pub fn with_privilege(mut self, privilege: WritePrivilege) -> Self {
        self.privilege = Some(privilege);
        self
    }

    async fn read_to_end(&mut self) -> kafka::Result<()> {
        let records = self.log.read_to_end().await?;
        self.take_in(&records);
        Ok(())
    }

    // Not what a leader has left open when it died: who leads next ends that, and reads this before.
    async fn read_decided(&mut self) -> kafka::Result<()> {
        let records = self.log.read_decided().await?;
        self.take_in(&records);
        Ok(())
    }

    fn take_in(&mut self, records: &[FetchedRecord]) {
        for record in records {
            let parsed = match &record.key {
                Some(key) => ConfigRecord::parse(key, record.value.as_deref()),
                None => Err("it has no key".to_owned()),
            };
            let parsed = parsed.unwrap_or_else(|why| {
                let key = record.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                let (topic, offset) = (self.log.topic(), record.offset);
                tracing::error!(topic, offset, %key, "a record of the config topic is ignored: {why}");
                None
            });
            let concerned = parsed.as_ref().filter(|_| self.replay.is_live()).and_then(concerned_level);
            let before = concerned.as_ref().and_then(|name| self.replay.level(name)).map(str::to_owned);
            self.pending.extend(self.replay.apply(record.offset, parsed.as_ref()));
            if let Some(connector) = concerned {
                let level = self.replay.level(&connector).map(str::to_owned);
                // Workers may have levels that the topic does not know: a word for all is said to all, and what is deleted
                // has none.
                if level != before || !matches!(parsed, Some(ConfigRecord::Connector(_, Some(_)))) {
                    (self.announced)(Announcement::ConnectorLevel { connector, level });
                }
            }
            match parsed {
                Some(ConfigRecord::SessionKey(key)) => (self.announced)(Announcement::SessionKey(key)),
                // Those of earlier were for workers of then, as in Kafka Connect.
                Some(ConfigRecord::Logger(logger, level)) if self.replay.is_live() => {
                    (self.announced)(Announcement::Level { logger, level });
                }
                _ => {}
            }
        }
    }

    async fn append(&mut self, records: &[ConfigRecord]) -> kafka::Result<()> {
        let records: Vec<_> = records.iter().map(ConfigRecord::encode).collect();
        self.log.writer().append(&records).await?;
        self.read_to_end().await
    }

    // As a leader: the last is written when those before are known to be in the topic, or all are in one transaction.
    async fn append_with_last(&mut self, records: &[ConfigRecord], last: ConfigRecord) -> kafka::Result<()> {
        if self.privilege.is_some() {
            return self.append_as_leader(&[records, &[last]].concat()).await;
        }
        let records: Vec<_> = records.iter().map(ConfigRecord::encode).collect();
        self.log.writer().append(&records).await?;
        self.append(&[last]).await
    }

    // What only the leader of the group may write.
    async fn append_as_leader(&mut self, records: &[ConfigRecord]) -> kafka::Result<()> {
        let Some(privilege) = &mut self.privilege else { return self.append(records).await };
        let records: Vec<_> = records.iter().map(ConfigRecord::encode).collect();
        privilege.write(self.log.writer().batch(&records)?).await?;
        self.read_to_end().await
    }

    async fn write_all(&mut self, change: &Change) -> kafka::Result<()> {
        match change {
            Change::Config { name, config, target } => {
                let connector = ConfigRecord::Connector(name.clone(), Some(config.clone()));
                let target = target.map(|target| ConfigRecord::Target(name.clone(), Some(target)));
                let records: Vec<_> = target.into_iter().chain([connector]).collect();
                self.append_as_leader(&records).await
            }
            Change::Target { name, target } => {
                // Each worker may.
                self.append(&[ConfigRecord::Target(name.clone(), Some(*target))]).await
            }
            Change::Tasks { name, configs, .. } => {
                let task = |(index, config): (u32, &_)| {
                    ConfigRecord::Task(name.clone(), index, Clone::clone(config))
                };
                let tasks: Vec<_> = (0..).zip(configs).map(task).collect();
                let commit = ConfigRecord::Commit(name.clone(), configs.len() as u32);
                self.append_with_last(&tasks, commit).await
            }
            Change::Restart { name, include_tasks, only_failed } => {
                let (include_tasks, only_failed) = (*include_tasks, *only_failed);
                self.append_as_leader(&[ConfigRecord::Restart {
                    name: name.clone(),
                    include_tasks,
                    only_failed,
                }])
                .await
            }
            Change::Deleted { name } => {
                let (connector, target) =
                    (ConfigRecord::Connector(name.clone(), None), ConfigRecord::Target(name.clone(), None));
                // Without it, another connector of the same name would have the level once compaction has taken the rest.
                let level = self.replay.keeps_level(name);
                let level = level.then(|| ConfigRecord::ConnectorLevel(name.clone(), None));
                let records: Vec<_> = [connector, target].into_iter().chain(level).collect();
                self.append_as_leader(&records).await
            }
        }
    }

    // What others wrote meanwhile is not lost when it failed.
    fn written(
        &mut self,
        written: std::result::Result<kafka::Result<()>, tokio::time::error::Elapsed>,
    ) -> Result<Vec<Change>> {
        match written {
            Ok(Ok(())) => Ok(self.pending.drain(..).collect()),
            Ok(Err(error)) => Err(self.failed("writing to", &error)),
            Err(_) => Err(Error::Failed(format!(
                "writing to the config topic {} took more than {} s; it may still happen",
                self.log.topic(),
                WRITE_LIMIT.as_secs()
            ))),
        }
    }

    fn failed(&self, what: &str, error: &kafka::Error) -> Error {
        Error::Failed(format!("{what} the config topic {} failed: {error}", self.log.topic()))
    }
}

impl Store for ConfigTopic {
    fn stored(&mut self) -> Vec<Change> {
        self.pending.drain(..).collect()
    }

    fn write(&mut self, change: Change) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(async move {
            let written = tokio::time::timeout(WRITE_LIMIT, self.write_all(&change)).await;
            let mut changes = self.written(written)?;
            if let Change::Tasks { name, applied, .. } = change {
                mark(&mut changes, &name, applied);
            }
            Ok(changes)
        })
    }

    fn announce(&mut self, announcement: Announcement) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(async move {
            let is_of_leader = matches!(announcement, Announcement::SessionKey(_));
            let record = [match announcement {
                Announcement::SessionKey(key) => ConfigRecord::SessionKey(key),
                Announcement::Level { logger, level } => ConfigRecord::Logger(logger, level),
                Announcement::ConnectorLevel { connector, level } => {
                    ConfigRecord::ConnectorLevel(connector, level)
                }
            }];
            let writing = async {
                match is_of_leader {
                    true => self.append_as_leader(&record).await,
                    false => self.append(&record).await,
                }
            };
            let written = tokio::time::timeout(WRITE_LIMIT, writing).await;
            self.written(written)
        })
    }

    fn fencing(&self, name: &Name) -> Fencing {
        self.replay.fencing(name)
    }

    fn write_task_count(&mut self, name: Name, count: u32) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(async move {
            let record = [ConfigRecord::Fencing(name, count)];
            let written = tokio::time::timeout(WRITE_LIMIT, self.append_as_leader(&record)).await;
            self.written(written)
        })
    }

    fn may_write(&self) -> bool {
        self.privilege.as_ref().is_none_or(WritePrivilege::is_held)
    }

    fn claim(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let Some(privilege) = &mut self.privilege else { return Ok(()) };
            match tokio::time::timeout(WRITE_LIMIT, privilege.claim()).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(self.failed("taking over the right to write to", &error)),
                Err(_) => Err(Error::Failed(format!(
                    "taking over the right to write to the config topic {} took more than {} s",
                    self.log.topic(),
                    WRITE_LIMIT.as_secs()
                ))),
            }
        })
    }

    fn release(&mut self) {
        if let Some(privilege) = &mut self.privilege {
            privilege.release();
        }
    }

    fn offset(&self) -> i64 {
        self.replay.offset()
    }

    fn catch_up(&mut self) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(async move {
            let read = tokio::time::timeout(WRITE_LIMIT, self.read_decided()).await;
            match read {
                Ok(Ok(())) => Ok(self.pending.drain(..).collect()),
                Ok(Err(error)) => Err(self.failed("reading", &error)),
                Err(_) => Err(Error::Failed(format!(
                    "the config topic {} could not be read to its end within {} s",
                    self.log.topic(),
                    WRITE_LIMIT.as_secs()
                ))),
            }
        })
    }

    fn next(&mut self) -> BoxFuture<'_, Change> {
        Box::pin(async move {
            loop {
                if let Some(change) = self.pending.pop_front() {
                    return change;
                }
                match self.log.next().await {
                    Ok(records) => self.take_in(&records),
                    Err(error) => {
                        tracing::error!("{}", self.failed("reading", &error));
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        })
    }
}

// The connector whose log level a record may change.
fn concerned_level(record: &ConfigRecord) -> Option<Name> {
    match record {
        ConfigRecord::Connector(name, _) | ConfigRecord::ConnectorLevel(name, _) => Some(name.clone()),
        _ => None,
    }
}

// Tasks that were just written are known to be made of this config: the topic does not say so.
fn mark(changes: &mut [Change], written: &Name, known: Option<u64>) {
    let ours = changes.iter_mut().rev().find_map(|change| match change {
        Change::Tasks { name, applied, .. } if name == written => Some(applied),
        _ => None,
    });
    if let Some(applied) = ours {
        *applied = known;
    }
}
