//! Configs of Debezium's transforms: what each has to offer, and some that it refuses.

use config::RawConfig;
use rand::Rng;

use super::super::random::{Random, chance, pick};
use super::{events, names, outbox};
use crate::case::Input;

const ADDED: &[&str] = &[
    "op",
    "table",
    "lsn",
    "ts_ms",
    "ts_us",
    "ts_ns",
    "source.ts_ms",
    "source.snapshot",
    "source.sequence",
    "source.db:database",
    "transaction.id",
    "id",
    "total_order",
    "data_collection_order:order",
    "absent",
    "source.absent",
    "before.id",
    "after.name:who",
    "op:operation",
    "name",
    "before",
    "source",
];

/// Records for one case.
pub fn inputs(random: &mut Random, class: &str, count: usize) -> Vec<Input> {
    if outbox::is_router(class) {
        return outbox::inputs(random, count);
    }
    let mut inputs = events::inputs(random, count);
    if class.ends_with(".HeaderToValue") {
        // The original takes all records of one schema to have the headers of the first: most times they do.
        let names = ["h1", "h2", "unchanged"];
        let kept: Vec<&str> = names.into_iter().filter(|_| chance(random, 80)).collect();
        let all_have_them = chance(random, 75);
        for input in &mut inputs {
            let some: Vec<&str> =
                kept.iter().copied().filter(|_| all_have_them || chance(random, 60)).collect();
            events::set_headers(random, input, &some);
        }
    }
    if class.ends_with(".PartitionRouting") {
        for input in &mut inputs {
            if let Input::Record(_, offset) = input {
                *offset = offset.filter(|_| chance(random, 10)); // it is for sources
            }
        }
    }
    inputs
}

/// A config of a transform, by its class's simple name; `None` when there is no generator for the class.
pub fn config(random: &mut Random, simple: &str) -> Option<RawConfig> {
    Some(match simple {
        "ExtractNewRecordState" => extract(random),
        "ByLogicalTableRouter" | "ToLogicalTopicRouter" => route(random, simple == "ByLogicalTableRouter"),
        "EventRouter" => outbox::config(random),
        "HeaderToValue" => header_to_value(random),
        "PartitionRouting" => partition(random),
        "TimezoneConverter" => timezone(random),
        "ExtractChangedRecordState" => {
            let mut config = RawConfig::new();
            for (key, names) in [
                ("header.changed.name", ["changed", "changed", "h1", " ", ""]),
                ("header.unchanged.name", ["unchanged", "rest", "h2", "changed", ""]),
            ] {
                if chance(random, 70) {
                    config.set(key, pick(random, &names));
                }
            }
            config
        }
        "SchemaChangeEventFilter" => {
            let mut config = RawConfig::new();
            if chance(random, 96) {
                let types = ["CREATE", "ALTER", "DROP", "TRUNCATE", "DATABASE", "OTHER"];
                let most = if chance(random, 80) { 5 } else { types.len() };
                config.set("schema.change.event.exclude.list", some(random, &types[..most]));
            }
            config
        }
        _ => return None,
    })
}

fn extract(random: &mut Random) -> RawConfig {
    let mut config = RawConfig::new();
    if chance(random, 75) {
        let modes =
            ["drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone", "DROP", "none"];
        let most = if chance(random, 90) { 5 } else { modes.len() };
        config.set("delete.tombstone.handling.mode", pick(random, &modes[..most]));
    }
    for list in ["add.fields", "add.headers"] {
        if chance(random, 55) {
            let names = if chance(random, 4) { "a:b:c".to_owned() } else { some(random, ADDED) };
            config.set(list, names);
        }
        if chance(random, 25) {
            config.set(format!("{list}.prefix"), pick(random, &["", "cdc.", "__"]));
        }
    }
    if chance(random, 25) {
        config.set("route.by.field", pick(random, &["name", "name", "note", "absent", "id", ""]));
    }
    if chance(random, 40) {
        config.set("drop.fields.header.name", pick(random, &["unchanged", "unchanged", "h1", "absent", ""]));
    }
    for key in ["drop.fields.from.key", "drop.fields.keep.schema.compatible", "replace.null.with.default"] {
        if chance(random, 35) {
            config.set(key, pick(random, &["true", "false", "false", "true", "true", "false", "x"]));
        }
    }
    config
}

fn route(random: &mut Random, of_tables: bool) -> RawConfig {
    let mut config = RawConfig::new();
    if chance(random, 97) {
        let regex = ["(.*)orders_.*", "(.*)\\.(.*)\\.(.*)", ".*", "app", "one", "(.*)(\\d)", "(", ""];
        let most = if chance(random, 92) { 6 } else { regex.len() };
        config.set("topic.regex", pick(random, &regex[..most]));
    }
    if chance(random, 97) {
        let replacement = ["all", "$1all", "$1", "${1}-x.é", "a_1.b c", "$1orders", "$9", ""];
        let most = if chance(random, 92) { 6 } else { replacement.len() };
        config.set("topic.replacement", pick(random, &replacement[..most]));
    }
    if chance(random, 35) {
        config.set("key.enforce.uniqueness", pick(random, &["true", "false", "false", "x"]));
    }
    if chance(random, 25) {
        config.set("key.field.name", pick(random, &["shard", "id", "a.b", ""]));
    }
    if chance(random, 35) {
        config.set("key.field.regex", pick(random, &["(.*)orders_(.*)", "(.*)", "x", "("]));
        if chance(random, 90) {
            config.set("key.field.replacement", pick(random, &["$2", "$1", "fixed", "", "$7"]));
        }
    }
    if chance(random, 35) {
        let modes = ["none", "avro", "avro_unicode", "AVRO", "x"];
        config.set("schema.name.adjustment.mode", pick(random, &modes));
    }
    if chance(random, 20) {
        let key = if of_tables { "logical.table.cache.size" } else { "logical.destination.cache.size" };
        config.set(key, pick(random, &["1", "16", "2", "0", "x"]));
    }
    config
}

fn header_to_value(random: &mut Random) -> RawConfig {
    let mut config = RawConfig::new();
    let (headers, fields) = match random.random_range(0..8) {
        0..3 => ("h1,h2", pick(random, &["f1,f2", "after.f1,f2", "source.f1,source.f2", "f1"])),
        3 => ("h1", pick(random, &["f1", "before.f1", "f1.f2", "op", "after.id"])),
        4 => ("h2,absent", "f1,f2"),
        5 => ("unchanged", "after.unchanged"),
        6 => ("h1, h2", "f1, f2"),
        _ => (pick(random, &["", "h1,,h2", "h1"]), pick(random, &["", "f1,,f2", ".f", "f."])),
    };
    for (key, value) in [("headers", headers), ("fields", fields)] {
        if chance(random, 97) {
            config.set(key, value);
        }
    }
    if chance(random, 97) {
        config.set("operation", pick(random, &["move", "copy", "move", "copy", "move", "COPY", "swap"]));
    }
    config
}

fn partition(random: &mut Random) -> RawConfig {
    let mut config = RawConfig::new();
    if chance(random, 97) {
        let paths = [
            "change.id",
            "change.name",
            "change.amount",
            "change.at",
            "change.tags",
            "source.table",
            "op",
            "after.id",
            "before.id",
            "change.absent",
            "absent.id",
            "source.lsn",
            "change.flag",
            "ts_ms",
        ];
        config.set(
            "partition.payload.fields",
            if chance(random, 4) { String::new() } else { some(random, &paths) },
        );
    }
    if chance(random, 97) {
        config.set(
            "partition.topic.num",
            pick(random, &["1", "2", "3", "7", "100", "12", "9", "0", "-1", "x"]),
        );
    }
    if chance(random, 45) {
        config.set("partition.hash.function", pick(random, &["java", "murmur", "JAVA", "md5"]));
    }
    config
}

fn timezone(random: &mut Random) -> RawConfig {
    let mut config = RawConfig::new();
    if chance(random, 97) {
        let zones = [
            "America/Los_Angeles",
            "Europe/Berlin",
            "+08:00",
            "-03:30",
            "UTC",
            "Asia/Kathmandu",
            "Z",
            "Australia/Lord_Howe",
            "+05:30:15",
            "GMT+2",
            "Nowhere/City",
            "EST",
            "+25:00",
        ];
        let most = if chance(random, 92) { 8 } else { zones.len() };
        config.set("converted.timezone", pick(random, &zones[..most]));
    }
    let rules = [
        "source:orders",
        "orders_1:at",
        "topic:app.public.orders",
        "orders:at",
        "app.public.orders:seen",
        "orders_2:before.at",
        "app.public.orders_1:seen",
        "topic:one",
        "one:seen",
        "source:other",
        "orders:source.ts_us",
        "orders_1:source.ts_ms",
    ];
    let alone = [
        "source:orders_1:at",
        "source:orders:after.at",
        "topic:app.public.orders:at",
        "source:orders:source.ts_ms",
        "source:orders,orders_1,one:at",
        "topic:app.public.orders:at,one",
    ];
    for key in ["include.list", "exclude.list"] {
        if chance(random, if key == "include.list" { 50 } else { 25 }) {
            let wrong = ["source", ":", "source:a:b:c", "", "at"];
            let list = match random.random_range(0..20) {
                0 => pick(random, &wrong).to_owned(),
                1..7 => pick(random, &alone).to_owned(),
                _ => some(random, &rules),
            };
            config.set(key, list);
        }
    }
    config
}

fn some(random: &mut Random, from: &[&str]) -> String {
    names(random, from, 3)
}
