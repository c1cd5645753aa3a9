//! English names of months, weekdays and time zones.

pub(super) use literal::calendar::{MONTHS, WEEKDAYS};

pub(super) const HALVES: [&str; 2] = ["AM", "PM"];

pub(super) const ERAS: [&str; 2] = ["BC", "AD"];

/// Names of time zones that are read, and their minutes east of UTC. Where a short name has several meanings it is the one
/// that Java chooses.
pub(super) const ZONES: [(&str, i32); 32] = [
    ("UTC", 0),
    ("Coordinated Universal Time", 0),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("IST", 120),
    ("MSK", 180),
    ("SGT", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AST", -240),
    ("ADT", -180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("Eastern Standard Time", -300),
    ("Central Standard Time", -360),
    ("Mountain Standard Time", -420),
    ("Pacific Standard Time", -480),
];

/// The first three letters: the short name of a month or weekday.
pub(super) fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}

/// Whether the text begins with the name, in any case; and its length then.
pub(super) fn begins_with(text: &[u8], name: &str) -> Option<usize> {
    text.get(..name.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()))
        .then_some(name.len())
}
