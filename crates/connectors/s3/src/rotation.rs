//! When files are closed. Pure: time is passed in.

use crate::S3SinkConfig;
use crate::compatibility::Compatibility;
use crate::partitioner::{self, Partitioner};
use crate::timestamp::Extractor;
use crate::zone::Zone;

/// The config's rules.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Records of a topic partition that close its files.
    pub flush_size: usize,
    /// Record time that closes files, where records have a time.
    pub interval_ms: Option<i64>,
    /// Whether, with an interval, a record for another directory closes files.
    pub on_partition_change: bool,
    /// Whether record time is the clock, so that idle files close too.
    pub wallclock: bool,
    /// Period of closing by the clock, and the zone whose midnight it starts from.
    pub schedule: Option<(i64, Zone)>,
    /// What another schema does.
    pub compatibility: Compatibility,
    /// Open files of a topic partition.
    pub max_open_files: Option<usize>,
}

impl Rules {
    /// The rules of a checked config.
    pub fn new(config: &S3SinkConfig, partitioner: &Partitioner) -> Self {
        let storage = &config.storage;
        let schedule_ms = Some(storage.rotate_schedule_interval_ms).filter(|ms| *ms > 0);
        let zone = partitioner::zone(&config.partitioner.timezone).ok();
        Self {
            flush_size: usize::try_from(storage.flush_size).unwrap_or(1),
            interval_ms: partitioner.extractor().and(Some(storage.rotate_interval_ms)).filter(|ms| *ms > 0),
            on_partition_change: storage.rotate_on_partition_change,
            wallclock: partitioner.extractor() == Some(&Extractor::Wallclock),
            schedule: schedule_ms.zip(zone),
            compatibility: Compatibility::of(&storage.schema_compatibility),
            max_open_files: usize::try_from(storage.max_open_files).ok().filter(|limit| *limit > 0),
        }
    }

    /// The next time that the clock closes files; never without a schedule.
    pub fn next_slot(&self, now_ms: i64) -> i64 {
        self.schedule.map_or(i64::MAX, |(period_ms, zone)| zone.next_slot(now_ms, period_ms))
    }

    /// Whether record time has come that closes files.
    pub fn interval_is_over(&self, first_ms: Option<i64>, record_ms: i64) -> bool {
        match (self.interval_ms, first_ms) {
            (Some(interval_ms), Some(first_ms)) => record_ms.saturating_sub(first_ms) >= interval_ms,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            flush_size: 3,
            interval_ms: Some(1000),
            on_partition_change: true,
            wallclock: false,
            schedule: None,
            compatibility: Compatibility::None,
            max_open_files: None,
        }
    }

    #[test]
    fn the_interval_is_over_at_its_end() {
        let rules = rules();
        assert!(!rules.interval_is_over(Some(5000), 5999));
        assert!(rules.interval_is_over(Some(5000), 6000));
        assert!(!rules.interval_is_over(Some(5000), 4000), "late records close nothing");
        assert!(!rules.interval_is_over(None, 6000));
        assert!(!Rules { interval_ms: None, ..rules }.interval_is_over(Some(0), i64::MAX));
    }

    #[test]
    fn without_a_schedule_there_is_no_slot() {
        assert_eq!(rules().next_slot(0), i64::MAX);
        let hourly = Rules { schedule: Some((3_600_000, Zone::UTC)), ..rules() };
        assert_eq!(hourly.next_slot(0), 3_600_000);
    }
}
