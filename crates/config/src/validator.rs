//! Checks of one value, with Kafka's wording.

use crate::Parsed;

/// What a key refuses, beyond its type.
#[derive(Debug, Clone)]
pub enum Validator {
    /// A number in these bounds, both inclusive.
    Range {
        /// Smallest.
        min: Option<f64>,
        /// Largest.
        max: Option<f64>,
    },
    /// One of these texts, exactly.
    OneOf(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfIgnoringCase(&'static [&'static str]),
    /// Each item of a list is one of these texts.
    ItemsOf(&'static [&'static str]),
    /// Not the empty text (nothing at all is for the default to decide).
    NonEmpty,
    /// Each of these, in order; all problems are reported.
    All(&'static [Validator]),
    /// Anything else: a pure function that says why a value is refused.
    With(fn(&Parsed) -> Result<(), String>),
}

impl Validator {
    /// A smallest value, inclusive.
    pub const fn at_least(min: f64) -> Self {
        Validator::Range { min: Some(min), max: None }
    }

    /// Bounds, both inclusive.
    pub const fn between(min: f64, max: f64) -> Self {
        Validator::Range { min: Some(min), max: Some(max) }
    }

    /// Why a value is refused; none: it is not. A value that is missing or could not be parsed is `None`.
    pub fn problems(&self, value: Option<&Parsed>) -> Vec<String> {
        match self {
            Validator::All(all) => all.iter().flat_map(|validator| validator.problems(value)).collect(),
            _ => self.problem(value).into_iter().collect(),
        }
    }

    fn problem(&self, value: Option<&Parsed>) -> Option<String> {
        match (self, value) {
            (Validator::Range { .. }, None) => Some("Value must be non-null".to_owned()),
            (Validator::Range { min, max }, Some(value)) => {
                let number = number_of(value)?;
                match (min, max) {
                    (Some(min), _) if number < *min => Some(format!("Value must be at least {min}")),
                    (_, Some(max)) if number > *max => Some(format!("Value must be no more than {max}")),
                    _ => None,
                }
            }
            (Validator::OneOf(known), Some(Parsed::String(text) | Parsed::Class(text))) => (!known
                .contains(&text.as_str()))
            .then(|| format!("String must be one of: {}", known.join(", "))),
            (Validator::OneOfIgnoringCase(known), Some(Parsed::String(text))) => {
                (!known.iter().any(|one| one.eq_ignore_ascii_case(text)))
                    .then(|| format!("String must be one of (case insensitive): {}", known.join(", ")))
            }
            (Validator::ItemsOf(known), Some(Parsed::List(items))) => items
                .iter()
                .any(|item| !known.contains(&item.as_str()))
                .then(|| format!("String must be one of: {}", known.join(", "))),
            (Validator::NonEmpty, Some(Parsed::String(text))) if text.is_empty() => {
                Some("String must be non-empty".to_owned())
            }
            (Validator::With(check), Some(value)) => check(value).err(),
            _ => None,
        }
    }

    /// The texts to choose from, when the check is a list of them.
    pub fn choices(&self) -> &'static [&'static str] {
        match self {
            Validator::OneOf(known) | Validator::OneOfIgnoringCase(known) | Validator::ItemsOf(known) => {
                known
            }
            _ => &[],
        }
    }

    /// The check in words, for documentation tables.
    pub fn describe(&self) -> String {
        match self {
            Validator::Range { min: Some(min), max: Some(max) } => format!("{min} to {max}"),
            Validator::Range { min: Some(min), .. } => format!("at least {min}"),
            Validator::Range { max: Some(max), .. } => format!("at most {max}"),
            Validator::Range { .. } | Validator::With(_) => String::new(),
            Validator::OneOf(known) | Validator::OneOfIgnoringCase(known) | Validator::ItemsOf(known) => {
                known.join(", ")
            }
            Validator::NonEmpty => "not empty".to_owned(),
            Validator::All(all) => {
                let parts: Vec<_> =
                    all.iter().map(Validator::describe).filter(|text| !text.is_empty()).collect();
                parts.join("; ")
            }
        }
    }
}

fn number_of(value: &Parsed) -> Option<f64> {
    match value {
        Parsed::Short(number) => Some((*number).into()),
        Parsed::Int(number) => Some((*number).into()),
        Parsed::Long(number) => Some(*number as f64),
        Parsed::Double(number) => Some(*number),
        _ => None,
    }
}
