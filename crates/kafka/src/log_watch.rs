//! Looks after a topic that holds state while it is used: that it is there, is the one that was opened, and keeps what is
//! written to it.

use std::fmt;
use std::sync::Arc;

use api::data::{Offsets, TopicPartition};

use crate::compacted_log::{keeps_state, policy_of};
use crate::{Admin, Clients, Error, LogSettings, Result};

/// What is wrong with a topic that holds state. Its text goes on with the topic's name before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTrouble {
    /// There is no such topic any more.
    Gone,
    /// It ends before where it did: it was deleted and made anew, or its end was lost by the brokers.
    Cut {
        /// Where it ended.
        ended_at: i64,
        /// Where it ends now.
        ends_at: i64,
        /// The partition.
        partition: i32,
    },
    /// Kafka does not keep what is in it: its `cleanup.policy`.
    Policy(String),
}

impl fmt::Display for LogTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => write!(f, "is gone: somebody has deleted it"),
            Self::Cut { ended_at, ends_at, partition } => write!(
                f,
                "is not what it was: its partition {partition} ended at {ended_at} and ends at {ends_at} now, so that it was \
                 deleted and made anew, or brokers have lost records"
            ),
            Self::Policy(policy) => write!(
                f,
                "has 'cleanup.policy={policy}' now: Kafka will remove records that are old and still needed"
            ),
        }
    }
}

/// Looks at one topic again and again.
#[derive(Debug)]
pub struct LogWatch {
    admin: Arc<dyn Admin>,
    topic: String,
    /// The highest ends that were seen.
    ends: Offsets,
    /// Records that are gone do not come back.
    cut: Option<LogTrouble>,
}

impl LogWatch {
    /// Of the topic of these settings, which is there.
    ///
    /// # Errors
    /// The settings of the client are wrong.
    pub fn new(clients: &dyn Clients, settings: &LogSettings) -> Result<Self> {
        let topic = settings.topic.name.clone();
        Ok(Self { admin: clients.admin(&settings.admin)?, topic, ends: Offsets::new(), cut: None })
    }

    /// What is wrong with it now.
    ///
    /// # Errors
    /// No broker says.
    pub async fn look(&mut self) -> Result<Option<LogTrouble>> {
        let asked = [self.topic.clone()];
        let Some(count) = self.admin.partitions(&asked).await?.remove(&self.topic) else {
            return Ok(Some(LogTrouble::Gone));
        };
        let partitions: Vec<_> =
            (0..count).map(|partition| TopicPartition::new(self.topic.as_str(), partition as i32)).collect();
        for (place, ends_at) in self.admin.end_offsets(&partitions).await? {
            let ended_at = self.ends.get(&place).copied().unwrap_or_default();
            if ends_at < ended_at {
                let partition = place.partition;
                self.cut.get_or_insert(LogTrouble::Cut { ended_at, ends_at, partition });
            }
            self.ends.insert(place, ends_at.max(ended_at));
        }
        if self.cut.is_some() {
            return Ok(self.cut.clone());
        }
        match self.admin.topic_configs(&self.topic).await {
            Ok(configs) => Ok(policy_of(&configs)
                .filter(|policy| !keeps_state(policy))
                .map(|policy| LogTrouble::Policy(policy.to_owned()))),
            // Who must not look at configs may still use the topic.
            Err(Error::Fatal { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::memory::Cluster;
    use crate::{ClientSettings, NewTopic};

    fn watch(cluster: &Cluster) -> LogWatch {
        let topic = NewTopic {
            name: "configs".to_owned(),
            partitions: 1,
            replication_factor: 1,
            configs: BTreeMap::new(),
        };
        let none = ClientSettings::default();
        let settings = LogSettings {
            topic,
            create: true,
            key: "config.storage.topic",
            one_partition: true,
            consumer: none.clone(),
            producer: none.clone(),
            admin: none,
        };
        LogWatch::new(&*cluster.clients(), &settings).unwrap()
    }

    #[tokio::test]
    async fn a_topic_that_is_gone_or_cut_or_not_compacted_is_noticed() {
        let cluster = Cluster::new();
        cluster.create_topic("configs", 1);
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        let mut watch = watch(&cluster);
        assert_eq!(watch.look().await.unwrap(), None);
        for _ in 0..3 {
            cluster.append("configs", 0, Some("k"), Some("v"));
        }
        assert_eq!(watch.look().await.unwrap(), None);
        cluster.set_topic_config("configs", "cleanup.policy", "delete");
        let policy = watch.look().await.unwrap().unwrap();
        assert_eq!(policy, LogTrouble::Policy("delete".to_owned()));
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        assert_eq!(watch.look().await.unwrap(), None, "mended");
        cluster.fail_next_admin_calls(1);
        watch.look().await.unwrap_err();
        cluster.delete_topic("configs");
        assert_eq!(watch.look().await.unwrap(), Some(LogTrouble::Gone));
        cluster.create_topic("configs", 1);
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        let cut = LogTrouble::Cut { ended_at: 3, ends_at: 0, partition: 0 };
        assert_eq!(watch.look().await.unwrap(), Some(cut.clone()));
        for _ in 0..9 {
            cluster.append("configs", 0, Some("k"), Some("v"));
        }
        assert_eq!(watch.look().await.unwrap(), Some(cut), "what is lost does not come back");
    }
}
