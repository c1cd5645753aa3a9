//! Connect's schemas to Avro's.

use std::collections::HashMap;
use std::sync::Arc;

use data::{Logical, SchemaRef, SchemaType};
use serde_json::Value as Json;

use super::{
    ANYTHING, CONNECT_DEFAULT, CONNECT_DOC, CONNECT_ENUM_DOC, CONNECT_INTERNAL_TYPE, CONNECT_NAME,
    CONNECT_PARAMETERS, CONNECT_RECORD_DOC, CONNECT_TYPE, CONNECT_VERSION, DECIMAL_PRECISION,
    DECIMAL_PRECISION_DEFAULT, DEFAULT_NAME, ENUM, ENUM_DEFAULT_PREFIX, ENUM_DOC_PREFIX, FIELD_DEFAULT_FLAG,
    FIELD_DOC_PREFIX, GENERALIZED_ENUM, KEY, MAP_ENTRY, Mapping, MappingError, NAMESPACE, RECORD_DOC, VALUE,
    default, equal, fixed_size, is_avro_map, is_enum, is_union, names, number,
};
use crate::Schema;
use crate::schema::{
    Enum, Field, Fixed, Kind, NAMES_MAX_DEPTH, Name, NodeId, Nodes, Order, Properties, Record, is_valid_name,
    misfit,
};

type Result<T> = std::result::Result<T, MappingError>;

pub(super) fn convert(mapping: Mapping, schema: Option<&SchemaRef>) -> Result<Schema> {
    let Some(schema) = schema else {
        return Schema::parse(ANYTHING, &[]).map_err(|error| MappingError::new(error.to_string()));
    };
    let mut made = Making {
        mapping,
        nodes: Nodes::default(),
        made: Vec::new(),
        structs: HashMap::new(),
        names: HashMap::new(),
        unnamed: 0,
        depth: 0,
    };
    let root = made.schema(schema, Optional::Kept)?;
    Ok(made.nodes.finish(root))
}

struct Making {
    mapping: Mapping,
    nodes: Nodes,
    /// Structs that were made: an equal one is the same type.
    made: Vec<(SchemaRef, NodeId)>,
    /// Structs by their Connect names: one that comes again is the first.
    structs: HashMap<String, NodeId>,
    /// Named types by their Avro names.
    names: HashMap<Name, NodeId>,
    /// How many records had no name.
    unnamed: usize,
    depth: usize,
}

/// Whether an optional schema becomes a union with null.
#[derive(Clone, Copy, PartialEq)]
enum Optional {
    Kept,
    Ignored,
}

impl Making {
    fn schema(&mut self, schema: &SchemaRef, optional: Optional) -> Result<NodeId> {
        if self.depth >= NAMES_MAX_DEPTH {
            return Err(MappingError::new(format!(
                "schemas are nested deeper than {NAMES_MAX_DEPTH} levels"
            )));
        }
        self.depth += 1;
        let made = self.any(schema, optional);
        self.depth -= 1;
        made
    }

    /// As [`Self::schema`], but a struct whose name was seen is that one, whatever else it says.
    fn element(&mut self, schema: &SchemaRef, optional: Optional) -> Result<NodeId> {
        let seen = schema.name().and_then(|name| self.structs.get(name).copied());
        match (seen, optional) {
            (Some(id), Optional::Kept) => Ok(self.maybe_optional(schema, id)),
            (Some(id), Optional::Ignored) => Ok(id),
            (None, _) => self.schema(schema, optional),
        }
    }

    fn any(&mut self, schema: &SchemaRef, optional: Optional) -> Result<NodeId> {
        if schema.schema_type() == SchemaType::Struct {
            if is_union(schema) {
                return self.union(schema);
            }
            if schema.is_optional() {
                let null = self.nodes.add(Kind::Null);
                let required = schema.to_builder().set_optional(false).build();
                let record = self.element(&required, Optional::Kept)?;
                return Ok(match optional {
                    Optional::Kept => self.nodes.add(Kind::Union(vec![null, record])),
                    Optional::Ignored => record,
                });
            }
        }
        let is_struct = schema.schema_type() == SchemaType::Struct;
        if is_struct && let Some((_, id)) = self.made.iter().find(|(known, _)| same(known, schema)) {
            return Ok(*id);
        }
        let (kind, mut properties) = self.base(schema)?;
        self.describe(schema, &mut properties)?;
        let id = self.add(kind, properties)?;
        if is_struct {
            self.made.push((schema.clone(), id));
        }
        Ok(match optional {
            Optional::Kept => self.maybe_optional(schema, id),
            Optional::Ignored => id,
        })
    }

    fn maybe_optional(&mut self, schema: &SchemaRef, base: NodeId) -> NodeId {
        if !schema.is_optional() {
            return base;
        }
        let null = self.nodes.add(Kind::Null);
        // A field's default is of the union's first branch.
        let branches = if schema.default().is_some() { vec![base, null] } else { vec![null, base] };
        self.nodes.add(Kind::Union(branches))
    }

    /// Adds a type; a named one that is there already is not added twice.
    fn add(&mut self, kind: Kind, properties: Properties) -> Result<NodeId> {
        let id = self.nodes.add_with(kind, properties);
        let Some(name) = self.nodes[id].name().cloned() else { return Ok(id) };
        match self.names.get(&name) {
            Some(known) if equal::equal(&self.nodes, *known, id) => Ok(*known),
            Some(_) => Err(MappingError::new(format!(
                "two different schemas are called {}: Avro knows one type of a name",
                name.full()
            ))),
            None => {
                self.names.insert(name, id);
                Ok(id)
            }
        }
    }

    /// The type without what describes it further.
    fn base(&mut self, schema: &SchemaRef) -> Result<(Kind, Properties)> {
        let mut properties = Properties::new();
        let kind = match schema.kind() {
            data::Kind::Int8 | data::Kind::Int16 | data::Kind::Int32 => Kind::Int,
            data::Kind::Int64 => Kind::Long,
            data::Kind::Float32 => Kind::Float,
            data::Kind::Float64 => Kind::Double,
            data::Kind::Boolean => Kind::Boolean,
            data::Kind::String if is_enum(schema) && (self.mapping.enhanced || self.mapping.generalized) => {
                self.enumeration(schema)?
            }
            data::Kind::String => Kind::String,
            data::Kind::Bytes => {
                let kind = self.bytes(schema)?;
                if is_decimal(schema) {
                    let (precision, scale) = decimal(schema)?;
                    properties.insert("scale".to_owned(), number(scale));
                    properties.insert("precision".to_owned(), number(precision));
                }
                kind
            }
            data::Kind::Array(items) => Kind::Array(self.element(items, Optional::Kept)?),
            data::Kind::Map(keys, values) if is_avro_map(keys, self.mapping) => {
                Kind::Map(self.element(values, Optional::Kept)?)
            }
            data::Kind::Map(keys, values) => self.pairs(schema, keys, values)?,
            data::Kind::Struct(fields) => self.record(schema, fields)?,
        };
        Ok((kind, properties))
    }

    fn name(&mut self, schema: &data::Schema) -> Result<Name> {
        let name = match schema.name() {
            Some(name) => Name::new(&names::full(name, self.mapping.scrub), None),
            None => {
                self.unnamed += 1;
                let number = if self.unnamed > 1 { self.unnamed.to_string() } else { String::new() };
                Name::new(&format!("{DEFAULT_NAME}{number}"), Some(NAMESPACE))
            }
        };
        check_name(name.simple())?;
        Ok(name)
    }

    fn enumeration(&mut self, schema: &data::Schema) -> Result<Kind> {
        let parameter = if self.mapping.generalized { GENERALIZED_ENUM } else { ENUM };
        let get = |key: &str| schema.parameters().get(key).map(|text| text.to_string());
        let simple = self.name(schema)?.simple().to_owned();
        let Some(name) = get(parameter) else {
            return Err(MappingError::new(format!("an enum's schema has no parameter {parameter}")));
        };
        let prefix = format!("{parameter}.");
        let symbols: Vec<String> = schema
            .parameters()
            .keys()
            .filter_map(|key| key.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect();
        symbols.iter().try_for_each(|symbol| check_name(symbol))?;
        let name = Name::new(&name, None);
        check_name(name.simple())?;
        let (doc, default) = match self.mapping.discard_type_doc_default {
            true => (get(CONNECT_ENUM_DOC), None),
            false => {
                (get(&format!("{ENUM_DOC_PREFIX}{simple}")), get(&format!("{ENUM_DEFAULT_PREFIX}{simple}")))
            }
        };
        let default = default.filter(|default| symbols.contains(default));
        Ok(Kind::Enum(Enum { name, aliases: Vec::new(), doc, symbols, default }))
    }

    fn bytes(&mut self, schema: &data::Schema) -> Result<Kind> {
        let Some(size) = fixed_size(schema) else { return Ok(Kind::Bytes) };
        let Ok(size) = size.parse::<u32>() else {
            return Err(MappingError::new(format!(
                "the parameter {} is not a number of bytes: {}",
                super::FIXED_SIZE,
                crate::error::shown(size)
            )));
        };
        let name = self.name(schema)?;
        Ok(Kind::Fixed(Fixed { name, aliases: Vec::new(), doc: None, size: size as usize }))
    }

    /// A map with keys that are not texts: an array of records.
    fn pairs(&mut self, schema: &data::Schema, keys: &SchemaRef, values: &SchemaRef) -> Result<Kind> {
        let mut properties = Properties::new();
        let name = match schema.name() {
            None => Name::new(MAP_ENTRY, Some(NAMESPACE)),
            Some(_) => {
                properties.insert(CONNECT_INTERNAL_TYPE.to_owned(), Json::String(MAP_ENTRY.to_owned()));
                self.name(schema)?
            }
        };
        let fields = vec![self.field(KEY, keys, None)?, self.field(VALUE, values, None)?];
        let entry = Record { name, aliases: Vec::new(), doc: None, fields, is_error: false };
        Ok(Kind::Array(self.add(Kind::Record(entry), properties)?))
    }

    fn union(&mut self, schema: &SchemaRef) -> Result<NodeId> {
        let mut branches = Vec::new();
        if schema.is_optional() {
            branches.push(self.nodes.add(Kind::Null));
        }
        for field in schema.fields().map_or(&[][..], |fields| fields) {
            let required = field.schema.to_builder().set_optional(false).build();
            branches.push(self.element(&required, Optional::Ignored)?);
        }
        Ok(self.nodes.add(Kind::Union(branches)))
    }

    fn record(&mut self, schema: &SchemaRef, fields: &data::Fields) -> Result<Kind> {
        let name = self.name(schema)?;
        let discard = self.mapping.discard_type_doc_default;
        let get = |key: &str| schema.parameters().get(key).map(|text| text.to_string());
        let doc = get(if discard { CONNECT_RECORD_DOC } else { RECORD_DOC });
        let mut list = Vec::with_capacity(fields.len());
        for field in fields.iter() {
            let doc = get(&format!("{FIELD_DOC_PREFIX}{}", field.name)).filter(|_| !discard);
            list.push(self.field(&field.name, &field.schema, doc)?);
        }
        Ok(Kind::Record(Record { name, aliases: Vec::new(), doc, fields: list, is_error: false }))
    }

    fn field(&mut self, name: &str, schema: &SchemaRef, doc: Option<String>) -> Result<Field> {
        let name = match self.mapping.scrub {
            true => names::scrub(name).into_owned(),
            false => name.to_owned(),
        };
        check_name(&name)?;
        let default = match schema.default() {
            Some(value) => Some(default::to_json(self.mapping, schema, value, default::Floats::Widened)?),
            None => schema.is_optional().then_some(Json::Null),
        };
        let id = self.schema(schema, Optional::Kept)?;
        let doc = match self.mapping.discard_type_doc_default {
            true => schema.doc().map(str::to_owned),
            false => doc,
        };
        Ok(Field {
            name,
            schema: id,
            doc,
            // One that does not fit is left out.
            default: default.filter(|default| misfit(&self.nodes, id, default).is_none()),
            order: Order::Ascending,
            aliases: Vec::new(),
            properties: Properties::new(),
        })
    }

    /// Attributes for what Avro cannot say.
    fn describe(&mut self, schema: &SchemaRef, properties: &mut Properties) -> Result<()> {
        let mut put = |key: &str, value: Json| {
            properties.entry(key.to_owned()).or_insert(value);
        };
        if self.mapping.meta_data {
            if let Some(doc) = schema.doc() {
                put(CONNECT_DOC, Json::String(doc.to_owned()));
            }
            if let Some(version) = schema.version() {
                put(CONNECT_VERSION, number(version.into()));
            }
            let discard = self.mapping.discard_type_doc_default;
            let kept =
                schema.parameters().iter().filter(|(key, _)| discard || key.as_ref() != FIELD_DEFAULT_FLAG);
            let parameters: serde_json::Map<String, Json> =
                kept.map(|(key, value)| (key.to_string(), Json::String(value.to_string()))).collect();
            if !parameters.is_empty() {
                put(CONNECT_PARAMETERS, Json::Object(parameters));
            }
            if let Some(value) = schema.default()
                && (discard || !schema.parameters().contains_key(FIELD_DEFAULT_FLAG))
            {
                put(
                    CONNECT_DEFAULT,
                    default::to_json(self.mapping, schema, value, default::Floats::Shortest)?,
                );
            }
            if let Some(name) = schema.name() {
                put(CONNECT_NAME, Json::String(name.to_owned()));
            }
            match schema.schema_type() {
                SchemaType::Int8 => put(CONNECT_TYPE, Json::String("int8".to_owned())),
                SchemaType::Int16 => put(CONNECT_TYPE, Json::String("int16".to_owned())),
                _ => {}
            }
        }
        let logical = match schema.name() {
            Some(Logical::DECIMAL) if is_decimal(schema) => Some("decimal"),
            Some(Logical::DATE) => Some("date"),
            Some(Logical::TIME) => Some("time-millis"),
            Some(Logical::TIMESTAMP) => Some("timestamp-millis"),
            _ => None,
        };
        if let Some(logical) = logical {
            put("logicalType", Json::String(logical.to_owned()));
        }
        for (key, value) in schema.parameters().iter().filter(|(key, _)| key.starts_with("avro")) {
            put(key, Json::String(value.to_string()));
        }
        if schema.schema_type() == SchemaType::Struct
            && let Some(name) = schema.name()
        {
            // The record is added next, or is there already under the same number.
            let id = self.names.get(&Name::new(&names::full(name, self.mapping.scrub), None)).copied();
            let next = NodeId::next_of(&self.nodes);
            self.structs.entry(name.to_owned()).or_insert(id.unwrap_or(next));
        }
        Ok(())
    }
}

fn same(one: &SchemaRef, other: &SchemaRef) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

fn is_decimal(schema: &data::Schema) -> bool {
    schema.name() == Some(Logical::DECIMAL)
}

/// Precision and scale.
fn decimal(schema: &data::Schema) -> Result<(i64, i64)> {
    let number = |key: &str, default: Option<i64>| match (schema.parameters().get(key), default) {
        (Some(text), _) => text.parse::<i32>().map(i64::from).map_err(|_| {
            MappingError::new(format!("the parameter {key} of a Decimal is not a number: {text}"))
        }),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(MappingError::new(format!("a Decimal's schema has no parameter {key}"))),
    };
    Ok((number(DECIMAL_PRECISION, Some(DECIMAL_PRECISION_DEFAULT))?, number(Logical::SCALE, None)?))
}

fn check_name(name: &str) -> Result<()> {
    match is_valid_name(name) {
        true => Ok(()),
        false => Err(MappingError::new(format!(
            "Illegal character in: {}; Avro's names are letters, digits and _, and do not begin with a digit: rename it \
             with a transform, or set scrub.invalid.names=true",
            crate::error::shown(name)
        ))),
    }
}
