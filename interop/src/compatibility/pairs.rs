//! Pairs of Avro schemas: one at random, and one that somebody has changed.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Map, Value as Json, json};

const DEPTH: u32 = 3;
const NAMES: [&str; 5] = ["A", "B", "C", "D", "E"];
const SPACES: [&str; 3] = ["", "n", "n.m"];
const FIELDS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const SYMBOLS: [&str; 5] = ["V", "W", "X", "Y", "Z"];
const PRIMITIVES: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// Makes pairs; the same seed gives the same.
pub struct Pairs {
    random: StdRng,
    /// Full names that the schema in the making defines.
    defined: Vec<String>,
}

impl Pairs {
    pub fn new(random: StdRng) -> Self {
        Self { random, defined: Vec::new() }
    }

    /// A writer's schema and a reader's: mostly the same one with changes, sometimes another.
    pub fn next(&mut self) -> (Json, Json) {
        self.defined.clear();
        let writer = self.any(0, None);
        self.defined.clear();
        let reader = match self.random.random_range(0..10) {
            0 => self.any(0, None),
            1 => writer.clone(),
            changes => {
                let percent = if changes < 6 { 12 } else { 30 };
                self.changed(&writer, percent)
            }
        };
        // A change is as likely to be one for the reader's good as for the writer's.
        if self.chance(30) { (reader, writer) } else { (writer, reader) }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn of<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.random).cloned()
    }

    fn word(&mut self, from: &'static [&'static str]) -> &'static str {
        self.of(from).unwrap_or_default()
    }

    fn primitive(&mut self) -> Json {
        let name = self.word(&PRIMITIVES);
        match (name, self.random.random_range(0..12)) {
            ("long", 0) => json!({"type": "long", "logicalType": "timestamp-millis"}),
            ("long", 1) => json!({"type": "long", "logicalType": "timestamp-micros"}),
            ("bytes", 0) => json!({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}),
            ("string", 0) => json!({"type": "string", "avro.java.string": "String"}),
            _ => json!(name),
        }
    }

    fn any(&mut self, depth: u32, space: Option<&str>) -> Json {
        let kinds = if depth < DEPTH { 14 } else { 5 };
        match self.random.random_range(0..kinds) {
            0..4 => self.primitive(),
            4 => self.of(&self.defined.clone()).map_or_else(|| self.primitive(), Json::String),
            5 => json!({"type": "array", "items": self.any(depth + 1, space)}),
            6 => json!({"type": "map", "values": self.any(depth + 1, space)}),
            7..9 => self.union(depth, space),
            9..12 => self.record(depth, space),
            12 => self.named("enum", space, |pairs, members, _| {
                let symbols = pairs.some(&SYMBOLS);
                if pairs.chance(30) {
                    members.insert("default".to_owned(), json!(symbols[0]));
                }
                members.insert("symbols".to_owned(), json!(symbols));
            }),
            _ => self.named("fixed", space, |pairs, members, _| {
                members.insert("size".to_owned(), json!(pairs.random.random_range(1..4)));
            }),
        }
    }

    fn some(&mut self, from: &[&'static str]) -> Vec<&'static str> {
        let mut all = from.to_vec();
        all.shuffle(&mut self.random);
        all.truncate(self.random.random_range(1..4));
        all
    }

    fn union(&mut self, depth: u32, space: Option<&str>) -> Json {
        let mut branches: Vec<Json> = Vec::new();
        for _ in 0..self.random.random_range(1..5) {
            let branch = if self.chance(60) { self.primitive() } else { self.any(depth + 1, space) };
            let is_new = !branch.is_array() && branches.iter().all(|known| kind(known) != kind(&branch));
            if is_new {
                branches.push(branch);
            }
        }
        if branches.is_empty() {
            branches.push(json!("null"));
        }
        Json::Array(branches)
    }

    fn record(&mut self, depth: u32, space: Option<&str>) -> Json {
        self.named("record", space, |pairs, members, space| {
            let names = pairs.some(&FIELDS);
            let fields: Vec<Json> = names.iter().map(|name| pairs.field(name, depth, space)).collect();
            members.insert("fields".to_owned(), Json::Array(fields));
        })
    }

    fn field(&mut self, name: &str, depth: u32, space: Option<&str>) -> Json {
        let mut field = json!({"name": name, "type": self.any(depth + 1, space)});
        if self.chance(30)
            && let Some(default) = default_of(&field["type"])
        {
            field["default"] = default;
        }
        field
    }

    fn named(
        &mut self,
        kind: &str,
        space: Option<&str>,
        fill: impl FnOnce(&mut Self, &mut Map<String, Json>, Option<&str>),
    ) -> Json {
        let own = if self.chance(30) { Some(self.word(&SPACES)) } else { None };
        // One name in two namespaces is more than the library can tell apart in a text that names itself.
        let is_free =
            |name: &&&str| self.defined.iter().all(|known| known.rsplit('.').next() != Some(**name));
        let names: Vec<&str> = NAMES.iter().filter(is_free).copied().collect();
        let Some(name) = self.of(&names) else { return self.primitive() };
        self.defined.push(full_name(name, own.or(space)));
        let mut members = Map::new();
        members.insert("type".to_owned(), json!(kind));
        members.insert("name".to_owned(), json!(name));
        if let Some(own) = own {
            members.insert("namespace".to_owned(), json!(own));
        }
        fill(self, &mut members, own.or(space));
        Json::Object(members)
    }

    // The schema with changes here and there. Some are wrong, which both sides must see.
    fn changed(&mut self, schema: &Json, percent: u32) -> Json {
        if self.chance(percent / 2) {
            return self.around(schema);
        }
        match schema {
            Json::Array(branches) => {
                let mut branches: Vec<Json> =
                    branches.iter().map(|branch| self.changed(branch, percent)).collect();
                let kinds = if self.chance(percent) { 3 } else { 9 };
                match self.random.random_range(0..kinds) {
                    0 => branches.shuffle(&mut self.random),
                    1 if branches.len() > 1 => {
                        branches.remove(self.random.random_range(0..branches.len()));
                    }
                    2 => {
                        let more = self.primitive();
                        if branches.iter().all(|known| kind(known) != kind(&more)) {
                            branches.push(more);
                        }
                    }
                    _ => {}
                }
                Json::Array(branches)
            }
            Json::Object(members) => self.changed_type(members, percent),
            Json::String(_) if self.chance(percent) => self.primitive(),
            other => other.clone(),
        }
    }

    // In a union, without its union, or another type altogether.
    fn around(&mut self, schema: &Json) -> Json {
        match (self.random.random_range(0..3), schema) {
            (0, Json::Array(branches)) => self.of(branches).unwrap_or(Json::Null),
            (1, schema) if !schema.is_array() && kind(schema) != "null" => json!(["null", schema]),
            (2, _) => self.primitive(),
            (_, schema) => schema.clone(),
        }
    }

    fn changed_type(&mut self, members: &Map<String, Json>, percent: u32) -> Json {
        let mut members = members.clone();
        for part in ["items", "values"] {
            if let Some(inner) = members.get(part).cloned() {
                members.insert(part.to_owned(), self.changed(&inner, percent));
            }
        }
        if members.contains_key("name") && self.chance(percent / 2) {
            self.rename(&mut members);
        }
        if members.contains_key("size") && self.chance(percent) {
            members.insert("size".to_owned(), json!(self.random.random_range(1..4)));
        }
        if members.contains_key("symbols") && self.chance(percent * 2) {
            let symbols = self.some(&SYMBOLS);
            members.remove("default");
            if self.chance(40) {
                members.insert("default".to_owned(), json!(symbols[0]));
            }
            members.insert("symbols".to_owned(), json!(symbols));
        }
        if let Some(Json::Array(fields)) = members.get("fields").cloned() {
            let fields = self.changed_fields(fields, percent);
            members.insert("fields".to_owned(), Json::Array(fields));
        }
        Json::Object(members)
    }

    fn changed_fields(&mut self, mut fields: Vec<Json>, percent: u32) -> Vec<Json> {
        for field in &mut fields {
            let changed = self.changed(&field["type"], percent);
            if changed != field["type"]
                && let Some(members) = field.as_object_mut()
                && members.remove("default").is_some()
                && let Some(default) = default_of(&changed)
            {
                members.insert("default".to_owned(), default);
            }
            field["type"] = changed;
            if self.chance(percent) {
                self.rename(field.as_object_mut().unwrap_or(&mut Map::new()));
            }
            if self.chance(percent / 2)
                && let Some(default) = default_of(&field["type"])
            {
                field["default"] = default;
            }
        }
        if self.chance(percent) && fields.len() > 1 {
            fields.remove(self.random.random_range(0..fields.len()));
        }
        if self.chance(percent) {
            let name = self.word(&FIELDS);
            if fields.iter().all(|field| field["name"] != name) {
                let mut field = json!({"name": name, "type": self.primitive()});
                if self.chance(60)
                    && let Some(default) = default_of(&field["type"])
                {
                    field["default"] = default;
                }
                fields.push(field);
            }
        }
        if self.chance(percent) {
            fields.shuffle(&mut self.random);
        }
        fields
    }

    // A type or a field gets another name, an alias, or both; a type perhaps another namespace.
    fn rename(&mut self, members: &mut Map<String, Json>) {
        let is_type =
            members.contains_key("fields") || members.contains_key("symbols") || members.contains_key("size");
        let names = if is_type { &NAMES[..] } else { &FIELDS[..] };
        let Some(old) = members.get("name").and_then(Json::as_str).map(str::to_owned) else { return };
        let other = self.of(names).unwrap_or_default();
        match self.random.random_range(0..5) {
            0 => {
                members.insert("name".to_owned(), json!(other));
            }
            1 => {
                members.insert("name".to_owned(), json!(other));
                members.insert("aliases".to_owned(), json!([old]));
            }
            2 => {
                members.insert("aliases".to_owned(), json!([other]));
            }
            3 if is_type => {
                members.insert("namespace".to_owned(), json!(self.word(&SPACES)));
            }
            4 if is_type => {
                let alias = full_name(&old, Some(self.word(&SPACES)));
                members.insert("name".to_owned(), json!(other));
                members.insert("aliases".to_owned(), json!([alias]));
            }
            _ => {}
        }
    }
}

fn full_name(name: &str, space: Option<&str>) -> String {
    match space {
        None | Some("") => name.to_owned(),
        Some(space) => format!("{space}.{name}"),
    }
}

/// What a union may hold once: a type's name, or the full name of a named type.
fn kind(schema: &Json) -> String {
    match (schema.get("name"), schema.get("type"), schema) {
        (Some(name), ..) => format!("{}.{name}", schema["namespace"]),
        (None, Some(kind), _) => kind.as_str().unwrap_or_default().to_owned(),
        (None, None, schema) => schema.as_str().unwrap_or_default().to_owned(),
    }
}

/// A default for a field of this type, where one is easily found.
fn default_of(schema: &Json) -> Option<Json> {
    let first = if let Json::Array(branches) = schema { branches.first()? } else { schema };
    Some(match kind(first).as_str() {
        "null" => Json::Null,
        "boolean" => json!(true),
        "int" | "long" => json!(7),
        "float" | "double" => json!(0.5),
        "bytes" | "string" => json!("x"),
        "array" => json!([]),
        "map" => json!({}),
        _ => first["symbols"].get(0)?.clone(),
    })
}
