//! The keys of a worker.

use std::time::Duration;

use config::{ClassName, Config, Parsed, Secret, Validator};
use herder::SIGNATURE_ALGORITHMS;
use metrics::Naming;

pub(super) const SIMPLE_HEADERS: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// How REST may know who asks.
const WAYS: [&str; 3] = ["basic", "bearer", "mtls"];

/// What every worker may set, standalone or distributed.
#[derive(Debug, Clone, Config)]
pub struct CommonKeys {
    /// Brokers to connect to first, `host:port`, separated by commas.
    #[config(key = "bootstrap.servers", importance = High, group = "Kafka", validator = Validator::With(not_empty))]
    pub bootstrap_servers: Vec<String>,
    /// Converter of record keys, for connectors that name none. Its own keys are `key.converter.*`.
    #[config(key = "key.converter", importance = High, group = "Converters")]
    pub key_converter: ClassName,
    /// Which version of the key converter to use: a version or a range.
    #[config(key = "key.converter.plugin.version", importance = Low, group = "Converters")]
    pub key_converter_version: Option<String>,
    /// Converter of record values, for connectors that name none. Its own keys are `value.converter.*`.
    #[config(key = "value.converter", importance = High, group = "Converters")]
    pub value_converter: ClassName,
    /// Which version of the value converter to use: a version or a range.
    #[config(key = "value.converter.plugin.version", importance = Low, group = "Converters")]
    pub value_converter_version: Option<String>,
    /// Converter of header values, for connectors that name none. Its own keys are `header.converter.*`.
    #[config(key = "header.converter", importance = Low, group = "Converters",
        default = "org.apache.kafka.connect.storage.SimpleHeaderConverter")]
    pub header_converter: ClassName,
    /// Which version of the header converter to use: a version or a range.
    #[config(key = "header.converter.plugin.version", importance = Low, group = "Converters")]
    pub header_converter_version: Option<String>,
    /// How long stopping the tasks of a connector, or of the worker, may take, in milliseconds; then they are
    /// cancelled.
    #[config(key = "task.shutdown.graceful.timeout.ms", default = "5000", importance = Low, group = "Tasks")]
    pub graceful_timeout: Duration,
    /// Milliseconds between the commits of a task's offsets.
    #[config(key = "offset.flush.interval.ms", default = "60000", importance = Low, group = "Tasks")]
    pub flush_interval: Duration,
    /// How long a commit of offsets may take, in milliseconds.
    #[config(key = "offset.flush.timeout.ms", default = "5000", importance = Low, group = "Tasks")]
    pub flush_timeout: Duration,
    /// Whether source connectors may say how topics that they write to are created (`topic.creation.*`).
    #[config(key = "topic.creation.enable", default = "true", importance = Low, group = "Topics")]
    pub topic_creation: bool,
    /// Whether the topics that each connector uses are remembered and shown.
    #[config(key = "topic.tracking.enable", default = "true", importance = Low, group = "Topics")]
    pub topic_tracking: bool,
    /// Whether the topics that a connector used may be forgotten on request.
    #[config(key = "topic.tracking.allow.reset", default = "true", importance = Low, group = "Topics")]
    pub topic_tracking_reset: bool,
    /// How often a connector object or a task that failed is started anew by itself before it stays FAILED, for connectors
    /// that do not say; 0 is never, as in Kafka Connect, -1 always.
    #[config(key = "sluice.restart.max.attempts", default = "0", importance = Low, group = "Tasks",
        validator = Validator::at_least(-1.0))]
    pub restart_attempts: i32,
    /// The pause before the first such start, in milliseconds; it doubles from one to the next.
    #[config(key = "sluice.restart.backoff.ms", default = "10000", importance = Low, group = "Tasks")]
    pub restart_backoff: Duration,
    /// The longest pause, in milliseconds.
    #[config(key = "sluice.restart.backoff.max.ms", default = "300000", importance = Low, group = "Tasks")]
    pub restart_backoff_max: Duration,
    /// After so many milliseconds without a failure, failures are counted anew.
    #[config(key = "sluice.restart.reset.ms", default = "600000", importance = Low, group = "Tasks")]
    pub restart_reset: Duration,
    /// Names of config providers; each has its own keys `config.providers.NAME.class` and
    /// `config.providers.NAME.param.*`.
    #[config(key = "config.providers", default = "", importance = Low, group = "Secrets")]
    pub providers: Vec<String>,
    /// Which client settings connectors may override with `producer.override.*`, `consumer.override.*` and
    /// `admin.override.*`: `All`, `None`, `Principal`, or `Allowlist`. When unset, a list of settings that can do no
    /// harm.
    #[config(key = "connector.client.config.override.policy", importance = Medium, group = "Security")]
    pub override_policy: Option<String>,
    /// The client settings, without prefix, that connectors may override with the policy `Allowlist`.
    #[config(key = "connector.client.config.override.allowlist", importance = Medium, group = "Security")]
    pub override_allowlist: Option<Vec<String>>,
    /// Where REST listens: `http://HOST:PORT` or `https://HOST:PORT`, separated by commas. The keys of https are
    /// `listeners.https.ssl.*`, or `ssl.*` where there is none of them. Hosts other than loopback need
    /// `sluice.rest.authentication`, https with `ssl.client.auth=required`, or `sluice.rest.insecure=true`.
    #[config(key = "listeners", default = "http://127.0.0.1:8083", importance = Low, group = "REST")]
    pub listeners: Vec<String>,
    /// How REST knows who asks, separated by commas: `basic` (names and passwords of `sluice.rest.basic.file`), `bearer`
    /// (tokens of the identity provider `sluice.rest.bearer.issuer`), `mtls` (certificates of clients, by
    /// `sluice.rest.mtls.roles`). When empty, nobody is asked, and everybody who reaches it may do everything.
    #[config(key = "sluice.rest.authentication", default = "", importance = High, group = "REST",
        validator = Validator::With(ways))]
    pub authentication: Vec<String>,
    /// The file of users, with lines `NAME:ROLE:HASH`: the role is `viewer`, `operator` or `admin`, and
    /// `sluice worker --hash-password` makes the hash of a password. It is read again when it has changed.
    #[config(key = "sluice.rest.basic.file", importance = Medium, group = "REST")]
    pub basic_file: Option<String>,
    /// The users themselves, in the lines of such a file: where a container has no files, by a reference such as
    /// `${env:SLUICE_REST_USERS}`. A change counts from the next start.
    #[config(key = "sluice.rest.basic.users", importance = Low, group = "REST")]
    pub basic_users: Option<Secret>,
    /// The identity provider whose tokens are taken: the URL that is the claim `iss` of its tokens, and below which
    /// `.well-known/openid-configuration` says where its keys are. Tokens are signed by RS256, PS256 or ES256.
    #[config(key = "sluice.rest.bearer.issuer", importance = Medium, group = "REST")]
    pub bearer_issuer: Option<String>,
    /// For whom tokens must be, separated by commas: one of these is the claim `aud`, or in it.
    #[config(key = "sluice.rest.bearer.audience", default = "", importance = Medium, group = "REST")]
    pub bearer_audience: Vec<String>,
    /// Where the provider's keys are. When unset, its discovery document says so.
    #[config(key = "sluice.rest.bearer.jwks.url", importance = Low, group = "REST")]
    pub bearer_keys_url: Option<String>,
    /// Hosts that the discovery document may name for the keys, beside the issuer's own, separated by commas.
    #[config(key = "sluice.rest.bearer.jwks.hosts", default = "", importance = Low, group = "REST")]
    pub bearer_keys_hosts: Vec<String>,
    /// A file with the certificates of the authorities that sign for the provider's hosts, in PEM. When unset, those that
    /// the system trusts.
    #[config(key = "sluice.rest.bearer.ca.file", importance = Low, group = "REST")]
    pub bearer_ca_file: Option<String>,
    /// The claim that names who it is, in the log and the audit file.
    #[config(key = "sluice.rest.bearer.name.claim", default = "sub", importance = Low, group = "REST",
        validator = Validator::NonEmpty)]
    pub bearer_name_claim: String,
    /// The claim that has what stands for roles: its name, or the names on the way to it with points between them, as
    /// `realm_access.roles`. It is a list of texts, or a text with words.
    #[config(key = "sluice.rest.bearer.roles.claim", default = "roles", importance = Medium, group = "REST",
        validator = Validator::NonEmpty)]
    pub bearer_roles_claim: String,
    /// What in that claim stands for which role: rules `ROLE=VALUE`, separated by semicolons, as
    /// `admin=connect-admins;viewer=everybody`. The role that may do most counts; who has none may do nothing.
    #[config(key = "sluice.rest.bearer.roles", default = "", importance = Medium, group = "REST")]
    pub bearer_roles: String,
    /// Whose certificates stand for which role: rules `ROLE=KIND:PATTERN`, separated by semicolons, as
    /// `admin=subject:CN=ops,O=Example;viewer=dns:monitoring\..*`. The kind is `subject` (in the form of RFC 2253), `dns`, `uri` or
    /// `email`; the pattern is a regular expression for the whole name. The role that may do most counts.
    #[config(key = "sluice.rest.mtls.roles", default = "", importance = Medium, group = "REST")]
    pub mtls_roles: String,
    /// A file to which a line of JSON is added for each change by REST, and for each request that was denied. The log has
    /// them, too, from the logger `sluice_rest::audit`.
    #[config(key = "sluice.rest.audit.file", importance = Low, group = "REST")]
    pub audit_file: Option<String>,
    /// Lets REST listen on hosts that others can reach, although everybody who reaches it may create connectors.
    #[config(key = "sluice.rest.insecure", default = "false", importance = Medium, group = "REST")]
    pub insecure: bool,
    /// Where `/admin` listens, in the same form. When unset, where REST does; when empty, nowhere. The keys of https are
    /// `admin.listeners.https.ssl.*`, or `ssl.*`.
    #[config(key = "admin.listeners", importance = Low, group = "REST")]
    pub admin_listeners: Option<Vec<String>>,
    /// Milliseconds between looks at key stores and trust stores of REST: new ones are taken for new connections.
    #[config(key = "sluice.rest.ssl.reload.interval.ms", default = "10000", importance = Low, group = "REST")]
    pub reload_interval: Duration,
    /// Connections at once, over all listeners. Beyond it, the one that has waited longest for a request is closed; when all
    /// have one under way, the new one is.
    #[config(key = "sluice.rest.connections.max", default = "500", importance = Low, group = "REST",
        validator = Validator::at_least(1.0))]
    pub connections_max: i32,
    /// How long the handshake of TLS may take, in milliseconds.
    #[config(key = "sluice.rest.handshake.timeout.ms", default = "10000", importance = Low, group = "REST")]
    pub handshake_timeout: Duration,
    /// After so many milliseconds without a request a connection is closed.
    #[config(key = "sluice.rest.idle.timeout.ms", default = "30000", importance = Low, group = "REST")]
    pub idle_timeout: Duration,
    /// How long the first line and the headers of a request may take, in milliseconds; then the connection is closed.
    #[config(key = "sluice.rest.header.timeout.ms", default = "10000", importance = Low, group = "REST")]
    pub header_timeout: Duration,
    /// The largest first line and headers of a request together, in bytes; larger ones are answered 431.
    #[config(key = "sluice.rest.header.max.bytes", default = "32768", importance = Low, group = "REST",
        validator = Validator::between(1024.0, 262144.0))]
    pub header_bytes_max: i32,
    /// How long the body of a request may take, in milliseconds; then the answer is 408.
    #[config(key = "sluice.rest.body.timeout.ms", default = "30000", importance = Low, group = "REST")]
    pub body_timeout: Duration,
    /// After so many milliseconds in which a client took nothing of an answer that waits for it, its connection is closed.
    #[config(key = "sluice.rest.answer.timeout.ms", default = "30000", importance = Low, group = "REST")]
    pub answer_timeout: Duration,
    /// Requests a second of one address, on average; so many may come at once. More are answered 429. 0 is no limit.
    #[config(key = "sluice.rest.requests.per.second", default = "1000", importance = Low, group = "REST",
        validator = Validator::at_least(0.0))]
    pub requests_per_second: i32,
    /// Addresses and networks, separated by commas, to which this limit does not apply, such as a load balancer's.
    #[config(key = "sluice.rest.requests.exempt", default = "127.0.0.0/8,::1", importance = Low, group = "REST")]
    pub exempt: Vec<String>,
    /// Origins of pages that may use REST, separated by commas: each as a regular expression for the whole origin, or
    /// `*` for all. When empty, none may.
    #[config(key = "access.control.allow.origin", default = "", importance = Low, group = "REST")]
    pub allow_origin: String,
    /// Methods that such pages may use, separated by commas; GET, POST and HEAD when empty.
    #[config(key = "access.control.allow.methods", default = "", importance = Low, group = "REST")]
    pub allow_methods: String,
    /// Headers of every answer: rules `ACTION NAME:VALUE`, separated by commas, where ACTION is `set`, `add`, `setDate`
    /// or `addDate`; a rule with a comma stands in double quotes.
    #[config(key = "response.http.headers.config", default = "", importance = Low, group = "REST")]
    pub response_headers: String,
    /// How metrics are called at `/metrics`: `kafka` (`kafka_connect_connect_worker_metrics_task_count`), `strimzi`
    /// (`kafka_connect_worker_task_count`), or `both`.
    #[config(key = "sluice.metrics.names", default = "kafka", importance = Low, group = "Metrics",
        validator = Validator::OneOfIgnoringCase(Naming::WORDS))]
    pub metric_names: String,
    /// Whether metrics are written to the standard output, too, as lines of CloudWatch's embedded metric format.
    #[config(key = "sluice.metrics.emf", default = "false", importance = Low, group = "Metrics")]
    pub emf: bool,
    /// Milliseconds between such lines; at least 1000.
    #[config(key = "sluice.metrics.emf.interval.ms", default = "60000", importance = Low, group = "Metrics")]
    pub emf_interval: Duration,
    /// The dimension `Environment` of such lines, such as `prod`: what the alarms look for.
    #[config(key = "sluice.metrics.environment", importance = Low, group = "Metrics")]
    pub environment: Option<String>,
    /// The host under which others know this worker.
    #[config(key = "rest.advertised.host.name", importance = Low, group = "REST")]
    pub advertised_host: Option<String>,
    /// The port under which others know this worker.
    #[config(key = "rest.advertised.port", importance = Low, group = "REST", validator = Validator::With(is_port))]
    pub advertised_port: Option<i32>,
    /// The scheme under which others know this worker: `http` or `https`. When unset, http if a listener has it.
    #[config(key = "rest.advertised.listener", importance = Low, group = "REST",
        validator = Validator::OneOfIgnoringCase(&["http", "https"]))]
    pub advertised_listener: Option<String>,
}

/// What a standalone worker may set.
#[derive(Debug, Clone, Config)]
pub struct StandaloneKeys {
    /// What every worker may set.
    #[config(flatten)]
    pub common: CommonKeys,
    /// The file that keeps the offsets of source connectors, in the form of `connect-standalone`.
    #[config(key = "offset.storage.file.filename", importance = High, group = "Offsets",
        validator = Validator::NonEmpty)]
    pub offset_file: String,
}

/// What a distributed worker may set.
#[derive(Debug, Clone, Config)]
pub struct DistributedKeys {
    /// What every worker may set.
    #[config(flatten)]
    pub common: CommonKeys,
    /// The group of workers that this one belongs to. No sink's consumer group may have this name.
    #[config(key = "group.id", importance = High, group = "Group", validator = Validator::NonEmpty)]
    pub group_id: String,
    /// How the group shares its work out: `eager`, `compatible` or `sessioned`. The group takes what all of its workers have.
    #[config(key = "connect.protocol", default = "sessioned", importance = Low, group = "Group",
        validator = Validator::OneOfIgnoringCase(&["eager", "compatible", "sessioned"]))]
    pub protocol: String,
    /// After so many milliseconds without a sign of life a worker is taken for dead, and others get its work.
    #[config(key = "session.timeout.ms", default = "10000", importance = High, group = "Group")]
    pub session_timeout: Duration,
    /// Milliseconds between signs of life; below a third of the session time-out is usual. A worker that finds no broker to
    /// tell for so long stops its work.
    #[config(key = "heartbeat.interval.ms", default = "3000", importance = High, group = "Group")]
    pub heartbeat_interval: Duration,
    /// How long workers may take to stop what they give back when the group shares its work out anew, in milliseconds.
    #[config(key = "rebalance.timeout.ms", default = "60000", importance = High, group = "Group")]
    pub rebalance_timeout: Duration,
    /// How long the work of a worker that is gone waits for its return, in milliseconds.
    #[config(key = "scheduled.rebalance.max.delay.ms", default = "300000", importance = Low, group = "Group")]
    pub rebalance_delay: Duration,
    /// The algorithm that the keys are for with which the workers sign their requests to each other: `HmacSHA256`,
    /// `HmacSHA1`, `HmacSHA384` or `HmacSHA512`.
    #[config(key = "inter.worker.key.generation.algorithm", default = "HmacSHA256", importance = Low,
        group = "Group", validator = Validator::OneOfIgnoringCase(SIGNATURE_ALGORITHMS))]
    pub key_algorithm: String,
    /// The size of these keys, in bits. When unset, the algorithm's own.
    #[config(key = "inter.worker.key.size", importance = Low, group = "Group", validator = Validator::With(key_size))]
    pub key_bits: Option<i32>,
    /// How old such a key may become, in milliseconds, before the leader makes another one; 0: as old as its leader.
    #[config(key = "inter.worker.key.ttl.ms", default = "3600000", importance = Low, group = "Group")]
    pub key_ttl: Duration,
    /// The algorithm with which this worker signs.
    #[config(key = "inter.worker.signature.algorithm", default = "HmacSHA256", importance = Low, group = "Group",
        validator = Validator::OneOfIgnoringCase(SIGNATURE_ALGORITHMS))]
    pub signature: String,
    /// The algorithms that this worker accepts from others, separated by commas.
    #[config(key = "inter.worker.verification.algorithms", default = "HmacSHA256", importance = Low, group = "Group",
        validator = Validator::With(algorithms))]
    pub accepted: Vec<String>,
    /// Whether sources that can do so write records and offsets in transactions, so that each record is there once:
    /// `disabled`, `enabled`, or `preparing` on the way from one to the other, when sources still work as before and only the
    /// leader of the group writes to the config topic in transactions, so that the next restart may enable it.
    #[config(key = "exactly.once.source.support", default = "disabled", importance = High, group = "Group",
        validator = Validator::OneOfIgnoringCase(&["disabled", "preparing", "enabled"]))]
    pub exactly_once: String,
    /// The topic that keeps what connectors and tasks there are. It has one partition and is compacted.
    #[config(key = "config.storage.topic", importance = High, group = "Internal topics", validator = Validator::NonEmpty)]
    pub config_topic: String,
    /// Replicas of the config topic, when it is made here; -1 is the broker's default.
    #[config(key = "config.storage.replication.factor", default = "3", importance = Low, group = "Internal topics",
        validator = Validator::With(minus_one_or_more))]
    pub config_replicas: i16,
    /// The compacted topic that keeps where source connectors stand.
    #[config(key = "offset.storage.topic", importance = High, group = "Internal topics", validator = Validator::NonEmpty)]
    pub offset_topic: String,
    /// Partitions of the offsets topic, when it is made here; -1 is the broker's default.
    #[config(key = "offset.storage.partitions", default = "25", importance = Low, group = "Internal topics",
        validator = Validator::With(minus_one_or_more))]
    pub offset_partitions: i32,
    /// Replicas of the offsets topic, when it is made here; -1 is the broker's default.
    #[config(key = "offset.storage.replication.factor", default = "3", importance = Low, group = "Internal topics",
        validator = Validator::With(minus_one_or_more))]
    pub offset_replicas: i16,
    /// The compacted topic that keeps how connectors and tasks are.
    #[config(key = "status.storage.topic", importance = High, group = "Internal topics", validator = Validator::NonEmpty)]
    pub status_topic: String,
    /// Partitions of the status topic, when it is made here; -1 is the broker's default.
    #[config(key = "status.storage.partitions", default = "5", importance = Low, group = "Internal topics",
        validator = Validator::With(minus_one_or_more))]
    pub status_partitions: i32,
    /// Replicas of the status topic, when it is made here; -1 is the broker's default.
    #[config(key = "status.storage.replication.factor", default = "3", importance = Low, group = "Internal topics",
        validator = Validator::With(minus_one_or_more))]
    pub status_replicas: i16,
    /// Whether internal topics that are not there are made. When not, a missing one keeps the worker from starting.
    #[config(key = "internal.topics.automatic.creation.enable", default = "true", importance = Low,
        group = "Internal topics")]
    pub create_topics: bool,
}

fn key_size(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Int(bits) if !(128..=8192).contains(bits) => {
            Err("Value must be a size in bits, 128 to 8192".to_owned())
        }
        _ => Ok(()),
    }
}

fn algorithms(value: &Parsed) -> Result<(), String> {
    let Parsed::List(names) = value else { return Ok(()) };
    let known = |name: &String| SIGNATURE_ALGORITHMS.iter().any(|known| known.eq_ignore_ascii_case(name));
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("{name} is none of {}", SIGNATURE_ALGORITHMS.join(", "))),
        None if names.is_empty() => Err("List must name at least one algorithm".to_owned()),
        None => Ok(()),
    }
}

impl DistributedKeys {
    /// Whether sources write in transactions.
    pub fn exactly_once(&self) -> bool {
        self.exactly_once.trim().eq_ignore_ascii_case("enabled")
    }

    /// Whether the leader writes in transactions, so that who led before cannot write any more.
    pub fn leader_fences(&self) -> bool {
        self.exactly_once() || self.exactly_once.trim().eq_ignore_ascii_case("preparing")
    }
}

fn minus_one_or_more(value: &Parsed) -> Result<(), String> {
    let number = match value {
        Parsed::Int(number) => i64::from(*number),
        Parsed::Short(number) => i64::from(*number),
        _ => return Ok(()),
    };
    match number {
        -1 | 1.. => Ok(()),
        _ => Err("Value must be at least 1, or -1 for the broker's default".to_owned()),
    }
}

fn ways(value: &Parsed) -> Result<(), String> {
    let Parsed::List(ways) = value else { return Ok(()) };
    match ways.iter().find(|way| !way.is_empty() && !WAYS.contains(&way.as_str())) {
        None => Ok(()),
        Some(way) => Err(format!("there is no '{}'; there are: {}", way.escape_debug(), WAYS.join(", "))),
    }
}

fn not_empty(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(items) if items.iter().all(String::is_empty) => {
            Err("List must contain at least one server, host:port".to_owned())
        }
        _ => Ok(()),
    }
}

fn is_port(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Int(port) if u16::try_from(*port).is_err() => {
            Err("Value must be a port, 0 to 65535".to_owned())
        }
        _ => Ok(()),
    }
}
