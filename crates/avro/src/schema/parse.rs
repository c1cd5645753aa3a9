//! Schema text to types.

use std::collections::HashMap;

use serde_json::{Map as Object, Value as Json};

use super::name::{is_of_letters, is_primitive, is_valid};
use super::{
    Enum, Field, Fixed, Kind, Name, NodeId, Nodes, Order, Properties, Record, Schema, comments, default,
};
use crate::ParseError;
use crate::error::shown;

/// The longest text of a schema with its references, in bytes: what a registry's topic could hold, many times over.
pub const TEXT_BYTES_MAX: usize = 16 << 20;
/// The most types of a schema with its references.
pub const NODES_MAX: usize = 100_000;
/// How far types may lie in each other through their names, where something walks through them.
pub const NAMES_MAX_DEPTH: usize = 250;

/// What is checked beyond what must be right for a schema to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseOptions {
    /// Which names are taken.
    pub names: Names,
    /// Defaults must fit their types.
    pub check_defaults: bool,
}

/// Which names of types, fields and symbols are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Those of Avro's form, letters of ASCII; also each part of a namespace.
    Ascii,
    /// Letters of any script; namespaces are not looked at.
    Letters,
    /// Any that are not empty.
    Any,
}

impl ParseOptions {
    /// For a new schema.
    pub fn strict() -> Self {
        Self { names: Names::Ascii, check_defaults: true }
    }

    /// For a new schema that nobody wants validated: neither namespaces nor defaults are looked at.
    pub fn unvalidated() -> Self {
        Self { names: Names::Letters, check_defaults: false }
    }

    /// For one that is stored already.
    pub fn lenient() -> Self {
        Self { names: Names::Any, check_defaults: false }
    }
}

/// Parses a schema after its references.
pub(super) fn parse(
    text: &str,
    references: &[(String, String)],
    options: ParseOptions,
) -> Result<Schema, ParseError> {
    let size = references.iter().fold(text.len(), |size, (_, text)| size.saturating_add(text.len()));
    if size > TEXT_BYTES_MAX {
        let what = format!("{size} bytes of schema text, more than the limit of {TEXT_BYTES_MAX}");
        return Err(ParseError::new("", what));
    }
    let mut parser = Parser { nodes: Nodes::default(), names: HashMap::new(), options, path: String::new() };
    let mut seen: Vec<&str> = Vec::new();
    for (name, text) in references {
        if seen.contains(&name.as_str()) {
            continue;
        }
        seen.push(name);
        parser.document(text).map_err(|error| ParseError {
            path: format!("reference {}: {}", shown(name), error.path).trim_end_matches(": ").to_owned(),
            what: error.what,
        })?;
    }
    parser.nodes.external = parser.names.values().copied().collect();
    let root = parser.document(text)?;
    Ok(parser.nodes.finish(root))
}

struct Parser {
    nodes: Nodes,
    names: HashMap<Name, NodeId>,
    options: ParseOptions,
    path: String,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

/// Attributes that are Avro's own at a type; the others are properties.
const OF_TYPES: &[&str] =
    &["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];
/// Attributes that are Avro's own at a field.
const OF_FIELDS: &[&str] = &["default", "doc", "name", "order", "type", "aliases"];

impl Parser {
    fn document(&mut self, text: &str) -> Result<NodeId> {
        self.path.clear();
        let text = comments::blank(text);
        let trimmed = text.trim();
        // A type's name alone is a schema too, without quotes: old clients sent it so.
        if is_primitive(trimmed) && trimmed != "null" {
            return self.named(trimmed, None);
        }
        let document: Json = serde_json::from_str(&text).map_err(|error| {
            let what = match error.to_string() {
                text if text.contains("recursion limit") => {
                    format!("the schema is nested deeper than 127 levels of JSON ({text})")
                }
                text => format!("the schema is not valid JSON: {text}"),
            };
            ParseError::new("", what)
        })?;
        self.schema(&document, None)
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(ParseError::new(&self.path, what))
    }

    /// Does something one step further down.
    fn inside<T>(&mut self, step: &str, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let length = self.path.len();
        if !self.path.is_empty() && !step.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(step);
        let result = act(self)?; // after an error the path is of no more use
        self.path.truncate(length);
        Ok(result)
    }

    fn add(&mut self, kind: Kind, properties: Properties) -> Result<NodeId> {
        if self.nodes.list.len() >= NODES_MAX {
            return self.fail(format!("the schema has more types than the limit of {NODES_MAX}"));
        }
        Ok(self.nodes.add_with(kind, properties))
    }

    fn schema(&mut self, schema: &Json, space: Option<&str>) -> Result<NodeId> {
        match schema {
            Json::String(name) => self.named(name, space),
            Json::Array(branches) => self.union(branches, space),
            Json::Object(members) => self.object(members, space),
            other => self.fail(format!(
                "a schema is a name, an object or an array of branches, not {}",
                shown(&other.to_string())
            )),
        }
    }

    /// A type by its name: in this namespace, else without one.
    fn named(&mut self, name: &str, space: Option<&str>) -> Result<NodeId> {
        if let Some(kind) = primitive(name) {
            return self.add(kind, Properties::new());
        }
        let found = self.names.get(&Name::new(name, space));
        match found.or_else(|| self.names.get(&Name::new(name, None))) {
            Some(id) => Ok(*id),
            None => self.fail(format!(
                "Undefined name: {:?}; a type is defined before it is named, in this schema or in a reference",
                shown(name)
            )),
        }
    }

    fn union(&mut self, branches: &[Json], space: Option<&str>) -> Result<NodeId> {
        let mut list = Vec::with_capacity(branches.len());
        let mut seen = std::collections::HashSet::new();
        for (index, branch) in branches.iter().enumerate() {
            let id = self.inside(&format!("[{index}]"), |parser| {
                let id = parser.schema(branch, space)?;
                let node = &parser.nodes[id];
                if matches!(node.kind, Kind::Union(_)) {
                    return parser.fail("Nested union: a union's branch is not a union");
                }
                let name = node.name().map_or(node.kind.type_name(), Name::full);
                if !seen.insert(name.to_owned()) {
                    return parser.fail(format!("Duplicate in union: {}", shown(name)));
                }
                Ok(id)
            })?;
            list.push(id);
        }
        self.add(Kind::Union(list), Properties::new())
    }

    fn object(&mut self, members: &Object<String, Json>, space: Option<&str>) -> Result<NodeId> {
        let Some(Json::String(type_name)) = members.get("type") else {
            return self.fail("No type: an object needs a member \"type\" that is a text");
        };
        match type_name.as_str() {
            "record" | "error" => self.record(members, space),
            "enum" => self.enumeration(members, space),
            "fixed" => self.fixed(members, space),
            "array" => {
                let items = self.part(members, "items", space)?;
                self.add(Kind::Array(items), properties(members, OF_TYPES))
            }
            "map" => {
                let values = self.part(members, "values", space)?;
                self.add(Kind::Map(values), properties(members, OF_TYPES))
            }
            name => match primitive(name) {
                Some(kind) => self.add(kind, properties(members, OF_TYPES)),
                None => match self.names.get(&Name::new(name, space)) {
                    Some(id) => Ok(*id),
                    None => self.fail(format!("Type not supported: {:?}", shown(name))),
                },
            },
        }
    }

    fn part(&mut self, members: &Object<String, Json>, key: &str, space: Option<&str>) -> Result<NodeId> {
        match members.get(key) {
            Some(part) => self.inside(key, |parser| parser.schema(part, space)),
            None => self.fail(format!("No {key}: the type of its {key} is missing")),
        }
    }

    fn record(&mut self, members: &Object<String, Json>, space: Option<&str>) -> Result<NodeId> {
        let (name, aliases, doc) = self.head(members, space)?;
        let Some(Json::Array(fields)) = members.get("fields") else {
            return self.fail(format!("record {} has no fields: a member \"fields\" is needed", name.full()));
        };
        let is_error = members.get("type").and_then(Json::as_str) == Some("error");
        let space = name.namespace().map(str::to_owned);
        let empty = Record { name: name.clone(), aliases, doc, fields: Vec::new(), is_error };
        // Known before its fields are read, which may name it.
        let id = self.add(Kind::Record(empty), properties(members, OF_TYPES))?;
        self.define(name, id)?;
        let mut list: Vec<Field> = Vec::with_capacity(fields.len());
        let mut seen = std::collections::HashSet::new();
        for (index, field) in fields.iter().enumerate() {
            let field = self.inside(&format!("fields[{index}]"), |parser| {
                let field = parser.field(field, space.as_deref())?;
                match seen.insert(field.name.clone()) {
                    true => Ok(field),
                    false => parser.fail(format!("Duplicate field {}", shown(&field.name))),
                }
            })?;
            list.push(field);
        }
        if let Kind::Record(record) = &mut self.nodes.list[id.index()].kind {
            record.fields = list;
        }
        Ok(id)
    }

    fn field(&mut self, field: &Json, space: Option<&str>) -> Result<Field> {
        let Json::Object(members) = field else { return self.fail("a field is an object") };
        let Some(Json::String(name)) = members.get("name") else {
            return self.fail("No field name: a field needs a member \"name\" that is a text");
        };
        self.check_name(name)?;
        let Some(schema) = members.get("type") else {
            return self.fail(format!("No field type: field {} needs a member \"type\"", shown(name)));
        };
        let schema = self.inside("type", |parser| parser.schema(schema, space))?;
        let default = members.get("default").map(|default| self.number_of_text(schema, default));
        if let Some(default) = &default
            && self.options.check_defaults
            && let Some(why) = default::misfit(&self.nodes, schema, default)
        {
            return self.fail(format!("Invalid default for field {name}: {why}"));
        }
        Ok(Field {
            name: name.clone(),
            schema,
            doc: text(members, "doc"),
            default,
            order: self.order(members)?,
            aliases: self.aliases(members)?,
            properties: properties(members, OF_FIELDS),
        })
    }

    // A float's default may be a text with a number in it, as Java's parser has it.
    fn number_of_text(&self, schema: NodeId, default: &Json) -> Json {
        let is_float = matches!(self.nodes[schema].kind, Kind::Float | Kind::Double);
        let number = default.as_str().filter(|_| is_float).and_then(|text| text.trim().parse::<f64>().ok());
        number.and_then(serde_json::Number::from_f64).map_or_else(|| default.clone(), Json::Number)
    }

    fn order(&self, members: &Object<String, Json>) -> Result<Order> {
        let Some(order) = members.get("order") else { return Ok(Order::default()) };
        match order.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("ascending") => Ok(Order::Ascending),
            Some("descending") => Ok(Order::Descending),
            Some("ignore") => Ok(Order::Ignore),
            _ => self.fail("\"order\" is one of ascending, descending, ignore"),
        }
    }

    fn enumeration(&mut self, members: &Object<String, Json>, space: Option<&str>) -> Result<NodeId> {
        let (name, aliases, doc) = self.head(members, space)?;
        let Some(Json::Array(items)) = members.get("symbols") else {
            return self.fail(format!("enum {} has no symbols: a member \"symbols\" is needed", name.full()));
        };
        let mut symbols: Vec<String> = Vec::with_capacity(items.len());
        let mut seen = std::collections::HashSet::new();
        for item in items {
            let Json::String(symbol) = item else { return self.fail("an enum's symbols are texts") };
            self.check_name(symbol)?;
            if !seen.insert(symbol.as_str()) {
                return self.fail(format!("Duplicate enum symbol: {}", shown(symbol)));
            }
            symbols.push(symbol.clone());
        }
        let default = text(members, "default");
        if let Some(default) = default.as_ref().filter(|default| !symbols.contains(default)) {
            return self.fail(format!(
                "The Enum Default: {} is not in the enum symbol set: {}",
                shown(default),
                shown(&symbols.join(", "))
            ));
        }
        let mut properties = properties(members, OF_TYPES);
        properties.shift_remove("default");
        let kind = Kind::Enum(Enum { name: name.clone(), aliases, doc, symbols, default });
        let id = self.add(kind, properties)?;
        self.define(name, id)?;
        Ok(id)
    }

    fn fixed(&mut self, members: &Object<String, Json>, space: Option<&str>) -> Result<NodeId> {
        let (name, aliases, doc) = self.head(members, space)?;
        let size = members.get("size").and_then(Json::as_i64).and_then(|size| i32::try_from(size).ok());
        let Some(size) = size.and_then(|size| usize::try_from(size).ok()) else {
            return self.fail(format!("fixed {} needs a member \"size\" that is 0 or more", name.full()));
        };
        let kind = Kind::Fixed(Fixed { name: name.clone(), aliases, doc, size });
        let id = self.add(kind, properties(members, OF_TYPES))?;
        self.define(name, id)?;
        Ok(id)
    }

    /// Name, aliases and documentation of a named type.
    fn head(
        &mut self,
        members: &Object<String, Json>,
        space: Option<&str>,
    ) -> Result<(Name, Vec<Name>, Option<String>)> {
        let Some(Json::String(name)) = members.get("name") else {
            return self.fail("No name in schema: a named type needs a member \"name\" that is a text");
        };
        let own = members.get("namespace").and_then(Json::as_str);
        let name = Name::new(name, own.or(space));
        self.check_name(name.simple())?;
        if self.options.names == Names::Ascii {
            name.namespace()
                .map_or(Ok(()), |space| space.split('.').try_for_each(|part| self.check_name(part)))?;
        }
        let aliases = self.aliases(members)?.into_iter().map(|alias| Name::new(&alias, name.namespace()));
        let mut seen = std::collections::HashSet::new();
        let aliases = aliases.filter(|alias| seen.insert(alias.clone())).collect();
        Ok((name, aliases, text(members, "doc")))
    }

    fn aliases(&self, members: &Object<String, Json>) -> Result<Vec<String>> {
        let wrong = || self.fail("\"aliases\" is an array of names");
        let Some(aliases) = members.get("aliases") else { return Ok(Vec::new()) };
        let Json::Array(items) = aliases else { return wrong() };
        let mut names: Vec<String> = Vec::with_capacity(items.len());
        let mut seen = std::collections::HashSet::new();
        for item in items {
            let Json::String(name) = item else { return wrong() };
            if seen.insert(name.as_str()) {
                names.push(name.clone());
            }
        }
        Ok(names)
    }

    fn define(&mut self, name: Name, id: NodeId) -> Result<()> {
        match self.names.contains_key(&name) {
            true => self.fail(format!("Can't redefine: {}", shown(name.full()))),
            false => {
                self.names.insert(name, id);
                Ok(())
            }
        }
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let (fits, letters) = match self.options.names {
            Names::Ascii => (is_valid(name), "letters of ASCII"),
            Names::Letters => (is_of_letters(name), "letters"),
            Names::Any => (true, ""),
        };
        match (name.is_empty(), fits) {
            (true, _) => self.fail("Empty name"),
            (_, true) => Ok(()),
            (_, false) => self.fail(format!(
                "Illegal character in: {}; a name is {letters}, digits and _, and does not begin with a digit",
                shown(name)
            )),
        }
    }
}

fn primitive(name: &str) -> Option<Kind> {
    Some(match name {
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "int" => Kind::Int,
        "long" => Kind::Long,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "bytes" => Kind::Bytes,
        "string" => Kind::String,
        _ => return None,
    })
}

fn text(members: &Object<String, Json>, key: &str) -> Option<String> {
    members.get(key)?.as_str().map(str::to_owned)
}

fn properties(members: &Object<String, Json>, known: &[&str]) -> Properties {
    let others = members.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    others.map(|(key, value)| (key.clone(), value.clone())).collect()
}
