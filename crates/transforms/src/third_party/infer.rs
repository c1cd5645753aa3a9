//! Schemas found from values without one, for JSON texts that become rows.

use std::collections::HashMap;
use std::sync::Arc;

use api::data::{Bytes, Field, Fields, Kind, Schema, SchemaRef, SchemaType, Struct, Value};

/// How schemas are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inference {
    /// A null becomes an optional BYTES field; otherwise the field is left out.
    pub null_as_bytes: bool,
    /// An empty array becomes an array of optional texts; otherwise the field is left out.
    pub empty_array_as_strings: bool,
    /// Whole numbers that fit 32 bits are INT32; otherwise all are INT64.
    pub small_integers: bool,
    /// Lists as Debezium has them: one of whose elements nothing is known is an error, and elements that are objects of
    /// different fields become required rows of all these fields.
    pub lists_of_debezium: bool,
    /// Whether nested structs are named by their path.
    pub named: bool,
    /// Changes the names of fields.
    pub rename: fn(&str) -> String,
}

// The JSON reader has a limit of nesting too; this one is ours because we recurse on what it gives.
const DEPTH_MAX: usize = 200;
// A text that has more is no record but data; every later step would have to plan for all of them.
const FIELDS_MAX: usize = 10_000;
// A nested struct's name is the path to it, and there are many of them.
const NAME_BYTES_MAX: usize = 4_096;
// Objects of a list get the fields of all of them: few fields more make many values more.
const VALUES_MAX: usize = 2_000_000;

/// Reads a JSON text into a value without schema.
pub(crate) fn read_json(text: &str) -> Result<Value, String> {
    json::parse(&Bytes::copy_from_slice(text.as_bytes())).map_err(|error| error.to_string())
}

impl Inference {
    /// The optional schema of a value; `None` when nothing can be said of it.
    ///
    /// # Errors
    /// Elements of one list have different types; the value is nested deeper than 200 levels, has more than 10,000
    /// fields or a path of more than 4,096 bytes to a struct that is named by it.
    pub fn schema(&self, path: &str, value: &Value) -> Result<Option<SchemaRef>, String> {
        let mut finder = Finder { inference: *self, path: vec![path.to_owned()], fields: 0 };
        let mut found = None;
        finder.observe(&mut found, value, 0)?;
        found.map(|found| self.built(path, found)).transpose()
    }

    fn built(&self, path: &str, found: Found) -> Result<SchemaRef, String> {
        let kind = match found {
            Found::Nothing => Kind::Bytes,
            Found::Plain(kind) => kind,
            Found::List(element) => {
                let is_required =
                    matches!(&*element, Found::Row(row) if row.differ) && self.lists_of_debezium;
                // What is in a list of lists is no longer named by where it is.
                let path =
                    if matches!(&*element, Found::List(_)) && self.lists_of_debezium { "" } else { path };
                let element = self.built(path, *element)?;
                Kind::Array(if is_required {
                    element.to_builder().set_optional(false).build()
                } else {
                    element
                })
            }
            Found::Row(row) => {
                let fields = row.members.into_iter().map(|member| {
                    let schema = match self.named {
                        true => self.built(&below(path, &member.name), member.found)?,
                        false => self.built("", member.found)?,
                    };
                    Ok(Field { name: member.name, schema })
                });
                let fields =
                    Fields::new(fields.collect::<Result<_, String>>()?).ok_or("a name occurs twice")?;
                let mut builder = Schema::builder(Kind::Struct(fields)).optional();
                if self.named && !path.is_empty() {
                    builder = builder.name(path);
                }
                return Ok(builder.build());
            }
        };
        Ok(Schema::optional(kind))
    }

    /// The value in the form of a schema that was found for it. What the schema left out goes.
    ///
    /// # Errors
    /// The rows would have more than 2,000,000 values.
    pub fn shape(&self, schema: &SchemaRef, value: Value) -> Result<Value, String> {
        self.shape_within(schema, value, &mut 0)
    }

    fn shape_within(&self, schema: &SchemaRef, value: Value, count: &mut usize) -> Result<Value, String> {
        Ok(match (schema.kind(), value) {
            (Kind::Int32, Value::Int64(number)) => {
                i32::try_from(number).map_or(Value::Int64(number), Value::Int32)
            }
            (Kind::Array(element), Value::Array(items)) => {
                if !element.is_optional() && items.iter().any(Value::is_null) {
                    return Err("a list of objects of different fields has a null".to_owned());
                }
                let items = items.into_iter().map(|item| self.shape_within(element, item, count));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            (Kind::Struct(fields), Value::Map(map)) => {
                *count += fields.len();
                if *count > VALUES_MAX {
                    return Err(format!("the text would become rows with more than {VALUES_MAX} values"));
                }
                let mut values = vec![Value::Null; fields.len()];
                let mut set = vec![false; fields.len()];
                for (key, value) in map.into_entries() {
                    let name = (self.rename)(key.as_str().unwrap_or_default());
                    // Of names that became the same, the first counts, as for the schema.
                    if let Some(position) = fields.position(&name)
                        && !set[position]
                    {
                        values[position] = self.shape_within(&fields[position].schema, value, count)?;
                        set[position] = true;
                    }
                }
                Struct::new(schema.clone(), values).map_or(Value::Null, Value::Struct)
            }
            // A list of which nothing was known has left its place to another type.
            (_, Value::Array(_)) => Value::Null,
            (_, value) => value,
        })
    }
}

fn null_list(items: &[Value]) -> bool {
    items.iter().all(Value::is_null)
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What values at one place have in common.
#[derive(Debug)]
enum Found {
    /// Nulls only.
    Nothing,
    Plain(Kind),
    List(Box<Found>),
    Row(Row),
}

#[derive(Debug, Default)]
struct Row {
    members: Vec<Member>,
    positions: HashMap<Arc<str>, usize>,
    /// How many objects were seen.
    objects: usize,
    /// How many members the last of them had.
    touched: usize,
    /// Whether objects have different members.
    differ: bool,
}

#[derive(Debug)]
struct Member {
    name: Arc<str>,
    found: Found,
    /// The object that it was in last.
    object: usize,
}

/// Adds value after value to what is found, so that the elements of a list cost no schema each.
struct Finder {
    inference: Inference,
    /// The names around the value, for errors and limits.
    path: Vec<String>,
    fields: usize,
}

impl Finder {
    // The values at one place must have one type, but objects may have other fields; what was only null so far gets the
    // type that is found later.
    fn observe(&mut self, found: &mut Option<Found>, value: &Value, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("the text is nested deeper than {DEPTH_MAX} levels"));
        }
        let Inference { small_integers, null_as_bytes, .. } = self.inference;
        let small = |number: i64| small_integers && i32::try_from(number).is_ok();
        let kind = match value {
            Value::Null => {
                if null_as_bytes && found.is_none() {
                    *found = Some(Found::Nothing);
                }
                return Ok(());
            }
            Value::Array(items) => return self.observe_list(found, items, depth),
            Value::Map(map) => {
                let mut row = match found.take() {
                    None | Some(Found::Nothing) => {
                        self.check_name()?;
                        Row::default()
                    }
                    Some(Found::Row(row)) => row,
                    Some(other) => return Err(self.apart(&other, &Found::Row(Row::default()))),
                };
                row.objects += 1;
                row.touched = 0;
                let before = row.members.len();
                for (key, value) in map.iter() {
                    let name = (self.inference.rename)(key.as_str().unwrap_or_default());
                    self.observe_member(&mut row, name, value, depth + 1)?;
                }
                row.differ |= row.objects > 1 && (row.members.len() > before || row.touched < before);
                *found = Some(Found::Row(row));
                return Ok(());
            }
            Value::Boolean(_) => Kind::Boolean,
            Value::Int64(number) if small(*number) => Kind::Int32,
            Value::Int64(_) => Kind::Int64,
            Value::Float64(_) => Kind::Float64,
            Value::String(_) => Kind::String,
            other => return Err(format!("{} is no value of JSON", other.type_name())),
        };
        self.join(found, Found::Plain(kind))
    }

    fn observe_list(
        &mut self,
        found: &mut Option<Found>,
        items: &[Value],
        depth: usize,
    ) -> Result<(), String> {
        if items.is_empty() {
            return match self.inference.empty_array_as_strings {
                true => self.join(found, Found::List(Box::new(Found::Plain(Kind::String)))),
                false => Ok(()),
            };
        }
        let (mut element, other) = match found.take() {
            Some(Found::List(element)) => (Some(*element), None),
            other => (None, other),
        };
        for (position, item) in items.iter().filter(|item| !item.is_null()).enumerate() {
            self.observe(&mut element, item, depth + 1)?;
            if position == 0 && element.is_none() && self.inference.lists_of_debezium {
                return Err(format!("nothing can be said of the first element of {}", self.place()));
            }
        }
        *found = other;
        match element {
            Some(element) => self.join(found, Found::List(Box::new(element))),
            None if self.inference.lists_of_debezium && null_list(items) && self.inference.null_as_bytes => {
                self.join(found, Found::List(Box::new(Found::Nothing)))
            }
            None if self.inference.lists_of_debezium => {
                Err(format!("nothing can be said of the elements of {}", self.place()))
            }
            None => Ok(()),
        }
    }

    fn observe_member(
        &mut self,
        row: &mut Row,
        name: String,
        value: &Value,
        depth: usize,
    ) -> Result<(), String> {
        let known = row.positions.get(name.as_str()).copied();
        self.path.push(name);
        match known {
            // Of names that became the same, the first counts.
            Some(position) if row.members[position].object == row.objects => {}
            Some(position) => {
                let member = &mut row.members[position];
                if !value.is_null() || self.inference.null_as_bytes {
                    member.object = row.objects;
                    row.touched += 1;
                }
                let mut found = Some(std::mem::replace(&mut member.found, Found::Nothing));
                self.observe(&mut found, value, depth)?;
                row.members[position].found = found.unwrap_or(Found::Nothing);
            }
            None => {
                let mut found = None;
                self.observe(&mut found, value, depth)?;
                if let Some(found) = found {
                    self.fields += 1;
                    if self.fields > FIELDS_MAX {
                        return Err(format!("the text has more than {FIELDS_MAX} fields"));
                    }
                    let name: Arc<str> = self.path.last().map_or("", String::as_str).into();
                    row.positions.insert(name.clone(), row.members.len());
                    row.members.push(Member { name, found, object: row.objects });
                    row.touched += 1;
                }
            }
        }
        self.path.pop();
        Ok(())
    }

    // What is found here, where it fits what was found before.
    fn join(&self, found: &mut Option<Found>, new: Found) -> Result<(), String> {
        match (found.as_ref(), &new) {
            (None | Some(Found::Nothing), _) => {}
            (Some(Found::Plain(before)), Found::Plain(kind)) if before == kind => return Ok(()),
            (Some(Found::List(before)), Found::List(element)) => match (&**before, &**element) {
                (Found::Plain(before), Found::Plain(kind)) if before == kind => return Ok(()),
                (before, element) => return Err(self.apart(before, element)),
            },
            (Some(before), new) => return Err(self.apart(before, new)),
        }
        *found = Some(new);
        Ok(())
    }

    fn check_name(&self) -> Result<(), String> {
        let bytes: usize = self.path.iter().map(|name| name.len() + 1).sum();
        match self.inference.named && bytes > NAME_BYTES_MAX {
            true => Err(format!("the path to a nested object has more than {NAME_BYTES_MAX} bytes")),
            false => Ok(()),
        }
    }

    #[cold]
    fn apart(&self, one: &Found, other: &Found) -> String {
        format!(
            "the array {} is not homogeneous: {} and {}",
            self.place(),
            one.type_name(),
            other.type_name()
        )
    }

    #[cold]
    fn place(&self) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        path.join(".").chars().take(200).collect()
    }
}

impl Found {
    fn type_name(&self) -> &'static str {
        match self {
            Found::Nothing => SchemaType::Bytes.name(),
            Found::Plain(kind) => Schema::required(kind.clone()).schema_type().name(),
            Found::List(_) => SchemaType::Array.name(),
            Found::Row(_) => SchemaType::Struct.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Inference = Inference {
        null_as_bytes: false,
        empty_array_as_strings: false,
        small_integers: true,
        lists_of_debezium: false,
        named: true,
        rename: str::to_owned,
    };

    fn check(text: &str, inference: Inference) -> Result<(SchemaRef, Value), String> {
        let value = read_json(text)?;
        let schema = inference.schema("payload", &value)?.ok_or("nothing")?;
        let value = inference.shape(&schema, value)?;
        assert_eq!(api::data::validate(&schema, &value), Ok(()), "{text}");
        Ok((schema, value))
    }

    #[test]
    fn objects_become_structs_named_by_their_path() {
        let (schema, value) =
            check(r#"{"a":1,"b":{"c":5000000000,"d":null},"e":[],"f":1.5}"#, PLAIN).unwrap();
        assert_eq!(schema.name(), Some("payload"));
        let fields = schema.fields().unwrap();
        assert_eq!(fields.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["a", "b", "f"]);
        assert_eq!(*fields[0].schema.kind(), Kind::Int32);
        assert_eq!(fields[1].schema.name(), Some("payload.b"));
        let row = value.as_struct().unwrap();
        assert_eq!(row.get("b").unwrap().as_struct().unwrap().get("c"), Some(&Value::Int64(5_000_000_000)));
    }

    #[test]
    fn elements_are_merged_and_must_agree() {
        let (schema, _) = check(r#"{"l":[{"a":1},null,{"b":"x"}]}"#, PLAIN).unwrap();
        let Kind::Array(element) = schema.fields().unwrap()[0].schema.kind() else { panic!() };
        assert_eq!(element.fields().unwrap().len(), 2);
        for text in
            [r#"{"l":[1,"a"]}"#, r#"{"l":[1,5000000000]}"#, r#"{"l":[1,1.5]}"#, r#"{"l":[[1],["a"]]}"#]
        {
            assert!(check(text, PLAIN).unwrap_err().contains("homogeneous"), "{text}");
        }
        let kept = Inference { null_as_bytes: true, empty_array_as_strings: true, ..PLAIN };
        assert_eq!(check(r#"{"n":null,"e":[]}"#, kept).unwrap().0.fields().unwrap().len(), 2);
        // What was null so far gets the type that is found later.
        let (schema, _) = check(r#"{"l":[{"a":null},{"a":1},{"a":null}]}"#, kept).unwrap();
        let Kind::Array(element) = schema.fields().unwrap()[0].schema.kind() else { panic!() };
        assert_eq!(*element.fields().unwrap()[0].schema.kind(), Kind::Int32);
        // An empty list of which nothing is known is not in the way either.
        let (_, value) = check(r#"{"l":[{"a":[]},{"a":1},{"a":[null]}]}"#, PLAIN).unwrap();
        let Some(Value::Array(items)) = value.as_struct().unwrap().get("l") else { panic!() };
        let found: Vec<_> = items.iter().map(|item| item.as_struct().unwrap().values()[0].clone()).collect();
        assert_eq!(found, [Value::Null, Value::Int32(1), Value::Null]);
        let (schema, _) = check(r#"{"l":[[[1]],[[2],[]],[[]]]}"#, PLAIN).unwrap();
        assert_eq!(schema.fields().unwrap().len(), 1);
    }

    fn members(count: usize, member: impl Fn(usize) -> String, between: &str) -> String {
        (0..count).map(member).collect::<Vec<_>>().join(between)
    }

    // With a schema made per element, or each name compared with each other, these would take many minutes.
    #[test]
    fn large_texts_end() {
        let many = format!("{{{}}}", members(500_000, |n| format!(r#""k{n}":0"#), ","));
        let different = format!(r#"{{"l":[{{{}}}]}}"#, members(300_000, |n| format!(r#""k{n}":0"#), "},{"));
        for text in [many, different] {
            let error = check(&text, PLAIN).unwrap_err();
            assert!(error.contains("10000 fields"), "{error}");
        }
        let wide = members(5_000, |n| format!(r#""k{n}":0"#), ",");
        let same = format!(r#"{{"l":[{}]}}"#, members(300, |_| format!("{{{wide}}}"), ","));
        assert!(check(&same, PLAIN).is_ok());
        let empty = format!(r#"{{"l":[{{{wide}}}{}]}}"#, ",{}".repeat(500_000));
        let error = check(&empty, PLAIN).unwrap_err();
        assert!(error.contains("2000000 values"), "{error}");
    }

    #[test]
    fn long_paths_are_no_names() {
        let name = "n".repeat(1_000);
        let nested =
            |levels: usize| format!("{}1{}", format!(r#"{{"{name}":"#).repeat(levels), "}".repeat(levels));
        assert!(check(&nested(4), PLAIN).is_ok());
        assert!(check(&nested(6), PLAIN).unwrap_err().contains("4096 bytes"));
        assert!(check(&nested(150), Inference { named: false, ..PLAIN }).is_ok());
        assert!(check(&nested(202), Inference { named: false, ..PLAIN }).unwrap_err().contains("200 levels"));
    }
}
