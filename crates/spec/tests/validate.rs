//! Validation against what a Java worker of version 4.3.1 answers.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod catalog;

use api::config::{ConfigKey, ConfigValue, DefaultValue, RawConfig, Type, Width};
use sluice_spec as spec;
use spec::{OverridePolicy, Validation, WorkerDefaults, connector_plugin};

use catalog::catalog;

fn raw(entries: &[(&str, &str)]) -> RawConfig {
    entries.iter().copied().collect()
}

fn validate(raw: &RawConfig) -> Validation {
    spec::validate(raw, &catalog(), &WorkerDefaults::default(), &OverridePolicy::default())
}

fn errors(raw: &RawConfig) -> Vec<String> {
    validate(raw).report().iter().flat_map(|(_, errors)| errors.to_vec()).collect()
}

fn source(entries: &[(&str, &str)]) -> RawConfig {
    let mut config = raw(&[("name", "s"), ("connector.class", "FileStreamSource"), ("topic", "t")]);
    entries.iter().for_each(|(key, value)| config.set(*key, *value));
    config
}

fn sink(entries: &[(&str, &str)]) -> RawConfig {
    let mut config = raw(&[("name", "s"), ("connector.class", "FileStreamSink")]);
    entries.iter().for_each(|(key, value)| config.set(*key, *value));
    config
}

fn entry<'a>(validation: &'a Validation, name: &str) -> (&'a ConfigKey, &'a ConfigValue) {
    validation
        .configs
        .iter()
        .find_map(|(key, value)| key.as_ref().zip(value.as_ref()).filter(|(key, _)| key.name == name))
        .unwrap()
}

#[test]
fn the_answer_for_a_source_is_javas() {
    let answer = validate(&raw(&[("connector.class", "FileStreamSource"), ("tasks.max", "0"), ("name", "")]));
    assert_eq!((answer.error_count, answer.name.as_str()), (3, "FileStreamSource"));
    assert_eq!(
        answer.groups,
        [
            "Common",
            "Transforms",
            "Predicates",
            "Error Handling",
            "Topic Creation",
            "Exactly Once Support",
            "offsets.topic"
        ]
    );
    let names: Vec<&str> =
        answer.configs.iter().filter_map(|(key, _)| key.as_ref()).map(|key| key.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "name",
            "connector.class",
            "connector.plugin.version",
            "tasks.max",
            "tasks.max.enforce",
            "key.converter",
            "key.converter.plugin.version",
            "value.converter",
            "value.converter.plugin.version",
            "header.converter",
            "header.converter.plugin.version",
            "transforms",
            "predicates",
            "config.action.reload",
            "errors.retry.timeout",
            "errors.retry.delay.max.ms",
            "errors.tolerance",
            "errors.log.enable",
            "errors.log.include.messages",
            "topic.creation.groups",
            "exactly.once.support",
            "transaction.boundary",
            "transaction.boundary.interval.ms",
            "offsets.storage.topic",
            "file",
            "topic",
            "batch.size"
        ]
    );
    let (key, value) = entry(&answer, "tasks.max");
    assert_eq!((key.value_type, key.order_in_group, key.width), (Type::Int, 4, Width::Short));
    assert_eq!(key.display_name, "Tasks max");
    assert_eq!(value.value.as_deref(), Some("0"));
    assert_eq!(value.errors, ["Invalid value 0 for configuration tasks.max: Value must be at least 1"]);
    let (key, value) = entry(&answer, "topic");
    assert_eq!((key.group.as_deref(), key.order_in_group, key.is_required()), (None, -1, true));
    assert_eq!(value.value, None);
    let (_, value) = entry(&answer, "key.converter");
    assert_eq!(value.value.as_deref(), Some("org.apache.kafka.connect.json.JsonConverter"));
    assert_eq!(entry(&answer, "errors.tolerance").0.order_in_group, 3);
    assert_eq!(entry(&answer, "transforms").0.order_in_group, 12);
}

#[test]
fn what_the_worker_could_not_bear_is_refused() {
    let config = |name: &str, tasks: &str| {
        raw(&[("name", name), ("connector.class", "FileStreamSource"), ("topic", "t"), ("tasks.max", tasks)])
    };
    for tasks in ["1001", "2147483647"] {
        let expected =
            format!("Invalid value {tasks} for configuration tasks.max: Value must be no more than 1000");
        assert_eq!(errors(&config("n", tasks)), [expected]);
    }
    let long = "ü".repeat(1025);
    let found = errors(&config(&long, "1"));
    assert!(found[0].contains("may not be longer than 2048 bytes but has 2050"), "{found:?}");
    assert!(errors(&config(&long[2..], "1000")).is_empty());
}

#[test]
fn error_texts_are_javas() {
    let mut bad = raw(&[("name", ""), ("connector.class", "FileStreamSource"), ("topic", "t")]);
    assert_eq!(errors(&bad), ["Invalid value  for configuration name: String may not be empty"]);
    bad.set("name", "a\u{1}b");
    assert_eq!(
        errors(&bad),
        [
            "Invalid value a\u{1}b for configuration name: String may not contain control sequences but had the \
             following ASCII chars: 1"
        ]
    );
    let bad = raw(&[("name", "n"), ("connector.class", "FileStreamSource"), ("tasks.max", "x")]);
    assert_eq!(
        errors(&bad),
        [
            "Invalid value x for configuration tasks.max: Not a number of type INT",
            "Invalid value null for configuration tasks.max: Value must be non-null",
            "Missing required configuration \"topic\" which has no default value.",
        ]
    );
    let mut bad = source(&[("errors.tolerance", "some")]);
    bad.set_null("unheard.of");
    let answer = validate(&bad);
    assert_eq!(answer.error_count, 2);
    let (key, value) = &answer.configs[0];
    assert!(key.is_none());
    assert_eq!(
        value.as_ref().unwrap().errors,
        ["Null value can not be supplied as the configuration value."]
    );
    assert_eq!(
        answer.report().of("errors.tolerance"),
        ["Invalid value some for configuration errors.tolerance: String must be one of: none, all"]
    );
}

#[test]
fn a_connector_without_a_known_class_is_said_in_kafkas_words() {
    let problem = |raw: &RawConfig| connector_plugin(raw, &catalog()).err().unwrap().to_string();
    let config = raw(&[("name", "bad"), ("topic", "x"), ("db.password", "canary")]);
    assert_eq!(
        problem(&config),
        "Connector config {name=bad, topic=x, db.password=[hidden]} contains no connector type"
    );
    let unknown = raw(&[("name", "bad"), ("connector.class", "com.example.Nope")]);
    assert!(problem(&unknown).starts_with(
        "Failed to find any class that implements Connector and which name matches com.example.Nope, available \
         connectors are: PluginDesc{klass=class org.apache.kafka.connect.file.FileStreamSinkConnector, name='"
    ));
    assert_eq!(validate(&unknown).report().of("connector.class").len(), 1);
    assert_eq!(
        validate(&config).report().of("connector.class"),
        ["Missing required configuration \"connector.class\" which has no default value."]
    );
}

#[test]
fn sinks_read_topics_or_a_pattern_and_never_their_dead_letters() {
    let none = "Must configure one of topics or topics.regex";
    assert_eq!(errors(&sink(&[])), [none, none]);
    let both = "topics and topics.regex are mutually exclusive options, but both are set.";
    assert_eq!(errors(&sink(&[("topics", "a"), ("topics.regex", "a")])), [both, both]);
    let dead = ("errors.deadletterqueue.topic.name", "dead");
    assert_eq!(
        errors(&sink(&[("topics", "a, dead"), dead])),
        [
            "The DLQ topic 'dead' may not be included in the list of topics ('topics=[a, dead]') consumed by the \
             connector"
        ]
    );
    assert_eq!(
        errors(&sink(&[("topics.regex", "d.*"), dead])),
        [
            "The DLQ topic 'dead' may not be matched by the regex for the topics ('topics.regex=d.*') consumed \
             by the connector"
        ]
    );
    assert!(errors(&sink(&[("topics.regex", "(x")]))[0].contains("Invalid regex: unclosed group"));
    assert!(errors(&sink(&[("topics", "a,a")]))[0].contains("must not be duplicated"));
    let distributed = WorkerDefaults { group_id: Some("connect-s".to_owned()), ..WorkerDefaults::default() };
    let answer =
        spec::validate(&sink(&[("topics", "a")]), &catalog(), &distributed, &OverridePolicy::default());
    assert_eq!(
        answer.report().of("name"),
        ["Consumer group for sink connector named s conflicts with Connect worker group connect-s"]
    );
}

#[test]
fn aliases_have_keys_of_their_own() {
    let good = source(&[
        ("transforms", "route"),
        ("transforms.route.type", "RegexRouter"),
        ("transforms.route.regex", "a"),
        ("transforms.route.replacement", "b"),
        ("transforms.route.predicate", "named"),
        ("transforms.route.negate", "true"),
        ("predicates", "named"),
        ("predicates.named.type", "TopicNameMatches"),
        ("predicates.named.pattern", "x"),
    ]);
    let answer = validate(&good);
    assert!(answer.is_valid(), "{}", answer.report());
    assert_eq!(answer.groups[7..], ["Transforms: route", "Predicates: named"]);
    let names: Vec<&str> = answer.configs[24..]
        .iter()
        .filter_map(|(key, _)| key.as_ref())
        .map(|key| key.name.as_str())
        .take_while(|name| name.starts_with("transforms."))
        .collect();
    assert_eq!(
        names,
        [
            "transforms.route.type",
            "transforms.route.plugin.version",
            "transforms.route.regex",
            "transforms.route.replacement",
            "transforms.route.negate",
            "transforms.route.predicate",
        ]
    );
    let (key, value) = entry(&answer, "transforms.route.type");
    assert_eq!((key.display_name.as_str(), key.order_in_group), ("Transformation type for route", 0));
    assert_eq!(value.value.as_deref(), Some("org.apache.kafka.connect.transforms.RegexRouter"));
}

#[test]
fn what_is_wrong_with_an_alias_is_said_on_its_key() {
    let one = |entries: &[(&str, &str)]| {
        let mut config = source(&[("transforms", "a")]);
        entries.iter().for_each(|(key, value)| config.set(*key, *value));
        errors(&config)
    };
    assert_eq!(
        one(&[]),
        ["Missing required configuration \"transforms.a.type\" which has no default value."]
    );
    assert_eq!(
        one(&[("transforms.a.type", "com.x.Nope")]),
        [
            "Invalid value com.x.Nope for configuration transforms.a.type: Class com.x.Nope could not be found."
        ]
    );
    assert_eq!(
        one(&[("transforms.a.type", "org.apache.kafka.connect.json.JsonConverter")]),
        [
            "Invalid value class org.apache.kafka.connect.json.JsonConverter for configuration transforms.a.type: \
             Not a Transformation"
        ]
    );
    assert_eq!(
        one(&[("transforms.a.type", "org.apache.kafka.connect.transforms.ExtractField")]),
        ["Invalid value class org.apache.kafka.connect.transforms.ExtractField for configuration \
             transforms.a.type: Transformation is abstract and cannot be created. Did you mean \
             org.apache.kafka.connect.transforms.ExtractField$Key, \
             org.apache.kafka.connect.transforms.ExtractField$Value?"]
    );
    let router = [
        ("transforms.a.type", "RegexRouter"),
        ("transforms.a.regex", "x"),
        ("transforms.a.replacement", "x"),
    ];
    assert_eq!(one(&router), ["replacement is the same as regex"]);
    let mut good = router.to_vec();
    good[2].1 = "y";
    let with = |extra: (&'static str, &'static str)| [good.as_slice(), &[extra]].concat();
    assert!(one(&with(("transforms.a.predicate", "p")))[0].contains("'predicates' does not list"));
    assert_eq!(
        one(&with(("transforms.a.negate", "true"))),
        [
            "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a \
             predicate to be negated."
        ]
    );
    assert_eq!(
        one(&with(("transforms", "a,a"))),
        ["Invalid value [a, a] for configuration transforms: Duplicate alias provided."]
    );
}

#[test]
fn converters_of_the_connector_have_a_part_of_their_own() {
    let answer = validate(&source(&[
        ("value.converter", "JsonConverter"),
        ("value.converter.schemas.cache.size", "x"),
        ("key.converter.schemas.enable", "false"),
    ]));
    // Two errors on one key of this part count once.
    assert_eq!(answer.error_count, 1);
    let last: Vec<&str> = answer.configs[27..]
        .iter()
        .filter_map(|(key, _)| key.as_ref())
        .map(|key| key.name.as_str())
        .collect();
    assert_eq!(last, ["value.converter.schemas.enable", "value.converter.schemas.cache.size"]);
    assert_eq!(answer.warnings.len(), 1);
    assert_eq!(answer.warnings[0].key, "key.converter.schemas.enable");
    assert_eq!(
        errors(&source(&[("value.converter", "Nope")])),
        ["Invalid value Nope for configuration value.converter: Class Nope could not be found."]
    );
}

#[test]
fn versions_that_are_not_here_are_refused() {
    assert!(errors(&source(&[("connector.plugin.version", "[1.0,2.0)")])).is_empty());
    assert_eq!(
        errors(&source(&[("connector.plugin.version", "[2.0,)")])),
        [
            "Plugin org.apache.kafka.connect.file.FileStreamSourceConnector not found that matches the version range \
             [2.0,), available versions: [1.2.0]"
        ]
    );
    assert_eq!(errors(&source(&[("connector.plugin.version", "[2.0")])).len(), 1);
    let answer = validate(&source(&[
        ("transforms", "a"),
        ("transforms.a.type", "RegexRouter"),
        ("transforms.a.regex", "a"),
        ("transforms.a.replacement", "b"),
    ]));
    for key in [
        "connector.plugin.version",
        "key.converter.plugin.version",
        "header.converter.plugin.version",
        "transforms.a.plugin.version",
    ] {
        let (key, value) = entry(&answer, key);
        assert_eq!(key.default, DefaultValue::Text("1.2.0".to_owned()), "{}", key.name);
        assert_eq!(value.value.as_deref(), Some("1.2.0"), "{}", key.name);
        assert_eq!(value.recommended_values, ["1.2.0"], "{}", key.name);
        assert!(value.visible);
    }
    for (class, visible) in [("Nope", false), ("RegexRouter", true)] {
        let answer = validate(&source(&[("value.converter", class)]));
        assert_eq!(entry(&answer, "value.converter.plugin.version").1.visible, visible, "{class}");
    }
    let converter = source(&[("value.converter", "JsonConverter"), ("value.converter.plugin.version", "9")]);
    assert!(errors(&converter)[0].contains("available versions: [1.2.0]"));
}

#[test]
fn overrides_are_checked_where_the_client_exists() {
    assert!(errors(&source(&[("producer.override.linger.ms", "5")])).is_empty());
    assert_eq!(
        errors(&source(&[("producer.override.bootstrap.servers", "x:9092")])),
        ["The 'Allowlist' policy does not allow 'bootstrap.servers' to be overridden in the connector \
             configuration."]
    );
    let unused = validate(&source(&[("consumer.override.bootstrap.servers", "x:9092")]));
    assert!(unused.is_valid());
    assert!(unused.warnings[0].text.contains("no such client"));
    let jndi = "com.sun.security.auth.module.JndiLoginModule required;";
    for client in ["producer", "consumer", "admin"] {
        let config = source(&[(&format!("{client}.override.sasl.jaas.config"), jndi)]);
        let answer = spec::validate(&config, &catalog(), &WorkerDefaults::default(), &OverridePolicy::All);
        assert!(!answer.is_valid(), "{client}");
    }
}

#[test]
fn what_this_worker_does_not_do_is_refused_or_said() {
    assert_eq!(
        errors(&source(&[("exactly.once.support", "REQUIRED")])),
        ["This worker does not have exactly-once source support enabled."]
    );
    for (key, value) in [
        ("transaction.boundary", "interval"),
        ("transaction.boundary.interval.ms", "5"),
        ("offsets.storage.topic", "mine"),
        ("errors.deadletterqueue.topic.name", "dead"),
        ("tasks.max.enforce", "false"),
        ("topic.creation.x.partitions", "1"),
    ] {
        let mut config = source(&[(key, value)]);
        if key.starts_with("topic.creation") {
            config.set("topic.creation.default.partitions", "1");
            config.set("topic.creation.default.replication.factor", "1");
        }
        let answer = validate(&config);
        assert!(answer.is_valid(), "{key}: {}", answer.report());
        assert!(answer.warnings.iter().any(|warning| warning.key == key), "{key}");
    }
    assert_eq!(errors(&source(&[("topic.creation.groups", "a")])).len(), 2);
}

#[test]
fn keys_beyond_kafkas_are_answered_only_where_they_are_set() {
    let names = |validation: &Validation| -> Vec<String> {
        let keys = validation.configs.iter().filter_map(|(key, _)| key.as_ref());
        keys.map(|key| key.name.clone()).filter(|name| name.starts_with("sluice.")).collect()
    };
    assert!(names(&validate(&source(&[]))).is_empty(), "Kafka's answer stays Kafka's");
    let set = source(&[
        ("sluice.errors.source.topic", "bad"),
        ("sluice.errors.source.topic.replication.factor", "0"),
        ("sluice.errors.source.topics", "bad"),
    ]);
    let validation = validate(&set);
    assert_eq!(names(&validation).len(), 2);
    let error = "Invalid value 0 for configuration sluice.errors.source.topic.replication.factor: \
                 Value must be at least 1, or -1 for the broker's default";
    assert_eq!(errors(&set), [error]);
    let unknown = spec::unknown_keys(&set, &catalog(), &WorkerDefaults::default());
    let near = Some("sluice.errors.source.topic".to_owned());
    assert_eq!(unknown, [("sluice.errors.source.topics".to_owned(), near)]);
    let of_sink = sink(&[("topics", "t"), ("sluice.errors.source.topic", "bad")]);
    assert_eq!(spec::unknown_keys(&of_sink, &catalog(), &WorkerDefaults::default()).len(), 1);
}

#[test]
fn keys_that_nobody_declares_are_found() {
    let config = source(&[
        ("transform", "a"),
        ("tpoic", "t"),
        ("confluent.license", ""),
        ("value.converter", "JsonConverter"),
        ("value.converter.schema.enable", "false"),
        ("producer.override.linger.ms", "1"),
    ]);
    let unknown = spec::unknown_keys(&config, &catalog(), &WorkerDefaults::default());
    let expected = [
        ("transform", Some("transforms")),
        ("tpoic", Some("topic")),
        ("confluent.license", None),
        ("value.converter.schema.enable", Some("value.converter.schemas.enable")),
    ];
    let found: Vec<(&str, Option<&str>)> =
        unknown.iter().map(|(key, near)| (key.as_str(), near.as_deref())).collect();
    assert_eq!(found, expected);
}
