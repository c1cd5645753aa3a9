//! Plugin versions and the ranges that `*.plugin.version` keys ask for, in Maven's notation.

use std::cmp::Ordering;

/// Whether the text is a version, a range, or `latest`.
///
/// # Errors
/// What is wrong with it.
pub fn check_requirement(requirement: &str) -> Result<(), String> {
    Requirement::parse(requirement).map(drop)
}

/// Whether a version is among those asked for.
///
/// # Errors
/// The requirement cannot be read.
pub fn is_met(requirement: &str, version: &str) -> Result<bool, String> {
    Ok(Requirement::parse(requirement)?.includes(version))
}

// Any of these ranges; none at all is "latest".
struct Requirement(Vec<Range>);

struct Range {
    low: Option<(String, bool)>,
    high: Option<(String, bool)>,
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text == "latest" {
            return Ok(Self(Vec::new()));
        }
        if !text.starts_with(['[', '(']) {
            if text.contains([',', ']', ')', '[', '(']) {
                return Err(format!("Range unparsable: {text}; write [1.0,2.0), or a version alone"));
            }
            // A version alone is exactly that version.
            return Ok(Self(vec![Range::exactly(text)]));
        }
        let mut ranges = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let open = rest.starts_with('[');
            let unbounded = || format!("Unbounded range: {text}; a range ends with ] or )");
            if !rest.starts_with(['[', '(']) {
                return Err(format!("Range unparsable: {text}; ranges are separated by commas"));
            }
            let end = rest.find([']', ')']).ok_or_else(unbounded)?;
            ranges.push(Range::parse(&rest[1..end], open, rest[end..].starts_with(']'), text)?);
            rest = rest[end + 1..].trim_start();
            rest = rest.strip_prefix(',').map_or(rest, str::trim_start);
        }
        Ok(Self(ranges))
    }

    fn includes(&self, version: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|range| range.includes(version))
    }
}

impl Range {
    fn exactly(version: &str) -> Self {
        Self { low: Some((version.to_owned(), true)), high: Some((version.to_owned(), true)) }
    }

    fn parse(inside: &str, low_included: bool, high_included: bool, text: &str) -> Result<Self, String> {
        let Some((low, high)) = inside.split_once(',') else {
            return match low_included && high_included && !inside.trim().is_empty() {
                true => Ok(Self::exactly(inside.trim())),
                false => Err(format!("Single version must be surrounded by []: {text}")),
            };
        };
        let bound = |bound: &str, included| {
            let bound = bound.trim();
            (!bound.is_empty()).then(|| (bound.to_owned(), included))
        };
        let range = Self { low: bound(low, low_included), high: bound(high, high_included) };
        if let (Some((low, _)), Some((high, _))) = (&range.low, &range.high)
            && compare(low, high) == Ordering::Greater
        {
            return Err(format!("Range defies version ordering: {text}"));
        }
        Ok(range)
    }

    fn includes(&self, version: &str) -> bool {
        let above = self.low.as_ref().is_none_or(|(low, included)| match compare(version, low) {
            Ordering::Greater => true,
            Ordering::Equal => *included,
            Ordering::Less => false,
        });
        above
            && self.high.as_ref().is_none_or(|(high, included)| match compare(version, high) {
                Ordering::Less => true,
                Ordering::Equal => *included,
                Ordering::Greater => false,
            })
    }
}

/// Maven's order: numbers by value, missing parts are 0, a qualifier such as `rc` comes before the release.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (parts(left), parts(right));
    let nothing = Part::Number(0);
    for index in 0..left.len().max(right.len()) {
        let ordering = left.get(index).unwrap_or(&nothing).rank(right.get(index).unwrap_or(&nothing));
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

enum Part {
    Number(u64),
    Word(String),
}

impl Part {
    fn rank(&self, other: &Part) -> Ordering {
        match (self, other) {
            (Part::Number(left), Part::Number(right)) => left.cmp(right),
            (Part::Word(left), Part::Word(right)) => word_rank(left).cmp(&word_rank(right)),
            (Part::Word(word), Part::Number(number)) => match number {
                0 => word_rank(word).cmp(&word_rank("")),
                _ => Ordering::Less,
            },
            (Part::Number(_), Part::Word(_)) => other.rank(self).reverse(),
        }
    }
}

fn word_rank(word: &str) -> (usize, &str) {
    const KNOWN: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
    let word = match word {
        "a" => "alpha",
        "b" => "beta",
        "m" => "milestone",
        "cr" => "rc",
        "ga" | "final" | "release" => "",
        word => word,
    };
    match KNOWN.iter().position(|known| *known == word) {
        Some(position) => (position, ""),
        None => (KNOWN.len(), word),
    }
}

fn parts(version: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in version.split(['.', '-', '_', '+']) {
        let mut rest = piece;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|char: char| char.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            parts.push(match part.parse() {
                Ok(number) if digits => Part::Number(number),
                _ => Part::Word(part.to_ascii_lowercase()),
            });
            rest = after;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, met: &[&str], not_met: &[&str]) {
        for version in met {
            assert_eq!(is_met(requirement, version), Ok(true), "{requirement} {version}");
        }
        for version in not_met {
            assert_eq!(is_met(requirement, version), Ok(false), "{requirement} {version}");
        }
    }

    #[test]
    fn ranges_are_mavens() {
        check("latest", &["0.1.0"], &[]);
        check("1.0", &["1.0", "1.0.0"], &["1.0.1", "0.9", "1.0-rc1"]);
        check("[1.0]", &["1.0"], &["1.1"]);
        check("[1.0,2.0)", &["1.0", "1.99.9"], &["2.0", "0.9", "1.0-SNAPSHOT"]);
        check("(,1.0]", &["0.1.0", "1.0"], &["1.0.1"]);
        check("(,1.0],[1.2,)", &["0.1", "1.2", "4.3.1"], &["1.1"]);
        check("[4.3.1,)", &["4.10.0"], &["4.3.0"]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["[1.0", "1.0,2.0", "(1.0)", "[2.0,1.0]", "[1.0]x", "[]"] {
            assert!(check_requirement(text).is_err(), "{text}");
        }
    }
}
