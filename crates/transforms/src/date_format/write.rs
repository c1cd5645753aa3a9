//! Moments as text.

use std::fmt::Write;

use super::fields::Fields;
use super::names::{ERAS, HALVES, MONTHS, WEEKDAYS, short};
use super::{DateFormat, Part};

impl DateFormat {
    /// The text of a moment, in milliseconds since the epoch.
    pub fn format(&self, ms: i64) -> String {
        let mut text = String::new();
        self.write(ms, &mut text);
        text
    }

    /// Appends the text of a moment.
    pub fn write(&self, ms: i64, out: &mut String) {
        let fields = Fields::of(ms);
        for part in &self.parts {
            match part {
                Part::Text(plain) => out.push_str(plain),
                Part::Field(letter, count) => field(&fields, *letter, *count, out),
            }
        }
    }
}

fn field(fields: &Fields, letter: char, count: usize, out: &mut String) {
    let year = fields.year;
    // Java counts years before the first as years of the era before it.
    let year_of_era = if year > 0 { year } else { 1 - year };
    let month = MONTHS[fields.month as usize - 1];
    let weekday = WEEKDAYS[fields.weekday() as usize - 1];
    let number = match (letter, count) {
        ('G', _) => return out.push_str(ERAS[usize::from(year > 0)]),
        ('y', 2) => year_of_era % 100,
        ('y', _) => year_of_era,
        ('Y', 2) => fields.week_year() % 100,
        ('Y', _) => fields.week_year(),
        ('M' | 'L', 3) => return out.push_str(short(month)),
        ('M' | 'L', 4..) => return out.push_str(month),
        ('M' | 'L', _) => fields.month.into(),
        ('w', _) => fields.week_of_year(),
        ('W', _) => fields.week_of_month(),
        ('D', _) => fields.day_of_year(),
        ('d', _) => fields.day.into(),
        ('F', _) => fields.weekday_in_month(),
        ('E', 4..) => return out.push_str(weekday),
        ('E', _) => return out.push_str(short(weekday)),
        ('u', _) => (fields.weekday() + 5) % 7 + 1,
        ('a', _) => return out.push_str(HALVES[usize::from(fields.hour >= 12)]),
        ('H', _) => fields.hour,
        ('k', _) => (fields.hour + 23) % 24 + 1,
        ('K', _) => fields.hour % 12,
        ('h', _) => (fields.hour + 11) % 12 + 1,
        ('m', _) => fields.minute,
        ('s', _) => fields.second,
        ('S', _) => fields.ms,
        ('z', 4..) => return out.push_str("Coordinated Universal Time"),
        ('z', _) => return out.push_str("UTC"),
        ('Z', _) => return out.push_str("+0000"),
        _ => return out.push('Z'),
    };
    let sign = if number < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{:0count$}", number.unsigned_abs()); // a String takes every text
}
