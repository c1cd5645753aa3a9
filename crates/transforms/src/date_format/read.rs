//! Moments of texts, as leniently as Java reads them.
//!
//! Blanks before a field are skipped, names are read in any case, numbers may be longer or shorter than their letters (but
//! not where another number follows directly) and out of their range, and the text may go on behind the pattern.

use super::given::{Given, Slot};
use super::names::{ERAS, HALVES, MONTHS, WEEKDAYS, ZONES, begins_with, short};
use super::{DateFormat, Part};

impl DateFormat {
    /// The moment of a text, in milliseconds since the epoch; `None` when the text does not fit the pattern.
    pub fn read(&self, text: &str) -> Option<i64> {
        let text = text.as_bytes();
        let mut given = Given::new();
        let mut at = 0;
        for (index, part) in self.parts.iter().enumerate() {
            at = match part {
                Part::Text(plain) => {
                    text.get(at..)?.starts_with(plain.as_bytes()).then_some(at + plain.len())?
                }
                Part::Field(letter, count) => {
                    // Where a number follows directly, this one has as many characters as letters.
                    let bounded = match self.parts.get(index + 1) {
                        Some(Part::Field('M' | 'L', count)) => *count <= 2,
                        Some(Part::Field(letter, _)) => "ydkHmsSDFwWhKYu".contains(*letter),
                        _ => false,
                    };
                    field(text, at, *letter, *count, bounded, &mut given)?
                }
            };
        }
        // A pattern of nothing fits nothing: Java calls a text that moves it nowhere unparseable.
        (at > 0).then(|| given.moment())
    }
}

// Reads a field and says where it ends.
fn field(
    text: &[u8],
    start: usize,
    letter: char,
    count: usize,
    bounded: bool,
    given: &mut Given,
) -> Option<usize> {
    let begin = start + text.get(start..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if begin >= text.len() {
        return None;
    }
    let slot = match letter {
        'G' => return name(text, start, &ERAS, |_| "", Slot::Era, 0, given),
        'a' => return name(text, start, &HALVES, |_| "", Slot::Half, 0, given),
        'E' => return name(text, start, &WEEKDAYS, short, Slot::Weekday, 1, given),
        'M' | 'L' if count > 2 => return name(text, start, &MONTHS, short, Slot::Month, 0, given),
        'z' | 'Z' => return zone(text, start, begin, given),
        'X' => return iso_zone(text, begin, count, given),
        'M' | 'L' => Slot::Month,
        'y' => Slot::Year,
        'Y' => Slot::WeekYear,
        'w' => Slot::WeekOfYear,
        'W' => Slot::WeekOfMonth,
        'D' => Slot::DayOfYear,
        'd' => Slot::Day,
        'F' => Slot::WeekdayInMonth,
        'u' => Slot::Weekday,
        'H' | 'k' => Slot::HourOfDay,
        'K' | 'h' => Slot::Hour,
        'm' => Slot::Minute,
        's' => Slot::Second,
        _ => Slot::Millisecond,
    };
    let end = if bounded { Some(start + count).filter(|end| *end <= text.len())? } else { text.len() };
    let (value, length) = number(text.get(begin..end)?)?;
    let value = match letter {
        'M' | 'L' => value.wrapping_sub(1),
        'k' if value == 24 => 0,
        'h' if value == 12 => 0,
        'y' | 'Y' if count <= 2 && length == 2 && text[begin].is_ascii_digit() => given.century(value),
        // Monday is 1, and what is no weekday stays what it is.
        'u' if value == 7 => 1,
        'u' if (1..7).contains(&value) => value + 1,
        _ => value,
    };
    given.set(slot, value);
    Some(begin + length)
}

// A whole number with its sign: the value as Java narrows it, and its length.
fn number(text: &[u8]) -> Option<(i32, usize)> {
    let sign = usize::from(text.first() == Some(&b'-'));
    let digits = text.get(sign..)?.iter().take_while(|byte| byte.is_ascii_digit());
    let mut length = sign;
    let mut value: Option<i64> = Some(0);
    for digit in digits {
        value = value.and_then(|value| value.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
        length += 1;
    }
    if length == sign {
        return None;
    }
    let value = match (value, sign) {
        (Some(value), 0) => value as i32,
        (Some(value), _) => value.wrapping_neg() as i32,
        (None, 0) => i32::MAX,
        (None, _) => i32::MIN,
    };
    Some((value, length))
}

// The longest name that stands here; its number is its place in the list plus `first`.
fn name(
    text: &[u8],
    start: usize,
    names: &[&'static str],
    other: fn(&'static str) -> &'static str,
    slot: Slot,
    first: i32,
    given: &mut Given,
) -> Option<usize> {
    let rest = text.get(start..)?;
    let lengths = names.iter().zip(first..).flat_map(|(name, number)| {
        [*name, other(name)].into_iter().filter_map(move |name| Some((begins_with(rest, name)?, number)))
    });
    let (length, number) = lengths.max_by_key(|(length, _)| *length).filter(|(length, _)| *length > 0)?;
    given.set(slot, number);
    Some(start + length)
}

fn zone(text: &[u8], start: usize, begin: usize, given: &mut Given) -> Option<usize> {
    let sign_of = |at: usize| match text.get(at) {
        Some(b'+') => Some(1),
        Some(b'-') => Some(-1),
        _ => None,
    };
    if let Some(sign) = sign_of(begin) {
        return offset(text, begin + 1, sign, 0, false, given);
    }
    if let Some(length) = begins_with(text.get(start..)?, "GMT") {
        let end = start + length;
        return match sign_of(end) {
            Some(sign) => offset(text, end + 1, sign, 0, true, given),
            None => {
                given.set_zone(0);
                Some(end)
            }
        };
    }
    let rest = text.get(begin..)?;
    let known = ZONES.iter().filter_map(|(name, minutes)| Some((begins_with(rest, name)?, *minutes)));
    let (length, minutes) = known.max_by_key(|(length, _)| *length)?;
    // The pattern's own zone changes nothing, not even an offset that was read before.
    if minutes != 0 {
        given.set_zone(minutes);
    }
    Some(begin + length)
}

fn iso_zone(text: &[u8], begin: usize, count: usize, given: &mut Given) -> Option<usize> {
    let sign = match text.get(begin)? {
        b'Z' => {
            given.set_zone(0);
            return Some(begin + 1);
        }
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    offset(text, begin + 1, sign, count, count == 3, given)
}

// Hours and, unless `count` is 1, minutes; with a colon the hours may have one digit when no `count` is asked for.
fn offset(text: &[u8], at: usize, sign: i32, count: usize, colon: bool, given: &mut Given) -> Option<usize> {
    let digit = |at: usize| Some(i32::from(text.get(at).filter(|byte| byte.is_ascii_digit())? - b'0'));
    let mut end = at + 1;
    let mut hours = digit(at)?;
    // Java looks at the next character before it knows whether it needs it.
    text.get(end)?;
    match digit(end) {
        Some(second) => {
            hours = hours * 10 + second;
            end += 1;
        }
        None if count > 0 || !colon => return None,
        None => {}
    }
    if hours > 23 {
        return None;
    }
    let mut minutes = 0;
    if count != 1 {
        if colon {
            text.get(end).filter(|byte| **byte == b':')?;
            end += 1;
        }
        minutes = digit(end)? * 10 + digit(end + 1)?;
        end += 2;
        if minutes > 59 {
            return None;
        }
    }
    given.set_zone((hours * 60 + minutes) * sign);
    Some(end)
}
