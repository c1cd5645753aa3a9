//! Checks of keys against each other, and of what cannot be honoured. Pure.

use api::config::{Report, Secret};

use crate::S3SinkConfig;
use crate::config::{
    AVRO_FORMAT, BYTE_ARRAY_FORMAT, ColumnarConfig, Compression, JSON_FORMAT, NullBehavior, PARQUET_FORMAT,
    S3_STORAGE,
};
use crate::credentials;
use crate::partitioner::{self, Partitioner};

/// Reports every problem between keys.
pub fn check(config: &S3SinkConfig, report: &mut Report) {
    formats(config, report);
    rotation(config, report);
    names(config, report);
    reach(config, report);
    columnar(&config.columnar, report);
    if let Err(problems) = Partitioner::new(config) {
        for (key, problem) in problems {
            report.add(key, problem);
        }
    }
}

fn formats(config: &S3SinkConfig, report: &mut Report) {
    let storage = &config.storage;
    let mut used = vec![("format.class", "data", &storage.format.0)];
    if storage.store_keys {
        used.push(("keys.format.class", "keys", &storage.keys_format.0));
    }
    if storage.store_headers {
        used.push(("headers.format.class", "headers", &storage.headers_format.0));
    }
    for (key, what, class) in used {
        match class.as_str() {
            BYTE_ARRAY_FORMAT if what == "headers" => {
                report.add(key, "headers cannot be written with the ByteArrayFormat; use JsonFormat");
            }
            JSON_FORMAT | BYTE_ARRAY_FORMAT => {}
            AVRO_FORMAT | PARQUET_FORMAT => {
                report.add(
                    key,
                    format!("{class} is not written yet; use {JSON_FORMAT} or {BYTE_ARRAY_FORMAT}"),
                );
                if config.s3.compression != Compression::None {
                    let kind = config.s3.compression.text();
                    let problem =
                        format!("Compression Type {kind} not valid for {what} format class: ( {class} ).");
                    report.add("s3.compression.type", problem);
                }
            }
            _ => {
                report.add(key, format!("{class} is not a format; use {JSON_FORMAT} or {BYTE_ARRAY_FORMAT}"))
            }
        }
    }
    if storage.storage_class.0 != S3_STORAGE {
        report
            .add("storage.class", format!("{} cannot be loaded; use {S3_STORAGE}", storage.storage_class.0));
    }
    if storage.null_behavior == NullBehavior::Write {
        if !storage.store_keys {
            let problem =
                "Writing Kafka record keys to storage is mandatory when tombstone writing is enabled.";
            report.add("store.kafka.keys", problem);
            report.add("behavior.on.null.values", problem);
        }
        if storage.tombstone_partition.trim().is_empty() {
            report.add("tombstone.encoded.partition", "the directory of null values needs a name");
        }
    }
}

fn rotation(config: &S3SinkConfig, report: &mut Report) {
    if config.storage.rotate_schedule_interval_ms > 0
        && let Err(problem) = partitioner::zone(&config.partitioner.timezone)
        && !is_time_based(config)
    {
        report.add("timezone", format!("rotate.schedule.interval.ms needs a time zone: {problem}"));
    }
}

fn is_time_based(config: &S3SinkConfig) -> bool {
    let class = config.partitioner.class.0.strip_prefix(partitioner::PACKAGE).unwrap_or_default();
    matches!(class, "TimeBasedPartitioner" | "HourlyPartitioner" | "DailyPartitioner")
}

fn names(config: &S3SinkConfig, report: &mut Report) {
    let storage = &config.storage;
    if storage.directory_delimiter.is_empty() {
        report.add("directory.delim", "directories need something between them");
    }
    let topics_dir = storage.topics_dir.trim();
    let parts = |text: &str| text.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if !topics_dir.is_empty() && parts(topics_dir) {
        report.add(
            "topics.dir",
            "must not begin or end with /, nor have an empty directory, `.` or `..`: such objects cannot be listed by \
             most tools",
        );
    }
    for (key, text) in [
        ("topics.dir", &storage.topics_dir),
        ("directory.delim", &storage.directory_delimiter),
        ("file.delim", &storage.file_delimiter),
        ("format.bytearray.extension", &storage.byte_array_extension),
        ("tombstone.encoded.partition", &storage.tombstone_partition),
    ] {
        if text.chars().any(char::is_control) {
            report.add(key, "object names cannot have control characters");
        }
    }
}

fn reach(config: &S3SinkConfig, report: &mut Report) {
    let s3 = &config.s3;
    if s3.wan_mode && s3.path_style {
        let problem = "Both accelerate mode and path style access are being enabled. These options are mutually \
                       exclusive and cannot be enabled together. Please disable one of them";
        report.add("s3.wan.mode", problem);
        report.add("s3.path.style.access.enabled", problem);
    }
    if let Some(url) = config.storage.store_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
        let parsed = url::Url::parse(url).ok();
        let good = parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !good {
            report.invalid(
                "store.url",
                Some(url),
                "must be a URL such as https://s3.example.com or http://localhost:9000",
            );
        }
    }
    if !s3.proxy_url.trim().is_empty() && url::Url::parse(s3.proxy_url.trim()).is_err() {
        report.invalid("s3.proxy.url", Some(&s3.proxy_url), "must be a URL such as http://proxy:3128");
    }
    if s3.access_key.is_empty() != s3.secret_key.is_empty() {
        let key = if s3.access_key.is_empty() { "aws.access.key.id" } else { "aws.secret.access.key" };
        report.add(key, "set both aws.access.key.id and aws.secret.access.key, or neither");
    }
    if (s3.access_key.is_empty() || s3.secret_key.is_empty())
        && let Err(problem) = credentials::sources(&s3.credentials_provider.0)
    {
        report.add("s3.credentials.provider.class", problem);
    }
    encryption(config, report);
    tagging(config, report);
}

fn encryption(config: &S3SinkConfig, report: &mut Report) {
    let s3 = &config.s3;
    let customer_key = s3.customer_key.as_ref().map(Secret::expose).filter(|key| !key.trim().is_empty());
    match (s3.encryption.as_str(), customer_key) {
        ("" | "AES256" | "aws:kms", None) => {}
        ("AES256", Some(_)) => {}
        ("" | "aws:kms", Some(_)) => report.add("s3.sse.customer.key", "needs s3.ssea.name=AES256"),
        (other, _) => {
            report.invalid("s3.ssea.name", Some(other), "String must be one of: AES256, aws:kms, or empty")
        }
    }
    if s3.encryption == "aws:kms" && s3.kms_key.trim().is_empty() {
        report.add(
            "s3.sse.kms.key.id",
            "s3.ssea.name=aws:kms needs the key's id, or objects would not be encrypted with it",
        );
    }
}

fn tagging(config: &S3SinkConfig, report: &mut Report) {
    if config.s3.tagging {
        report.add("s3.object.tagging", "objects cannot be tagged yet; leave it false");
    }
    for pair in &config.s3.extra_tags {
        if pair.split(':').count() != 2 {
            report.add("s3.object.tagging.key.value.pairs", format!("{pair:?} is not of the form key:value"));
        }
    }
}

fn columnar(columnar: &ColumnarConfig, report: &mut Report) {
    let mut refuse = |key: &str, changed: bool, default: &str| {
        if changed {
            report.add(
                key,
                format!("is for Avro and Parquet files, which are not written yet; leave it at {default}"),
            );
        }
    };
    refuse("enhanced.avro.schema.support", !columnar.enhanced_avro, "true");
    refuse("connect.meta.data", !columnar.connect_meta_data, "true");
    refuse("allow.optional.map.keys", columnar.optional_map_keys, "false");
    refuse("avro.codec", columnar.avro_codec != "null", "null");
    refuse("parquet.codec", columnar.parquet_codec != "snappy", "snappy");
}
