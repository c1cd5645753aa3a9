//! Leaving out the fields that a header lists, as unchanged ones.

use api::data::{Datum, Field, Record, SchemaRef, Value};
use api::{Error, Result};

use crate::schema_cache::{SchemaCache, replace_nulls};
use crate::third_party::rows::{datum, fields_of, like_with};

/// Leaves out the fields that a header lists.
#[derive(Debug)]
pub(super) struct DropFields {
    header: String,
    from_key: bool,
    only_optional: bool,
    plans: SchemaCache<Vec<(Vec<String>, Kept)>>,
}

#[derive(Debug)]
struct Kept {
    schema: SchemaRef,
    positions: Vec<usize>,
}

// So many lists of fields are remembered for a schema.
const LISTS_MAX: usize = 64;

impl DropFields {
    pub fn new(header: String, from_key: bool, only_optional: bool) -> Self {
        Self { header, from_key, only_optional, plans: SchemaCache::new() }
    }

    /// Leaves the fields out of the value and, if wanted, the key.
    pub fn apply(&mut self, record: &mut Record) -> Result<()> {
        let Some(header) = record.headers.iter().find(|header| *header.key == *self.header) else {
            return Ok(());
        };
        let names = match &header.value.value {
            Value::Null => return Ok(()),
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        let Some(names): Option<Vec<String>> = names else {
            return Err(Error::bad_record(
                "drop.fields.header.name needs a header that is an array of texts",
            )
            .with("header", &self.header));
        };
        if names.is_empty() {
            return Ok(());
        }
        self.leave_out(&names, &mut record.value)?;
        if self.from_key {
            self.leave_out(&names, &mut record.key)?;
        }
        Ok(())
    }

    fn leave_out(&mut self, names: &[String], part: &mut Datum) -> Result<()> {
        let Value::Struct(row) = &mut part.value else {
            return Ok(());
        };
        let only_optional = self.only_optional;
        let plans = self.plans.get(row.schema(), |_| Ok::<_, Error>(Vec::new()))?;
        let known = plans.iter().position(|(known, _)| known == names);
        let index = match known {
            Some(index) => index,
            None => {
                let kept =
                    kept(part.schema.as_ref().unwrap_or(row.schema()), row.schema(), names, only_optional)?;
                if plans.len() >= LISTS_MAX {
                    plans.clear();
                }
                plans.push((names.to_vec(), kept));
                plans.len() - 1
            }
        };
        let Kept { schema, positions } = &plans[index].1;
        if only_optional && positions.len() == row.values().len() {
            return Ok(()); // nothing goes, and the row stays what it is
        }
        replace_nulls(row);
        let values = row.values();
        let values = positions.iter().map(|position| values[*position].clone()).collect();
        *part = datum(schema, values)?;
        Ok(())
    }
}

fn kept(named_by: &SchemaRef, schema: &SchemaRef, names: &[String], only_optional: bool) -> Result<Kept> {
    let fields = fields_of(schema);
    let goes = |field: &Field| {
        names.iter().any(|name| **name == *field.name) && (field.schema.is_optional() || !only_optional)
    };
    let positions: Vec<usize> = (0..fields.len()).filter(|position| !goes(&fields[*position])).collect();
    let fields = positions.iter().map(|position| fields[*position].clone()).collect();
    Ok(Kept { schema: like_with(named_by, fields, "dropping fields")?, positions })
}
