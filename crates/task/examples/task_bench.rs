//! What the framework costs a record: a source of rows with 18 fields into a producer that acknowledges at once, and a
//! consumer that always has a batch into a sink that accepts all. Run it with `cargo run --release -p sluice-task
//! --example task_bench`; it prints the CPU time of the process a record.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a program for developers

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::config::{Config, RawConfig};
use api::converter::{BuildConverter, BuildHeaderConverter};
use api::data::{
    Bytes, Datum, Kind, OffsetMap, Offsets, Record, Schema, SchemaRef, SinkRecord, SourceRecord, Struct,
    Text, TimestampType, TopicPartition, Value,
};
use api::{
    BoxFuture, ConnectorContext, Converter, DecodeContext, EncodeContext, HeaderConverter, PutOutcome,
    Registry, Result, SinkConnector, SinkContext, SinkTask, SourceBatch, SourceConnector, SourceContext,
    SourceOffsets, SourceTask, SystemClock, Usage,
};
use kafka::{
    Admin, ClientSettings, Clients, Consumer, Delivery, EncodedBatch, FetchedBatch, FetchedRecord, Polled,
    Producer, Receipt, Subscription,
};
use sluice_task::{Environment, OffsetStore, StatusListener, Target, TaskId, TaskState, WorkerSettings};
use spec::{
    ClientOverrides, ConnectorKind, ConnectorSpec, ErrorPolicy, PipelineSpec, PluginConfig, SinkSpec,
    SinkTopics, SourceSpec, TaskSpec, Tolerance,
};

const BATCH: usize = 2000;
const RECORDS: u64 = 2_000_000;

#[derive(Debug, Clone, Config)]
struct NoConfig {}

/// Clones one row; its offset counts.
struct Rows {
    row: SourceRecord,
    next: i64,
}

fn row() -> SourceRecord {
    let mut fields: Vec<(String, SchemaRef)> = Vec::new();
    let mut values = Vec::new();
    for index in 0..6 {
        fields.push((format!("number_{index}"), Schema::required(Kind::Int64)));
        values.push(Value::Int64(1234 + index));
        fields.push((format!("price_{index}"), Schema::required(Kind::Float64)));
        values.push(Value::Float64(12.5));
        fields.push((format!("text_{index}"), Schema::optional(Kind::String)));
        values.push(Value::String(Text::from_static("carefully final deposits")));
    }
    let schema = Schema::structure(fields).unwrap();
    let value = Value::Struct(Struct::new(schema.clone(), values).unwrap());
    SourceRecord {
        record: Record {
            topic: "rows".into(),
            partition: None,
            key: Datum::NULL,
            value: Datum::new(schema, value),
            timestamp: None,
            headers: Vec::new(),
        },
        source_partition: Some(Arc::new(OffsetMap::new().with("table", "rows"))),
        source_offset: None,
    }
}

impl Rows {
    fn batch(&mut self) -> SourceBatch {
        let name: Arc<str> = "id".into();
        let mut records = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            self.next += 1;
            let mut record = self.row.clone();
            record.source_offset = Some(OffsetMap::new().with(name.clone(), self.next));
            records.push(record);
        }
        records.into()
    }
}

struct BenchSource;
impl SourceConnector for BenchSource {
    const CLASS: &'static str = "bench.Source";
    const TASK_CLASS: &'static str = "bench.SourceTask";
    type Config = NoConfig;
    type Task = Rows;
    async fn start(_: NoConfig, _: RawConfig, _: ConnectorContext) -> Result<Self> {
        Ok(Self)
    }
    async fn task_configs(&mut self, _: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![])
    }
}
impl SourceTask for Rows {
    type Config = NoConfig;
    async fn start(_: NoConfig, _: SourceContext) -> Result<Self> {
        Ok(Rows { row: row(), next: 0 })
    }
    async fn poll(&mut self, _: Duration) -> Result<SourceBatch> {
        Ok(self.batch())
    }
}

struct BenchSink;
impl SinkConnector for BenchSink {
    const CLASS: &'static str = "bench.Sink";
    const TASK_CLASS: &'static str = "bench.SinkTask";
    type Config = NoConfig;
    type Task = Accepts;
    async fn start(_: NoConfig, _: RawConfig, _: ConnectorContext) -> Result<Self> {
        Ok(Self)
    }
    async fn task_configs(&mut self, _: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![])
    }
}
struct Accepts;
impl SinkTask for Accepts {
    type Config = NoConfig;
    async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self)
    }
    async fn put(&mut self, _: &[SinkRecord]) -> Result<PutOutcome> {
        Ok(PutOutcome::accepted())
    }
    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        Ok(accepted.clone())
    }
}

/// Costs nothing, so that what remains is the framework.
struct Free;
impl Converter for Free {
    fn encode(&mut self, _: &mut EncodeContext<'_>, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        out.extend_from_slice(b"0123456789");
        Ok(!datum.value.is_null())
    }
    fn decode(&mut self, _: DecodeContext<'_>, bytes: Option<&Bytes>) -> Result<Datum> {
        Ok(bytes.map_or(Datum::NULL, |bytes| Datum::schemaless(Value::Bytes(bytes.clone()))))
    }
}
impl BuildConverter for Free {
    const CLASS: &'static str = "bench.Free";
    type Config = NoConfig;
    fn build(_: NoConfig, _: Usage) -> Result<Self> {
        Ok(Self)
    }
}
impl HeaderConverter for Free {
    fn encode(&mut self, _: &str, _: &str, _: &Datum, _: &mut Vec<u8>) -> Result<bool> {
        Ok(false)
    }
    fn decode(&mut self, _: &str, _: &str, _: Option<&Bytes>) -> Result<Datum> {
        Ok(Datum::NULL)
    }
}
impl BuildHeaderConverter for Free {
    const CLASS: &'static str = "bench.FreeHeader";
    type Config = NoConfig;
    fn build(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }
}

#[derive(Debug, Clone)]
struct NullKafka;
impl Producer for NullKafka {
    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, kafka::Result<Receipt>> {
        drop(batch);
        Box::pin(async { Ok(Box::pin(async { Delivery::default() }) as Receipt) })
    }
    fn flush(&self, _: Duration) -> BoxFuture<'_, kafka::Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn trouble(&self) -> Option<kafka::Trouble> {
        None
    }
}
struct Endless {
    batch: Vec<FetchedRecord>,
    joined: bool,
}
impl Consumer for Endless {
    fn end(&self, _: &TopicPartition) -> Option<i64> {
        None
    }

    fn poll(&mut self, _: Duration) -> BoxFuture<'_, kafka::Result<Polled>> {
        if !std::mem::replace(&mut self.joined, true) {
            return Box::pin(async { Ok(Polled::Assigned(vec![TopicPartition::new("rows", 0)])) });
        }
        let records = self.batch.clone();
        self.batch.iter_mut().for_each(|record| record.offset += BATCH as i64);
        Box::pin(async { Ok(Polled::Records(FetchedBatch { records })) })
    }
    fn commit<'a>(&'a mut self, _: &'a Offsets) -> BoxFuture<'a, kafka::Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn committed<'a>(&'a mut self, _: &'a [TopicPartition]) -> BoxFuture<'a, kafka::Result<Offsets>> {
        Box::pin(async { Ok(Offsets::new()) })
    }
    fn seek<'a>(&'a mut self, _: &'a TopicPartition, _: i64) -> BoxFuture<'a, kafka::Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn pause(&mut self, _: &[TopicPartition]) -> kafka::Result<()> {
        Ok(())
    }
    fn resume(&mut self, _: &[TopicPartition]) -> kafka::Result<()> {
        Ok(())
    }
    fn trouble(&self) -> Option<kafka::Trouble> {
        None
    }
    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}
fn endless() -> Endless {
    let value = Bytes::from_static(br#"{"id":12345,"text":"carefully final deposits","price":12.5}"#);
    let topic: Arc<str> = "rows".into();
    let record = |offset| FetchedRecord {
        topic: topic.clone(),
        partition: 0,
        offset,
        timestamp: Some(0),
        timestamp_type: TimestampType::CreateTime,
        key: None,
        value: Some(value.clone()),
        headers: vec![],
    };
    Endless { batch: (0..BATCH as i64).map(record).collect(), joined: false }
}
impl Clients for NullKafka {
    fn producer(&self, _: &ClientSettings) -> kafka::Result<Arc<dyn Producer>> {
        Ok(Arc::new(NullKafka))
    }
    fn transactional_producer(
        &self,
        _: &ClientSettings,
    ) -> kafka::Result<Arc<dyn kafka::TransactionalProducer>> {
        unreachable!("nothing here is exactly-once")
    }
    fn consumer(&self, _: &ClientSettings, _: &Subscription) -> kafka::Result<Box<dyn Consumer>> {
        Ok(Box::new(endless()))
    }
    fn log_reader(
        &self,
        _: &ClientSettings,
        _: &[TopicPartition],
    ) -> kafka::Result<Box<dyn kafka::LogReader>> {
        unreachable!("nothing here reads a worker's topics")
    }
    fn admin(&self, _: &ClientSettings) -> kafka::Result<Arc<dyn Admin>> {
        unreachable!("nothing here creates topics")
    }
}

#[derive(Debug)]
struct NoOffsets;
impl OffsetStore for NoOffsets {
    fn load<'a>(
        &'a self,
        _: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>> {
        Box::pin(async { Ok(vec![None; partitions.len()]) })
    }
    fn store<'a>(&'a self, _: &'a str, _: &'a SourceOffsets) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
struct Quiet;
impl StatusListener for Quiet {
    fn changed(&self, _: &TaskId, state: TaskState) {
        if let TaskState::Failed { trace } = state {
            println!("{trace}");
        }
    }
    fn topic_used(&self, _: &TaskId, _: &str) {}
    fn retrying(&self, _: &TaskId, _: &str, _: Duration) {}
}

fn plugin(class: &str) -> PluginConfig {
    let config = RawConfig::new();
    let is_json = class.contains("Json");
    PluginConfig {
        class: class.to_owned(),
        config: if is_json { config.with("schemas.enable", "false") } else { config },
    }
}

fn spec(kind: ConnectorKind, converter: &str) -> TaskSpec {
    let pipeline = PipelineSpec {
        key_converter: plugin("bench.Free"),
        value_converter: plugin(converter),
        header_converter: plugin("bench.FreeHeader"),
        transforms: vec![],
        errors: ErrorPolicy {
            tolerance: Tolerance::None,
            retry_timeout: Some(Duration::ZERO),
            retry_delay_max: Duration::from_secs(60),
            log: false,
            log_messages: false,
        },
    };
    let is_sink = kind == ConnectorKind::Sink;
    let topics = SinkTopics::List(vec!["rows".to_owned()]);
    let connector = ConnectorSpec {
        name: "bench".into(),
        class: if is_sink { "bench.Sink" } else { "bench.Source" }.to_owned(),
        kind,
        tasks_max: 1,
        tasks_max_enforced: true,
        config: RawConfig::new(),
        pipeline: Arc::new(pipeline),
        source: (!is_sink).then_some(SourceSpec {
            topic_creation: None,
            dead_letters: None,
            boundary: Default::default(),
            offsets_topic: None,
        }),
        sink: is_sink.then_some(SinkSpec { topics, dead_letters: None }),
        overrides: ClientOverrides::default(),
    };
    TaskSpec { task: 0, config: RawConfig::new(), connector: Arc::new(connector) }
}

/// CPU time of the process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// What the generator costs alone, to be subtracted.
fn generator_ns() -> f64 {
    let mut rows = Rows { row: row(), next: 0 };
    alone_ns(|| rows.batch())
}

fn consumer_ns() -> f64 {
    let consumer = endless();
    alone_ns(|| consumer.batch.clone())
}

/// One batch is kept while the next is made, as in the loop; else the allocator gives all back each time.
fn alone_ns<T>(mut make: impl FnMut() -> T) -> f64 {
    let mut kept = [make(), make()];
    let began = cpu();
    for turn in 0..RECORDS as usize / BATCH {
        kept[turn % 2] = std::hint::black_box(make());
    }
    drop(kept);
    nanos(cpu() - began) / RECORDS as f64
}

async fn run(environment: &Environment, kind: ConnectorKind, converter: &str) -> f64 {
    let task = sluice_task::start(
        spec(kind, converter),
        Target::Running,
        environment.clone(),
        Default::default(),
        Arc::new(Quiet),
    );
    while task.stats().records_out < 200_000 {
        tokio::task::yield_now().await;
    }
    let (first, began, cpu_began) = (task.stats().records_out, Instant::now(), cpu());
    while task.stats().records_out < first + RECORDS {
        tokio::task::yield_now().await;
    }
    let records = (task.stats().records_out - first) as f64;
    let (wall, cpu) = (began.elapsed(), cpu() - cpu_began);
    task.stop(Duration::from_secs(5)).await;
    println!("  wall {:.0} ns, CPU of this thread {:.0} ns", nanos(wall) / records, nanos(cpu) / records);
    nanos(cpu) / records
}

fn nanos(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

/// One thread, so that its time is the cost.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut registry = Registry::new();
    registry.source::<BenchSource>();
    registry.sink::<BenchSink>();
    registry.converter::<Free>();
    registry.header_converter::<Free>();
    converters::register(&mut registry);
    let environment = Environment {
        registry: Arc::new(registry),
        clients: Arc::new(NullKafka),
        offsets: Arc::new(NoOffsets),
        clock: SystemClock::new(),
        settings: Arc::new(WorkerSettings::default()),
    };
    let (generator, consumer) = (generator_ns(), consumer_ns());
    let json = "org.apache.kafka.connect.json.JsonConverter";
    let mut table = BTreeMap::new();
    for (name, kind, converter, harness) in [
        ("source, free converter", ConnectorKind::Source, "bench.Free", generator),
        ("source, JSON converter", ConnectorKind::Source, json, generator),
        ("sink, free converter", ConnectorKind::Sink, "bench.Free", consumer),
        ("sink, JSON converter", ConnectorKind::Sink, json, consumer),
    ] {
        println!("{name}: the harness alone costs {harness:.0} ns a record");
        let total = run(&environment, kind, converter).await;
        table.insert(name, total - harness);
    }
    for (name, nanos) in table {
        println!("{name}: {nanos:.0} ns a record");
    }
}
