//! The settings of Kafka clients that a connector may override: which there are and of what type, and which of them
//! can do no harm.

use api::config::{ConfigKey, DefaultValue, Importance, Type, Width};

// A key, its type, whether it is in the default allow-list, and what it means.
type Row = (&'static str, Type, bool, &'static str);

const ROWS: &[Row] = &[
    ("acks", Type::String, true, "How many replicas must have a record before it counts as written."),
    ("allow.auto.create.topics", Type::Boolean, true, "Whether reading a topic may create it."),
    ("auto.offset.reset", Type::String, true, "Where to begin without a committed offset."),
    ("batch.size", Type::Int, true, "Largest batch of a partition, in bytes."),
    ("bootstrap.servers", Type::List, false, "Brokers to connect to first."),
    ("buffer.memory", Type::Long, true, "Bytes of records that wait to be sent."),
    ("check.crcs", Type::Boolean, true, "Whether checksums of fetched batches are verified."),
    ("client.id", Type::String, true, "Name of the client in the brokers' logs and quotas."),
    ("client.rack", Type::String, true, "Where the client is, to read from a near replica."),
    ("compression.type", Type::String, true, "Compression of batches: none, gzip, snappy, lz4 or zstd."),
    ("default.api.timeout.ms", Type::Int, true, "Longest wait for an answer, retries included."),
    ("delivery.timeout.ms", Type::Int, true, "Longest time from send to acknowledgement."),
    ("enable.idempotence", Type::Boolean, true, "Whether the broker drops records that a retry sent twice."),
    ("fetch.max.bytes", Type::Int, true, "Largest answer to a fetch, in bytes."),
    ("fetch.max.wait.ms", Type::Int, true, "How long a broker waits for `fetch.min.bytes`."),
    ("fetch.min.bytes", Type::Int, true, "Bytes that a broker collects before it answers a fetch."),
    ("group.id", Type::String, true, "Consumer group; `connect-NAME` when not set."),
    ("group.instance.id", Type::String, true, "Name of a static member of the group."),
    ("heartbeat.interval.ms", Type::Int, true, "Time between heartbeats to the group."),
    ("isolation.level", Type::String, true, "Whether records of open or aborted transactions are read."),
    ("linger.ms", Type::Long, true, "How long a batch waits to be filled."),
    ("max.block.ms", Type::Long, true, "Longest wait for room in the buffer or for metadata."),
    ("max.in.flight.requests.per.connection", Type::Int, true, "Requests without an answer at a time."),
    ("max.partition.fetch.bytes", Type::Int, true, "Largest answer for one partition, in bytes."),
    (
        "max.poll.interval.ms",
        Type::Int,
        true,
        "Longest time between polls before the group gives up a member.",
    ),
    ("max.poll.records", Type::Int, true, "Most records of one poll."),
    ("max.request.size", Type::Int, true, "Largest request and record, in bytes."),
    ("metadata.max.age.ms", Type::Long, true, "Age at which metadata is asked for again."),
    ("partition.assignment.strategy", Type::List, true, "How a group shares out partitions."),
    ("receive.buffer.bytes", Type::Int, true, "Size of the sockets' receive buffer."),
    ("reconnect.backoff.max.ms", Type::Long, true, "Longest pause before a broker is connected again."),
    ("reconnect.backoff.ms", Type::Long, true, "First pause before a broker is connected again."),
    ("request.timeout.ms", Type::Int, true, "Longest wait for an answer to one request."),
    ("retries", Type::Int, true, "How often a request is sent again."),
    ("retry.backoff.max.ms", Type::Long, true, "Longest pause before a request is sent again."),
    ("retry.backoff.ms", Type::Long, true, "First pause before a request is sent again."),
    ("sasl.jaas.config", Type::Password, false, "Login module with user and password."),
    (
        "sasl.login.callback.handler.class",
        Type::Class,
        false,
        "What fetches tokens; Kafka's own for OAUTHBEARER only.",
    ),
    (
        "sasl.login.connect.timeout.ms",
        Type::Int,
        false,
        "Longest wait for a connection to the token endpoint.",
    ),
    ("sasl.login.read.timeout.ms", Type::Int, false, "Longest wait for the token endpoint's answer."),
    (
        "sasl.login.refresh.buffer.seconds",
        Type::Short,
        false,
        "Time before its end at which a token is renewed at the latest.",
    ),
    (
        "sasl.login.refresh.min.period.seconds",
        Type::Short,
        false,
        "Shortest time between renewals of a token.",
    ),
    (
        "sasl.login.refresh.window.factor",
        Type::Double,
        false,
        "Part of a token's life after which it is renewed.",
    ),
    (
        "sasl.login.refresh.window.jitter",
        Type::Double,
        false,
        "Random part of a token's life that is added to that.",
    ),
    ("sasl.login.retry.backoff.max.ms", Type::Long, false, "Longest pause between tries to have a token."),
    ("sasl.login.retry.backoff.ms", Type::Long, false, "First pause between tries to have a token."),
    ("sasl.mechanism", Type::String, false, "How to log in."),
    ("sasl.oauthbearer.client.credentials.client.id", Type::String, false, "Who asks for a token."),
    (
        "sasl.oauthbearer.client.credentials.client.secret",
        Type::Password,
        false,
        "The secret of who asks for a token.",
    ),
    (
        "sasl.oauthbearer.header.urlencode",
        Type::Boolean,
        false,
        "Whether id and secret are sent percent-encoded.",
    ),
    ("sasl.oauthbearer.scope", Type::String, false, "What the token is to be good for."),
    ("sasl.oauthbearer.sub.claim.name", Type::String, false, "Claim of a token that names the principal."),
    ("sasl.oauthbearer.token.endpoint.url", Type::String, false, "Where the identity provider gives tokens."),
    ("security.protocol", Type::String, false, "Whether to use TLS and SASL."),
    ("send.buffer.bytes", Type::Int, true, "Size of the sockets' send buffer."),
    ("session.timeout.ms", Type::Int, true, "Silence after which the group gives up a member."),
    ("ssl.key.password", Type::Password, false, "Password of the private key."),
    ("ssl.keystore.key", Type::Password, false, "The private key."),
    ("ssl.keystore.password", Type::Password, false, "Password of the key store."),
    ("ssl.truststore.password", Type::Password, false, "Password of the trust store."),
];

// Settings that name Java classes: nothing here can run them.
const JVM_ONLY: [&str; 9] = [
    "interceptor.classes",
    "key.deserializer",
    "key.serializer",
    "metric.reporters",
    "partitioner.class",
    "sasl.client.callback.handler.class",
    "sasl.login.class",
    "value.deserializer",
    "value.serializer",
];

/// Whether a client setting names Java classes: it has no effect here.
pub fn is_jvm_only(setting: &str) -> bool {
    JVM_ONLY.contains(&setting) || setting.contains(".interceptor.")
}

/// Whether a client has this setting, as far as it is known here.
pub fn is_known(setting: &str) -> bool {
    ROWS.iter().any(|row| row.0 == setting)
}

/// The settings that the default policy lets a connector override: they change how much and how fast, not where to
/// nor as whom.
pub fn harmless() -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(|row| row.2).map(|row| row.0)
}

/// The declaration of a client setting, if it is known.
pub(crate) fn key(name: &str) -> Option<ConfigKey> {
    let (_, value_type, _, documentation) = ROWS.iter().find(|row| row.0 == name)?;
    Some(ConfigKey {
        name: name.to_owned(),
        value_type: *value_type,
        default: DefaultValue::Null,
        validator: None,
        importance: Importance::Medium,
        documentation: (*documentation).to_owned(),
        group: None,
        order_in_group: -1,
        width: Width::None,
        display_name: name.to_owned(),
        dependents: Vec::new(),
        recommender: None,
    })
}
