//! What can be decided of two Avro schemas and a Connect schema before data is read.

use std::collections::HashMap;

use data::{Kind as Connect, Logical, SchemaRef, Text, Value};

use crate::connect::{self, KEY, Mapping, MappingError, VALUE};
use crate::schema::{Kind, NAMES_MAX_DEPTH, Node, NodeId, Record, Schema};

/// How data is read.
#[derive(Debug)]
pub(super) enum Plan {
    Null,
    Boolean,
    /// An int or long as an integer type of Connect.
    Integer(Integer),
    /// A number as a float of 32 bits.
    Float32(Number),
    /// A number as a float of 64 bits.
    Float64(Number),
    String,
    Bytes,
    Fixed(usize),
    Decimal(i32),
    FixedDecimal(i32, usize),
    /// The writer's symbols as the reader has them; `None` is one that the reader does not know.
    Enum(Box<[Option<Text>]>),
    Array(Box<Plan>),
    Map(Box<Plan>),
    /// An array of records of key and value; whether the key comes first.
    Pairs(Box<(Plan, Plan)>, bool),
    Row(Row),
    /// The writer's union: a plan by branch.
    Union(Box<[Plan]>),
    /// A value that is one field of a struct that stands for a union.
    Wrap {
        schema: SchemaRef,
        position: usize,
        plan: Box<Plan>,
    },
    /// The reader cannot read this.
    Refused(Box<str>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Integer {
    Int8,
    Int16,
    Int32,
    Date,
    Time,
    Int64,
    Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Long,
    Float,
    Double,
}

#[derive(Debug)]
pub(super) struct Row {
    pub schema: SchemaRef,
    pub width: usize,
    /// In the order of the writer's fields.
    pub steps: Box<[Step]>,
    /// Whether the steps fill the positions in order, so that nothing else is to be filled.
    pub in_order: bool,
    /// Values of fields that the writer has not.
    pub defaults: Box<[(usize, Value)]>,
}

#[derive(Debug)]
pub(super) enum Step {
    Field(usize, Plan),
    Skip(NodeId),
}

type Result<T> = std::result::Result<T, MappingError>;

pub(super) fn plan(writer: &Schema, reader: &Schema, connect: &SchemaRef, mapping: Mapping) -> Result<Plan> {
    let mut making = Making { writer, reader, mapping, depth: 0, plans: 0 };
    making.of(writer.root(), reader.root(), connect)
}

/// Plans of unions grow with the branches of both sides.
const PLANS_MAX: usize = 200_000;

struct Making<'a> {
    writer: &'a Schema,
    reader: &'a Schema,
    mapping: Mapping,
    depth: usize,
    plans: usize,
}

impl Making<'_> {
    fn of(&mut self, writer: NodeId, reader: NodeId, connect: &SchemaRef) -> Result<Plan> {
        self.plans += 1;
        if self.depth >= NAMES_MAX_DEPTH || self.plans > PLANS_MAX {
            return fail("the schemas are too large or too deep to be read by each other");
        }
        self.depth += 1;
        let plan = self.any(writer, reader, connect);
        self.depth -= 1;
        plan
    }

    fn any(&mut self, writer_id: NodeId, reader_id: NodeId, connect: &SchemaRef) -> Result<Plan> {
        let (writer_schema, reader_schema) = (self.writer, self.reader);
        let (writer, reader) = (writer_schema.node(writer_id), reader_schema.node(reader_id));
        if let Kind::Union(branches) = &writer.kind {
            let same = self.is_same_schema() && writer_id == reader_id;
            let plans = branches.iter().enumerate().map(|(index, branch)| match (&reader.kind, same) {
                // Each branch is read as itself.
                (Kind::Union(own), true) => self.branch(*branch, own[index], index, own, connect),
                _ => self.of(*branch, reader_id, connect),
            });
            return Ok(Plan::Union(plans.collect::<Result<_>>()?));
        }
        if let Kind::Union(branches) = &reader.kind {
            let Some(index) = self.best(writer, branches) else {
                let text = format!("the reader's union has no branch for {}", writer.kind.type_name());
                return Ok(Plan::Refused(text.into()));
            };
            return self.branch(writer_id, branches[index], index, branches, connect);
        }
        self.plain(writer, reader, connect)
    }

    fn is_same_schema(&self) -> bool {
        self.writer.ptr_eq(self.reader)
    }

    /// A branch of the reader's union, wrapped where Connect has a struct for the union.
    fn branch(
        &mut self,
        writer: NodeId,
        reader: NodeId,
        index: usize,
        branches: &[NodeId],
        connect: &SchemaRef,
    ) -> Result<Plan> {
        let node = self.reader.node(reader);
        if node.kind == Kind::Null {
            return self.of(writer, reader, connect);
        }
        let is_null = |id: &NodeId| self.reader.node(*id).kind == Kind::Null;
        let is_plain = match branches {
            [_] => self.mapping.flatten_singletons,
            [one, other] => is_null(one) != is_null(other),
            _ => false,
        };
        if is_plain {
            return self.of(writer, reader, connect);
        }
        let nulls_before = branches[..index].iter().filter(|id| is_null(id)).count();
        let position = index - nulls_before;
        let field = connect.fields().and_then(|fields| fields.get(position));
        let Some(field) = field.map(|field| field.schema.clone()) else {
            return fail("a union's branch has no field in Connect's struct");
        };
        let plan = Box::new(self.of(writer, reader, &field)?);
        Ok(Plan::Wrap { schema: connect.clone(), position, plan })
    }

    /// The reader's branch for a type of the writer: the same type of the same name, else of the same type, else the
    /// first that the type is promoted to.
    fn best(&self, writer: &Node, branches: &[NodeId]) -> Option<usize> {
        let nodes = || branches.iter().map(|id| self.reader.node(*id));
        let full = |node: &Node| match (node.name(), writer.name()) {
            (Some(read), Some(written)) => read == written || node.aliases().contains(written),
            (None, None) => true,
            _ => false,
        };
        let simple =
            |node: &Node| node.name().map(|name| name.simple()) == writer.name().map(|name| name.simple());
        let same_type =
            |node: &Node| std::mem::discriminant(&node.kind) == std::mem::discriminant(&writer.kind);
        nodes()
            .position(|node| same_type(node) && full(node))
            .or_else(|| nodes().position(|node| same_type(node) && simple(node)))
            .or_else(|| nodes().position(|node| crate::compatibility::is_read_as(&writer.kind, &node.kind)))
    }

    fn plain(&mut self, writer: &Node, reader: &Node, connect: &SchemaRef) -> Result<Plan> {
        let refused = || {
            let text = format!("data of type {} cannot be read as {}", called(writer), called(reader));
            Ok(Plan::Refused(text.into()))
        };
        let named = reader.name().map(|name| name.simple()) == writer.name().map(|name| name.simple())
            || writer.name().is_some_and(|name| reader.aliases().contains(name));
        if !named {
            return refused();
        }
        Ok(match (&writer.kind, &reader.kind) {
            (Kind::Null, Kind::Null) => Plan::Null,
            (Kind::Boolean, Kind::Boolean) => Plan::Boolean,
            (Kind::Int, Kind::Int) | (Kind::Int | Kind::Long, Kind::Long) => Plan::Integer(integer(connect)?),
            (Kind::Int | Kind::Long, Kind::Float) => Plan::Float32(Number::Long),
            (Kind::Float, Kind::Float) => Plan::Float32(Number::Float),
            (Kind::Int | Kind::Long, Kind::Double) => Plan::Float64(Number::Long),
            (Kind::Float, Kind::Double) => Plan::Float64(Number::Float),
            (Kind::Double, Kind::Double) => Plan::Float64(Number::Double),
            (Kind::String | Kind::Bytes, Kind::String) => Plan::String,
            (Kind::String | Kind::Bytes, Kind::Bytes) => match connect.logical() {
                Some(Logical::Decimal { scale }) => Plan::Decimal(scale),
                _ => Plan::Bytes,
            },
            (Kind::Fixed(written), Kind::Fixed(read)) if written.size == read.size => match connect.logical()
            {
                Some(Logical::Decimal { scale }) => Plan::FixedDecimal(scale, read.size),
                _ => Plan::Fixed(read.size),
            },
            (Kind::Enum(written), Kind::Enum(read)) => {
                let texts: HashMap<&str, Text> = read
                    .symbols
                    .iter()
                    .map(|symbol| (symbol.as_str(), Text::from(symbol.as_str())))
                    .collect();
                let default = read.default.as_ref().and_then(|default| texts.get(default.as_str()));
                let symbols = written.symbols.iter();
                Plan::Enum(symbols.map(|symbol| texts.get(symbol.as_str()).or(default).cloned()).collect())
            }
            (Kind::Array(written), Kind::Array(read)) => match connect.kind() {
                Connect::Array(items) => Plan::Array(Box::new(self.of(*written, *read, &items.clone())?)),
                Connect::Map(keys, values) => self.pairs(*written, *read, &keys.clone(), &values.clone())?,
                _ => return refused(),
            },
            (Kind::Map(written), Kind::Map(read)) => match connect.kind() {
                Connect::Map(_, values) => Plan::Map(Box::new(self.of(*written, *read, &values.clone())?)),
                _ => return refused(),
            },
            (Kind::Record(written), Kind::Record(read)) => self.row(written, read, connect)?,
            _ => return refused(),
        })
    }

    fn pairs(
        &mut self,
        writer: NodeId,
        reader: NodeId,
        keys: &SchemaRef,
        values: &SchemaRef,
    ) -> Result<Plan> {
        let (writer_schema, reader_schema) = (self.writer, self.reader);
        let (Kind::Record(written), Kind::Record(read)) =
            (&writer_schema.node(writer).kind, &reader_schema.node(reader).kind)
        else {
            return Ok(Plan::Refused("a map's entries are no records".into()));
        };
        let part = |record: &Record, name: &str| record.fields.iter().position(|field| field.name == name);
        let (Some(key), Some(value), 2) = (part(written, KEY), part(written, VALUE), written.fields.len())
        else {
            return Ok(Plan::Refused("a map's entries have other fields than key and value".into()));
        };
        let (Some(key_read), Some(value_read)) = (part(read, KEY), part(read, VALUE)) else {
            return fail("a map's entries have no key or no value");
        };
        let key_plan = self.of(written.fields[key].schema, read.fields[key_read].schema, keys)?;
        let value_plan = self.of(written.fields[value].schema, read.fields[value_read].schema, values)?;
        Ok(Plan::Pairs(Box::new((key_plan, value_plan)), key < value))
    }

    fn row(&mut self, written: &Record, read: &Record, connect: &SchemaRef) -> Result<Plan> {
        let Some(fields) = connect.fields() else { return fail("a record that is no struct") };
        // The reader's field of each of the writer's.
        let targets = targets(written, read);
        let mut is_written = vec![false; read.fields.len()];
        targets.iter().flatten().for_each(|position| is_written[*position] = true);
        let mut defaults = Vec::new();
        for (position, field) in read.fields.iter().enumerate() {
            if is_written[position] {
                continue;
            }
            let schema = &fields[position].schema;
            let value =
                field.default.as_ref().and_then(|json| connect::from_json(self.mapping, schema, json));
            let Some(value) = value else {
                let text = format!(
                    "the field {} of {} was not written, and has no default",
                    field.name,
                    read.name.full()
                );
                return Ok(Plan::Refused(text.into()));
            };
            defaults.push((position, value));
        }
        let mut steps = Vec::with_capacity(written.fields.len());
        for (field, target) in written.fields.iter().zip(&targets) {
            steps.push(match target {
                None => Step::Skip(field.schema),
                Some(position) => {
                    let schema = fields[*position].schema.clone();
                    Step::Field(*position, self.of(field.schema, read.fields[*position].schema, &schema)?)
                }
            });
        }
        let in_order = defaults.is_empty() && targets.iter().flatten().copied().eq(0..fields.len());
        Ok(Plan::Row(Row {
            schema: connect.clone(),
            width: fields.len(),
            steps: steps.into_boxed_slice(),
            in_order,
            defaults: defaults.into_boxed_slice(),
        }))
    }
}

/// The reader's field of each of the writer's, each reader's field once. An alias renames the writer's field, so that it
/// goes before another reader's field that has the name itself; of several with one alias the last counts. This is what
/// Java does, but for a reader's field whose own name and alias were both written: Java refuses it, here its own name
/// counts, as it does in Java where both schemas are equal.
fn targets(written: &Record, read: &Record) -> Vec<Option<usize>> {
    let places: HashMap<&str, usize> =
        written.fields.iter().enumerate().map(|(at, field)| (field.name.as_str(), at)).collect();
    let mut targets = vec![None; written.fields.len()];
    for (position, field) in read.fields.iter().enumerate() {
        if let Some(at) = places.get(field.name.as_str()) {
            targets[*at] = Some(position);
        }
    }
    for (position, field) in read.fields.iter().enumerate() {
        if places.contains_key(field.name.as_str()) {
            continue;
        }
        if let Some(at) = field.aliases.iter().find_map(|alias| places.get(alias.as_str())) {
            targets[*at] = Some(position);
        }
    }
    targets
}

fn integer(connect: &data::Schema) -> Result<Integer> {
    Ok(match (connect.logical(), connect.kind()) {
        (Some(Logical::Date), _) => Integer::Date,
        (Some(Logical::Time), _) => Integer::Time,
        (Some(Logical::Timestamp), _) => Integer::Timestamp,
        (None, Connect::Int8) => Integer::Int8,
        (None, Connect::Int16) => Integer::Int16,
        (None, Connect::Int32) => Integer::Int32,
        (None, Connect::Int64) => Integer::Int64,
        _ => return fail("an integer that is none in Connect"),
    })
}

fn called(node: &Node) -> String {
    match node.name() {
        Some(name) => format!("{} {}", node.kind.type_name(), name.full()),
        None => node.kind.type_name().to_owned(),
    }
}

fn fail<T>(what: impl Into<String>) -> Result<T> {
    Err(MappingError::new(what))
}
