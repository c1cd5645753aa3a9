use super::*;

fn settings(pairs: &[(&str, &str)]) -> ClientSettings {
    let mut raw: api::config::RawConfig = pairs.iter().copied().collect();
    if !raw.contains("bootstrap.servers") {
        raw.set("bootstrap.servers", "localhost:9092");
    }
    ClientSettings(raw)
}

/// Each native key has this value after translation.
fn check(role: Role, java: &[(&str, &str)], native: &[(&str, &str)]) {
    let mut pairs = java.to_vec();
    if role == Role::Consumer && !java.iter().any(|(key, _)| *key == "group.id") {
        pairs.push(("group.id", "g"));
    }
    let translated = translate(role, &settings(&pairs)).unwrap_or_else(|error| panic!("{java:?}: {error}"));
    for (key, value) in native {
        assert_eq!(translated.get(key), Some(*value), "{key} of {java:?}");
    }
}

fn refused(role: Role, java: &[(&str, &str)]) -> String {
    let mut pairs = java.to_vec();
    if role == Role::Consumer && !java.iter().any(|(key, _)| *key == "group.id") {
        pairs.push(("group.id", "g"));
    }
    match translate(role, &settings(&pairs)) {
        Err(error @ Error::Misconfigured { .. }) => error.to_string(),
        Err(other) => panic!("{java:?}: {other:?}"),
        Ok(_) => panic!("{java:?} was taken"),
    }
}

#[test]
fn what_connect_gives_a_source_tasks_producer() {
    check(
        Role::Producer,
        &[
            ("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"),
            ("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"),
            ("request.timeout.ms", "2147483647"),
            ("max.block.ms", "9223372036854775807"),
            ("enable.idempotence", "false"),
            ("acks", "all"),
            ("max.in.flight.requests.per.connection", "1"),
            ("delivery.timeout.ms", "2147483647"),
            ("client.id", "connector-producer-c-0"),
            ("metrics.context.connect.kafka.cluster.id", "x"),
        ],
        &[
            ("acks", "all"),
            ("enable.idempotence", "false"),
            ("max.in.flight", "1"),
            ("message.timeout.ms", "2147483647"),
            ("socket.timeout.ms", "300000"),
            ("partitioner", "murmur2_random"),
        ],
    );
}

#[test]
fn defaults_keep_order_and_bound_memory() {
    check(
        Role::Producer,
        &[],
        &[
            ("acks", "all"),
            ("enable.idempotence", "false"),
            ("max.in.flight", "1"),
            ("message.max.bytes", "1048576"),
            ("batch.size", "943719"),
            ("queue.buffering.max.kbytes", "16384"),
            ("security.protocol", "plaintext"),
        ],
    );
    check(Role::Producer, &[("acks", "1")], &[("enable.idempotence", "false"), ("max.in.flight", "1")]);
    check(
        Role::Producer,
        &[("max.in.flight.requests.per.connection", "9")],
        &[("enable.idempotence", "false"), ("max.in.flight", "9")],
    );
    check(Role::Producer, &[("retries", "0")], &[("enable.idempotence", "false"), ("retries", "0")]);
    check(
        Role::Producer,
        &[("enable.idempotence", "true")],
        &[("enable.idempotence", "true"), ("max.in.flight", "5")],
    );
    for excluded in [("acks", "1"), ("retries", "0"), ("max.in.flight.requests.per.connection", "6")] {
        refused(Role::Producer, &[("enable.idempotence", "true"), excluded]);
    }
}

#[test]
fn sizes_and_codecs() {
    check(Role::Producer, &[("buffer.memory", "33554432")], &[("queue.buffering.max.kbytes", "32768")]);
    check(Role::Producer, &[("buffer.memory", "1000")], &[("queue.buffering.max.kbytes", "2048")]);
    check(
        Role::Producer,
        &[("batch.size", "16384"), ("linger.ms", "0")],
        &[("batch.size", "16384"), ("linger.ms", "0")],
    );
    check(Role::Producer, &[("batch.size", "0")], &[("batch.size", "1")]);
    check(Role::Producer, &[("batch.size", "5000000")], &[("batch.size", "943719")]);
    check(
        Role::Producer,
        &[("batch.size", "5000000"), ("max.request.size", "10000000")],
        &[("batch.size", "5000000"), ("message.max.bytes", "10000000")],
    );
    check(
        Role::Producer,
        &[("compression.type", "zstd"), ("compression.zstd.level", "3"), ("compression.gzip.level", "9")],
        &[("compression.codec", "zstd"), ("compression.level", "3")],
    );
    for codec in ["none", "gzip", "snappy", "lz4"] {
        check(Role::Producer, &[("compression.type", codec)], &[("compression.codec", codec)]);
    }
    assert!(refused(Role::Producer, &[("compression.type", "brotli")]).contains("compression.type"));
    assert!(refused(Role::Producer, &[("linger.ms", "soon")]).contains("linger.ms"));
    assert!(refused(Role::Producer, &[("acks", "2")]).contains("acks"));
}

#[test]
fn consumers_have_javas_defaults() {
    check(
        Role::Consumer,
        &[],
        &[
            ("auto.offset.reset", "latest"),
            ("isolation.level", "read_uncommitted"),
            ("allow.auto.create.topics", "true"),
            ("enable.auto.commit", "false"),
            ("partition.assignment.strategy", "range"),
            ("topic.blacklist", "^__consumer_offsets$,^__transaction_state$"),
        ],
    );
    check(
        Role::Consumer,
        &[
            ("auto.offset.reset", "none"),
            ("fetch.max.wait.ms", "100"),
            ("max.partition.fetch.bytes", "2000000"),
            ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
        ],
        &[
            ("auto.offset.reset", "error"),
            ("fetch.wait.max.ms", "100"),
            ("fetch.message.max.bytes", "2000000"),
            ("partition.assignment.strategy", "cooperative-sticky"),
        ],
    );
    check(Role::Consumer, &[("fetch.max.bytes", "200000000")], &[("receive.message.max.bytes", "200000512")]);
    assert!(refused(Role::Consumer, &[("group.id", " ")]).contains("group.id"));
    assert!(refused(Role::Consumer, &[("enable.auto.commit", "true")]).contains("enable.auto.commit"));
    assert!(refused(Role::Consumer, &[("max.poll.records", "0")]).contains("max.poll.records"));
    refused(Role::Consumer, &[("partition.assignment.strategy", "org.example.MyAssignor")]);
    refused(Role::Consumer, &[("group.protocol", "consumer")]);
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    assert!(refused(Role::Producer, &[("linger.sm", "5")]).contains("did you mean linger.ms?"));
    assert!(refused(Role::Producer, &[("queue.buffering.max.kbytes", "5")]).contains("buffer.memory"));
    assert!(refused(Role::Consumer, &[("fetch.wait.max.ms", "5")]).contains("fetch.max.wait.ms"));
    let error = refused(Role::Producer, &[("completely.different.thing", "canary")]);
    assert!(error.contains("take it out") && !error.contains("canary"), "{error}");
    check(Role::Admin, &[("offset.storage.topic", "a worker's key"), ("group.id", "g")], &[]);
    check(Role::Producer, &[("auto.offset.reset", "earliest")], &[]);
    assert!(refused(Role::Producer, &[("bootstrap.servers", "")]).contains("bootstrap.servers"));
    assert!(refused(Role::Producer, &[("transactional.id", "x")]).contains("transactions"));
}

const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" password=\"canary\";";

#[test]
fn credentials() {
    let java = [("security.protocol", "SASL_SSL"), ("sasl.mechanism", "PLAIN"), ("sasl.jaas.config", PLAIN)];
    check(
        Role::Admin,
        &java,
        &[
            ("security.protocol", "sasl_ssl"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.username", "alice"),
            ("sasl.password", "canary"),
            ("ssl.ca.location", "probe"),
            ("ssl.endpoint.identification.algorithm", "https"),
        ],
    );
    let scram = PLAIN.replace("plain.Plain", "scram.Scram");
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let java = [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", mechanism),
            ("sasl.jaas.config", &scram),
        ];
        check(Role::Producer, &java, &[("sasl.mechanism", mechanism), ("sasl.password", "canary")]);
    }
    let mismatch = refused(
        Role::Producer,
        &[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.jaas.config", PLAIN),
        ],
    );
    assert!(mismatch.contains("ScramLoginModule") && !mismatch.contains("canary"), "{mismatch}");
    for mechanism in ["GSSAPI", "AWS_MSK_IAM"] {
        let error =
            refused(Role::Producer, &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", mechanism)]);
        assert!(error.contains(mechanism), "{error}");
    }
    refused(Role::Producer, &[("security.protocol", "SASL_SSL"), ("sasl.mechanism", "PLAIN")]);
    let handler = [
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.jaas.config", PLAIN),
        ("sasl.login.callback.handler.class", "com.example.MyHandler"),
    ];
    assert!(refused(Role::Producer, &handler).contains("sasl.login.callback.handler.class"));
    refused(Role::Producer, &[("security.protocol", "TLS")]);
    check(Role::Producer, &[("sasl.jaas.config", PLAIN)], &[("security.protocol", "plaintext")]);
}

#[test]
fn certificates() {
    let java = [
        ("security.protocol", "SSL"),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.location", "/etc/ca.pem"),
        ("ssl.endpoint.identification.algorithm", ""),
    ];
    check(Role::Producer, &java, &[("ssl.endpoint.identification.algorithm", "none")]);
    let other =
        [("security.protocol", "SSL"), ("ssl.truststore.type", "BCFKS"), ("ssl.truststore.location", "/t")];
    assert!(refused(Role::Producer, &other).contains("ssl.truststore.type: BCFKS"));
    let half = [("security.protocol", "SSL"), ("ssl.keystore.type", "PEM"), ("ssl.keystore.key", "canary")];
    assert!(!refused(Role::Producer, &half).contains("canary"));
    refused(Role::Producer, &[("security.protocol", "SSL"), ("ssl.cipher.suites", "TLS_AES_128_GCM_SHA256")]);
}

/// The config as a client is made of it, with what is in the stores.
fn opened(pairs: &[(&str, &str)]) -> Result<ClientConfig> {
    let ssl = [&[("security.protocol", "SSL")], pairs].concat();
    translate(Role::Producer, &settings(&ssl)).unwrap().native()
}

#[test]
fn each_form_of_store_is_given_to_librdkafka_in_pem() {
    let file = |name: &str| format!("{}/../tls/tests/stores/{name}", env!("CARGO_MANIFEST_DIR"));
    let authority = std::fs::read_to_string(file("ca.pem")).unwrap();
    for (name, kind, password) in [
        ("ca.pem", "PEM", ""),
        ("java-trust.jks", "JKS", "changeit"),
        ("java-trust.jks", "JKS", ""),
        ("keytool-trust.jks", "JKS", "changeit"), // PKCS12 by its bytes
        ("openssl-trust.p12", "PKCS12", "changeit"),
    ] {
        let config = opened(&[
            ("ssl.truststore.location", &file(name)),
            ("ssl.truststore.type", kind),
            ("ssl.truststore.password", password),
        ]);
        let config = config.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(config.get("ssl.ca.pem"), Some(authority.as_str()), "{name}");
        assert_eq!(config.get("ssl.ca.location"), None, "only the store is trusted");
    }
    let mut keys = std::collections::BTreeSet::new();
    for (name, key_password) in [
        ("java.jks", ""),
        ("java-other-key-password.jks", "key-changeit"),
        ("keytool-key.p12", ""),
        ("openssl-legacy-key.p12", ""),
    ] {
        let config = opened(&[
            ("ssl.keystore.location", &file(name)),
            ("ssl.keystore.password", "changeit"),
            ("ssl.key.password", key_password),
        ]);
        let config = config.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            config.get("ssl.certificate.pem").is_some_and(|pem| pem.starts_with("-----BEGIN CERT")),
            "{name}"
        );
        keys.insert(config.get("ssl.key.pem").unwrap().to_owned());
        config.create_native_config().unwrap();
    }
    assert_eq!(keys.len(), 1, "it is one key");
}

#[test]
fn a_store_that_cannot_be_opened_is_said_by_its_key() {
    let file = |name: &str| format!("{}/../tls/tests/stores/{name}", env!("CARGO_MANIFEST_DIR"));
    let says = |pairs: &[(&str, &str)], parts: [&str; 2]| {
        let error = opened(pairs).map(|_| ()).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{parts:?}: {error}");
        assert!(!error.contains("canary"), "{error}");
    };
    let store = file("java.jks");
    let key_store = ("ssl.keystore.location", store.as_str());
    says(&[key_store, ("ssl.keystore.password", "canary")], ["ssl.keystore.location", "password is wrong"]);
    says(&[key_store], ["ssl.keystore.location", "ssl.keystore.password"]);
    says(&[("ssl.truststore.location", "/no/such")], ["ssl.truststore.location", "/no/such: cannot be read"]);
    let (key, chain) = (rcgen::KeyPair::generate().unwrap().serialize_pem(), file("server.pem"));
    let chain = std::fs::read_to_string(chain).unwrap();
    says(
        &[("ssl.keystore.key", &key), ("ssl.keystore.certificate.chain", &chain)],
        ["ssl.keystore.location", "not that of the first certificate"],
    );
    // Clients with other stores are other clients.
    let key = |pairs: &[(&str, &str)]| {
        let ssl = [&[("security.protocol", "SSL")], pairs].concat();
        translate(Role::Producer, &settings(&ssl)).unwrap().sharing_key()
    };
    let (a, b) = (("ssl.truststore.location", "/a"), ("ssl.truststore.location", "/b"));
    assert!(key(&[a]) == key(&[a]) && key(&[a]) != key(&[b]) && key(&[a]) != key(&[]));
}

#[test]
fn producers_are_shared_whatever_their_client_id() {
    let key = |pairs: &[(&str, &str)]| translate(Role::Producer, &settings(pairs)).unwrap().sharing_key();
    assert!(key(&[("client.id", "a")]) == key(&[("client.id", "b")]));
    assert!(key(&[("linger.ms", "1")]) != key(&[("linger.ms", "2")]));
    assert!(key(&[("acks", "all")]) == key(&[]), "equal in effect");
}

#[test]
fn a_value_that_librdkafka_refuses_is_not_shown_when_it_is_secret() {
    let mut translated = translate(Role::Producer, &settings(&[])).unwrap();
    translated.put("sasl.jaas.config", "security.protocol", "canary");
    let error = translated.native().unwrap_err().to_string();
    assert!(error.contains("sasl.jaas.config") && !error.contains("canary"), "{error}");
}

#[test]
fn every_rule_names_a_key_once_and_a_native_key_that_exists() {
    let mut seen = std::collections::BTreeSet::new();
    for (java, _, rule) in RULES {
        assert!(seen.insert(java), "{java} is there twice");
        if let Rule::Name(native) | Rule::Kibibytes(native) | Rule::DefaultIsZero(native) = rule {
            let refusal = ClientConfig::new().set(*native, "?").create_native_config().err();
            let unknown = rdkafka::types::RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN;
            assert!(
                !matches!(refusal, Some(KafkaError::ClientConfig(code, ..)) if code == unknown),
                "{java}: librdkafka has no {native}"
            );
        }
    }
}
