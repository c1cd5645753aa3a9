//! Schemas that are made of records, not of schemas.

use api::data::SchemaRef;

/// The last schemas that were made, so that equal ones are one: what follows from a schema is remembered by its pointer, in
/// later transforms and in converters.
#[derive(Debug)]
pub(crate) struct KnownSchemas {
    known: Vec<SchemaRef>,
    max: usize,
}

// As many as transforms remember results of.
const PER_PLACE: usize = 16;

impl KnownSchemas {
    /// For schemas at so many places of a record.
    pub fn of_places(count: usize) -> Self {
        Self { known: Vec::new(), max: PER_PLACE * count.max(1) }
    }

    /// The schema made before that is equal, or this one.
    pub fn one(&mut self, schema: SchemaRef) -> SchemaRef {
        match self.known.iter().position(|known| *known == schema) {
            Some(position) => self.known[..=position].rotate_right(1),
            None => {
                self.known.truncate(self.max - 1);
                self.known.insert(0, schema);
            }
        }
        self.known[0].clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use api::data::{Kind, Schema};

    use super::*;

    #[test]
    fn the_last_sixteen_are_known() {
        let schema =
            |n: usize| Schema::structure([(n.to_string().as_str(), Schema::required(Kind::Int8))]).unwrap();
        let mut known = KnownSchemas::of_places(1);
        let first = known.one(schema(0));
        for n in 1..16 {
            known.one(schema(n));
        }
        assert!(Arc::ptr_eq(&known.one(schema(0)), &first));
        known.one(schema(16));
        assert!(Arc::ptr_eq(&known.one(schema(0)), &first), "used last but one");
        for n in 20..36 {
            known.one(schema(n));
        }
        assert!(!Arc::ptr_eq(&known.one(schema(0)), &first));
    }
}
