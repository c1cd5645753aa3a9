//! Comparing values as conditions do: numbers by their value, whatever their types.

use std::cmp::Ordering;

use api::config::Report;
use api::data::{Decimal, Value};

/// A number to compare.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Numeric {
    Integer(i64),
    Float(f64),
    Decimal(Decimal),
}

/// The number of a value.
pub(crate) fn numeric(value: &Value) -> Option<Numeric> {
    Some(match value {
        Value::Int8(n) => Numeric::Integer((*n).into()),
        Value::Int16(n) => Numeric::Integer((*n).into()),
        Value::Int32(n) => Numeric::Integer((*n).into()),
        Value::Int64(n) | Value::Timestamp(n) => Numeric::Integer(*n),
        Value::Date(n) | Value::Time(n) => Numeric::Integer((*n).into()),
        Value::Float32(n) => Numeric::Float((*n).into()),
        Value::Float64(n) => Numeric::Float(*n),
        Value::Decimal(n) => Numeric::Decimal(n.clone()),
        _ => return None,
    })
}

impl Numeric {
    fn to_f64(&self) -> f64 {
        match self {
            Numeric::Integer(n) => *n as f64,
            Numeric::Float(n) => *n,
            Numeric::Decimal(n) => n.to_f64(),
        }
    }
}

/// The order of two numbers, exact unless a float takes part; `None` when one is not a number.
pub(crate) fn compare(left: &Numeric, right: &Numeric) -> Option<Ordering> {
    match (left, right) {
        (Numeric::Integer(left), Numeric::Integer(right)) => Some(left.cmp(right)),
        (Numeric::Decimal(left), Numeric::Decimal(right)) => Some(left.compare(right)),
        (Numeric::Decimal(left), Numeric::Integer(right)) => {
            Some(left.compare(&Decimal::from_i64(*right, 0)))
        }
        (Numeric::Integer(left), Numeric::Decimal(right)) => Some(Decimal::from_i64(*left, 0).compare(right)),
        _ => left.to_f64().partial_cmp(&right.to_f64()),
    }
}

/// A comparison's sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Sign {
    /// The sign that stands at the scanner.
    pub fn eat(scanner: &mut super::scanner::Scanner<'_>) -> Option<Self> {
        const SIGNS: [(&str, Sign); 6] = [
            ("==", Sign::Equal),
            ("!=", Sign::NotEqual),
            ("<=", Sign::LessOrEqual),
            (">=", Sign::GreaterOrEqual),
            ("<", Sign::Less),
            (">", Sign::Greater),
        ];
        SIGNS.into_iter().find(|(text, _)| scanner.eat(text)).map(|(_, sign)| sign)
    }

    /// Whether it holds for this order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Sign::Equal => order == Ordering::Equal,
            Sign::NotEqual => order != Ordering::Equal,
            Sign::Less => order == Ordering::Less,
            Sign::LessOrEqual => order != Ordering::Greater,
            Sign::Greater => order == Ordering::Greater,
            Sign::GreaterOrEqual => order != Ordering::Less,
        }
    }

    /// Whether it asks for equality only.
    pub fn is_equality(self) -> bool {
        matches!(self, Sign::Equal | Sign::NotEqual)
    }
}

/// Reports a condition that is not understood under its key.
pub(crate) fn report_syntax<T>(
    report: &mut Report,
    key: &str,
    text: &str,
    parsed: Result<T, super::scanner::SyntaxError>,
) {
    if let Err(error) = parsed {
        report.invalid(key, Some(text), &error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_decimals_are_compared_exactly() {
        // Both are the same float.
        let (less, more) = (9_007_199_254_740_992_i64, 9_007_199_254_740_993_i64);
        let decimal = |n: i64| Numeric::Decimal(Decimal::from_i64(n * 100, 2));
        let all = [(Numeric::Integer(less), Numeric::Integer(more)), (decimal(less), decimal(more))];
        for (one, _) in &all {
            for (_, other) in &all {
                assert_eq!(compare(one, other), Some(Ordering::Less));
                assert_eq!(compare(other, one), Some(Ordering::Greater));
            }
            assert_eq!(compare(one, &Numeric::Float(less as f64)), Some(Ordering::Equal));
            assert_eq!(compare(one, &Numeric::Float(f64::NAN)), None);
        }
        assert_eq!(compare(&all[0].0, &all[1].0), Some(Ordering::Equal));
    }
}
