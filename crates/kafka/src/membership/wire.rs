//! Kafka Connect's bytes in the group protocol: what a member says of itself, and what a leader gives it (KIP-415 for
//! versions 1 and 2; they differ in the number only).
//!
//! Big-endian: a text is its length in 16 bits and UTF-8; bytes and lists have a length in 32 bits, -1 for null. What
//! is behind the last field is left unread, and fields that an older worker does not write are null, as in Java.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use indexmap::IndexMap;

use super::{Protocol, Task, Work};

/// The mark of our workers: Java reads what it is sent to the last field and leaves what is behind it. No message of
/// Java's ends in it: the last field is a number, which would be far too large.
const MARK: &[u8] = b"sluice1";

/// A connector object's number in a list of tasks.
const CONNECTOR: i32 = -1;

/// What a member says of itself when it joins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subscription {
    /// Where its REST API is for other workers: `http://host:8083/`.
    pub url: String,
    /// The offset of the config topic up to which it has read.
    pub config_offset: i64,
    /// What it owns, with the assignment that it was last given; `None` when it owns nothing. Version 0 has it not.
    pub allocation: Option<Assignment>,
    /// Whether this is a worker of this project, not Java's: a mark behind the last field says so. Version 0 has it not.
    pub ours: bool,
    /// The internal topics of one of ours, to be compared with those of others; behind the mark. `None`: not said.
    pub topics: Option<String>,
}

/// What a member is given. Versions 1 and 2: what is new, what it must give back, and when to join again; version 0:
/// all that it owns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assignment {
    /// Why it holds nothing.
    pub error: AssignmentError,
    /// The leader's member id.
    pub leader: String,
    /// The leader's REST URL.
    pub leader_url: String,
    /// The offset of the config topic that it was made for.
    pub config_offset: i64,
    /// What the member gets.
    pub assigned: Work,
    /// What the member gives back. Version 0 has it not.
    pub revoked: Work,
    /// When all members join again, in whole milliseconds; zero: they need not. Version 0 has it not.
    pub delay: Duration,
    /// Whether a leader of this project gave it, not Java's: a mark behind the last field says so.
    pub ours: bool,
    /// The internal topics of a leader of ours, before the mark. `None`: not said; so in version 0.
    pub topics: Option<String>,
}

/// Whether a leader could make assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssignmentError {
    /// It could.
    #[default]
    None,
    /// The leader has not read as much of the config topic as another member: all catch up and join again.
    ConfigMismatch,
    /// A code that Kafka Connect has not had so far.
    Other(i16),
}

impl AssignmentError {
    fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::ConfigMismatch => 1,
            Self::Other(code) => code,
        }
    }

    fn of(code: i16) -> Self {
        match code {
            0 => Self::None,
            1 => Self::ConfigMismatch,
            other => Self::Other(other),
        }
    }
}

/// Bytes that mean nothing, or a text that has no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    field: &'static str,
    why: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {}: {}", self.field, self.why)
    }
}

impl std::error::Error for Malformed {}

fn malformed(field: &'static str, why: impl Into<String>) -> Malformed {
    Malformed { field, why: why.into() }
}

/// Writes what a member says, for one of the protocols that it offers.
///
/// # Errors
/// A URL or a member id is longer than 32,767 bytes.
pub fn encode_subscription(subscription: &Subscription, protocol: Protocol) -> Result<Bytes, Malformed> {
    let mut out = Vec::with_capacity(64);
    out.put_i16(protocol.version());
    put_text(&mut out, "url", &subscription.url)?;
    out.put_i64(subscription.config_offset);
    if protocol != Protocol::Eager {
        match &subscription.allocation {
            None => out.put_i32(-1),
            Some(allocation) => {
                let bytes = encode_assignment(allocation, protocol)?;
                out.put_i32(length("allocation", bytes.len())?);
                out.put_slice(&bytes);
            }
        }
    }
    // Also with version 0, whose readers take no notice of what is behind: a leader of ours gives work to its own only.
    if subscription.ours {
        out.put_slice(MARK);
        if let Some(topics) = &subscription.topics {
            put_text(&mut out, "topics", topics)?;
        }
    }
    Ok(out.into())
}

/// Reads what a member says.
///
/// # Errors
/// The bytes are not what a worker of any version writes.
pub fn decode_subscription(bytes: &[u8]) -> Result<Subscription, Malformed> {
    let mut reader = Reader { rest: bytes };
    let version = reader.version()?;
    let url = reader.text("url")?;
    let config_offset = reader.i64("config-offset")?;
    let allocation = match version {
        0 => None,
        _ => match reader.nullable_length("allocation", 1)? {
            None => None,
            Some(length) => Some(decode_assignment(reader.take("allocation", length)?)?),
        },
    };
    let ours = reader.rest.strip_prefix(MARK);
    let topics = ours.and_then(|behind| Reader { rest: behind }.text("topics").ok());
    Ok(Subscription { url, config_offset, allocation, ours: ours.is_some(), topics })
}

/// Writes an assignment. A connector whose name is longer than 32,767 bytes is left out, with an error in the log: it
/// has no bytes, and the others must not suffer.
///
/// # Errors
/// A URL or a member id is longer than that.
pub fn encode_assignment(assignment: &Assignment, protocol: Protocol) -> Result<Bytes, Malformed> {
    let mut out = Vec::with_capacity(128);
    out.put_i16(protocol.version());
    out.put_i16(assignment.error.code());
    put_text(&mut out, "leader", &assignment.leader)?;
    put_text(&mut out, "leader-url", &assignment.leader_url)?;
    out.put_i64(assignment.config_offset);
    put_work(&mut out, "assignment", &assignment.assigned)?;
    if protocol != Protocol::Eager {
        put_work(&mut out, "revoked", &assignment.revoked)?;
        out.put_i32(i32::try_from(assignment.delay.as_millis()).unwrap_or(i32::MAX));
        if let Some(topics) = assignment.topics.as_ref().filter(|_| assignment.ours) {
            put_text(&mut out, "topics", topics)?;
        }
    }
    if assignment.ours {
        out.put_slice(MARK);
    }
    Ok(out.into())
}

/// Reads an assignment.
///
/// # Errors
/// The bytes are not what a leader of any version writes.
pub fn decode_assignment(bytes: &[u8]) -> Result<Assignment, Malformed> {
    let (bytes, ours) = match bytes.strip_suffix(MARK) {
        Some(fields) => (fields, true),
        None => (bytes, false),
    };
    let mut reader = Reader { rest: bytes };
    reader.version()?;
    let error = AssignmentError::of(reader.i16("error")?);
    let leader = reader.text("leader")?;
    let leader_url = reader.text("leader-url")?;
    let config_offset = reader.i64("config-offset")?;
    let assigned = reader.work("assignment")?;
    let revoked = reader.work("revoked")?;
    let delay_ms = if reader.rest.is_empty() { 0 } else { reader.i32("delay")? };
    let delay = Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0));
    let topics = if ours { reader.text("topics").ok() } else { None };
    Ok(Assignment { error, leader, leader_url, config_offset, assigned, revoked, delay, ours, topics })
}

fn put_text(out: &mut Vec<u8>, field: &'static str, text: &str) -> Result<(), Malformed> {
    let length = i16::try_from(text.len())
        .map_err(|_| malformed(field, format!("{} bytes are more than 32,767", text.len())))?;
    out.put_i16(length);
    out.put_slice(text.as_bytes());
    Ok(())
}

fn length(field: &'static str, length: usize) -> Result<i32, Malformed> {
    i32::try_from(length).map_err(|_| malformed(field, format!("{length} is more than 2,147,483,647")))
}

/// A list of connectors, each with its numbers, in the order in which a connector comes up first.
fn put_work(out: &mut Vec<u8>, field: &'static str, work: &Work) -> Result<(), Malformed> {
    let mut numbers: IndexMap<&Arc<str>, Vec<i32>> = IndexMap::new();
    for name in &work.connectors {
        numbers.entry(name).or_default().push(CONNECTOR);
    }
    for task in &work.tasks {
        let Ok(number) = i32::try_from(task.task) else { continue }; // no connector has two billion tasks
        numbers.entry(&task.connector).or_default().push(number);
    }
    numbers.retain(|name, _| {
        let fits = i16::try_from(name.len()).is_ok();
        if !fits {
            let start: String = name.chars().take(40).collect();
            tracing::error!(
                bytes = name.len(),
                "connector {start}…: its name is longer than the 32,767 bytes that the group of workers can share; it \
                 is assigned to nobody: create it again with a shorter name"
            );
        }
        fits
    });
    out.put_i32(length(field, numbers.len())?);
    for (name, numbers) in numbers {
        put_text(out, field, name)?;
        out.put_i32(length(field, numbers.len())?);
        for number in numbers {
            out.put_i32(number);
        }
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    // What a later version adds is behind what is known.
    fn version(&mut self) -> Result<i16, Malformed> {
        match self.i16("version")? {
            version if version < 0 => Err(malformed("version", format!("{version} is negative"))),
            version => Ok(version),
        }
    }

    fn i16(&mut self, field: &'static str) -> Result<i16, Malformed> {
        self.rest.try_get_i16().map_err(|_| ends(field))
    }

    fn i32(&mut self, field: &'static str) -> Result<i32, Malformed> {
        self.rest.try_get_i32().map_err(|_| ends(field))
    }

    fn i64(&mut self, field: &'static str) -> Result<i64, Malformed> {
        self.rest.try_get_i64().map_err(|_| ends(field))
    }

    fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| ends(field))?;
        self.rest = rest;
        Ok(taken)
    }

    fn text(&mut self, field: &'static str) -> Result<String, Malformed> {
        let length = self.i16(field)?;
        let length = usize::try_from(length)
            .map_err(|_| malformed(field, format!("a text has the length {length}")))?;
        let bytes = self.take(field, length)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(malformed(field, format!("it is not UTF-8: {error}"))),
        }
    }

    /// The length of bytes, or of a list whose elements have at least so many bytes: no more than what is there, so
    /// that a wrong number takes no memory. Missing is null.
    fn nullable_length(
        &mut self,
        field: &'static str,
        element_bytes: usize,
    ) -> Result<Option<usize>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let length = match self.i32(field)? {
            -1 => return Ok(None),
            length => usize::try_from(length)
                .map_err(|_| malformed(field, format!("it has the length {length}")))?,
        };
        match length > self.rest.len() / element_bytes {
            true => Err(malformed(
                field,
                format!(
                    "it says that it has the length {length}, but only {} bytes are there",
                    self.rest.len()
                ),
            )),
            false => Ok(Some(length)),
        }
    }

    fn work(&mut self, field: &'static str) -> Result<Work, Malformed> {
        let mut work = Work::default();
        // A connector has a length and a list at least, a number has its four bytes.
        for _ in 0..self.nullable_length(field, 6)?.unwrap_or(0) {
            let name: Arc<str> = self.text(field)?.into();
            if self.rest.is_empty() {
                return Err(ends(field));
            }
            for _ in 0..self.nullable_length(field, 4)?.unwrap_or(0) {
                match self.i32(field)? {
                    CONNECTOR => work.connectors.push(Arc::clone(&name)),
                    number => {
                        let task = u32::try_from(number)
                            .map_err(|_| malformed(field, format!("{number} is no task's number")))?;
                        work.tasks.push(Task { connector: Arc::clone(&name), task });
                    }
                }
            }
        }
        Ok(work)
    }
}

fn ends(field: &'static str) -> Malformed {
    malformed(field, "the bytes end in it")
}

#[cfg(test)]
#[path = "wire/tests.rs"]
mod tests;
