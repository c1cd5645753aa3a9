//! Validation, the definition, the manual page, and real configs.

use api::config::{Catalog, Config, PluginKind, RawConfig};
use sluice_connector_s3::S3SinkConfig;

use crate::support::{CLASS, base, registry};

fn errors(raw: &RawConfig) -> Vec<(String, String)> {
    let values = S3SinkConfig::validate(raw).into_iter();
    values.flat_map(|value| value.errors.into_iter().map(move |error| (value.name.clone(), error))).collect()
}

fn check(pairs: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut raw = base("http://localhost:1");
    for (key, value) in pairs {
        raw.set(*key, *value);
    }
    let found = errors(&raw);
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    let mut wanted: Vec<_> = expected.iter().map(|(key, _)| *key).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{pairs:?}: {found:?}");
    for (key, part) in expected {
        assert!(
            found.iter().any(|(k, error)| k == key && error.contains(part)),
            "{key}: {part} not in {found:?}"
        );
    }
}

#[test]
fn a_good_config_has_no_errors() {
    check(&[], &[]);
    check(&[("rotate.interval.ms", "1000")], &[]); // warned of only
    check(&[("schema.compatibility", "FULL")], &[]);
    check(&[("schema.compatibility", "WHATEVER")], &[]); // NONE, as in Java
    check(&[("topics.dir", "")], &[]);
}

#[test]
fn what_a_partitioner_needs_is_said_all_at_once() {
    let class = "io.confluent.connect.storage.partitioner.TimeBasedPartitioner";
    check(
        &[("partitioner.class", class)],
        &[
            ("partition.duration.ms", "positive"),
            ("path.format", "empty"),
            ("locale", "empty"),
            ("timezone", "empty"),
        ],
    );
    check(
        &[
            ("partitioner.class", class),
            ("partition.duration.ms", "1"),
            ("path.format", "T"),
            ("locale", "en"),
            ("timezone", "Mars"),
            ("timestamp.extractor", "com.example.Mine"),
        ],
        &[
            ("path.format", "Illegal pattern component: T"),
            ("timezone", "Mars"),
            ("timestamp.extractor", "Wallclock"),
        ],
    );
    check(
        &[("partitioner.class", "io.confluent.connect.storage.partitioner.FieldPartitioner")],
        &[("partition.field.name", "field names")],
    );
    check(&[("partitioner.class", "com.example.Mine")], &[("partitioner.class", "cannot be loaded")]);
    check(&[("rotate.schedule.interval.ms", "1000")], &[("timezone", "rotate.schedule.interval.ms")]);
    check(
        &[
            ("partitioner.class", "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"),
            ("partition.duration.ms", "1"),
            ("path.format", "MMMM"),
            ("locale", "de"),
            ("timezone", "UTC"),
        ],
        &[("locale", "English")],
    );
}

#[test]
fn what_cannot_be_honoured_is_refused_with_the_reason() {
    check(
        &[("format.class", "io.confluent.connect.s3.format.avro.AvroFormat")],
        &[("format.class", "not written yet")],
    );
    check(
        &[
            ("format.class", "io.confluent.connect.s3.format.parquet.ParquetFormat"),
            ("s3.compression.type", "gzip"),
        ],
        &[("format.class", "not written yet"), ("s3.compression.type", "Compression Type gzip not valid")],
    );
    check(&[("storage.class", "x.y.Z")], &[("storage.class", "S3Storage")]);
    check(&[("s3.object.tagging", "true")], &[("s3.object.tagging", "yet")]);
    check(&[("parquet.codec", "gzip")], &[("parquet.codec", "Parquet")]);
    check(&[("avro.codec", "snappy")], &[("avro.codec", "Avro")]);
    check(&[("connect.meta.data", "false")], &[("connect.meta.data", "leave it")]);
    check(
        &[
            ("aws.access.key.id", ""),
            ("aws.secret.access.key", ""),
            (
                "s3.credentials.provider.class",
                "io.confluent.connect.s3.auth.AwsAssumeRoleCredentialsProvider",
            ),
        ],
        &[("s3.credentials.provider.class", "cannot be loaded")],
    );
}

#[test]
fn keys_are_checked_against_each_other() {
    check(
        &[("behavior.on.null.values", "write")],
        &[("behavior.on.null.values", "mandatory"), ("store.kafka.keys", "mandatory")],
    );
    check(&[("store.kafka.keys", "true")], &[("keys.format.class", "not written yet")]);
    check(
        &[
            ("store.kafka.headers", "true"),
            ("headers.format.class", "io.confluent.connect.s3.format.bytearray.ByteArrayFormat"),
        ],
        &[("headers.format.class", "ByteArrayFormat")],
    );
    check(
        &[("s3.wan.mode", "true")],
        &[("s3.wan.mode", "exclusive"), ("s3.path.style.access.enabled", "exclusive")],
    );
    check(&[("store.url", "minio:9000")], &[("store.url", "URL")]);
    check(&[("aws.secret.access.key", "")], &[("aws.secret.access.key", "both")]);
    check(&[("s3.ssea.name", "aws:kms")], &[("s3.sse.kms.key.id", "key")]);
    check(&[("s3.ssea.name", "ROT13")], &[("s3.ssea.name", "AES256")]);
    check(&[("topics.dir", "/a//b/")], &[("topics.dir", "empty directory")]);
    check(&[("flush.size", "0")], &[("flush.size", "at least 1")]);
    check(&[("s3.part.size", "1048576")], &[("s3.part.size", "at least 5242880")]);
}

#[test]
fn the_manual_has_every_key_as_it_is_declared() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs.md");
    let manual = std::fs::read_to_string(path).unwrap();
    let (begin, end) = ("<!-- keys: generated -->\n", "<!-- end of keys -->");
    let start = manual.find(begin).expect("the mark") + begin.len();
    let stop = manual.find(end).expect("the mark");
    let keys = S3SinkConfig::definition().markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, format!("{}{keys}{}", &manual[..start], &manual[stop..])).unwrap();
        return;
    }
    assert!(manual[start..stop] == keys, "docs.md is stale: run this test with UPDATE_DOCS=1");
}

#[test]
fn the_config_in_the_manual_is_good() {
    let manual = include_str!("../../docs.md");
    let start = manual.find("```json\n").unwrap() + 8;
    let text = &manual[start..start + manual[start..].find("```").unwrap()];
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let raw: RawConfig = file["config"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(errors(&raw), []);
    assert!(registry().find(raw.get("connector.class").unwrap(), &[PluginKind::Sink]).is_some());
}

// Reasons for which a real config may be refused. Anything else is a defect of ours.
const REASONS: &[(&str, &str)] = &[
    ("format.class", "is not written yet"), // Avro, Parquet
    ("format.class", "is not a format"),    // json.JSONFormat: no such class in Java either
    ("format.class", "Missing required"),   // incomplete examples, refused by Java too
    ("storage.class", "Missing required"),
    ("flush.size", "Missing required"),
    ("s3.bucket.name", "Missing required"),
    ("s3.part.size", "at least 5242880"),      // refused by Java too
    ("s3.compression.type", "must be one of"), // snappy: refused by Java too
    ("s3.credentials.provider.class", "cannot be loaded"), // assume role, and classes of others
    ("aws.secret.access.key", "set both"),     // examples with a misspelt key
];

#[test]
fn real_configs_are_good_or_refused_for_a_listed_reason() {
    let Some(shared) = testkit::shared("real_configs_are_good_or_refused_for_a_listed_reason") else {
        return;
    };
    let (mut seen, mut good) = (0, 0);
    for entry in std::fs::read_dir(shared.join("corpus/connectors")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(file) = serde_json::from_slice::<serde_json::Value>(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        let config = file.get("config").unwrap_or(&file);
        if config.get("connector.class").and_then(|class| class.as_str()) != Some(CLASS) {
            continue;
        }
        seen += 1;
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let raw: RawConfig =
            config.as_object().unwrap().iter().map(|(key, value)| (key.clone(), text(value))).collect();
        let errors = errors(&raw);
        good += usize::from(errors.is_empty());
        for (key, error) in errors {
            let listed = REASONS.iter().any(|(k, part)| *k == key && error.contains(part));
            assert!(listed, "{}: {key}: {error}", path.display());
        }
    }
    assert!(seen >= 40, "only {seen} configs were found");
    assert!(good >= 4, "only {good} of {seen} are good");
}
