//! What ours does in one pass over a batch, with the CPU time of that.

use std::hint::black_box;
use std::time::Duration;

use anyhow::Context;
use api::dynamic::DynTransform;
use api::{Converter, DecodeContext, EncodeContext, Origin, Prepare, Registry};
use config::RawConfig;
use data::{Bytes, Datum, Record};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value as Json, json};

use super::records::{self, TOPIC};

/// One pass over [`records::BATCH`] records.
pub trait Work {
    /// What the pass itself has cost: CPU time of this thread, which does all of it.
    ///
    /// # Errors
    /// A plugin refuses a record.
    fn pass(&mut self) -> anyhow::Result<Duration>;
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

const PACKAGE: &str = "org.apache.kafka.connect.transforms";

type Keys = &'static [(&'static str, &'static str)];

const CHAIN: [(&str, Keys); 5] = [
    (
        "InsertField$Value",
        &[
            ("topic.field", "topic"),
            ("timestamp.field", "at"),
            ("static.field", "env"),
            ("static.value", "prod"),
        ],
    ),
    ("ReplaceField$Value", &[("exclude", "note"), ("renames", "id:order_id")]),
    ("Cast$Value", &[("spec", "quantity:int64,price:float32,active:string")]),
    ("RegexRouter", &[("regex", "db\\.(.*)"), ("replacement", "lake.$1")]),
    ("MaskField$Value", &[("fields", "card,region")]),
];

/// Five transforms, one after another.
pub struct Chain {
    transforms: Vec<Box<dyn DynTransform>>,
    shape: records::Shape,
}

impl Chain {
    /// The chain, for records with or without a schema.
    ///
    /// # Errors
    /// There is no such plugin.
    pub fn new(registry: &Registry, with_schema: bool) -> anyhow::Result<Self> {
        let build = |(class, keys): (&str, Keys)| {
            registry.build_transform(&format!("{PACKAGE}.{class}"), &keys.iter().copied().collect())
        };
        let transforms = CHAIN.into_iter().map(build).collect::<api::Result<_>>()?;
        Ok(Self { transforms, shape: records::Shape::new(with_schema) })
    }

    /// Classes and configs, for the other side.
    pub fn config() -> Json {
        let one = |(class, keys): (&str, Keys)| {
            let raw: RawConfig = keys.iter().copied().collect();
            let config: Json = raw.iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
            json!({"class": format!("{PACKAGE}.{class}"), "config": config})
        };
        CHAIN.into_iter().map(one).collect()
    }

    /// The records that go in.
    pub fn inputs(&self) -> Vec<Record> {
        self.shape.batch()
    }

    /// The records that come out.
    ///
    /// # Errors
    /// A transform refuses one.
    pub fn results(&mut self) -> anyhow::Result<Vec<Record>> {
        self.inputs().into_iter().map(|record| self.apply(record)).collect()
    }

    fn apply(&mut self, mut record: Record) -> anyhow::Result<Record> {
        for transform in &mut self.transforms {
            record = transform.apply(record, &Origin::Source)?.context("a record was dropped")?;
        }
        Ok(record)
    }
}

impl Work for Chain {
    fn pass(&mut self) -> anyhow::Result<Duration> {
        let batch = self.inputs();
        let before = cpu();
        for record in batch {
            black_box(self.apply(record)?);
        }
        Ok(cpu() - before)
    }
}

// What a task does before it converts: it costs a look for each record.
fn prepare(converter: &mut dyn Converter, need: Prepare<'_>) -> anyhow::Result<()> {
    if converter.lacks(&need) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(converter.prepare(need))?;
    }
    Ok(())
}

/// A converter, to bytes.
pub struct Encode {
    converter: Box<dyn Converter>,
    data: Vec<Datum>,
    out: Vec<u8>,
}

impl Encode {
    /// A converter for these data.
    pub fn new(converter: Box<dyn Converter>, data: Vec<Datum>) -> Self {
        Self { converter, data, out: Vec::new() }
    }

    /// The bytes of each.
    ///
    /// # Errors
    /// The converter refuses one.
    pub fn results(&mut self) -> anyhow::Result<Vec<Bytes>> {
        let mut ends = Vec::new();
        self.each(&mut |out| ends.push(out.len()))?;
        let all = Bytes::copy_from_slice(&self.out);
        let starts = [0].into_iter().chain(ends.iter().copied());
        Ok(starts.zip(&ends).map(|(start, end)| all.slice(start..*end)).collect())
    }

    // As in a task, a batch goes into one buffer.
    fn each(&mut self, done: &mut dyn FnMut(&[u8])) -> anyhow::Result<()> {
        self.out.clear();
        let mut headers = Vec::new();
        for datum in &self.data {
            let need = Prepare::Encode { topic: TOPIC, schema: datum.schema.as_ref() };
            prepare(self.converter.as_mut(), need)?;
            let mut context = EncodeContext { topic: TOPIC, headers: &mut headers };
            self.converter.encode(&mut context, datum, &mut self.out)?;
            done(&self.out);
        }
        Ok(())
    }
}

impl Work for Encode {
    fn pass(&mut self) -> anyhow::Result<Duration> {
        let before = cpu();
        self.each(&mut |out| {
            black_box(out);
        })?;
        Ok(cpu() - before)
    }
}

/// A converter, from bytes.
pub struct Decode {
    converter: Box<dyn Converter>,
    messages: Vec<Bytes>,
}

impl Decode {
    /// A converter for these messages.
    pub fn new(converter: Box<dyn Converter>, messages: &[Bytes]) -> Self {
        Self { converter, messages: messages.to_vec() }
    }

    /// The datum of each.
    ///
    /// # Errors
    /// The converter refuses one.
    pub fn results(&mut self) -> anyhow::Result<Vec<Datum>> {
        let mut all = Vec::new();
        self.each(&mut |datum| all.push(datum))?;
        Ok(all)
    }

    fn each(&mut self, done: &mut dyn FnMut(Datum)) -> anyhow::Result<()> {
        for bytes in &self.messages {
            prepare(self.converter.as_mut(), Prepare::Decode { topic: TOPIC, bytes, headers: &[] })?;
            done(self.converter.decode(DecodeContext { topic: TOPIC, headers: &[] }, Some(bytes))?);
        }
        Ok(())
    }
}

impl Work for Decode {
    fn pass(&mut self) -> anyhow::Result<Duration> {
        let before = cpu();
        self.each(&mut |datum| {
            black_box(datum);
        })?;
        Ok(cpu() - before)
    }
}
