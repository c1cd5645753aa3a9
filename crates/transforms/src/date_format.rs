//! Patterns of `java.text.SimpleDateFormat`, in UTC and with English names: texts of moments, and moments of texts.
//!
//! | letter | what | letter | what |
//! |---|---|---|---|
//! | `G` | era | `E` | name of the weekday |
//! | `y` | year | `u` | number of the weekday, Monday is 1 |
//! | `Y` | year of the week | `a` | AM or PM |
//! | `M`, `L` | month: number, short name, name | `H`, `k` | hour of the day from 0, from 1 |
//! | `w`, `W` | week of the year, of the month | `K`, `h` | hour of the half day from 0, from 1 |
//! | `D`, `d` | day of the year, of the month | `m`, `s`, `S` | minute, second, millisecond |
//! | `F` | which weekday of its kind in the month | `z`, `Z`, `X` | time zone: name, `+0000`, ISO 8601 |
//!
//! As Java's default for English: weeks begin on Sunday, and the first of January is in week 1. Days before 1582-10-15
//! are those of the Julian calendar ([`julian`]).

mod fields;
mod given;
mod julian;
mod names;
mod read;
mod write;

/// A pattern, taken apart.
#[derive(Debug)]
pub(crate) struct DateFormat {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// A letter, and how often it stands there.
    Field(char, usize),
}

const LETTERS: &str = "GyYMLwWDdFEuaHkKhmsSzZX";
// A letter that is repeated more often is padded with zeros for nothing; a bound keeps texts in bounds.
const MAX_REPEAT: usize = 100;

impl DateFormat {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// In Java's words, what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                // Two quotes are one, inside quoted text and outside.
                '\'' if rest.next_if_eq(&'\'').is_some() => parts.push(Part::Text("'".to_owned())),
                '\'' => {
                    let mut text = String::new();
                    loop {
                        match rest.next() {
                            Some('\'') if rest.next_if_eq(&'\'').is_some() => text.push('\''),
                            Some('\'') => break,
                            Some(other) => text.push(other),
                            None => return Err("Unterminated quote".to_owned()),
                        }
                    }
                    parts.push(Part::Text(text));
                }
                letter if LETTERS.contains(letter) => {
                    let mut count = 1;
                    while rest.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    if letter == 'X' && count > 3 {
                        return Err(format!("invalid ISO 8601 format: length={count}"));
                    }
                    if count > MAX_REPEAT {
                        return Err(format!(
                            "the letter '{letter}' is repeated more than {MAX_REPEAT} times"
                        ));
                    }
                    parts.push(Part::Field(letter, count));
                }
                'a'..='z' | 'A'..='Z' => return Err(format!("Illegal pattern character '{character}'")),
                other => parts.push(Part::Text(other.to_string())),
            }
        }
        Ok(Self { parts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // What Java 17 answers for 2026-01-31T12:30:00.123Z, a Saturday, and for a Thursday of 1200 before Christ.
    #[test]
    fn texts_are_javas() {
        for (pattern, text, old) in [
            ("G GGGG", "AD AD", "BC BC"),
            ("y yy yyy yyyyy", "2026 26 2026 02026", "1200 00 1200 01200"),
            ("Y YY", "2026 26", "-1199 -99"),
            ("M MM MMM MMMM MMMMM", "1 01 Jan January January", "2 02 Feb February February"),
            ("L LL LLL LLLL", "1 01 Jan January", "2 02 Feb February"),
            ("w ww W D DDD d F", "5 05 5 31 031 31 5", "9 09 4 57 057 26 4"),
            ("E EEEE u uu a", "Sat Saturday 6 06 PM", "Thu Thursday 4 04 PM"),
            ("H k K h m s", "12 12 0 12 30 0", "14 14 2 2 13 20"),
            ("S SS SSSS", "123 123 0123", "0 00 0000"),
            (
                "z zzzz Z X XX XXX",
                "UTC Coordinated Universal Time +0000 Z Z Z",
                "UTC Coordinated Universal Time +0000 Z Z Z",
            ),
            ("''yyyy'o''clock' %", "'2026o'clock %", "'1200o'clock %"),
        ] {
            let format = DateFormat::parse(pattern).unwrap();
            assert_eq!(format.format(1_769_862_600_123), text, "{pattern}");
            assert_eq!(format.format(-100_000_000_000_000), old, "{pattern}");
        }
    }

    #[test]
    fn patterns_that_are_none() {
        for (pattern, why) in [
            ("'x", "Unterminated quote"),
            ("yyyy-b", "Illegal pattern character 'b'"),
            ("T", "Illegal pattern character 'T'"),
            ("XXXX", "invalid ISO 8601 format: length=4"),
        ] {
            assert_eq!(DateFormat::parse(pattern).unwrap_err(), why);
        }
        assert!(DateFormat::parse(&"y".repeat(101)).is_err());
    }

    #[track_caller]
    fn reads(pattern: &str, text: &str, expected: Option<&str>) {
        let found = DateFormat::parse(pattern).unwrap().read(text);
        let iso = DateFormat::parse("yyyy-MM-dd'T'HH:mm:ss.SSS").unwrap();
        assert_eq!(found.map(|ms| iso.format(ms)).as_deref(), expected, "{pattern}: {text}");
    }

    #[test]
    fn texts_are_read_as_java_reads_them() {
        let iso = "yyyy-MM-dd'T'HH:mm:ss.SSSX";
        reads(iso, "2026-01-31T12:30:00.123Z", Some("2026-01-31T12:30:00.123"));
        reads(iso, "2026-01-31T12:30:00.123+02", Some("2026-01-31T10:30:00.123"));
        reads(iso, "2026-01-31T12:30:00.123", None);
        reads("yyyyMMddHHmmss", "20260131123000", Some("2026-01-31T12:30:00.000"));
        reads("yyyyMMdd", "2026013", Some("2026-01-03T00:00:00.000"));
        reads("yyyyMMdd", "20260", None);
        reads("yyyy-MM-dd", "2026-02-30 and more", Some("2026-03-02T00:00:00.000"));
        reads("yyyy-MM-dd", " 2026- 1-\t5", Some("2026-01-05T00:00:00.000"));
        reads("yyyy-MM-dd", "2026-1", None);
        reads("yyyy-MM-dd", "", None);
        reads(
            "EEE, dd MMM yyyy HH:mm:ss z",
            "Sat, 31 jan 2026 12:30:00 GMT",
            Some("2026-01-31T12:30:00.000"),
        );
        reads(
            "EEE, dd MMM yyyy HH:mm:ss z",
            "Sat, 31 Jan 2026 12:30:00 PST",
            Some("2026-01-31T20:30:00.000"),
        );
        reads("hh:mm a", "12:05 AM", Some("1970-01-01T00:05:00.000"));
        reads("hh:mm a", "12:05 pm", Some("1970-01-01T12:05:00.000"));
        reads("yyyy DDD", "2026 032", Some("2026-02-01T00:00:00.000"));
        reads("yyyy-MM-dd", "1582-10-10", Some("1582-10-20T00:00:00.000"));
    }
}
