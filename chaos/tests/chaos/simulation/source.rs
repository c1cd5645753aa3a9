//! A source of numbers in sequence.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use api::config::{Config, RawConfig};
use api::data::{Datum, Kind, OffsetMap, Record, Schema, SourceRecord, Value};
use api::{
    Clock as _, ConnectorContext, ExactlyOnceSupport, Result, SourceBatch, SourceConnector, SourceContext,
    SourceTask,
};
use sluice_chaos::Tally;

use super::clock::SimulatedClock;
use super::world::{Alive, Place, World};

/// Numbers of each sequence.
pub const LENGTH: u64 = 300;
/// So long after a number comes the next.
const PACE: Duration = Duration::from_millis(60);

/// The class name, for configs.
pub const CLASS: &str = SequenceSource::CLASS;

/// Keys of the source, and of its tasks.
#[derive(Debug, Clone, Config)]
pub struct SequenceConfig {
    /// The connector's name.
    #[config(key = "name")]
    name: String,
    /// How many sequences there are; each is a partition of the topic.
    #[config(key = "sequences")]
    sequences: i32,
    /// Where they go.
    #[config(key = "topic")]
    topic: String,
    /// The task's number.
    #[config(key = "index")]
    index: Option<i32>,
    /// How many tasks there are.
    #[config(key = "of")]
    of: Option<i32>,
}

/// Deals the sequences to its tasks.
pub struct SequenceSource {
    raw: RawConfig,
    sequences: usize,
    _alive: Alive,
}

impl SourceConnector for SequenceSource {
    const CLASS: &'static str = "sluice.chaos.SequenceSource";
    const TASK_CLASS: &'static str = "sluice.chaos.SequenceSourceTask";
    type Config = SequenceConfig;
    type Task = SequenceTask;

    async fn start(config: SequenceConfig, raw: RawConfig, _: ConnectorContext) -> Result<Self> {
        let world = World::here();
        let alive = world.born(&config.name, None);
        world.maybe_hang(&config.name, Place::ObjectStart).await;
        Ok(Self { raw, sequences: config.sequences as usize, _alive: alive })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        let tasks = max_tasks.min(self.sequences);
        let config =
            |index: usize| self.raw.clone().with("index", index.to_string()).with("of", tasks.to_string());
        Ok((0..tasks).map(config).collect())
    }

    fn exactly_once_support(_: &SequenceConfig) -> ExactlyOnceSupport {
        ExactlyOnceSupport::Supported
    }
}

/// Sends some of the sequences.
pub struct SequenceTask {
    config: SequenceConfig,
    /// The next number of each, with its partition in offsets.
    next: BTreeMap<i32, (Arc<OffsetMap>, u64)>,
    _alive: Alive,
}

fn partition(sequence: i32) -> OffsetMap {
    OffsetMap::new().with("sequence", i64::from(sequence))
}

/// The name of a sequence.
pub fn sequence(connector: &str, sequence: i32) -> String {
    format!("{connector}/{sequence}")
}

impl SourceTask for SequenceTask {
    type Config = SequenceConfig;

    async fn start(config: SequenceConfig, context: SourceContext) -> Result<Self> {
        let world = World::here();
        let alive = world.born(&config.name, Some(context.task));
        world.maybe_hang(&config.name, Place::Start).await;
        let (index, of) = (config.index.unwrap_or_default(), config.of.unwrap_or(1));
        let own: Vec<i32> = (0..config.sequences).filter(|sequence| sequence % of == index).collect();
        let partitions: Vec<OffsetMap> = own.iter().copied().map(partition).collect();
        let stored = context.offsets.offsets(&partitions).await?;
        let number = |offset: Option<OffsetMap>| {
            offset.and_then(|offset| offset.get("next")?.to_i64()).unwrap_or_default() as u64
        };
        let mut next = BTreeMap::new();
        for ((sequence, partition), offset) in own.into_iter().zip(partitions).zip(stored) {
            let from = number(offset);
            stored_is_written(&world, &config, sequence, from);
            next.insert(sequence, (Arc::new(partition), from));
        }
        Ok(Self { config, next, _alive: alive })
    }

    async fn poll(&mut self, max_wait: Duration) -> Result<SourceBatch> {
        World::here().maybe_hang(&self.config.name, Place::Work).await;
        SimulatedClock.sleep(PACE.min(max_wait)).await;
        let mut records = Vec::new();
        for (&number_of, (partition, next)) in &mut self.next {
            if *next >= LENGTH {
                continue;
            }
            let text = Tally::text(&sequence(&self.config.name, number_of), *next);
            *next += 1;
            records.push(SourceRecord {
                record: Record {
                    topic: self.config.topic.as_str().into(),
                    partition: Some(number_of),
                    key: Datum::NULL,
                    value: Datum::new(Schema::required(Kind::String), Value::string(text)),
                    timestamp: None,
                    headers: Vec::new(),
                },
                source_partition: Some(partition.clone()),
                source_offset: Some(OffsetMap::new().with("next", *next as i64)),
            });
        }
        Ok(records.into())
    }

    async fn stop(self) -> Result<()> {
        World::here().maybe_hang(&self.config.name, Place::Stop).await;
        Ok(())
    }
}

// Invariant 1: what a stored offset stands for is in the topic.
fn stored_is_written(world: &World, config: &SequenceConfig, number_of: i32, from: u64) {
    let mut written = std::collections::BTreeSet::new();
    let name = sequence(&config.name, number_of);
    for record in world.cluster.records(&config.topic) {
        let text = record.value.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        if let Some((_, number)) = text.rsplit_once(':').filter(|(of, _)| *of == name) {
            written.extend(number.parse::<u64>().ok());
        }
    }
    if let Some(missing) = (0..from).find(|number| !written.contains(number)) {
        let what = format!("the stored offset of {name} is {from}, and {missing} is not in the topic");
        world.violated(SimulatedClock.elapsed(), what);
    }
}
