//! What reads the data of schemas, found by topic and schema.

use std::collections::HashMap;
use std::time::Instant;

use crate::Format;
use crate::wire::SchemaId;

/// Reads the data of one schema in one topic.
pub(crate) struct Reader<F: Format> {
    pub topic: Box<str>,
    pub id: SchemaId,
    pub decoder: F::Decoder,
    /// When it must be made anew.
    pub until: Option<Instant>,
}

/// The readers of topics and schemas.
pub(crate) struct Readers<F: Format> {
    all: Vec<Reader<F>>,
    places: HashMap<Box<str>, HashMap<SchemaId, usize>>,
    /// The one that was used last: messages that follow each other mostly have one schema.
    last: usize,
}

impl<F: Format> Default for Readers<F> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new(), last: 0 }
    }
}

impl<F: Format> Readers<F> {
    fn place(&self, topic: &str, id: SchemaId) -> Option<usize> {
        let is_last = self.all.get(self.last).is_some_and(|last| last.id == id && *last.topic == *topic);
        match is_last {
            true => Some(self.last),
            false => self.places.get(topic)?.get(&id).copied(),
        }
    }

    pub fn get(&self, topic: &str, id: SchemaId) -> Option<&Reader<F>> {
        Some(&self.all[self.place(topic, id)?])
    }

    pub fn get_mut(&mut self, topic: &str, id: SchemaId) -> Option<&mut Reader<F>> {
        self.last = self.place(topic, id)?;
        Some(&mut self.all[self.last])
    }

    /// Keeps a reader, instead of one for the same. When there are as many as may be, all others go: they are made anew
    /// as they are needed, and the client remembers the texts.
    pub fn insert(&mut self, reader: Reader<F>, capacity: usize) {
        match self.place(&reader.topic, reader.id) {
            Some(place) => self.all[place] = reader,
            None => {
                if self.all.len() >= capacity {
                    *self = Self::default();
                }
                self.places.entry(reader.topic.clone()).or_default().insert(reader.id, self.all.len());
                self.all.push(reader);
            }
        }
    }
}
