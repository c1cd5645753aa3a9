//! A row with a field of each type, and a file with a field of each type.

use crate::*;

pub const MANY: &str = "syntax = \"proto3\"; package p; import \"google/protobuf/wrappers.proto\"; \
    import \"google/protobuf/timestamp.proto\"; import \"confluent/type/decimal.proto\"; import \"confluent/meta.proto\"; \
    message M { int32 a = 1; uint32 b = 2; uint64 c = 3; sint32 d = 4; optional string g = 7; E h = 8; repeated E i = 9; \
    oneof o { int32 j = 10; N k = 11; } N l = 12; repeated N m = 13; map<string,int32> n = 14; map<int32,N> q = 15; \
    google.protobuf.Int32Value r = 16; google.protobuf.Timestamp s = 17; \
    confluent.type.Decimal w = 21 [(confluent.field_meta) = {params: [{key: \"scale\", value: \"3\"}]}]; \
    message N { string s = 1; } enum E { ZERO = 0; ONE = 1; } }";

fn inner() -> SchemaRef {
    let plain = Schema::structure([("z", Schema::required(Kind::Int32))]).unwrap();
    plain.to_builder().name("x.y.Inner").build()
}

pub fn everything() -> (SchemaRef, Value) {
    let logical = |logical| Schema::logical_builder(logical).build();
    let decimal = logical(Logical::Decimal { scale: 2 });
    let timestamp = logical(Logical::Timestamp);
    let string = Schema::required(Kind::String);
    let unnamed = Schema::structure([("q", string.clone())]).unwrap();
    let fields: Vec<(&str, SchemaRef)> = vec![
        ("i8", Schema::required(Kind::Int8)),
        ("i16", Schema::required(Kind::Int16)),
        ("i32", Schema::required(Kind::Int32)),
        ("i64", Schema::required(Kind::Int64)),
        ("f32", Schema::required(Kind::Float32)),
        ("f64", Schema::required(Kind::Float64)),
        ("bo", Schema::required(Kind::Boolean)),
        ("st", string.clone()),
        ("by", Schema::required(Kind::Bytes)),
        ("oi8", Schema::optional(Kind::Int8)),
        ("oi32", Schema::optional(Kind::Int32)),
        ("ost", Schema::optional(Kind::String)),
        ("oby", Schema::optional(Kind::Bytes)),
        ("obo", Schema::optional(Kind::Boolean)),
        ("of64", Schema::optional(Kind::Float64)),
        ("de", decimal.clone()),
        ("da", logical(Logical::Date)),
        ("ti", logical(Logical::Time)),
        ("ts", timestamp.clone()),
        ("ode", optional(&decimal)),
        ("ots", optional(&timestamp)),
        ("ar", Schema::required(Kind::Array(Schema::required(Kind::Int32)))),
        ("oar", Schema::optional(Kind::Array(Schema::optional(Kind::String)))),
        ("ma", Schema::required(Kind::Map(string.clone(), Schema::required(Kind::Int64)))),
        ("mi", Schema::required(Kind::Map(Schema::required(Kind::Int32), inner()))),
        ("in", inner()),
        ("oin", optional(&unnamed)),
        ("ain", Schema::required(Kind::Array(inner()))),
        ("df", Schema::builder(Kind::Int32).default_value(Value::Int32(7)).build()),
        ("odf", Schema::builder(Kind::String).optional().default_value(Value::string("d")).build()),
    ];
    let schema = Schema::structure(fields).unwrap().to_builder().name("com.acme.Row").build();
    let five = || row(&inner(), vec![Value::Int32(5)]);
    let map = |key, value| Value::Map(Map::from_distinct(vec![(key, value)]));
    let null = || Value::Null;
    let value = row(
        &schema,
        vec![
            Value::Int8(-1),
            Value::Int16(2),
            Value::Int32(-3),
            Value::Int64(4),
            Value::Float32(1.5),
            Value::Float64(-0.0),
            Value::Boolean(true),
            Value::string("é"),
            Value::Bytes(Bytes::from_static(&[1, 2])),
            null(),
            null(),
            null(),
            null(),
            null(),
            null(),
            Value::Decimal(Decimal::from_i64(1234, 2)),
            Value::Date(20_000),
            Value::Time(3_723_004),
            Value::Timestamp(-1),
            null(),
            null(),
            Value::Array(vec![Value::Int32(1), Value::Int32(0), Value::Int32(300)]),
            Value::Array(vec![Value::string("a"), Value::string("")]),
            map(Value::string("k"), Value::Int64(9)),
            map(Value::Int32(3), five()),
            five(),
            null(),
            Value::Array(vec![five(), row(&inner(), vec![Value::Int32(0)])]),
            Value::Int32(7),
            null(),
        ],
    );
    (schema, value)
}
