//! `TimezoneConverter`: times of change events in another zone.

use api::config::{Config, Parsed, Report, Validator};
use api::data::{Record, Schema, Struct, Value};
use api::{Error, Origin, Result, Transform};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::envelope::{self, AFTER, BEFORE, SOURCE};
use super::timezone_rules::{Rule, Zone, fields_for};
use crate::third_party::rows::fields_of;
use crate::third_party::told::Told;

/// Keys of [`TimezoneConverter`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct TimezoneConverterConfig {
    /// The zone: a name such as `America/Los_Angeles`, or an offset from UTC such as `+08:00`.
    #[config(key = "converted.timezone", importance = High, validator = Validator::With(check_zone))]
    pub zone: String,
    /// Rules that say what is converted, each `source:<table>`, `source:<table>:<field>`, `topic:<topic>`,
    /// `topic:<topic>:<field>` or `<table or topic>:<field>`.
    #[config(key = "include.list", default = "", importance = High, validator = Validator::With(check_rules))]
    pub include: Vec<String>,
    /// Rules that say what is not converted, in the form of `include.list`. Only one of both may be set.
    #[config(key = "exclude.list", default = "", importance = High, validator = Validator::With(check_rules))]
    pub exclude: Vec<String>,
}

fn check_zone(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(text) => Zone::parse(text).map(drop),
        _ => Ok(()),
    }
}

fn check_rules(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::List(rules) => Rule::parse_all(rules).map(drop),
        _ => Ok(()),
    }
}

fn check(config: &TimezoneConverterConfig, report: &mut Report) {
    if !config.include.is_empty() && !config.exclude.is_empty() {
        report.add("exclude.list", "Both include and exclude lists are specified. Please specify only one.");
    }
}

/// Converts times of change events.
#[derive(Debug)]
pub struct TimezoneConverter {
    zone: Zone,
    include: Vec<Rule>,
    exclude: Vec<Rule>,
    told: Told,
}

/// Which fields of a row.
#[derive(Debug, Clone, Copy)]
enum Choice<'a> {
    All,
    Only(&'a [&'a str]),
    AllBut(&'a [&'a str]),
}

impl Choice<'_> {
    // The source's times are converted only by rules that name some of them, be it to exclude those.
    fn names_source(self) -> bool {
        let (Choice::Only(list) | Choice::AllBut(list)) = self else { return false };
        list.iter().any(|listed| listed.split_once('.').is_some_and(|(of, _)| of == SOURCE))
    }

    // A name may say which row it is of.
    fn has(self, part: &str, name: &str) -> bool {
        let listed = |list: &[&str]| {
            list.iter().any(|listed| match listed.split_once('.') {
                Some((of, rest)) if matches!(of, BEFORE | AFTER | SOURCE) => of == part && rest == name,
                _ => part != SOURCE && *listed == name,
            })
        };
        match self {
            Choice::All => true,
            Choice::Only(list) => listed(list),
            Choice::AllBut(list) => !listed(list),
        }
    }
}

impl Transform for TimezoneConverter {
    const CLASS: &'static str = "io.debezium.transforms.TimezoneConverter";
    type Config = TimezoneConverterConfig;

    fn build(config: TimezoneConverterConfig) -> Result<Self> {
        Ok(Self {
            zone: Zone::parse(&config.zone).map_err(Error::misconfigured)?,
            include: Rule::parse_all(&config.include).map_err(Error::misconfigured)?,
            exclude: Rule::parse_all(&config.exclude).map_err(Error::misconfigured)?,
            told: Told::default(),
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Some(event) = envelope::of(&record.value)? else {
            return Ok(Some(record));
        };
        let table = envelope::nested(event, SOURCE).and_then(|source| source.get("table"));
        let table = table.and_then(Value::as_str).map(str::to_owned);
        let rules = if self.exclude.is_empty() { &self.include } else { &self.exclude };
        let named = fields_for(rules, &record.topic, table.as_deref());
        let choice = match (&named, self.include.is_empty(), self.exclude.is_empty()) {
            (None, false, _) => return Ok(Some(record)),
            (None, ..) => Choice::All,
            (Some(fields), false, _) if fields.is_empty() => Choice::All,
            (Some(fields), false, _) => Choice::Only(fields),
            (Some(fields), ..) if fields.is_empty() => return Ok(Some(record)),
            (Some(fields), ..) => Choice::AllBut(fields),
        };
        if let Value::Struct(event) = &mut record.value.value {
            self.convert_event(event, choice)?;
        }
        Ok(Some(record))
    }
}

impl TimezoneConverter {
    fn convert_event(&self, event: &mut Struct, choice: Choice<'_>) -> Result<()> {
        let schema = event.schema().clone();
        for (field, value) in fields_of(&schema).iter().zip(event.values_mut()) {
            let Value::Struct(row) = value else { continue };
            match &*field.name {
                part @ (BEFORE | AFTER) => self.convert_row(row, part, choice)?,
                SOURCE if choice.names_source() => self.convert_source(row, choice)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn convert_row(&self, row: &mut Struct, part: &str, choice: Choice<'_>) -> Result<()> {
        let schema = row.schema().clone();
        for (field, value) in fields_of(&schema).iter().zip(row.values_mut()) {
            if value.is_null() || !choice.has(part, &field.name) {
                continue;
            }
            if let Some(converted) = self.convert(&field.schema, value, &field.name)? {
                *value = converted;
            }
        }
        Ok(())
    }

    // The source's own times have no logical type, and are moved the other way.
    fn convert_source(&self, row: &mut Struct, choice: Choice<'_>) -> Result<()> {
        let schema = row.schema().clone();
        for (field, value) in fields_of(&schema).iter().zip(row.values_mut()) {
            let units = match &*field.name {
                "ts_ms" => 1_000,
                "ts_us" => 1_000_000,
                "ts_ns" => 1_000_000_000,
                _ => continue,
            };
            if let (Value::Int64(epoch), true) = (&value, choice.has(SOURCE, &field.name)) {
                let moment = moment(*epoch, units).ok_or_else(|| out_of_range(&field.name))?;
                let shift = i64::from(self.zone.offset_at(moment)) * units;
                *value = Value::Int64(epoch.checked_add(shift).ok_or_else(|| out_of_range(&field.name))?);
            }
        }
        Ok(())
    }

    fn convert(&self, schema: &Schema, value: &Value, name: &str) -> Result<Option<Value>> {
        let kind = schema.name().unwrap_or_default();
        let epoch = |units: i64| match value {
            Value::Int64(epoch) => self.shifted(*epoch, units, name).map(Value::Int64).map(Some),
            other => Err(unfit(kind, other, name)),
        };
        match kind {
            "io.debezium.time.Timestamp" => epoch(1_000),
            "io.debezium.time.MicroTimestamp" => epoch(1_000_000),
            "io.debezium.time.NanoTimestamp" => epoch(1_000_000_000),
            "org.apache.kafka.connect.data.Timestamp" => match value {
                Value::Timestamp(ms) => self.shifted(*ms, 1_000, name).map(Value::Timestamp).map(Some),
                other => Err(unfit(kind, other, name)),
            },
            "io.debezium.time.ZonedTimestamp" => match value {
                Value::String(text) => self.zoned_timestamp(text, name).map(Some),
                other => Err(unfit(kind, other, name)),
            },
            "io.debezium.time.ZonedTime" => match value {
                Value::String(text) => self.zoned_time(text, name).map(Some),
                other => Err(unfit(kind, other, name)),
            },
            "io.debezium.time.Date"
            | "io.debezium.time.Time"
            | "io.debezium.time.MicroTime"
            | "io.debezium.time.NanoTime"
            | "org.apache.kafka.connect.data.Date"
            | "org.apache.kafka.connect.data.Time" => {
                if self.told.first(&format!("{name} {kind}")) {
                    tracing::warn!(field = name, r#type = kind, "a type without a zone is not converted");
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    // What clocks in UTC show, read as if clocks in the zone showed it.
    fn shifted(&self, epoch: i64, units: i64, name: &str) -> Result<i64> {
        let wall = moment(epoch, units).ok_or_else(|| out_of_range(name))?;
        let shift = i64::from(self.zone.offset_when(wall)) * units;
        epoch.checked_sub(shift).ok_or_else(|| out_of_range(name))
    }

    fn zoned_timestamp(&self, text: &str, name: &str) -> Result<Value> {
        let parsed = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"))
            .map_err(|_| Error::bad_record(format!("{name} is no timestamp with an offset: {text}")))?;
        let utc = parsed.naive_utc();
        let offset = self.zone.offset_at(utc);
        let local =
            utc.checked_add_signed(TimeDelta::seconds(offset.into())).ok_or_else(|| out_of_range(name))?;
        let time = shown_time(local.time());
        Ok(Value::string(format!("{}T{time}{}", local.format("%Y-%m-%d"), shown_offset(offset))))
    }

    // The day is not known, so that today's offset is used.
    fn zoned_time(&self, text: &str, name: &str) -> Result<Value> {
        let wrong = || Error::bad_record(format!("{name} is no time with an offset: {text}"));
        let parsed = DateTime::parse_from_rfc3339(&format!("1970-01-02T{text}")).map_err(|_| wrong())?;
        let offset = self.zone.offset_at(Utc::now().naive_utc());
        let local =
            parsed.naive_utc().checked_add_signed(TimeDelta::seconds(offset.into())).ok_or_else(wrong)?;
        Ok(Value::string(format!("{}{}", shown_time(local.time()), shown_offset(offset))))
    }
}

fn moment(epoch: i64, units: i64) -> Option<NaiveDateTime> {
    let nanoseconds = epoch.rem_euclid(units) * (1_000_000_000 / units);
    let nanoseconds = u32::try_from(nanoseconds).ok()?;
    Some(DateTime::from_timestamp(epoch.div_euclid(units), nanoseconds)?.naive_utc())
}

#[cold]
fn out_of_range(name: &str) -> Error {
    Error::bad_record(format!("the time in {name} is too far away to be converted"))
}

#[cold]
fn unfit(kind: &str, value: &Value, name: &str) -> Error {
    Error::bad_record(format!("{name} should be a {kind}, but is {}", value.type_name()))
}

fn shown_time(time: NaiveTime) -> String {
    let shown = time.format("%H:%M:%S").to_string();
    match time.nanosecond() % 1_000_000_000 {
        0 => shown,
        nanoseconds => format!("{shown}.{}", format!("{nanoseconds:09}").trim_end_matches('0')),
    }
}

fn shown_offset(offset: i32) -> String {
    let (sign, offset) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let (hours, minutes, seconds) = (offset / 3600, offset / 60 % 60, offset % 60);
    match (offset, seconds) {
        (0, _) => "Z".to_owned(),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}
