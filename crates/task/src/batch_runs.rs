//! How a polled batch is cut for sending.
//!
//! Kafka answers for what was sent together, so what is sent together also waits together. A batch is cut where the
//! source partition changes: then a slow one does not hold back the others, and the order of records stays as it is.

use std::sync::Arc;

use api::data::{OffsetMap, SourceRecord};

use crate::in_flight::SourcePartition;

/// A batch with more runs than this is cut only if its runs are long.
const RUNS_FREE: usize = 64;
const RUN_LENGTH: usize = 16;

/// Whether the batch is cut at each change of source partition. When it would fall into crumbs, it is not: offsets of
/// its partitions then wait for each other, which is late but right.
pub(crate) fn cut_at_changes(records: &[SourceRecord]) -> bool {
    let changes = records
        .windows(2)
        .filter(|pair| !same_partition(&pair[0].source_partition, &pair[1].source_partition))
        .count();
    changes < RUNS_FREE || records.len() / (changes + 1) >= RUN_LENGTH
}

/// Whether two records are of the same source partition.
pub(crate) fn same_partition(one: &Option<Arc<OffsetMap>>, two: &Option<Arc<OffsetMap>>) -> bool {
    match (one, two) {
        (None, None) => true,
        (Some(one), Some(two)) if Arc::ptr_eq(one, two) => true,
        (Some(one), Some(two)) => SourcePartition(Some(one.clone())) == SourcePartition(Some(two.clone())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use api::data::{Datum, Record};

    use super::*;

    fn batch(partitions: impl IntoIterator<Item = i64>) -> Vec<SourceRecord> {
        let record = |partition: i64| SourceRecord {
            record: Record {
                topic: "t".into(),
                partition: None,
                key: Datum::NULL,
                value: Datum::NULL,
                timestamp: None,
                headers: vec![],
            },
            source_partition: Some(Arc::new(OffsetMap::new().with("p", partition))),
            source_offset: None,
        };
        partitions.into_iter().map(record).collect()
    }

    #[test]
    fn crumbs_are_not_cut() {
        assert!(cut_at_changes(&batch([0; 1000])));
        assert!(cut_at_changes(&batch((0..60).map(|n| n % 2))));
        assert!(cut_at_changes(&batch((0..10_000).map(|n| n / 50))));
        assert!(!cut_at_changes(&batch((0..1000).map(|n| n % 2))));
    }
}
