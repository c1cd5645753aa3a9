//! Texts, numbers, enumerations.

use serde_json::Value;

use super::Difference;
use super::walk::Walk;
use crate::model::{Number, Text};

/// An upper limit: removing or raising it is allowed.
pub(super) fn upper(
    walk: &mut Walk<'_>,
    old: Option<f64>,
    new: Option<f64>,
    keyword: &str,
    (added, decreased): (Difference, Difference),
) {
    match (old, new) {
        (None, Some(_)) => walk.at(keyword, |walk| walk.add(added)),
        (Some(old), Some(new)) if new < old => walk.at(keyword, |walk| walk.add(decreased)),
        _ => {}
    }
}

/// A lower limit: removing or lowering it is allowed.
pub(super) fn lower(
    walk: &mut Walk<'_>,
    old: Option<f64>,
    new: Option<f64>,
    keyword: &str,
    (added, increased): (Difference, Difference),
) {
    match (old, new) {
        (None, Some(_)) => walk.at(keyword, |walk| walk.add(added)),
        (Some(old), Some(new)) if new > old => walk.at(keyword, |walk| walk.add(increased)),
        _ => {}
    }
}

pub(super) fn text(walk: &mut Walk<'_>, old: &Text, new: &Text) {
    use Difference as D;
    upper(walk, old.max, new.max, "maxLength", (D::MaxLengthAdded, D::MaxLengthDecreased));
    lower(walk, old.min, new.min, "minLength", (D::MinLengthAdded, D::MinLengthIncreased));
    match (&old.pattern, &new.pattern) {
        (None, Some(_)) => walk.at("pattern", |walk| walk.add(D::PatternAdded)),
        (Some(old), Some(new)) if old != new => walk.at("pattern", |walk| walk.add(D::PatternChanged)),
        _ => {}
    }
}

pub(super) fn number(walk: &mut Walk<'_>, old: &Number, new: &Number) {
    use Difference as D;
    if new.integer && !old.integer {
        walk.add(D::TypeNarrowed);
    }
    upper(walk, old.max, new.max, "maximum", (D::MaximumAdded, D::MaximumDecreased));
    lower(walk, old.min, new.min, "minimum", (D::MinimumAdded, D::MinimumIncreased));
    let (old_max, new_max) = (old.exclusive_max, new.exclusive_max);
    upper(
        walk,
        old_max,
        new_max,
        "exclusiveMaximum",
        (D::ExclusiveMaximumAdded, D::ExclusiveMaximumDecreased),
    );
    let (old_min, new_min) = (old.exclusive_min, new.exclusive_min);
    lower(
        walk,
        old_min,
        new_min,
        "exclusiveMinimum",
        (D::ExclusiveMinimumAdded, D::ExclusiveMinimumIncreased),
    );
    let difference = match (old.multiple_of, new.multiple_of) {
        (None, Some(_)) => D::MultipleOfAdded,
        (Some(old), Some(new)) if is_multiple(old, new) => return,
        (Some(old), Some(new)) if is_multiple(new, old) => D::MultipleOfExpanded,
        (Some(_), Some(_)) => D::MultipleOfChanged,
        _ => return,
    };
    walk.at("multipleOf", |walk| walk.add(difference));
}

fn is_multiple(number: f64, of: f64) -> bool {
    number % of == 0.0
}

pub(super) fn values(walk: &mut Walk<'_>, old: &[Value], new: &[Value]) {
    let lost = |value: &Value| !new.iter().any(|known| same(known, value));
    if old.len() > 10_000 || new.len() > 10_000 {
        // Too many to be compared with each other: only an unchanged beginning counts.
        if !new.starts_with(old) {
            walk.add(Difference::TooComplex);
        }
        return;
    }
    if old.iter().any(lost) {
        let only_fewer = new.iter().all(|value| old.iter().any(|known| same(known, value)));
        let difference =
            if only_fewer { Difference::EnumArrayNarrowed } else { Difference::EnumArrayChanged };
        walk.at("enum", |walk| walk.add(difference));
    }
}

/// Equality as JSON Schema has it: 1 is 1.0, members may be in any order.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
