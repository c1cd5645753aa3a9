//! Numbers as Java prints them.

/// Appends an integer.
#[inline]
pub fn write_i64(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a float as JSON: `Double.toString`, and the quoted names `"NaN"`, `"Infinity"`, `"-Infinity"`.
#[inline]
pub fn write_f64(number: f64, out: &mut Vec<u8>) {
    if !number.is_finite() {
        return write_quoted(number.is_nan(), number < 0.0, out);
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(number);
    let magnitude = number.abs();
    match (1e-3..1e7).contains(&magnitude) || magnitude == 0.0 {
        true => out.extend_from_slice(shortest.as_bytes()),
        // Java prints at least two digits, and of those with two the nearest: that shows only where floats are so
        // sparse that one digit tells them apart.
        false if magnitude < 1e-320 => write_scientific(&format!("{number:.1e}"), shortest, out),
        false => write_scientific(shortest, shortest, out),
    }
}

/// Appends a 32-bit float as JSON, as [`write_f64`] does.
#[inline]
pub fn write_f32(number: f32, out: &mut Vec<u8>) {
    if !number.is_finite() {
        return write_quoted(number.is_nan(), number < 0.0, out);
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(number);
    let magnitude = number.abs();
    match (1e-3..1e7).contains(&magnitude) || magnitude == 0.0 {
        true => out.extend_from_slice(shortest.as_bytes()),
        false if magnitude < 1e-42 => write_scientific(&format!("{number:.1e}"), shortest, out),
        false => write_scientific(shortest, shortest, out),
    }
}

fn write_quoted(nan: bool, negative: bool, out: &mut Vec<u8>) {
    let name: &[u8] = match (nan, negative) {
        (true, _) => b"\"NaN\"",
        (false, true) => b"\"-Infinity\"",
        (false, false) => b"\"Infinity\"",
    };
    out.extend_from_slice(name);
}

// `two_digits` is used when the shortest text has one digit only.
fn write_scientific(two_digits: &str, shortest: &str, out: &mut Vec<u8>) {
    let (mut digits, mut length, mut exponent) = decompose(shortest);
    if length == 1 {
        (digits, length, exponent) = decompose(two_digits);
    }
    if shortest.starts_with('-') {
        out.push(b'-');
    }
    out.push(digits[0]);
    out.push(b'.');
    match length {
        1 => out.push(b'0'),
        _ => out.extend_from_slice(&digits[1..length]),
    }
    out.push(b'E');
    write_i64(exponent, out);
}

// The significant digits, how many, and the decimal exponent of the first: "-1234.5e3" is 12345, 5, 6.
fn decompose(text: &str) -> ([u8; 24], usize, i64) {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let power: i64 = power.parse().unwrap_or(0);
    let (mut digits, mut length) = ([b'0'; 24], 0);
    let (mut whole, mut zeros, mut point) = (0, 0, false);
    for byte in mantissa.bytes() {
        match byte {
            b'.' => point = true,
            b'0'..=b'9' => {
                whole += i64::from(!point && (length > 0 || byte != b'0'));
                if length > 0 || byte != b'0' {
                    digits[length.min(23)] = byte;
                    length += 1;
                } else if point {
                    zeros += 1;
                }
            }
            _ => {}
        }
    }
    while length > 1 && digits[length - 1] == b'0' {
        length -= 1;
    }
    let first = if whole > 0 { whole - 1 } else { -zeros - 1 };
    (digits, length, first + power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn double(number: f64) -> String {
        let mut out = Vec::new();
        write_f64(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn float(number: f32) -> String {
        let mut out = Vec::new();
        write_f32(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_as_java_prints_them() {
        for (number, java) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (2.0, "2.0"),
            (900.37, "900.37"),
            (0.001, "0.001"),
            (0.00099, "9.9E-4"),
            (1e-5, "1.0E-5"),
            (9999999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12345678.9, "1.23456789E7"),
            (1e10, "1.0E10"),
            (-1.5e10, "-1.5E10"),
            (1e16, "1.0E16"),
            (1.234e33, "1.234E33"),
            (-1.234e-7, "-1.234E-7"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (5e-324, "4.9E-324"),
            (1e-323, "9.9E-324"),
            (2e23, "2.0E23"),
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(double(number), java);
        }
    }

    #[test]
    fn floats_as_java_prints_them() {
        for (number, java) in [
            (0.1, "0.1"),
            (1e7, "1.0E7"),
            (1.4e-45, "1.4E-45"),
            (3.4028235e38, "3.4028235E38"),
            (1e10, "1.0E10"),
            (-33554432.0, "-3.3554432E7"),
            (f32::NAN, "\"NaN\""),
        ] {
            assert_eq!(float(number), java);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_the_same_number(bits: u64) {
            let number = f64::from_bits(bits);
            proptest::prop_assume!(number.is_finite());
            proptest::prop_assert_eq!(double(number).parse::<f64>().unwrap().to_bits(), bits);
        }
    }
}
