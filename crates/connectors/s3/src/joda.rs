//! Joda-Time's `DateTimeFormat` patterns, which name the directories of time-based partitioners.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDateTime, Timelike};
use literal::calendar::{MONTHS, WEEKDAYS};

use crate::zone::Zone;

/// A pattern, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(String),
    Field(Field, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Era,
    Century,
    Year,
    WeekYear,
    Week,
    DayOfWeek,
    WeekdayName,
    DayOfYear,
    Month,
    Day,
    HalfDay,
    HourOfHalfDay,
    ClockHourOfHalfDay,
    Hour,
    ClockHour,
    Minute,
    Second,
    Fraction,
    Offset,
}

impl Pattern {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// Why it is none, in Joda-Time's words where it has some.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(c) = rest.next() {
            if c == '\'' {
                literal(&mut tokens, &quoted(&mut rest));
            } else if c.is_ascii_alphabetic() {
                let mut count = 1;
                while rest.next_if_eq(&c).is_some() {
                    count += 1;
                }
                tokens.push(Token::Field(field(c, count)?, count));
            } else {
                literal(&mut tokens, c.encode_utf8(&mut [0; 4]));
            }
        }
        if tokens.is_empty() { Err("Invalid pattern specification".to_owned()) } else { Ok(Self(tokens)) }
    }

    /// Whether names of months or days occur, so that the language matters.
    pub fn has_names(&self) -> bool {
        self.0.iter().any(|token| match token {
            Token::Field(Field::Month, count) => *count >= 3,
            Token::Field(Field::WeekdayName | Field::HalfDay | Field::Era, _) => true,
            _ => false,
        })
    }

    /// Appends an instant as it reads in the zone.
    pub fn format(&self, instant_ms: i64, zone: Zone, out: &mut String) {
        let offset_ms = zone.offset_at(instant_ms);
        let local = chrono::DateTime::from_timestamp_millis(instant_ms.saturating_add(offset_ms))
            .unwrap_or_default()
            .naive_utc();
        for token in &self.0 {
            match token {
                Token::Literal(text) => out.push_str(text),
                Token::Field(field, count) => write_field(*field, *count, local, offset_ms, out),
            }
        }
    }
}

// The text up to the closing quote; two quotes stand for one.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars>) -> String {
    if rest.next_if_eq(&'\'').is_some() {
        return "'".to_owned();
    }
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == '\'' && rest.next_if_eq(&'\'').is_none() {
            break;
        }
        text.push(c);
    }
    text
}

fn literal(tokens: &mut Vec<Token>, text: &str) {
    match tokens.last_mut() {
        Some(Token::Literal(before)) => before.push_str(text),
        _ => tokens.push(Token::Literal(text.to_owned())),
    }
}

fn field(letter: char, count: usize) -> Result<Field, String> {
    if count > 18 {
        return Err(format!("pattern component too long: {letter} {count} times"));
    }
    Ok(match letter {
        'G' => Field::Era,
        'C' => Field::Century,
        'Y' | 'y' => Field::Year,
        'x' => Field::WeekYear,
        'w' => Field::Week,
        'e' => Field::DayOfWeek,
        'E' => Field::WeekdayName,
        'D' => Field::DayOfYear,
        'M' => Field::Month,
        'd' => Field::Day,
        'a' => Field::HalfDay,
        'K' => Field::HourOfHalfDay,
        'h' => Field::ClockHourOfHalfDay,
        'H' => Field::Hour,
        'k' => Field::ClockHour,
        'm' => Field::Minute,
        's' => Field::Second,
        'S' => Field::Fraction,
        'Z' if count <= 2 => Field::Offset,
        'z' | 'Z' => return Err(format!("names of time zones ({letter}) are not written; use Z or ZZ")),
        other => return Err(format!("Illegal pattern component: {other}")),
    })
}

fn write_field(field: Field, count: usize, local: NaiveDateTime, offset_ms: i64, out: &mut String) {
    let number = |out: &mut String, value: i64| {
        let _ = write!(out, "{value:0count$}"); // a String takes everything
    };
    let year = |out: &mut String, value: i64| match count {
        2 => {
            let _ = write!(out, "{:02}", value.rem_euclid(100));
        }
        _ => number(out, value),
    };
    let name = |out: &mut String, name: &str| out.push_str(if count >= 4 { name } else { &name[..3] });
    let (hour, half) = (i64::from(local.hour()), i64::from(local.hour() % 12));
    match field {
        Field::Era => out.push_str(if local.year() > 0 { "AD" } else { "BC" }),
        Field::Century => number(out, i64::from(local.year()) / 100),
        Field::Year => year(out, local.year().into()),
        Field::WeekYear => year(out, local.iso_week().year().into()),
        Field::Week => number(out, local.iso_week().week().into()),
        Field::DayOfWeek => number(out, local.weekday().number_from_monday().into()),
        Field::WeekdayName => name(out, WEEKDAYS[local.weekday().num_days_from_sunday() as usize]),
        Field::DayOfYear => number(out, local.ordinal().into()),
        Field::Month if count >= 3 => name(out, MONTHS[local.month0() as usize]),
        Field::Month => number(out, local.month().into()),
        Field::Day => number(out, local.day().into()),
        Field::HalfDay => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        Field::HourOfHalfDay => number(out, half),
        Field::ClockHourOfHalfDay => number(out, if half == 0 { 12 } else { half }),
        Field::Hour => number(out, hour),
        Field::ClockHour => number(out, if hour == 0 { 24 } else { hour }),
        Field::Minute => number(out, local.minute().into()),
        Field::Second => number(out, local.second().into()),
        Field::Fraction => {
            let nanos = format!("{:09}", local.nanosecond());
            out.extend(nanos.chars().chain(std::iter::repeat('0')).take(count));
        }
        Field::Offset => {
            let (sign, minutes) = (if offset_ms < 0 { '-' } else { '+' }, offset_ms.abs() / 60_000);
            let colon = if count == 2 { ":" } else { "" };
            let _ = write!(out, "{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        let at = "2026-03-05T14:07:09.083Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let mut out = String::new();
        Pattern::parse(pattern).unwrap().format(at.timestamp_millis(), Zone::UTC, &mut out);
        assert_eq!(out, expected, "{pattern}");
    }

    #[test]
    fn prints_as_joda() {
        check("'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", "year=2026/month=03/day=05/hour=14");
        check("yyyy-MM-dd", "2026-03-05");
        check("yy M d H m s", "26 3 5 14 7 9");
        check("MMM MMMM EEE EEEE a", "Mar March Thu Thursday PM");
        check("KK hh kk DDD", "02 02 14 064");
        check("xxxx-'W'ww-e", "2026-W10-4");
        check("SSS SS SSSSSSSSSSS", "083 08 08300000000");
        check("''yy'''x'", "'26'x");
        check("Z ZZ G C", "+0000 +00:00 AD 20");
        check("'dt'=YYYYMMdd", "dt=20260305");
    }

    #[test]
    fn reads_in_the_zone() {
        let mut out = String::new();
        let zone = Zone::of("America/New_York").unwrap();
        Pattern::parse("yyyy-MM-dd HH ZZ").unwrap().format(0, zone, &mut out);
        assert_eq!(out, "1969-12-31 19 -05:00");
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(Pattern::parse("YYYY/T"), Err("Illegal pattern component: T".to_owned()));
        assert_eq!(Pattern::parse("").unwrap_err(), "Invalid pattern specification");
        assert!(Pattern::parse("z").unwrap_err().contains("time zones"));
        assert!(Pattern::parse(&"Y".repeat(1000)).is_err());
    }
}
