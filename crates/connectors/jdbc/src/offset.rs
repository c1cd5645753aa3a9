//! Source partitions and offsets: what is stored, and what is found again.
//!
//! Written is protocol 1 only. Read are, in order: protocol 1, protocol 1 as a number (as Confluent Cloud shows it),
//! the old form with the bare table name.

use std::sync::Arc;

use api::data::OffsetMap;
use api::{Error, Result};

use crate::config::Mode;
use crate::rows::Position;
use crate::stamp::{Stamp, TIMESTAMP, TIMESTAMP_NANOS};
use crate::statement::Source;

const TABLE: &str = "table";
const PROTOCOL: &str = "protocol";
const QUERY: &str = "query";
const INCREMENTING: &str = "incrementing";

/// The partition that records carry.
pub(crate) fn partition(source: &Source, mode: Mode) -> OffsetMap {
    match (source, mode) {
        (Source::Query(_), _) => OffsetMap::new().with(QUERY, QUERY),
        (Source::Table(table), Mode::Bulk) => OffsetMap::new().with(TABLE, table.name.as_str()),
        (Source::Table(table), _) => OffsetMap::new().with(TABLE, table.full_name()).with(PROTOCOL, "1"),
    }
}

/// The partitions under which an offset may be found, best first.
pub(crate) fn known_partitions(source: &Source, mode: Mode) -> Vec<OffsetMap> {
    let mut known = vec![partition(source, mode)];
    if let (Source::Table(table), true) = (source, mode != Mode::Bulk) {
        known.push(OffsetMap::new().with(TABLE, table.full_name()).with(PROTOCOL, 1));
        known.push(OffsetMap::new().with(TABLE, table.name.as_str()));
    }
    known
}

/// The position of a stored offset.
///
/// # Errors
/// A value is there and no number.
pub(crate) fn read(offset: &OffsetMap) -> Result<Position> {
    for name in [TIMESTAMP, TIMESTAMP_NANOS, INCREMENTING] {
        if let Some(value) = offset.get(name)
            && *value != api::data::Primitive::Null
            && value.to_i64().is_none()
        {
            return Err(Error::fatal(format!("the stored offset's {name} is not an integer"))
                .hint("correct or reset the connector's offsets"));
        }
    }
    Ok(Position {
        stamp: Stamp::from_offset(offset),
        id: offset.get(INCREMENTING).and_then(|id| id.to_i64()),
    })
}

/// Names of offset entries, shared by all offsets.
#[derive(Debug, Clone)]
pub(crate) struct OffsetNames {
    timestamp: Arc<str>,
    nanos: Arc<str>,
    incrementing: Arc<str>,
}

impl OffsetNames {
    pub(crate) fn new() -> Self {
        Self { timestamp: TIMESTAMP.into(), nanos: TIMESTAMP_NANOS.into(), incrementing: INCREMENTING.into() }
    }

    /// The offset of a position.
    pub(crate) fn write(&self, position: Position) -> OffsetMap {
        let mut offset = OffsetMap::new();
        if let Some(stamp) = position.stamp {
            offset.insert(self.timestamp.clone(), stamp.to_ms());
            offset.insert(self.nanos.clone(), i64::from(stamp.nanos));
        }
        if let Some(id) = position.id {
            offset.insert(self.incrementing.clone(), id);
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TableId;
    use api::config::Secret;

    fn text(map: &OffsetMap) -> String {
        map.iter().map(|(name, value)| format!("{name}={value:?};")).collect()
    }

    #[test]
    fn partitions_are_the_java_connectors() {
        let table = Source::Table(TableId::new(Some("public"), "orders"));
        let texts: Vec<String> = known_partitions(&table, Mode::Timestamp).iter().map(text).collect();
        assert_eq!(
            texts,
            [
                r#"table=String("public.orders");protocol=String("1");"#,
                r#"table=String("public.orders");protocol=Int(1);"#,
                r#"table=String("orders");"#,
            ]
        );
        assert_eq!(text(&partition(&table, Mode::Bulk)), r#"table=String("orders");"#);
        let query = Source::Query(Secret::new("SELECT 1"));
        assert_eq!(text(&partition(&query, Mode::Incrementing)), r#"query=String("query");"#);
    }

    #[test]
    fn offsets_are_read_as_numbers_or_text() {
        let offset = OffsetNames::new()
            .write(Position { stamp: Some(Stamp { seconds: 1_672_835_217, nanos: 5 }), id: Some(5001) });
        assert_eq!(
            text(&offset),
            "timestamp=Int(1672835217000);timestamp_nanos=Int(5);incrementing=Int(5001);"
        );
        let found = read(&OffsetMap::new().with("incrementing", "42")).unwrap();
        assert_eq!(found, Position { stamp: None, id: Some(42) });
        assert!(read(&OffsetMap::new().with("incrementing", "x")).is_err());
    }
}
