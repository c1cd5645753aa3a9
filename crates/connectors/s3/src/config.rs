//! The sink's keys: those of `io.confluent.connect.s3.S3SinkConnector`, with their types, defaults and importance.

use std::time::Duration;

use api::config::{ClassName, Config, Secret, Validator, config_enum};

/// Class of the Java twin's storage, the only one it has.
pub const S3_STORAGE: &str = "io.confluent.connect.s3.storage.S3Storage";
/// One JSON value a line.
pub const JSON_FORMAT: &str = "io.confluent.connect.s3.format.json.JsonFormat";
/// Bytes and a separator.
pub const BYTE_ARRAY_FORMAT: &str = "io.confluent.connect.s3.format.bytearray.ByteArrayFormat";
/// Avro container files; not written here yet.
pub const AVRO_FORMAT: &str = "io.confluent.connect.s3.format.avro.AvroFormat";
/// Parquet files; not written here yet.
pub const PARQUET_FORMAT: &str = "io.confluent.connect.s3.format.parquet.ParquetFormat";
/// The SDK's default chain of credential sources.
pub const DEFAULT_CREDENTIALS: &str = "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider";

config_enum! {
    /// How objects are compressed.
    pub enum Compression {
        /// Not at all.
        None = "none",
        /// gzip, with the extension `.gz`.
        Gzip = "gzip",
    }
}

config_enum! {
    /// What to do with records whose value is null.
    pub enum NullBehavior {
        /// The record is rejected.
        Fail = "fail",
        /// It is left out.
        Ignore = "ignore",
        /// Its key is written, in a directory of its own.
        Write = "write",
    }
}

config_enum! {
    /// Where the schema's name goes in the directory.
    pub enum Affix {
        /// Nowhere.
        None = "NONE",
        /// Before the encoded partition.
        Prefix = "PREFIX",
        /// After it.
        Suffix = "SUFFIX",
    }
}

config_enum! {
    /// How decimals are written in JSON.
    pub enum DecimalFormat {
        /// The unscaled bytes in base64.
        Base64 = "BASE64",
        /// A number.
        Numeric = "NUMERIC",
    }
}

config_enum! {
    /// What to do when an object was written and cannot be tagged.
    pub enum TaggingError {
        /// Log it.
        Ignore = "ignore",
        /// Fail the task.
        Fail = "fail",
    }
}

/// Writes the records of topics to objects in an S3 bucket.
#[derive(Debug, Clone, Config)]
#[config(check = crate::check::check)]
pub struct S3SinkConfig {
    /// What is written, where, and when a file is closed.
    #[config(flatten)]
    pub storage: StorageConfig,
    /// The bucket and how it is reached.
    #[config(flatten)]
    pub s3: S3Config,
    /// The directories.
    #[config(flatten)]
    pub partitioner: PartitionerConfig,
    /// Keys that only Avro and Parquet files need.
    #[config(flatten)]
    pub columnar: ColumnarConfig,
}

/// Files: format, names, rotation.
#[derive(Debug, Clone, Config)]
#[config(group = "Storage")]
pub struct StorageConfig {
    /// Format of the objects: `io.confluent.connect.s3.format.json.JsonFormat` (one JSON value a line) or
    /// `io.confluent.connect.s3.format.bytearray.ByteArrayFormat` (bytes and a separator). Avro and Parquet are not
    /// written yet.
    #[config(key = "format.class", importance = High, width = Long)]
    pub format: ClassName,
    /// Must be `io.confluent.connect.s3.storage.S3Storage`.
    #[config(key = "storage.class", importance = High, width = Long)]
    pub storage_class: ClassName,
    /// Records of a topic partition, over all its open files, after which its files are closed and uploaded.
    #[config(key = "flush.size", importance = High, validator = Validator::at_least(1.0))]
    pub flush_size: i32,
    /// Closes files when a record's time is this many milliseconds after that of the first record since the last
    /// close; -1 is never. Needs a time-based partitioner. Time is that of `timestamp.extractor`.
    #[config(key = "rotate.interval.ms", default = "-1", importance = High)]
    pub rotate_interval_ms: i64,
    /// Closes files by the clock, at multiples of this many milliseconds since midnight in `timezone`; -1 is never.
    /// It closes idle files too, and gives up exactly-once: after a restart files may be cut elsewhere.
    #[config(key = "rotate.schedule.interval.ms", default = "-1")]
    pub rotate_schedule_interval_ms: i64,
    /// With `rotate.interval.ms`: whether a record for another directory closes all open files.
    #[config(key = "rotate.file.on.partition.change", default = "true", importance = Low)]
    pub rotate_on_partition_change: bool,
    /// Longest time in milliseconds that a put waits for uploads to make room before it gives the batch back.
    #[config(key = "max.write.duration.ms", default = "9223372036854775807", importance = Low,
             validator = Validator::at_least(1.0))]
    pub max_write_duration_ms: i64,
    /// Pause in milliseconds after an upload failed for good, before its partition is read again.
    #[config(key = "retry.backoff.ms", default = "5000", importance = Low)]
    pub retry_backoff: Duration,
    /// How long a stop waits for unfinished multipart uploads to be aborted, in milliseconds.
    #[config(key = "shutdown.timeout.ms", default = "3000")]
    pub shutdown_timeout: Duration,
    /// When a new file is begun because the schema changed: `NONE` at every change; `BACKWARD`, `FULL` when the
    /// record's version is newer (older records are projected); `FORWARD` when it is older (newer records are
    /// projected). Anything else is NONE.
    #[config(key = "schema.compatibility", default = "NONE", importance = High)]
    pub schema_compatibility: String,
    /// Digits that the start offset in an object's name has at least.
    #[config(key = "filename.offset.zero.pad.width", default = "10", importance = Low,
             validator = Validator::between(0.0, 1000.0))]
    pub offset_width: i32,
    /// First directory of every object; blank leaves it out.
    #[config(key = "topics.dir", default = "topics", importance = High)]
    pub topics_dir: String,
    /// Endpoint instead of AWS's own: `http://localhost:9000` for MinIO and the like.
    #[config(key = "store.url", importance = High, width = Long)]
    pub store_url: Option<String>,
    /// Separates directories.
    #[config(key = "directory.delim", default = "/")]
    pub directory_delimiter: String,
    /// Separates topic, partition and offset in an object's name.
    #[config(key = "file.delim", default = "+")]
    pub file_delimiter: String,
    /// Files that a topic partition may have open; one more closes them all. -1 is no limit.
    #[config(key = "partitioner.max.open.files", default = "-1", importance = Low)]
    pub max_open_files: i32,
    /// How decimals are written in JSON: `BASE64` (unscaled bytes) or `NUMERIC`.
    #[config(key = "json.decimal.format", default = "BASE64", group = "JSON")]
    pub decimal_format: DecimalFormat,
    /// Extension of byte array objects.
    #[config(key = "format.bytearray.extension", default = ".bin", importance = Low, group = "Byte array")]
    pub byte_array_extension: String,
    /// What follows each record in a byte array object; a line end when not set.
    #[config(key = "format.bytearray.separator", importance = Low, group = "Byte array")]
    pub byte_array_separator: Option<String>,
    /// Records with a null value: `fail` rejects them (the task fails unless errors are tolerated), `ignore` leaves
    /// them out, `write` writes their keys to a directory of their own (needs `store.kafka.keys`).
    #[config(key = "behavior.on.null.values", default = "fail", importance = Low,
             validator = Validator::OneOfIgnoringCase(NullBehavior::CHOICES))]
    pub null_behavior: NullBehavior,
    /// Whether ignored nulls are reported where rejected records go.
    #[config(key = "report.null.values.to.dlq", default = "true", importance = Low)]
    pub report_nulls: bool,
    /// Directory of the keys of null values, instead of the encoded partition.
    #[config(key = "tombstone.encoded.partition", default = "tombstone", importance = Low)]
    pub tombstone_partition: String,
    /// Whether keys are written too, to objects beside those of the values.
    #[config(key = "store.kafka.keys", default = "false", importance = Low)]
    pub store_keys: bool,
    /// Whether headers are written too, to objects beside those of the values.
    #[config(key = "store.kafka.headers", default = "false", importance = Low)]
    pub store_headers: bool,
    /// Format of the keys; the default is Avro, which is not written yet, so set it with `store.kafka.keys`.
    #[config(key = "keys.format.class", default = "io.confluent.connect.s3.format.avro.AvroFormat",
             importance = Low, width = Long)]
    pub keys_format: ClassName,
    /// Format of the headers; the default is Avro, which is not written yet, so set it with `store.kafka.headers`.
    #[config(key = "headers.format.class", default = "io.confluent.connect.s3.format.avro.AvroFormat",
             importance = Low, width = Long)]
    pub headers_format: ClassName,
}

/// The bucket: where it is, who we are, how objects are sent.
#[derive(Debug, Clone, Config)]
#[config(group = "S3")]
pub struct S3Config {
    /// Bucket that receives the objects. It must exist.
    #[config(key = "s3.bucket.name", importance = High, validator = Validator::NonEmpty)]
    pub bucket: String,
    /// AWS region of the bucket.
    #[config(key = "s3.region", default = "us-west-2", validator = Validator::NonEmpty)]
    pub region: String,
    /// Largest part of a multipart upload, in bytes. Objects up to 8 MiB are sent whole; the first thousand parts are
    /// 8 MiB at most, so that little memory is needed.
    #[config(key = "s3.part.size", default = "26214400", importance = High,
             validator = Validator::between(5_242_880.0, 2_147_483_647.0))]
    pub part_size: i32,
    /// How often a request is tried again when the server is busy or the connection is cut.
    #[config(key = "s3.part.retries", default = "3", validator = Validator::at_least(0.0))]
    pub part_retries: i32,
    /// Wait before the first retry in milliseconds; it doubles with each, with jitter, up to one day.
    #[config(key = "s3.retry.backoff.ms", default = "200", importance = Low)]
    pub retry_backoff: Duration,
    /// Where credentials come from when `aws.access.key.id` and `aws.secret.access.key` are not both set. The default
    /// chain looks at environment variables, a web identity token (IRSA), the container's role, the profile file,
    /// the instance's role.
    #[config(key = "s3.credentials.provider.class",
             default = "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
             importance = Low, width = Long)]
    pub credentials_provider: ClassName,
    /// Access key; with `aws.secret.access.key` it replaces the credentials provider.
    #[config(key = "aws.access.key.id", default = "", importance = High)]
    pub access_key: String,
    /// Secret key.
    #[config(key = "aws.secret.access.key", default = "", importance = High)]
    pub secret_key: Secret,
    /// Server-side encryption: empty, `AES256` or `aws:kms`.
    #[config(key = "s3.ssea.name", default = "", importance = Low)]
    pub encryption: String,
    /// Key for server-side encryption with a customer key (SSE-C): 32 bytes in base64, with `s3.ssea.name=AES256`.
    #[config(key = "s3.sse.customer.key", importance = Low)]
    pub customer_key: Option<Secret>,
    /// KMS key for `s3.ssea.name=aws:kms`.
    #[config(key = "s3.sse.kms.key.id", default = "", importance = Low)]
    pub kms_key: String,
    /// Canned ACL of the objects.
    #[config(key = "s3.acl.canned", importance = Low, validator = Validator::OneOf(CANNED_ACLS))]
    pub canned_acl: Option<String>,
    /// Whether the accelerate endpoint is used; needs `s3.path.style.access.enabled=false`.
    #[config(key = "s3.wan.mode", default = "false")]
    pub wan_mode: bool,
    /// Whether the bucket is in the URL's path (true) or in its host name.
    #[config(key = "s3.path.style.access.enabled", default = "true", importance = Low)]
    pub path_style: bool,
    /// Compression of JSON and byte array objects.
    #[config(key = "s3.compression.type", default = "none", importance = Low,
             validator = Validator::OneOf(Compression::CHOICES))]
    pub compression: Compression,
    /// Compression level, 0 (fast) to 9 (small); -1 is gzip's own default.
    #[config(key = "s3.compression.level", default = "-1", importance = Low,
             validator = Validator::between(-1.0, 9.0))]
    pub compression_level: i32,
    /// Whether objects are tagged with startOffset, endOffset and recordCount.
    #[config(key = "s3.object.tagging", default = "false", importance = Low)]
    pub tagging: bool,
    /// More tags: `key:value`, separated by commas.
    #[config(key = "s3.object.tagging.key.value.pairs", default = "", importance = Low)]
    pub extra_tags: Vec<String>,
    /// What to do when an object cannot be tagged: `ignore` (a warning is logged) or `fail`.
    #[config(key = "s3.object.behavior.on.tagging.error", default = "ignore", importance = Low,
             validator = Validator::OneOfIgnoringCase(TaggingError::CHOICES))]
    pub tagging_error: TaggingError,
    /// Whether each part carries a digest that S3 checks. It is the signed SHA-256 of the payload, not MD5; over plain
    /// HTTP it is always sent.
    #[config(key = "s3.send.digest", default = "false", importance = Low)]
    pub send_digest: bool,
    /// Java's SDK may wait for `100 Continue` before it sends a body. No request here does, so both values do the
    /// same.
    #[config(key = "s3.http.send.expect.continue", default = "true", importance = Low)]
    pub expect_continue: bool,
    /// HTTP proxy: `http://host:port`.
    #[config(key = "s3.proxy.url", default = "", importance = Low, width = Long)]
    pub proxy_url: String,
    /// The proxy's user.
    #[config(key = "s3.proxy.user", importance = Low)]
    pub proxy_user: Option<String>,
    /// The proxy user's password.
    #[config(key = "s3.proxy.password", importance = Low)]
    pub proxy_password: Option<Secret>,
    /// Java's buffers grow on demand only when this is set. Here they always do.
    #[config(key = "s3.elastic.buffer.enable", default = "false", importance = Low)]
    pub elastic_buffer: bool,
    /// First size of a file's buffer in bytes, with `s3.elastic.buffer.enable`.
    #[config(key = "s3.elastic.buffer.init.capacity", default = "131072", importance = Low,
             validator = Validator::at_least(4096.0))]
    pub elastic_buffer_capacity: i32,
    /// With `rotate.schedule.interval.ms`: an object that exists is never overwritten. Another one of the same name
    /// means that the records were written before, so reading goes on at the next offset that has no object. Not done
    /// with keys or headers.
    #[config(key = "enable.conditional.writes", default = "true", importance = Low)]
    pub conditional_writes: bool,
    /// How many offsets are looked at for one without an object.
    #[config(key = "max.files.scan.limit", default = "100", importance = Low,
             validator = Validator::at_least(1.0))]
    pub scan_limit: i32,
    /// Puts the value schema's name in the directory: `NONE`, `PREFIX` or `SUFFIX` of the encoded partition.
    #[config(key = "s3.schema.partition.affix.type", default = "NONE", importance = Low)]
    pub schema_affix: Affix,
}

/// Names that S3 gives to access control lists.
pub const CANNED_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "log-delivery-write",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "aws-exec-read",
];

/// Directories.
#[derive(Debug, Clone, Config)]
#[config(group = "Partitioner")]
pub struct PartitionerConfig {
    /// Chooses the directory of a record: DefaultPartitioner (`partition=N`), FieldPartitioner, TimeBasedPartitioner,
    /// HourlyPartitioner or DailyPartitioner in `io.confluent.connect.storage.partitioner`.
    #[config(key = "partitioner.class",
             default = "io.confluent.connect.storage.partitioner.DefaultPartitioner",
             importance = High, width = Long,
             dependents = ["partition.field.name", "partition.duration.ms", "path.format", "locale", "timezone"])]
    pub class: ClassName,
    /// Fields whose values make the directory of the FieldPartitioner, nested ones with dots.
    #[config(key = "partition.field.name", default = "")]
    pub fields: Vec<String>,
    /// Length of a directory of the TimeBasedPartitioner in milliseconds.
    #[config(key = "partition.duration.ms", default = "-1")]
    pub duration_ms: i64,
    /// Directory of the TimeBasedPartitioner, as a Joda-Time pattern: `'year'=YYYY/'month'=MM/'day'=dd`.
    #[config(key = "path.format", default = "", width = Long)]
    pub path_format: String,
    /// Language of names of months and days in the directory, such as `en-US`.
    #[config(key = "locale", default = "")]
    pub locale: String,
    /// Time zone of directories and of scheduled rotation, such as `UTC` or `Europe/Berlin`.
    #[config(key = "timezone", default = "")]
    pub timezone: String,
    /// Where a record's time comes from: `Wallclock`, `Record` (its timestamp) or `RecordField`.
    #[config(key = "timestamp.extractor", default = "Wallclock")]
    pub extractor: String,
    /// Field with the time, for `RecordField`; nested ones with dots.
    #[config(key = "timestamp.field", default = "timestamp")]
    pub timestamp_field: String,
}

/// Keys that only Avro and Parquet files need. They are accepted at their defaults.
#[derive(Debug, Clone, Config)]
#[config(group = "Avro and Parquet")]
pub struct ColumnarConfig {
    /// Converted schemas that are kept; of no effect here, since schemas are shared and need no conversion.
    #[config(key = "schemas.cache.config", default = "1000", importance = Low)]
    pub schemas_cache: i32,
    /// For Avro; must be left at its default.
    #[config(key = "enhanced.avro.schema.support", default = "true", importance = Low)]
    pub enhanced_avro: bool,
    /// For Avro; must be left at its default.
    #[config(key = "connect.meta.data", default = "true", importance = Low)]
    pub connect_meta_data: bool,
    /// For Avro and Parquet; must be left at its default.
    #[config(key = "allow.optional.map.keys", default = "false", importance = Low)]
    pub optional_map_keys: bool,
    /// For Avro; must be left at its default.
    #[config(key = "avro.codec", default = "null", importance = Low)]
    pub avro_codec: String,
    /// For Parquet; must be left at its default.
    #[config(key = "parquet.codec", default = "snappy", importance = Low)]
    pub parquet_codec: String,
}

impl S3SinkConfig {
    /// Whether completed objects must not exist before (the rules of the Java twin).
    pub fn conditional(&self) -> bool {
        self.s3.conditional_writes
            && self.storage.rotate_schedule_interval_ms != -1
            && !self.storage.store_keys
            && !self.storage.store_headers
    }
}
