//! No record makes a transform panic, whatever its shape.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use api::config::{Catalog, PluginKind, RawConfig};
use api::dynamic::DynTransform;
use api::{Origin, Registry};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::records::record;

const DEBEZIUM: &str = "io.debezium.transforms";
const CONFLUENT: &str = "io.confluent.connect.transforms";
const COMMON: &str = "com.github.jcustenborder.kafka.connect.transform.common";
const AIVEN: &str = "io.aiven.kafka.connect.transforms";

/// A config for each class, and more where other keys lead elsewhere.
fn configs() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let mut all: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    let mut add = |package: &str, class: &str, keys: &[(&'static str, &'static str)]| {
        all.push((format!("{package}.{class}"), keys.to_vec()));
    };
    let unwrap = "ExtractNewRecordState";
    add(
        DEBEZIUM,
        unwrap,
        &[("add.fields", "op,source.ts_ms:t,table"), ("add.headers", "op,id"), ("route.by.field", "a")],
    );
    add(
        DEBEZIUM,
        unwrap,
        &[
            ("delete.tombstone.handling.mode", "rewrite"),
            ("add.fields", "op"),
            ("drop.fields.header.name", "a"),
            ("drop.fields.from.key", "true"),
            ("drop.fields.keep.schema.compatible", "false"),
        ],
    );
    add(DEBEZIUM, unwrap, &[("delete.tombstone.handling.mode", "rewrite-with-tombstone")]);
    add(DEBEZIUM, "UnwrapFromEnvelope", &[("operation.header", "true"), ("delete.handling.mode", "rewrite")]);
    add(DEBEZIUM, "ByLogicalTableRouter", &[("topic.regex", "(.*)"), ("topic.replacement", "$1x")]);
    add(
        DEBEZIUM,
        "ToLogicalTopicRouter",
        &[
            ("topic.regex", "(.*)"),
            ("topic.replacement", "$1x"),
            ("schema.name.adjustment.mode", "avro_unicode"),
            ("key.field.regex", "(.*)"),
            ("key.field.replacement", "$1"),
        ],
    );
    add(
        DEBEZIUM,
        "outbox.EventRouter",
        &[
            ("table.expand.json.payload", "true"),
            ("table.field.event.timestamp", "ts_ms"),
            ("table.field.event.schema.version", "b"),
            ("table.fields.additional.placement", "a:header,type:envelope:x,b:partition"),
            ("table.field.additional.missing", "ignore"),
        ],
    );
    add(DEBEZIUM, "outbox.EventRouter", &[]);
    add(
        DEBEZIUM,
        "Filter",
        &[
            ("language", "jsr223.groovy"),
            ("condition", "value.op == 'c' || value?.after?.a in [1, 'x'] && topic.startsWith('a')"),
            ("null.handling.mode", "evaluate"),
        ],
    );
    add(
        DEBEZIUM,
        "ContentBasedRouter",
        &[
            ("language", "jsr223.graal.js"),
            ("topic.expression", "value.a == null ? 'x' + value.b : valueSchema.name"),
        ],
    );
    add(
        DEBEZIUM,
        "HeaderToValue",
        &[("headers", "a,b,op"), ("fields", "x,after.b,source.y"), ("operation", "move")],
    );
    add(
        DEBEZIUM,
        "partitions.PartitionRouting",
        &[("partition.payload.fields", "change.a,source.table,op,after.id"), ("partition.topic.num", "7")],
    );
    add(DEBEZIUM, "TimezoneConverter", &[("converted.timezone", "Europe/Berlin")]);
    add(
        DEBEZIUM,
        "TimezoneConverter",
        &[("converted.timezone", "-18:00"), ("include.list", "topic:a:source.ts_ms,topic:a:b,b:a")],
    );
    add(
        DEBEZIUM,
        "ExtractChangedRecordState",
        &[("header.changed.name", "c"), ("header.unchanged.name", "u")],
    );
    add(DEBEZIUM, "SchemaChangeEventFilter", &[("schema.change.event.exclude.list", "CREATE")]);
    for side in ["Key", "Value"] {
        let class = |name: &str| format!("{name}${side}");
        add(CONFLUENT, &class("Drop"), &[("schema.behavior", "force_optional")]);
        add(CONFLUENT, &class("ExtractTopic"), &[("field", "after.a")]);
        add(CONFLUENT, &class("ExtractTopic"), &[("field", "op")]);
        add(
            CONFLUENT,
            &class("ExtractTopic"),
            &[("field", "$.after['a'][0]"), ("field.format", "JSON_PATH")],
        );
        add(
            CONFLUENT,
            &class("Filter"),
            &[
                ("filter.condition", "$.after[?(@.a > 1 || !(@.b =~ /x.*/i) && @.id in [1, 'x', null])]"),
                ("filter.type", "include"),
            ],
        );
        add(CONFLUENT, &class("Flatten"), &[("behavior.on.nested.map", "INCLUDE")]);
        add(CONFLUENT, &class("GzipDecompress"), &[]);
        add(
            CONFLUENT,
            &class("ReplaceField"),
            &[("exclude", "b,after.a"), ("renames", "after.b:z,a:y,source:s")],
        );
        add(CONFLUENT, &class("ReplaceField"), &[("include", "after.a,source,id")]);
        add(COMMON, &class("BytesToString"), &[("fields", "a,b")]);
        add(COMMON, &class("ChangeCase"), &[("from", "LOWER_UNDERSCORE"), ("to", "UPPER_CAMEL")]);
        add(
            COMMON,
            &class("ExtractNestedField"),
            &[
                ("input.outer.field.name", "after"),
                ("input.inner.field.name", "a"),
                ("output.field.name", "z"),
            ],
        );
        add(COMMON, &class("ExtractTimestamp"), &[("field.name", "ts_ms")]);
        add(
            COMMON,
            &class("HeaderToField"),
            &[(
                "header.mappings",
                "a:STRING,b:INT32(Date):d,id:BYTES(Decimal[scale=3]),op:BOOLEAN:x,table:INT8:y,type:INT64(Timestamp):w,source:FLOAT32:v",
            )],
        );
        add(COMMON, &class("NormalizeSchema"), &[]);
        add(COMMON, &class("PatternFilter"), &[("pattern", "[a-z]*"), ("fields", "a,b")]);
        add(
            COMMON,
            &class("PatternMapString"),
            &[
                ("src.field.name", "a"),
                ("dest.field.name", "z"),
                ("value.pattern", "(.)"),
                ("value.replacement", "$1$1"),
            ],
        );
        add(
            COMMON,
            &class("PatternMapString"),
            &[
                ("src.field.name", "a"),
                ("dest.field.name", "a"),
                ("value.pattern", ""),
                ("value.replacement", "-"),
            ],
        );
        add(COMMON, &class("PatternRename"), &[("field.pattern", "A"), ("field.replacement", "b")]);
        add(COMMON, &class("SchemaNameToTopic"), &[]);
        add(COMMON, &class("SetMaximumPrecision"), &[("precision.max", "10")]);
        add(COMMON, &class("SetNull"), &[]);
        add(COMMON, &class("TimestampNowField"), &[("fields", "a,z")]);
        add(COMMON, &class("ToJSON"), &[("schemas.enable", "true")]);
        add(COMMON, &class("ToJSON"), &[("output.schema.type", "BYTES"), ("decimal.format", "NUMERIC")]);
        add(COMMON, &class("ToLong"), &[("fields", "a,b,id")]);
        add(COMMON, &class("TopicNameToField"), &[("field", "z")]);
        add(AIVEN, &class("CaseTransform"), &[("field.names", "a,b"), ("case", "upper")]);
        add(
            AIVEN,
            &class("ConcatFields"),
            &[("field.names", "a,b,after"), ("output.field.name", "z"), ("delimiter", "-")],
        );
        add(
            AIVEN,
            &class("ExtractTimestamp"),
            &[("field.name", "ts_ms"), ("timestamp.resolution", "seconds")],
        );
        add(AIVEN, &class("ExtractTopic"), &[("field.name", "a"), ("skip.missing.or.null", "true")]);
        add(AIVEN, &class("ExtractTopic"), &[]);
        add(AIVEN, &class("FilterByFieldValue"), &[("field.name", "a"), ("field.value", "1")]);
        add(AIVEN, &class("FilterByFieldValue"), &[("field.value.pattern", "x")]);
        add(AIVEN, &class("Hash"), &[("field.name", "a"), ("function", "sha1")]);
        add(AIVEN, &class("Hash"), &[("function", "md5"), ("skip.missing.or.null", "true")]);
        add("com.github.cjmatta.kafka.connect.smt", &class("InsertUuid"), &[]);
    }
    add(CONFLUENT, "ExtractTopic$Header", &[("field", "a")]);
    add(
        CONFLUENT,
        "MessageTimestampRouter",
        &[
            ("message.timestamp.keys", "ts_ms,a"),
            ("message.timestamp.format", ""),
            ("topic.timestamp.format", "yyyy.MM.dd"),
        ],
    );
    add(
        CONFLUENT,
        "MessageTimestampRouter",
        &[
            ("message.timestamp.keys", "a"),
            ("message.timestamp.format", "yyyy-MM-dd"),
            ("topic.timestamp.format", "yyyy"),
        ],
    );
    add(CONFLUENT, "TombstoneHandler", &[("behavior", "fail")]);
    add(
        "io.confluent.connect.cloud.transforms",
        "TopicRegexRouter",
        &[("regex", "(a|b)*"), ("replacement", "$1a")],
    );
    add(COMMON, "ChangeTopicCase", &[("from", "LOWER_CAMEL"), ("to", "UPPER_UNDERSCORE")]);
    add(COMMON, "LowerCaseTopic", &[]);
    add(COMMON, "TimestampNow", &[]);
    add(AIVEN, "ExtractTopicFromSchemaName$Value", &[("schema.name.regex", "\\.(\\w+)$")]);
    add(AIVEN, "KeyToValue", &[("key.fields", "a,*"), ("value.fields", "b")]);
    add(AIVEN, "MakeTombstone", &[]);
    add(AIVEN, "TombstoneHandler", &[("behavior", "fail")]);
    add("com.clickhouse.kafka.connect.transforms", "KeyToValue", &[]);
    add("com.redhat.insights.expandjsonsmt", "ExpandJSON$Value", &[("sourceFields", "a,after.b,payload")]);
    all
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    registry
}

#[test]
fn every_class_takes_part() {
    let configs = configs();
    let registry = registry();
    let classes = registry.plugins().into_iter().filter(|plugin| plugin.kind == PluginKind::Transformation);
    let without: Vec<_> = classes
        .map(|plugin| plugin.class)
        .filter(|class| !class.starts_with("org.apache.kafka."))
        .filter(|class| !configs.iter().any(|(known, _)| known == class))
        .collect();
    assert_eq!(without, [""; 0]);
}

#[test]
fn any_record_ends_changed_dropped_or_refused() {
    let registry = registry();
    let mut transforms: Vec<(String, Box<dyn DynTransform>)> = Vec::new();
    for (class, keys) in configs() {
        let raw: RawConfig = keys.iter().copied().collect();
        let built = registry.build_transform(&class, &raw);
        transforms.push((class.clone(), built.unwrap_or_else(|error| panic!("{class}: {error}"))));
    }
    // What they remember of one record must not hurt the next, so that they are kept.
    let mut taken: BTreeMap<String, usize> = transforms.iter().map(|(class, _)| (class.clone(), 0)).collect();
    let transforms = RefCell::new(transforms);
    let taken_now = RefCell::new(&mut taken);
    // On a failure the runner prints the seed and the smallest record.
    let mut runner = TestRunner::new(Config { cases: 5000, ..Config::default() });
    let outcome = runner.run(&record(), |record| {
        for (class, transform) in transforms.borrow_mut().iter_mut() {
            for origin in [Origin::Source, Origin::Sink { offset: 7 }] {
                let record = record.clone();
                let applied = catch_unwind(AssertUnwindSafe(|| transform.apply(record, &origin).map(drop)));
                match applied {
                    Err(_) => return Err(TestCaseError::fail(format!("{class} panicked"))),
                    Ok(Ok(())) => *taken_now.borrow_mut().entry(class.clone()).or_default() += 1,
                    Ok(Err(_)) => {}
                }
            }
        }
        Ok(())
    });
    outcome.unwrap();
    // A class that refuses every record would have shown nothing.
    let refusing: Vec<_> = taken.iter().filter(|(_, count)| **count == 0).collect();
    assert!(refusing.is_empty(), "these take no record at all: {refusing:?}");
}
