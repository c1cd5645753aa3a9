//! The worker's config: what it gives, refuses and warns of, and property files as people have them.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use config::{Catalog, Config, DefaultValue, PluginDescription, PluginKind, RawConfig, Report, properties};
use sluice_worker::config::{CommonKeys, Storage, WorkerConfig};
use sluice_worker::environment;
use spec::OverridePolicy;

/// A converter's keys.
#[derive(Debug, Config)]
struct JsonKeys {
    /// Whether the schema goes with each value.
    #[config(key = "schemas.enable", default = "true")]
    #[allow(dead_code)] // read through its key
    schemas: bool,
}

struct Plugins(Vec<PluginDescription>);

impl Catalog for Plugins {
    fn plugins(&self) -> Vec<&PluginDescription> {
        self.0.iter().collect()
    }
}

fn catalog() -> Plugins {
    let plugin = |kind, class| PluginDescription {
        class,
        kind,
        version: "1.0.0",
        definition: JsonKeys::definition(),
        validate: JsonKeys::validate,
    };
    Plugins(vec![
        plugin(PluginKind::Converter, "org.apache.kafka.connect.json.JsonConverter"),
        plugin(PluginKind::Converter, "org.apache.kafka.connect.storage.StringConverter"),
        plugin(PluginKind::HeaderConverter, "org.apache.kafka.connect.storage.SimpleHeaderConverter"),
    ])
}

const MINIMAL: &str = "bootstrap.servers=a:1, b:2\nkey.converter=JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n\
    offset.storage.file.filename=/tmp/connect.offsets\n";

fn read(extra: &str) -> Result<WorkerConfig, Report> {
    WorkerConfig::standalone(&properties::parse(&format!("{MINIMAL}{extra}")).unwrap(), &catalog())
}

fn problem(extra: &str) -> String {
    read(extra).unwrap_err().to_string()
}

#[test]
fn a_small_file_gives_kafkas_defaults_and_a_closed_door() {
    let config = read("").unwrap();
    assert_eq!(config.bootstrap_servers, ["a:1", "b:2"]);
    let Storage::OffsetFile(file) = &config.storage else { panic!("{:?}", config.storage) };
    assert_eq!(file.to_str(), Some("/tmp/connect.offsets"));
    assert_eq!(config.settings.offset_flush_interval, Duration::from_secs(60));
    assert_eq!(config.graceful_timeout, Duration::from_secs(5));
    assert_eq!((config.listeners[0].host.as_str(), config.listeners[0].port), ("127.0.0.1", 8083));
    assert_eq!(config.worker_id(&["127.0.0.1:4711".parse().unwrap()]), "127.0.0.1:4711");
    assert_eq!(config.override_policy, OverridePolicy::default());
    assert_eq!(config.defaults.key_converter.class, "org.apache.kafka.connect.json.JsonConverter");
    assert_eq!(config.defaults.value_converter.config.get("schemas.enable"), Some("false"));
    assert_eq!(
        config.defaults.header_converter.class,
        "org.apache.kafka.connect.storage.SimpleHeaderConverter"
    );
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn clients_get_what_java_gives_them() {
    let config = read(
        "security.protocol=SSL\nssl.truststore.location=/t\nproducer.acks=1\nproducer.interceptor.classes=X\n\
         producer.bootstrap.servers=c:3\nconsumer.fetch.min.bytes=9\nadmin.retries=2\nrequest.timeout.ms=5\n",
    )
    .unwrap();
    let keys = |raw: &RawConfig| -> BTreeMap<String, String> {
        raw.iter().map(|(key, value)| (key.to_owned(), value.unwrap().to_owned())).collect()
    };
    let expected = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let settings = &config.settings;
    assert_eq!(keys(&settings.producer), expected(&[("acks", "1"), ("bootstrap.servers", "c:3")]));
    assert_eq!(
        keys(&settings.consumer),
        expected(&[("bootstrap.servers", "a:1,b:2"), ("fetch.min.bytes", "9")])
    );
    assert_eq!(
        keys(&settings.admin),
        expected(&[
            ("bootstrap.servers", "a:1,b:2"),
            ("security.protocol", "SSL"),
            ("ssl.truststore.location", "/t"),
            ("request.timeout.ms", "5"),
            ("retries", "2"),
        ])
    );
    assert!(config.warnings[0].text.contains("producer.interceptor.classes"));
}

#[test]
fn what_cannot_work_is_refused_and_named() {
    let missing = WorkerConfig::standalone(&RawConfig::new(), &catalog()).unwrap_err();
    let keys: Vec<&str> = missing.iter().map(|(key, _)| key).collect();
    assert_eq!(
        keys,
        ["bootstrap.servers", "key.converter", "value.converter", "offset.storage.file.filename"]
    );
    assert!(problem("key.converter=com.acme.NoSuchConverter").contains("There are: org.apache"));
    assert!(problem("value.converter.schemas.enable=maybe").contains("either true or false"));
    assert!(problem("key.converter.plugin.version=[2.0,)").contains("there is version 1.0.0 only"));
    assert!(problem("listeners=http://0.0.0.0:8083").contains("sluice.rest.insecure=true"));
    assert!(problem("rest.extension.classes=com.x.BasicAuth").contains("not passed over"));
    assert!(problem("admin.listeners=http://0.0.0.0:1").contains("sluice.rest.insecure"));
    assert!(problem("response.http.headers.config=put X: y").contains("Invalid header config action: 'put'"));
    assert!(problem("access.control.allow.origin=(").contains("access.control.allow.origin"));
    assert!(problem("listeners.https.ssl.keystore.locaton=/k").contains("there is no such key"));
    assert!(
        problem("sluice.rest.requests.exempt=10.0.0.0/33").contains("10.0.0.0/33 is neither an IP address")
    );
    assert!(problem("sluice.rest.idle.timeout.ms=0").contains("at least 1"));
    assert!(problem("rest.advertised.listener=https").contains("no listener has this scheme"));
    // All problems of TLS at once.
    let tls = problem("listeners=https://127.0.0.1:0\nssl.client.auth=required\nssl.protocol=SSLv3");
    for part in
        ["ssl.keystore.location: an https listener needs", "ssl.truststore.location: ", "SSLv3 is broken"]
    {
        assert!(tls.contains(part), "{part}: {tls}");
    }
    assert!(problem("connector.client.config.override.policy=Mine").contains("Allowlist"));
    assert!(problem("offset.flush.interval.ms=-1").contains("at least 0"));
    assert!(problem("rest.advertised.port=70000").contains("0 to 65535"));
    let distributed = MINIMAL.replace("offset.storage.file.filename=/tmp/connect.offsets", "group.id=g");
    let report = WorkerConfig::standalone(&properties::parse(&distributed).unwrap(), &catalog()).unwrap_err();
    assert!(report.of("group.id")[0].contains("start it without --standalone"));
}

#[test]
fn an_open_door_and_keys_without_effect_are_said() {
    let config = read(
        "listeners=http://0.0.0.0:8083\nsluice.rest.insecure=true\nplugin.path=/p\nrest.port=1\n\
         internal.key.converter=X\ngroup.id=g\nplugins.path=/p\nssl.client.auth=required\n\
         rest.advertised.host.name=me\nrest.advertised.port=99\n",
    )
    .unwrap();
    let texts: Vec<&str> = config.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "these keys are for a Java worker and have no effect here: plugin.path, rest.port, \
             internal.key.converter",
            "these keys are for distributed workers and have no effect on a standalone one: group.id",
            "there is no such key, so it has no effect; did you mean plugin.path?",
            "REST listens on http://0.0.0.0:8083 without authentication: whoever reaches it may create connectors",
        ]
    );
    assert_eq!(config.worker_id(&["0.0.0.0:8083".parse().unwrap()]), "me:99");
}

// As Kafka Connect chooses them.
#[test]
fn others_know_the_worker_by_an_advertised_url() {
    let bound = ["127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap()];
    let url = |more: &str| read(more).unwrap().advertised_url(&bound);
    let pem = "ssl.keystore.location=/k.pem\n";
    let both = format!("{pem}listeners=https://localhost:0,http://127.0.0.1:0\n");
    assert_eq!(url(&both), "http://127.0.0.1:2/", "http, if there is one");
    assert_eq!(url(&format!("{both}rest.advertised.listener=HTTPS")), "https://localhost:1/");
    assert_eq!(url(&format!("{pem}listeners=https://[::1]:0")), "https://[::1]:1/");
    let proxy =
        "rest.advertised.listener=https\nrest.advertised.host.name=connect\nrest.advertised.port=443\n";
    assert_eq!(url(proxy), "https://connect:443/");
}

// The page of TLS and limits, held against the keys that there are.
#[test]
fn the_page_of_limits_is_complete() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/rest-tls-and-limits.md");
    let page = fs::read_to_string(file).unwrap();
    for key in tls::KEYS {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
    let limits = ["connections", "handshake", "idle", "header", "body", "answer", "requests"];
    let limits = limits.map(|name| format!("sluice.rest.{name}."));
    let mut count = 0;
    for key in CommonKeys::definition().keys() {
        if limits.iter().any(|prefix| key.name.starts_with(prefix)) {
            let DefaultValue::Text(default) = &key.default else { panic!("{} has no default", key.name) };
            let row = format!("| `{}` | `{}` |", key.name, default);
            assert!(page.contains(&row), "{row}");
            count += 1;
        }
    }
    assert_eq!(count, 9);
}

// Why a file that somebody uses with Java is refused here: each is a sentence of ours that says what to do.
const REASONS: [&str; 8] = [
    "could not be found. There are:",
    "sluice.rest.insecure=true",
    "not passed over",
    "an https listener needs a key",
    "standalone workers only",
    "Missing required configuration",
    "String must be one of (case insensitive): http",
    "must be there once",
];

// The name that container images of Kafka Connect have for a key.
fn variable(key: &str) -> String {
    let spelled = key.replace('_', "__").replace('-', "___").replace('.', "_");
    format!("CONNECT_{}", spelled.to_uppercase())
}

#[test]
fn property_files_of_others_are_read_or_refused_for_a_known_reason() {
    let Some(shared) = testkit::shared("property_files_of_others_are_read_or_refused_for_a_known_reason")
    else {
        return;
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in fs::read_dir(shared.join("corpus/workers")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let raw = properties::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        let kind = name.split("--").next().unwrap_or_default();
        let outcome = match kind {
            "standalone" => WorkerConfig::standalone(&raw, &catalog()).map(drop),
            "distributed" => {
                // As its container had it: every key is there again, in small letters.
                let variables = raw.iter().map(|(key, value)| (variable(key).into(), value.unwrap().into()));
                let again = environment::properties(variables).unwrap();
                let keys =
                    |raw: &RawConfig| raw.iter().map(|(key, _)| key.to_lowercase()).collect::<BTreeSet<_>>();
                assert_eq!(keys(&again), keys(&raw), "{name}");
                WorkerConfig::distributed(&raw, &catalog()).map(|config| {
                    let unused = config.warnings.iter().filter(|it| it.text.contains("for a Java worker"));
                    assert!(unused.count() <= 1, "{name}: one warning names them all");
                })
            }
            _ => Ok(()),
        };
        if let Err(report) = secrets::Providers::from_worker(&raw) {
            for problem in report.iter().flat_map(|(_, problems)| problems) {
                let known =
                    ["reads nothing without", "there is no such config provider here", "Missing required"]
                        .iter()
                        .any(|reason| problem.contains(reason));
                assert!(known, "{name}: {problem}");
            }
            let keys: Vec<&str> = report.iter().map(|(key, _)| key).collect();
            *counts.entry(format!("{kind} config providers refused: {}", keys.join(", "))).or_default() += 1;
        }
        let outcome = match outcome {
            Ok(()) => "read".to_owned(),
            Err(report) => {
                for problem in report.iter().flat_map(|(_, problems)| problems) {
                    let known = REASONS.iter().any(|reason| problem.contains(reason));
                    assert!(known, "{name}: {problem}");
                }
                let keys: Vec<&str> = report.iter().map(|(key, _)| key).collect();
                format!("refused: {}", keys.join(", "))
            }
        };
        *counts.entry(format!("{kind} {outcome}")).or_default() += 1;
    }
    for (outcome, count) in &counts {
        println!("{count:4} {outcome}");
    }
    assert!(counts.values().sum::<usize>() > 50);
}

#[test]
fn settings_of_clients_that_no_client_has_are_refused_at_start() {
    let extra = "producer.override.linger.ms=1\nconsumer.fetch.min.byte=1\nproducer.linger.ms=1\n\
        consumer.interceptor.classes=com.example.Mine\n";
    let text = read(extra).unwrap_err().to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("producer.override.linger.ms: only connectors override"), "{text}");
    assert!(text.contains("the worker's own is producer.linger.ms"), "{text}");
    assert!(
        text.contains(
            "consumer.fetch.min.byte: no client of Kafka has this setting; did you mean fetch.min.bytes?"
        ),
        "{text}"
    );
}

#[test]
fn metrics_for_cloudwatch_need_an_environment_and_a_sane_interval() {
    assert_eq!(read("sluice.metrics.environment=prod").unwrap().metric_lines, None, "off unless asked for");
    let lines =
        read("sluice.metrics.emf=true\nsluice.metrics.environment= prod").unwrap().metric_lines.unwrap();
    assert_eq!((lines.interval, lines.environment.as_str()), (Duration::from_secs(60), "prod"));
    assert!(problem("sluice.metrics.emf=true").contains("sluice.metrics.environment"));
    let often = "sluice.metrics.emf=true\nsluice.metrics.environment=a\nsluice.metrics.emf.interval.ms=999";
    assert!(problem(often).contains("at least 1000"));
    assert!(problem("sluice.metrics.names=jmx").contains("sluice.metrics.names"));
    assert_eq!(read("sluice.metrics.names=BOTH").unwrap().http.metric_names, metrics::Naming::Both);
}
