//! The generated parts of docs/reference/transforms. `cargo xtask generate` writes them.

#[path = "third_party/reference.rs"]
mod third_party;

use std::path::Path;

use api::Registry;
use api::config::PluginKind;
use testkit::cases::generated::check_folder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms");

const INTRO: &str = "\
A transform changes each record of a connector, or drops it; a predicate chooses the records that a transform is for. The
keys `transforms` and `predicates` list aliases of your choice, and the keys of each begin with `transforms.ALIAS.` or
`predicates.ALIAS.`:

```json
{
  \"transforms\": \"mask,route\",
  \"transforms.mask.type\": \"org.apache.kafka.connect.transforms.MaskField$Value\",
  \"transforms.mask.fields\": \"card\",
  \"transforms.route.type\": \"org.apache.kafka.connect.transforms.RegexRouter\",
  \"transforms.route.regex\": \"db\\\\.(.*)\",
  \"transforms.route.replacement\": \"lake.$1\",
  \"transforms.route.predicate\": \"raw\",
  \"transforms.route.negate\": \"true\",
  \"predicates\": \"raw\",
  \"predicates.raw.type\": \"org.apache.kafka.connect.transforms.predicates.TopicNameMatches\",
  \"predicates.raw.pattern\": \"raw\\\\..*\"
}
```

They run in the order of the list. `transforms.ALIAS.predicate` names a predicate: the transform is for the records that it
chooses, or, with `transforms.ALIAS.negate`, for all others. What a transform refuses is an error of the record, and
`errors.tolerance` decides.

Every page is also a test: each of its cases is run through the chain that a connector has. Records are JSON objects:
`\"int32?\"` is the schema of an optional int32, `{\"struct\": {\"id\": \"int64\"}}` that of a row, and a value without schema has
none beside it. In a record that comes out, what is not written is as in the record that went in.

Transforms that come from other projects (Debezium, Confluent, Aiven and smaller ones) are in
[a folder of their own](third-party/README.md).";

#[test]
fn the_pages_are_fresh() {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    let kinds = [PluginKind::Transformation, PluginKind::Predicate];
    let text = ("Transforms and predicates", INTRO);
    check_folder(Path::new(FOLDER), text, &kinds, &["org.apache.kafka."], &registry);
}
