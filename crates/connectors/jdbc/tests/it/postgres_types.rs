//! Types, on PostgreSQL.

use api::config::RawConfig;
use api::data::{Bytes, Decimal, Kind, Logical, SchemaRef, Value};
use testkit::contexts::Lent;

use crate::support::{Database, failure, field, read, task};

fn field_schema(schema: &SchemaRef, name: &str) -> SchemaRef {
    let fields = schema.fields().unwrap();
    fields[fields.position(name).unwrap_or_else(|| panic!("no field {name}"))].schema.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_has_its_schema_and_value() {
    let database = Database::new(
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN positive AS int CHECK (value > 0);
         CREATE TABLE t (
            a bool, b bit(1), c bit(6), d bit(12), e int2, f int4 NOT NULL, g int8, h oid, i float4, j float8, k money,
            l numeric(10,2), m numeric, n text, o varchar(9), p char(4), q name, r json, s jsonb, u uuid, v xml, w mood,
            x bytea, y date, z time, aa timetz, ab timestamp, ac timestamptz, ad \"char\", ae positive,
            left_1 int[], left_2 interval, left_3 inet, left_4 point, left_5 int4range, left_6 tsvector);
         INSERT INTO t VALUES (
            true, B'1', B'101010', B'111100001111', -2, -4, -8, 4000000000, 1.5, -2.5, '12.34',
            -12345.6, 0.001, 'höhe', 'v', 'c', 'n', '{\"a\" : 1}', '{\"a\" : 1}', '00112233-4455-6677-8899-aabbccddeeff',
            '<x/>', 'sad', '\\x00ff', '2024-02-29', '10:11:12.345678', '10:00:00+02',
            '2024-02-29 10:11:12.345678', '2024-02-29 10:11:12.345678+02', 'y', 7, '{1}', '1 day', '::1', '(1,2)', '[1,2)', 'x');
         INSERT INTO t (f) VALUES (0);",
    )
    .await;
    let config = database.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 2).await;
    let schema = records[0].record.value.schema.clone().unwrap();
    let expected = [
        ("a", Kind::Boolean, Value::Boolean(true)),
        ("b", Kind::Boolean, Value::Boolean(true)),
        ("c", Kind::Int8, Value::Int8(0b101010)),
        ("d", Kind::Bytes, Value::Bytes(Bytes::from_static(&[0b11110000, 0b11110000]))),
        ("e", Kind::Int16, Value::Int16(-2)),
        ("f", Kind::Int32, Value::Int32(-4)),
        ("g", Kind::Int64, Value::Int64(-8)),
        ("h", Kind::Int64, Value::Int64(4_000_000_000)),
        ("i", Kind::Float32, Value::Float32(1.5)),
        ("j", Kind::Float64, Value::Float64(-2.5)),
        ("k", Kind::Float64, Value::Float64(12.34)),
        ("l", Kind::Bytes, Value::Decimal(Decimal::from_i64(-1_234_560, 2))),
        ("m", Kind::Bytes, Value::Decimal("0.001".parse::<Decimal>().unwrap().with_scale(127).unwrap())),
        ("n", Kind::String, Value::string("höhe")),
        ("o", Kind::String, Value::string("v")),
        ("p", Kind::String, Value::string("c   ")),
        ("q", Kind::String, Value::string("n")),
        ("r", Kind::String, Value::string("{\"a\" : 1}")),
        ("s", Kind::String, Value::string("{\"a\": 1}")),
        ("u", Kind::String, Value::string("00112233-4455-6677-8899-aabbccddeeff")),
        ("v", Kind::String, Value::string("<x/>")),
        ("w", Kind::String, Value::string("sad")),
        ("x", Kind::Bytes, Value::Bytes(Bytes::from_static(&[0, 255]))),
        ("y", Kind::Int32, Value::Date(19_782)),
        ("z", Kind::Int32, Value::Time(36_672_345)),
        ("aa", Kind::Int32, Value::Time(8 * 3_600_000)),
        ("ab", Kind::Int64, Value::Timestamp(1_709_201_472_345)),
        ("ac", Kind::Int64, Value::Timestamp(1_709_201_472_345 - 2 * 3_600_000)),
        ("ad", Kind::String, Value::string("y")),
        ("ae", Kind::Int32, Value::Int32(7)),
    ];
    for (name, kind, value) in &expected {
        let found = field_schema(&schema, name);
        assert_eq!((found.kind(), field(&records[0], name)), (kind, value), "{name}");
        assert_eq!(found.is_optional(), *name != "f", "{name}");
        assert_eq!(field(&records[1], name).is_null(), *name != "f", "{name}");
    }
    assert_eq!(schema.fields().unwrap().len(), expected.len(), "arrays, intervals and the like are left out");
    assert_eq!(field_schema(&schema, "l").logical(), Some(Logical::Decimal { scale: 2 }));
    assert_eq!(
        field_schema(&schema, "l").parameters().get("connect.decimal.precision").map(|p| &**p),
        Some("10")
    );
    assert_eq!(field_schema(&schema, "y").logical(), Some(Logical::Date));
    assert_eq!(field_schema(&schema, "z").logical(), Some(Logical::Time));
    assert_eq!(field_schema(&schema, "ac").logical(), Some(Logical::Timestamp));
    for record in &records {
        api::data::validate(&schema, &record.record.value.value).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numeric_mappings() {
    let database = Database::new(
        "CREATE TABLE t (a numeric(2,0), b numeric(4,0), c numeric(9,0), d numeric(18,0), e numeric(19,0),
                         f numeric(10,2), g numeric(30,2), h numeric(5,-2), i numeric);
         INSERT INTO t VALUES (99, -9999, 999999999, -999999999999999999, 9999999999999999999,
                         900.37, 123456789012345678901234567.89, 1234500, 5);",
    )
    .await;
    let decimal =
        |text: &str, scale| Value::Decimal(text.parse::<Decimal>().unwrap().with_scale(scale).unwrap());
    let integers = [
        Value::Int8(99),
        Value::Int16(-9999),
        Value::Int32(999_999_999),
        Value::Int64(-999_999_999_999_999_999),
    ];
    let decimals =
        [decimal("99", 0), decimal("-9999", 0), decimal("999999999", 0), decimal("-999999999999999999", 0)];
    let e = decimal("9999999999999999999", 0);
    let (f, g) = (decimal("900.37", 2), decimal("123456789012345678901234567.89", 2));
    let (h, i) = (decimal("1234500", -2), decimal("5", 127));
    let (f_float, g_float) = (Value::Float64(900.37), Value::Float64(123456789012345678901234567.89));
    for (entries, first, f, g, h) in [
        (&[][..], &decimals, &f, &g, &h),
        (&[("numeric.mapping", "none")], &decimals, &f, &g, &h),
        (&[("numeric.precision.mapping", "true")], &integers, &f, &g, &h),
        (&[("numeric.mapping", "precision_only")], &integers, &f, &g, &h),
        (&[("numeric.mapping", "BEST_FIT")], &integers, &f_float, &g, &Value::Int32(1_234_500)),
        (
            &[("numeric.mapping", "best_fit_eager_double")],
            &integers,
            &f_float,
            &g_float,
            &Value::Int32(1_234_500),
        ),
    ] {
        let mut config = database.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        let record = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await.remove(0);
        let row = record.record.value.value.as_struct().unwrap();
        let expected: Vec<Value> = first.iter().chain([&e, f, g, h, &i]).cloned().collect();
        assert_eq!(row.values(), expected, "{entries:?}");
        api::data::validate(row.schema(), &record.record.value.value).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn granularity_zone_and_calendar() {
    let database = Database::new(
        "CREATE TABLE t (at timestamp NOT NULL, day date, clock time);
         INSERT INTO t VALUES ('2024-02-29 10:11:12.345678', '1500-01-01', '22:00');",
    )
    .await;
    let read_one = async |entries: &[(&str, &str)]| {
        let mut config: RawConfig = database.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
        for (key, value) in entries {
            config.set(*key, *value);
        }
        let record = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await.remove(0);
        let schema = record.record.value.schema.clone().unwrap();
        api::data::validate(&schema, &record.record.value.value).unwrap();
        (field(&record, "at").clone(), field(&record, "day").clone(), field(&record, "clock").clone())
    };
    for (granularity, value) in [
        ("micros_long", Value::Int64(1_709_201_472_345_678)),
        ("nanos_string", Value::string("1709201472345678000")),
        ("micros_iso_datetime_string", Value::string("2024-02-29T10:11:12.345678")),
    ] {
        assert_eq!(read_one(&[("timestamp.granularity", granularity)]).await.0, value);
    }
    let (at, day, clock) = read_one(&[("db.timezone", "America/New_York")]).await;
    assert_eq!((at, clock), (Value::Timestamp(1_709_219_472_345), Value::Time(3 * 3_600_000)));
    // Java's default reads old dates as Julian; the database counts Gregorian.
    assert_eq!(day, Value::Date(-171_655));
    assert_eq!(read_one(&[("date.calendar.system", "PROLEPTIC_GREGORIAN")]).await.1, Value::Date(-171_664));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_connect_does_not_have() {
    let database = Database::new(
        "CREATE TABLE t (id int, n numeric(10,2)); INSERT INTO t VALUES (1, 'NaN');
        CREATE TABLE inf (at timestamp, day date); INSERT INTO inf VALUES ('infinity', '-infinity');",
    )
    .await;
    let error =
        failure(&database.config(&[("mode", "bulk"), ("table.whitelist", "t")]), &Lent::default()).await;
    assert!(error.to_string().contains("NaN") && error.to_string().contains("column n"), "{error}");
    assert!(!error.is_retriable());
    let config = database.config(&[("mode", "bulk"), ("table.whitelist", "inf")]);
    let record = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await.remove(0);
    assert_eq!(field(&record, "at"), &Value::Timestamp(9_223_372_036_825_200_000));
    assert_eq!(field(&record, "day"), &Value::Date(i32::MIN));
}
