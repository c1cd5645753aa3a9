//! The pipelines that both workers run: connector files, and what goes in.

use serde_json::{Value as Json, json};

use super::topic::Raw;

/// One pipeline.
pub struct Pipeline {
    /// Its name, and the connector's.
    pub name: &'static str,
    /// The connector's config, without class, file, and topic.
    pub config: Json,
    /// What goes in.
    pub input: Input,
    /// How many records come out.
    pub out: usize,
    /// How many of them go to the dead letter topic.
    pub dead: usize,
    /// The state its task ends in.
    pub state: &'static str,
}

/// What goes in.
pub enum Input {
    /// A file for the source connector.
    Lines(&'static str),
    /// Records for the sink connector.
    Records(&'static [Raw]),
}

const T: &str = "org.apache.kafka.connect.transforms";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const LINES: &str = "first line\n\nthird, with \"quotes\" and é€😀\n{\"a\":1}\n12\n  padded  \n";

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
const ENVELOPES: &[Raw] = &[
    raw(
        Some(b"{\"schema\":{\"type\":\"int64\"},\"payload\":5}"),
        Some(b"{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"field\":\"id\"},{\"type\":\"string\",\"optional\":true,\"field\":\"name\"},{\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":\"2\"},\"field\":\"price\"},{\"type\":\"int64\",\"name\":\"org.apache.kafka.connect.data.Timestamp\",\"version\":1,\"field\":\"at\"}],\"optional\":false,\"name\":\"row\"},\"payload\":{\"id\":1,\"name\":\"one\",\"price\":\"MDk=\",\"at\":1600000000000}}"),
    ),
    raw(None, Some(b"{\"schema\":{\"type\":\"string\",\"optional\":true},\"payload\":null}")),
    raw(None, None),
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

fn pipeline(name: &'static str, config: Json, input: Input, out: usize) -> Pipeline {
    Pipeline { name, config, input, out, dead: 0, state: "RUNNING" }
}

/// All pipelines.
pub fn all() -> Vec<Pipeline> {
    let lines = || Input::Lines(LINES);
    let plain = json!({
        "key.converter": JSON, "key.converter.schemas.enable": "false", "value.converter": JSON,
        "value.converter.schemas.enable": "false",
    });
    let with = |more: Json| {
        let mut config = plain.clone();
        if let (Some(config), Json::Object(more)) = (config.as_object_mut(), more) {
            config.extend(more);
        }
        config
    };
    let text_only = json!({"key.converter": STRING, "value.converter": STRING});
    let chain = json!({
        "transforms": "hoist,insert,key,extract,mask,route",
        "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "line",
        "transforms.insert.type": format!("{T}.InsertField$Value"), "transforms.insert.static.field": "origin",
        "transforms.insert.static.value": "file", "transforms.insert.topic.field": "topic!",
        "transforms.key.type": format!("{T}.ValueToKey"), "transforms.key.fields": "line,origin",
        "transforms.extract.type": format!("{T}.ExtractField$Key"), "transforms.extract.field": "line",
        "transforms.mask.type": format!("{T}.MaskField$Value"), "transforms.mask.fields": "topic",
        "transforms.route.type": format!("{T}.RegexRouter"), "transforms.route.regex": "(.*)-out",
        "transforms.route.replacement": "$1-out",
    });
    let headers = json!({
        "transforms": "h1,h2,hoist,from",
        "transforms.h1.type": format!("{T}.InsertHeader"), "transforms.h1.header": "count",
        "transforms.h1.value.literal": "12",
        "transforms.h2.type": format!("{T}.InsertHeader"), "transforms.h2.header": "list",
        "transforms.h2.value.literal": "[1,2,3]",
        "transforms.hoist.type": format!("{T}.HoistField$Value"), "transforms.hoist.field": "line",
        "transforms.from.type": format!("{T}.HeaderFrom$Value"), "transforms.from.fields": "line",
        "transforms.from.headers": "copied", "transforms.from.operation": "copy",
    });
    let filter = json!({
        "transforms": "h,drop", "predicates": "never,topic",
        "predicates.topic.type": format!("{T}.predicates.TopicNameMatches"), "predicates.topic.pattern": ".*-out",
        "predicates.never.type": format!("{T}.predicates.RecordIsTombstone"),
        "transforms.h.type": format!("{T}.InsertHeader"), "transforms.h.header": "seen",
        "transforms.h.value.literal": "true", "transforms.h.predicate": "topic",
        "transforms.drop.type": format!("{T}.Filter"), "transforms.drop.predicate": "never",
    });
    let letters = |name: &str, context: &str| {
        json!({
            "errors.tolerance": "all", "errors.deadletterqueue.topic.name": format!("{name}-dead"),
            "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": context,
        })
    };
    let cast = json!({
        "transforms": "cast", "transforms.cast.type": format!("{T}.Cast$Value"), "transforms.cast.spec": "id:string",
    });
    let both = |mut left: Json, right: Json| {
        if let (Some(left), Json::Object(right)) = (left.as_object_mut(), right) {
            left.extend(right);
        }
        left
    };
    vec![
        pipeline("source-envelope", json!({}), lines(), 6),
        pipeline("source-plain", plain.clone(), lines(), 6),
        pipeline("source-text", text_only.clone(), lines(), 6),
        pipeline("source-chain", chain.clone(), lines(), 6),
        pipeline("source-chain-plain", with(chain), lines(), 6),
        pipeline("source-headers", with(headers.clone()), lines(), 6),
        pipeline(
            "source-headers-json",
            both(with(headers), json!({"header.converter": JSON, "header.converter.schemas.enable": "true"})),
            lines(),
            6,
        ),
        pipeline("source-predicates", with(filter), lines(), 6),
        pipeline("sink-plain", plain.clone(), Input::Records(JSON_RECORDS), 4),
        pipeline("sink-envelope", json!({}), Input::Records(ENVELOPES), 3),
        pipeline("sink-text", text_only, Input::Records(JSON_RECORDS), 4),
        Pipeline {
            dead: 2,
            ..pipeline("sink-dead", with(letters("sink-dead", "true")), Input::Records(SOME_BAD), 5)
        },
        Pipeline {
            dead: 2,
            ..pipeline(
                "sink-dead-bare",
                with(letters("sink-dead-bare", "false")),
                Input::Records(SOME_BAD),
                5,
            )
        },
        Pipeline {
            dead: 3,
            ..pipeline(
                "sink-dead-cast",
                both(with(letters("sink-dead-cast", "true")), cast),
                Input::Records(SOME_BAD),
                5,
            )
        },
        pipeline("sink-tolerant", with(json!({"errors.tolerance": "all"})), Input::Records(SOME_BAD), 5),
        Pipeline { state: "FAILED", ..pipeline("sink-fails", plain, Input::Records(SOME_BAD), 5) },
    ]
}

/// Requests whose answers are compared: method, path, body.
pub fn requests() -> Vec<(&'static str, &'static str, Json)> {
    let source = "/connector-plugins/FileStreamSource/config/validate";
    let sink = "/connector-plugins/FileStreamSink/config/validate";
    vec![
        ("GET", "/connectors", Json::Null),
        ("GET", "/connectors/nope", Json::Null),
        ("GET", "/connectors/nope/status", Json::Null),
        ("GET", "/connectors/nope/offsets", Json::Null),
        ("DELETE", "/connectors/nope", Json::Null),
        (
            "POST",
            "/connectors",
            json!({"name": "", "config": {"connector.class": "FileStreamSource", "topic": "t"}}),
        ),
        (
            "POST",
            "/connectors",
            json!({"name": "bad", "config": {"connector.class": "FileStreamSource", "tasks.max": "x"}}),
        ),
        ("POST", "/connectors", json!({"name": "bad", "config": {"topic": "x"}})),
        ("PUT", source, json!({"connector.class": "FileStreamSource", "topic": "t", "name": "v"})),
        (
            "PUT",
            source,
            json!({"connector.class": "FileStreamSource", "tasks.max": "none", "batch.size": "x"}),
        ),
        (
            "PUT",
            source,
            json!({
                "connector.class": "FileStreamSource", "topic": "t", "name": "v", "transforms": "a,b",
                "transforms.a.type": format!("{T}.HoistField$Value"), "transforms.b.type": "Nope",
            }),
        ),
        ("PUT", sink, json!({"connector.class": "FileStreamSink", "name": "v", "errors.tolerance": "some"})),
        (
            "PUT",
            sink,
            json!({
                "connector.class": "FileStreamSink", "topics": "a", "topics.regex": "b", "name": "v",
            }),
        ),
    ]
}
