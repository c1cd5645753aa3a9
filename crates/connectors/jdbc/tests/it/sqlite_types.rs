//! Types, on SQLite: pinned from the declaration, whatever the cells hold.

use api::data::{Decimal, Kind, Logical, SchemaType, Value};
use testkit::contexts::Lent;

use crate::support::{SqliteFile, failure, field, read, task};

#[tokio::test]
async fn every_declared_type_has_its_schema() {
    let file = SqliteFile::new(
        "CREATE TABLE t (a INTEGER NOT NULL, b INT, c SMALLINT, d TINYINT, e BIGINT, f REAL, g DOUBLE, h DECIMAL(10,2),
             i NUMERIC(4,0), j BOOLEAN, k DATE, l DATETIME, m TIMESTAMP, n TEXT, o VARCHAR(20), p BLOB, q WHATEVER, r);
         INSERT INTO t VALUES (1, 2, 3, 4, 5, 1.5, 2.5, 12.34, 99, 1, 86400000, '1970-01-03 12:00:00', 1500, 'x', 'y', x'00ff', 'z', 7);
         INSERT INTO t (a) VALUES (2);",
    );
    let config = file.config(&[("mode", "bulk"), ("table.whitelist", "t"), ("numeric.mapping", "best_fit")]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 2).await;
    for (name, value) in [
        ("a", Value::Int64(1)),
        ("b", Value::Int64(2)),
        ("c", Value::Int32(3)),
        ("d", Value::Int16(4)),
        ("e", Value::Int64(5)),
        ("f", Value::Float32(1.5)),
        ("g", Value::Float64(2.5)),
        ("h", Value::Decimal(Decimal::from_i64(1234, 2))),
        ("i", Value::Int16(99)),
        ("j", Value::Boolean(true)),
        ("k", Value::Date(1)),
        ("l", Value::Date(2)),
        ("m", Value::Timestamp(1500)),
        ("n", Value::string("x")),
        ("o", Value::string("y")),
        ("p", Value::Bytes(api::data::Bytes::from_static(&[0, 255]))),
        ("q", Value::string("z")),
        ("r", Value::string("7")),
    ] {
        assert_eq!(field(&records[0], name), &value, "{name}");
        assert_eq!(field(&records[1], name).is_null(), name != "a", "{name}");
    }
    let schema = records[0].record.value.schema.clone().unwrap();
    for record in &records {
        api::data::validate(&schema, &record.record.value.value).unwrap();
    }
    let fields = schema.fields().unwrap();
    assert!(!fields[0].schema.is_optional() && fields[1].schema.is_optional());
    let decimal = &fields[fields.position("h").unwrap()].schema;
    assert_eq!(decimal.logical(), Some(Logical::Decimal { scale: 2 }));
    assert_eq!(
        decimal.parameters().get("connect.decimal.precision").map(|precision| &**precision),
        Some("10")
    );
    assert_eq!(fields[fields.position("f").unwrap()].schema.kind(), &Kind::Float32);
    assert_eq!(fields[fields.position("p").unwrap()].schema.schema_type(), SchemaType::Bytes);
}

#[tokio::test]
async fn a_value_that_does_not_fit_names_its_row() {
    let file = SqliteFile::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, '12'), (7, 'twelve');",
    );
    let config = file.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
    let error = failure(&config, &Lent::default()).await;
    let text = error.to_string();
    assert!(text.contains("text that is not an integer"), "{text}");
    assert!(text.contains("table t") && text.contains("column n") && text.contains("rowid 7"), "{text}");
    assert!(!error.is_retriable());
}

#[tokio::test]
async fn text_timestamps_do_not_vanish() {
    let file = SqliteFile::new(
        "CREATE TABLE t (id INTEGER NOT NULL, at TIMESTAMP NOT NULL); INSERT INTO t VALUES (1, '2024-01-01 00:00:00');",
    );
    for mode in ["timestamp", "timestamp+incrementing"] {
        let config = file.config(&[
            ("mode", mode),
            ("timestamp.column.name", "at"),
            ("incrementing.column.name", "id"),
            ("table.whitelist", "t"),
        ]);
        let error = failure(&config, &Lent::default()).await;
        assert!(
            error.to_string().contains("holds text") && error.to_string().contains("column at"),
            "{error}"
        );
    }
    // As the hint says, a query can read them.
    let query =
        "SELECT id, at FROM (SELECT id, CAST(unixepoch(at, 'subsec') * 1000 AS INTEGER) AS at FROM t)";
    let config = file.config(&[("mode", "timestamp"), ("timestamp.column.name", "at"), ("query", query)]);
    let records = read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await;
    assert_eq!(field(&records[0], "at"), &Value::Timestamp(1_704_067_200_000));
}

#[tokio::test]
async fn a_missing_or_unsuitable_column_is_said() {
    let file =
        SqliteFile::new("CREATE TABLE t (id INTEGER, n INTEGER NOT NULL); INSERT INTO t VALUES (NULL, 1);");
    for (column, text) in [("nr", "there is no column nr"), ("id", "the incrementing column id may be null")]
    {
        let config = file.config(&[
            ("mode", "incrementing"),
            ("incrementing.column.name", column),
            ("table.whitelist", "t"),
        ]);
        let error = failure(&config, &Lent::default()).await.to_string();
        assert!(error.contains(text) && error.contains("table t"), "{error}");
    }
    let query = "SELECT n FROM t";
    let config =
        file.config(&[("mode", "incrementing"), ("incrementing.column.name", "nr"), ("query", query)]);
    let error = failure(&config, &Lent::default()).await.to_string();
    assert!(error.contains("nr"), "{error}");
    // A text id compares greater than all numbers: it is read, and refused.
    file.run("INSERT INTO t VALUES ('x', 2)");
    let config = file.config(&[
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("table.whitelist", "t"),
        ("validate.non.null", "false"),
    ]);
    let error = failure(&config, &Lent::default()).await.to_string();
    assert!(error.contains("text that is not an integer") && error.contains("column id"), "{error}");
}
