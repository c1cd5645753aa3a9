//! The dead letter topic: bad records of a sink as they came, those of a source as JSON, with headers that tell what
//! went wrong.
//!
//! Letters are written before the offsets of their batch move, so that none is lost (invariant 4).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use api::data::Topic;
use api::{Error, RawHeader, Result};
use kafka::{EncodedBatch, EncodedHeader, EncodedRecord, FetchedRecord, NewTopic, Producer};
use spec::{ConnectorKind, DeadLetterSpec};

use crate::build;
use crate::scope::Scope;
use crate::source_loop::Trouble;
use crate::stats::add;
use crate::tolerance::Failed;

pub(crate) struct DeadLetters {
    scope: Scope,
    spec: DeadLetterSpec,
    topic: Topic,
    producer: Arc<dyn Producer>,
    /// Written down, not yet delivered.
    pending: EncodedBatch,
}

/// What is written down of a bad record.
pub(crate) struct Letter<'a> {
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: &'a [RawHeader],
    /// Milliseconds since the epoch.
    pub(crate) timestamp: Option<i64>,
    /// Headers that tell where it came from.
    pub(crate) origin: &'a [(&'a str, &'a [u8])],
}

impl DeadLetters {
    /// Makes the topic if it is not there.
    pub(crate) async fn open(scope: &mut Scope, spec: &DeadLetterSpec) -> std::result::Result<Self, Trouble> {
        let admin = build::dead_letter_admin(scope)?;
        let mut back_off = scope.back_off("dead letter topic");
        loop {
            match ensure_topic(admin.as_ref(), spec).await {
                Ok(()) => break,
                Err(error) if error.is_retriable() => {
                    let wait = back_off.next();
                    scope.tell_retrying(&error, wait);
                    scope.pause(wait).await?;
                }
                Err(error) => {
                    let key = match scope.spec.connector.kind {
                        ConnectorKind::Sink => "errors.deadletterqueue.topic.replication.factor",
                        ConnectorKind::Source => "sluice.errors.source.topic.replication.factor",
                    };
                    let error = Error::fatal("the dead letter topic cannot be created")
                        .with("topic", &spec.topic)
                        .with("replicas", spec.replication_factor)
                        .hint(format!("create it, or set {key} to at most the number of brokers"))
                        .caused_by(error);
                    return Err(error.into());
                }
            }
        }
        Ok(Self {
            topic: spec.topic.as_str().into(),
            spec: spec.clone(),
            producer: build::dead_letter_producer(scope)?,
            pending: EncodedBatch::default(),
            scope: scope.clone(),
        })
    }

    /// Writes a letter of a sink down; [`Self::deliver`] sends it.
    pub(crate) fn add(&mut self, failed: &Failed, record: &FetchedRecord) {
        self.append(
            failed,
            &Letter {
                key: record.key.as_deref(),
                value: record.value.as_deref(),
                headers: &record.headers,
                timestamp: record.timestamp,
                origin: &[
                    ("__connect.errors.topic", record.topic.as_bytes()),
                    ("__connect.errors.partition", record.partition.to_string().as_bytes()),
                    ("__connect.errors.offset", record.offset.to_string().as_bytes()),
                ],
            },
        );
    }

    /// Writes a letter down, whichever way its record went.
    pub(crate) fn append(&mut self, failed: &Failed, letter: &Letter<'_>) {
        self.scope.measures().letter();
        let batch = &mut self.pending;
        let key = letter.key.map(|bytes| append(batch, bytes));
        let value = letter.value.map(|bytes| append(batch, bytes));
        let first_header = batch.headers.len() as u32;
        for header in letter.headers {
            let key = append(batch, header.key.as_bytes());
            let value = header.value.as_ref().map(|bytes| append(batch, bytes));
            batch.headers.push(EncodedHeader { key, value });
        }
        if self.spec.context_headers {
            self.add_context(failed, letter.origin);
        }
        self.pending.records.push(EncodedRecord {
            topic: self.topic.clone(),
            partition: None,
            timestamp: letter.timestamp.filter(|time| *time >= 0),
            key,
            value,
            headers: first_header..self.pending.headers.len() as u32,
        });
    }

    fn add_context(&mut self, failed: &Failed, origin: &[(&str, &[u8])]) {
        let (message, trace) = (self.scope.message_of(&failed.error), self.scope.trace_of(&failed.error));
        let batch = &mut self.pending;
        for (name, value) in origin {
            let (key, value) = (append(batch, name.as_bytes()), Some(append(batch, value)));
            batch.headers.push(EncodedHeader { key, value });
        }
        let mut header = |name: &str, value: &str| {
            let key = append(batch, b"__connect.errors.");
            let key = key.start..append(batch, name.as_bytes()).end;
            let value = Some(append(batch, value.as_bytes()));
            batch.headers.push(EncodedHeader { key, value });
        };
        header("connector.name", &self.scope.id.connector);
        header("task.id", &self.scope.id.task.to_string());
        header("stage", failed.stage.name());
        header("class.name", &failed.class);
        header("exception.class.name", failed.error.class_name());
        header("exception.message", &message);
        header("exception.stacktrace", &trace);
    }

    /// Waits until all letters are acknowledged; what passes is tried again for as long as it takes.
    pub(crate) async fn deliver(&mut self) -> std::result::Result<(), Trouble> {
        let mut back_off = self.scope.back_off("dead letters");
        let mut tried = false;
        while !self.pending.is_empty() {
            let mut commands = self.scope.commands.clone();
            let attempt = tokio::select! {
                biased;
                () = commands.stopped() => return Err(Trouble::Interrupted),
                attempt = self.scope.acknowledged(
                    self.producer.as_ref(),
                    attempt(self.producer.as_ref(), &self.pending),
                ) => attempt,
            };
            let failures = match attempt {
                Ok(delivery) => delivery.failures,
                Err(error) => {
                    let all = 0..self.pending.records.len();
                    all.map(|index| kafka::Failure { index, error: error.clone() }).collect()
                }
            };
            self.scope.measures().letters_failed(failures.len());
            let failed: Vec<usize> = failures.iter().map(|failure| failure.index).collect();
            add(&self.scope.counters.dead_lettered, self.pending.records.len() - failed.len());
            let Some(worst) = failures.into_iter().map(|failure| failure.error).max_by_key(severity) else {
                self.pending = EncodedBatch::default();
                break;
            };
            self.pending = only(&self.pending, &failed);
            let unusable = matches!(worst, kafka::Error::Unusable { .. });
            let error = Error::from(worst).with("dead letter topic", &self.topic);
            if !error.is_retriable() {
                // Left out without a letter would be lost without a trace.
                return Err(Trouble::Fail(
                    Error::fatal("a record could not be written to the dead letter topic").caused_by(error),
                ));
            }
            if unusable {
                self.producer = build::dead_letter_producer(&self.scope)?;
            }
            let wait = back_off.next();
            self.scope.tell_retrying(&error, wait);
            self.scope.pause(wait).await?;
            tried = true;
        }
        if tried {
            self.scope.counters.recovered();
        }
        Ok(())
    }
}

async fn attempt(producer: &dyn Producer, letters: &EncodedBatch) -> kafka::Result<kafka::Delivery> {
    Ok(producer.send(letters.clone()).await?.await)
}

/// What cannot be helped counts more than what passes.
fn severity(error: &kafka::Error) -> u8 {
    match error {
        kafka::Error::Retriable { .. } => 0,
        kafka::Error::Unusable { .. } => 1,
        _ => 2,
    }
}

/// The batch with these records only. They share the buffer's ranges, so it is kept.
fn only(batch: &EncodedBatch, indexes: &[usize]) -> EncodedBatch {
    let records = indexes.iter().filter_map(|index| batch.records.get(*index).cloned()).collect();
    EncodedBatch { buffer: batch.buffer.clone(), records, headers: batch.headers.clone() }
}

async fn ensure_topic(admin: &dyn kafka::Admin, spec: &DeadLetterSpec) -> Result<()> {
    if !admin.partitions(std::slice::from_ref(&spec.topic)).await?.is_empty() {
        return Ok(());
    }
    let topic = NewTopic {
        name: spec.topic.clone(),
        partitions: 1,
        replication_factor: spec.replication_factor,
        configs: BTreeMap::new(),
    };
    admin.create_topic(&topic).await?;
    Ok(())
}

fn append(batch: &mut EncodedBatch, bytes: &[u8]) -> Range<u32> {
    let start = batch.buffer.len() as u32;
    batch.buffer.extend_from_slice(bytes);
    start..batch.buffer.len() as u32
}
