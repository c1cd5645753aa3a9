//! What follows from the last schemas, and the schemas made of them.

use std::collections::HashSet;
use std::sync::Arc;

use api::Error;
use api::data::{Field, Fields, Kind, Schema, SchemaBuilder, SchemaRef, Struct, Value};

use crate::error::{field_twice, no_name};

// As many as Kafka Connect keeps.
const CAPACITY: usize = 16;

/// Keeps what was computed of the last schemas, the one used last in front. The schemas are kept alive, so that a pointer
/// means the same schema as long as it is here.
#[derive(Debug)]
pub(crate) struct SchemaCache<T>(Vec<(SchemaRef, T)>);

impl<T> SchemaCache<T> {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// What was computed of this schema; computes it when it is not here.
    pub fn get<E>(
        &mut self,
        schema: &SchemaRef,
        make: impl FnOnce(&SchemaRef) -> Result<T, E>,
    ) -> Result<&mut T, E> {
        match self.0.iter().position(|(known, _)| Arc::ptr_eq(known, schema)) {
            Some(0) => {}
            Some(position) => self.0[..=position].rotate_right(1),
            None => {
                let made = make(schema)?;
                self.0.truncate(CAPACITY - 1);
                self.0.insert(0, (schema.clone(), made));
            }
        }
        Ok(&mut self.0[0].1)
    }
}

/// A builder of a struct schema with the name, version, documentation and parameters of another; as in Kafka Connect it is
/// required and has no default.
pub(crate) fn like(schema: &Schema, kind: Kind) -> SchemaBuilder {
    let mut builder = Schema::builder(kind);
    if let Some(name) = schema.name() {
        builder = builder.name(name);
    }
    if let Some(version) = schema.version() {
        builder = builder.version(version);
    }
    if let Some(doc) = schema.doc() {
        builder = builder.doc(doc);
    }
    for (key, value) in schema.parameters() {
        builder = builder.parameter(key, value);
    }
    builder
}

/// As [`like`], for a struct of these fields.
///
/// # Errors
/// A name occurs twice.
pub(crate) fn struct_like(schema: &Schema, fields: Vec<Field>) -> Result<SchemaBuilder, Error> {
    Ok(like(schema, Kind::Struct(distinct(fields)?)))
}

/// The fields of a struct schema.
///
/// # Errors
/// A name occurs twice, or is empty.
pub(crate) fn distinct(fields: Vec<Field>) -> Result<Fields, Error> {
    if fields.iter().any(|field| field.name.is_empty()) {
        return Err(no_name());
    }
    let mut names = HashSet::with_capacity(fields.len());
    if let Some(twice) = fields.iter().find(|field| !names.insert(&field.name)) {
        return Err(field_twice(&twice.name));
    }
    Fields::new(fields).ok_or_else(|| field_twice(""))
}

/// The values of a row, nulls replaced by defaults when asked to.
pub(crate) fn values_of(mut row: Struct, replace_null: bool) -> Vec<Value> {
    if replace_null {
        replace_nulls(&mut row);
    }
    row.into_parts().1
}

/// Replaces the nulls of a row by the defaults of their fields.
pub(crate) fn replace_nulls(row: &mut Struct) {
    if !row.values().iter().any(Value::is_null) {
        return;
    }
    let schema = row.schema().clone();
    let fields = schema.fields().map_or(&[][..], |fields| fields);
    for (field, value) in fields.iter().zip(row.values_mut()) {
        replace_by_default(&field.schema, value);
    }
}

/// Replaces a null by the schema's default, where it has one.
pub(crate) fn replace_by_default(schema: &Schema, value: &mut Value) {
    if value.is_null()
        && let Some(default) = schema.default()
    {
        *value = default.clone();
    }
}

/// A row of a schema that was made for these values.
pub(crate) fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).expect("as many values as the schema was given fields"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_are_kept_and_the_one_unused_for_longest_goes() {
        let schemas: Vec<SchemaRef> = (0..17).map(|_| Schema::required(Kind::Int8)).collect();
        let mut cache = SchemaCache::new();
        let mut made = 0;
        let mut use_it = |index: usize| {
            cache
                .get(&schemas[index], |_| {
                    made += 1;
                    Ok::<_, ()>(index)
                })
                .map(|found| assert_eq!(*found, index))
                .unwrap();
            made
        };
        for index in 0..16 {
            use_it(index);
        }
        assert_eq!(use_it(0), 16, "the first is still here");
        assert_eq!(use_it(16), 17);
        assert_eq!(use_it(0), 17);
        assert_eq!(use_it(1), 18, "the second had to go");
    }
}
