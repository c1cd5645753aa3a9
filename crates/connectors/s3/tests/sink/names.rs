//! Exact names and bytes.

use std::io::Read;

use api::data::{Bytes, Datum, Header, Kind, Schema, Struct, Value};

use crate::support::{Task, World, at, lines, name, records, with_value};

const PARTITIONER: &str = "io.confluent.connect.storage.partitioner.";

#[tokio::test]
async fn json_by_count() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    task.accept(&records(0..7)).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(6));
    assert_eq!(world.names(), [name(0), name(3)]);
    assert_eq!(world.text(&name(0)), lines(0..3));
    assert_eq!(world.text(&name(3)), lines(3..6));
}

#[tokio::test]
async fn each_partition_counts_for_itself() {
    let world = World::new().await;
    let mut task = Task::start(world.config()).await;
    let mut mixed = Vec::new();
    for offset in 0..4 {
        for partition in 0..2 {
            let mut record = crate::support::record(offset);
            record.origin_partition = partition;
            mixed.push(record);
        }
    }
    task.accept(&mixed).await;
    task.flush().await;
    assert_eq!(world.names(), [name(0), "topics/orders/partition=1/orders+1+0000000000.json".to_owned()]);
}

#[tokio::test]
async fn gzip_has_its_extension_and_the_same_lines() {
    let world = World::new().await;
    let config = world.config().with("s3.compression.type", "gzip").with("s3.compression.level", "9");
    let mut task = Task::start(config).await;
    task.accept(&records(0..3)).await;
    task.flush().await;
    let objects = world.objects();
    let bytes = &objects[&format!("{}.gz", name(0))];
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, lines(0..3));
}

#[tokio::test]
async fn byte_arrays_with_separator_and_extension() {
    let world = World::new().await;
    let config = world
        .config()
        .with("format.class", "io.confluent.connect.s3.format.bytearray.ByteArrayFormat")
        .with("format.bytearray.extension", ".raw")
        .with("format.bytearray.separator", ";");
    let mut task = Task::start(config).await;
    let value = |text: &'static str| Datum::schemaless(Value::Bytes(Bytes::from_static(text.as_bytes())));
    let batch = [
        with_value(0, value("a")),
        with_value(1, Datum::schemaless(Value::string("not bytes"))),
        with_value(2, value("b")),
        with_value(3, value("")),
    ];
    let outcome = task.put(&batch).await;
    assert_eq!(outcome.rejected.iter().map(|rejected| rejected.index).collect::<Vec<_>>(), [1]);
    task.flush().await;
    assert_eq!(world.text("topics/orders/partition=0/orders+0+0000000000.raw"), "a;b;;");
    assert_eq!(task.committed(), Some(4));
}

#[tokio::test]
async fn fields_make_directories() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}FieldPartitioner"))
        .with("partition.field.name", "country,address.city")
        .with("flush.size", "4")
        .with("topics.dir", "");
    let mut task = Task::start(config).await;
    let address = Schema::builder(Kind::Struct(
        api::data::Fields::new(vec![api::data::Field {
            name: "city".into(),
            schema: Schema::optional(Kind::String),
        }])
        .unwrap(),
    ))
    .optional()
    .build();
    let schema =
        Schema::structure([("country", Schema::required(Kind::Int32)), ("address", address.clone())])
            .unwrap();
    let row = |country: i32, city: Option<&str>| {
        let city = city.map_or(Value::Null, Value::string);
        let address = Value::Struct(Struct::new(address.clone(), vec![city]).unwrap());
        let row = Struct::new(schema.clone(), vec![Value::Int32(country), address]).unwrap();
        Datum::new(schema.clone(), Value::Struct(row))
    };
    let batch = [
        with_value(0, row(49, Some("Köln"))),
        with_value(1, row(1, None)),
        with_value(2, row(49, Some("Köln"))),
        with_value(3, row(49, Some("a//b"))),
        with_value(4, Datum::schemaless(Value::string("no row"))),
        with_value(5, row(1, None)),
    ];
    let outcome = task.put(&batch).await;
    let rejected: Vec<_> = outcome.rejected.iter().map(|rejected| rejected.index).collect();
    assert_eq!(rejected, [3, 4]);
    assert!(outcome.rejected[0].error.to_string().contains("empty directory"));
    task.flush().await;
    assert_eq!(
        world.names(),
        [
            "orders/country=1/address.city=null/orders+0+0000000001.json",
            "orders/country=49/address.city=Köln/orders+0+0000000000.json"
        ]
    );
    let text = world.text("orders/country=49/address.city=Köln/orders+0+0000000000.json");
    let line = "{\"country\":49,\"address\":{\"city\":\"Köln\"}}\n";
    assert_eq!(text, line.repeat(2));
}

#[tokio::test]
async fn hours_in_a_zone_make_directories() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}HourlyPartitioner"))
        .with("locale", "en-US")
        .with("timezone", "Europe/Berlin")
        .with("timestamp.extractor", "Record")
        .with("flush.size", "4");
    let mut task = Task::start(config).await;
    // The clock goes from 02:59 back to 02:00 at 01:00 UTC: both hours are one directory.
    let batch = [
        at(crate::support::record(0), "2026-10-25T00:30:00Z"),
        at(crate::support::record(1), "2026-10-25T01:30:00Z"),
        at(crate::support::record(2), "2026-10-25T02:30:00Z"),
        at(crate::support::record(3), "2026-10-24T22:30:00Z"),
    ];
    task.accept(&batch).await;
    task.flush().await;
    let hour = |hour: &str, offset: i64| {
        format!("topics/orders/year=2026/month=10/day=25/hour={hour}/orders+0+{offset:010}.json")
    };
    assert_eq!(world.names(), [hour("00", 3), hour("02", 0), hour("03", 2)]);
    assert_eq!(world.text(&hour("02", 0)), lines(0..2));
}

#[tokio::test]
async fn a_field_gives_the_time_and_the_schema_its_name() {
    let world = World::new().await;
    let config = world
        .config()
        .with("partitioner.class", format!("{PARTITIONER}TimeBasedPartitioner"))
        .with("partition.duration.ms", "86400000")
        .with("path.format", "'dt'=YYYY-MM-dd/")
        .with("locale", "en")
        .with("timezone", "UTC")
        .with("timestamp.extractor", "RecordField")
        .with("timestamp.field", "at")
        .with("s3.schema.partition.affix.type", "SUFFIX")
        .with("flush.size", "2");
    let mut task = Task::start(config).await;
    let schema = Schema::structure([("at", Schema::optional(Kind::String))]).unwrap().to_builder();
    let schema = schema.name("Order").build();
    let row = |text: &str| {
        let row = Struct::new(schema.clone(), vec![Value::string(text)]).unwrap();
        Datum::new(schema.clone(), Value::Struct(row))
    };
    let batch = [
        with_value(0, row("2026-01-01T23:00:00-02:00")),
        with_value(1, row("yesterday")),
        with_value(2, row("1767225600000")),
    ];
    let outcome = task.put(&batch).await;
    assert_eq!(outcome.rejected.iter().map(|rejected| rejected.index).collect::<Vec<_>>(), [1]);
    task.flush().await;
    assert_eq!(
        world.names(),
        [
            "topics/orders/dt=2026-01-01/schema_name=Order/orders+0+0000000002.json",
            "topics/orders/dt=2026-01-02/schema_name=Order/orders+0+0000000000.json"
        ]
    );
}

#[tokio::test]
async fn keys_headers_and_nulls_have_their_own_objects() {
    let world = World::new().await;
    let json = "io.confluent.connect.s3.format.json.JsonFormat";
    let config = world
        .config()
        .with("store.kafka.keys", "true")
        .with("keys.format.class", json)
        .with("store.kafka.headers", "true")
        .with("headers.format.class", json)
        .with("behavior.on.null.values", "write")
        .with("flush.size", "2");
    let mut task = Task::start(config).await;
    let header = || Header { key: "h".into(), value: Datum::schemaless(Value::string("x")) };
    let mut batch = vec![crate::support::record(0), with_value(1, Datum::NULL), crate::support::record(2)];
    batch[0].record.headers.push(header());
    batch[1].record.headers.push(header());
    let outcome = task.put(&batch).await;
    assert_eq!(outcome.rejected.len(), 1, "a record without headers");
    task.flush().await;
    let directory = "topics/orders/partition=0/orders+0+0000000000";
    let tombstones = "topics/orders/tombstone/orders+0+0000000001";
    assert_eq!(
        world.names(),
        [
            format!("{directory}.headers.json"),
            format!("{directory}.json"),
            format!("{directory}.keys.json"),
            format!("{tombstones}.headers.json"),
            format!("{tombstones}.keys.json"),
        ]
    );
    assert_eq!(world.text(&format!("{directory}.keys.json")), "\"k0\"\n");
    assert_eq!(world.text(&format!("{tombstones}.keys.json")), "\"k1\"\n");
    assert_eq!(
        world.text(&format!("{directory}.headers.json")),
        "{\"headers\":[{\"key\":\"h\",\"value\":\"x\"}]}\n"
    );
}

#[tokio::test]
async fn ignored_nulls_are_reported_and_committed() {
    let world = World::new().await;
    let mut task = Task::start(world.config().with("behavior.on.null.values", "ignore")).await;
    let outcome = task.put(&[with_value(0, Datum::NULL)]).await;
    assert_eq!(outcome.rejected.len(), 1);
    let quiet =
        world.config().with("behavior.on.null.values", "ignore").with("report.null.values.to.dlq", "false");
    let mut task = Task::start(quiet).await;
    task.accept(&[with_value(0, Datum::NULL)]).await;
    task.flush().await;
    assert_eq!(task.committed(), Some(1), "with nothing on its way, what was left out is done");
    assert!(world.names().is_empty());
}
