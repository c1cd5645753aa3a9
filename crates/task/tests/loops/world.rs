//! What the tests have in common: a cluster, a clock, an offset store, a listener, and a task.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::config::RawConfig;
use api::data::{OffsetMap, TopicPartition};
use api::{BoxFuture, Error, ManualClock, Result, SourceOffsets};
use kafka::memory::Cluster;
use kafka::{EncodedBatch, EncodedRecord};
use parking_lot::Mutex;
use secrets::Redactor;
use sluice_task::{
    Environment, Handle, OffsetStore, StatusListener, Stopped, Target, TaskId, TaskState, WorkerSettings,
};
use spec::{
    ClientOverrides, ConnectorKind, ConnectorSpec, DeadLetterSpec, ErrorPolicy, PipelineSpec, PluginConfig,
    PredicateSpec, SinkSpec, SinkTopics, SourceSpec, TaskSpec, Tolerance, TransactionBoundary, TransformSpec,
};

use crate::connectors::{self, Script};

/// Steps of virtual time before a test gives up.
const STEPS_MAX: usize = 20_000;

pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) offsets: Arc<Offsets>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) script: Arc<Mutex<Script>>,
    pub(crate) settings: WorkerSettings,
    pub(crate) spec: ConnectorSpec,
    pub(crate) redactor: Redactor,
}

static SCRIPTS: AtomicU64 = AtomicU64::new(0);

fn plugin(class: &str) -> PluginConfig {
    PluginConfig { class: class.to_owned(), config: RawConfig::new() }
}

impl World {
    pub(crate) fn source() -> Self {
        Self::new(ConnectorKind::Source)
    }

    /// A source whose task writes in transactions, with the id `g-c-0`.
    pub(crate) fn exactly_once() -> Self {
        let mut world = Self::new(ConnectorKind::Source);
        world.settings.exactly_once = true;
        world.settings.worker_group = Some("g".into());
        *world.offsets.topic.lock() = Some(world.cluster.clone());
        world
    }

    pub(crate) fn boundary(&mut self, boundary: TransactionBoundary) {
        self.spec.source.as_mut().unwrap().boundary = boundary;
    }

    /// A sink of topic `t`.
    pub(crate) fn sink() -> Self {
        Self::new(ConnectorKind::Sink)
    }

    fn new(kind: ConnectorKind) -> Self {
        crate::log_lines::listen();
        let name = format!("script-{}", SCRIPTS.fetch_add(1, Ordering::SeqCst));
        let script = Arc::new(Mutex::new(Script { batch: 10, ..Script::default() }));
        connectors::register(&name, script.clone());
        let class = match kind {
            ConnectorKind::Source => "test.FakeSource",
            ConnectorKind::Sink => "test.FakeSink",
        };
        let pipeline = PipelineSpec {
            key_converter: plugin("test.TextConverter"),
            value_converter: plugin("test.TextConverter"),
            header_converter: plugin("test.TextHeaderConverter"),
            transforms: Vec::new(),
            errors: ErrorPolicy {
                tolerance: Tolerance::None,
                retry_timeout: Some(Duration::ZERO),
                retry_delay_max: Duration::from_secs(60),
                log: false,
                log_messages: false,
            },
        };
        let is_sink = kind == ConnectorKind::Sink;
        let spec = ConnectorSpec {
            name: "c".into(),
            class: class.to_owned(),
            kind,
            tasks_max: 1,
            tasks_max_enforced: true,
            config: RawConfig::new().with("script", name),
            pipeline: Arc::new(pipeline),
            source: (!is_sink).then_some(SourceSpec {
                topic_creation: None,
                dead_letters: None,
                boundary: Default::default(),
                offsets_topic: None,
            }),
            sink: is_sink
                .then(|| SinkSpec { topics: SinkTopics::List(vec!["t".to_owned()]), dead_letters: None }),
            overrides: ClientOverrides::default(),
        };
        Self {
            cluster: Cluster::new(),
            clock: ManualClock::at(1_700_000_000_000),
            offsets: Arc::default(),
            heard: Arc::default(),
            script,
            settings: WorkerSettings::default(),
            spec,
            redactor: Redactor::default(),
        }
    }

    // -- the connector's config --------------------------------------------------------------------------------

    pub(crate) fn errors(&mut self, change: impl FnOnce(&mut ErrorPolicy)) {
        change(&mut Arc::make_mut(&mut self.spec.pipeline).errors);
    }

    pub(crate) fn tolerate(&mut self) {
        self.errors(|errors| errors.tolerance = Tolerance::All);
    }

    pub(crate) fn sieve(&mut self) {
        let sieve = TransformSpec { alias: "s".to_owned(), plugin: plugin("test.Sieve"), predicate: None };
        Arc::make_mut(&mut self.spec.pipeline).transforms.push(sieve);
    }

    /// The sieve works on what the predicate chooses, or on all else.
    pub(crate) fn sieve_if_dropped(&mut self, negate: bool) {
        self.sieve();
        let predicate = PredicateSpec { alias: "d".to_owned(), plugin: plugin("test.Dropped"), negate };
        Arc::make_mut(&mut self.spec.pipeline).transforms[0].predicate = Some(predicate);
    }

    pub(crate) fn dead_letters(&mut self, context_headers: bool) {
        let letters = DeadLetterSpec { topic: "dead".to_owned(), replication_factor: 1, context_headers };
        self.spec.sink.as_mut().unwrap().dead_letters = Some(letters);
    }

    /// Rows of the other system.
    pub(crate) fn rows<S: ToString>(&self, partition: &str, rows: impl IntoIterator<Item = S>) {
        let rows = rows.into_iter().map(|row| row.to_string());
        self.script.lock().rows.entry(partition.to_owned()).or_default().extend(rows);
    }

    // -- running -----------------------------------------------------------------------------------------------

    pub(crate) fn start(&self) -> Handle {
        self.start_as(Target::Running)
    }

    pub(crate) fn start_as(&self, target: Target) -> Handle {
        let environment = Environment {
            registry: Arc::new(connectors::registry()),
            clients: self.cluster.clients(),
            offsets: self.offsets.clone(),
            clock: self.clock.clone(),
            settings: Arc::new(self.settings.clone()),
        };
        let spec =
            TaskSpec { task: 0, config: self.spec.config.clone(), connector: Arc::new(self.spec.clone()) };
        sluice_task::start(spec, target, environment, self.redactor.clone(), self.heard.clone())
    }

    /// Lets everything that can happen now happen, without time passing for the task.
    pub(crate) async fn settle(&self) {
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(1)).await; // virtual: passes when all others wait
        }
    }

    /// Lets time pass until this is so.
    pub(crate) async fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..STEPS_MAX {
            if is_so() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.clock.advance(Duration::from_millis(10));
        }
        panic!("it never came to this: {what}; calls {:?}, heard {:?}", self.script.lock().calls, self.heard);
    }

    /// Lets this much time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        for _ in 0..time.as_millis().div_ceil(10) {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.clock.advance(Duration::from_millis(10));
        }
        self.settle().await;
    }

    pub(crate) async fn stop(&self, handle: Handle) -> Stopped {
        let stopping = tokio::spawn(handle.stop(Duration::from_secs(5)));
        self.until("stopped", || stopping.is_finished()).await;
        stopping.await.unwrap()
    }

    /// Kills the task as a crash would: nothing more happens.
    pub(crate) async fn crash(&self, handle: Handle) {
        assert_eq!(handle.stop(Duration::ZERO).await, Stopped::Cancelled);
        self.settle().await;
    }

    pub(crate) fn clock_seconds(&self) -> u64 {
        api::Clock::elapsed(self.clock.as_ref()).as_secs()
    }

    // -- looking -----------------------------------------------------------------------------------------------

    /// Values of a topic, by partition, then offset.
    pub(crate) fn values(&self, topic: &str) -> Vec<String> {
        let text = |record: kafka::memory::StoredRecord| {
            String::from_utf8(record.value.expect("these tests write values").to_vec()).unwrap()
        };
        self.cluster.records(topic).into_iter().map(text).collect()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.script.lock().calls.clone()
    }

    /// Calls without those that only pass the time.
    pub(crate) fn deeds(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call != "put ").collect()
    }

    pub(crate) fn accepted(&self) -> Vec<String> {
        self.script.lock().accepted.iter().map(|(_, _, _, value)| value.clone()).collect()
    }

    pub(crate) fn committed(&self, partition: i32) -> Option<i64> {
        self.cluster.committed("connect-c").get(&TopicPartition::new("t", partition)).copied()
    }
}

/// An offset store in memory. It fails on request.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    pub(crate) stored: Mutex<BTreeMap<String, i64>>,
    /// Every value that was stored, in order.
    pub(crate) history: Mutex<Vec<(String, i64)>>,
    pub(crate) failures: Mutex<usize>,
    /// Store never answers.
    pub(crate) hangs: Mutex<bool>,
    /// The store is the topic `offsets` of this cluster, for tasks that write in transactions.
    pub(crate) topic: Mutex<Option<Cluster>>,
}

impl Offsets {
    pub(crate) fn of(&self, partition: &str) -> Option<i64> {
        self.read();
        self.stored.lock().get(partition).copied()
    }

    /// Reads what was committed to the topic.
    fn read(&self) {
        let Some(cluster) = self.topic.lock().clone() else { return };
        let text = |bytes: Option<api::data::Bytes>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        let records = cluster.records("offsets");
        let all = records.into_iter().map(|record| (text(record.key), text(record.value).parse().unwrap()));
        *self.history.lock() = all.clone().collect();
        *self.stored.lock() = all.collect();
    }
}

impl OffsetStore for Offsets {
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, Result<Vec<Option<OffsetMap>>>> {
        assert_eq!(connector, "c");
        self.read();
        let stored = self.stored.lock();
        let of = |partition: &OffsetMap| {
            let offset = stored.get(partition.get("p")?.as_str()?)?;
            Some(OffsetMap::new().with("n", *offset))
        };
        let answer = partitions.iter().map(of).collect();
        Box::pin(std::future::ready(Ok(answer)))
    }

    fn topic(&self) -> Option<&str> {
        self.topic.lock().is_some().then_some("offsets")
    }

    fn records(&self, connector: &str, offsets: &SourceOffsets) -> Result<EncodedBatch> {
        assert_eq!(connector, "c");
        let mut batch = EncodedBatch::default();
        for (partition, offset) in offsets {
            let name = partition.as_ref().unwrap().get("p").unwrap().as_str().unwrap();
            let mut put = |text: &str| {
                let start = batch.buffer.len() as u32;
                batch.buffer.extend_from_slice(text.as_bytes());
                Some(start..batch.buffer.len() as u32)
            };
            let (key, value) = (put(name), put(&offset.get("n").unwrap().to_i64().unwrap().to_string()));
            let (topic, partition) = ("offsets".into(), Some(0));
            batch.records.push(EncodedRecord {
                topic,
                partition,
                timestamp: None,
                key,
                value,
                headers: 0..0,
            });
        }
        Ok(batch)
    }

    fn store<'a>(&'a self, connector: &'a str, offsets: &'a SourceOffsets) -> BoxFuture<'a, Result<()>> {
        assert_eq!(connector, "c");
        assert!(self.topic.lock().is_none(), "offsets are stored beside the transaction");
        Box::pin(async move {
            if *self.hangs.lock() {
                std::future::pending::<()>().await;
            }
            {
                let mut failures = self.failures.lock();
                if *failures > 0 {
                    *failures -= 1;
                    return Err(Error::retry("the store was told to fail"));
                }
            }
            for (partition, offset) in offsets {
                let name = partition.as_ref().unwrap().get("p").unwrap().as_str().unwrap().to_owned();
                let offset = offset.get("n").unwrap().to_i64().unwrap();
                self.stored.lock().insert(name.clone(), offset);
                self.history.lock().push((name, offset));
            }
            Ok(())
        })
    }
}

/// What was told of the task.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    states: Mutex<Vec<TaskState>>,
    topics: Mutex<Vec<String>>,
    retries: Mutex<Vec<(String, Duration)>>,
}

impl Heard {
    pub(crate) fn states(&self) -> Vec<TaskState> {
        self.states.lock().clone()
    }

    pub(crate) fn state(&self) -> Option<TaskState> {
        self.states.lock().last().cloned()
    }

    pub(crate) fn is(&self, state: &TaskState) -> bool {
        self.states.lock().last() == Some(state)
    }

    pub(crate) fn failed(&self) -> Option<String> {
        match self.state() {
            Some(TaskState::Failed { trace }) => Some(trace),
            _ => None,
        }
    }

    pub(crate) fn topics(&self) -> Vec<String> {
        self.topics.lock().clone()
    }

    pub(crate) fn retries(&self) -> Vec<(String, Duration)> {
        self.retries.lock().clone()
    }
}

impl StatusListener for Heard {
    fn changed(&self, id: &TaskId, state: TaskState) {
        assert_eq!(id.to_string(), "c-0");
        self.states.lock().push(state);
    }

    fn topic_used(&self, _: &TaskId, topic: &str) {
        self.topics.lock().push(topic.to_owned());
    }

    fn retrying(&self, _: &TaskId, trace: &str, next_attempt: Duration) {
        self.retries.lock().push((trace.to_owned(), next_attempt));
    }
}

pub(crate) fn numbers(range: std::ops::Range<i64>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}
