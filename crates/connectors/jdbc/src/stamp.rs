//! Points in time as offsets keep them: finer than milliseconds.

use api::data::OffsetMap;

/// An instant: seconds since the epoch, and nanoseconds within the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    /// Seconds since the epoch, rounded down.
    pub(crate) seconds: i64,
    /// 0 to 999,999,999.
    pub(crate) nanos: u32,
}

impl Stamp {
    pub(crate) const EPOCH: Stamp = Stamp { seconds: 0, nanos: 0 };

    pub(crate) fn from_ms(ms: i64) -> Self {
        Self { seconds: ms.div_euclid(1000), nanos: (ms.rem_euclid(1000) * 1_000_000) as u32 }
    }

    pub(crate) fn from_micros(micros: i64) -> Self {
        Self { seconds: micros.div_euclid(1_000_000), nanos: (micros.rem_euclid(1_000_000) * 1000) as u32 }
    }

    /// Milliseconds since the epoch, finer digits cut off (rounded down).
    pub(crate) fn to_ms(self) -> i64 {
        self.seconds.saturating_mul(1000).saturating_add(i64::from(self.nanos / 1_000_000))
    }

    /// Microseconds since the epoch; `None` beyond the range.
    pub(crate) fn to_micros(self) -> Option<i64> {
        self.seconds.checked_mul(1_000_000)?.checked_add(i64::from(self.nanos / 1000))
    }

    /// Nanoseconds since the epoch; `None` beyond the years 1677 to 2262.
    pub(crate) fn to_nanos(self) -> Option<i64> {
        let nanos = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos);
        i64::try_from(nanos).ok()
    }

    pub(crate) fn minus_ms(self, ms: i64) -> Self {
        let moved = Self::from_ms(self.to_ms().saturating_sub(ms));
        Self { nanos: moved.nanos + self.nanos % 1_000_000, ..moved }
    }

    /// Of a stored offset; `None` when it has no timestamp. Old offsets have milliseconds only.
    pub(crate) fn from_offset(offset: &OffsetMap) -> Option<Self> {
        let stamp = Self::from_ms(offset.get(TIMESTAMP)?.to_i64()?);
        let nanos = offset.get(TIMESTAMP_NANOS).and_then(|nanos| nanos.to_i64());
        match nanos.map(u32::try_from) {
            Some(Ok(nanos)) if nanos < 1_000_000_000 => Some(Self { nanos, ..stamp }),
            _ => Some(stamp),
        }
    }
}

/// Milliseconds since the epoch.
pub(crate) const TIMESTAMP: &str = "timestamp";
/// Nanoseconds within the second.
pub(crate) const TIMESTAMP_NANOS: &str = "timestamp_nanos";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_offsets_have_the_nanos_of_their_milliseconds() {
        let old = OffsetMap::new().with(TIMESTAMP, 1_672_835_217_123);
        assert_eq!(Stamp::from_offset(&old), Some(Stamp { seconds: 1_672_835_217, nanos: 123_000_000 }));
        let new = old.with(TIMESTAMP_NANOS, "123456789");
        assert_eq!(Stamp::from_offset(&new).map(|stamp| stamp.nanos), Some(123_456_789));
        assert_eq!(Stamp::from_offset(&OffsetMap::new()), None);
    }

    #[test]
    fn times_before_the_epoch_round_down() {
        let stamp = Stamp::from_micros(-1);
        assert_eq!((stamp, stamp.to_ms()), (Stamp { seconds: -1, nanos: 999_999_000 }, -1));
        assert_eq!(stamp.to_micros(), Some(-1));
        assert_eq!(Stamp::from_micros(1_500_999).minus_ms(501).to_micros(), Some(999_999));
    }
}
