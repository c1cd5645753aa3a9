//! The connector and its task.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use api::config::{RawConfig, Report};
use api::data::{Offsets, SinkRecord, TopicPartition};
use api::{
    CloseReason, ConnectorContext, Error, PutOutcome, Rejection, Result, SinkConnector, SinkContext,
    SinkRequest, SinkTask, SystemClock,
};
use bytes::Bytes;
use futures::future::join_all;
use tokio::sync::oneshot;

use crate::S3SinkConfig;
use crate::body::Chunk;
use crate::bucket::Bucket;
use crate::format::Encoder;
use crate::settings::Settings;
use crate::spill::Spill;
use crate::upload::Uploads;
use crate::writer::{Rewound, Tickets, Tools, Writer};

/// Plans tasks that share the topics' partitions.
#[derive(Debug)]
pub struct S3Sink {
    raw: RawConfig,
}

impl SinkConnector for S3Sink {
    const CLASS: &'static str = "io.confluent.connect.s3.S3SinkConnector";
    const TASK_CLASS: &'static str = "io.confluent.connect.s3.S3SinkTask";
    type Config = S3SinkConfig;
    type Task = S3SinkTask;

    async fn start(_config: S3SinkConfig, raw: RawConfig, _context: ConnectorContext) -> Result<Self> {
        Ok(Self { raw })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![self.raw.clone(); max_tasks])
    }

    async fn check_connection(config: S3SinkConfig) -> std::result::Result<(), Report> {
        let checked = match Bucket::new(&config, SystemClock::new()) {
            Ok(bucket) => bucket.check().await,
            Err(error) => Err(error),
        };
        checked.map_err(|error| {
            let mut report = Report::default();
            report.add("s3.bucket.name", error.to_string());
            report
        })
    }
}

// Bytes of records in memory: in open files and on their way. Encoding goes on beside uploads until they are spent.
const BUFFERS_MAX: usize = 24 << 20;
// A put that finds no room waits this long, less than any consumer's limit between polls.
const ROOM_WITHIN: Duration = Duration::from_secs(60);
// Files that were just closed are worth a short wait, or a rebalance would upload them again.
const FLUSH_WITHIN: Duration = Duration::from_secs(3);
// Records between two looks at other work on this thread: about 300 microseconds.
const RECORDS_AT_ONCE: usize = 256;

/// Collects records in files and uploads them.
#[derive(Debug)]
pub struct S3SinkTask {
    settings: Settings,
    context: SinkContext,
    uploads: Uploads,
    encoder: Encoder,
    tickets: Tickets,
    writers: HashMap<TopicPartition, Writer>,
    retry_backoff: Duration,
    room_within: Duration,
    shutdown_timeout: Duration,
    spill: Spill,
    warned_of_memory: bool,
}

impl SinkTask for S3SinkTask {
    type Config = S3SinkConfig;

    async fn start(config: S3SinkConfig, context: SinkContext) -> Result<Self> {
        let mut settings = Settings::new(&config)?;
        settings.report_nulls &= context.reports_rejections;
        if config.storage.rotate_interval_ms > 0 && settings.rules.interval_ms.is_none() {
            tracing::warn!(
                connector = %context.connector,
                "rotate.interval.ms is ignored: the partitioner is not time-based"
            );
        }
        let bucket = Bucket::new(&config, context.clock.clone())?;
        bucket.check().await?;
        let max_write =
            Duration::from_millis(u64::try_from(config.storage.max_write_duration_ms).unwrap_or(0));
        let spill = Spill::new(settings.shape.pool.clone());
        Ok(Self {
            settings,
            uploads: Uploads::new(bucket, context.spawner.clone(), context.clock.clone()),
            context,
            encoder: Encoder::new(config.storage.decimal_format),
            tickets: Tickets::default(),
            writers: HashMap::new(),
            retry_backoff: config.storage.retry_backoff,
            room_within: ROOM_WITHIN.min(max_write),
            shutdown_timeout: config.storage.shutdown_timeout,
            spill,
            warned_of_memory: false,
        })
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let now_ms = self.context.clock.now_ms();
        for partition in partitions {
            // A writer that is there already is left from an assignment that was not closed: it starts afresh.
            let writer = Writer::new(partition.clone(), &self.settings, now_ms);
            if let Some(old) = self.writers.insert(partition.clone(), writer) {
                drop(old.cancel());
            }
        }
        Ok(())
    }

    async fn close(&mut self, partitions: &[TopicPartition], _reason: CloseReason) -> Result<()> {
        // Revoked or lost, what is not durable is somebody else's to write: nothing may arrive after this returns.
        let writers: Vec<_> =
            partitions.iter().filter_map(|partition| self.writers.remove(partition)).collect();
        self.ended(writers.into_iter().flat_map(Writer::cancel).collect()).await;
        Ok(())
    }

    async fn put(&mut self, records: &[SinkRecord]) -> Result<PutOutcome> {
        self.collect()?;
        self.make_room().await?;
        self.resume_rewound();
        let mut outcome = PutOutcome::accepted();
        let now_ms = self.context.clock.now_ms();
        for writer in self.writers.values_mut() {
            writer.tick(&self.settings, &self.uploads, now_ms)?;
        }
        let mut start = 0;
        for run in records.chunk_by(same_partition) {
            for records in run.chunks(RECORDS_AT_ONCE) {
                self.accept(records, start, now_ms, &mut outcome)?;
                start += records.len();
                tokio::task::yield_now().await;
            }
        }
        Ok(outcome)
    }

    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        self.collect()?;
        if self.is_uploading() {
            let limit = self.context.clock.sleep(FLUSH_WITHIN);
            tokio::pin!(limit);
            while self.is_uploading() {
                tokio::select! {
                    () = &mut limit => break,
                    () = self.uploads.progress() => self.collect()?,
                }
            }
        }
        let committable = self.writers.iter_mut().filter_map(|(partition, writer)| {
            let offset = writer.committable(accepted.get(partition).copied())?;
            Some((partition.clone(), offset))
        });
        Ok(committable.collect())
    }

    async fn stop(mut self) -> Result<()> {
        let writers = std::mem::take(&mut self.writers);
        self.ended(writers.into_values().flat_map(Writer::cancel).collect()).await;
        Ok(())
    }
}

fn same_partition(one: &SinkRecord, other: &SinkRecord) -> bool {
    one.origin_partition == other.origin_partition
        && (std::sync::Arc::ptr_eq(&one.origin_topic, &other.origin_topic)
            || one.origin_topic == other.origin_topic)
}

impl S3SinkTask {
    // Records of one partition; `start` is the place of the first in the batch.
    fn accept(
        &mut self,
        records: &[SinkRecord],
        start: usize,
        now_ms: i64,
        outcome: &mut PutOutcome,
    ) -> Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let partition = TopicPartition::new(first.origin_topic.clone(), first.origin_partition);
        let writer = self.writers.get_mut(&partition).ok_or_else(|| {
            Error::fatal(format!(
                "No writer found for topic partition {partition}. The record's topic-partition does not match any \
                 assigned partitions."
            ))
        })?;
        let Self { settings, uploads, encoder, tickets, .. } = self;
        let mut tools = Tools { settings, encoder, uploads, tickets, now_ms };
        for (index, record) in records.iter().enumerate() {
            match writer.accept(record, &mut tools) {
                Ok(()) => {}
                Err(error) if error.kind() == api::ErrorKind::BadRecord => {
                    outcome.rejected.push(Rejection { index: start + index, error });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    // Takes note of uploads that ended.
    fn collect(&mut self) -> Result<()> {
        while let Some(event) = self.uploads.try_next() {
            let partition = event.partition;
            let owner = self.writers.get_mut(&partition).filter(|writer| writer.owns(event.ticket));
            let Some(writer) = owner else { continue }; // given up meanwhile
            let result = match event.result {
                Ok(outcome) => Ok(outcome),
                Err(error) if error.is_retriable() => {
                    tracing::warn!(%partition, %error, "an upload failed; its records are read again");
                    Err(error.kind())
                }
                Err(error) => return Err(error),
            };
            if let Some(offset) = writer.ended(event.ticket, result) {
                let due = self.context.clock.elapsed() + self.retry_backoff;
                let now_ms = self.context.clock.now_ms();
                drop(writer.rewind(Rewound { offset, paused: true, due }, &self.settings, now_ms));
                let requests = &self.context.requests;
                requests.push(SinkRequest::Seek(partition.clone(), offset));
                requests.push(SinkRequest::Pause(vec![partition]));
            }
        }
        Ok(())
    }

    fn resume_rewound(&mut self) {
        let now = self.context.clock.elapsed();
        for (partition, writer) in &mut self.writers {
            if let Some(rewound) = writer.rewound().filter(|rewound| now >= rewound.due) {
                writer.resume(now + self.retry_backoff);
                // Again, since records that came meanwhile were left out.
                self.context.requests.push(SinkRequest::Seek(partition.clone(), rewound.offset));
                if rewound.paused {
                    self.context.requests.push(SinkRequest::Resume(vec![partition.clone()]));
                }
            }
        }
    }

    // Waits until less than the budget is held. Nothing of the batch is accepted before, so that it can be given back.
    async fn make_room(&mut self) -> Result<()> {
        if self.held() < BUFFERS_MAX {
            return Ok(());
        }
        let limit = self.context.clock.sleep(self.room_within);
        tokio::pin!(limit);
        while self.held() >= BUFFERS_MAX {
            if self.uploads.held() == 0 {
                // Many open files, each too small for a part: S3 leaves no way but to keep them.
                return self.put_aside().await;
            }
            tokio::select! {
                () = self.uploads.progress() => self.collect()?,
                () = &mut limit => {
                    return Err(Error::retry("uploads do not keep up with the records")
                        .with("bytes waiting", self.uploads.held())
                        .hint("see earlier warnings, or the connection to store.url"));
                }
            }
        }
        Ok(())
    }

    // Moves chunks of open files to disk. Without a disk they stay, and the operator is told.
    async fn put_aside(&mut self) -> Result<()> {
        let mut chunks: Vec<Bytes> = Vec::new();
        for chunk in self.writers.values_mut().flat_map(Writer::waiting) {
            if let Chunk::Memory(bytes) = chunk {
                chunks.push(bytes.clone());
            }
        }
        if chunks.is_empty() {
            return Ok(());
        }
        let (send, receive) = oneshot::channel();
        let spill = self.spill.clone();
        let write = move || {
            let stored: io::Result<Vec<_>> = chunks.iter().map(|chunk| spill.store(chunk)).collect();
            drop(send.send(stored)); // nobody waits when the task was dropped
        };
        self.context.spawner.spawn_blocking("s3-put-aside", Box::new(write));
        match receive.await.unwrap_or_else(|_| Err(io::Error::other("the writing thread ended"))) {
            Ok(stored) => {
                // The same walk as above: nothing was put in between.
                let mut stored = stored.into_iter();
                for chunk in self.writers.values_mut().flat_map(Writer::waiting) {
                    if matches!(chunk, Chunk::Memory(_))
                        && let Some(stored) = stored.next()
                    {
                        *chunk = Chunk::Disk(stored);
                    }
                }
            }
            Err(error) => self.warn_of_memory(&error),
        }
        Ok(())
    }

    fn warn_of_memory(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.warned_of_memory, true) {
            tracing::warn!(
                connector = %self.context.connector,
                held = self.held(),
                %error,
                "open files hold more than the buffer budget, and cannot be put aside in the temporary folder; make \
                 room there (TMPDIR), lower flush.size, set a rotation interval, or raise tasks.max"
            );
        }
    }

    fn held(&self) -> usize {
        self.uploads.held() + self.writers.values().map(Writer::held).sum::<usize>()
    }

    fn is_uploading(&self) -> bool {
        self.writers.values().any(Writer::is_uploading)
    }

    async fn ended(&self, cancelled: Vec<oneshot::Receiver<()>>) {
        if cancelled.is_empty() {
            return;
        }
        tokio::select! {
            _ = join_all(cancelled) => {}
            () = self.context.clock.sleep(self.shutdown_timeout) => tracing::warn!(
                connector = %self.context.connector,
                "unfinished uploads were not aborted in time; a lifecycle rule of the bucket removes them"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
