//! Java client settings in librdkafka's words.
//!
//! [`rules`] is the whole truth for keys that are renamed, kept or ignored; defaults and what needs more than a name
//! (credentials, certificates, class names) is below. A key that nobody knows is refused, with the nearest one.

mod rules;

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;

use rules::{ASSERTION_PREFIX, For, IGNORED_PREFIXES, RULES, Rule};

use super::failure::failed;
use super::login::LoginSettings;
use super::{sasl, tls};
use crate::pool::SharingKey;
use crate::subscription::INTERNAL_TOPICS;
use crate::{ClientSettings, Error, Result};

/// Which client the settings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Producer,
    /// With a `transactional.id`.
    TransactionalProducer,
    Consumer,
    Admin,
}

impl Role {
    fn is_producer(self) -> bool {
        matches!(self, Role::Producer | Role::TransactionalProducer)
    }
}

/// Settings in librdkafka's words. It may hold secrets: no `Debug`.
#[derive(Clone)]
pub(crate) struct Translated {
    config: BTreeMap<&'static str, String>,
    /// The Java key behind each key of the config that a user set: errors name it.
    java_names: BTreeMap<&'static str, String>,
    /// `max.poll.records`, which librdkafka does not have.
    pub(super) poll_records_max: usize,
    /// Where tokens come from, with OAUTHBEARER.
    pub(crate) login: Option<Arc<LoginSettings>>,
    /// Key store and trust store, with SSL and SASL_SSL.
    pub(super) stores: Option<tls::Stores>,
}

/// A setting is wrong.
pub(crate) fn wrong(key: &str, reason: impl Into<String>) -> Error {
    Error::Misconfigured { key: key.to_owned(), reason: reason.into() }
}

/// Translates.
///
/// # Errors
/// A key is unknown, or a value is wrong or not supported. The text holds no value of a key that may be secret.
pub(crate) fn translate(role: Role, settings: &ClientSettings) -> Result<Translated> {
    let mut translated = Translated {
        config: BTreeMap::new(),
        java_names: BTreeMap::new(),
        poll_records_max: 0,
        login: None,
        stores: None,
    };
    let mut ignored = Vec::new();
    for (key, value) in settings.0.iter() {
        let Some(value) = value.map(str::trim) else { continue };
        let Some((key, owner, rule)) = RULES.iter().find(|(name, ..)| *name == key) else {
            match role {
                Role::Admin => continue, // an admin client is given all of a worker's keys
                _ => known(key)?,
            }
            continue;
        };
        let ours = match owner {
            For::All => true,
            For::Producer => role.is_producer(),
            For::Consumer => role == Role::Consumer,
        };
        match rule {
            _ if !ours => {
                if role != Role::Admin {
                    ignored.push(*key);
                }
            }
            Rule::Name(native) => translated.put(key, native, value),
            Rule::Kibibytes(native) => {
                let bytes: u64 = number(key, value)?;
                translated.put(key, native, (bytes / 1024).max(1).to_string());
            }
            Rule::DefaultIsZero(native) => {
                translated.put(key, native, if value == "-1" { "0" } else { value })
            }
            Rule::Ignored => ignored.push(*key),
            Rule::Read | Rule::Silent => {}
        }
    }
    if settings.0.get("bootstrap.servers").is_none_or(|servers| servers.trim().is_empty()) {
        return Err(wrong("bootstrap.servers", "it is missing; give host:port of one or more brokers"));
    }
    translated.connection(settings)?;
    tls::translate(settings, &mut translated)?;
    match role {
        Role::Producer => translated.producer(settings, false)?,
        Role::TransactionalProducer => translated.producer(settings, true)?,
        Role::Consumer => translated.consumer(settings)?,
        Role::Admin => {}
    }
    if !ignored.is_empty() {
        let keys = ignored.join(", ");
        tracing::warn!(%keys, ?role, "client settings without meaning here are ignored");
    }
    translated.checked()?; // librdkafka checks each value
    Ok(translated)
}

/// Whether some client has this setting, whatever its value.
///
/// # Errors
/// None has. The text says which one may be meant.
pub(super) fn known(key: &str) -> Result<()> {
    let open = IGNORED_PREFIXES.iter().chain([&ASSERTION_PREFIX]).any(|prefix| key.starts_with(prefix));
    match open || RULES.iter().any(|(name, ..)| *name == key) {
        true => Ok(()),
        false => Err(unknown(key)),
    }
}

fn unknown(key: &str) -> Error {
    let native = RULES.iter().find(|(_, _, rule)| match rule {
        Rule::Name(native) | Rule::Kibibytes(native) | Rule::DefaultIsZero(native) => *native == key,
        _ => false,
    });
    let reason = match native {
        Some((java, ..)) => format!("this is librdkafka's name; write {java}, as for Java"),
        None => {
            let nearest = RULES.iter().map(|(name, ..)| (distance(key, name), name)).min();
            match nearest {
                Some((distance, name)) if distance <= 1 + key.len() / 4 => {
                    format!("no client of Kafka has this setting; did you mean {name}?")
                }
                _ => "no client of Kafka has this setting; take it out".to_owned(),
            }
        }
    };
    wrong(key, reason)
}

/// Letters to insert, take out or change to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in to.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

pub(super) fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| wrong(key, format!("{value} is not a whole number in range")))
}

pub(super) fn boolean(key: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(key, format!("{value} is neither true nor false"))),
    }
}

impl Translated {
    /// Says from which of a user's keys one of librdkafka's comes.
    pub(super) fn name(&mut self, native: &'static str, java: &str) {
        self.java_names.insert(native, java.to_owned());
    }

    /// Sets a key from a user's one.
    pub(super) fn put(&mut self, java: &str, native: &'static str, value: impl Into<String>) {
        self.name(native, java);
        self.config.insert(native, value.into());
    }

    /// Sets a key that the user did not.
    pub(super) fn default(&mut self, native: &'static str, value: impl Into<String>) {
        self.config.entry(native).or_insert_with(|| value.into());
    }

    /// The value by librdkafka's key.
    pub(crate) fn get(&self, native: &str) -> Option<&str> {
        self.config.get(native).map(String::as_str)
    }

    /// Equal for settings that differ in `client.id` only.
    pub(super) fn sharing_key(&self) -> SharingKey {
        let shared = self.config.iter().filter(|(key, _)| **key != "client.id");
        let shared = shared.map(|(key, value)| ((*key).to_owned(), value.clone()));
        let stores = self.stores.iter().flat_map(|stores| stores.keys.iter().cloned());
        shared.chain(stores).chain(self.login.iter().flat_map(|login| login.sharing_key())).collect()
    }

    /// The config for librdkafka, with what is in the stores; blocks while files are read.
    ///
    /// # Errors
    /// A value is refused, or a store cannot be opened.
    pub(super) fn native(&self) -> Result<ClientConfig> {
        let mut config = self.checked()?;
        if let Some(stores) = &self.stores {
            stores.open(&mut config)?;
        }
        Ok(config)
    }

    /// The config for librdkafka, checked by it, without what is in files.
    fn checked(&self) -> Result<ClientConfig> {
        let mut config = ClientConfig::new();
        config.set_log_level(RDKafkaLogLevel::Info);
        for (key, value) in &self.config {
            config.set(*key, value);
        }
        match config.create_native_config() {
            Ok(_) => Ok(config),
            Err(error) => Err(self.refused(&error)),
        }
    }

    /// librdkafka's refusal by the name that the user wrote, and without the value, which may be secret.
    fn refused(&self, error: &KafkaError) -> Error {
        let KafkaError::ClientConfig(_, _, native, value) = error else {
            return wrong("bootstrap.servers", error.to_string());
        };
        let java = self.java_names.get(native.as_str()).map_or(native.as_str(), String::as_str);
        if tls::is_secret(java) {
            return wrong(java, "its value is not usable");
        }
        wrong(java, format!("{value} is not a value that it can have"))
    }

    /// Why librdkafka made no client of settings that are each right: a file that is not there, two settings that
    /// exclude each other.
    pub(super) fn not_created(&self, error: &KafkaError) -> Error {
        let KafkaError::ClientCreation(text) = error else { return failed("creating a client", error) };
        let named = self.java_names.iter().filter(|(native, _)| text.contains(**native));
        let java = named.max_by_key(|(native, _)| native.len()).map(|(_, java)| java.as_str());
        wrong(java.unwrap_or("bootstrap.servers"), format!("no client can be made: {text}"))
    }

    fn connection(&mut self, settings: &ClientSettings) -> Result<()> {
        let get = |key| settings.0.get(key).map(str::trim);
        if let Some(value) = get("metadata.max.age.ms") {
            self.put("metadata.max.age.ms", "topic.metadata.refresh.interval.ms", value);
        }
        if let Some(value) = get("request.timeout.ms") {
            let timeout: u32 = number("request.timeout.ms", value)?;
            // librdkafka's range; Java has none.
            self.put("request.timeout.ms", "socket.timeout.ms", timeout.clamp(10, 300_000).to_string());
        }
        sasl::translate(settings, self)?;
        self.default("enable.metrics.push", "false");
        // The first look for a partition's leader often comes before there is a connection, and half the reconnect
        // interval passes between connections to different brokers: neither may hold a first record back for 100 ms.
        // Both intervals double while nothing answers.
        self.default("reconnect.backoff.ms", "20");
        self.default("topic.metadata.refresh.fast.interval.ms", "10");
        self.default("log.connection.close", "false");
        Ok(())
    }

    fn producer(&mut self, settings: &ClientSettings, transactional: bool) -> Result<()> {
        let get = |key| settings.0.get(key).map(str::trim);
        match (get("transactional.id").filter(|id| !id.is_empty()), transactional) {
            (None, false) => {}
            (Some(id), true) => self.transactions(id, get("transaction.timeout.ms"))?,
            (None, true) => return Err(wrong("transactional.id", "it is missing")),
            (Some(_), false) => {
                let reason = "this producer writes without transactions; exactly-once sources have them, with an id that \
                              the worker gives: take it out";
                return Err(wrong("transactional.id", reason));
            }
        }
        let acks = match get("acks").unwrap_or("all") {
            "all" | "-1" => "all",
            "1" => "1",
            "0" => "0",
            other => return Err(wrong("acks", format!("{other} is none of all, -1, 0 and 1"))),
        };
        self.put("acks", "acks", acks);
        self.idempotence(settings, acks == "all")?;
        if let Some(value) = get("request.timeout.ms") {
            let timeout: u32 = number("request.timeout.ms", value)?;
            self.put("request.timeout.ms", "request.timeout.ms", timeout.clamp(1, 900_000).to_string());
        }
        self.sizes(settings)?;
        let codec = get("compression.type").unwrap_or("none");
        let level_key = format!("compression.{codec}.level");
        if let Some(level) = get(&level_key) {
            self.put(&level_key, "compression.level", level);
        }
        match get("partitioner.class").unwrap_or("") {
            "" | "org.apache.kafka.clients.producer.internals.DefaultPartitioner" => {}
            other => {
                return Err(wrong(
                    "partitioner.class",
                    format!("{other} is not supported; take it out for Kafka's default partitioner"),
                ));
            }
        }
        if let Some(value) = get("partitioner.ignore.keys")
            && boolean("partitioner.ignore.keys", value)?
        {
            return Err(wrong("partitioner.ignore.keys", "only false is supported"));
        }
        self.default("partitioner", "murmur2_random"); // Java's: murmur2 of the key, any partition without one
        self.default("message.timeout.ms", "120000"); // Java's delivery.timeout.ms
        // Long enough for large batches, short enough for a first record within some milliseconds.
        self.default("linger.ms", "5");
        self.default("sticky.partitioning.linger.ms", "10");
        Ok(())
    }

    /// What librdkafka needs for transactions; idempotence is among what the settings must say.
    fn transactions(&mut self, id: &str, timeout: Option<&str>) -> Result<()> {
        self.put("transactional.id", "transactional.id", id);
        let timeout: u32 = match timeout {
            Some(value) => number("transaction.timeout.ms", value)?,
            None => 60_000, // Java's default
        };
        self.put("transaction.timeout.ms", "transaction.timeout.ms", timeout.to_string());
        // A record that waits longer than its transaction is of no use, and librdkafka wants it said.
        let delivery = self.get("message.timeout.ms").and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
        self.put("delivery.timeout.ms", "message.timeout.ms", delivery.min(timeout).to_string());
        Ok(())
    }

    fn idempotence(&mut self, settings: &ClientSettings, acks_all: bool) -> Result<()> {
        let get = |key| settings.0.get(key).map(str::trim);
        let in_flight_key = "max.in.flight.requests.per.connection";
        let in_flight: Option<u32> =
            get(in_flight_key).map(|value| number(in_flight_key, value)).transpose()?;
        let retries: Option<u32> = get("retries").map(|value| number("retries", value)).transpose()?;
        let possible = acks_all && in_flight.is_none_or(|requests| requests <= 5) && retries != Some(0);
        // Off unless asked for, as Kafka Connect has it for its producers. Order then needs one request at a time,
        // which is no loss: an idempotent librdkafka also has one in flight for a partition, and its thread spins
        // while it waits (measured: 350,000 records a second at 1.9 CPU-µs a record, against 580,000 at 0.7).
        let idempotent = match get("enable.idempotence") {
            Some(value) => boolean("enable.idempotence", value)?,
            None => false,
        };
        if idempotent && !possible {
            let reason = "it needs acks=all, retries above 0 and at most 5 requests in flight \
                          (max.in.flight.requests.per.connection)";
            return Err(wrong("enable.idempotence", reason));
        }
        self.put("enable.idempotence", "enable.idempotence", idempotent.to_string());
        // Invariant 3: without idempotence, two requests in flight could change places on a retry.
        let default = if idempotent { 5 } else { 1 };
        self.put(in_flight_key, "max.in.flight", in_flight.unwrap_or(default).to_string());
        if let Some(retries) = retries {
            self.put("retries", "retries", retries.min(i32::MAX as u32).to_string());
        }
        Ok(())
    }

    fn sizes(&mut self, settings: &ClientSettings) -> Result<()> {
        let get = |key| settings.0.get(key).map(str::trim);
        // Java's default. A broker takes 1,048,588 bytes of a batch, and librdkafka's batches may exceed their size:
        // they are kept smaller than what one record may have.
        let request_max: u64 = match get("max.request.size") {
            Some(value) => number("max.request.size", value)?,
            None => 1_048_576,
        };
        self.put("max.request.size", "message.max.bytes", request_max.to_string());
        let batch_max = request_max - request_max / 10;
        let batch: u64 = match get("batch.size") {
            Some(value) => number::<u64>("batch.size", value)?.max(1),
            None => 950_000,
        };
        self.put("batch.size", "batch.size", batch.min(batch_max).max(1).to_string());
        // Memory of a producer: what waits, and what is in flight, is in here.
        let buffer_kib: u64 = match get("buffer.memory") {
            Some(value) => number::<u64>("buffer.memory", value)? / 1024,
            None => 16 * 1024,
        };
        let buffer_kib = buffer_kib.max(2 * request_max / 1024).clamp(1, 2_097_151);
        self.put("buffer.memory", "queue.buffering.max.kbytes", buffer_kib.to_string());
        self.default("queue.buffering.max.messages", "100000");
        self.default("batch.num.messages", "50000");
        Ok(())
    }

    fn consumer(&mut self, settings: &ClientSettings) -> Result<()> {
        let get = |key| settings.0.get(key).map(str::trim);
        if get("group.id").is_none_or(str::is_empty) {
            return Err(wrong("group.id", "it is missing; name the consumer group"));
        }
        if let Some(value) = get("enable.auto.commit")
            && boolean("enable.auto.commit", value)?
        {
            return Err(wrong(
                "enable.auto.commit",
                "it must be false: offsets are committed when records are safe",
            ));
        }
        if get("group.protocol").is_some_and(|protocol| !protocol.eq_ignore_ascii_case("classic")) {
            return Err(wrong("group.protocol", "only classic is supported"));
        }
        let reset = match get("auto.offset.reset").unwrap_or("latest") {
            "earliest" => "earliest",
            "latest" => "latest",
            "none" => "error",
            other => {
                return Err(wrong(
                    "auto.offset.reset",
                    format!("{other} is none of earliest, latest and none"),
                ));
            }
        };
        self.put("auto.offset.reset", "auto.offset.reset", reset);
        let strategy = get("partition.assignment.strategy").unwrap_or(
            "org.apache.kafka.clients.consumer.RangeAssignor,\
             org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
        );
        self.put("partition.assignment.strategy", "partition.assignment.strategy", assignors(strategy)?);
        self.poll_records_max = match get("max.poll.records") {
            Some(value) => number::<usize>("max.poll.records", value)?,
            None => 2_000,
        };
        if self.poll_records_max == 0 {
            return Err(wrong("max.poll.records", "it must be above 0"));
        }
        let exclude = get("exclude.internal.topics").unwrap_or("true");
        if boolean("exclude.internal.topics", exclude)? {
            self.default("topic.blacklist", INTERNAL_TOPICS.map(|topic| format!("^{topic}$")).join(","));
        }
        self.default("enable.auto.commit", "false");
        self.default("enable.auto.offset.store", "false");
        self.default("isolation.level", "read_uncommitted"); // Java's default, not librdkafka's
        self.default("allow.auto.create.topics", "true"); // as above
        self.default("check.crcs", "true"); // as above
        self.default("enable.partition.eof", "false");
        self.default("topic.metadata.refresh.interval.ms", "30000"); // topics that a pattern newly matches
        // Memory of a consumer: what was fetched and not yet polled.
        self.default("queued.max.messages.kbytes", "8192");
        self.default("queued.min.messages", "20000");
        self.default("fetch.queue.backoff.ms", "5"); // else a full queue costs a second
        self.default("fetch.message.max.bytes", "1048576");
        self.default("fetch.max.bytes", "8388608");
        if let Some(value) = get("fetch.max.bytes") {
            // A whole response must be allowed to be larger than its records; 100 MB is librdkafka's default.
            let bytes: u64 = number("fetch.max.bytes", value)?;
            let response = (bytes + 512).clamp(100_000_000, i32::MAX as u64);
            self.default("receive.message.max.bytes", response.to_string());
        }
        Ok(())
    }
}

/// Class names of Kafka's assignors in librdkafka's words. librdkafka cannot offer eager and cooperative ones at once
/// as Java's default does; the eager ones win, which every group understands.
fn assignors(classes: &str) -> Result<String> {
    let key = "partition.assignment.strategy";
    let mut names = Vec::new();
    for class in classes.split(',').map(str::trim).filter(|class| !class.is_empty()) {
        names.push(match class.strip_prefix("org.apache.kafka.clients.consumer.").unwrap_or(class) {
            "RangeAssignor" | "range" => "range",
            "RoundRobinAssignor" | "roundrobin" => "roundrobin",
            "CooperativeStickyAssignor" | "cooperative-sticky" => "cooperative-sticky",
            _ => {
                let reason = format!(
                    "{class} is not supported; take RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor"
                );
                return Err(wrong(key, reason));
            }
        });
    }
    if names.iter().any(|name| *name != "cooperative-sticky") {
        names.retain(|name| *name != "cooperative-sticky");
    }
    match names.is_empty() {
        true => Err(wrong(key, "it names no assignor")),
        false => Ok(names.join(",")),
    }
}

#[cfg(test)]
mod tests;
