//! Avro's schemas to Connect's.

use std::sync::Arc;

use data::{Fields, Kind as Connect, Logical as ConnectLogical, SchemaBuilder, SchemaRef};
use serde_json::Value as Json;

use super::{
    CONNECT_DEFAULT, CONNECT_DOC, CONNECT_ENUM_DOC, CONNECT_INTERNAL_TYPE, CONNECT_NAME, CONNECT_PARAMETERS,
    CONNECT_RECORD_DOC, CONNECT_TYPE, CONNECT_VERSION, DECIMAL_PRECISION, DECIMAL_PRECISION_DEFAULT,
    DEFAULT_FULL_NAME, ENUM, ENUM_DEFAULT_PREFIX, ENUM_DOC_PREFIX, FIELD_DEFAULT_FLAG, FIELD_DOC_PREFIX,
    FIXED_SIZE, GENERALIZED_ENUM, GENERALIZED_UNION, KEY, MAP_ENTRY, Mapping, MappingError, NAMESPACE,
    RECORD_DOC, UNION, VALUE, default, is_anything,
};
use crate::Schema;
use crate::schema::{Enum, Kind, NAMES_MAX_DEPTH, Node, NodeId, Record};

type Result<T> = std::result::Result<T, MappingError>;

/// The most types that a Connect schema may have when each is written out: named types of Avro may be used many times.
const TYPES_MAX: usize = 50_000;

pub(super) fn convert(mapping: Mapping, schema: &Schema, version: Option<i32>) -> Result<Option<SchemaRef>> {
    if is_anything(schema) {
        return Ok(None);
    }
    let mut made = Making { mapping, schema, open: Vec::new(), types: 0, unions: 0 };
    made.node(schema.root(), Around { version, ..Around::default() }).map(Some)
}

struct Making<'a> {
    mapping: Mapping,
    schema: &'a Schema,
    /// The records around the one that is being made.
    open: Vec<NodeId>,
    types: usize,
    unions: usize,
}

/// What stands around a type that makes a difference.
#[derive(Default, Clone, Copy)]
struct Around<'a> {
    optional: bool,
    default: Option<&'a Json>,
    doc: Option<&'a str>,
    version: Option<i32>,
}

impl Making<'_> {
    fn node(&mut self, id: NodeId, around: Around<'_>) -> Result<SchemaRef> {
        self.types += 1;
        if self.types > TYPES_MAX {
            return fail(format!(
                "the schema has more than {TYPES_MAX} types when each use of a name is written out, which is Connect's way"
            ));
        }
        if self.open.len() >= NAMES_MAX_DEPTH {
            return fail(format!("types lie in each other deeper than {NAMES_MAX_DEPTH} levels"));
        }
        if self.open.contains(&id) {
            let name = self.schema.node(id).name().map_or("", |name| name.full());
            return fail(format!(
                "the type {name} contains itself, which a Connect schema cannot say; let it hold an id in its own \
                 place, or take the records as bytes with ByteArrayConverter"
            ));
        }
        self.open.push(id);
        let made = self.any(id, around);
        self.open.pop();
        made
    }

    fn any(&mut self, id: NodeId, around: Around<'_>) -> Result<SchemaRef> {
        let schema = self.schema;
        let node = schema.node(id);
        let builder = match &node.kind {
            Kind::Null => return fail("Standalone null schemas are not supported by this converter"),
            Kind::Boolean => data::Schema::builder(Connect::Boolean),
            Kind::Int => int(node)?,
            Kind::Long if is_logical(node, "timestamp-millis") => {
                data::Schema::logical_builder(ConnectLogical::Timestamp)
            }
            Kind::Long => data::Schema::builder(Connect::Int64),
            Kind::Float => data::Schema::builder(Connect::Float32),
            Kind::Double => data::Schema::builder(Connect::Float64),
            Kind::String => data::Schema::builder(Connect::String),
            Kind::Bytes => bytes(node)?,
            Kind::Fixed(fixed) => bytes(node)?.parameter(FIXED_SIZE, &fixed.size.to_string()),
            Kind::Array(items) => self.array(*items)?,
            Kind::Map(values) => {
                let keys = data::Schema::required(Connect::String);
                let values = self.node(*values, Around::default())?;
                data::Schema::builder(Connect::Map(keys, values))
            }
            Kind::Record(record) => self.record(record)?,
            Kind::Enum(symbols) => self.enumeration(symbols),
            Kind::Union(branches) => match self.plain_branch(branches) {
                Some((branch, optional)) => {
                    // A field's default is lost here, as in Java, unless `connect.default` says it too.
                    return self.node(branch, Around { optional, doc: around.doc, ..Around::default() });
                }
                None => self.union(branches)?,
            },
        };
        self.describe(node, builder, around)
    }

    /// The branch of a union that is no union for Connect: an optional type, or one type alone.
    fn plain_branch(&self, branches: &[NodeId]) -> Option<(NodeId, bool)> {
        let is_null = |id: &NodeId| self.schema.node(*id).kind == Kind::Null;
        match branches {
            [only] if self.mapping.flatten_singletons => Some((*only, false)),
            [one, other] if is_null(one) && !is_null(other) => Some((*other, true)),
            [one, other] if is_null(other) && !is_null(one) => Some((*one, true)),
            _ => None,
        }
    }

    fn array(&mut self, items: NodeId) -> Result<SchemaBuilder> {
        let schema = self.schema;
        let node = schema.node(items);
        let Kind::Record(record) = &node.kind else {
            let items = self.node(items, Around::default())?;
            return Ok(data::Schema::builder(Connect::Array(items)));
        };
        if !is_map_entry(node) {
            let items = self.node(items, Around::default())?;
            return Ok(data::Schema::builder(Connect::Array(items)));
        }
        let part =
            |name: &str| record.fields.iter().find(|field| field.name == name).map(|field| field.schema);
        let (Some(key), Some(value), 2) = (part(KEY), part(VALUE), record.fields.len()) else {
            return fail(
                "Found map encoded as array of key-value pairs, but array elements do not match the expected format.",
            );
        };
        let keys = self.node(key, Around::default())?;
        let values = self.node(value, Around::default())?;
        Ok(data::Schema::builder(Connect::Map(keys, values)))
    }

    fn record(&mut self, record: &Record) -> Result<SchemaBuilder> {
        let describes = self.mapping.meta_data && !self.mapping.discard_type_doc_default;
        let mut parameters: Vec<(String, &str)> = Vec::new();
        if let Some(doc) = record.doc.as_deref().filter(|_| describes) {
            parameters.push((RECORD_DOC.to_owned(), doc));
        }
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            if let Some(doc) = field.doc.as_deref().filter(|_| describes) {
                parameters.push((format!("{FIELD_DOC_PREFIX}{}", field.name), doc));
            }
            let around =
                Around { default: field.default.as_ref(), doc: field.doc.as_deref(), ..Around::default() };
            let schema = self.node(field.schema, around).map_err(|error| {
                MappingError::new(format!("field {} of {}: {error}", field.name, record.name.full()))
            })?;
            fields.push(data::Field { name: Arc::from(field.name.as_str()), schema });
        }
        let Some(fields) = Fields::new(fields) else { return fail("a field's name comes twice") };
        let builder = data::Schema::builder(Connect::Struct(fields));
        Ok(parameters.into_iter().fold(builder, |builder, (key, doc)| builder.parameter(&key, doc)))
    }

    fn enumeration(&self, symbols: &Enum) -> SchemaBuilder {
        let mut builder = data::Schema::builder(Connect::String);
        let discard = self.mapping.discard_type_doc_default;
        if self.mapping.meta_data {
            if let Some(doc) = &symbols.doc {
                let key = match discard {
                    true => CONNECT_ENUM_DOC.to_owned(),
                    false => format!("{ENUM_DOC_PREFIX}{}", symbols.name.simple()),
                };
                builder = builder.parameter(&key, doc);
            }
            if let Some(default) = symbols.default.as_ref().filter(|_| !discard) {
                builder =
                    builder.parameter(&format!("{ENUM_DEFAULT_PREFIX}{}", symbols.name.simple()), default);
            }
        }
        let parameter = if self.mapping.generalized { GENERALIZED_ENUM } else { ENUM };
        builder = builder.parameter(parameter, symbols.name.full());
        for (index, symbol) in symbols.symbols.iter().enumerate() {
            let value = if self.mapping.generalized { index.to_string() } else { symbol.clone() };
            builder = builder.parameter(&format!("{parameter}.{symbol}"), &value);
        }
        builder
    }

    fn union(&mut self, branches: &[NodeId]) -> Result<SchemaBuilder> {
        let name = match self.mapping.generalized {
            true => format!("connect_union_{}", self.unions),
            false => UNION.to_owned(),
        };
        self.unions += 1;
        let mut fields = Vec::with_capacity(branches.len());
        let mut optional = false;
        for (index, branch) in branches.iter().enumerate() {
            if self.schema.node(*branch).kind == Kind::Null {
                optional = true;
                continue;
            }
            let schema = self.node(*branch, Around { optional: true, ..Around::default() })?;
            let name = branch_name(self.schema, *branch, index, self.mapping);
            fields.push(data::Field { name: name.into(), schema });
        }
        let Some(fields) = Fields::new(fields) else {
            return fail("Multiple union schemas map to the Connect union field name");
        };
        let builder = data::Schema::builder(Connect::Struct(fields)).name(&name).set_optional(optional);
        Ok(if self.mapping.generalized { builder.parameter(GENERALIZED_UNION, &name) } else { builder })
    }

    fn describe(&self, node: &Node, mut builder: SchemaBuilder, around: Around<'_>) -> Result<SchemaRef> {
        let mapping = self.mapping;
        let doc = match &node.kind {
            Kind::Record(record) => record.doc.as_deref(),
            Kind::Enum(symbols) => symbols.doc.as_deref(),
            Kind::Fixed(fixed) => fixed.doc.as_deref(),
            _ => None,
        };
        let connect_doc = node.text_property(CONNECT_DOC);
        if mapping.discard_type_doc_default {
            if let Some(doc) = around.doc.or(doc).or(connect_doc) {
                builder = builder.doc(doc);
            }
            if let Some(doc) = doc.filter(|_| mapping.meta_data) {
                builder = builder.parameter(CONNECT_RECORD_DOC, doc);
            }
        } else if let Some(doc) = connect_doc.filter(|_| mapping.meta_data) {
            builder = builder.doc(doc);
        }
        builder = version(node, builder, around)?;
        if let Some(parameters) = node.properties.get(CONNECT_PARAMETERS).filter(|_| mapping.meta_data) {
            let Json::Object(parameters) = parameters else {
                return fail("Expected JSON object for schema parameters");
            };
            for (key, value) in parameters {
                let Json::String(value) = value else {
                    return fail(format!(
                        "Expected schema parameter values to be strings but found: {value}"
                    ));
                };
                builder = builder.parameter(key, value);
            }
        }
        for (key, value) in node.properties.iter().filter(|(key, _)| key.starts_with("avro")) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            builder = builder.parameter(key, &text);
        }
        let connect_default = node.properties.get(CONNECT_DEFAULT);
        let flagged = around.default.is_some()
            && !mapping.discard_type_doc_default
            && mapping.meta_data
            && connect_default.is_none();
        if flagged {
            builder = builder.parameter(FIELD_DEFAULT_FLAG, "true");
        }
        builder = named(node, builder)?;
        if let Some(json) = around.default.or(connect_default) {
            // The default is read by the schema as it is so far; one that does not fit is left out.
            let so_far = builder.clone().build();
            match default::from_json(mapping, &so_far, json) {
                None | Some(data::Value::Null) => {}
                Some(value) => builder = builder.default_value(value),
            }
        }
        if around.optional {
            builder = builder.optional();
        }
        Ok(builder.build())
    }
}

/// The name of the field that stands for a union's branch.
pub(super) fn branch_name(schema: &Schema, branch: NodeId, index: usize, mapping: Mapping) -> String {
    if mapping.generalized {
        return format!("connect_union_field_{index}");
    }
    let node = schema.node(branch);
    match node.name() {
        Some(name) if mapping.enhanced => name.full().to_owned(),
        Some(name) if mapping.scrub => super::scrub(name.simple()).into_owned(),
        Some(name) => name.simple().to_owned(),
        None => node.kind.type_name().to_owned(),
    }
}

pub(crate) fn is_map_entry(node: &Node) -> bool {
    let Kind::Record(record) = &node.kind else { return false };
    (record.name.namespace() == Some(NAMESPACE) && record.name.simple() == MAP_ENTRY)
        || node.text_property(CONNECT_INTERNAL_TYPE) == Some(MAP_ENTRY)
}

fn is_logical(node: &Node, logical: &str) -> bool {
    node.text_property("logicalType").is_some_and(|text| text.eq_ignore_ascii_case(logical))
}

fn int(node: &Node) -> Result<SchemaBuilder> {
    let logical = node.text_property("logicalType");
    let builder = match (logical, node.text_property(CONNECT_TYPE)) {
        (Some(_), _) if is_logical(node, "date") => data::Schema::logical_builder(ConnectLogical::Date),
        (Some(_), _) if is_logical(node, "time-millis") => {
            data::Schema::logical_builder(ConnectLogical::Time)
        }
        (Some(_), _) | (None, None) => data::Schema::builder(Connect::Int32),
        (None, Some("int8")) => data::Schema::builder(Connect::Int8),
        (None, Some("int16")) => data::Schema::builder(Connect::Int16),
        (None, Some(other)) => {
            return fail(format!(
                "{CONNECT_TYPE} of an int is int8 or int16, not {}",
                crate::error::shown(other)
            ));
        }
    };
    Ok(builder)
}

fn bytes(node: &Node) -> Result<SchemaBuilder> {
    if !is_logical(node, "decimal") {
        return Ok(data::Schema::builder(Connect::Bytes));
    }
    let number = |json: &Json| json.as_i64().and_then(|number| i32::try_from(number).ok());
    let scale = node.properties.get("scale").and_then(number).unwrap_or(0);
    let builder = data::Schema::logical_builder(ConnectLogical::Decimal { scale });
    match node.properties.get("precision") {
        None => Ok(builder),
        Some(json) => match number(json).map(i64::from) {
            Some(DECIMAL_PRECISION_DEFAULT) => Ok(builder),
            Some(precision) => Ok(builder.parameter(DECIMAL_PRECISION, &precision.to_string())),
            None => fail("precision property must be a JSON Integer"),
        },
    }
}

fn version(node: &Node, builder: SchemaBuilder, around: Around<'_>) -> Result<SchemaBuilder> {
    let version = match node.properties.get(CONNECT_VERSION) {
        Some(json) => match json.as_i64().and_then(|version| i32::try_from(version).ok()) {
            Some(version) => Some(version),
            None => return fail(format!("Invalid Connect version found: {json}")),
        },
        None => around.version,
    };
    let Some(version) = version.filter(|version| *version >= 0) else { return Ok(builder) };
    // The logical types have version 1.
    match builder.clone().build().version() {
        Some(known) if known != version && node.properties.contains_key(CONNECT_VERSION) => fail(format!(
            "Mismatched versions: {CONNECT_VERSION} is {version} where the logical type's version is {known}"
        )),
        Some(_) => Ok(builder),
        None => Ok(builder.version(version)),
    }
}

fn named(node: &Node, builder: SchemaBuilder) -> Result<SchemaBuilder> {
    let known = builder.clone().build().name().map(str::to_owned);
    let name = match (node.properties.get(CONNECT_NAME), &node.kind) {
        (Some(Json::String(name)), _) => Some(name.as_str()),
        (Some(other), _) => return fail(format!("Invalid schema name: {other}")),
        (None, Kind::Record(record)) => Some(record.name.full()),
        (None, Kind::Enum(symbols)) => Some(symbols.name.full()),
        (None, Kind::Fixed(fixed)) if known.as_deref() != Some(ConnectLogical::DECIMAL) => {
            Some(fixed.name.full())
        }
        (None, _) => None,
    };
    match (name.filter(|name| !name.starts_with(DEFAULT_FULL_NAME)), known) {
        (None, _) => Ok(builder),
        (Some(name), Some(known)) if name != known => {
            fail(format!("Mismatched names: the type is called {known}, and {CONNECT_NAME} is {name}"))
        }
        (Some(name), _) => Ok(builder.name(name)),
    }
}

fn fail<T>(what: impl Into<String>) -> Result<T> {
    Err(MappingError::new(what))
}
