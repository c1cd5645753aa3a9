//! Floats as Java's `Double.parseDouble` reads them.

/// A number, rounded once to each width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Float {
    pub single: f32,
    pub double: f64,
}

/// Decimal digits with an exponent, or hexadecimal digits with a binary one, between blanks; `NaN` and `Infinity`; a sign
/// before it and one of `f F d D` behind it.
pub(super) fn read(text: &str) -> Option<Float> {
    let text = text.trim_matches(|character: char| character <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, "NaN" | "Infinity") {
        return Some(Float { single: text.parse().ok()?, double: text.parse().ok()? });
    }
    let unsigned = unsigned.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(unsigned);
    if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let magnitude = hexadecimal(digits)?;
        let double = if text.starts_with('-') { -magnitude } else { magnitude };
        return Some(Float { single: double as f32, double });
    }
    let is_number = unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if !is_number || !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let single: f32 = unsigned.parse().ok()?;
    let double: f64 = unsigned.parse().ok()?;
    Some(if text.starts_with('-') {
        Float { single: -single, double: -double }
    } else {
        Float { single, double }
    })
}

// `1.8p3`: digits, and a power of two, which must be there. At most as many digits as a float holds are needed.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 15 {
        return None;
    }
    let mantissa = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let power = exponent.checked_sub(4 * fraction.len() as i32)?;
    // In two steps, since a power beyond the range may belong to a number within it.
    let half = power / 2;
    Some(mantissa as f64 * 2f64.powi(half) * 2f64.powi(power - half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_reads_them() {
        for (text, double) in [
            (" 1.5 ", 1.5),
            ("1f", 1.0),
            ("-.5D", -0.5),
            ("1.", 1.0),
            ("1e3", 1000.0),
            ("0x1p3", 8.0),
            ("-0X1.8p1", -3.0),
            ("+Infinity", f64::INFINITY),
            ("1e999", f64::INFINITY),
        ] {
            assert_eq!(read(text).map(|found| found.double), Some(double), "{text}");
        }
        assert_eq!(read("0.1").unwrap().single, 0.1f32);
        for text in ["", "inf", "nan", "infinity", "1_0", "0x1", "0x", "1ff", "f", "e3", "--1", "1e", "0x1p"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
