//! `TimestampConverter`: moments as dates, times, numbers or texts.

use std::marker::PhantomData;

use api::config::{Config, Report, Validator, config_enum};
use api::data::{Datum, Field, Kind, Logical, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};
use literal::calendar::DAY_MS;

use crate::date_format::DateFormat;
use crate::error::{not_a_struct, require_map, require_struct};
use crate::schema_cache::{SchemaCache, row, struct_like, values_of};
use crate::side::Side;

mod moment;

use moment::Moments;

config_enum! {
    /// What moments become.
    pub enum TargetType {
        /// Text, by the pattern.
        String = "string",
        /// A number.
        Unix = "unix",
        /// Days.
        Date = "Date",
        /// The time of the day.
        Time = "Time",
        /// Milliseconds since the epoch, as a logical type.
        Timestamp = "Timestamp",
    }
}

config_enum! {
    /// What a number counts since the epoch.
    pub enum Precision {
        /// Billionths of a second.
        Nanoseconds = "nanoseconds",
        /// Millionths of a second.
        Microseconds = "microseconds",
        /// Thousandths of a second.
        Milliseconds = "milliseconds",
        /// Seconds.
        Seconds = "seconds",
    }
}

/// Keys of [`TimestampConverter`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct TimestampConverterConfig {
    /// The field containing the timestamp, or empty if the entire value is a timestamp.
    #[config(key = "field", default = "", importance = High)]
    pub field: String,
    /// The desired timestamp representation: `string`, `unix`, `Date`, `Time`, or `Timestamp`.
    #[config(key = "target.type", importance = High, validator = Validator::OneOf(&["string", "unix", "Date", "Time", "Timestamp"]))]
    pub target: TargetType,
    /// A SimpleDateFormat-compatible format for the timestamp. Used to generate the output when target.type is `string`, or
    /// used to parse the input if the input is a string.
    #[config(key = "format", default = "")]
    pub format: String,
    /// The desired Unix precision for the timestamp: `seconds`, `milliseconds`, `microseconds`, or `nanoseconds`. Used to
    /// generate the output when target.type is `unix`, or used to parse the input if the input is a number. Parts of a unit
    /// are cut off, towards the epoch.
    #[config(key = "unix.precision", default = "milliseconds", importance = Low, validator = Validator::OneOf(&["nanoseconds", "microseconds", "milliseconds", "seconds"]))]
    pub precision: Precision,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &TimestampConverterConfig, report: &mut Report) {
    if config.format.is_empty() {
        if config.target == TargetType::String {
            let why =
                "TimestampConverter requires format option to be specified when using string timestamps";
            report.add("format", why);
        }
    } else if let Err(why) = DateFormat::parse(&config.format) {
        let what = "TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps";
        report.invalid("format", Some(&config.format), &format!("{what}: {why}"));
    }
}

/// Converts a field, or the whole key or value. Null stays null; whether it is optional stays as it is.
#[derive(Debug)]
pub struct TimestampConverter<S> {
    field: String,
    target: TargetType,
    moments: Moments,
    replace_null: bool,
    schemas: SchemaCache<Plan>,
    side: PhantomData<fn(S)>,
}

/// What a value is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Unix,
    Date,
    Time,
    Timestamp,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaRef,
    /// The field, unless the schema has none of its name, and its form now, if it is a known one.
    field: Option<(usize, Option<Form>)>,
}

const PURPOSE: &str = "converting timestamp formats";

impl Form {
    fn of_schema(schema: &Schema) -> Result<Self> {
        match (schema.logical(), schema.kind()) {
            (Some(Logical::Timestamp), _) => Ok(Form::Timestamp),
            (Some(Logical::Date), _) => Ok(Form::Date),
            (Some(Logical::Time), _) => Ok(Form::Time),
            (None, Kind::String) => Ok(Form::Text),
            (None, Kind::Int64) => Ok(Form::Unix),
            _ => Err(unknown_form(schema)),
        }
    }

    // Java has one class for dates, times and timestamps, and takes it for a timestamp.
    fn of_value(value: &Value) -> Result<Self> {
        match value {
            Value::Timestamp(_) | Value::Date(_) | Value::Time(_) => Ok(Form::Timestamp),
            Value::Int64(_) => Ok(Form::Unix),
            Value::String(_) => Ok(Form::Text),
            other => Err(Error::bad_record(format!(
                "TimestampConverter does not support class {} objects as timestamps",
                other.java_class()
            ))),
        }
    }
}

#[cold]
fn unknown_form(schema: &Schema) -> Error {
    let kind = schema.schema_type().name().to_uppercase();
    let shown = schema.name().map_or_else(|| kind.clone(), |name| format!("{name}:{kind}"));
    Error::bad_record(format!(
        "Schema Schema{{{shown}}} does not correspond to a known timestamp type format"
    ))
    .class("org.apache.kafka.connect.errors.ConnectException")
    .hint("it can be a string, an int64, a Date, a Time or a Timestamp")
}

impl TargetType {
    fn schema(self, optional: bool) -> SchemaRef {
        let builder = match self {
            TargetType::String => Schema::builder(Kind::String),
            TargetType::Unix => Schema::builder(Kind::Int64),
            TargetType::Date => Schema::logical_builder(Logical::Date),
            TargetType::Time => Schema::logical_builder(Logical::Time),
            TargetType::Timestamp => Schema::logical_builder(Logical::Timestamp),
        };
        builder.set_optional(optional).build()
    }
}

impl<S: Side> TimestampConverter<S> {
    fn plan(field: &str, target: TargetType, schema: &SchemaRef) -> Result<Plan> {
        if field.is_empty() {
            let form = Form::of_schema(schema)?;
            return Ok(Plan { schema: target.schema(schema.is_optional()), field: Some((0, Some(form))) });
        }
        let mut fields = crate::error::fields_of(schema)?.to_vec();
        let position = fields.iter().position(|known| *known.name == *field);
        let mut found = None;
        if let Some(position) = position {
            let now = &fields[position].schema;
            // As in Java, a field of another type is no error of a null record.
            found = Some((position, Form::of_schema(now).ok()));
            fields[position] =
                Field { name: fields[position].name.clone(), schema: target.schema(now.is_optional()) };
        }
        Ok(Plan {
            schema: struct_like(schema, fields)?.set_optional(schema.is_optional()).build(),
            field: found,
        })
    }

    fn convert(&self, form: Form, value: Value) -> Result<Value> {
        match value {
            Value::Null => Ok(Value::Null),
            value => self.moments.write(self.target, self.moments.read(form, &value)?),
        }
    }

    fn with_schema(&mut self, schema: SchemaRef, value: Value) -> Result<Datum> {
        if !self.field.is_empty() && !matches!(value, Value::Null | Value::Struct(_)) {
            return Err(not_a_struct(&value, PURPOSE));
        }
        // A row is planned by its own schema, which its values fit.
        let schema = match &value {
            Value::Struct(row) if !self.field.is_empty() => row.schema().clone(),
            _ => schema,
        };
        let (field, target) = (&self.field, self.target);
        let plan = self.schemas.get(&schema, |schema| Self::plan(field, target, schema))?;
        let (new, field) = (plan.schema.clone(), plan.field);
        if self.field.is_empty() {
            let form = field.and_then(|(_, form)| form).unwrap_or(Form::Timestamp);
            return Ok(Datum::new(new, self.convert(form, value)?));
        }
        if value.is_null() {
            return Ok(Datum::new(new, Value::Null));
        }
        let mut values = values_of(require_struct(value, PURPOSE)?, self.replace_null);
        if let Some((position, form)) = field
            && let Some(value) = values.get_mut(position)
        {
            let known =
                form.map_or_else(|| Form::of_schema(&crate::error::fields_of(&schema)?[position].schema), Ok);
            let converted = known.and_then(|form| self.convert(form, std::mem::take(value)));
            *value = converted.map_err(|error| error.with("field", &self.field))?;
        }
        Ok(Datum::new(new.clone(), row(&new, values)))
    }

    fn without_schema(&self, value: Value) -> Result<Value> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        if self.field.is_empty() {
            return self.convert(Form::of_value(&value)?, value);
        }
        let mut map = require_map(value, PURPOSE)?;
        let new = match map.get_str(&self.field) {
            None | Some(Value::Null) => Value::Null,
            Some(value) => {
                let converted = Form::of_value(value).and_then(|form| self.convert(form, value.clone()));
                converted.map_err(|error| error.with("field", &self.field))?
            }
        };
        map.insert(Value::string(self.field.as_str()), new);
        Ok(Value::Map(map))
    }
}

impl<S: Side> Transform for TimestampConverter<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.TimestampConverter$Key"
    } else {
        "org.apache.kafka.connect.transforms.TimestampConverter$Value"
    };
    type Config = TimestampConverterConfig;

    fn build(config: TimestampConverterConfig) -> Result<Self> {
        let format = match config.format.as_str() {
            "" => None,
            pattern => {
                let format = DateFormat::parse(pattern).map_err(Error::misconfigured)?;
                Some((pattern.to_owned(), format))
            }
        };
        Ok(Self {
            field: config.field,
            target: config.target,
            moments: Moments::new(format, config.precision),
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let Datum { schema, value } = std::mem::take(datum);
        *datum = match schema {
            Some(schema) => self.with_schema(schema, value)?,
            None => Datum::schemaless(self.without_schema(value)?),
        };
        Ok(Some(record))
    }
}

/// The whole days of a moment, towards the past.
fn whole_days(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}
