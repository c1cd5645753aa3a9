//! `ExtractNewRecordState`: the row after the change instead of the change event.

use api::config::{Config, Report, config_enum};
use api::data::{Datum, Field, Header, Kind, Record, SchemaRef, Struct, Text, Topic, Value};
use api::{Error, Origin, Result, Transform};

use super::drop_fields::DropFields;
use super::envelope::{self, AFTER, BEFORE};
use super::field_reference::{FieldReference, parse_all};
use crate::schema_cache::{SchemaCache, replace_by_default, values_of};
use crate::third_party::rows::{datum, field, fields_of, like_with, named, optional_string, required_string};

config_enum! {
    /// What becomes of deletes and tombstones.
    pub enum DeleteTombstoneHandling {
        /// Both are dropped.
        Drop = "drop",
        /// A delete becomes a tombstone with a value schema; the tombstone that follows it is dropped.
        Tombstone = "tombstone",
        /// A delete becomes the row before with `__deleted`; the tombstone is dropped.
        Rewrite = "rewrite",
        /// A delete becomes the row before with `__deleted`; the tombstone stays.
        RewriteWithTombstone = "rewrite-with-tombstone",
        /// A delete becomes a tombstone without a value schema; the tombstone that follows it is dropped.
        DeleteToTombstone = "delete-to-tombstone",
    }
}

config_enum! {
    /// What becomes of deletes, in the form of old versions.
    pub enum DeleteHandling {
        /// They are dropped.
        Drop = "drop",
        /// They become the row before with `__deleted`.
        Rewrite = "rewrite",
        /// They become a null value.
        None = "none",
    }
}

/// Keys of [`ExtractNewRecordState`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct ExtractNewRecordStateConfig {
    /// How to handle delete records and the tombstones that follow them; `tombstone` when nothing is said.
    #[config(key = "delete.tombstone.handling.mode")]
    pub mode: Option<DeleteTombstoneHandling>,
    /// Old form: whether to drop tombstones. Counts only when `delete.tombstone.handling.mode` is not set.
    #[config(key = "drop.tombstones", importance = Low)]
    pub drop_tombstones: Option<bool>,
    /// Old form: how to handle delete records. Counts only when `delete.tombstone.handling.mode` is not set.
    #[config(key = "delete.handling.mode")]
    pub delete_handling: Option<DeleteHandling>,
    /// Fields of the event to add to the row, each `name`, `struct.name` or either with `:newname`.
    #[config(key = "add.fields", default = "")]
    pub add_fields: Vec<String>,
    /// What the names of added fields begin with.
    #[config(key = "add.fields.prefix", default = "__")]
    pub add_fields_prefix: String,
    /// Fields of the event to add as headers, each `name`, `struct.name` or either with `:newname`.
    #[config(key = "add.headers", default = "")]
    pub add_headers: Vec<String>,
    /// What the names of added headers begin with.
    #[config(key = "add.headers.prefix", default = "__")]
    pub add_headers_prefix: String,
    /// The row's STRING field whose value is the topic.
    #[config(key = "route.by.field", default = "")]
    pub route_by_field: String,
    /// The header that lists the fields to leave out, an array of texts.
    #[config(key = "drop.fields.header.name")]
    pub drop_fields_header: Option<String>,
    /// Whether the listed fields are left out of the key too.
    #[config(key = "drop.fields.from.key", default = "false")]
    pub drop_fields_from_key: bool,
    /// Whether only optional fields are left out, so that the schema stays compatible.
    #[config(key = "drop.fields.keep.schema.compatible", default = "true")]
    pub keep_schema_compatible: bool,
    /// Whether to replace fields that have a default value and that are null to the default value.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &ExtractNewRecordStateConfig, report: &mut Report) {
    for (key, list) in [("add.fields", &config.add_fields), ("add.headers", &config.add_headers)] {
        if let Err(why) = parse_all(list, "") {
            report.invalid(key, Some(&list.join(",")), &why);
        }
    }
}

/// What a delete becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnDelete {
    Drop,
    Null,
    NullWithoutSchema,
    Rewrite,
}

/// What becomes of deletes and tombstones, whichever keys said so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    on_delete: OnDelete,
    drop_tombstones: bool,
    deleted_is_required: bool,
}

impl Policy {
    fn of(mode: DeleteTombstoneHandling) -> Self {
        use DeleteTombstoneHandling as Mode;
        let on_delete = match mode {
            Mode::Drop => OnDelete::Drop,
            Mode::Tombstone => OnDelete::Null,
            Mode::DeleteToTombstone => OnDelete::NullWithoutSchema,
            Mode::Rewrite | Mode::RewriteWithTombstone => OnDelete::Rewrite,
        };
        let drop_tombstones = mode != Mode::RewriteWithTombstone;
        Self { on_delete, drop_tombstones, deleted_is_required: false }
    }

    pub fn of_old(mode: DeleteHandling, drop_tombstones: bool) -> Self {
        let on_delete = match mode {
            DeleteHandling::Drop => OnDelete::Drop,
            DeleteHandling::Rewrite => OnDelete::Rewrite,
            DeleteHandling::None => OnDelete::Null,
        };
        Self { on_delete, drop_tombstones, deleted_is_required: false }
    }

    /// `__deleted` becomes a required field.
    pub fn with_deleted_required(self) -> Self {
        Self { deleted_is_required: true, ..self }
    }

    fn rewrites(&self) -> bool {
        self.on_delete == OnDelete::Rewrite
    }
}

/// Takes the row out of a change event. See the reference page.
#[derive(Debug)]
pub struct ExtractNewRecordState {
    policy: Policy,
    fields: Vec<FieldReference>,
    headers: Vec<FieldReference>,
    route_by: Option<String>,
    dropped: Option<DropFields>,
    replace_null: bool,
    /// Whether the row gets a schema of its own, required, even if nothing is added to it.
    rebuilds: bool,
    /// The row's schema with what is added to it; by the event's schema, for the row after and before.
    plans: [SchemaCache<SchemaCache<Extended>>; 2],
}

/// What is added to a row.
#[derive(Debug)]
struct Extended {
    schema: SchemaRef,
    /// Those of the references that the event has.
    fields: Vec<FieldReference>,
}

const PURPOSE: &str = "source field insertion";
const DELETED: &str = "__deleted";

impl Transform for ExtractNewRecordState {
    const CLASS: &'static str = "io.debezium.transforms.ExtractNewRecordState";
    type Config = ExtractNewRecordStateConfig;

    fn build(config: ExtractNewRecordStateConfig) -> Result<Self> {
        let policy = match (config.mode, config.delete_handling, config.drop_tombstones) {
            (Some(mode), ..) => Policy::of(mode),
            (None, Some(mode), drop) => Policy::of_old(mode, drop.unwrap_or(true)),
            // Alone it kept the tombstones of deletes that were dropped themselves.
            (None, None, Some(false)) => Policy::of_old(DeleteHandling::Drop, false),
            (None, None, _) => Policy::of(DeleteTombstoneHandling::Tombstone),
        };
        let parse = |list: &[String], prefix: &str| parse_all(list, prefix).map_err(Error::misconfigured);
        Ok(Self {
            policy,
            fields: parse(&config.add_fields, &config.add_fields_prefix)?,
            headers: parse(&config.add_headers, &config.add_headers_prefix)?,
            route_by: Some(config.route_by_field).filter(|name| !name.is_empty()),
            dropped: config.drop_fields_header.filter(|name| !name.is_empty()).map(|header| {
                DropFields::new(header, config.drop_fields_from_key, config.keep_schema_compatible)
            }),
            replace_null: config.replace_null_with_default,
            rebuilds: true,
            plans: [SchemaCache::new(), SchemaCache::new()],
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if record.value.value.is_null() {
            return Ok(self.tombstone(record));
        }
        if envelope::of(&record.value)?.is_none() {
            return Ok(Some(record));
        }
        let Datum { value: Value::Struct(event), .. } = std::mem::take(&mut record.value) else {
            return Ok(Some(record));
        };
        self.add_headers(&event, &mut record);
        let present = |name: &str| event.get(name).is_some_and(|value| !value.is_null());
        let (has_after, has_before) = (present(AFTER), present(BEFORE));
        if !has_after && !has_before {
            return Ok(None);
        }
        let deleted = !has_after;
        if deleted && self.policy.on_delete == OnDelete::Drop {
            return Ok(None);
        }
        if let Some(name) = &self.route_by {
            let source = if deleted { BEFORE } else { AFTER };
            let with_default = !deleted && self.policy.rewrites() && self.replace_null;
            route(&mut record, &event, source, name, with_default)?;
        }
        record.value = match (deleted, self.policy.on_delete) {
            (false, _) => part(&event, AFTER),
            (true, OnDelete::Rewrite) => part(&event, BEFORE),
            (true, OnDelete::Null) => Datum { schema: part(&event, AFTER).schema, value: Value::Null },
            (true, OnDelete::NullWithoutSchema | OnDelete::Drop) => Datum::NULL,
        };
        if deleted {
            self.drop_fields(&mut record)?; // of the key too, where there is no row
            if !record.value.value.is_null() {
                self.add_fields(&event, deleted, &mut record.value)?;
            }
        } else {
            self.add_fields(&event, deleted, &mut record.value)?;
            self.drop_fields(&mut record)?;
        }
        Ok(Some(record))
    }
}

impl ExtractNewRecordState {
    /// Nothing but the row and what the policy says.
    pub(super) fn plain(policy: Policy) -> Self {
        Self {
            policy,
            fields: Vec::new(),
            headers: Vec::new(),
            route_by: None,
            dropped: None,
            replace_null: true,
            rebuilds: false,
            plans: [SchemaCache::new(), SchemaCache::new()],
        }
    }

    fn tombstone(&self, mut record: Record) -> Option<Record> {
        if self.policy.drop_tombstones {
            return None;
        }
        for header in self.headers.iter().filter(|header| header.is_operation()) {
            record.headers.push(text_header(&header.name, "d"));
        }
        Some(record)
    }

    fn add_headers(&self, event: &Struct, record: &mut Record) {
        for header in &self.headers {
            if let Some(value) = header.datum(event) {
                record.headers.push(Header { key: Text::from(header.name.as_str()), value });
            }
        }
    }

    fn add_fields(&mut self, event: &Struct, deleted: bool, value: &mut Datum) -> Result<()> {
        let rewrites = self.policy.rewrites();
        if !self.rebuilds && !rewrites {
            return Ok(());
        }
        let Datum { schema, value: Value::Struct(row) } = std::mem::take(value) else {
            return Err(Error::bad_record("add.fields needs a row, but the event's row is none"));
        };
        let schema = schema.unwrap_or_else(|| row.schema().clone());
        let (references, required) = (&self.fields, self.policy.deleted_is_required);
        let of_event =
            self.plans[usize::from(deleted)].get(event.schema(), |_| Ok::<_, Error>(SchemaCache::new()))?;
        let plan =
            of_event.get(row.schema(), |_| extended(&schema, &row, event, references, rewrites, required))?;
        // The original replaces nulls where it inserts `__deleted`, and nowhere else.
        let mut values = values_of(row, rewrites && self.replace_null);
        if rewrites {
            values.push(Value::string(if deleted { "true" } else { "false" }));
        }
        values.extend(plan.fields.iter().map(|reference| reference.value(event)));
        *value = datum(&plan.schema, values)?;
        Ok(())
    }

    fn drop_fields(&mut self, record: &mut Record) -> Result<()> {
        match &mut self.dropped {
            Some(dropped) => dropped.apply(record),
            None => Ok(()),
        }
    }
}

// `__deleted` comes first: the original inserts it while it takes the row out.
fn extended(
    named_by: &SchemaRef,
    row: &Struct,
    event: &Struct,
    references: &[FieldReference],
    rewrites: bool,
    required: bool,
) -> Result<Extended> {
    let mut fields: Vec<Field> = fields_of(row.schema()).to_vec();
    if rewrites {
        fields.push(field(DELETED, if required { required_string() } else { optional_string() }));
    }
    let mut present = Vec::with_capacity(references.len());
    for reference in references {
        if let Some(schema) = reference.schema(event) {
            fields.push(field(&reference.name, schema));
            present.push(reference.clone());
        }
    }
    Ok(Extended { schema: like_with(named_by, fields, PURPOSE)?, fields: present })
}

// A part of the event with its field's schema.
fn part(event: &Struct, name: &str) -> Datum {
    let Some((schema, value)) = named(event, name) else {
        return Datum::NULL;
    };
    let mut value = value.clone();
    replace_by_default(schema, &mut value);
    Datum::new(schema.clone(), value)
}

fn route(record: &mut Record, event: &Struct, source: &str, name: &str, with_default: bool) -> Result<()> {
    let Some(row) = envelope::nested(event, source) else { return Ok(()) };
    let Some((schema, value)) = named(row, name) else {
        return Err(Error::bad_record(format!(
            "route.by.field names {name}, which is not a field of {source}"
        ))
        .with("topic", &record.topic));
    };
    if *schema.kind() != Kind::String {
        return Err(Error::bad_record(format!(
            "route.by.field needs a field of type STRING, but {name} is {}",
            schema.schema_type().name()
        )));
    }
    let default = schema.default().filter(|_| with_default && value.is_null());
    if let Some(topic) = default.unwrap_or(value).as_str().filter(|topic| !topic.trim().is_empty()) {
        record.topic = Topic::from(topic);
    }
    Ok(())
}

/// A header of a text.
pub(super) fn text_header(name: &str, text: &str) -> Header {
    Header { key: Text::from(name), value: Datum::new(required_string(), Value::string(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::config::RawConfig;

    #[test]
    fn old_keys_count_only_without_the_new() {
        let policy = |entries: &[(&str, &str)]| {
            let raw: RawConfig = entries.iter().copied().collect();
            let built =
                ExtractNewRecordState::build(ExtractNewRecordStateConfig::parse(&raw).unwrap()).unwrap();
            (built.policy.on_delete, built.policy.drop_tombstones)
        };
        let old = |mode| [("delete.handling.mode", mode), ("drop.tombstones", "false")];
        assert_eq!(policy(&[]), (OnDelete::Null, true));
        assert_eq!(policy(&[("drop.tombstones", "true")]), (OnDelete::Null, true));
        assert_eq!(policy(&[("drop.tombstones", "false")]), (OnDelete::Drop, false));
        assert_eq!(policy(&old("rewrite")), (OnDelete::Rewrite, false));
        assert_eq!(policy(&old("none")), (OnDelete::Null, false));
        assert_eq!(policy(&[("delete.handling.mode", "drop")]), (OnDelete::Drop, true));
        let new = [("delete.tombstone.handling.mode", "tombstone"), ("delete.handling.mode", "drop")];
        assert_eq!(policy(&new), (OnDelete::Null, true));
    }
}
