//! Configs that nobody would write: no panic, and validation and building agree.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod catalog;

use api::config::RawConfig;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sluice_spec as spec;
use spec::{ConnectorKind, OverridePolicy, WorkerDefaults};

const VALUES: [&str; 32] = [
    "",
    " ",
    "a",
    "a,b",
    "a,a",
    ",",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "99999999999",
    "1.5",
    "none",
    "all",
    "poll",
    "required",
    "[1.0,2.0)",
    "[",
    "(x",
    "a.*",
    "(?=x)",
    "${env:X}",
    "\u{1}",
    "é😀",
    "FileStreamSource",
    "FileStreamSink",
    "RegexRouter",
    "TopicNameMatches",
    "JsonConverter",
    "SimpleHeaderConverter",
    "org.apache.kafka.connect.transforms.ExtractField",
];

const KEYS: [&str; 26] = [
    "file",
    "topic",
    "transforms.a.type",
    "transforms.a.predicate",
    "transforms.a.negate",
    "transforms.a.regex",
    "transforms.a.replacement",
    "transforms.b.type",
    "transforms..type",
    "predicates.a.type",
    "predicates.a.pattern",
    "predicates.b.plugin.version",
    "key.converter.schemas.enable",
    "value.converter.schemas.cache.size",
    "topic.creation.default.partitions",
    "topic.creation.default.replication.factor",
    "topic.creation.a.include",
    "topic.creation.a.partitions",
    "topic.creation.",
    "producer.override.linger.ms",
    "producer.override.sasl.jaas.config",
    "consumer.override.group.id",
    "consumer.override.",
    "admin.override.retries",
    "config.providers",
    "unheard.of",
];

#[test]
fn validation_and_building_agree_on_whatever_is_sent() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let defaults = [
        WorkerDefaults::default(),
        WorkerDefaults { topic_creation: false, group_id: Some("a".to_owned()), ..WorkerDefaults::default() },
    ];
    let policies =
        [OverridePolicy::default(), OverridePolicy::All, OverridePolicy::None, OverridePolicy::Principal];
    let mut keys: Vec<String> = KEYS.iter().map(|&key| key.into()).collect();
    for kind in [ConnectorKind::Source, ConnectorKind::Sink] {
        keys.extend(spec::keys::definition(kind, &defaults[0]).keys().map(|key| key.name.clone()));
    }
    let mut valid = 0;
    for _ in 0..20_000 {
        let class = *["FileStreamSource", "FileStreamSink"].choose(&mut random).unwrap();
        let mut config: RawConfig =
            [("name", "n"), ("connector.class", class), ("topic", "t")].into_iter().collect();
        if class == "FileStreamSink" {
            config.set("topics", "t");
        }
        for _ in 0..random.random_range(0..6) {
            let key = keys.choose(&mut random).unwrap().as_str();
            match random.random_bool(0.02) {
                true => config.set_null(key),
                false => config.set(key, *VALUES.choose(&mut random).unwrap()),
            }
        }
        let (defaults, policy) =
            (defaults.choose(&mut random).unwrap(), policies.choose(&mut random).unwrap());
        let answer = spec::validate(&config, &catalog::catalog(), defaults, policy);
        let built = spec::build(&config, &catalog::catalog(), defaults, policy);
        let shown = || config.iter().map(|(key, value)| format!("{key}={value:?}")).collect::<Vec<_>>();
        assert_eq!(answer.is_valid(), answer.report().is_empty(), "{:?}", shown());
        match built {
            Ok(spec) => {
                assert!(answer.is_valid(), "{:?}", shown());
                assert!(spec.tasks_max >= 1 && !spec.name.is_empty());
                valid += 1;
            }
            Err(report) => assert_eq!(report, answer.report(), "{:?}", shown()),
        }
        spec::unknown_keys(&config, &catalog::catalog(), defaults);
    }
    println!("{valid} of 20000 valid");
    assert!(valid > 1000);
}
