//! Time zones with Joda-Time's arithmetic, which decides the directory of a record and when the clock closes files.

use chrono::{Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};

/// A zone of the time zone database, or a fixed offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Milliseconds east of UTC.
    Fixed(i64),
    /// By name.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// Coordinated universal time.
    #[cfg(test)]
    pub const UTC: Zone = Zone::Fixed(0);

    /// The zone of an id, as Joda-Time's `DateTimeZone.forID` takes it: `UTC`, `Europe/Berlin`, `+02:00`.
    pub fn of(id: &str) -> Option<Self> {
        match id.as_bytes().first()? {
            b'+' | b'-' => Some(Zone::Fixed(fixed_offset(id)?)),
            _ if id == "UTC" => Some(Zone::Fixed(0)),
            _ => id.parse().ok().map(Zone::Named),
        }
    }

    /// Milliseconds east of UTC at an instant. Instants beyond the calendar have the zone's last known offset.
    pub fn offset_at(self, instant_ms: i64) -> i64 {
        match self {
            Zone::Fixed(offset) => offset,
            Zone::Named(zone) => {
                let instant = chrono::DateTime::from_timestamp_millis(instant_ms).unwrap_or_else(Utc::now);
                let offset = zone.offset_from_utc_datetime(&instant.naive_utc());
                i64::from(offset.fix().local_minus_utc()) * 1000
            }
        }
    }

    /// The local reading of an instant, as if it were UTC.
    pub fn to_local(self, instant_ms: i64) -> i64 {
        instant_ms.saturating_add(self.offset_at(instant_ms))
    }

    /// The instant of a local reading, as Joda-Time's lenient `convertLocalToUTC`: a reading that occurs twice is the
    /// later one east of Greenwich and the earlier one west of it; one that does not occur lies behind the gap.
    pub fn to_instant(self, local_ms: i64) -> i64 {
        let guess = self.offset_at(local_ms);
        let mut offset = self.offset_at(local_ms.saturating_sub(guess));
        if guess != offset && guess < 0 {
            let (one, other) = (local_ms.saturating_sub(guess), local_ms.saturating_sub(offset));
            // A change of offset between the two candidates: the reading lies in a gap or an overlap.
            if self.offset_at(one) != self.offset_at(other) {
                offset = guess;
            }
        }
        local_ms.saturating_sub(offset)
    }

    /// The start of the directory that an instant falls in: floored in local time. Like Java's division, instants
    /// before 1970 are rounded towards it.
    pub fn floor(self, instant_ms: i64, duration_ms: i64) -> i64 {
        self.to_instant(self.to_local(instant_ms) / duration_ms * duration_ms)
    }

    /// The next time that the clock closes files: multiples of the period since local midnight; the last period of a
    /// day ends at midnight.
    pub fn next_slot(self, now_ms: i64, period_ms: i64) -> i64 {
        let today = self.local_date(now_ms);
        let start = self.start_of_day(today);
        let tomorrow = today.and_then(|day| day.succ_opt());
        let day_ms = self.start_of_day(tomorrow).saturating_sub(start);
        let offset = ((now_ms - start) / period_ms + 1).saturating_mul(period_ms);
        start.saturating_add(offset.min(day_ms))
    }

    fn local_date(self, instant_ms: i64) -> Option<NaiveDate> {
        Some(chrono::DateTime::from_timestamp_millis(self.to_local(instant_ms))?.date_naive())
    }

    // Midnight, or the first moment after it where a change of offset skips midnight.
    fn start_of_day(self, day: Option<NaiveDate>) -> i64 {
        let Some(midnight) = day.and_then(|day| day.and_hms_opt(0, 0, 0)) else { return i64::MAX };
        match self {
            Zone::Fixed(offset) => midnight.and_utc().timestamp_millis() - offset,
            Zone::Named(zone) => (0..24 * 4)
                .find_map(|quarters| {
                    let local: NaiveDateTime = midnight + Duration::minutes(15 * quarters);
                    zone.from_local_datetime(&local).earliest()
                })
                .map_or_else(|| midnight.and_utc().timestamp_millis(), |first| first.timestamp_millis()),
        }
    }
}

// `+hh`, `+hh:mm`, `+hhmm`, with seconds alike.
fn fixed_offset(id: &str) -> Option<i64> {
    let sign = if id.starts_with('-') { -1 } else { 1 };
    let digits: String = id[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6) {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2).map_or(Some(0), |text| text.parse::<i64>().ok());
    let (hours, minutes, seconds) = (pair(0)?, pair(2)?, pair(4)?);
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(sign * (hours * 3600 + minutes * 60 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<chrono::DateTime<Utc>>().unwrap().timestamp_millis()
    }

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn ids_are_jodas() {
        assert_eq!(Zone::of("UTC"), Some(Zone::Fixed(0)));
        assert_eq!(Zone::of("+05:30"), Some(Zone::Fixed(19_800_000)));
        assert_eq!(Zone::of("-08"), Some(Zone::Fixed(-8 * HOUR)));
        assert!(matches!(Zone::of("America/Los_Angeles"), Some(Zone::Named(_))));
        for bad in ["", "Mars", "+1", "+25:00", "+aa:bb", "utc+1"] {
            assert_eq!(Zone::of(bad), None, "{bad}");
        }
    }

    #[test]
    fn floors_in_local_time() {
        let berlin = Zone::of("Europe/Berlin").unwrap();
        // Summer: the day begins at 22:00 UTC of the day before.
        assert_eq!(berlin.floor(at("2026-07-01T21:59:59Z"), DAY), at("2026-06-30T22:00:00Z"));
        assert_eq!(berlin.floor(at("2026-07-01T22:00:00Z"), DAY), at("2026-07-01T22:00:00Z"));
        let india = Zone::of("Asia/Kolkata").unwrap();
        assert_eq!(india.floor(at("2026-07-01T10:45:00Z"), HOUR), at("2026-07-01T10:30:00Z"));
    }

    #[test]
    fn days_with_a_change_of_offset_are_one_directory() {
        let berlin = Zone::of("Europe/Berlin").unwrap();
        // 2026-03-29 has 23 hours, 2026-10-25 has 25.
        for hour in 0..23 {
            let start = at("2026-03-28T23:00:00Z");
            assert_eq!(berlin.floor(start + hour * HOUR, DAY), start, "{hour}");
        }
        for hour in 0..25 {
            let start = at("2026-10-24T22:00:00Z");
            assert_eq!(berlin.floor(start + hour * HOUR, DAY), start, "{hour}");
        }
    }

    #[test]
    fn the_hour_that_occurs_twice() {
        // 02:00 to 03:00 occurs twice in Berlin: both go to the second, as in Joda-Time.
        let berlin = Zone::of("Europe/Berlin").unwrap();
        assert_eq!(berlin.floor(at("2026-10-25T00:30:00Z"), HOUR), at("2026-10-25T01:00:00Z"));
        assert_eq!(berlin.floor(at("2026-10-25T01:30:00Z"), HOUR), at("2026-10-25T01:00:00Z"));
        // 01:00 to 02:00 occurs twice in New York: both go to the first.
        let new_york = Zone::of("America/New_York").unwrap();
        assert_eq!(new_york.floor(at("2026-11-01T05:30:00Z"), HOUR), at("2026-11-01T05:00:00Z"));
        assert_eq!(new_york.floor(at("2026-11-01T06:30:00Z"), HOUR), at("2026-11-01T05:00:00Z"));
    }

    #[test]
    fn a_day_whose_midnight_does_not_occur() {
        // Beirut skips the hour after midnight of 2026-03-29, Havana that of 2026-03-08.
        let beirut = Zone::of("Asia/Beirut").unwrap();
        assert_eq!(beirut.floor(at("2026-03-29T10:00:00Z"), DAY), at("2026-03-28T22:00:00Z"));
        let havana = Zone::of("America/Havana").unwrap();
        assert_eq!(havana.floor(at("2026-03-08T10:00:00Z"), DAY), at("2026-03-08T05:00:00Z"));
        assert_eq!(havana.next_slot(at("2026-03-07T20:00:00Z"), DAY), at("2026-03-08T05:00:00Z"));
    }

    #[test]
    fn slots_begin_at_midnight_and_end_there() {
        let utc = Zone::UTC;
        assert_eq!(utc.next_slot(at("2026-01-01T00:00:00Z"), HOUR), at("2026-01-01T01:00:00Z"));
        assert_eq!(utc.next_slot(at("2026-01-01T10:59:59.999Z"), HOUR), at("2026-01-01T11:00:00Z"));
        // Seven hours do not divide the day: the last slot is three hours long.
        assert_eq!(utc.next_slot(at("2026-01-01T22:00:00Z"), 7 * HOUR), at("2026-01-02T00:00:00Z"));
        assert_eq!(utc.next_slot(at("2026-01-01T22:00:00Z"), i64::MAX), at("2026-01-02T00:00:00Z"));
        let berlin = Zone::of("Europe/Berlin").unwrap();
        assert_eq!(berlin.next_slot(at("2026-03-29T20:00:00Z"), 24 * HOUR), at("2026-03-29T22:00:00Z"));
    }
}
