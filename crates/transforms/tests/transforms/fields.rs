//! Transforms of fields.

use crate::*;

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
fn hoist_field() {
    let (int, one) = int(1);
    let value =
        changed("HoistField$Value", &[("field", "f")], record(Datum::new(int.clone(), one.clone()))).value;
    assert_eq!(value, structure([("f", int, one)]));
    let value = changed("HoistField$Value", &[("field", "f")], record(Datum::NULL)).value;
    assert_eq!(value, Datum::schemaless(map([("f", Value::Null)])));
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
