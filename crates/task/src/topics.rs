//! Topics that a source writes to: created when a rule says so, and told once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use api::data::Topic;
use api::{Error, Result};
use kafka::{Admin, NewTopic, TopicCreation};
use spec::{TopicCreationSpec, TopicGroup};

/// Makes sure that topics exist, by the rules of `topic.creation.*`.
pub(crate) struct Topics {
    creation: Option<(TopicCreationSpec, Arc<dyn Admin>)>,
    known: HashSet<Topic>,
    /// The topic that was asked for last, compared by pointer: a batch mostly has one.
    last: Option<Topic>,
}

impl Topics {
    /// Without rules topics are left to the broker.
    pub(crate) fn new(creation: Option<(TopicCreationSpec, Arc<dyn Admin>)>) -> Self {
        Self { creation, known: HashSet::new(), last: None }
    }

    /// Whether [`Self::ensure`] has nothing to do for this topic.
    pub(crate) fn is_ready(&mut self, topic: &Topic) -> bool {
        if self.creation.is_none() || self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, topic)) {
            return true;
        }
        let known = self.known.contains(topic);
        if known {
            self.last = Some(topic.clone());
        }
        known
    }

    /// Creates the topic if it does not exist: once per task and topic.
    ///
    /// # Errors
    /// It is not there and cannot be created.
    pub(crate) async fn ensure(&mut self, topic: &Topic) -> Result<()> {
        let Some((rules, admin)) = &self.creation else { return Ok(()) };
        let names = [topic.to_string()];
        if admin.partitions(&names).await?.is_empty() {
            let group = rules.group_of(topic).ok_or_else(|| {
                Error::misconfigured("the topic does not exist and no rule of topic.creation.* matches it")
                    .with("topic", topic)
            })?;
            let created = admin.create_topic(&new_topic(topic, group)).await?;
            if created == TopicCreation::Created {
                tracing::info!("created topic {topic} by topic.creation group {}", group.name);
            }
        }
        self.known.insert(topic.clone());
        Ok(())
    }
}

fn new_topic(topic: &Topic, group: &TopicGroup) -> NewTopic {
    NewTopic {
        name: topic.to_string(),
        partitions: group.partitions,
        replication_factor: group.replication_factor,
        configs: BTreeMap::clone(&group.configs),
    }
}

/// Topics that were told of, so that each is told once.
#[derive(Debug, Default)]
pub(crate) struct ToldTopics {
    told: HashSet<Topic>,
    last: Option<Topic>,
}

impl ToldTopics {
    /// Whether this topic was not told before; it counts as told from now on.
    pub(crate) fn is_new(&mut self, topic: &Topic) -> bool {
        if self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, topic)) {
            return false;
        }
        self.last = Some(topic.clone());
        !self.told.contains(topic) && self.told.insert(topic.clone())
    }
}
