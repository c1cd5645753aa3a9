//! Managed plugins: which there are, and what this fake knows of their keys.
//!
//! Facts were taken from what the plugins answer; the table is ours and short. A plugin without keys here is checked
//! for the keys that all have.

use serde_json::{Value, json};

/// A plugin.
#[derive(Debug)]
pub(crate) struct Plugin {
    pub class: &'static str,
    /// `source` or `sink`.
    pub kind: &'static str,
    pub version: &'static str,
    /// Keys without which it does not start.
    pub required: &'static [&'static str],
    /// Keys whose values are read back masked.
    pub secret: &'static [&'static str],
    /// Keys with a closed list of values.
    pub values: &'static [(&'static str, &'static [&'static str])],
    /// Whether its offsets can be read and changed.
    pub offsets: bool,
}

const FORMATS: &[&str] = &["AVRO", "JSON_SR", "PROTOBUF", "JSON"];
const AWS_SECRETS: &[&str] = &["aws.access.key.id", "aws.secret.access.key", "s3.sse.customer.key"];
const JDBC_SECRETS: &[&str] = &[
    "connection.password",
    "query",
    "ssl.rootcertfile",
    "ssl.clientcertfile",
    "ssl.clientkeyfile",
    "ssl.truststorefile",
    "ssl.truststorepassword",
    "ssl.clientstorefile",
    "ssl.clientstorepassword",
];
const JDBC_REQUIRED: &[&str] = &[
    "connection.host",
    "connection.port",
    "connection.user",
    "connection.password",
    "db.name",
    "output.data.format",
];
const SOURCE_FORMAT: &[(&str, &[&str])] = &[("output.data.format", FORMATS)];
const SINK_FORMAT: &[(&str, &[&str])] = &[("input.data.format", FORMATS)];

const fn plain(class: &'static str, kind: &'static str) -> Plugin {
    Plugin { class, kind, version: "1.0.0", required: &[], secret: &[], values: &[], offsets: true }
}

/// All that the fake runs.
pub(crate) static PLUGINS: &[Plugin] = &[
    Plugin {
        required: &["kafka.topic", "output.data.format"],
        values: SOURCE_FORMAT,
        offsets: false,
        ..plain("DatagenSource", "source")
    },
    Plugin {
        required: &[
            "input.data.format",
            "output.data.format",
            "s3.bucket.name",
            "time.interval",
            "tasks.max",
        ],
        secret: AWS_SECRETS,
        values: &[
            ("input.data.format", &["AVRO", "JSON_SR", "PROTOBUF", "JSON", "BYTES", "STRING"]),
            ("output.data.format", &["AVRO", "JSON", "PARQUET", "BYTES"]),
            ("time.interval", &["DAILY", "HOURLY"]),
            ("authentication.method", &["Access Keys", "IAM Roles"]),
        ],
        ..plain("S3_SINK", "sink")
    },
    Plugin {
        required: &["s3.bucket.name", "s3.region", "input.data.format", "topic.regex.list", "tasks.max"],
        secret: AWS_SECRETS,
        values: &[
            ("input.data.format", &["AVRO", "JSON", "BYTES", "PARQUET", "CSV"]),
            ("authentication.method", &["Access Keys", "IAM Roles"]),
        ],
        ..plain("S3Source", "source")
    },
    Plugin {
        required: &[
            "database.hostname",
            "database.port",
            "database.user",
            "database.password",
            "database.dbname",
            "topic.prefix",
            "output.data.format",
        ],
        secret: &[
            "database.password",
            "database.sslrootcert",
            "database.sslcert",
            "database.sslkey",
            "database.sslpassword",
            "snapshot.select.statement.overrides.data.map",
        ],
        values: &[
            ("output.data.format", FORMATS),
            ("plugin.name", &["pgoutput"]),
            (
                "snapshot.mode",
                &["initial", "always", "never", "no_data", "initial_only", "when_needed", "recovery"],
            ),
            ("database.sslmode", &["disable", "prefer", "require", "verify-ca", "verify-full"]),
        ],
        ..plain("PostgresCdcSourceV2", "source")
    },
    Plugin {
        required: JDBC_REQUIRED,
        secret: JDBC_SECRETS,
        values: SOURCE_FORMAT,
        ..plain("PostgresSource", "source")
    },
    Plugin {
        required: JDBC_REQUIRED,
        secret: JDBC_SECRETS,
        values: SOURCE_FORMAT,
        ..plain("MySqlSource", "source")
    },
    Plugin {
        required: &[
            "connection.host",
            "connection.port",
            "connection.user",
            "connection.password",
            "db.name",
            "input.data.format",
        ],
        secret: JDBC_SECRETS,
        values: SINK_FORMAT,
        ..plain("PostgresSink", "sink")
    },
    Plugin {
        required: &["input.data.format"],
        secret: AWS_SECRETS,
        values: &[("input.data.format", FORMATS), ("authentication.method", &["Access Keys", "IAM Roles"])],
        ..plain("DynamoDbSink", "sink")
    },
    Plugin {
        required: &["dynamodb.service.endpoint", "output.data.format"],
        secret: AWS_SECRETS,
        values: SOURCE_FORMAT,
        ..plain("DynamoDbCdcSource", "source")
    },
    Plugin {
        required: &["http.api.url"],
        secret: &[
            "sensitive.headers",
            "connection.password",
            "oauth2.client.secret",
            "oauth2.jwt.keystore.path",
            "oauth2.jwt.keystore.password",
            "https.ssl.key.password",
            "https.ssl.keystorefile",
            "https.ssl.keystore.password",
            "https.ssl.truststorefile",
            "https.ssl.truststore.password",
        ],
        ..plain("HttpSink", "sink")
    },
    plain("MySqlSink", "sink"),
    plain("MySqlCdcSourceV2", "source"),
    plain("MicrosoftSqlServerSource", "source"),
    plain("MicrosoftSqlServerSink", "sink"),
    plain("SqlServerCdcSourceV2", "source"),
    plain("OracleDatabaseSource", "source"),
    plain("OracleDatabaseSink", "sink"),
    plain("MongoDbAtlasSource", "source"),
    plain("MongoDbAtlasSink", "sink"),
    plain("ElasticsearchSink", "sink"),
    plain("OpenSearchSink", "sink"),
    plain("SnowflakeSink", "sink"),
    plain("BigQueryStorageSink", "sink"),
    plain("LambdaSink", "sink"),
    plain("KinesisSource", "source"),
    plain("SqsSource", "source"),
    plain("HttpSource", "source"),
];

/// Secrets of every plugin. The key of a Kafka key is masked too.
pub(crate) const SECRETS_OF_ALL: &[&str] = &["kafka.api.key", "kafka.api.secret"];

pub(crate) fn find(class: &str) -> Option<&'static Plugin> {
    PLUGINS.iter().find(|plugin| plugin.class == class)
}

/// Whether a key of a connector holds a secret. For plugins whose keys are not listed, the name tells.
pub(crate) fn is_secret(class: &str, key: &str) -> bool {
    let listed = find(class).is_some_and(|plugin| plugin.secret.contains(&key));
    listed || SECRETS_OF_ALL.contains(&key) || crate::mask::names_a_secret(key)
}

/// The plugins that a client is told of.
pub(crate) fn list() -> Value {
    PLUGINS
        .iter()
        .map(|plugin| json!({"class": plugin.class, "type": plugin.kind, "version": plugin.version}))
        .collect()
}
