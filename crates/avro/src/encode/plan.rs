//! What can be decided of two schemas before values are written.

use std::collections::HashMap;
use std::sync::Arc;

use data::{Kind as Connect, Logical, SchemaRef, Value};

use super::{default, write};
use crate::connect::{self, KEY, Mapping, MappingError, VALUE};
use crate::schema::{Kind, NAMES_MAX_DEPTH, Node, NodeId, Record, Schema};

/// How values of a Connect schema are written.
#[derive(Debug)]
pub(super) enum Plan {
    Boolean,
    Int8,
    Int16,
    Int32,
    Date,
    Time,
    Int64,
    Timestamp,
    Float32,
    Float64,
    /// Any number, as a wider type than its own.
    Promoted(Promoted),
    /// Text, as text or bytes: both are written alike.
    String,
    Bytes,
    /// Bytes that must be text.
    BytesAsString,
    Fixed(usize),
    Decimal(i32),
    FixedDecimal(i32, usize),
    /// Symbols and their bytes.
    Enum(HashMap<Box<str>, Box<[u8]>>),
    Array(Box<Plan>),
    Map(Box<Plan>),
    /// A map as an array of records; whether the key comes first.
    Pairs(Box<(Plan, Plan)>, bool),
    Row(Row),
    /// A struct of which one field is set, and which is one branch.
    OneOf(OneOf),
    /// A value in a union: its branch's bytes, and null's if there is one.
    Branch {
        null: Option<Box<[u8]>>,
        branch: Box<[u8]>,
        plan: Box<Plan>,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Promoted {
    Long,
    Float,
    Double,
}

#[derive(Debug)]
pub(super) struct Row {
    pub schema: SchemaRef,
    /// Another schema object that was found equal, so that the comparison is made once.
    pub equal: Option<SchemaRef>,
    /// In the order of the Avro fields.
    pub columns: Box<[Column]>,
}

#[derive(Debug)]
pub(super) enum Column {
    Field {
        name: Arc<str>,
        position: usize,
        plan: Plan,
        /// What is written for null, where the field has a default.
        default: Option<Box<[u8]>>,
    },
    /// A field that the row has not: its default.
    Constant(Box<[u8]>),
}

#[derive(Debug)]
pub(super) struct OneOf {
    pub schema: SchemaRef,
    pub equal: Option<SchemaRef>,
    pub null: Option<Box<[u8]>>,
    /// By field.
    pub branches: Box<[Branch]>,
}

#[derive(Debug)]
pub(super) struct Branch {
    /// The branch's number; nothing where Avro has no union.
    pub number: Box<[u8]>,
    pub plan: Plan,
    /// What is written for null, where the field has a default.
    pub default: Option<Box<[u8]>>,
}

type Result<T> = std::result::Result<T, MappingError>;

pub(super) fn plan(connect: &SchemaRef, avro: &Schema, mapping: Mapping) -> Result<Plan> {
    Making { avro, mapping, depth: 0, plans: 0 }.of(connect, avro.root())
}

/// Branches of unions are tried, in each other.
const PLANS_MAX: usize = 200_000;

struct Making<'a> {
    avro: &'a Schema,
    mapping: Mapping,
    depth: usize,
    plans: usize,
}

impl Making<'_> {
    fn of(&mut self, connect: &SchemaRef, id: NodeId) -> Result<Plan> {
        if self.depth >= NAMES_MAX_DEPTH {
            return fail(format!("schemas are nested deeper than {NAMES_MAX_DEPTH} levels"));
        }
        self.plans += 1;
        self.check_plans()?;
        self.depth += 1;
        let plan = self.any(connect, id);
        self.depth -= 1;
        plan
    }

    fn check_plans(&self) -> Result<()> {
        match self.plans > PLANS_MAX {
            true => fail(
                "the schemas are too large to be written by each other: their unions have too many branches",
            ),
            false => Ok(()),
        }
    }

    fn any(&mut self, connect: &SchemaRef, id: NodeId) -> Result<Plan> {
        let avro = self.avro;
        let node = avro.node(id);
        if connect::is_union(connect) {
            return self.one_of(connect, id);
        }
        if let Kind::Union(branches) = &node.kind {
            let null = self.null(branches);
            let (index, plan) = self.branch(connect, branches)?;
            return Ok(Plan::Branch { null, branch: branch_bytes(index), plan: Box::new(plan) });
        }
        self.plain(connect, node)
    }

    fn null(&self, branches: &[NodeId]) -> Option<Box<[u8]>> {
        branches.iter().position(|branch| self.avro.node(*branch).kind == Kind::Null).map(branch_bytes)
    }

    /// The branch that takes values of a Connect schema: the one of its own type, else the first that it can be
    /// widened to; and how it takes them.
    fn branch(&mut self, connect: &SchemaRef, branches: &[NodeId]) -> Result<(usize, Plan)> {
        let nodes = || branches.iter().map(|branch| self.avro.node(*branch)).enumerate();
        let exact = nodes().find(|(_, node)| self.is_own(connect, node)).map(|(index, _)| index);
        if let Some(index) = exact {
            return Ok((index, self.of(connect, branches[index])?));
        }
        let candidates: Vec<usize> =
            nodes().filter(|(_, node)| !matches!(node.kind, Kind::Null)).map(|(index, _)| index).collect();
        for index in candidates {
            if let Ok(plan) = self.of(connect, branches[index]) {
                return Ok((index, plan));
            }
        }
        self.check_plans()?;
        fail(format!("no branch of the union takes {}", called(connect)))
    }

    fn is_own(&self, connect: &data::Schema, node: &Node) -> bool {
        let named = |name: &crate::schema::Name| match connect.name() {
            Some(own) => *name.full() == *connect::full_name(own, self.mapping.scrub),
            None => name.full().starts_with("io.confluent.connect.avro.ConnectDefault"),
        };
        match (connect.kind(), &node.kind) {
            (Connect::String, Kind::Enum(symbols)) => {
                let of =
                    |key: &str| connect.parameters().get(key).map(AsRef::as_ref) == Some(symbols.name.full());
                of(connect::ENUM) || of(connect::GENERALIZED_ENUM)
            }
            (Connect::Bytes, Kind::Fixed(fixed)) => {
                connect::fixed_size(connect).and_then(|size| size.parse().ok()) == Some(fixed.size)
                    && named(&fixed.name)
            }
            (Connect::Struct(_), Kind::Record(record)) => named(&record.name),
            (Connect::String, Kind::String) | (Connect::Bytes, Kind::Bytes) => true,
            (Connect::Int8 | Connect::Int16 | Connect::Int32, Kind::Int)
            | (Connect::Int64, Kind::Long)
            | (Connect::Float32, Kind::Float)
            | (Connect::Float64, Kind::Double)
            | (Connect::Boolean, Kind::Boolean)
            | (Connect::Array(_), Kind::Array(_)) => true,
            (Connect::Map(keys, _), Kind::Map(_)) => connect::is_avro_map(keys, self.mapping),
            (Connect::Map(keys, _), Kind::Array(items)) => {
                !connect::is_avro_map(keys, self.mapping) && connect::is_map_entry(self.avro.node(*items))
            }
            _ => false,
        }
    }

    fn plain(&mut self, connect: &SchemaRef, node: &Node) -> Result<Plan> {
        let number = |own: Plan| match (&own, &node.kind) {
            (Plan::Int8 | Plan::Int16 | Plan::Int32 | Plan::Date | Plan::Time, Kind::Int)
            | (Plan::Int64 | Plan::Timestamp, Kind::Long)
            | (Plan::Float32, Kind::Float)
            | (Plan::Float64, Kind::Double) => Some(own),
            (Plan::Int8 | Plan::Int16 | Plan::Int32 | Plan::Date | Plan::Time, Kind::Long) => {
                Some(Plan::Promoted(Promoted::Long))
            }
            (Plan::Float64, Kind::Float) => None,
            (_, Kind::Float) => Some(Plan::Promoted(Promoted::Float)),
            (Plan::Float64, _) => None,
            (_, Kind::Double) => Some(Plan::Promoted(Promoted::Double)),
            _ => None,
        };
        let plan = match (connect.logical(), connect.kind(), &node.kind) {
            (Some(Logical::Decimal { scale }), _, Kind::Bytes) => Some(Plan::Decimal(scale)),
            (Some(Logical::Decimal { scale }), _, Kind::Fixed(fixed)) => {
                Some(Plan::FixedDecimal(scale, fixed.size))
            }
            (Some(Logical::Decimal { .. }), _, _) => None,
            (Some(Logical::Date), _, _) => number(Plan::Date),
            (Some(Logical::Time), _, _) => number(Plan::Time),
            (Some(Logical::Timestamp), _, _) => number(Plan::Timestamp),
            (None, Connect::Int8, _) => number(Plan::Int8),
            (None, Connect::Int16, _) => number(Plan::Int16),
            (None, Connect::Int32, _) => number(Plan::Int32),
            (None, Connect::Int64, _) => number(Plan::Int64),
            (None, Connect::Float32, _) => number(Plan::Float32),
            (None, Connect::Float64, _) => number(Plan::Float64),
            (None, Connect::Boolean, Kind::Boolean) => Some(Plan::Boolean),
            (None, Connect::String, Kind::String | Kind::Bytes) => Some(Plan::String),
            (None, Connect::String, Kind::Enum(symbols)) => {
                let symbols = symbols.symbols.iter().enumerate();
                Some(Plan::Enum(
                    symbols.map(|(index, symbol)| (symbol.as_str().into(), branch_bytes(index))).collect(),
                ))
            }
            (None, Connect::Bytes, Kind::Bytes) => Some(Plan::Bytes),
            (None, Connect::Bytes, Kind::String) => Some(Plan::BytesAsString),
            (None, Connect::Bytes, Kind::Fixed(fixed)) => Some(Plan::Fixed(fixed.size)),
            (None, Connect::Array(items), Kind::Array(node)) => {
                Some(Plan::Array(Box::new(self.of(items, *node)?)))
            }
            (None, Connect::Map(keys, values), Kind::Map(node))
                if keys.schema_type() == data::SchemaType::String =>
            {
                Some(Plan::Map(Box::new(self.of(values, *node)?)))
            }
            (None, Connect::Map(keys, values), Kind::Array(items)) => Some(self.pairs(keys, values, *items)?),
            (None, Connect::Struct(fields), Kind::Record(record)) => Some(self.row(connect, fields, record)?),
            _ => None,
        };
        match plan {
            Some(plan) => Ok(plan),
            None => {
                fail(format!("{} cannot be written as Avro's {}", called(connect), node.kind.type_name()))
            }
        }
    }

    fn pairs(&mut self, keys: &SchemaRef, values: &SchemaRef, items: NodeId) -> Result<Plan> {
        let Kind::Record(record) = &self.avro.node(items).kind else {
            return fail(
                "a map whose keys are not texts is written as an array of records, which the schema has not",
            );
        };
        let part = |name: &str| record.fields.iter().position(|field| field.name == name);
        let (Some(key), Some(value), 2) = (part(KEY), part(VALUE), record.fields.len()) else {
            return fail(format!(
                "the records {} of a map's entries have other fields than key and value",
                record.name.full()
            ));
        };
        let (key_schema, value_schema) = (record.fields[key].schema, record.fields[value].schema);
        let plans = Box::new((self.of(keys, key_schema)?, self.of(values, value_schema)?));
        Ok(Plan::Pairs(plans, key < value))
    }

    fn row(&mut self, schema: &SchemaRef, fields: &data::Fields, record: &Record) -> Result<Plan> {
        let by_name: HashMap<std::borrow::Cow<'_, str>, usize> = fields
            .iter()
            .enumerate()
            .map(|(position, field)| match self.mapping.scrub {
                true => (connect::scrub(&field.name), position),
                false => ((&*field.name).into(), position),
            })
            .collect();
        let mut columns = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let mut names = std::iter::once(&field.name).chain(&field.aliases);
            let position = names.find_map(|name| by_name.get(name.as_str()).copied());
            let column = match (position, &field.default) {
                (Some(position), _) => {
                    let own = &fields[position];
                    let mut plan = self
                        .of(&own.schema, field.schema)
                        .map_err(|error| MappingError::new(format!("field {}: {error}", own.name)))?;
                    let default = match own.schema.default() {
                        Some(value) if !self.mapping.ignore_default_for_nullables => {
                            written(&mut plan, value)
                        }
                        _ => None,
                    };
                    Column::Field { name: own.name.clone(), position, plan, default }
                }
                (None, Some(json)) => Column::Constant(default::bytes_for(self.avro, field.schema, json)?),
                (None, None) => {
                    return fail(format!(
                        "field {} of {} has no counterpart in the record and no default",
                        field.name,
                        record.name.full()
                    ));
                }
            };
            columns.push(column);
        }
        Ok(Plan::Row(Row { schema: schema.clone(), equal: None, columns: columns.into_boxed_slice() }))
    }

    fn one_of(&mut self, connect: &SchemaRef, id: NodeId) -> Result<Plan> {
        let single = [id];
        let (list, is_union) = match &self.avro.node(id).kind {
            Kind::Union(branches) => (branches.as_slice(), true),
            _ => (&single[..], false),
        };
        let null = self.null(list).filter(|_| is_union);
        let mut branches = Vec::new();
        for field in connect.fields().map_or(&[][..], |fields| fields) {
            let inside = |error: MappingError| MappingError::new(format!("branch {}: {error}", field.name));
            let (index, mut plan) = self.branch(&field.schema, list).map_err(inside)?;
            let number = if is_union { branch_bytes(index) } else { Box::default() };
            let default = field.schema.default().filter(|_| !self.mapping.ignore_default_for_nullables);
            let default = default.and_then(|value| written(&mut plan, value));
            branches.push(Branch { number, plan, default });
        }
        Ok(Plan::OneOf(OneOf {
            schema: connect.clone(),
            equal: None,
            null,
            branches: branches.into_boxed_slice(),
        }))
    }
}

/// A default's bytes. One that does not fit stands for nothing: the null is refused when it comes.
fn written(plan: &mut Plan, value: &Value) -> Option<Box<[u8]>> {
    let mut bytes = Vec::new();
    write::write(plan, value, &mut bytes).ok()?;
    Some(bytes.into_boxed_slice())
}

fn branch_bytes(index: usize) -> Box<[u8]> {
    let mut bytes = Vec::new();
    write::long(index as i64, &mut bytes);
    bytes.into_boxed_slice()
}

fn called(schema: &data::Schema) -> String {
    match schema.name() {
        Some(name) => format!("{} {name}", schema.schema_type().name()),
        None => schema.schema_type().name().to_owned(),
    }
}

fn fail<T>(what: impl Into<String>) -> Result<T> {
    Err(MappingError::new(what))
}
