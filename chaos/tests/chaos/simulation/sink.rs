//! A sink that notes what it gets.

use std::time::Duration;

use api::config::{Config, RawConfig};
use api::data::{Offsets, SinkRecord, TopicPartition};
use api::{Clock as _, ConnectorContext, PutOutcome, Result, SinkConnector, SinkContext, SinkTask};

use super::clock::SimulatedClock;
use super::world::{Alive, Place, World};

/// The class name, for configs.
pub const CLASS: &str = CheckingSink::CLASS;
/// So long a flush takes.
const FLUSH: Duration = Duration::from_millis(20);

/// Keys of the sink.
#[derive(Debug, Clone, Config)]
pub struct SinkConfig {
    /// The connector's name.
    #[config(key = "name")]
    name: String,
}

/// Has as many tasks as it may.
pub struct CheckingSink {
    raw: RawConfig,
    _alive: Alive,
}

impl SinkConnector for CheckingSink {
    const CLASS: &'static str = "sluice.chaos.CheckingSink";
    const TASK_CLASS: &'static str = "sluice.chaos.CheckingSinkTask";
    type Config = SinkConfig;
    type Task = CheckingTask;

    async fn start(config: SinkConfig, raw: RawConfig, _: ConnectorContext) -> Result<Self> {
        let world = World::here();
        let alive = world.born(&config.name, None);
        world.maybe_hang(&config.name, Place::ObjectStart).await;
        Ok(Self { raw, _alive: alive })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![self.raw.clone(); max_tasks])
    }
}

/// Notes records.
pub struct CheckingTask {
    name: String,
    _alive: Alive,
}

impl SinkTask for CheckingTask {
    type Config = SinkConfig;

    async fn start(config: SinkConfig, context: SinkContext) -> Result<Self> {
        let world = World::here();
        let alive = world.born(&config.name, Some(context.task));
        world.maybe_hang(&config.name, Place::Start).await;
        Ok(Self { name: config.name, _alive: alive })
    }

    async fn put(&mut self, records: &[SinkRecord]) -> Result<PutOutcome> {
        let world = World::here();
        world.maybe_hang(&self.name, Place::Work).await;
        for record in records {
            let place = TopicPartition::new(record.origin_topic.clone(), record.origin_partition);
            world.accepted(place, record.offset);
        }
        Ok(PutOutcome::accepted())
    }

    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        SimulatedClock.sleep(FLUSH).await;
        World::here().flushed(accepted);
        Ok(accepted.clone())
    }

    async fn stop(self) -> Result<()> {
        World::here().maybe_hang(&self.name, Place::Stop).await;
        Ok(())
    }
}
