//! Checks between keys, and the settings they come to, in the order of the Java connector.

use std::time::Duration;

use api::config::{RawConfig, Report, Secret, placeholder};

use super::confluent::{CalendarSystem, DEFAULT_PROVIDER, Isolation, Quote};
use super::filter::{self, ColumnsOf, TableFilter};
use super::url::Target;
use super::{AivenKeys, ConfluentKeys, Granularity, InitialTimestamp, Keys, Mode, Settings};
use crate::numeric::NumericMapping;

const FILTERS: [&str; 4] = ["table.whitelist", "table.blacklist", "table.include.list", "table.exclude.list"];

impl Keys for ConfluentKeys {
    fn settle(self, driver: RawConfig) -> Result<Settings, Report> {
        let mut report = Report::default();
        if self.credentials_provider.0 != DEFAULT_PROVIDER {
            report.invalid(
                "jdbc.credentials.provider.class",
                Some(&self.credentials_provider.0),
                "Java classes cannot be run here; leave the key out and set connection.user and connection.password, \
                 which may be references ${provider:path:key}",
            );
        }
        let target = Target::parse(&self.url, &driver, &mut report);
        check_dialect(&self.dialect, target.as_ref(), &mut report);
        check_isolation(self.isolation, target.as_ref(), &mut report);

        let legacy = !self.whitelist.is_empty()
            || !self.blacklist.is_empty()
            || !self.incrementing.is_empty()
            || !self.timestamps.is_empty();
        let modern = !self.include.is_empty()
            || !self.exclude.is_empty()
            || !self.incrementing_mapping.is_empty()
            || !self.timestamps_mapping.is_empty();
        if legacy && modern {
            let text = "table.whitelist, table.blacklist, incrementing.column.name and timestamp.column.name cannot be \
                        used together with table.include.list, table.exclude.list, incrementing.column.mapping and \
                        timestamp.columns.mapping; use one set of them";
            for (key, given) in [
                ("table.whitelist", !self.whitelist.is_empty()),
                ("table.blacklist", !self.blacklist.is_empty()),
                ("incrementing.column.name", !self.incrementing.is_empty()),
                ("timestamp.column.name", !self.timestamps.is_empty()),
                ("table.include.list", !self.include.is_empty()),
                ("table.exclude.list", !self.exclude.is_empty()),
                ("incrementing.column.mapping", !self.incrementing_mapping.is_empty()),
                ("timestamp.columns.mapping", !self.timestamps_mapping.is_empty()),
            ] {
                if given {
                    report.add(key, text);
                }
            }
        }

        let has_query = !self.query.is_empty() || !self.query_masked.is_empty();
        let has_filter = !self.whitelist.is_empty()
            || !self.blacklist.is_empty()
            || !self.include.is_empty()
            || !self.exclude.is_empty();
        if !has_query && !has_filter {
            for key in FILTERS {
                report.add(
                    key,
                    "at least one of table.whitelist, table.blacklist, table.include.list and table.exclude.list, or a \
                     query, is required",
                );
            }
        }
        check_lists(&self.whitelist, &self.blacklist, &mut report);
        if !self.query.is_empty() && !self.query_masked.is_empty() {
            for key in ["query", "query.masked"] {
                report.add(key, "query and query.masked cannot both be given");
            }
        }
        let query_key = if self.query_masked.is_empty() { "query" } else { "query.masked" };
        let query = match (self.query.is_empty(), self.query_masked.is_empty()) {
            (false, _) => Some(Secret::new(self.query)),
            (true, false) => Some(self.query_masked),
            (true, true) => None,
        };
        check_query(query.as_ref(), query_key, has_filter, &mut report);

        for (key, given) in [
            ("incrementing.column.mapping", !self.incrementing_mapping.is_empty()),
            ("timestamp.columns.mapping", !self.timestamps_mapping.is_empty()),
        ] {
            if given && query.is_some() {
                report.add(key, format!("{key} is for tables; a query takes the columns of their own keys"));
            }
        }
        let mode = mode_of(&self.mode, &mut report);
        let mapped = !self.incrementing_mapping.is_empty() || !self.timestamps_mapping.is_empty();
        if let Some(mode) = mode {
            check_columns(mode, query.is_some(), &self.incrementing, &self.timestamps, modern, &mut report);
            if modern {
                check_mapping(
                    "incrementing.column.mapping",
                    !self.incrementing_mapping.is_empty(),
                    mode,
                    mode.has_id(),
                    &mut report,
                );
                check_mapping(
                    "timestamp.columns.mapping",
                    !self.timestamps_mapping.is_empty(),
                    mode,
                    mode.has_timestamp(),
                    &mut report,
                );
            }
        }
        if !self.exclude.is_empty() && self.include.is_empty() {
            report.add("table.exclude.list", "table.exclude.list needs table.include.list");
        }
        let filter = match () {
            () if modern && has_filter => TableFilter::Patterns {
                include: entries("table.include.list", &self.include, filter::pattern, &mut report),
                exclude: entries("table.exclude.list", &self.exclude, filter::pattern, &mut report),
            },
            () => lists(self.whitelist, self.blacklist),
        };
        let columns = match mapped {
            true => ColumnsOf::Mapped {
                incrementing: entries(
                    "incrementing.column.mapping",
                    &self.incrementing_mapping,
                    filter::incrementing_entry,
                    &mut report,
                ),
                timestamps: entries(
                    "timestamp.columns.mapping",
                    &self.timestamps_mapping,
                    filter::timestamp_entry,
                    &mut report,
                ),
            },
            false => every(self.incrementing, self.timestamps),
        };
        let (Some(target), Some(mode), true) = (target, mode, report.is_empty()) else { return Err(report) };
        Ok(Settings {
            target,
            user: self.user,
            password: self.password,
            attempts: self.attempts.unsigned_abs(),
            backoff: self.backoff,
            catalog_pattern: self.catalog_pattern,
            schema_pattern: self.schema_pattern,
            filter,
            table_types: self.table_types,
            numeric: numeric(self.numeric.as_deref(), self.numeric_precision),
            granularity: self.granularity,
            zone: self.zone,
            legacy_calendar: self.calendar == CalendarSystem::Legacy,
            mode,
            columns,
            query,
            query_key,
            suffix: self.suffix,
            timestamp_initial: match self.timestamp_initial {
                None => InitialTimestamp::At(0),
                Some(-1) => InitialTimestamp::Now,
                Some(ms) => InitialTimestamp::At(ms),
            },
            incrementing_initial: -1,
            validate_non_null: self.validate_non_null,
            quote: self.quote == Quote::Always,
            qualify: true,
            isolation: self.isolation,
            retry_attempts: u32::try_from(self.retry_attempts).ok().filter(|attempts| *attempts > 0),
            poll_interval: milliseconds(self.poll_interval_ms),
            batch_rows: rows(self.batch_rows),
            buffer_rows: match self.buffer_rows {
                ..=0 => rows(self.batch_rows).saturating_mul(4),
                buffer => rows(buffer),
            },
            linger: self.linger,
            table_poll_interval: self.table_poll_interval,
            startup_limit: self.startup_limit,
            topic_prefix: self.topic_prefix,
            delay_ms: self.delay_ms,
            declares_exactly_once: false,
        })
    }
}

impl Keys for AivenKeys {
    fn settle(self, driver: RawConfig) -> Result<Settings, Report> {
        let mut report = Report::default();
        let target = Target::parse(&self.url, &driver, &mut report);
        check_dialect(&self.dialect, target.as_ref(), &mut report);
        check_lists(&self.whitelist, &self.blacklist, &mut report);
        let has_filter = !self.whitelist.is_empty() || !self.blacklist.is_empty();
        let query = (!self.query.is_empty()).then(|| Secret::new(self.query));
        check_query(query.as_ref(), "query", has_filter, &mut report);
        let mode = mode_of(&self.mode, &mut report);
        if let Some(mode) = mode {
            check_columns(mode, query.is_some(), &self.incrementing, &self.timestamps, false, &mut report);
        }
        let (Some(target), Some(mode), true) = (target, mode, report.is_empty()) else { return Err(report) };
        Ok(Settings {
            target,
            user: self.user,
            password: self.password,
            attempts: self.attempts.unsigned_abs(),
            backoff: self.backoff,
            catalog_pattern: self.catalog_pattern,
            schema_pattern: self.schema_pattern,
            filter: lists(self.whitelist, self.blacklist),
            table_types: self.table_types,
            numeric: numeric(self.numeric.as_deref(), self.numeric_precision),
            granularity: Granularity::ConnectLogical,
            zone: self.zone,
            legacy_calendar: true,
            mode,
            columns: every(self.incrementing, self.timestamps),
            query,
            query_key: "query",
            suffix: String::new(),
            timestamp_initial: InitialTimestamp::At(self.timestamp_initial_ms),
            incrementing_initial: self.incrementing_initial,
            validate_non_null: self.validate_non_null,
            quote: self.quote,
            qualify: self.qualify,
            isolation: Isolation::Default,
            retry_attempts: None,
            poll_interval: milliseconds(self.poll_interval_ms),
            batch_rows: rows(self.batch_rows),
            buffer_rows: rows(self.batch_rows).saturating_mul(4),
            linger: Duration::from_secs(5),
            table_poll_interval: self.table_poll_interval,
            startup_limit: Duration::from_secs(10),
            topic_prefix: self.topic_prefix,
            delay_ms: self.delay_ms,
            declares_exactly_once: matches!(mode, Mode::Incrementing | Mode::TimestampIncrementing),
        })
    }
}

fn milliseconds(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn rows(rows: i32) -> usize {
    usize::try_from(rows).unwrap_or(1).max(1)
}

fn check_dialect(name: &str, target: Option<&Target>, report: &mut Report) {
    let of_url = target.and_then(Target::dialect);
    if !name.is_empty() && of_url.is_some_and(|dialect| dialect != name) {
        report.invalid(
            "dialect.name",
            Some(name),
            "the URL is of another database, and a dialect that does not fit it cannot be used; leave the key out",
        );
    }
}

fn check_isolation(isolation: Isolation, target: Option<&Target>, report: &mut Report) {
    let refused = match (isolation, target) {
        (Isolation::SqlServerSnapshot, _) => {
            "isolation mode SQL_SERVER_SNAPSHOT can be used with SQL Server only"
        }
        (Isolation::ReadCommitted | Isolation::RepeatableRead, Some(Target::Sqlite { .. })) => {
            "SQLite has SERIALIZABLE, its default, and READ_UNCOMMITTED only"
        }
        _ => return,
    };
    report.invalid("transaction.isolation.mode", Some(isolation.text()), refused);
}

fn check_lists(whitelist: &[String], blacklist: &[String], report: &mut Report) {
    if !whitelist.is_empty() && !blacklist.is_empty() {
        for (key, other) in [("table.whitelist", "table.blacklist"), ("table.blacklist", "table.whitelist")] {
            report.add(key, format!("{key} and {other} are exclusive; leave one out"));
        }
    }
}

fn check_query(query: Option<&Secret>, key: &'static str, has_filter: bool, report: &mut Report) {
    let Some(query) = query else { return };
    if has_filter {
        report.add(key, format!("{key} cannot be used together with lists of tables; leave one out"));
    }
    let text = query.expose();
    let begins = text.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"));
    if !begins && !placeholder::is_reference(text) {
        report.add(key, format!("{key} must begin with SELECT"));
    }
}

fn mode_of(text: &str, report: &mut Report) -> Option<Mode> {
    let mode = Mode::from_text(text);
    if mode.is_none() {
        report.add(
            "mode",
            "query mode must be specified: one of bulk, timestamp, incrementing, timestamp+incrementing",
        );
    }
    mode
}

fn check_columns(
    mode: Mode,
    query: bool,
    incrementing: &str,
    timestamps: &[String],
    modern: bool,
    report: &mut Report,
) {
    if query && mode.has_id() && incrementing.is_empty() {
        report.add(
            "incrementing.column.name",
            format!(
                "mode {} with a query needs incrementing.column.name: a query has no auto-increment column",
                mode.text()
            ),
        );
    }
    if mode.has_timestamp() && timestamps.is_empty() && !modern {
        report.add(
            "timestamp.column.name",
            format!("mode {} needs timestamp.column.name (or timestamp.columns.mapping)", mode.text()),
        );
    }
    if timestamps.iter().any(String::is_empty) {
        report.add("timestamp.column.name", "timestamp.column.name has an empty entry");
    }
}

fn check_mapping(key: &'static str, given: bool, mode: Mode, needed: bool, report: &mut Report) {
    if needed && !given {
        report.add("mode", format!("mode {} needs {key}", mode.text()));
    }
    if given && !needed {
        report.add("mode", format!("mode {} does not use {key}; leave it out", mode.text()));
    }
}

fn entries<T>(
    key: &str,
    texts: &[String],
    read: fn(&str) -> Result<T, String>,
    report: &mut Report,
) -> Vec<T> {
    let mut found = Vec::new();
    for text in texts {
        match read(text) {
            Ok(entry) => found.push(entry),
            Err(why) => report.invalid(key, Some(&texts.join(",")), &why),
        }
    }
    found
}

fn lists(whitelist: Vec<String>, blacklist: Vec<String>) -> TableFilter {
    match (whitelist.is_empty(), blacklist.is_empty()) {
        (false, _) => TableFilter::Whitelist(whitelist),
        (true, false) => TableFilter::Blacklist(blacklist),
        (true, true) => TableFilter::All,
    }
}

fn every(incrementing: String, timestamps: Vec<String>) -> ColumnsOf {
    ColumnsOf::Every { incrementing: (!incrementing.is_empty()).then_some(incrementing), timestamps }
}

fn numeric(mapping: Option<&str>, by_precision: bool) -> NumericMapping {
    match mapping.and_then(NumericMapping::from_text) {
        Some(mapping) => mapping,
        None if by_precision => NumericMapping::PrecisionOnly,
        None => NumericMapping::None,
    }
}
