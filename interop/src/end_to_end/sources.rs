//! Pipelines of the FileStream source: every converter, chains with predicates, records that fail.

use serde_json::{Value as Json, json};

use super::pipeline::{
    AVRO, CONVERTERS, Input, JSON, Pipeline, REGISTRY, STRING, T, all_of, converter, plain,
};

const LINES: &str = "first line\n\nthird, with \"quotes\" and é€😀\n{\"a\":1}\n12\n  padded  \n";
/// What a text file may end lines with; the last one has no end yet.
const ENDS: &str = "one\r\ntwo\rthree\n\n\nfour";
const NUMBERS: &str = "1\n-20\n30\n9223372036854775807\n";
const SOME_NUMBERS: &str = "1\ntwo\n3\nfour\n5\n";
const LAST_IS_BAD: &str = "1\n2\nthree\n";
const KEYS: &str = "alpha\nbeta\ngamma\ndelta\nepsilon\nzeta\neta\ntheta\n";

/// All pipelines of the source.
pub fn all() -> Vec<Pipeline> {
    let lines = |name, config| Pipeline::new(name, config, Input::Lines(LINES));
    let mut pipelines = vec![
        lines("source-envelope", json!({})),
        lines("source-plain", plain()),
        lines("source-text", converter(STRING, "", "")),
        lines("source-text-latin", converter(STRING, "converter.encoding", "ISO-8859-1")),
        lines("source-chain", chain()),
        lines("source-chain-plain", all_of([plain(), chain()])),
        lines("source-chain-text", all_of([converter(STRING, "", ""), chain()])),
        // No batch.size below the number of lines: Java's source keeps what is over until the file grows.
        lines("source-one-task", all_of([plain(), json!({"batch.size": "100", "tasks.max": "3"})])),
        lines("source-headers", all_of([plain(), headers()])),
        lines("source-headers-json", all_of([plain(), headers(), json!({"header.converter": JSON})])),
        lines(
            "source-headers-json-plain",
            all_of([
                plain(),
                headers(),
                json!({"header.converter": JSON, "header.converter.schemas.enable": "false"}),
            ]),
        ),
        lines("source-headers-text", all_of([plain(), headers(), json!({"header.converter": STRING})])),
        lines(
            "source-headers-fail",
            all_of([
                plain(),
                headers(),
                json!({"header.converter": format!("{CONVERTERS}.ByteArrayConverter")}),
            ]),
        )
        .passing(0)
        .failing(),
        lines("source-predicates", all_of([plain(), predicates()])),
        lines("source-bytes-fail", converter(&format!("{CONVERTERS}.ByteArrayConverter"), "", ""))
            .passing(0)
            .failing(),
        Pipeline::new("source-ends", plain(), Input::Lines(ENDS)).passing(5).stored(17),
        Pipeline::new("source-partitions", partitions(), Input::Lines(KEYS)),
    ];
    pipelines.extend(numbers());
    pipelines.extend(failing());
    pipelines
}

fn chain() -> Json {
    json!({
        "transforms": "hoist,insert,key,extract,mask,route",
        "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "line",
        "transforms.insert.type": format!("{T}.InsertField$Value"), "transforms.insert.static.field": "origin",
        "transforms.insert.static.value": "file", "transforms.insert.topic.field": "topic!",
        "transforms.key.type": format!("{T}.ValueToKey"), "transforms.key.fields": "line,origin",
        "transforms.extract.type": format!("{T}.ExtractField$Key"), "transforms.extract.field": "line",
        "transforms.mask.type": format!("{T}.MaskField$Value"), "transforms.mask.fields": "topic",
        "transforms.route.type": format!("{T}.RegexRouter"), "transforms.route.regex": "(.*)-out",
        "transforms.route.replacement": "$1-out",
    })
}

fn headers() -> Json {
    json!({
        "transforms": "h1,h2,hoist,from,gone",
        "transforms.h1.type": format!("{T}.InsertHeader"), "transforms.h1.header": "count",
        "transforms.h1.value.literal": "12",
        "transforms.h2.type": format!("{T}.InsertHeader"), "transforms.h2.header": "list",
        "transforms.h2.value.literal": "[1,2,3]",
        "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "line",
        "transforms.from.type": format!("{T}.HeaderFrom$Value"), "transforms.from.fields": "line,line",
        "transforms.from.headers": "copied,gone", "transforms.from.operation": "copy",
        "transforms.gone.type": format!("{T}.DropHeaders"), "transforms.gone.headers": "gone",
    })
}

// Four predicates, three of them negated somewhere: what they choose is seen in headers.
fn predicates() -> Json {
    json!({
        "predicates": "tombstone,topic,seen,other",
        "predicates.tombstone.type": format!("{T}.predicates.RecordIsTombstone"),
        "predicates.topic.type": format!("{T}.predicates.TopicNameMatches"), "predicates.topic.pattern": ".*-out",
        "predicates.seen.type": format!("{T}.predicates.HasHeaderKey"), "predicates.seen.name": "seen",
        "predicates.other.type": format!("{T}.predicates.TopicNameMatches"), "predicates.other.pattern": "out",
        "transforms": "mark,again,never,drop,late",
        "transforms.mark.type": format!("{T}.InsertHeader"), "transforms.mark.header": "seen",
        "transforms.mark.value.literal": "true", "transforms.mark.predicate": "topic",
        "transforms.again.type": format!("{T}.InsertHeader"), "transforms.again.header": "again",
        "transforms.again.value.literal": "1", "transforms.again.predicate": "seen",
        "transforms.never.type": format!("{T}.InsertHeader"), "transforms.never.header": "never",
        "transforms.never.value.literal": "1", "transforms.never.predicate": "seen",
        "transforms.never.negate": "true",
        "transforms.drop.type": format!("{T}.Filter"), "transforms.drop.predicate": "tombstone",
        "transforms.late.type": format!("{T}.InsertHeader"), "transforms.late.header": "late",
        "transforms.late.value.literal": "x", "transforms.late.predicate": "other",
        "transforms.late.negate": "TRUE",
    })
}

// A topic that the worker makes, and keys that choose its partitions.
fn partitions() -> Json {
    all_of([
        plain(),
        json!({
            "transforms": "hoist,key,extract",
            "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "line",
            "transforms.key.type": format!("{T}.ValueToKey"), "transforms.key.fields": "line",
            "transforms.extract.type": format!("{T}.ExtractField$Key"), "transforms.extract.field": "line",
            "topic.creation.groups": "few,other",
            "topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1",
            "topic.creation.other.include": "other", "topic.creation.other.partitions": "9",
            "topic.creation.few.include": "source-.*", "topic.creation.few.partitions": "3",
            "topic.creation.few.cleanup.policy": "compact", "topic.creation.few.retention.ms": "123456",
        }),
    ])
}

fn cast(to: &str) -> Json {
    json!({"transforms": "cast", "transforms.cast.type": format!("{T}.Cast$Value"), "transforms.cast.spec": to})
}

fn numbers() -> Vec<Pipeline> {
    let number = |name, class: &str, to: &str, lines| {
        let value = json!({"value.converter": format!("{CONVERTERS}.{class}Converter")});
        Pipeline::new(name, all_of([converter(STRING, "", ""), value, cast(to)]), Input::Lines(lines))
    };
    vec![
        number("source-long", "Long", "int64", NUMBERS),
        number("source-integer", "Integer", "int32", "1\n-20\n2147483647\n"),
        number("source-short", "Short", "int16", "1\n-20\n32767\n"),
        number("source-double", "Double", "float64", "1\n-2.5\n1e300\nNaN\n"),
        number("source-float", "Float", "float32", "1\n-2.5\n1e30\n"),
        number("source-boolean", "Boolean", "boolean", "true\nfalse\nyes\n"),
    ]
}

fn failing() -> Vec<Pipeline> {
    let some =
        |name, more| Pipeline::new(name, all_of([plain(), cast("int32"), more]), Input::Lines(SOME_NUMBERS));
    let tolerant = || json!({"errors.tolerance": "all"});
    let logging = || json!({"errors.log.enable": "true"});
    let messages = || json!({"errors.log.enable": "true", "errors.log.include.messages": "true"});
    vec![
        some("source-tolerant", tolerant()).passing(3),
        some("source-tolerant-log", all_of([tolerant(), logging()])).passing(3).logged(),
        some("source-tolerant-messages", all_of([tolerant(), messages()])).passing(3).logged(),
        some("source-fails", json!({})).passing(1).failing(),
        some("source-fails-log", logging()).passing(1).failing().logged(),
        Pipeline::new(
            "source-last-is-bad",
            all_of([plain(), cast("int32"), tolerant()]),
            Input::Lines(LAST_IS_BAD),
        )
        .passing(2)
        .stored(4),
    ]
}

/// Pipelines that register schemas, which get their ids in order.
pub fn registered() -> Vec<Pipeline> {
    let with = |class| converter(class, "schema.registry.url", REGISTRY);
    let lines = |name, config| Pipeline::new(name, config, Input::Lines(LINES));
    vec![lines("source-avro", with(AVRO)), lines("source-avro-chain", all_of([with(AVRO), chain()]))]
}
