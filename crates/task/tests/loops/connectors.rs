//! A source, a sink, a converter and a transform that do what a script says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use api::config::{Config, RawConfig};
use api::converter::{BuildConverter, BuildHeaderConverter};
use api::data::{Bytes, Datum, OffsetMap, Offsets, Record, SinkRecord, SourceRecord, TopicPartition, Value};
use api::{
    Boundary, CloseReason, ConnectorContext, Converter, DecodeContext, EncodeContext, Error, HeaderConverter,
    Origin, Predicate, PutOutcome, Registry, Rejection, Result, SinkConnector, SinkContext, SinkRequest,
    SinkTask, SourceBatch, SourceConnector, SourceContext, SourceOffsets, SourceTask, Transform, Usage,
};
use parking_lot::Mutex;

/// What a call of a connector does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Retry,
    BadRecord,
    Fatal,
    Panic,
    /// Nothing: works as usual.
    None,
    /// Takes much longer than it was allowed, then works as usual.
    Late,
    /// Never returns.
    Hang,
    /// Blocks its thread until the test opens the gate, then works on.
    Block,
}

impl Fault {
    async fn happen<T>(self, what: &str) -> Result<T> {
        match self {
            Fault::Retry => Err(Error::retry(format!("{what}: try again"))
                .caused_by(std::io::Error::other("the disk is full"))),
            Fault::BadRecord => Err(Error::bad_record(format!("{what}: bad record"))),
            Fault::Fatal => Err(Error::fatal(format!("{what}: fatal"))),
            Fault::Panic => panic!("{what}: panic"),
            Fault::Hang => std::future::pending().await,
            Fault::None | Fault::Late | Fault::Block => unreachable!("it is dealt with where it happens"),
        }
    }
}

/// What the connectors of one test do, and what was done with them.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// The other system: records by source partition.
    pub(crate) rows: BTreeMap<String, Vec<String>>,
    /// Topic and Kafka partition of a source partition; `t` and 0 unless told.
    pub(crate) places: BTreeMap<String, (String, i32)>,
    /// Records of one source partition in a poll.
    pub(crate) batch: usize,
    /// What batches with records say of their transaction, in order; then [`Boundary::Continue`].
    pub(crate) boundaries: VecDeque<Boundary>,
    /// An idle source answers at once instead of waiting.
    pub(crate) impatient: bool,
    pub(crate) start_faults: VecDeque<Fault>,
    pub(crate) poll_faults: VecDeque<Fault>,
    pub(crate) put_faults: VecDeque<Fault>,
    pub(crate) flush_faults: VecDeque<Fault>,
    pub(crate) stop_faults: VecDeque<Fault>,
    pub(crate) commit_faults: VecDeque<Fault>,
    /// Values that the sink rejects.
    pub(crate) rejects: Vec<String>,
    /// What the next put asks for.
    pub(crate) requests: Vec<SinkRequest>,
    /// What the next flush asks for.
    pub(crate) flush_requests: Vec<SinkRequest>,
    /// What flush returns instead of what was accepted.
    pub(crate) flush_answer: Option<Offsets>,
    /// Calls in order: `start`, `open t-0`, `put a,b`, `flush`, `close t-0 Revoked`, `commit`, `stop`.
    pub(crate) calls: Vec<String>,
    /// Records that the sink accepted.
    pub(crate) accepted: Vec<(String, i32, i64, String)>,
    /// What [`Fault::Block`] waits for.
    pub(crate) gate: Option<std::sync::mpsc::Receiver<()>>,
    /// Tasks that live now.
    pub(crate) alive: i32,
}

static SCRIPTS: Mutex<BTreeMap<String, Arc<Mutex<Script>>>> = Mutex::new(BTreeMap::new());

pub(crate) fn register(name: &str, script: Arc<Mutex<Script>>) {
    SCRIPTS.lock().insert(name.to_owned(), script);
}

#[derive(Debug, Clone, Config)]
pub(crate) struct ScriptConfig {
    /// Name of the script.
    #[config(key = "script")]
    pub(crate) script: String,
}

impl ScriptConfig {
    fn find(&self) -> Arc<Mutex<Script>> {
        SCRIPTS.lock().get(&self.script).expect("the test registered it").clone()
    }
}

/// Notes that a task lives.
struct Alive(Arc<Mutex<Script>>);

impl Alive {
    fn new(script: &Arc<Mutex<Script>>) -> Self {
        script.lock().alive += 1;
        Self(script.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.lock().alive -= 1;
    }
}

pub(crate) struct FakeSource;

impl SourceConnector for FakeSource {
    const CLASS: &'static str = "test.FakeSource";
    const TASK_CLASS: &'static str = "test.FakeSourceTask";
    type Config = ScriptConfig;
    type Task = FakeSourceTask;

    async fn start(_config: ScriptConfig, _raw: RawConfig, _context: ConnectorContext) -> Result<Self> {
        Ok(FakeSource)
    }

    async fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(Vec::new())
    }
}

pub(crate) struct FakeSourceTask {
    script: Arc<Mutex<Script>>,
    context: SourceContext,
    positions: BTreeMap<String, usize>,
    _alive: Alive,
}

pub(crate) fn source_partition(name: &str) -> OffsetMap {
    OffsetMap::new().with("p", name)
}

impl SourceTask for FakeSourceTask {
    type Config = ScriptConfig;

    async fn start(config: ScriptConfig, context: SourceContext) -> Result<Self> {
        let script = config.find();
        script.lock().calls.push("start".to_owned());
        let fault = script.lock().start_faults.pop_front();
        if let Some(fault) = fault {
            return fault.happen("start").await;
        }
        let names: Vec<String> = script.lock().rows.keys().cloned().collect();
        let partitions: Vec<OffsetMap> = names.iter().map(|name| source_partition(name)).collect();
        let stored = context.offsets.offsets(&partitions).await?;
        let position =
            |offset: Option<OffsetMap>| offset.and_then(|o| o.get("n")?.to_i64()).unwrap_or(0) as usize;
        let positions = names.into_iter().zip(stored.into_iter().map(position)).collect();
        let alive = Alive::new(&script);
        Ok(Self { script, context, positions, _alive: alive })
    }

    async fn poll(&mut self, max_wait: Duration) -> Result<SourceBatch> {
        let fault = self.script.lock().poll_faults.pop_front();
        match fault {
            None | Some(Fault::None) => {}
            Some(Fault::Late) => self.context.clock.sleep(Duration::from_secs(200)).await,
            Some(Fault::Block) => {
                let gate = self.script.lock().gate.take().expect("the test made a gate");
                gate.recv().expect("the test opens it");
            }
            Some(fault) => return fault.happen("poll").await,
        }
        let (records, impatient, boundary) = {
            let mut script = self.script.lock();
            let mut records = Vec::new();
            for (name, rows) in &script.rows {
                let partition = Arc::new(source_partition(name));
                let position = self.positions.entry(name.clone()).or_default();
                let (topic, number) = script.places.get(name).cloned().unwrap_or(("t".to_owned(), 0));
                for row in rows.iter().skip(*position).take(script.batch.max(1)) {
                    *position += 1;
                    records.push(SourceRecord {
                        record: Record {
                            topic: topic.as_str().into(),
                            partition: Some(number),
                            key: Datum::schemaless(Value::string(name.clone())),
                            value: Datum::schemaless(Value::string(row.clone())),
                            timestamp: None,
                            headers: Vec::new(),
                        },
                        source_partition: Some(partition.clone()),
                        source_offset: Some(OffsetMap::new().with("n", *position as i64)),
                    });
                }
            }
            let said = (!records.is_empty()).then(|| script.boundaries.pop_front()).flatten();
            (records, script.impatient, said.unwrap_or_default())
        };
        if records.is_empty() && !impatient {
            self.context.clock.sleep(max_wait).await;
        }
        Ok(SourceBatch { records, boundary })
    }

    async fn commit(&mut self, durable: &SourceOffsets) -> Result<()> {
        let fault = {
            let mut script = self.script.lock();
            script.calls.push(format!("commit {}", durable.len()));
            script.commit_faults.pop_front()
        };
        match fault {
            Some(fault) => fault.happen("commit").await,
            None => Ok(()),
        }
    }

    async fn stop(self) -> Result<()> {
        stop(&self.script).await
    }
}

async fn stop(script: &Mutex<Script>) -> Result<()> {
    let fault = {
        let mut script = script.lock();
        script.calls.push("stop".to_owned());
        script.stop_faults.pop_front()
    };
    match fault {
        Some(fault) => fault.happen("stop").await,
        None => Ok(()),
    }
}

pub(crate) struct FakeSink;

impl SinkConnector for FakeSink {
    const CLASS: &'static str = "test.FakeSink";
    const TASK_CLASS: &'static str = "test.FakeSinkTask";
    type Config = ScriptConfig;
    type Task = FakeSinkTask;

    async fn start(_config: ScriptConfig, _raw: RawConfig, _context: ConnectorContext) -> Result<Self> {
        Ok(FakeSink)
    }

    async fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(Vec::new())
    }
}

pub(crate) struct FakeSinkTask {
    script: Arc<Mutex<Script>>,
    context: SinkContext,
    _alive: Alive,
}

fn names(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl FakeSinkTask {
    fn call(&self, call: String) {
        self.script.lock().calls.push(call);
    }
}

impl SinkTask for FakeSinkTask {
    type Config = ScriptConfig;

    async fn start(config: ScriptConfig, context: SinkContext) -> Result<Self> {
        let script = config.find();
        script.lock().calls.push("start".to_owned());
        let fault = script.lock().start_faults.pop_front();
        if let Some(fault) = fault {
            return fault.happen("start").await;
        }
        let alive = Alive::new(&script);
        Ok(Self { script, context, _alive: alive })
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.call(format!("open {}", names(partitions)));
        Ok(())
    }

    async fn close(&mut self, partitions: &[TopicPartition], reason: CloseReason) -> Result<()> {
        self.call(format!("close {} {reason:?}", names(partitions)));
        Ok(())
    }

    async fn put(&mut self, records: &[SinkRecord]) -> Result<PutOutcome> {
        let values: Vec<String> = records.iter().map(|record| text(&record.record.value)).collect();
        self.call(format!("put {}", values.join(",")));
        for request in std::mem::take(&mut self.script.lock().requests) {
            self.context.requests.push(request);
        }
        let fault = (!records.is_empty()).then(|| self.script.lock().put_faults.pop_front()).flatten();
        if let Some(fault) = fault {
            return fault.happen("put").await;
        }
        let mut script = self.script.lock();
        let mut outcome = PutOutcome::accepted();
        for (index, (record, value)) in records.iter().zip(values).enumerate() {
            if script.rejects.contains(&value) {
                let error = Error::bad_record(format!("{value} cannot be written"));
                outcome.rejected.push(Rejection { index, error });
            } else {
                let topic = record.origin_topic.to_string();
                script.accepted.push((topic, record.origin_partition, record.offset, value));
            }
        }
        Ok(outcome)
    }

    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        let offsets: Vec<String> = accepted.iter().map(|(p, offset)| format!("{p}@{offset}")).collect();
        self.call(format!("flush {}", offsets.join(",")));
        for request in std::mem::take(&mut self.script.lock().flush_requests) {
            self.context.requests.push(request);
        }
        let fault = self.script.lock().flush_faults.pop_front();
        if let Some(fault) = fault {
            return fault.happen("flush").await;
        }
        Ok(self.script.lock().flush_answer.clone().unwrap_or_else(|| accepted.clone()))
    }

    async fn stop(self) -> Result<()> {
        stop(&self.script).await
    }
}

fn text(datum: &Datum) -> String {
    datum.value.as_str().unwrap_or("null").to_owned()
}

#[derive(Debug, Clone, Config)]
pub(crate) struct NoConfig {}

/// Texts; one that begins with `bad` cannot be converted.
pub(crate) struct TextConverter;

fn check(text: &str) -> Result<()> {
    match text.starts_with("bad") {
        true => Err(Error::bad_record(format!("{text} cannot be converted"))),
        false => Ok(()),
    }
}

impl Converter for TextConverter {
    fn encode(&mut self, _: &mut EncodeContext<'_>, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        let Some(text) = datum.value.as_str() else { return Ok(false) };
        out.extend_from_slice(text.as_bytes()); // cut off again by the caller
        check(text).map(|()| true)
    }

    fn decode(&mut self, _: DecodeContext<'_>, bytes: Option<&Bytes>) -> Result<Datum> {
        let Some(bytes) = bytes else { return Ok(Datum::NULL) };
        let text = std::str::from_utf8(bytes).map_err(|_| Error::bad_record("not text"))?;
        check(text)?;
        Ok(Datum::schemaless(Value::string(text.to_owned())))
    }
}

impl BuildConverter for TextConverter {
    const CLASS: &'static str = "test.TextConverter";
    type Config = NoConfig;
    fn build(_: NoConfig, _: Usage) -> Result<Self> {
        Ok(TextConverter)
    }
}

impl HeaderConverter for TextConverter {
    fn encode(&mut self, _: &str, _: &str, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        let Some(text) = datum.value.as_str() else { return Ok(false) };
        out.extend_from_slice(text.as_bytes());
        Ok(true)
    }

    fn decode(&mut self, _: &str, _: &str, bytes: Option<&Bytes>) -> Result<Datum> {
        let text = bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Ok(text.map_or(Datum::NULL, |text| Datum::schemaless(Value::string(text))))
    }
}

impl BuildHeaderConverter for TextConverter {
    const CLASS: &'static str = "test.TextHeaderConverter";
    type Config = NoConfig;
    fn build(_: NoConfig) -> Result<Self> {
        Ok(TextConverter)
    }
}

/// Drops values that begin with `drop`; those that begin with `reject` are at fault; `twice-…` fails once, in passing.
#[derive(Default)]
pub(crate) struct Sieve {
    seen: Vec<String>,
}

impl Transform for Sieve {
    const CLASS: &'static str = "test.Sieve";
    type Config = NoConfig;

    fn build(_: NoConfig) -> Result<Self> {
        Ok(Sieve::default())
    }

    fn apply(&mut self, record: Record, _: &Origin) -> Result<Option<Record>> {
        let value = text(&record.value);
        if value.starts_with("reject") {
            return Err(Error::bad_record(format!("{value} is at fault")));
        }
        if value.starts_with("twice") && !self.seen.contains(&value) {
            self.seen.push(value);
            return Err(Error::retry("the first time it fails"));
        }
        Ok((!value.starts_with("drop")).then_some(record))
    }
}

/// Chooses values that begin with `drop`.
pub(crate) struct Dropped;

impl Predicate for Dropped {
    const CLASS: &'static str = "test.Dropped";
    type Config = NoConfig;

    fn build(_: NoConfig) -> Result<Self> {
        Ok(Dropped)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        let value = text(&record.value);
        match value.starts_with("fault") {
            true => Err(Error::bad_record("the predicate cannot tell")),
            false => Ok(value.starts_with("drop")),
        }
    }
}

pub(crate) fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.source::<FakeSource>();
    registry.sink::<FakeSink>();
    registry.converter::<TextConverter>();
    registry.header_converter::<TextConverter>();
    registry.transform::<Sieve>();
    registry.predicate::<Dropped>();
    registry
}
