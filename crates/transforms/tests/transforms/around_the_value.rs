//! Topics, headers, names of schemas, and records that are left out.

use crate::*;

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
