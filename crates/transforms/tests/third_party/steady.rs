//! What stays the same from record to record: schemas that are found from texts, and warnings.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::config::RawConfig;
use api::data::{Datum, Kind, Logical, Record, Schema, SchemaRef, Struct, Value};
use api::dynamic::DynTransform;
use api::{Origin, Registry};
use tracing::span;

fn transform(class: &str, config: &[(&str, &str)]) -> Box<dyn DynTransform> {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    let raw: RawConfig = config.iter().copied().collect();
    registry.build_transform(class, &raw).unwrap()
}

fn record(value: Datum) -> Record {
    Record {
        topic: "t".into(),
        partition: None,
        key: Datum::NULL,
        value,
        timestamp: Some(7),
        headers: Vec::new(),
    }
}

fn row(fields: &[(&str, SchemaRef, Value)], name: &str) -> Datum {
    let schema = Schema::structure(fields.iter().map(|(name, schema, _)| (*name, schema.clone()))).unwrap();
    let schema = schema.to_builder().name(name).build();
    let values = fields.iter().map(|(.., value)| value.clone()).collect();
    Datum::new(schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
}

fn change(operation: &str, after: &[(&str, SchemaRef, Value)]) -> Record {
    let after = row(after, "db.t.Value");
    let text = Schema::required(Kind::String);
    record(row(
        &[
            ("op", text, Value::string(operation)),
            ("after", after.schema.unwrap(), after.value),
            ("ts_ms", Schema::required(Kind::Int64), Value::Int64(1)),
        ],
        "db.t.Envelope",
    ))
}

fn outbox(operation: &str, payload: &str) -> Record {
    let text = || Schema::required(Kind::String);
    let column = |name, value: &str| (name, text(), Value::string(value));
    change(
        operation,
        &[
            column("id", "1"),
            column("aggregateid", "k"),
            column("aggregatetype", "order"),
            column("payload", payload),
        ],
    )
}

const EXPAND_JSON: &str = "com.redhat.insights.expandjsonsmt.ExpandJSON$Value";
const EVENT_ROUTER: &str = "io.debezium.transforms.outbox.EventRouter";

fn texts(json: &str) -> Record {
    let schema =
        Schema::structure([("a", Schema::required(Kind::String)), ("b", Schema::required(Kind::String))]);
    let values = vec![Value::string(json), Value::string("[1]")];
    let schema = schema.unwrap();
    record(Datum::new(schema.clone(), Value::Struct(Struct::new(schema, values).unwrap())))
}

#[test]
fn equal_schemas_found_from_texts_are_one() {
    let mut expand = transform(EXPAND_JSON, &[("sourceFields", "a,b")]);
    let mut router = transform(EVENT_ROUTER, &[("table.expand.json.payload", "true")]);
    let mut found = |json: &str| {
        let [expanded, routed] =
            [(&mut expand, texts(json)), (&mut router, outbox("c", json))].map(|(transform, record)| {
                let record = transform.apply(record, &Origin::Sink { offset: 0 }).unwrap().unwrap();
                let schema = record.value.schema.unwrap();
                let Value::Struct(row) = &record.value.value else { panic!("a row") };
                assert!(Arc::ptr_eq(&schema, row.schema()));
                for (field, value) in schema.fields().unwrap().iter().zip(row.values()) {
                    if let Value::Struct(inner) = value {
                        assert!(Arc::ptr_eq(&field.schema, inner.schema()), "{}", field.name);
                    }
                }
                schema
            });
        (expanded, routed)
    };
    let (expanded, routed) = found(r#"{"n":1,"t":"x"}"#);
    let (others, _) = found(r#"{"n":1.5}"#);
    assert_ne!(others, expanded);
    let (again, routed_again) = found(r#"{"n":2,"t":"y"}"#);
    assert!(Arc::ptr_eq(&expanded, &again));
    assert!(Arc::ptr_eq(&routed, &routed_again));
}

/// Counts warnings.
struct Warnings(Arc<AtomicUsize>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        if *event.metadata().level() <= tracing::Level::WARN {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn what_holds_for_every_record_is_told_once() {
    let day = || Schema::logical_builder(Logical::Date).build();
    let days = || change("c", &[("a", day(), Value::Date(1)), ("b", day(), Value::Date(1))]);
    let timezone = "io.debezium.transforms.TimezoneConverter";
    for (class, config, record, expected) in [
        (timezone, ("converted.timezone", "+08:00"), days(), 2),
        (EXPAND_JSON, ("sourceFields", "nowhere,b.nowhere"), texts("{}"), 1),
        (EVENT_ROUTER, ("table.expand.json.payload", "true"), outbox("c", "no JSON"), 1),
        (EVENT_ROUTER, ("table.op.invalid.behavior", "warn"), outbox("u", "{}"), 1),
        (EVENT_ROUTER, ("table.op.invalid.behavior", "error"), outbox("u", "{}"), 1),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        tracing::subscriber::with_default(Warnings(count.clone()), || {
            let mut transform = transform(class, &[config]);
            for _ in 0..10 {
                transform.apply(record.clone(), &Origin::Sink { offset: 0 }).unwrap();
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), expected, "{class} {config:?}");
    }
}
