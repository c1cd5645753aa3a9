//! The list of plugins, and the keys of each.

use super::super::pipeline::{CONVERTERS, JSON, STRING, T};
use super::{Conversation, ask};

const TRANSFORMS: &[&str] = &[
    "Cast$Value",
    "DropHeaders",
    "ExtractField$Key",
    "Filter",
    "Flatten$Value",
    "HeaderFrom$Value",
    "HoistField$Key",
    "InsertField$Value",
    "InsertHeader",
    "MaskField$Value",
    "RegexRouter",
    "ReplaceField$Value",
    "SetSchemaMetadata$Value",
    "TimestampConverter$Value",
    "TimestampRouter",
    "ValueToKey",
];
const PREDICATES: &[&str] = &["HasHeaderKey", "RecordIsTombstone", "TopicNameMatches"];
const NUMBERS: &[&str] = &["Boolean", "ByteArray", "Double", "Float", "Integer", "Long", "Short"];

/// All plugins that both workers have.
pub fn conversation() -> Conversation {
    let mut classes: Vec<String> = vec![
        "FileStreamSource".to_owned(),
        "FileStreamSink".to_owned(),
        "org.apache.kafka.connect.file.FileStreamSinkConnector".to_owned(),
        JSON.to_owned(),
        STRING.to_owned(),
        "org.apache.kafka.connect.storage.SimpleHeaderConverter".to_owned(),
    ];
    classes.extend(TRANSFORMS.iter().map(|name| format!("{T}.{name}")));
    classes.extend(PREDICATES.iter().map(|name| format!("{T}.predicates.{name}")));
    classes.extend(NUMBERS.iter().map(|name| format!("{CONVERTERS}.{name}Converter")));
    let mut steps =
        vec![ask("GET", "/connector-plugins"), ask("GET", "/connector-plugins?connectorsOnly=false")];
    // A dollar sign may stand in a path as it is.
    steps.extend(classes.iter().map(|class| ask("GET", &format!("/connector-plugins/{class}/config"))));
    Conversation { name: "rest-plugins", steps }
}
