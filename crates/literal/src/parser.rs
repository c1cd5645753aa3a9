//! Text to values.

use data::{Datum, Decimal, Kind, Logical, Map, Schema, SchemaRef, Text, Value};

use crate::temporal;

// Lists and maps deeper than this are taken for text.
const MAX_DEPTH: usize = 100;

pub(crate) fn parse(text: &str) -> Datum {
    let trimmed = text.trim();
    if let Some(datum) = token(trimmed) {
        return datum;
    }
    if trimmed.starts_with(['[', '{']) {
        let mut parser = Parser { text: trimmed, position: 0 };
        if let Some(datum) = parser.value(0)
            && parser.rest().trim().is_empty()
        {
            return datum;
        }
    }
    Datum::new(Schema::required(Kind::String), Value::String(Text::from(text)))
}

// A value without delimiters: a word, a number, a date. The text is trimmed.
fn token(text: &str) -> Option<Datum> {
    match text {
        "null" => return Some(Datum::NULL),
        "true" | "false" => return Some(of_kind(Kind::Boolean, Value::Boolean(text == "true"))),
        _ => {}
    }
    let first = text.chars().next()?;
    if first.is_ascii_digit()
        && let Some(value) = temporal::parse(text)
    {
        let logical = match value {
            Value::Date(_) => Logical::Date,
            Value::Time(_) => Logical::Time,
            _ => Logical::Timestamp,
        };
        return Some(Datum::new(Schema::logical_builder(logical).build(), value));
    }
    if first.is_ascii_digit() || matches!(first, '+' | '-') { number(text) } else { None }
}

fn of_kind(kind: Kind, value: Value) -> Datum {
    Datum::new(Schema::required(kind), value)
}

// The smallest type that holds the number.
fn number(text: &str) -> Option<Datum> {
    let decimal: Decimal = text.parse().ok()?;
    let scale = decimal.scale();
    if let Some(integer) = whole(&decimal, text.len()) {
        return Some(match (i8::try_from(integer), i16::try_from(integer), i32::try_from(integer)) {
            (Ok(n), ..) => of_kind(Kind::Int8, Value::Int8(n)),
            (_, Ok(n), _) => of_kind(Kind::Int16, Value::Int16(n)),
            (.., Ok(n)) => of_kind(Kind::Int32, Value::Int32(n)),
            _ => of_kind(Kind::Int64, Value::Int64(integer)),
        });
    }
    let (single, double): (f32, f64) = (text.parse().ok()?, text.parse().ok()?);
    Some(match scale {
        0 => decimal_datum(decimal),
        _ if single.is_finite() => of_kind(Kind::Float32, Value::Float32(single)),
        _ if double.is_finite() => of_kind(Kind::Float64, Value::Float64(double)),
        _ => decimal_datum(decimal),
    })
}

fn decimal_datum(decimal: Decimal) -> Datum {
    let schema = Schema::logical_builder(Logical::Decimal { scale: decimal.scale() }).build();
    Datum::new(schema, Value::Decimal(decimal))
}

// The number, when it is whole and fits 64 bits. What cannot be is told from the number of digits, so that `1e99999` is
// not written out.
fn whole(decimal: &Decimal, digits_max: usize) -> Option<i64> {
    if decimal.unscaled_i64() == Some(0) {
        return Some(0);
    }
    let scale = decimal.scale();
    if scale < -19 || usize::try_from(scale).is_ok_and(|scale| scale > digits_max) {
        return None;
    }
    decimal.with_scale(0)?.unscaled_i64()
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn skip_blanks(&mut self) {
        self.position += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, delimiter: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(delimiter);
        self.position += if found { delimiter.len_utf8() } else { 0 };
        found
    }

    // A value inside a list or map; `None` when it is none, and all becomes text.
    fn value(&mut self, depth: usize) -> Option<Datum> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.eat('[') {
            return self.list(depth);
        }
        if self.eat('{') {
            return self.map(depth);
        }
        if self.eat('"') {
            return self.quoted();
        }
        if let Some(datum) = self.moment() {
            return Some(datum);
        }
        let rest = self.rest();
        let end = rest.find([':', ',', '[', ']', '{', '}', '"']).unwrap_or(rest.len());
        self.position += end;
        token(rest[..end].trim())
    }

    // A time or timestamp has colons, which end other tokens.
    fn moment(&mut self) -> Option<Datum> {
        let rest = self.rest();
        // With its two colons as they are, or both escaped.
        for length in [13, 15, 24, 26] {
            let followed = |next: &str| {
                next.trim_start().is_empty() || next.trim_start().starts_with([',', ']', '}', ':'])
            };
            if let (Some(text), Some(next)) = (rest.get(..length), rest.get(length..))
                && followed(next)
                && text.ends_with('Z')
                && let Some(datum) = token(text)
            {
                self.position += length;
                return Some(datum);
            }
        }
        None
    }

    fn quoted(&mut self) -> Option<Datum> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => {
                    self.position += offset + 1;
                    return Some(of_kind(Kind::String, Value::string(text)));
                }
                '\\' => text.push(characters.next()?.1),
                _ => text.push(character),
            }
        }
        None
    }

    fn list(&mut self, depth: usize) -> Option<Datum> {
        let (mut items, mut common) = (Vec::new(), Common::default());
        if self.eat(']') {
            return Some(Datum::schemaless(Value::Array(items)));
        }
        loop {
            let item = self.value(depth + 1)?;
            common.add(&item);
            items.push(item.value);
            if self.eat(']') {
                break;
            }
            if !self.eat(',') {
                return None;
            }
        }
        let Some(schema) = common.schema() else {
            return Some(Datum::schemaless(Value::Array(items)));
        };
        let items = items.into_iter().map(|item| widen(item, &schema)).collect();
        Some(of_kind(Kind::Array(schema), Value::Array(items)))
    }

    fn map(&mut self, depth: usize) -> Option<Datum> {
        let (mut entries, mut keys, mut values) = (Vec::new(), Common::default(), Common::default());
        let mut more = !self.eat('}');
        while more {
            let key = self.value(depth + 1)?;
            if key.value.is_null() || !self.eat(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            keys.add(&key);
            values.add(&value);
            entries.push((key.value, value.value));
            more = !self.eat('}');
            if more && !self.eat(',') {
                return None;
            }
        }
        let (Some(keys), Some(values)) = (keys.schema(), values.schema()) else {
            return Some(Datum::schemaless(Value::Map(Map::from_entries(entries))));
        };
        let entries = entries.into_iter().map(|(key, value)| (widen(key, &keys), widen(value, &values)));
        // Keys may have become the same only now: 16777216 and 16777217 beside a fraction.
        let map = Map::from_entries(entries.collect());
        Some(of_kind(Kind::Map(keys, values), Value::Map(map)))
    }
}

/// The schema that fits all elements, numbers widened.
#[derive(Default)]
struct Common {
    schema: Option<SchemaRef>,
    has_null: bool,
    apart: bool,
}

impl Common {
    fn add(&mut self, element: &Datum) {
        let Some(schema) = &element.schema else {
            self.has_null |= element.value.is_null();
            self.apart |= !element.value.is_null();
            return;
        };
        let merged = match &self.schema {
            None => Some(schema.clone()),
            Some(known) if **known == **schema => return,
            Some(known) => match (rank(known), rank(schema)) {
                (Some(a), Some(b)) if a < b => Some(schema.clone()),
                (Some(_), Some(_)) => return,
                _ => None,
            },
        };
        self.apart |= merged.is_none();
        self.schema = merged;
    }

    fn schema(self) -> Option<SchemaRef> {
        let schema = self.schema.filter(|_| !self.apart)?;
        Some(if self.has_null { schema.to_builder().optional().build() } else { schema })
    }
}

// The order in which plain numbers widen.
fn rank(schema: &Schema) -> Option<u8> {
    match (schema.name(), schema.kind()) {
        (None, Kind::Int8) => Some(0),
        (None, Kind::Int16) => Some(1),
        (None, Kind::Int32) => Some(2),
        (None, Kind::Int64) => Some(3),
        (None, Kind::Float32) => Some(4),
        (None, Kind::Float64) => Some(5),
        _ => None,
    }
}

fn widen(value: Value, schema: &Schema) -> Value {
    match (schema.kind(), value.as_i64(), &value) {
        (Kind::Int16, Some(n), _) => Value::Int16(n as i16),
        (Kind::Int32, Some(n), _) => Value::Int32(n as i32),
        (Kind::Int64, Some(n), _) => Value::Int64(n),
        (Kind::Float32, Some(n), _) => Value::Float32(n as f32),
        (Kind::Float64, Some(n), _) => Value::Float64(n as f64),
        (Kind::Float64, None, Value::Float32(n)) => Value::Float64((*n).into()),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Kind, value: Value) {
        assert_eq!(parse(text), of_kind(kind, value), "{text}");
    }

    fn text(text: &str) {
        check(text, Kind::String, Value::string(text));
    }

    #[test]
    fn words_and_text() {
        assert_eq!(parse(" null "), Datum::NULL);
        check("true", Kind::Boolean, Value::Boolean(true));
        check("false", Kind::Boolean, Value::Boolean(false));
        for other in [
            "", " ", "True", "nullx", "null,x", " a b ", "\"a\"", "ä", "a:b", "+", "-", "1x", "10,20",
            "8080:x", "NaN",
        ] {
            text(other);
        }
    }

    #[test]
    fn numbers_take_the_smallest_type() {
        check("0", Kind::Int8, Value::Int8(0));
        check(" +5 ", Kind::Int8, Value::Int8(5));
        check("-128", Kind::Int8, Value::Int8(-128));
        check("1.0", Kind::Int8, Value::Int8(1));
        check("1e2", Kind::Int8, Value::Int8(100));
        check("0e99999", Kind::Int8, Value::Int8(0));
        check("128", Kind::Int16, Value::Int16(128));
        check("40000", Kind::Int32, Value::Int32(40000));
        check("9223372036854775807", Kind::Int64, Value::Int64(i64::MAX));
        check("0.1", Kind::Float32, Value::Float32(0.1));
        check("1e20", Kind::Float32, Value::Float32(1e20));
        check("1e50", Kind::Float64, Value::Float64(1e50));
        for (number, scale) in [("9223372036854775808", 0), ("1e400", -400), ("1e99999", -99999)] {
            let datum = parse(number);
            assert_eq!(datum.schema.unwrap().logical(), Some(Logical::Decimal { scale }), "{number}");
        }
    }

    #[test]
    fn dates_and_times() {
        for (text, logical, value) in [
            ("1992-01-03", Logical::Date, Value::Date(8037)),
            ("1992-01-03 ", Logical::Date, Value::Date(8037)),
            ("01:00:00.001Z", Logical::Time, Value::Time(3_600_001)),
            ("01\\:00\\:00.001Z", Logical::Time, Value::Time(3_600_001)),
            ("2026-01-01T00:00:00.001Z", Logical::Timestamp, Value::Timestamp(1_767_225_600_001)),
            ("2026-01-01T00\\:00\\:00.001Z", Logical::Timestamp, Value::Timestamp(1_767_225_600_001)),
        ] {
            assert_eq!(parse(text), Datum::new(Schema::logical_builder(logical).build(), value), "{text}");
        }
        for other in ["2021-02-30", "1992-1-3", "25:00:00.000Z", "01:00:00.001", "2026-01-01 00:00:00.001Z"] {
            text(other);
        }
    }

    #[test]
    fn lists_and_maps() {
        let list = |kind, items| (Kind::Array(Schema::required(kind)), Value::Array(items));
        let (kind, value) = list(Kind::Int16, vec![Value::Int16(1), Value::Int16(300)]);
        check(" [1, 300] ", kind, value);
        let (kind, value) =
            list(Kind::Float64, vec![Value::Float64(0.5), Value::Float64(1e50), Value::Float64(2.0)]);
        check("[0.5,1e50,2]", kind, value);
        let (kind, value) = list(Kind::String, vec![Value::string("a\"b"), Value::string("],:")]);
        check(r#"["a\"b","],:"]"#, kind, value);
        check(
            "[1,null]",
            Kind::Array(Schema::optional(Kind::Int8)),
            Value::Array(vec![Value::Int8(1), Value::Null]),
        );
        check(
            "[01:00:00.001Z, 00:00:00.001Z]",
            Kind::Array(Schema::logical_builder(Logical::Time).build()),
            Value::Array(vec![Value::Time(3_600_001), Value::Time(1)]),
        );
        let map = Map::from_distinct(vec![
            (Value::string("a"), Value::Int16(1)),
            (Value::string("b"), Value::Int16(300)),
        ]);
        check(
            r#"{"a":1, "b" : 300}"#,
            Kind::Map(Schema::required(Kind::String), Schema::required(Kind::Int16)),
            Value::Map(map),
        );
        for (mixed, items) in [
            ("[]", vec![]),
            ("[1,\"a\"]", vec![Value::Int8(1), Value::string("a")]),
            ("[null]", vec![Value::Null]),
        ] {
            assert_eq!(parse(mixed), Datum::schemaless(Value::Array(items)), "{mixed}");
        }
        assert_eq!(parse("{}"), Datum::schemaless(Value::Map(Map::new())));
        for other in [
            "[", "[1", "[1,", "[1,]", "[,1]", "[a]", "[1 2]", "[1]x", "{1}", "{1:}", "{null:1}", "{a:1}",
            "{1:2", "[\"a]",
        ] {
            text(other);
        }
        text(&"[".repeat(100_000));
        text(&format!("{}{}", "[".repeat(200), "]".repeat(200)));
    }

    // Comparing each key with each other would take hours.
    #[test]
    fn a_map_of_half_a_million_entries_is_read() {
        let entries: Vec<String> = (0..500_000).map(|n| format!("{n}:0")).collect();
        for (last, different) in [("499999:1", 500_000), ("\"x\":1", 500_001)] {
            let Value::Map(map) = parse(&format!("{{{},{last}}}", entries.join(","))).value else {
                panic!("a map")
            };
            assert_eq!(map.len(), different);
            assert_eq!(map.into_entries().pop().unwrap().1, Value::Int8(1));
        }
    }

    #[test]
    fn of_keys_that_are_one_after_widening_the_last_value_counts() {
        let Value::Map(map) = parse("{16777216:1,0.5:2,16777217:3}").value else { panic!("a map") };
        let half = (Value::Float32(0.5), Value::Int8(2));
        assert_eq!(map.into_entries(), [(Value::Float32(16_777_216.0), Value::Int8(3)), half]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"\\\\0-9a-zTZ.+\\-ä ]{0,30}") {
            let datum = parse(&text);
            if let Some(schema) = &datum.schema {
                proptest::prop_assert_eq!(data::validate(schema, &datum.value), Ok(()));
            }
        }

        #[test]
        fn what_is_written_is_read(items in proptest::collection::vec((".{0,8}", proptest::num::i64::ANY), 1..5)) {
            let mut map = Map::new();
            for (key, value) in items {
                map.insert(Value::string(key), Value::Int64(value));
            }
            let mut out = Vec::new();
            crate::write(&Value::Map(map.clone()), &mut out);
            let back = parse(&String::from_utf8(out).unwrap());
            let Value::Map(back) = back.value else { panic!("a map") };
            proptest::prop_assert_eq!(back.len(), map.len());
            for ((key, value), (key_back, value_back)) in map.iter().zip(back.iter()) {
                proptest::prop_assert_eq!(key, key_back);
                proptest::prop_assert_eq!(value.as_i64(), value_back.as_i64());
            }
        }
    }
}
