//! Transforms and predicates as the runtime uses them: made by class name of a config.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use api::config::RawConfig;
use api::data::{Datum, Header, Kind, Logical, Map, Record, Schema, SchemaRef, Struct, Value};
use api::{ErrorKind, Origin, Registry, Result};

const PACKAGE: &str = "org.apache.kafka.connect.transforms";
const SINK: Origin = Origin::Sink { offset: 42 };

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    registry
}

fn transform(class: &str, config: &[(&str, &str)]) -> Result<Box<dyn api::dynamic::DynTransform>> {
    let raw: RawConfig = config.iter().copied().collect();
    registry().build_transform(&format!("{PACKAGE}.{class}"), &raw)
}

fn run(class: &str, config: &[(&str, &str)], record: Record) -> Result<Option<Record>> {
    transform(class, config)?.apply(record, &SINK)
}

fn changed(class: &str, config: &[(&str, &str)], record: Record) -> Record {
    run(class, config, record).unwrap().unwrap()
}

fn record(value: Datum) -> Record {
    Record {
        topic: "t".into(),
        partition: Some(3),
        key: Datum::NULL,
        value,
        timestamp: Some(7),
        headers: Vec::new(),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(Map::from_distinct(
        entries.into_iter().map(|(key, value)| (Value::string(key), value)).collect(),
    ))
}

fn schemaless<const N: usize>(entries: [(&str, Value); N]) -> Record {
    record(Datum::schemaless(map(entries)))
}

fn structure<const N: usize>(fields: [(&str, SchemaRef, Value); N]) -> Datum {
    let schema = Schema::structure(fields.iter().map(|(name, schema, _)| (*name, schema.clone()))).unwrap();
    let values = fields.into_iter().map(|(_, _, value)| value).collect();
    Datum::new(schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
}

fn int(n: i32) -> (SchemaRef, Value) {
    (Schema::required(Kind::Int32), Value::Int32(n))
}

fn a_and_b() -> Record {
    let ((int, one), text) = (int(1), Schema::optional(Kind::String));
    record(structure([("a", int, one), ("b", text, Value::string("x"))]))
}

fn message(result: Result<Option<Record>>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord, "{error}");
    error.message().to_owned()
}

fn refused(class: &str, config: &[(&str, &str)]) -> String {
    let error = transform(class, config).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    error.to_string()
}

// Comparing each name with each other would take many minutes.
#[test]
fn half_a_million_entries_without_schema_pass() {
    const COUNT: usize = 500_000;
    let entries = |prefix: &str| {
        let entries = (0..COUNT).map(|n| (Value::string(format!("{prefix}{n}")), Value::Int64(1)));
        Value::Map(Map::from_distinct(entries.collect()))
    };
    let nested = |prefix: &str| map([("a", entries(prefix))]);
    let jcustenborder = "com.github.jcustenborder.kafka.connect.transform.common";
    let rename = [("field.pattern", "^n"), ("field.replacement", "m")];
    for (class, config, value, wanted) in [
        (format!("{PACKAGE}.Flatten$Value"), &[][..], nested("n"), Some("a.n7")),
        (format!("{PACKAGE}.ReplaceField$Value"), &[("renames", "n7:m7")], entries("n"), Some("m7")),
        (
            "io.confluent.connect.transforms.ReplaceField$Value".into(),
            &[("renames", "a.n7:m7")],
            nested("n"),
            None,
        ),
        (format!("{jcustenborder}.PatternRename$Value"), &rename, entries("n"), Some("m7")),
    ] {
        let raw: RawConfig = config.iter().copied().collect();
        let mut transform = registry().build_transform(&class, &raw).unwrap();
        let record = transform.apply(record(Datum::schemaless(value)), &SINK).unwrap().unwrap();
        let Value::Map(map) = record.value.value else { panic!("{class}: a map") };
        let (map, wanted) = match (wanted, map.get_str("a")) {
            (None, Some(Value::Map(inner))) => (inner, "m7"),
            (wanted, _) => (&map, wanted.unwrap()),
        };
        assert_eq!(map.len(), COUNT, "{class}");
        assert!(map.get_str(wanted).is_some(), "{class}");
    }
}

#[test]
fn value_to_key() {
    let key = changed("ValueToKey", &[("fields", "b,a")], a_and_b()).key;
    let (int, one) = int(1);
    assert_eq!(key, structure([("b", Schema::optional(Kind::String), Value::string("x")), ("a", int, one)]));
    let key = changed("ValueToKey", &[("fields", "a,c")], schemaless([("a", Value::Int64(1))])).key;
    assert_eq!(key, Datum::schemaless(map([("a", Value::Int64(1)), ("c", Value::Null)])));
    assert_eq!(message(run("ValueToKey", &[("fields", "z")], a_and_b())), "Field does not exist: z");
    let inner = structure([("c", Schema::required(Kind::Int8), Value::Int8(5))]);
    let nested = record(structure([("in", inner.schema.unwrap(), inner.value)]));
    let key = changed("ValueToKey", &[("fields", "in.c"), ("field.syntax.version", "V2")], nested).key;
    assert_eq!(key, structure([("in.c", Schema::required(Kind::Int8), Value::Int8(5))]));
    assert!(
        message(run("ValueToKey", &[("fields", "a")], record(Datum::NULL)))
            .starts_with("Only Map objects supported")
    );
    assert!(refused("ValueToKey", &[]).contains("fields"));
    assert!(refused("ValueToKey", &[("fields", "")]).contains("must not be empty"));
}

#[test]
fn the_schemas_of_results_are_stable() {
    let mut transform = transform("ValueToKey", &[("fields", "a")]).unwrap();
    let input = a_and_b();
    let mut key = || transform.apply(input.clone(), &SINK).unwrap().unwrap().key.schema.unwrap();
    assert!(Arc::ptr_eq(&key(), &key()));
}

#[test]
fn extract_field() {
    let value = changed("ExtractField$Value", &[("field", "b")], a_and_b()).value;
    assert_eq!(value, Datum::new(Schema::optional(Kind::String), Value::string("x")));
    let value = changed("ExtractField$Value", &[("field", "z")], schemaless([("a", Value::Int64(1))])).value;
    assert_eq!(value, Datum::NULL);
    assert_eq!(changed("ExtractField$Key", &[("field", "a")], a_and_b()), a_and_b());
    assert_eq!(message(run("ExtractField$Value", &[("field", "z")], a_and_b())), "Unknown field: z");
    let nested = schemaless([("a", map([("b.c", Value::Int64(5))]))]);
    let config = [("field", "a.`b.c`"), ("field.syntax.version", "V2")];
    assert_eq!(changed("ExtractField$Value", &config, nested).value, Datum::schemaless(Value::Int64(5)));
    assert!(
        refused("ExtractField$Value", &[("field", "`a"), ("field.syntax.version", "V2")])
            .contains("backtick")
    );
    let with_default = Schema::builder(Kind::Int8).optional().default_value(Value::Int8(7)).build();
    let null = || record(structure([("a", with_default.clone(), Value::Null)]));
    assert_eq!(changed("ExtractField$Value", &[("field", "a")], null()).value.value, Value::Int8(7));
    let config = [("field", "a"), ("replace.null.with.default", "false")];
    assert_eq!(changed("ExtractField$Value", &config, null()).value.value, Value::Null);
}

#[test]
fn insert_field() {
    let config = [
        ("topic.field", "topic!"),
        ("partition.field", "partition"),
        ("offset.field", "offset?"),
        ("timestamp.field", "at"),
        ("static.field", "s"),
        ("static.value", "v"),
    ];
    let value = changed("InsertField$Value", &config, a_and_b()).value;
    let (int, one) = int(1);
    let expected = structure([
        ("a", int, one),
        ("b", Schema::optional(Kind::String), Value::string("x")),
        ("topic", Schema::required(Kind::String), Value::string("t")),
        ("partition", Schema::optional(Kind::Int32), Value::Int32(3)),
        ("offset", Schema::optional(Kind::Int64), Value::Int64(42)),
        ("at", Schema::logical_builder(Logical::Timestamp).optional().build(), Value::Timestamp(7)),
        ("s", Schema::optional(Kind::String), Value::string("v")),
    ]);
    assert_eq!(value, expected);
    let value = changed("InsertField$Value", &[("timestamp.field", "at")], schemaless([])).value.value;
    assert_eq!(value, map([("at", Value::Int64(7))]));
    assert_eq!(changed("InsertField$Value", &[("topic.field", "x")], record(Datum::NULL)).value, Datum::NULL);
    assert!(message(run("InsertField$Value", &[("topic.field", "a")], a_and_b())).contains("duplication"));
    let mut offset = transform("InsertField$Value", &[("offset.field", "o")]).unwrap();
    assert!(
        message(offset.apply(a_and_b(), &Origin::Source))
            .starts_with("Only SinkRecord supported for [field insertion]")
    );
    assert!(refused("InsertField$Value", &[]).contains("No field insertion configured"));
    assert!(
        refused("InsertField$Value", &[("static.field", "s")])
            .contains("No value specified for static field")
    );
}

#[test]
fn regex_router() {
    let topic = |regex, replacement| {
        changed("RegexRouter", &[("regex", regex), ("replacement", replacement)], a_and_b()).topic.to_string()
    };
    assert_eq!(topic("(.*)", "pre-$1"), "pre-t");
    assert_eq!(topic("x.*", "y"), "t");
    assert_eq!(topic("(t|tx)", "$1$1"), "tt");
    let mut partial = a_and_b();
    partial.topic = "ab".into();
    assert_eq!(&*changed("RegexRouter", &[("regex", "a|ab"), ("replacement", "X")], partial).topic, "Xb");
    assert!(refused("RegexRouter", &[("regex", "("), ("replacement", "")]).contains("Invalid regex"));
    assert!(refused("RegexRouter", &[("regex", "a"), ("replacement", "$1")]).contains("No group 1"));
}

#[test]
fn replace_field() {
    let value = changed("ReplaceField$Value", &[("exclude", "a"), ("renames", "b:c")], a_and_b()).value;
    assert_eq!(value, structure([("c", Schema::optional(Kind::String), Value::string("x"))]));
    let value = changed("ReplaceField$Value", &[("include", "a,b"), ("exclude", "b")], a_and_b()).value;
    let (int, one) = int(1);
    assert_eq!(value, structure([("a", int, one)]));
    let input = schemaless([("a", Value::Int64(1)), ("b", Value::Int64(2))]);
    let value = changed("ReplaceField$Value", &[("exclude", "b"), ("renames", "a:z")], input).value.value;
    assert_eq!(value, map([("z", Value::Int64(1))]));
    assert!(message(run("ReplaceField$Value", &[("renames", "a:b")], a_and_b())).contains("duplication"));
    assert!(refused("ReplaceField$Value", &[("renames", "a")]).contains("Invalid rename mapping: a"));
}

#[test]
fn filter_and_predicates() {
    assert_eq!(run("Filter", &[], a_and_b()).unwrap(), None);
    let test = |class: &str, config: &[(&str, &str)], record: &Record| {
        let raw: RawConfig = config.iter().copied().collect();
        registry()
            .build_predicate(&format!("{PACKAGE}.predicates.{class}"), &raw)
            .unwrap()
            .test(record)
            .unwrap()
    };
    let mut with_header = a_and_b();
    with_header.headers.push(Header { key: "h".into(), value: Datum::NULL });
    assert!(test("HasHeaderKey", &[("name", "h")], &with_header));
    assert!(!test("HasHeaderKey", &[("name", "h")], &a_and_b()));
    assert!(test("RecordIsTombstone", &[], &record(Datum::NULL)));
    assert!(!test("RecordIsTombstone", &[], &a_and_b()));
    assert!(test("TopicNameMatches", &[("pattern", "x|t")], &a_and_b()));
    let mut longer = a_and_b();
    longer.topic = "tt".into();
    assert!(!test("TopicNameMatches", &[("pattern", "x|t")], &longer));
    let raw = RawConfig::new().with("pattern", "(");
    assert!(registry().build_predicate(&format!("{PACKAGE}.predicates.TopicNameMatches"), &raw).is_err());
}

#[test]
fn cast() {
    let date = Schema::logical_builder(Logical::Date).optional().build();
    let with_default = Schema::builder(Kind::Int32).doc("d").default_value(Value::Int32(300)).build();
    let input = record(structure([
        ("d", date.clone(), Value::Date(8037)),
        ("n", with_default, Value::Int32(1)),
        ("x", Schema::required(Kind::Float64), Value::Float64(1e10)),
        ("same", date.clone(), Value::Null),
    ]));
    let value = changed("Cast$Value", &[("spec", "d:string, n:int8,x:string")], input).value;
    let narrowed = Schema::builder(Kind::Int8).default_value(Value::Int8(44)).build();
    let expected = structure([
        ("d", Schema::optional(Kind::String), Value::string("1992-01-03")),
        ("n", narrowed, Value::Int8(1)),
        ("x", Schema::required(Kind::String), Value::string("1.0E10")),
        ("same", date, Value::Null),
    ]);
    assert_eq!(value, expected);
    let value = changed("Cast$Value", &[("spec", "a:int64,z:int8")], schemaless([("a", Value::string("5"))]))
        .value
        .value;
    assert_eq!(value, map([("a", Value::Int64(5)), ("z", Value::Null)]));
    let whole =
        record(Datum::new(Schema::builder(Kind::Int32).name("n").optional().build(), Value::Int32(5)));
    let value = changed("Cast$Value", &[("spec", "string")], whole).value;
    assert_eq!(
        value,
        Datum::new(Schema::builder(Kind::String).name("n").optional().build(), Value::string("5"))
    );
    assert!(message(run("Cast$Value", &[("spec", "b:int8")], a_and_b())).contains("out of range"));
    for (spec, why) in [
        ("a:bytes", "does not support casting to BYTES"),
        ("a:b", "Invalid type found in casting spec: b"),
        ("a:int8:c", "Invalid rename mapping"),
        ("int8,a:int8", "may only specify"),
    ] {
        assert!(refused("Cast$Value", &[("spec", spec)]).contains(why), "{spec}");
    }
}

#[test]
fn hoist_field() {
    let (int, one) = int(1);
    let value =
        changed("HoistField$Value", &[("field", "f")], record(Datum::new(int.clone(), one.clone()))).value;
    assert_eq!(value, structure([("f", int, one)]));
    let value = changed("HoistField$Value", &[("field", "f")], record(Datum::NULL)).value;
    assert_eq!(value, Datum::schemaless(map([("f", Value::Null)])));
}

#[test]
fn headers() {
    let with = changed("InsertHeader", &[("header", "h"), ("value.literal", "12")], a_and_b());
    assert_eq!(
        with.headers,
        [Header { key: "h".into(), value: Datum::new(Schema::required(Kind::Int8), Value::Int8(12)) }]
    );
    assert_eq!(changed("DropHeaders", &[("headers", "g,h")], with), a_and_b());
    assert!(refused("DropHeaders", &[]).contains("headers"));
}

#[test]
fn set_schema_metadata() {
    let value =
        changed("SetSchemaMetadata$Value", &[("schema.name", "n"), ("schema.version", "2")], a_and_b()).value;
    let schema = value.schema.unwrap();
    assert_eq!((schema.name(), schema.version()), (Some("n"), Some(2)));
    assert!(Arc::ptr_eq(value.value.as_struct().unwrap().schema(), &schema));
    assert_eq!(changed("SetSchemaMetadata$Key", &[("schema.name", "n")], a_and_b()), a_and_b());
    let plain = run("SetSchemaMetadata$Value", &[("schema.name", "n")], schemaless([]));
    assert_eq!(message(plain), "Schema required for [updating schema metadata]");
    // A row that is not of its record's schema, which only a faulty connector makes.
    let mut odd = a_and_b();
    odd.value.schema = Some(Schema::structure([("a", Schema::required(Kind::Int8))]).unwrap());
    assert!(
        message(run("SetSchemaMetadata$Value", &[("schema.name", "n")], odd))
            .contains("not of the record's schema")
    );
    assert!(refused("SetSchemaMetadata$Value", &[]).contains("Neither schema name nor version configured"));
}

#[test]
fn header_from() {
    let config = |operation| [("fields", "b,a"), ("headers", "h,g"), ("operation", operation)];
    let moved = changed("HeaderFrom$Value", &config("move"), a_and_b());
    let (int, one) = int(1);
    let expected = [
        Header { key: "h".into(), value: Datum::new(Schema::optional(Kind::String), Value::string("x")) },
        Header { key: "g".into(), value: Datum::new(int, one) },
    ];
    assert_eq!(moved.headers, expected);
    assert_eq!(moved.value, structure([]));
    let copied = changed("HeaderFrom$Value", &config("copy"), a_and_b());
    assert_eq!((copied.headers, copied.value), (expected.to_vec(), a_and_b().value));
    let moved = changed(
        "HeaderFrom$Value",
        &config("move"),
        schemaless([("a", Value::Int64(1)), ("c", Value::Null)]),
    );
    assert_eq!(moved.value.value, map([("c", Value::Null)]));
    assert_eq!(moved.headers[0].value, Datum::NULL);
    assert_eq!(moved.headers[1].value, Datum::schemaless(Value::Int64(1)));
    let unknown = [("fields", "z"), ("headers", "h"), ("operation", "copy")];
    assert_eq!(message(run("HeaderFrom$Value", &unknown, a_and_b())), "Unknown field: z");
    assert!(
        message(run("HeaderFrom$Value", &config("copy"), record(Datum::NULL)))
            .starts_with("Only Map objects")
    );
    let uneven = [("fields", "a,b"), ("headers", "h"), ("operation", "copy")];
    assert!(refused("HeaderFrom$Value", &uneven).contains("same number of elements"));
}

#[test]
fn flatten() {
    let with_default = Schema::builder(Kind::Int8).default_value(Value::Int8(7)).build();
    let inner = Schema::structure([("x", Schema::required(Kind::Int8)), ("y", with_default)]).unwrap();
    let inner = inner.to_builder().optional().build();
    let list = Schema::required(Kind::Array(Schema::required(Kind::Int8)));
    let input = |value| {
        let (int, one) = int(1);
        record(structure([
            ("a", int, one),
            ("in", inner.clone(), value),
            ("l", list.clone(), Value::Array(vec![])),
        ]))
    };
    let expected = |x, y| {
        let (int, one) = int(1);
        let y_schema = Schema::builder(Kind::Int8).optional().default_value(Value::Int8(7)).build();
        structure([
            ("a", int, one),
            ("in_x", Schema::optional(Kind::Int8), x),
            ("in_y", y_schema, y),
            ("l", list.clone(), Value::Array(vec![])),
        ])
    };
    let row = Struct::new(inner.clone(), vec![Value::Int8(1), Value::Int8(2)]).unwrap();
    let value = changed("Flatten$Value", &[("delimiter", "_")], input(Value::Struct(row))).value;
    assert_eq!(value, expected(Value::Int8(1), Value::Int8(2)));
    let value = changed("Flatten$Value", &[("delimiter", "_")], input(Value::Null)).value;
    assert_eq!(value, expected(Value::Null, Value::Null));
    let nested = schemaless([
        ("a", map([("b", map([("c", Value::Int8(1))])), ("d", Value::Null)])),
        ("e", Value::Int8(2)),
    ]);
    let value = changed("Flatten$Value", &[], nested).value.value;
    assert_eq!(value, map([("a.b.c", Value::Int8(1)), ("a.d", Value::Null), ("e", Value::Int8(2))]));
    let maps = Schema::required(Kind::Map(Schema::required(Kind::String), Schema::required(Kind::Int8)));
    let with_map = record(structure([("m", maps, map([]))]));
    assert!(message(run("Flatten$Value", &[], with_map)).contains("does not support MAP"));
    assert_eq!(changed("Flatten$Value", &[], record(Datum::NULL)), record(Datum::NULL));
}

#[test]
fn mask_field() {
    let money = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let price = Value::Decimal(api::data::Decimal::from_i64(1999, 2));
    let input = || {
        record(structure([
            ("s", Schema::optional(Kind::String), Value::string("secret")),
            ("m", money.clone(), price.clone()),
            ("n", Schema::optional(Kind::Int8), Value::Null),
        ]))
    };
    let values = |config: &[(&str, &str)]| {
        let value = changed("MaskField$Value", config, input()).value;
        assert_eq!(value.schema, input().value.schema);
        assert_eq!(api::data::validate(value.schema.as_ref().unwrap(), &value.value), Ok(()));
        value.value.as_struct().unwrap().values().to_vec()
    };
    let zero = Value::Decimal(api::data::Decimal::from_i64(0, 2));
    assert_eq!(values(&[("fields", "s,m,n")]), [Value::string(""), zero, Value::Null]);
    let nine = Value::Decimal(api::data::Decimal::from_i64(900, 2));
    assert_eq!(values(&[("fields", "s,m"), ("replacement", "9")]), [Value::string("9"), nine, Value::Null]);
    let value =
        changed("MaskField$Value", &[("fields", "a,z")], schemaless([("a", Value::Int64(5))])).value.value;
    assert_eq!(value, map([("a", Value::Int64(0)), ("z", Value::Null)]));
    let flag = schemaless([("a", Value::Boolean(true))]);
    let error = message(run("MaskField$Value", &[("fields", "a"), ("replacement", "x")], flag));
    assert_eq!(error, "Cannot mask value of type class java.lang.Boolean with custom replacement.");
    let error = message(run("MaskField$Value", &[("fields", "a"), ("replacement", "x")], a_and_b()));
    assert_eq!(error, "Unable to convert x (class java.lang.String) to a number");
    assert!(
        message(run("MaskField$Value", &[("fields", "a")], record(Datum::NULL)))
            .starts_with("Only Map objects")
    );
}

#[test]
fn timestamp_router() {
    assert_eq!(&*changed("TimestampRouter", &[], a_and_b()).topic, "t-19700101");
    let config = [("topic.format", "${timestamp}.${topic}"), ("timestamp.format", "yyyy-MM-dd'T'HH")];
    assert_eq!(&*changed("TimestampRouter", &config, a_and_b()).topic, "1970-01-01T00.t");
    let without = Record { timestamp: None, ..a_and_b() };
    assert_eq!(message(run("TimestampRouter", &[], without)), "Timestamp missing on record");
    assert!(
        refused("TimestampRouter", &[("timestamp.format", "bb")]).contains("Illegal pattern character 'b'")
    );
}

#[test]
fn topics_match_as_java_matches_them() {
    let topic = |topic: &str| Record { topic: topic.into(), ..schemaless([]) };
    for (regex, from, to) in [
        (r"\Qdb.a\E\.(\d+)", "db.a.12", "x-12"),
        (r"\Qdb.a\E\.(\d+)", "db.a.١", "db.a.١"),
        (r"(\w+)", "ä", "ä"),
        (r"(\x{e9}+)", "éé", "x-éé"),
    ] {
        let config = [("regex", regex), ("replacement", "x-$1")];
        assert_eq!(&*changed("RegexRouter", &config, topic(from)).topic, to, "{regex}");
        let raw: RawConfig = [("pattern", regex)].into_iter().collect();
        let matches = &format!("{PACKAGE}.predicates.TopicNameMatches");
        let mut matches = registry().build_predicate(matches, &raw).unwrap();
        assert_eq!(matches.test(&topic(from)).unwrap(), from != to, "{regex}");
    }
    // With another meaning than Java's they would route to the wrong topic.
    for regex in ["(.*+)a", "(a?+)b", "(?>a)b"] {
        let why = refused("RegexRouter", &[("regex", regex), ("replacement", "$1")]);
        assert!(why.contains("Invalid regex") || why.contains("possessive") || why.contains("flag"), "{why}");
        let raw: RawConfig = [("pattern", regex)].into_iter().collect();
        let matches = format!("{PACKAGE}.predicates.TopicNameMatches");
        assert!(registry().build_predicate(&matches, &raw).is_err(), "{regex}");
    }
}

#[test]
fn of_a_field_that_is_cast_twice_the_last_type_counts() {
    let config = [("spec", "a:int8,a:int32")];
    let without = changed("Cast$Value", &config, schemaless([("a", Value::Int64(300))]));
    assert_eq!(without.value, Datum::schemaless(map([("a", Value::Int32(300))])));
    let row = structure([("a", Schema::required(Kind::Int64), Value::Int64(300))]);
    let with = changed("Cast$Value", &config, record(row));
    assert_eq!(with.value.value.as_struct().unwrap().get("a"), Some(&Value::Int32(300)));
}

#[test]
fn a_row_is_converted_by_its_own_schema() {
    let (time, text) = (Schema::logical_builder(Logical::Timestamp).build(), Schema::required(Kind::String));
    let row = structure([("b", text.clone(), Value::string("x")), ("a", time.clone(), Value::Timestamp(5))]);
    let other = structure([("a", time, Value::Timestamp(7))]);
    let config = [("field", "a"), ("target.type", "unix")];
    let record = record(Datum { schema: other.schema, value: row.value });
    let value = changed("TimestampConverter$Value", &config, record).value;
    let row = value.value.as_struct().unwrap();
    assert_eq!(value.schema.as_ref(), Some(row.schema()));
    assert_eq!(row.values(), [Value::string("x"), Value::Int64(5)]);
}
