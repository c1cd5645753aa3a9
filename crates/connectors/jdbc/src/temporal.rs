//! Dates, times and timestamps in the forms that records have.

use api::data::{Kind, Logical, Schema, SchemaRef, Value};
use chrono::{DateTime, Datelike, Utc};

use crate::config::Granularity;
use crate::stamp::Stamp;
use crate::zone::Zone;

/// Seconds of a day.
pub(crate) const DAY_S: i64 = 86_400;
const DAY_MS: i64 = 86_400_000;

/// How dates and times become values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeForm {
    /// Zone of times that have none.
    pub(crate) zone: Zone,
    /// Form of timestamps.
    pub(crate) granularity: Granularity,
    /// Whether days before 15 October 1582 are counted in the Julian calendar (`date.calendar.system=LEGACY`).
    pub(crate) legacy_calendar: bool,
}

impl TimeForm {
    /// Schema of timestamps.
    pub(crate) fn timestamp_schema(&self, optional: bool) -> SchemaRef {
        let builder = match self.granularity {
            Granularity::ConnectLogical => Schema::logical_builder(Logical::Timestamp),
            Granularity::MicrosLong | Granularity::NanosLong => Schema::builder(Kind::Int64),
            _ => Schema::builder(Kind::String),
        };
        if optional { builder.optional().build() } else { builder.build() }
    }

    /// The instant of a wall-clock time.
    pub(crate) fn instant(&self, wall: Stamp) -> Stamp {
        let seconds = match self.legacy_calendar && wall.seconds < GREGORIAN_START * DAY_S {
            true => {
                let days = wall.seconds.div_euclid(DAY_S);
                julian_days(days) * DAY_S + wall.seconds.rem_euclid(DAY_S)
            }
            false => wall.seconds,
        };
        match self.zone {
            Zone::Utc => Stamp { seconds, ..wall },
            zone => Stamp { seconds: zone.to_instant(seconds), ..wall },
        }
    }

    /// A timestamp's value.
    ///
    /// # Errors
    /// It cannot be had in this form.
    #[inline]
    pub(crate) fn timestamp(&self, instant: Stamp) -> Result<Value, String> {
        if self.granularity == Granularity::ConnectLogical {
            return Ok(Value::Timestamp(instant.to_ms()));
        }
        self.fine_timestamp(instant)
    }

    fn fine_timestamp(&self, instant: Stamp) -> Result<Value, String> {
        let micros =
            || instant.to_micros().ok_or("the timestamp lies beyond 64 bits of microseconds".to_owned());
        let nanos = || {
            let text = "the timestamp lies beyond 64 bits of nanoseconds (the years 1677 to 2262)";
            instant.to_nanos().ok_or(text.to_owned())
        };
        Ok(match self.granularity {
            Granularity::ConnectLogical => Value::Timestamp(instant.to_ms()),
            Granularity::MicrosLong => Value::Int64(micros()?),
            Granularity::NanosLong => Value::Int64(nanos()?),
            Granularity::MicrosString => Value::string(micros()?.to_string()),
            Granularity::NanosString => Value::string(nanos()?.to_string()),
            Granularity::MicrosIso => {
                Value::string(format!("{}.{:06}", self.date_time(instant)?, instant.nanos / 1000))
            }
            Granularity::NanosIso => {
                Value::string(format!("{}.{:09}", self.date_time(instant)?, instant.nanos))
            }
        })
    }

    fn date_time(&self, instant: Stamp) -> Result<String, String> {
        DateTime::<Utc>::from_timestamp(self.zone.to_wall(instant.seconds), 0)
            .map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string())
            .ok_or_else(|| "the timestamp lies beyond the years that a date can have".to_owned())
    }

    /// A date's value, of days since the epoch in the Gregorian calendar.
    #[inline]
    pub(crate) fn date(&self, days: i64) -> Result<Value, String> {
        let days = if self.legacy_calendar && days < GREGORIAN_START { julian_days(days) } else { days };
        i32::try_from(days).map(Value::Date).map_err(|_| "the date lies beyond 32 bits of days".to_owned())
    }

    /// A time's value, of milliseconds of the day on the wall clock. Connect's Time is in UTC: as in the Java
    /// connector it is shifted by the zone's offset of 1 January 1970; we wrap it around midnight where Java fails.
    #[inline]
    pub(crate) fn time(&self, wall_ms: i64) -> Value {
        let shifted = match self.zone {
            Zone::Utc => wall_ms,
            zone => wall_ms - zone.offset_at(0) * 1000,
        };
        let within = if (0..=DAY_MS).contains(&shifted) { shifted } else { shifted.rem_euclid(DAY_MS) };
        Value::Time(within as i32)
    }
}

/// 15 October 1582, the first Gregorian day, in days since the epoch.
const GREGORIAN_START: i64 = -141_427;

/// The day that has this year, month and day in the Julian calendar.
fn julian_days(gregorian: i64) -> i64 {
    let Some(date) = gregorian
        .checked_mul(DAY_S)
        .and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0))
        .map(|at| at.date_naive())
    else {
        return gregorian;
    };
    // Julian day number of a date of the Julian calendar, and that of 1 January 1970.
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let a = (14 - month) / 12;
    let (y, m) = (year + 4800 - a, month + 12 * a - 3);
    day + (153 * m + 2) / 5 + 365 * y + y.div_euclid(4) - 32_083 - 2_440_588
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(zone: &str, granularity: Granularity) -> TimeForm {
        TimeForm { zone: Zone::from_id(zone).unwrap(), granularity, legacy_calendar: true }
    }

    #[test]
    fn each_granularity_has_its_form() {
        let at = Stamp { seconds: 1_700_000_000, nanos: 123_456_789 };
        for (granularity, value) in [
            (Granularity::ConnectLogical, Value::Timestamp(1_700_000_000_123)),
            (Granularity::MicrosLong, Value::Int64(1_700_000_000_123_456)),
            (Granularity::MicrosString, Value::string("1700000000123456")),
            (Granularity::MicrosIso, Value::string("2023-11-14T17:13:20.123456")),
            (Granularity::NanosLong, Value::Int64(1_700_000_000_123_456_789)),
            (Granularity::NanosString, Value::string("1700000000123456789")),
            (Granularity::NanosIso, Value::string("2023-11-14T17:13:20.123456789")),
        ] {
            assert_eq!(form("America/New_York", granularity).timestamp(at), Ok(value));
        }
        let far = Stamp { seconds: 1 << 40, nanos: 0 };
        assert!(form("UTC", Granularity::NanosLong).timestamp(far).is_err());
    }

    #[test]
    fn times_are_shifted_into_utc() {
        let form = form("America/New_York", Granularity::ConnectLogical);
        assert_eq!(form.time(10 * 3_600_000), Value::Time(15 * 3_600_000));
        assert_eq!(form.time(22 * 3_600_000), Value::Time(3 * 3_600_000));
    }

    // Java: `Date.valueOf("1500-01-01")` is -171655 days, `LocalDate.of(1500, 1, 1)` -171664.
    #[test]
    fn the_calendar_differs_before_1582_only() {
        let mut form = form("UTC", Granularity::ConnectLogical);
        assert_eq!(form.date(-171_664), Ok(Value::Date(-171_655)));
        assert_eq!(form.date(GREGORIAN_START), Ok(Value::Date(GREGORIAN_START as i32)));
        assert_eq!(form.date(GREGORIAN_START - 1), Ok(Value::Date(GREGORIAN_START as i32 + 9)));
        form.legacy_calendar = false;
        assert_eq!(form.date(-171_664), Ok(Value::Date(-171_664)));
    }
}
