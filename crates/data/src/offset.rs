//! A source's positions: the maps that name a source partition and an offset in it.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Bytes, Text};

/// What a source partition or offset may hold: Connect allows primitives only.
#[derive(Debug, Clone, PartialEq)]
pub enum Primitive {
    /// Null.
    Null,
    /// True or false.
    Boolean(bool),
    /// Any integer: stored offsets come back as 64 bits.
    Int(i64),
    /// Any float: stored offsets come back as 64 bits.
    Float(f64),
    /// Text.
    String(Text),
    /// Bytes; stored as base64, so they come back as text.
    Bytes(Bytes),
}

/// A source partition, or an offset in it: names and primitives **in order**. A partition is known by its serialized
/// bytes, so that the order decides whether an old offset is found (kept as the connector gave it, as Java does).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetMap(SmallVec<[(Arc<str>, Primitive); 2]>);

impl OffsetMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry, or replaces its value in place.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: impl Into<Primitive>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// As [`Self::insert`], in a chain.
    pub fn with(mut self, name: impl Into<Arc<str>>, value: impl Into<Primitive>) -> Self {
        self.insert(name, value);
        self
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Primitive> {
        self.0.iter().find(|(known, _)| known.as_ref() == name).map(|(_, value)| value)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Primitive)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Primitive {
    /// The number, if it is an integer, or text of one: files written by hand and other tools quote numbers.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Primitive::Int(n) => Some(*n),
            Primitive::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Primitive::String(text) => Some(text),
            _ => None,
        }
    }
}

impl From<i64> for Primitive {
    fn from(n: i64) -> Self {
        Primitive::Int(n)
    }
}
impl From<bool> for Primitive {
    fn from(b: bool) -> Self {
        Primitive::Boolean(b)
    }
}
impl From<f64> for Primitive {
    fn from(x: f64) -> Self {
        Primitive::Float(x)
    }
}
impl From<&str> for Primitive {
    fn from(text: &str) -> Self {
        Primitive::String(text.into())
    }
}
impl From<String> for Primitive {
    fn from(text: String) -> Self {
        Primitive::String(text.into())
    }
}
impl From<Text> for Primitive {
    fn from(text: Text) -> Self {
        Primitive::String(text)
    }
}
