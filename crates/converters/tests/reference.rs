//! The generated parts of docs/reference/converters. `cargo xtask generate` writes them.

use std::path::Path;

use api::Registry;
use api::config::PluginKind;
use testkit::cases::generated::check_folder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/converters");

const INTRO: &str = "\
A converter turns keys and values into bytes and back; a header converter does so for the values of headers. A connector names
them with `key.converter`, `value.converter` and `header.converter`, whose keys begin with the same words and a dot; a connector
that names none has those of the worker:

```json
{
  \"key.converter\": \"org.apache.kafka.connect.storage.StringConverter\",
  \"value.converter\": \"org.apache.kafka.connect.json.JsonConverter\",
  \"value.converter.schemas.enable\": \"false\"
}
```

A value that a converter cannot write, or bytes that it cannot read, are an error of the record, and `errors.tolerance` decides.

Every page is also a test: each of its cases is run through the converter of its config, from a value to bytes or from bytes to
a value. Values and schemas are written as for [transforms](../transforms/README.md).";

#[test]
fn the_pages_are_fresh() {
    let mut registry = Registry::new();
    sluice_converters::register(&mut registry);
    let kinds = [PluginKind::Converter, PluginKind::HeaderConverter];
    check_folder(Path::new(FOLDER), ("Converters", INTRO), &kinds, &["org.apache.kafka."], &registry);
}
