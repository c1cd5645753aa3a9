//! What was computed of schemas, by their pointers.

use std::collections::HashMap;
use std::sync::Arc;

use data::SchemaRef;

/// Keeps what was computed of a schema while the schema is among the last used. The schema is kept alive, so that its
/// address means the same schema as long as the entry is here.
#[derive(Debug)]
pub struct SchemaCache<T> {
    entries: Vec<Entry<T>>,
    positions: HashMap<usize, usize>,
    capacity: usize,
    last: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry<T> {
    schema: SchemaRef,
    value: T,
    used: u64,
}

fn address(schema: &SchemaRef) -> usize {
    Arc::as_ptr(schema).addr()
}

impl<T> SchemaCache<T> {
    /// A cache of at most so many schemas, at least one.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self { entries: Vec::new(), positions: HashMap::new(), capacity, last: 0, clock: 0 }
    }

    /// What was computed of this schema; computes it when it is not here, instead of the one unused for longest when
    /// the cache is full.
    ///
    /// # Errors
    /// What `make` answers; then nothing is kept.
    #[inline]
    pub fn get_or_try_insert<E>(
        &mut self,
        schema: &SchemaRef,
        make: impl FnOnce(&SchemaRef) -> Result<T, E>,
    ) -> Result<&mut T, E> {
        let is_last = self.entries.get(self.last).is_some_and(|entry| Arc::ptr_eq(&entry.schema, schema));
        if !is_last {
            self.last = self.find_or_make(schema, make)?;
        }
        Ok(&mut self.entries[self.last].value)
    }

    fn find_or_make<E>(
        &mut self,
        schema: &SchemaRef,
        make: impl FnOnce(&SchemaRef) -> Result<T, E>,
    ) -> Result<usize, E> {
        self.clock += 1;
        if let Some(position) = self.positions.get(&address(schema)) {
            self.entries[*position].used = self.clock;
            return Ok(*position);
        }
        let entry = Entry { schema: schema.clone(), value: make(schema)?, used: self.clock };
        let oldest = (0..self.entries.len()).min_by_key(|position| self.entries[*position].used);
        let position = match oldest {
            Some(oldest) if self.entries.len() >= self.capacity => {
                let gone = std::mem::replace(&mut self.entries[oldest], entry);
                self.positions.remove(&address(&gone.schema));
                oldest
            }
            _ => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.positions.insert(address(schema), position);
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::{Kind, Schema};

    #[test]
    fn the_one_unused_for_longest_goes() {
        let schemas: Vec<SchemaRef> = (0..3).map(|_| Schema::required(Kind::Int8)).collect();
        let mut cache = SchemaCache::new(2);
        let mut made = Vec::new();
        for index in [0, 1, 0, 2, 0, 1] {
            let value = cache.get_or_try_insert(&schemas[index], |_| {
                made.push(index);
                Ok::<_, ()>(index)
            });
            assert_eq!(value, Ok(&mut index.clone()));
        }
        assert_eq!(made, [0, 1, 2, 1]);
        assert_eq!(cache.entries.len(), 2);
        assert_eq!(cache.positions.len(), 2);
    }

    #[test]
    fn a_failure_is_not_kept() {
        let schema = Schema::required(Kind::Int8);
        let mut cache = SchemaCache::new(2);
        assert_eq!(cache.get_or_try_insert(&schema, |_| Err("no")), Err("no"));
        assert_eq!(cache.get_or_try_insert(&schema, |_| Ok::<_, ()>(1)), Ok(&mut 1));
    }
}
