//! Dates, times and timestamps in the forms that literals have.

use std::io::Write;

use data::Value;

use crate::calendar::{DAY_MS, civil, clock, days};

const CANNOT_FAIL: &str = "a vector takes every text";

pub(crate) fn write_date(day: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(day);
    write!(out, "{year:04}-{month:02}-{day:02}").expect(CANNOT_FAIL);
}

pub(crate) fn write_time(ms: i64, out: &mut Vec<u8>) {
    let (hour, minute, second, ms) = clock(ms);
    write!(out, "{hour:02}:{minute:02}:{second:02}.{ms:03}Z").expect(CANNOT_FAIL);
}

pub(crate) fn write_timestamp(ms: i64, out: &mut Vec<u8>) {
    write_date(ms.div_euclid(DAY_MS), out);
    out.push(b'T');
    write_time(ms.rem_euclid(DAY_MS), out);
}

/// The value of a text that is wholly a date, a time or a timestamp.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let unescaped;
    let text = match text.contains("\\:") {
        true => {
            unescaped = text.replace("\\:", ":");
            &unescaped
        }
        false => text,
    };
    match text.len() {
        10 => Some(Value::Date(i32::try_from(date(text)?).ok()?)),
        13 => Some(Value::Time(i32::try_from(time(text)?).ok()?)),
        24 => {
            let (date_part, time_part) = text.split_once('T')?;
            Some(Value::Timestamp(date(date_part)? * DAY_MS + time(time_part)?))
        }
        _ => None,
    }
}

fn date(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, "0000-00-00", [4, 2, 2])?;
    days(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

fn time(text: &str) -> Option<i64> {
    let [hour, minute, second, ms] = numbers(text, "00:00:00.000Z", [2, 2, 2, 3])?;
    (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1000 + ms)
}

// The numbers of a text that has digits where the form has, and the form's other characters between them.
fn numbers<const N: usize>(text: &str, form: &str, lengths: [usize; N]) -> Option<[i64; N]> {
    let fits = |(found, expected): (u8, u8)| match expected {
        b'0' => found.is_ascii_digit(),
        _ => found == expected,
    };
    if text.len() != form.len() || !text.bytes().zip(form.bytes()).all(fits) {
        return None;
    }
    let mut position = 0;
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        *number = text.get(position..position + length)?.parse().ok()?;
        position += length + 1;
    }
    Some(numbers)
}
