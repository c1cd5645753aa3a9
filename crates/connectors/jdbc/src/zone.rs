//! The time zone in which a database keeps times that have no zone (`db.timezone`).

use api::config::{FieldType, Parsed, Type};
use chrono::{DateTime, FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};

/// A zone id as Java's `TimeZone` takes it: a region, an offset, or one of the old three-letter ids.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Zone {
    /// UTC: wall clock and instant are one.
    Utc,
    /// Always this many seconds east.
    Fixed(FixedOffset),
    /// A region with its history of rules.
    Region(chrono_tz::Tz),
}

// Java's `ZoneId.SHORT_IDS`.
const SHORT_IDS: &[(&str, &str)] = &[
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
    ("EST", "-05:00"),
    ("MST", "-07:00"),
    ("HST", "-10:00"),
];

impl Zone {
    /// The zone of an id; `None` when there is none.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        let id = SHORT_IDS.iter().find(|(short, _)| *short == id).map_or(id, |(_, long)| long);
        if matches!(id, "UTC" | "Z" | "GMT" | "UT" | "Etc/UTC") {
            return Some(Zone::Utc);
        }
        let offset = ["UTC", "GMT", "UT"].iter().find_map(|prefix| id.strip_prefix(prefix)).unwrap_or(id);
        if let Some(seconds) = parse_offset(offset) {
            return FixedOffset::east_opt(seconds).map(Zone::Fixed);
        }
        id.parse().ok().map(Zone::Region)
    }

    /// The zone of an offset such as `+02:00`; `None` when it is none.
    pub(crate) fn from_offset(offset: &str) -> Option<Self> {
        FixedOffset::east_opt(parse_offset(offset)?).map(Zone::Fixed)
    }

    /// Seconds east of UTC at an instant (seconds since the epoch).
    pub(crate) fn offset_at(self, instant: i64) -> i64 {
        match self {
            Zone::Utc => 0,
            Zone::Fixed(offset) => offset.local_minus_utc().into(),
            Zone::Region(region) => DateTime::<Utc>::from_timestamp(instant, 0).map_or(0, |at| {
                region.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into()
            }),
        }
    }

    /// The instant of a wall-clock time, both in seconds since the epoch. As in Java, a time that occurs twice is the
    /// later one (standard time), and one that is left out moves on by the gap.
    pub(crate) fn to_instant(self, wall: i64) -> i64 {
        let Zone::Region(region) = self else { return wall.saturating_sub(self.offset_at(0)) };
        let Some(naive) = naive(wall) else { return wall };
        match region.offset_from_local_datetime(&naive) {
            LocalResult::Single(offset) | LocalResult::Ambiguous(_, offset) => {
                wall - i64::from(offset.fix().local_minus_utc())
            }
            // The offset before the gap: half a day earlier is before it, for every zone's gaps of an hour or so.
            LocalResult::None => wall - self.offset_at(wall - self.offset_at(wall) - 43_200),
        }
    }

    /// The wall-clock time of an instant, both in seconds since the epoch.
    pub(crate) fn to_wall(self, instant: i64) -> i64 {
        instant.saturating_add(self.offset_at(instant))
    }
}

fn naive(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::<Utc>::from_timestamp(seconds, 0).map(|at| at.naive_utc())
}

// `+2`, `+02`, `+0200`, `+02:00`.
fn parse_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits = rest.replace(':', "");
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl FieldType for Zone {
    const TYPE: Type = Type::String;

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        match value {
            Some(Parsed::String(id)) => {
                Zone::from_id(id).ok_or_else(|| "Invalid time zone identifier".to_owned())
            }
            _ => Err("Value must be non-null".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_javas() {
        assert_eq!(Zone::from_id("UTC"), Some(Zone::Utc));
        assert_eq!(Zone::from_id("PST"), Some(Zone::Region(chrono_tz::America::Los_Angeles)));
        for (id, seconds) in [("GMT+2", 7200), ("+02:30", 9000), ("UTC-0530", -19800), ("EST", -18000)] {
            assert_eq!(Zone::from_id(id).map(|zone| zone.offset_at(0)), Some(seconds), "{id}");
        }
        for id in ["", "Mars/Olympus", "+", "+99", "GMT+x"] {
            assert_eq!(Zone::from_id(id), None, "{id}");
        }
    }

    // 2023-11-05 01:30 occurs twice in New York, 2023-03-12 02:30 never.
    #[test]
    fn the_hours_of_change_are_javas() {
        let zone = Zone::from_id("America/New_York").unwrap();
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%F %T").unwrap().and_utc().timestamp();
        assert_eq!(zone.to_instant(at("2023-11-05 00:30:00")), at("2023-11-05 04:30:00"));
        assert_eq!(zone.to_instant(at("2023-11-05 01:30:00")), at("2023-11-05 06:30:00"));
        assert_eq!(zone.to_instant(at("2023-11-05 02:30:00")), at("2023-11-05 07:30:00"));
        assert_eq!(zone.to_instant(at("2023-03-12 02:30:00")), at("2023-03-12 07:30:00"));
        assert_eq!(zone.to_wall(at("2023-03-12 07:30:00")), at("2023-03-12 03:30:00"));
    }
}
