//! Dates and times as Joda-Time's `ISODateTimeFormat.dateTimeParser` reads them. Without an offset they are UTC.

use chrono::{NaiveDate, Weekday};

/// Milliseconds since the epoch: `date`, `dateTtime`, `dateTtimeoffset` or `Ttime`.
pub fn parse_ms(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day = match date {
        "" if time.is_some() => NaiveDate::from_ymd_opt(1970, 1, 1)?,
        _ => parse_date(date)?,
    };
    let midnight = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
    let Some(time) = time else { return Some(midnight) };
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let time_ms = if time.is_empty() { 0 } else { parse_time(time)? };
    midnight.checked_add(time_ms)?.checked_sub(parse_zone(zone)?)
}

// `yyyy`, `yyyy-MM`, `yyyy-MM-dd`, `yyyy-DDD`, `xxxx-Www`, `xxxx-Www-e`.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = unsigned.split('-');
    let year = sign * i32::try_from(number(parts.next()?, 9)?).ok()?;
    let (second, third) = (parts.next(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    match (second, third) {
        (None, _) => NaiveDate::from_ymd_opt(year, 1, 1),
        (Some(week), day) if week.starts_with('W') => {
            let day = day.map_or(Some(1), |day| number(day, 1))?;
            let weekday = Weekday::try_from(u8::try_from(day.checked_sub(1)?).ok()?).ok()?;
            NaiveDate::from_isoywd_opt(year, number(&week[1..], 2)?, weekday)
        }
        (Some(day), None) if day.len() == 3 => NaiveDate::from_yo_opt(year, number(day, 3)?),
        (Some(month), day) => {
            NaiveDate::from_ymd_opt(year, number(month, 2)?, day.map_or(Some(1), |day| number(day, 2))?)
        }
    }
}

// `HH`, `HH:mm`, `HH:mm:ss`; the last may have a fraction after a point or a comma.
fn parse_time(text: &str) -> Option<i64> {
    let units = [3_600_000_i64, 60_000, 1000];
    let limits = [24, 60, 60];
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut total = 0;
    for (index, part) in parts.iter().enumerate() {
        let (whole, fraction) = match part.split_once(['.', ',']) {
            Some((whole, fraction)) if index + 1 == parts.len() => (whole, fraction),
            Some(_) => return None,
            None => (*part, ""),
        };
        let value = i64::from(number(whole, 2)?);
        if value >= limits[index] {
            return None;
        }
        total += value * units[index] + fraction_of(fraction, units[index])?;
    }
    Some(total)
}

fn fraction_of(digits: &str, unit_ms: i64) -> Option<i64> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine = &digits[..digits.len().min(9)];
    let value: i64 = if nine.is_empty() { 0 } else { nine.parse().ok()? };
    Some(value * unit_ms / 10_i64.pow(nine.len() as u32))
}

// Nothing, `Z`, `+HH`, `+HH:mm`, `+HHmm`, with seconds alike.
fn parse_zone(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first() {
        None => return Some(0),
        Some(b'Z') => return (text.len() == 1).then_some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.is_ascii() {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| number(two, 2));
    let (hours, minutes, seconds) = (i64::from(pair(0)?), i64::from(pair(2)?), i64::from(pair(4)?));
    (hours < 24 && minutes < 60 && seconds < 60)
        .then_some(sign * (hours * 3600 + minutes * 60 + seconds) * 1000)
}

fn number(text: &str, digits_max: usize) -> Option<u32> {
    let good = (1..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let expected = expected.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        assert_eq!(parse_ms(text), Some(expected), "{text}");
    }

    #[test]
    fn reads_what_joda_reads() {
        check("2026", "2026-01-01T00:00:00Z");
        check("2026-03", "2026-03-01T00:00:00Z");
        check("2026-03-05", "2026-03-05T00:00:00Z");
        check("2026-064", "2026-03-05T00:00:00Z");
        check("2026-W10-4", "2026-03-05T00:00:00Z");
        check("2026-03-05T", "2026-03-05T00:00:00Z");
        check("2026-03-05T14", "2026-03-05T14:00:00Z");
        check("2026-03-05T14:07:09.0835Z", "2026-03-05T14:07:09.083Z");
        check("2026-03-05T14:07:09,5+02:00", "2026-03-05T12:07:09.500Z");
        check("2026-03-05T14.5-0130", "2026-03-05T16:00:00Z");
        check("T10:00", "1970-01-01T10:00:00Z");
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "x",
            "2026-13",
            "2026-02-30",
            "2026-03-05 14:00",
            "2026-03-05T25",
            "2026-03-05T14:07:09+2",
            "2026-03-05T1:2:3:4",
            "2026-W60",
            "2026-03-05Tü",
            "2026-03-05T14:00Zx",
            "99999999999-01-01",
        ] {
            assert_eq!(parse_ms(text), None, "{text}");
        }
    }
}
