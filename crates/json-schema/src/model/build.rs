//! From text to model.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Array, Criterion, Id, Kind, Model, Node, Number, Object, Rest, Text};
use crate::ParseError;
use crate::resolve::{Base, Documents, enter};
use crate::schema::MAX_SCHEMAS;

type Members = Map<String, Value>;

const STRING: &[&str] = &["minLength", "maxLength", "pattern"];
const NUMBER: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const ARRAY: &[&str] = &[
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "minItems",
    "maxItems",
    "minContains",
    "maxContains",
    "uniqueItems",
];
const OBJECT: &[&str] = &[
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "required",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
];

/// Memory that the patterns of a schema may take while they are compiled, in bytes.
const PATTERNS_MAX_BYTES: usize = 64 << 20;
/// What a pattern may take: few take more than the first; what takes more than the last covers nothing.
const PATTERN_BYTES: [usize; 3] = [16 << 10, 256 << 10, 10 << 20];
/// What a pattern may take beside that while it is matched.
const MATCHING_BYTES: usize = 64 << 10;

struct Builder<'a> {
    pattern_bytes: usize,
    documents: Documents<'a>,
    nodes: Vec<Node>,
    // Sub-schemas are known by where their text lies in memory.
    ids: HashMap<*const Value, Id>,
    // Not recursive: a chain of references may be long.
    pending: Vec<(Id, &'a Value, Base<'a>, String)>,
}

impl Model {
    pub fn of(root: &Value, references: &[(String, Value)]) -> Result<Self, ParseError> {
        let documents = Documents::new(root, references);
        let base = documents.base(root, "");
        let mut builder = Builder {
            pattern_bytes: 0,
            documents,
            nodes: Vec::new(),
            ids: HashMap::new(),
            pending: Vec::new(),
        };
        builder.id(root, &base, "#".to_owned())?;
        while let Some((id, value, base, path)) = builder.pending.pop() {
            let node = builder.node(value, &base, &path)?;
            builder.nodes[id] = node;
        }
        Ok(Model { nodes: builder.nodes })
    }
}

impl<'a> Builder<'a> {
    fn id(&mut self, value: &'a Value, base: &Base<'a>, path: String) -> Result<Id, ParseError> {
        if let Some(id) = self.ids.get(&std::ptr::from_ref(value)) {
            return Ok(*id);
        }
        if !value.is_object() && !value.is_boolean() {
            return Err(keyword(&path, "the schema", "must be an object or a boolean"));
        }
        let id = self.push(Node { kind: Kind::Any, has_default: false, is_bytes: false })?;
        self.ids.insert(value, id);
        self.pending.push((id, value, enter(value, base), path));
        Ok(id)
    }

    fn push(&mut self, node: Node) -> Result<Id, ParseError> {
        if self.nodes.len() >= MAX_SCHEMAS {
            return Err(ParseError::TooMany);
        }
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }

    fn node(&mut self, value: &'a Value, base: &Base<'a>, path: &str) -> Result<Node, ParseError> {
        let Value::Object(members) = value else {
            let kind = if value == &Value::Bool(false) { Kind::Never } else { Kind::Any };
            return Ok(Node { kind, has_default: false, is_bytes: false });
        };
        let has_default = members.contains_key("default");
        let is_bytes = members.get("connect.type").and_then(Value::as_str) == Some("bytes");
        let mut kinds = self.kinds(members, base, path)?;
        let kind = match kinds.len() {
            0 => Kind::Any,
            1 => kinds.remove(0),
            _ => {
                let parts = kinds
                    .into_iter()
                    .map(|kind| self.push(Node { kind, has_default, is_bytes }))
                    .collect::<Result<_, _>>()?;
                Kind::Combined(Criterion::All, parts)
            }
        };
        Ok(Node { kind, has_default, is_bytes })
    }

    // All that the keywords of one schema ask for; a value must satisfy each.
    fn kinds(&mut self, members: &'a Members, base: &Base<'a>, path: &str) -> Result<Vec<Kind>, ParseError> {
        let mut kinds = Vec::new();
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(value) = members.get(key) else { continue };
            let reference = value.as_str().ok_or_else(|| keyword(path, key, "must be a string"))?;
            kinds.push(self.reference(reference, base, path)?);
        }
        self.types(members, base, path, &mut kinds)?;
        if let Some(value) = members.get("enum") {
            let values = value.as_array().ok_or_else(|| keyword(path, "enum", "must be an array"))?;
            kinds.push(Kind::Enum(values.clone()));
        }
        if let Some(value) = members.get("const") {
            kinds.push(Kind::Const(value.clone()));
        }
        for (key, criterion) in
            [("allOf", Criterion::All), ("anyOf", Criterion::Any), ("oneOf", Criterion::One)]
        {
            let Some(value) = members.get(key) else { continue };
            let branches = match value.as_array() {
                Some(branches) if !branches.is_empty() => branches,
                _ => return Err(keyword(path, key, "must be an array of at least one schema")),
            };
            let ids = self.list(branches, base, &format!("{path}/{key}"))?;
            kinds.push(Kind::Combined(criterion, ids));
        }
        if let Some(value) = members.get("not") {
            kinds.push(Kind::Not(self.id(value, base, format!("{path}/not"))?));
        }
        // Not compared, but what is in them must be a schema too.
        for key in ["if", "then", "else"] {
            if let Some(value) = members.get(key) {
                self.id(value, base, format!("{path}/{key}"))?;
            }
        }
        for key in ["definitions", "$defs"] {
            self.named(members, key, base, path)?;
        }
        Ok(kinds)
    }

    fn reference(&mut self, reference: &str, base: &Base<'a>, path: &str) -> Result<Kind, ParseError> {
        // The drafts' own schemas: they describe schemas, which is more than is compared here.
        let host = reference.split_once("://").map_or("", |(_, rest)| rest);
        if host.starts_with("json-schema.org/") && self.documents.find(reference, base).is_none() {
            return Ok(Kind::Any);
        }
        let (value, base) = self.documents.find(reference, base).ok_or_else(|| ParseError::Unresolved {
            path: path.to_owned(),
            reference: reference.to_owned(),
            known: self.documents.known(),
        })?;
        Ok(Kind::Reference(self.id(value, &base, format!("{path}/$ref"))?))
    }

    fn types(
        &mut self,
        members: &'a Members,
        base: &Base<'a>,
        path: &str,
        kinds: &mut Vec<Kind>,
    ) -> Result<(), ParseError> {
        let wrong = || {
            keyword(
                path,
                "type",
                "must be array, boolean, integer, null, number, object or string, or a list of these",
            )
        };
        let names: Vec<&str> = match members.get("type") {
            None => {
                // Without a type the keywords say what is meant; each speaks of its own type only.
                for (keys, name) in
                    [(STRING, "string"), (NUMBER, "number"), (ARRAY, "array"), (OBJECT, "object")]
                {
                    if keys.iter().any(|key| members.contains_key(*key)) {
                        kinds.push(self.typed(name, members, base, path)?.ok_or_else(wrong)?);
                    }
                }
                return Ok(());
            }
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) if !names.is_empty() => {
                names.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(wrong)?
            }
            Some(_) => return Err(wrong()),
        };
        let mut typed = Vec::new();
        for name in names {
            typed.push(self.typed(name, members, base, path)?.ok_or_else(wrong)?);
        }
        match typed.len() {
            1 => kinds.append(&mut typed),
            _ => {
                let is_bytes = members.get("connect.type").and_then(Value::as_str) == Some("bytes");
                let ids = typed
                    .into_iter()
                    .map(|kind| self.push(Node { kind, has_default: false, is_bytes }))
                    .collect::<Result<_, _>>()?;
                kinds.push(Kind::Combined(Criterion::Any, ids));
            }
        }
        Ok(())
    }

    fn typed(
        &mut self,
        name: &str,
        members: &'a Members,
        base: &Base<'a>,
        path: &str,
    ) -> Result<Option<Kind>, ParseError> {
        Ok(Some(match name {
            "boolean" => Kind::Boolean,
            "null" => Kind::Null,
            "string" => Kind::String(Text {
                min: number(members, "minLength", path)?,
                max: number(members, "maxLength", path)?,
                pattern: match members.get("pattern") {
                    None => None,
                    Some(Value::String(pattern)) => Some(pattern.clone()),
                    Some(_) => return Err(keyword(path, "pattern", "must be a string")),
                },
            }),
            "integer" | "number" => Kind::Number(Box::new(limits(name == "integer", members, path)?)),
            "array" => Kind::Array(Box::new(self.array(members, base, path)?)),
            "object" => Kind::Object(Box::new(self.object(members, base, path)?)),
            _ => return Ok(None),
        }))
    }

    fn array(&mut self, members: &'a Members, base: &Base<'a>, path: &str) -> Result<Array, ParseError> {
        let (tuple, rest) = match (members.get("prefixItems"), members.get("items")) {
            (Some(tuple), _) => (Some((tuple, "prefixItems")), "items"),
            (None, Some(tuple @ Value::Array(_))) => (Some((tuple, "items")), "additionalItems"),
            (None, _) => (None, "items"),
        };
        let tuple = match tuple {
            None => Vec::new(),
            Some((Value::Array(items), key)) => self.list(items, base, &format!("{path}/{key}"))?,
            Some((_, key)) => return Err(keyword(path, key, "must be an array of schemas")),
        };
        let mut rest = self.rest(members, rest, base, path)?;
        if rest == Rest::Open {
            rest = self.rest(members, "unevaluatedItems", base, path)?;
        }
        let contains = match members.get("contains") {
            None => None,
            Some(value) => Some(self.id(value, base, format!("{path}/contains"))?),
        };
        let unique = match members.get("uniqueItems") {
            None => false,
            Some(Value::Bool(unique)) => *unique,
            Some(_) => return Err(keyword(path, "uniqueItems", "must be a boolean")),
        };
        Ok(Array {
            tuple,
            rest,
            contains,
            min: number(members, "minItems", path)?,
            max: number(members, "maxItems", path)?,
            min_contains: number(members, "minContains", path)?,
            max_contains: number(members, "maxContains", path)?,
            unique,
        })
    }

    fn object(&mut self, members: &'a Members, base: &Base<'a>, path: &str) -> Result<Object, ParseError> {
        let patterns = self.named(members, "patternProperties", base, path)?;
        let patterns = patterns
            .into_iter()
            .map(|(pattern, id)| {
                let compiled = self.pattern(&pattern, path)?;
                Ok((pattern, compiled, id))
            })
            .collect::<Result<_, ParseError>>()?;
        let names = match members.get("propertyNames") {
            None => None,
            Some(value) => Some(self.id(value, base, format!("{path}/propertyNames"))?),
        };
        let required = match members.get("required") {
            // Draft 3 wrote it at the property.
            None | Some(Value::Bool(_)) => Vec::new(),
            Some(value) => {
                strings(value).ok_or_else(|| keyword(path, "required", "must be an array of strings"))?
            }
        };
        let mut dependent_schemas = self.named(members, "dependentSchemas", base, path)?;
        let mut dependent_names = Vec::new();
        for key in ["dependencies", "dependentRequired"] {
            let Some(value) = members.get(key) else { continue };
            let entries = value.as_object().ok_or_else(|| keyword(path, key, "must be an object"))?;
            for (name, value) in entries {
                match strings(value) {
                    Some(names) => dependent_names.push((name.clone(), names)),
                    None => {
                        let id = self.id(value, base, format!("{path}/{key}/{name}"))?;
                        dependent_schemas.push((name.clone(), id));
                    }
                }
            }
        }
        Ok(Object {
            properties: self.named(members, "properties", base, path)?,
            patterns,
            additional: self.rest(members, "additionalProperties", base, path)?,
            unevaluated: self.rest(members, "unevaluatedProperties", base, path)?,
            required,
            names,
            min: number(members, "minProperties", path)?,
            max: number(members, "maxProperties", path)?,
            dependent_names,
            dependent_schemas,
        })
    }

    /// A pattern of another dialect covers nothing.
    fn pattern(&mut self, pattern: &str, path: &str) -> Result<Option<regex::Regex>, ParseError> {
        for bytes in PATTERN_BYTES {
            // What was too large took its time, and counts too.
            self.pattern_bytes += bytes;
            if self.pattern_bytes > PATTERNS_MAX_BYTES {
                let expected =
                    "must be fewer or simpler patterns: those of a schema may take 64 MiB compiled";
                return Err(keyword(path, "patternProperties", expected));
            }
            let mut builder = regex::RegexBuilder::new(pattern);
            match builder.size_limit(bytes).dfa_size_limit(MATCHING_BYTES).build() {
                Ok(compiled) => return Ok(Some(compiled)),
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    fn rest(
        &mut self,
        members: &'a Members,
        key: &str,
        base: &Base<'a>,
        path: &str,
    ) -> Result<Rest, ParseError> {
        match members.get(key) {
            None | Some(Value::Bool(true)) => Ok(Rest::Open),
            Some(Value::Bool(false)) => Ok(Rest::Closed),
            Some(value) => Ok(Rest::Schema(self.id(value, base, format!("{path}/{key}"))?)),
        }
    }

    fn named(
        &mut self,
        members: &'a Members,
        key: &str,
        base: &Base<'a>,
        path: &str,
    ) -> Result<Vec<(String, Id)>, ParseError> {
        let Some(value) = members.get(key) else { return Ok(Vec::new()) };
        let entries = value.as_object().ok_or_else(|| keyword(path, key, "must be an object of schemas"))?;
        let id = |(name, value): (&String, &'a Value)| {
            Ok((name.clone(), self.id(value, base, format!("{path}/{key}/{name}"))?))
        };
        entries.iter().map(id).collect()
    }

    fn list(&mut self, items: &'a [Value], base: &Base<'a>, path: &str) -> Result<Vec<Id>, ParseError> {
        items.iter().enumerate().map(|(index, item)| self.id(item, base, format!("{path}/{index}"))).collect()
    }
}

fn limits(integer: bool, members: &Members, path: &str) -> Result<Number, ParseError> {
    let mut limits = Number {
        integer,
        min: number(members, "minimum", path)?,
        max: number(members, "maximum", path)?,
        multiple_of: number(members, "multipleOf", path)?,
        ..Number::default()
    };
    // Draft 4 has booleans beside the limit, later drafts numbers.
    match members.get("exclusiveMinimum") {
        Some(Value::Bool(true)) => limits.exclusive_min = limits.min.take(),
        Some(Value::Bool(false)) => {}
        _ => limits.exclusive_min = number(members, "exclusiveMinimum", path)?,
    }
    match members.get("exclusiveMaximum") {
        Some(Value::Bool(true)) => limits.exclusive_max = limits.max.take(),
        Some(Value::Bool(false)) => {}
        _ => limits.exclusive_max = number(members, "exclusiveMaximum", path)?,
    }
    Ok(limits)
}

fn number(members: &Members, key: &str, path: &str) -> Result<Option<f64>, ParseError> {
    match members.get(key) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) => Ok(Some(number)),
            None => Err(keyword(path, key, "must be a number")),
        },
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn keyword(path: &str, keyword: &str, expected: &'static str) -> ParseError {
    ParseError::Keyword { path: path.to_owned(), keyword: keyword.to_owned(), expected }
}
