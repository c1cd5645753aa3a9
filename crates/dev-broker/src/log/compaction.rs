//! (being written)
use super::partition::Partition;
/// (being written)
pub fn apply(_partition: &Partition, _now_ms: i64) {}
