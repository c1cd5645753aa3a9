//! Converters: keys, values and header values to bytes and back.

use config::Config;
use data::{Bytes, Datum, SchemaRef, Text};

use crate::{BoxFuture, Result};

/// What a converter is used for; Kafka's `converter.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Keys.
    Key,
    /// Values.
    Value,
    /// Header values.
    Header,
}

/// A header as Kafka has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawHeader {
    /// Its name.
    pub key: Text,
    /// Its bytes.
    pub value: Option<Bytes>,
}

/// What a converter knows of the record that it encodes.
#[derive(Debug)]
pub struct EncodeContext<'a> {
    /// The topic that the record goes to.
    pub topic: &'a str,
    /// Headers that the converter wants on the record (a schema's id, for example).
    pub headers: &'a mut Vec<RawHeader>,
}

/// What a converter knows of the record that it decodes.
#[derive(Debug, Clone, Copy)]
pub struct DecodeContext<'a> {
    /// The topic that the record came from.
    pub topic: &'a str,
    /// The record's headers.
    pub headers: &'a [RawHeader],
}

/// Turns keys or values into bytes and back.
pub trait Converter: Send + 'static {
    /// Appends the bytes of a datum to the batch's buffer. `Ok(false)` is null: nothing was appended, and Kafka gets
    /// a null. After an error the caller cuts off what was appended.
    ///
    /// # Errors
    /// The datum cannot be encoded.
    fn encode(&mut self, context: &mut EncodeContext<'_>, datum: &Datum, out: &mut Vec<u8>) -> Result<bool>;

    /// The datum of bytes. Texts and bytes in it may be slices of the buffer.
    ///
    /// # Errors
    /// The bytes are not of this format. Never panics, whatever the bytes.
    fn decode(&mut self, context: DecodeContext<'_>, bytes: Option<&Bytes>) -> Result<Datum>;

    /// Whether [`Converter::prepare`] has work before this can be converted: a schema that is not yet known.
    fn lacks(&self, _need: &Prepare<'_>) -> bool {
        false
    }

    /// Fetches or registers what conversion needs; then conversion is sync.
    ///
    /// # Errors
    /// Retriable when the registry is away.
    fn prepare<'a>(&'a mut self, _need: Prepare<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What a converter may have to prepare for.
#[derive(Debug, Clone, Copy)]
pub enum Prepare<'a> {
    /// Records of this schema will be encoded for this topic.
    Encode {
        /// The topic.
        topic: &'a str,
        /// The schema; `None` is data without one.
        schema: Option<&'a SchemaRef>,
    },
    /// These bytes will be decoded.
    Decode {
        /// The topic.
        topic: &'a str,
        /// The bytes.
        bytes: &'a Bytes,
        /// The record's headers: they may name the schema.
        headers: &'a [RawHeader],
    },
}

/// A converter that can be built from a config; what a plugin registers.
pub trait BuildConverter: Converter + Sized {
    /// Full class name.
    const CLASS: &'static str;
    /// The keys, without the prefix `key.converter.` or `value.converter.`.
    type Config: Config;

    /// Makes the converter.
    ///
    /// # Errors
    /// A config that cannot work.
    fn build(config: Self::Config, usage: Usage) -> Result<Self>;
}

/// Turns header values into bytes and back.
pub trait HeaderConverter: Send + 'static {
    /// Appends the bytes of a header's value; `Ok(false)` is null.
    ///
    /// # Errors
    /// The value cannot be encoded.
    fn encode(&mut self, topic: &str, key: &str, datum: &Datum, out: &mut Vec<u8>) -> Result<bool>;

    /// The value of a header's bytes.
    ///
    /// # Errors
    /// The bytes are not of this format.
    fn decode(&mut self, topic: &str, key: &str, bytes: Option<&Bytes>) -> Result<Datum>;
}

/// A header converter that can be built from a config.
pub trait BuildHeaderConverter: HeaderConverter + Sized {
    /// Full class name.
    const CLASS: &'static str;
    /// The keys, without the prefix `header.converter.`.
    type Config: Config;

    /// Makes the converter.
    ///
    /// # Errors
    /// A config that cannot work.
    fn build(config: Self::Config) -> Result<Self>;
}
