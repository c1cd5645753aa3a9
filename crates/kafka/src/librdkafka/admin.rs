//! Topics and offsets through librdkafka.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};
use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, NewTopic as NativeTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;

use super::context::Reports;
use super::failure::{failed, with_code, with_raw};
use super::fencing;
use super::group_offsets::Groups;
use super::java_keys::Translated;
use super::login::{Login, Member};
use crate::{Admin, Error, GroupChange, NewTopic, Result, TopicCreation};

/// How long a call waits for the brokers.
const ANSWER: Duration = Duration::from_secs(30);

/// How long is waited to learn why a call failed.
const WHY: Duration = Duration::from_secs(5);

/// A consumer without a group: unlike a producer, it asks for topics without creating them.
type Native = BaseConsumer<Reports>;

impl ConsumerContext for Reports {}

pub(super) struct RdKafkaAdmin {
    /// Dropped before the client, which it has a pointer to.
    member: Option<Member>,
    login: Option<Arc<Login>>,
    config: ClientConfig,
    /// The same, for clients of other kinds.
    translated: Translated,
    /// Taken by `Drop` only.
    native: Option<Arc<Native>>,
}

impl Drop for RdKafkaAdmin {
    fn drop(&mut self) {
        self.member = None;
        let native = self.native.take();
        // Closing connections blocks; whoever drops must not.
        let _ = std::thread::Builder::new().name("kafka-close".to_owned()).spawn(move || drop(native));
    }
}

impl fmt::Debug for RdKafkaAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RdKafkaAdmin").finish_non_exhaustive() // the config may hold secrets
    }
}

impl RdKafkaAdmin {
    pub(super) fn new(translated: &Translated, login: Option<Arc<Login>>) -> Result<Self> {
        let config = translated.native()?;
        let mut reading = config.clone();
        reading.set("allow.auto.create.topics", "false");
        reading.set("isolation.level", "read_uncommitted"); // for the ends of topics, as Java's admin client
        let reports = Reports::default();
        let native: Native =
            reading.create_with_context(reports.clone()).map_err(|error| translated.not_created(&error))?;
        // SAFETY: the member is dropped before the client: it is declared later here, and `Drop` drops it before it
        // hands the client to who ends it.
        #[allow(unsafe_code)]
        let member = login.as_ref().map(|login| unsafe { login.join(native.client(), reports) });
        Ok(Self { member, login, config, translated: translated.clone(), native: Some(Arc::new(native)) })
    }

    /// Runs a call that blocks, and then says in the log what librdkafka had to say meanwhile.
    async fn call<T: Send + 'static>(
        &self,
        operation: &str,
        call: impl FnOnce(&Native) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let native = Arc::clone(self.native.as_ref().expect("it is taken by Drop only"));
        let mut unseen = self.login.is_some();
        let called = tokio::task::spawn_blocking(move || {
            let result = call(&native);
            let reports = native.context();
            loop {
                let served = reports.served();
                let nothing = native.poll(Duration::ZERO).is_none() && reports.served() == served;
                // Or librdkafka's hint that a token is due was served, of which nothing is seen.
                if nothing && !std::mem::take(&mut unseen) {
                    break;
                }
            }
            match (result, reports.take_refusal()) {
                (Err(_), Some(refusal)) => Err(refusal), // a time-out, because nobody let us in
                (Err(error), None) => Err(reports.explained(error)),
                (result, _) => result,
            }
        });
        called.await.unwrap_or_else(|error| {
            Err(Error::Fatal { operation: operation.to_owned(), reason: error.to_string() })
        })
    }
}

impl RdKafkaAdmin {
    /// Why the brokers do not let us in, if that is why a call failed: the wrapper's admin client does not pass on what
    /// librdkafka reports, so the client that reads is asked.
    async fn refusal(&self, operation: &str, topic: &str) -> Option<Error> {
        let topic = topic.to_owned();
        let asked = self.call(operation, move |native| {
            let answer = native.fetch_metadata(Some(&topic), WHY);
            answer.map(drop).map_err(|error| failed("asking for metadata", &error))
        });
        asked.await.err().filter(|error| matches!(error, Error::Fatal { .. }))
    }
}

impl RdKafkaAdmin {
    /// Runs a call of the wrapper's admin client, which is made for the occasion: such calls are rare, and a client
    /// costs threads.
    async fn with_admin_client<T>(
        &self,
        operation: &str,
        call: impl AsyncFnOnce(&AdminClient<Reports>, &AdminOptions) -> KafkaResult<T>,
    ) -> Result<T> {
        let reports = Reports::default();
        let client = AdminClient::from_config_and_context(&self.config, reports.clone())
            .map_err(|error| failed(operation, &error))?;
        // SAFETY: the member is dropped before the client: by name below, and being declared later on every other
        // way out.
        #[allow(unsafe_code)]
        let member = self.login.as_ref().map(|login| unsafe { login.join(client.inner(), reports.clone()) });
        let options = AdminOptions::new().request_timeout(Some(ANSWER)).operation_timeout(Some(ANSWER));
        let answer = call(&client, &options).await;
        drop(member);
        let _ = tokio::task::spawn_blocking(move || drop(client)).await; // it waits for its thread
        answer.map_err(|error| reports.explained(failed(operation, &error)))
    }
}

fn partitions_of(native: &Native, topic: &str) -> Result<Option<u32>> {
    let operation = || format!("describing topic {topic}");
    let metadata = native.fetch_metadata(Some(topic), ANSWER).map_err(|error| failed(operation(), &error))?;
    let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else { return Ok(None) };
    match found.error() {
        None => Ok(Some(found.partitions().len() as u32)),
        Some(
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
            | RDKafkaRespErr::RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        ) => Ok(None),
        Some(code) => Err(with_raw(operation(), code)),
    }
}

impl Admin for RdKafkaAdmin {
    fn cluster_id(&self) -> BoxFuture<'_, Result<String>> {
        let operation = "asking for the cluster's id";
        Box::pin(self.call(operation, move |native| {
            let id = native.client().fetch_cluster_id(ANSWER);
            id.ok_or_else(|| with_code(operation, Code::BrokerTransportFailure))
        }))
    }

    fn partitions<'a>(&'a self, topics: &'a [String]) -> BoxFuture<'a, Result<BTreeMap<String, u32>>> {
        let topics = topics.to_vec();
        Box::pin(self.call("describing topics", move |native| {
            let mut known = BTreeMap::new();
            for topic in topics {
                if let Some(partitions) = partitions_of(native, &topic)? {
                    known.insert(topic, partitions);
                }
            }
            Ok(known)
        }))
    }

    fn create_topic<'a>(&'a self, topic: &'a NewTopic) -> BoxFuture<'a, Result<TopicCreation>> {
        Box::pin(async move {
            let operation = format!("creating topic {}", topic.name);
            let replication = TopicReplication::Fixed(topic.replication_factor);
            let mut native = NativeTopic::new(&topic.name, topic.partitions, replication);
            for (key, value) in &topic.configs {
                native = native.set(key, value);
            }
            let created = self
                .with_admin_client(&operation, async |client, options| {
                    client.create_topics([&native], options).await
                })
                .await;
            let answers = match created {
                Ok(answers) => answers,
                Err(error) => return Err(self.refusal(&operation, &topic.name).await.unwrap_or(error)),
            };
            match answers.into_iter().next() {
                Some(Ok(_)) => Ok(TopicCreation::Created),
                Some(Err((_, Code::TopicAlreadyExists))) => Ok(TopicCreation::Existed),
                Some(Err((_, code))) => Err(with_code(operation, code)),
                None => {
                    Err(Error::Fatal { operation, reason: "the broker did not answer for it".to_owned() })
                }
            }
        })
    }

    fn topic_configs<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<BTreeMap<String, String>>> {
        Box::pin(async move {
            let operation = format!("describing the configs of topic {topic}");
            let answer = self
                .with_admin_client(&operation, async |client, options| {
                    client.describe_configs([&ResourceSpecifier::Topic(topic)], options).await
                })
                .await;
            let answers = match answer {
                Ok(answers) => answers,
                Err(error) => return Err(self.refusal(&operation, topic).await.unwrap_or(error)),
            };
            match answers.into_iter().next() {
                Some(Ok(resource)) => Ok(resource
                    .entries
                    .into_iter()
                    .filter_map(|entry| Some((entry.name, entry.value.filter(|_| !entry.is_sensitive)?)))
                    .collect()),
                Some(Err(code)) => Err(with_code(operation, code)),
                None => {
                    Err(Error::Fatal { operation, reason: "the broker did not answer for it".to_owned() })
                }
            }
        })
    }

    fn end_offsets<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>> {
        let operation = "asking for end offsets";
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            let element = list.add_partition_offset(&partition.topic, partition.partition, Offset::End);
            if let Err(error) = element {
                let error = failed(operation, &error);
                return Box::pin(std::future::ready(Err(error)));
            }
        }
        Box::pin(self.call(operation, move |native| {
            if list.count() == 0 {
                return Ok(Offsets::new());
            }
            let answer = native.offsets_for_times(list, ANSWER).map_err(|error| failed(operation, &error))?;
            let mut offsets = Offsets::new();
            for element in answer.elements() {
                let partition = TopicPartition::new(element.topic(), element.partition());
                element.error().map_err(|error| failed(format!("{operation} of {partition}"), &error))?;
                match element.offset() {
                    Offset::Offset(offset) => offsets.insert(partition, offset),
                    _ => return Err(with_code(format!("{operation} of {partition}"), Code::Unknown)),
                };
            }
            Ok(offsets)
        }))
    }
    fn group_offsets<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<Offsets>> {
        let group = group.to_owned();
        Box::pin(self.call("asking for offsets of a group", move |native| {
            Groups::new(native.client(), ANSWER).offsets(&group)
        }))
    }

    fn alter_group_offsets<'a>(
        &'a self,
        group: &'a str,
        offsets: &'a Offsets,
    ) -> BoxFuture<'a, Result<GroupChange>> {
        let (group, offsets) = (group.to_owned(), offsets.clone());
        Box::pin(self.call("altering offsets of a group", move |native| {
            Groups::new(native.client(), ANSWER).alter(&group, &offsets)
        }))
    }

    fn delete_group_offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<GroupChange>> {
        let (group, partitions) = (group.to_owned(), partitions.to_vec());
        Box::pin(self.call("forgetting offsets of a group", move |native| {
            Groups::new(native.client(), ANSWER).forget(&group, &partitions)
        }))
    }

    fn fence_producers<'a>(&'a self, ids: &'a [String], limit: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(fencing::fence(&self.translated, self.login.as_ref(), ids, limit))
    }

    fn delete_group<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<GroupChange>> {
        let group = group.to_owned();
        Box::pin(
            self.call("deleting a group", move |native| Groups::new(native.client(), ANSWER).delete(&group)),
        )
    }
}
