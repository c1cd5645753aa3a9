//! Zones, and the rules that say which fields of which events are converted.

use chrono::{NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// A zone by its name or its offset from UTC.
#[derive(Debug, Clone, Copy)]
pub(super) enum Zone {
    Named(Tz),
    Offset(i32),
}

impl Zone {
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(seconds) = offset(text) {
            return Ok(Zone::Offset(seconds));
        }
        text.parse().map(Zone::Named).map_err(|_| {
            "Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC \
             offset in the format of +/-hh:mm, (e.g. +08:00)."
                .to_owned()
        })
    }

    /// Seconds east of UTC at a moment, given in UTC.
    pub fn offset_at(self, utc: NaiveDateTime) -> i32 {
        match self {
            Zone::Offset(seconds) => seconds,
            Zone::Named(zone) => zone.offset_from_utc_datetime(&utc).fix().local_minus_utc(),
        }
    }

    /// Seconds east of UTC when clocks there show this. Of an hour that comes twice it is the first; in one that does not
    /// come, what held before it.
    pub fn offset_when(self, wall: NaiveDateTime) -> i32 {
        let Zone::Named(zone) = self else {
            return self.offset_at(wall);
        };
        match zone.offset_from_local_datetime(&wall).earliest() {
            Some(offset) => offset.fix().local_minus_utc(),
            None => {
                let before = wall.checked_sub_signed(TimeDelta::days(1)).unwrap_or(wall);
                self.offset_at(before)
            }
        }
    }
}

// `+08:00`, `-03:30:15`; Java allows 18 hours.
fn offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let parts: Vec<&str> = text[1..].split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds = 0;
    for (part, unit) in parts.iter().zip([3600, 60, 1]) {
        let two_digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: i32 = two_digits.then(|| part.parse().ok())??;
        if unit < 3600 && number > 59 {
            return None;
        }
        seconds += number * unit;
    }
    (seconds <= 18 * 3600).then_some(sign * seconds)
}

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Table,
    Topic,
    Either,
}

/// `source:table[:field]`, `topic:name[:field]` or `name:field`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    of: Of,
    name: String,
    field: Option<String>,
}

impl Rule {
    /// All rules of a list. What one begins with, `source` or `topic`, holds for those after it that begin with neither:
    /// `source:orders,customers:at`.
    pub fn parse_all(list: &[String]) -> Result<Vec<Self>, String> {
        let mut of = None;
        let mut rules = Vec::with_capacity(list.len());
        for text in list {
            let rule = Self::parse(text, of)?;
            of = Some(rule.of).filter(|of| *of != Of::Either);
            rules.push(rule);
        }
        Ok(rules)
    }

    fn parse(text: &str, before: Option<Of>) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text} is not of the form source:<table>, source:<table>:<field>, topic:<topic>, topic:<topic>:<field> or \
                 <name>:<field>"
            )
        };
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(wrong());
        }
        let rule = |of, name: &str, field: Option<&str>| Rule {
            of,
            name: name.to_owned(),
            field: field.map(str::to_owned),
        };
        let of = |word: &str| match word.to_ascii_lowercase().as_str() {
            "source" => Some(Of::Table),
            "topic" => Some(Of::Topic),
            _ => None,
        };
        match parts[..] {
            [name] => before.map(|of| rule(of, name, None)).ok_or_else(wrong),
            [word, name] => match of(word) {
                Some(of) => Ok(rule(of, name, None)),
                None => Ok(rule(before.unwrap_or(Of::Either), word, Some(name))),
            },
            [word, name, field] => of(word).map(|of| rule(of, name, Some(field))).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// The fields that the rules name for an event: `None` when no rule is for it, empty when a rule is for all fields.
pub(super) fn fields_for<'a>(rules: &'a [Rule], topic: &str, table: Option<&str>) -> Option<Vec<&'a str>> {
    let tries =
        [(Of::Topic, Some(topic)), (Of::Table, table), (Of::Either, Some(topic)), (Of::Either, table)];
    tries.into_iter().find_map(|(of, name)| {
        let mut matching =
            rules.iter().filter(|rule| rule.of == of && Some(rule.name.as_str()) == name).peekable();
        matching.peek()?;
        Some(matching.filter_map(|rule| rule.field.as_deref()).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        for (text, seconds) in
            [("+08:00", 28_800), ("-03:30", -12_600), ("+00:00:10", 10), ("Asia/Kolkata", 19_800)]
        {
            assert_eq!(Zone::parse(text).unwrap().offset_at(NaiveDateTime::default()), seconds, "{text}");
        }
        for text in ["", "+8:00", "+19:00", "+08", "Mars/Olympus", "+08:60", "+é:00"] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(berlin.offset_when(at("2024-03-31 02:30")), 3600, "an hour that does not come");
        assert_eq!(berlin.offset_when(at("2024-10-27 02:30")), 7200, "an hour that comes twice");
    }

    #[test]
    fn rules() {
        let parse =
            |list: &[&str]| Rule::parse_all(&list.iter().copied().map(String::from).collect::<Vec<_>>());
        let rules = parse(&["b:z", "source:a", "topic:t:x", "topic:t:y"]).unwrap();
        assert_eq!(fields_for(&rules, "o", Some("a")), Some(vec![]));
        assert_eq!(fields_for(&rules, "t", Some("a")), Some(vec!["x", "y"]));
        assert_eq!(fields_for(&rules, "b", None), Some(vec!["z"]));
        assert_eq!(fields_for(&rules, "o", None), None);
        let both = parse(&["b:x", "db.b:y"]).unwrap();
        assert_eq!(fields_for(&both, "db.b", Some("b")), Some(vec!["y"]), "a topic comes before a table");
        let rules = parse(&["source:a", "b", "c:z", "topic:t", "d:y"]).unwrap();
        assert_eq!(fields_for(&rules, "o", Some("b")), Some(vec![]), "the table of the rule before");
        assert_eq!(fields_for(&rules, "c", None), None, "the table, and no topic");
        assert_eq!(fields_for(&rules, "d", None), Some(vec!["y"]));
        for wrong in ["a", "a:b:c", "source:", "a:b:c:d"] {
            assert!(parse(&[wrong]).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
