//! Texts parsed by Kafka's rules (`ConfigDef.parseType`).

use crate::{HIDDEN, Secret, Type};

/// A value of one of Kafka's config types.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// BOOLEAN.
    Boolean(bool),
    /// STRING.
    String(String),
    /// SHORT.
    Short(i16),
    /// INT.
    Int(i32),
    /// LONG.
    Long(i64),
    /// DOUBLE.
    Double(f64),
    /// LIST.
    List(Vec<String>),
    /// CLASS: a name; whether there is such a plugin is for the catalog to say.
    Class(String),
    /// PASSWORD.
    Password(Secret),
}

/// Java's `String.trim`: everything up to the blank, control characters included, and no other white space.
fn trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

impl Parsed {
    /// Parses a text.
    ///
    /// # Errors
    /// Kafka's reason, the part after `Invalid value V for configuration K: `.
    pub fn parse(value_type: Type, text: &str) -> Result<Parsed, &'static str> {
        let trimmed = trim(text);
        Ok(match value_type {
            Type::Boolean if trimmed.eq_ignore_ascii_case("true") => Parsed::Boolean(true),
            Type::Boolean if trimmed.eq_ignore_ascii_case("false") => Parsed::Boolean(false),
            Type::Boolean => return Err("Expected value to be either true or false"),
            Type::String => Parsed::String(trimmed.to_owned()),
            Type::Short => Parsed::Short(trimmed.parse().map_err(|_| "Not a number of type SHORT")?),
            Type::Int => Parsed::Int(trimmed.parse().map_err(|_| "Not a number of type INT")?),
            Type::Long => Parsed::Long(trimmed.parse().map_err(|_| "Not a number of type LONG")?),
            Type::Double => Parsed::Double(trimmed.parse().map_err(|_| "Not a number of type DOUBLE")?),
            Type::List if trimmed.is_empty() => Parsed::List(Vec::new()),
            Type::List => Parsed::List(trimmed.split(',').map(|item| trim(item).to_owned()).collect()),
            Type::Class => Parsed::Class(trimmed.to_owned()),
            // A password keeps its blanks: Kafka does not trim it.
            Type::Password => Parsed::Password(Secret::new(text)),
        })
    }

    /// The text that answers show: lists joined by commas, passwords hidden.
    pub fn shown(&self) -> String {
        match self {
            Parsed::Boolean(value) => value.to_string(),
            Parsed::String(text) | Parsed::Class(text) => text.clone(),
            Parsed::Short(number) => number.to_string(),
            Parsed::Int(number) => number.to_string(),
            Parsed::Long(number) => number.to_string(),
            Parsed::Double(number) => java_double(*number),
            Parsed::List(items) => items.join(","),
            Parsed::Password(_) => HIDDEN.to_owned(),
        }
    }
}

impl Parsed {
    /// The text that Kafka's errors show: as [`Self::shown`], but a list stands in brackets.
    pub(crate) fn in_errors(&self) -> String {
        match self {
            Parsed::List(items) => format!("[{}]", items.join(", ")),
            other => other.shown(),
        }
    }
}

/// `Double.toString` for the plain range, which is what configs hold.
fn java_double(number: f64) -> String {
    match number == number.trunc() && number.abs() < 1e7 {
        true => format!("{number:.1}"),
        false => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_as_kafka() {
        assert_eq!(Parsed::parse(Type::Boolean, " TRUE "), Ok(Parsed::Boolean(true)));
        assert_eq!(Parsed::parse(Type::Int, " 12 "), Ok(Parsed::Int(12)));
        assert_eq!(Parsed::parse(Type::Int, "+5"), Ok(Parsed::Int(5)));
        assert_eq!(Parsed::parse(Type::Int, "1.0"), Err("Not a number of type INT"));
        assert_eq!(Parsed::parse(Type::Short, "40000"), Err("Not a number of type SHORT"));
        assert_eq!(Parsed::parse(Type::List, " "), Ok(Parsed::List(vec![])));
        assert_eq!(Parsed::parse(Type::List, "a, b"), Ok(Parsed::List(vec!["a".into(), "b".into()])));
        assert_eq!(Parsed::parse(Type::Password, " x ").unwrap().shown(), HIDDEN);
        assert_eq!(Parsed::Double(1.0).shown(), "1.0");
    }
}
