//! Texts of moments, by patterns of `java.text.SimpleDateFormat`.

use literal::calendar::{DAY_MS, days};

/// A pattern of the letters `y M d H m s S Z X`, text in single quotes, and other characters as they are.
#[derive(Debug)]
pub(super) struct DateParser(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A letter, and how often it stands there.
    Field(char, usize),
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl DateParser {
    pub fn new(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
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
                'y' | 'M' | 'd' | 'H' | 'm' | 's' | 'S' | 'Z' | 'X' => {
                    let mut count = 1;
                    while rest.next_if_eq(&character).is_some() {
                        count += 1;
                    }
                    parts.push(Part::Field(character, count));
                }
                'a'..='z' | 'A'..='Z' => {
                    return Err(format!(
                        "Illegal pattern character '{character}': supported are y, M, d, H, m, s, S, Z, X, and text in \
                         single quotes"
                    ));
                }
                other => parts.push(Part::Text(other.to_string())),
            }
        }
        Ok(Self(parts))
    }

    /// Milliseconds since the epoch; what is not said is that of 1970-01-01T00:00 UTC. Text behind the moment does not
    /// matter. `None`: the text does not begin as the pattern says, or there is no such moment.
    pub fn parse(&self, text: &str) -> Option<i64> {
        let (mut year, mut month, mut day, mut of_day, mut zone) = (1970_i64, 1_i64, 1_i64, 0_i64, 0_i64);
        let mut rest = text;
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(plain) => rest = rest.strip_prefix(plain.as_str())?,
                Part::Field('M', count) if *count > 2 => {
                    let name: String = rest.chars().take(3).collect::<String>().to_ascii_lowercase();
                    month = MONTHS.iter().position(|known| *known == name)? as i64 + 1;
                    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                    rest = &rest[end..];
                }
                Part::Field('Z' | 'X', _) => (zone, rest) = offset(rest)?,
                Part::Field(letter, count) => {
                    // Digits that follow each other are told apart by the pattern's width.
                    let adjacent =
                        matches!(self.0.get(index + 1), Some(Part::Field(next, _)) if !"ZX".contains(*next));
                    let width = if adjacent { *count } else { 18 };
                    let digits = rest.bytes().take(width).take_while(u8::is_ascii_digit).count();
                    let number: i64 = rest[..digits].parse().ok()?;
                    rest = &rest[digits..];
                    match letter {
                        'y' if *count == 2 && digits == 2 => {
                            year = if number < 70 { 2000 + number } else { 1900 + number }
                        }
                        'y' => year = number,
                        'M' => month = number,
                        'd' => day = number,
                        'H' => of_day = of_day.checked_add(number.checked_mul(3_600_000)?)?,
                        'm' => of_day = of_day.checked_add(number.checked_mul(60_000)?)?,
                        's' => of_day = of_day.checked_add(number.checked_mul(1000)?)?,
                        _ => of_day = of_day.checked_add(number)?,
                    }
                }
            }
        }
        if !(0..=9_999_999).contains(&year) {
            return None;
        }
        let date = days(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        date.checked_mul(DAY_MS)?.checked_add(of_day)?.checked_sub(zone)
    }
}

// `Z`, `+01`, `+0100` or `+01:00`, in milliseconds, and what follows.
fn offset(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some((0, rest));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| -> Option<i64> {
        let digits = text.get(at..at + 2)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let hours = two(1)?;
    let colon = usize::from(text.as_bytes().get(3) == Some(&b':'));
    let (minutes, end) = match two(3 + colon) {
        Some(minutes) => (minutes, 5 + colon),
        None => (0, 3),
    };
    Some((sign * (hours * 60 + minutes) * 60_000, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_parses() {
        for (pattern, text, ms) in [
            ("yyyy-MM-dd", "2026-01-02", Some(1_767_312_000_000)),
            ("yyyyMMdd", "20260102", Some(1_767_312_000_000)),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2026-01-02T01:00:00.001+01:00", Some(1_767_312_000_001)),
            ("d MMM yyyy", "2 Jan 2026", Some(1_767_312_000_000)),
            ("yy", "26", Some(1_767_225_600_000)),
            ("yyyy", "2026-01", Some(1_767_225_600_000)),
            ("yyyy-MM-dd", "2026-02-30", None),
            ("yyyy-MM-dd", "x", None),
            ("X", "+é", None),
            ("ss", "999999999999999999", None),
        ] {
            assert_eq!(DateParser::new(pattern).unwrap().parse(text), ms, "{pattern} {text}");
        }
        assert!(DateParser::new("ww").is_err());
    }
}
