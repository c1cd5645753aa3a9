//! Patterns of `java.text.SimpleDateFormat`, in UTC.

use literal::calendar::{DAY_MS, civil, clock};

/// A pattern of the letters `y M d H m s S`, text in single quotes, and other characters as they are.
#[derive(Debug)]
pub(crate) struct DateFormat(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    /// A letter, and how often it stands there.
    Field(char, usize),
}

impl DateFormat {
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
                'y' | 'M' | 'd' | 'H' | 'm' | 's' | 'S' => {
                    let mut count = 1;
                    while rest.next_if_eq(&character).is_some() {
                        count += 1;
                    }
                    parts.push(Part::Field(character, count));
                }
                'a'..='z' | 'A'..='Z' => {
                    return Err(format!(
                        "Illegal pattern character '{character}': supported are y, M, d, H, m, s, S, and text in single \
                         quotes"
                    ));
                }
                other => parts.push(Part::Text(other.to_string())),
            }
        }
        Ok(Self(parts))
    }

    /// The text of a moment, in milliseconds since the epoch.
    pub fn format(&self, ms: i64) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (year, month, day) = civil(ms.div_euclid(DAY_MS));
        let (hour, minute, second, fraction) = clock(ms.rem_euclid(DAY_MS));
        // Java counts years before the first as years of the era before it.
        let year = if year > 0 { year } else { 1 - year };
        let month_name = MONTHS[month as usize - 1];
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Field('y', 2) => text.push_str(&format!("{:02}", year % 100)),
                Part::Field('y', width) => text.push_str(&format!("{year:0width$}")),
                Part::Field('M', 3) => text.push_str(&month_name[..3]),
                Part::Field('M', width) if *width > 3 => text.push_str(month_name),
                Part::Field('M', width) => text.push_str(&format!("{month:0width$}")),
                Part::Field('d', width) => text.push_str(&format!("{day:0width$}")),
                Part::Field('H', width) => text.push_str(&format!("{hour:0width$}")),
                Part::Field('m', width) => text.push_str(&format!("{minute:0width$}")),
                Part::Field('s', width) => text.push_str(&format!("{second:0width$}")),
                Part::Field(_, width) => text.push_str(&format!("{fraction:0width$}")),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_formats() {
        let moment = 1_767_225_600_001 + 3_723_000;
        for (pattern, text) in [
            ("yyyyMMdd", "20260101"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2026-01-01T01:02:03.001Z"),
            ("yy-M-d H", "26-1-1 1"),
            ("d MMM yyyy, MMMM", "1 Jan 2026, January"),
            ("''yyyy'o''clock'", "'2026o'clock"),
            ("", ""),
        ] {
            assert_eq!(DateFormat::parse(pattern).unwrap().format(moment), text, "{pattern}");
        }
        assert_eq!(DateFormat::parse("yyyy-MM-dd HH:mm").unwrap().format(-1), "1969-12-31 23:59");
        for pattern in ["'x", "yyyy-ww", "T"] {
            assert!(DateFormat::parse(pattern).is_err(), "{pattern}");
        }
    }
}
