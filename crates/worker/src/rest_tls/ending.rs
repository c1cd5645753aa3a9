//! Tells in time that a certificate ends: renewing it may have failed somewhere else.

use chrono::DateTime;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// So long before its end a certificate is told of, once a day.
const BEFORE_MS: i64 = 14 * DAY_MS;

/// When a certificate ends, and when that was told last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// In milliseconds since the epoch.
    ends_ms: i64,
    told_ms: Option<i64>,
}

impl Ending {
    pub(super) fn new(ends_ms: i64) -> Self {
        Self { ends_ms, told_ms: None }
    }

    /// In milliseconds since the epoch.
    pub(super) fn ends_ms(&self) -> i64 {
        self.ends_ms
    }

    /// What is to be told now.
    pub(super) fn tell(&mut self, now_ms: i64) -> Option<String> {
        let told_today = self.told_ms.is_some_and(|told| now_ms - told < DAY_MS);
        if now_ms < self.ends_ms.saturating_sub(BEFORE_MS) || told_today {
            return None;
        }
        self.told_ms = Some(now_ms);
        let day = DateTime::from_timestamp_millis(self.ends_ms).map(|end| end.format("%Y-%m-%d").to_string());
        let day = day.unwrap_or_else(|| "a day that no calendar has".to_owned());
        Some(match now_ms < self.ends_ms {
            true => format!("a certificate of the key store ends on {day}; put a new one in its place"),
            false => format!(
                "a certificate of the key store has ended on {day}, so clients refuse it; put a new one in its place"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_once_a_day_from_two_weeks_before() {
        let mut ending = Ending::new(100 * DAY_MS);
        assert_eq!(ending.tell(86 * DAY_MS - 1), None);
        let told = ending.tell(86 * DAY_MS).unwrap();
        assert!(told.contains("ends on 1970-04-11"), "{told}");
        assert_eq!(ending.tell(87 * DAY_MS - 1), None);
        assert!(ending.tell(87 * DAY_MS).is_some());
        let told = ending.tell(100 * DAY_MS).unwrap();
        assert!(told.contains("has ended on 1970-04-11"), "{told}");
        assert!(Ending::new(i64::MIN).tell(0).unwrap().contains("has ended"));
        assert_eq!(Ending::new(i64::MAX).tell(0), None);
    }
}
