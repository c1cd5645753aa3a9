//! The directory of a record: topic and encoded partition.

use std::fmt::Write as _;

use api::data::{Kind, SinkRecord, Value};
use api::{Error, Result};

use crate::S3SinkConfig;
use crate::config::{Affix, NullBehavior};
use crate::joda::Pattern;
use crate::timestamp::{Extractor, FieldPath};
use crate::zone::Zone;

/// Prefix of the partitioners' class names.
pub const PACKAGE: &str = "io.confluent.connect.storage.partitioner.";

/// Chooses the encoded partition of a record, which with the topic is its directory.
#[derive(Debug, Clone)]
pub struct Partitioner {
    kind: PartitionerKind,
    delimiter: String,
    affix: Affix,
    tombstones: Option<String>,
}

#[derive(Debug, Clone)]
enum PartitionerKind {
    Default,
    Field(Vec<FieldPath>),
    Time(TimePartitioner),
}

/// Directories by time.
#[derive(Debug, Clone)]
pub struct TimePartitioner {
    duration_ms: i64,
    pattern: Pattern,
    zone: Zone,
    extractor: Extractor,
}

/// What a bad config lacks, by key.
pub type Problem = (&'static str, String);

impl Partitioner {
    /// The partitioner of a config.
    ///
    /// # Errors
    /// Every problem, by key.
    pub fn new(config: &S3SinkConfig) -> std::result::Result<Self, Vec<Problem>> {
        let class = config.partitioner.class.0.as_str();
        let kind = match class.strip_prefix(PACKAGE).unwrap_or(class) {
            "DefaultPartitioner" => PartitionerKind::Default,
            "FieldPartitioner" => field_partitioner(config)?,
            "TimeBasedPartitioner" => {
                let pattern = config.partitioner.path_format.clone();
                PartitionerKind::Time(TimePartitioner::new(config, config.partitioner.duration_ms, pattern)?)
            }
            name @ ("HourlyPartitioner" | "DailyPartitioner") => {
                let delimiter = &config.storage.directory_delimiter;
                let mut pattern = ["'year'=YYYY", "'month'=MM", "'day'=dd"].join(delimiter);
                let mut duration_ms = 24 * 3_600_000;
                if name == "HourlyPartitioner" {
                    let _ = write!(pattern, "{delimiter}'hour'=HH"); // a String takes everything
                    duration_ms = 3_600_000;
                }
                PartitionerKind::Time(TimePartitioner::new(config, duration_ms, pattern)?)
            }
            _ => {
                return Err(vec![(
                    "partitioner.class",
                    format!(
                        "{class} is not one of DefaultPartitioner, FieldPartitioner, TimeBasedPartitioner, \
                         HourlyPartitioner, DailyPartitioner in {PACKAGE}; classes of your own cannot be loaded"
                    ),
                )]);
            }
        };
        let writes_tombstones = config.storage.null_behavior == NullBehavior::Write;
        Ok(Self {
            kind,
            delimiter: config.storage.directory_delimiter.clone(),
            affix: config.s3.schema_affix,
            tombstones: writes_tombstones.then(|| config.storage.tombstone_partition.clone()),
        })
    }

    /// Where a record's time comes from, when directories are by time.
    pub fn extractor(&self) -> Option<&Extractor> {
        match &self.kind {
            PartitionerKind::Time(time) => Some(&time.extractor),
            _ => None,
        }
    }

    /// Whether all records of a topic partition with these two times have the same directory, so that it need not be
    /// computed again.
    #[inline]
    pub fn is_same(&self, one_ms: i64, other_ms: i64) -> bool {
        if self.affix != Affix::None || self.tombstones.is_some() {
            return false;
        }
        match &self.kind {
            PartitionerKind::Default => true,
            PartitionerKind::Field(_) => false,
            // Offsets of zones are whole seconds.
            PartitionerKind::Time(time) => {
                time.duration_ms % 1000 == 0 && one_ms.div_euclid(1000) == other_ms.div_euclid(1000)
            }
        }
    }

    /// Whether an encoded partition is that of null values.
    pub fn is_tombstone(&self, encoded: &str) -> bool {
        self.tombstones.as_deref() == Some(encoded)
    }

    /// Appends the encoded partition. `time_ms` is the record's time, where directories are by time.
    ///
    /// # Errors
    /// The record has none: a field is missing or of a type that makes no directory.
    pub fn encode(&self, record: &SinkRecord, time_ms: i64, out: &mut String) -> Result<()> {
        if let (Some(tombstone), Value::Null) = (&self.tombstones, &record.record.value.value) {
            out.push_str(tombstone);
            return Ok(());
        }
        let schema_name =
            || record.record.value.schema.as_ref().and_then(|schema| schema.name()).unwrap_or("null");
        if self.affix == Affix::Prefix {
            let _ = write!(out, "schema_name={}{}", schema_name(), self.delimiter); // a String takes everything
        }
        match &self.kind {
            PartitionerKind::Default => {
                let _ = write!(out, "partition={}", record.origin_partition);
            }
            PartitionerKind::Field(fields) => encode_fields(fields, &self.delimiter, record, out)?,
            PartitionerKind::Time(time) => {
                time.pattern.format(time.zone.floor(time_ms, time.duration_ms), time.zone, out);
            }
        }
        if self.affix == Affix::Suffix {
            let _ = write!(out, "{}schema_name={}", self.delimiter, schema_name());
        }
        Ok(())
    }
}

fn field_partitioner(config: &S3SinkConfig) -> std::result::Result<PartitionerKind, Vec<Problem>> {
    let fields = &config.partitioner.fields;
    if fields.is_empty() || fields.iter().any(|field| field.is_empty() || field.split('.').any(str::is_empty))
    {
        let problem = "the FieldPartitioner needs one or more field names, separated by commas";
        return Err(vec![("partition.field.name", problem.to_owned())]);
    }
    Ok(PartitionerKind::Field(fields.iter().map(|field| FieldPath::new(field)).collect()))
}

fn encode_fields(fields: &[FieldPath], delimiter: &str, record: &SinkRecord, out: &mut String) -> Result<()> {
    let Value::Struct(row) = &record.record.value.value else {
        return Err(Error::bad_record("Error encoding partition.")
            .with("why", format!("the value is no struct but {}", record.record.value.value.type_name()))
            .hint("the FieldPartitioner needs values with a schema"));
    };
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push_str(delimiter);
        }
        let (schema, value) = field.in_row(row).ok_or_else(|| {
            Error::bad_record(format!("Field '{}' is not present in the schema.", field.name))
        })?;
        let _ = match (schema.kind(), value) {
            (_, Value::Null) => write!(out, "{}=null", field.name),
            (Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64, _) if value.as_i64().is_some() => {
                write!(out, "{}={}", field.name, value.as_i64().unwrap_or_default())
            }
            (Kind::String, Value::String(text)) => write!(out, "{}={text}", field.name),
            (Kind::Boolean, Value::Boolean(flag)) => write!(out, "{}={flag}", field.name),
            _ => {
                return Err(Error::bad_record("Error encoding partition.")
                    .with("field", &field.name)
                    .with("type", value.type_name())
                    .hint("directories are made of integers, strings and booleans"));
            }
        };
    }
    Ok(())
}

impl TimePartitioner {
    fn new(
        config: &S3SinkConfig,
        duration_ms: i64,
        pattern: String,
    ) -> std::result::Result<Self, Vec<Problem>> {
        let (partitioner, delimiter) = (&config.partitioner, &config.storage.directory_delimiter);
        let mut problems = Vec::new();
        if duration_ms <= 0 {
            problems.push(("partition.duration.ms", "Partition duration needs to be a positive.".to_owned()));
        }
        let locale = partitioner.locale.trim();
        if locale.is_empty() {
            problems.push(("locale", "Locale cannot be empty.".to_owned()));
        }
        let zone = zone(&partitioner.timezone);
        if let Err(problem) = &zone {
            problems.push(("timezone", problem.clone()));
        }
        let trimmed =
            pattern.strip_suffix(delimiter.as_str()).filter(|_| !delimiter.is_empty()).unwrap_or(&pattern);
        let parsed = match trimmed.trim() {
            "" => Err("Path format cannot be empty.".to_owned()),
            _ => Pattern::parse(trimmed),
        };
        match &parsed {
            Err(problem) => problems.push(("path.format", problem.clone())),
            Ok(parsed) if parsed.has_names() && !is_english(locale) => problems.push((
                "locale",
                format!("names of months and days are written in English only, not in {locale}"),
            )),
            Ok(_) => {}
        }
        let extractor = match partitioner.extractor.as_str() {
            "Wallclock" => Some(Extractor::Wallclock),
            "Record" => Some(Extractor::Record),
            "RecordField" => Some(Extractor::Field(FieldPath::new(&partitioner.timestamp_field))),
            other => {
                problems.push((
                    "timestamp.extractor",
                    format!("{other} is not one of Wallclock, Record, RecordField; classes of your own cannot be loaded"),
                ));
                None
            }
        };
        if matches!(&extractor, Some(Extractor::Field(_)))
            && partitioner.timestamp_field.split('.').any(str::is_empty)
        {
            problems.push(("timestamp.field", "RecordField needs the name of a field".to_owned()));
        }
        match (parsed, zone, extractor) {
            (Ok(pattern), Ok(zone), Some(extractor)) if problems.is_empty() => {
                Ok(Self { duration_ms, pattern, zone, extractor })
            }
            _ => Err(problems),
        }
    }
}

/// The zone of `timezone`.
///
/// # Errors
/// It is blank or unknown.
pub fn zone(id: &str) -> std::result::Result<Zone, String> {
    match id.trim() {
        "" => Err("Timezone cannot be empty.".to_owned()),
        id => Zone::of(id).ok_or_else(|| {
            format!("The datetime zone id '{id}' is not recognised; use UTC, a name such as Europe/Berlin, or +02:00")
        }),
    }
}

// `en`, `en-US`, `en_GB`; and what Java does not know as a language falls back to English: `US`.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(language.as_str(), "en" | "us" | "gb" | "c" | "root")
}
