//! Text to schema: references, descriptors, errors, limits.

use base64::Engine;
use prost::Message;
use sluice_protobuf::{ParseError, Schema};

fn references(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn imports_are_references_or_built_in() {
    let text = "syntax = \"proto3\"; import \"a.proto\"; import \"google/type/date.proto\"; \
                import \"confluent/type/decimal.proto\"; \
                message M { a.A a = 1; google.type.Date d = 2; confluent.type.Decimal n = 3; message N { message O {} } }";
    let a = "syntax = \"proto3\"; package a; import public \"b.proto\"; message A { B b = 1; }";
    let b = "syntax = \"proto3\"; package a; message B {}";
    // in any order
    for list in [[("a.proto", a), ("b.proto", b)], [("b.proto", b), ("a.proto", a)]] {
        let schema = Schema::parse(text, &references(&list)).unwrap();
        assert_eq!(schema.name().as_deref(), Some("M"));
        assert_eq!(schema.message_at(&[0, 0, 0]).unwrap().full_name(), "M.N.O");
        assert_eq!(schema.indexes_of("M.N.O"), Some(vec![0, 0, 0]));
        assert_eq!(schema.indexes_of("a.A"), None);
        assert!(schema.message_at(&[1]).is_none());
        assert!(schema.message_at(&[]).is_none());
    }
    // a diamond
    let text =
        "syntax = \"proto3\"; import \"a.proto\"; import \"b.proto\"; message M { a.A a = 1; a.B b = 2; }";
    Schema::parse(text, &references(&[("a.proto", a), ("b.proto", b)])).unwrap();
    let text =
        "syntax = \"proto3\"; import \"b.proto\"; import \"a.proto\"; message M { a.A a = 1; a.B b = 2; }";
    Schema::parse(text, &references(&[("a.proto", a), ("b.proto", b)])).unwrap();
}

#[test]
fn a_descriptor_in_base64_is_a_schema() {
    let text = "syntax = \"proto3\";\npackage p;\n\noption java_package = \"x\";\n\nmessage M {\n  option deprecated = true;\n\n  \
                map<string, .p.M> m = 1;\n  optional int64 two_words = 2 [deprecated = true];\n\n  oneof o {\n    \
                string s = 3;\n  }\n}\n";
    let schema = Schema::parse(text, &[]).unwrap();
    assert_eq!(schema.canonical(), text);
    let mut file = schema.file().file_descriptor_proto().clone();
    // As a compiler writes it.
    file.message_type[0].field[1].json_name = Some("twoWords".to_owned());
    let base64 = base64::engine::general_purpose::STANDARD.encode(file.encode_to_vec());
    let again = Schema::parse(&base64, &[]).unwrap();
    assert_eq!(again.canonical(), text);
    assert_eq!(again.normalized(), schema.normalized());
}

#[test]
fn errors_say_what_is_wrong() {
    let unknown = Schema::parse("syntax = \"proto3\"; message M { Q q = 1; }", &[]).unwrap_err().to_string();
    assert!(unknown.starts_with("the schema does not compile:") && unknown.contains('Q'), "{unknown}");
    let syntax = Schema::parse("message {", &[]).unwrap_err().to_string();
    assert!(syntax.starts_with("the schema is not a Protobuf file:"), "{syntax}");
    assert!(syntax.ends_with("(line 1, column 9)"), "{syntax}");
    let reference =
        Schema::parse("import \"a\"; message M {}", &references(&[("a", "message {")])).unwrap_err();
    assert!(reference.to_string().starts_with("reference \"a\" is not a Protobuf file:"), "{reference}");
    let import = Schema::parse("import \"etc/passwd\"; message M {}", &[]).unwrap_err();
    assert_eq!(
        import.to_string(),
        "the schema imports \"etc/passwd\", which is none of the schema's references and is not built in"
    );
    let circle = references(&[("a", "import \"b\"; message A {}"), ("b", "import \"a\"; message B {}")]);
    let circle = Schema::parse("import \"a\"; message M {}", &circle).unwrap_err();
    assert!(matches!(circle, ParseError::Circle { .. }), "{circle}");
    let own =
        Schema::parse("import \"a\"; message M {}", &references(&[("a", "import \"a\"; message A {}")]));
    assert!(matches!(own, Err(ParseError::Circle { .. })), "{own:?}");
}

#[test]
fn limits_hold() {
    let deep = format!("{}{}", "message A {".repeat(100), "}".repeat(100));
    assert!(matches!(Schema::parse(&deep, &[]), Err(ParseError::TooDeep { .. })));
    let option = format!("message A {{ option (x) = {}{}; }}", "{ a ".repeat(20_000), "}".repeat(20_000));
    assert!(matches!(Schema::parse(&option, &[]), Err(ParseError::TooDeep { .. })));
    let many: String = (0..=sluice_protobuf::MAX_TYPES).map(|n| format!("message A{n} {{}}")).collect();
    assert_eq!(Schema::parse(&many, &[]).unwrap_err(), ParseError::TooManyTypes);
    let long = format!("// {}", "x".repeat(sluice_protobuf::MAX_BYTES));
    assert!(matches!(Schema::parse(&long, &[]), Err(ParseError::TooLong { .. })));
    let files: Vec<_> = (0..=sluice_protobuf::MAX_FILES).map(|n| (n.to_string(), String::new())).collect();
    assert_eq!(Schema::parse("message A {}", &files).unwrap_err(), ParseError::TooManyFiles);
    // a chain as long as is allowed
    let chain: Vec<_> = (0..sluice_protobuf::MAX_FILES)
        .map(|n| (format!("f{n}"), format!("import \"f{}\"; message A{n} {{}}", n + 1)))
        .collect();
    let import = Schema::parse("import \"f0\"; message A {}", &chain).unwrap_err();
    assert!(matches!(import, ParseError::Import { .. }), "{import}");
}

proptest::proptest! {
    #[test]
    fn bytes_never_panic(text in ".{0,200}") {
        let _ = Schema::parse(&text, &[]);
    }

    #[test]
    fn descriptors_never_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        if let Ok(schema) = Schema::parse(&base64, &[]) {
            let _ = (schema.canonical(), schema.normalized());
        }
    }

    #[test]
    fn changed_files_never_panic(at in 0usize..2000, with in "[ -~]{0,3}", cut in 0usize..5) {
        let text = include_str!("canonical/everything.proto");
        let at = at.min(text.len());
        let mut bytes = text.as_bytes().to_vec();
        bytes.splice(at..(at + cut).min(text.len()), with.bytes());
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(schema) = Schema::parse(&text, &[]) {
            let canonical = schema.canonical();
            let again = Schema::parse(&canonical, &[]);
            proptest::prop_assert!(again.is_ok(), "{canonical}: {again:?}");
            proptest::prop_assert_eq!(again.unwrap().canonical(), canonical);
        }
    }

    #[test]
    fn changed_descriptors_never_panic(at in 0usize..4000, with: u8) {
        let schema = Schema::parse(include_str!("canonical/everything.proto"), &[]).unwrap();
        let mut bytes = schema.file().file_descriptor_proto().encode_to_vec();
        let at = at % bytes.len();
        bytes[at] = with;
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        if let Ok(schema) = Schema::parse(&base64, &[]) {
            let _ = (schema.canonical(), schema.normalized());
        }
    }
}

#[test]
fn options_of_confluent_need_no_import() {
    let file = "syntax = \"proto3\"; message M { int32 a = 1 [(confluent.field_meta) = {doc: \"d\"}]; }";
    let parsed = Schema::parse(file, &[]).unwrap();
    assert!(!parsed.canonical().contains("import"), "{}", parsed.canonical());
    let unknown = "syntax = \"proto3\"; message M { int32 a = 1 [(confluent.nothing) = {doc: \"d\"}]; }";
    assert!(Schema::parse(unknown, &[]).unwrap_err().to_string().contains("confluent.nothing"));
}
