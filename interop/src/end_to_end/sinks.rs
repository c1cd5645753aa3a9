//! Pipelines of the FileStream sink: every converter, chains with predicates, dead letters.

use serde_json::{Value as Json, json};

use super::pipeline::{
    AVRO, CONVERTERS, Input, JSON, Pipeline, REGISTRY, STRING, T, all_of, converter, plain,
};
use super::topic::Raw;

const fn raw(key: Option<&'static [u8]>, value: Option<&'static [u8]>) -> Raw {
    Raw { key, value, headers: &[], timestamp: 1_600_000_000_000 }
}

const JSON_RECORDS: &[Raw] = &[
    raw(
        Some(b"\"k1\""),
        Some(b"{\"id\":1,\"name\":\"one\",\"at\":1600000000000,\"nested\":{\"x\":[1,2.5,null]}}"),
    ),
    raw(None, Some(b"{\"id\":2,\"name\":null}")),
    raw(Some(b"7"), None),
    Raw {
        key: Some(b"null"),
        value: Some(b"\"text\""),
        headers: &[("h1", Some(b"12")), ("h2", Some(b"2021-03-04")), ("h1", None), ("h3", Some(b"[1,2,3]"))],
        timestamp: 1_700_000_000_123,
    },
];
const MAPS: &[Raw] = &[
    Raw { headers: &[("skip", Some(b"1"))], ..raw(Some(b"\"a\""), Some(b"{\"id\":1}")) },
    raw(Some(b"\"b\""), Some(b"{\"id\":2}")),
    raw(Some(b"\"c\""), None),
    Raw { headers: &[("other", Some(b"x"))], ..raw(None, Some(b"{\"id\":4}")) },
];
const ENVELOPES: &[Raw] = &[
    raw(
        Some(b"{\"schema\":{\"type\":\"int64\"},\"payload\":5}"),
        Some(b"{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"},{\"type\":\"string\",\"optional\":true,\"field\":\"name\"},{\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":\"2\"},\"field\":\"price\"},{\"type\":\"int64\",\"name\":\"org.apache.kafka.connect.data.Timestamp\",\"version\":1,\"field\":\"at\"}],\"optional\":false,\"name\":\"row\"},\"payload\":{\"id\":1,\"name\":\"one\",\"price\":\"MDk=\",\"at\":1600000000000}}"),
    ),
    raw(None, Some(b"{\"schema\":{\"type\":\"string\",\"optional\":true},\"payload\":null}")),
    raw(None, None),
];
const ROWS: &[Raw] = &[
    raw(None, Some(b"{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"},{\"type\":\"int64\",\"field\":\"at\"},{\"type\":\"struct\",\"field\":\"deep\",\"fields\":[{\"type\":\"string\",\"field\":\"x\"},{\"type\":\"boolean\",\"field\":\"y\"}]}]},\"payload\":{\"id\":1,\"at\":1600000000000,\"deep\":{\"x\":\"one\",\"y\":true}}}")),
    raw(None, Some(b"{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"},{\"type\":\"int64\",\"field\":\"at\"},{\"type\":\"struct\",\"field\":\"deep\",\"fields\":[{\"type\":\"string\",\"field\":\"x\"},{\"type\":\"boolean\",\"field\":\"y\"}]}]},\"payload\":{\"id\":2,\"at\":0,\"deep\":{\"x\":\"\",\"y\":false}}}")),
];
const SOME_BAD: &[Raw] = &[
    raw(Some(b"\"good\""), Some(b"{\"id\":1}")),
    Raw {
        key: Some(b"\"bad\""),
        value: Some(b"{not json"),
        headers: &[("trace", Some(b"t-1"))],
        timestamp: 1_650_000_000_000,
    },
    raw(None, Some(b"[1,2]")),
    raw(Some(b"oops"), Some(b"{\"id\":2}")),
    raw(None, Some(b"{\"id\":3}")),
];
const BAD_HEADERS: &[Raw] = &[
    Raw { headers: &[("h", Some(b"{\"a\":1}"))], ..raw(None, Some(b"{\"id\":1}")) },
    Raw { headers: &[("h", Some(b"{\"a\":")), ("g", None)], ..raw(None, Some(b"{\"id\":2}")) },
    raw(None, Some(b"{\"id\":3}")),
];
const EIGHT_BYTES: &[Raw] = &[
    raw(Some(b"a"), Some(b"\x00\x00\x00\x00\x00\x00\x00\x2a")),
    raw(Some(b"b"), Some(b"\xc0\x04\x00\x00\x00\x00\x00\x00")),
    raw(Some(b"c"), Some(b"short")),
    raw(None, None),
];
const FOUR_BYTES: &[Raw] =
    &[raw(None, Some(b"\x00\x00\x00\x2a")), raw(None, Some(b"\xc0\x20\x00\x00")), raw(None, None)];
const SMALL: &[Raw] = &[raw(None, Some(b"\x00\x01")), raw(None, Some(b"\xff\xfe")), raw(None, None)];
const TRUTHS: &[Raw] = &[raw(None, Some(b"\x01")), raw(None, Some(b"\x00")), raw(None, None)];
const TEXTS: &[Raw] = &[
    raw(Some(b"k"), Some("é€😀".as_bytes())),
    raw(None, Some(b"\xff\xfe not UTF-8")),
    raw(None, Some(b"")),
    raw(None, None),
];
/// No magic byte, too short, a schema that nobody has, and nothing at all.
const NO_AVRO: &[Raw] = &[
    raw(None, Some(b"plain text")),
    raw(None, Some(b"\x00\x00")),
    raw(None, Some(b"\x00\x00\x00\x0f\xff\x02")),
    raw(None, None),
];

/// All pipelines of the sink.
pub fn all() -> Vec<Pipeline> {
    let records = |name, config, records| Pipeline::new(name, config, Input::Records(records));
    let text = || converter(STRING, "", "");
    let value =
        |class: &str| all_of([text(), json!({"value.converter": format!("{CONVERTERS}.{class}Converter")})]);
    let mut pipelines = vec![
        records("sink-plain", plain(), JSON_RECORDS),
        records("sink-envelope", json!({}), ENVELOPES),
        records("sink-text", text(), JSON_RECORDS),
        records("sink-texts", text(), TEXTS),
        records("sink-bytes", value("ByteArray"), TEXTS),
        records("sink-long", value("Long"), FIRST_TWO),
        records("sink-double", value("Double"), FIRST_TWO),
        records("sink-integer", value("Integer"), FOUR_BYTES),
        records("sink-float", value("Float"), FOUR_BYTES),
        records("sink-short", value("Short"), SMALL),
        records("sink-boolean", value("Boolean"), TRUTHS),
        records(
            "sink-decimal",
            all_of([json!({"value.converter.decimal.format": "NUMERIC"}), numeric()]),
            ENVELOPES,
        ),
        records("sink-chain", all_of([plain(), chain()]), MAPS),
        records("sink-chain-envelope", rows(), ROWS),
        records("sink-regex", all_of([plain(), json!({"topics.regex": "sink-reg.x-out"})]), MAPS),
        records("sink-fails", plain(), SOME_BAD).failing(),
        records("sink-fails-log", all_of([plain(), logging()]), SOME_BAD).failing().logged(),
        records("sink-no-folder", all_of([plain(), json!({"file": "no/such/folder/file"})]), MAPS).failing(),
    ];
    pipelines.extend(dead());
    pipelines.extend(registered());
    pipelines
}

const FIRST_TWO: &[Raw] = &[EIGHT_BYTES[0], EIGHT_BYTES[1], EIGHT_BYTES[3]];

fn numeric() -> Json {
    json!({"key.converter": JSON, "value.converter": JSON})
}

fn logging() -> Json {
    json!({"errors.log.enable": "true", "errors.log.include.messages": "true"})
}

fn chain() -> Json {
    json!({
        "predicates": "gone,skip", "predicates.gone.type": format!("{T}.predicates.RecordIsTombstone"),
        "predicates.skip.type": format!("{T}.predicates.HasHeaderKey"), "predicates.skip.name": "skip",
        "transforms": "drop,where,hoist,mark",
        "transforms.drop.type": format!("{T}.Filter"), "transforms.drop.predicate": "gone",
        "transforms.where.type": format!("{T}.InsertField$Value"), "transforms.where.offset.field": "offset",
        "transforms.where.partition.field": "partition", "transforms.where.topic.field": "topic",
        "transforms.where.timestamp.field": "at", "transforms.where.predicate": "skip",
        "transforms.where.negate": "true",
        "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "row",
        "transforms.hoist.predicate": "skip",
        "transforms.mark.type": format!("{T}.ReplaceField$Value"), "transforms.mark.renames": "id:number",
    })
}

fn rows() -> Json {
    json!({
        "transforms": "flat,time,where,pick,cast",
        "transforms.flat.type": format!("{T}.Flatten$Value"), "transforms.flat.delimiter": "_",
        "transforms.time.type": format!("{T}.TimestampConverter$Value"), "transforms.time.field": "at",
        "transforms.time.target.type": "string", "transforms.time.format": "yyyy-MM-dd HH:mm:ss.SSS",
        "transforms.where.type": format!("{T}.InsertField$Value"), "transforms.where.offset.field": "offset!",
        "transforms.where.topic.field": "topic",
        "transforms.pick.type": format!("{T}.ReplaceField$Value"), "transforms.pick.exclude": "deep_y",
        "transforms.pick.renames": "deep_x:name",
        "transforms.cast.type": format!("{T}.Cast$Value"), "transforms.cast.spec": "id:string",
    })
}

fn dead() -> Vec<Pipeline> {
    let letters = |name: &str, context: &str| {
        json!({
            "errors.tolerance": "all", "errors.deadletterqueue.topic.name": format!("{name}-dead"),
            "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": context,
        })
    };
    let with = |name: &'static str, more: Json, records| {
        Pipeline::new(name, all_of([plain(), letters(name, "true"), more]), Input::Records(records))
    };
    let cast = json!({
        "transforms": "cast", "transforms.cast.type": format!("{T}.Cast$Value"), "transforms.cast.spec": "id:string",
    });
    let long = json!({"key.converter": STRING, "value.converter": format!("{CONVERTERS}.LongConverter")});
    let bare = letters("sink-dead-bare", "false");
    vec![
        with("sink-dead", json!({}), SOME_BAD).dead(2),
        Pipeline::new("sink-dead-bare", all_of([plain(), bare]), Input::Records(SOME_BAD)).dead(2),
        with("sink-dead-cast", cast, SOME_BAD).dead(3),
        with("sink-dead-log", logging(), SOME_BAD).dead(2).logged(),
        with(
            "sink-dead-header",
            json!({"header.converter": JSON, "header.converter.schemas.enable": "false"}),
            BAD_HEADERS,
        )
        .dead(1),
        with("sink-dead-long", long, EIGHT_BYTES).dead(1),
        with("sink-dead-avro", converter(AVRO, "schema.registry.url", REGISTRY), NO_AVRO).dead(3),
        with("sink-dead-none", json!({"errors.tolerance": "none"}), SOME_BAD).dead(1).failing(),
        with("sink-dead-copies", json!({"errors.deadletterqueue.topic.replication.factor": "3"}), MAPS)
            .failing(),
        Pipeline::new(
            "sink-tolerant",
            all_of([plain(), json!({"errors.tolerance": "all"})]),
            Input::Records(SOME_BAD),
        ),
    ]
}

fn registered() -> Vec<Pipeline> {
    let with = |class| converter(class, "schema.registry.url", REGISTRY);
    let of = |name, config, source| Pipeline::new(name, config, Input::Of(source, 6));
    vec![of("sink-avro", with(AVRO), "source-avro"), of("sink-avro-chain", with(AVRO), "source-avro-chain")]
}
