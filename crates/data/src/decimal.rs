//! Exact decimal numbers, as `java.math.BigDecimal`: an integer and a scale.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};
use smallvec::SmallVec;

/// An unscaled integer and the number of digits after the point (negative: zeros before it).
///
/// Two decimals are equal only with the same scale, as in Java: `1.0` is not `1.00`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: Unscaled,
    scale: i32,
}

// Most numbers fit 64 bits and cost no allocation. Invariant: `Big` never holds what fits `Small`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Unscaled {
    Small(i64),
    Big(Arc<BigInt>),
}

/// Why text is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number: {0:?}")]
pub struct ParseDecimalError(String);

// Largest exponent accepted in text: beyond it printing the plain number would be a memory bomb.
const MAX_SCALE: i64 = 100_000;

impl Decimal {
    /// From a small unscaled value: `(12345, 2)` is 123.45.
    pub fn from_i64(unscaled: i64, scale: i32) -> Self {
        Self { unscaled: Unscaled::Small(unscaled), scale }
    }

    /// From any unscaled value.
    pub fn from_big(unscaled: BigInt, scale: i32) -> Self {
        let unscaled = match unscaled.to_i64() {
            Some(small) => Unscaled::Small(small),
            None => Unscaled::Big(Arc::new(unscaled)),
        };
        Self { unscaled, scale }
    }

    /// From two's-complement big-endian bytes, the form of Connect's Decimal; empty bytes are zero.
    pub fn from_be_bytes(bytes: &[u8], scale: i32) -> Self {
        if bytes.len() <= 8 {
            let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
            let mut wide = [fill; 8];
            wide[8 - bytes.len()..].copy_from_slice(bytes);
            return Self::from_i64(i64::from_be_bytes(wide), scale);
        }
        Self::from_big(BigInt::from_signed_bytes_be(bytes), scale)
    }

    /// The unscaled value's shortest two's-complement big-endian bytes, as Java's `BigInteger.toByteArray`.
    pub fn be_bytes(&self) -> impl Deref<Target = [u8]> + use<> {
        match &self.unscaled {
            Unscaled::Small(small) => {
                // A leading byte may go when it only repeats the sign bit of the next.
                let spare = (small ^ (small >> 63)).leading_zeros().saturating_sub(1) / 8;
                SmallVec::<[u8; 8]>::from_slice(&small.to_be_bytes()[spare as usize..])
            }
            Unscaled::Big(big) => SmallVec::from_vec(big.to_signed_bytes_be()),
        }
    }

    /// Appends [`Self::be_bytes`].
    pub fn write_be_bytes(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.be_bytes());
    }

    /// Digits after the point.
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// The unscaled value when it fits 64 bits.
    pub fn unscaled_i64(&self) -> Option<i64> {
        match self.unscaled {
            Unscaled::Small(small) => Some(small),
            Unscaled::Big(_) => None,
        }
    }

    /// The unscaled value.
    pub fn unscaled(&self) -> BigInt {
        match &self.unscaled {
            Unscaled::Small(small) => BigInt::from(*small),
            Unscaled::Big(big) => big.as_ref().clone(),
        }
    }

    /// The low 64 bits of the whole part, as Java's `BigDecimal.longValue`: what comes after the point is cut off.
    pub fn to_i64_low_bits(&self) -> i64 {
        if let Unscaled::Small(small) = self.unscaled
            && (0..=18).contains(&self.scale)
        {
            return small / 10i64.pow(self.scale.unsigned_abs());
        }
        // A factor of 10^64 has no low bits, and there are no digits before a point that is beyond them all.
        let digits = self.unscaled().bits() / 3 + 1;
        if self.scale <= -64 || i64::from(self.scale) > i64::try_from(digits).unwrap_or(i64::MAX) {
            return 0;
        }
        let factor = BigInt::from(10).pow(self.scale.unsigned_abs());
        let unscaled = self.unscaled();
        let whole = if self.scale > 0 { unscaled / factor } else { unscaled * factor };
        (whole & BigInt::from(u64::MAX)).to_u64().unwrap_or(0) as i64
    }

    /// The same number with another scale; `None` when digits would be lost.
    pub fn with_scale(&self, scale: i32) -> Option<Self> {
        if scale == self.scale {
            return Some(self.clone());
        }
        let shift = i64::from(scale) - i64::from(self.scale);
        if shift.abs() > MAX_SCALE {
            return self.unscaled().is_zero().then(|| Self::from_i64(0, scale));
        }
        let factor = BigInt::from(10).pow(shift.unsigned_abs() as u32);
        let unscaled = self.unscaled();
        if shift > 0 {
            return Some(Self::from_big(unscaled * factor, scale));
        }
        let (quotient, rest) = (&unscaled / &factor, &unscaled % &factor);
        rest.is_zero().then(|| Self::from_big(quotient, scale))
    }

    /// The order by value, as Java's `compareTo`: 1.0 and 1.00 are equal. The work is bounded by the digits that are
    /// there, whatever the scales.
    pub fn compare(&self, other: &Self) -> Ordering {
        let (one, two) = (self.unscaled(), other.unscaled());
        if one.sign() != two.sign() || one.sign() == Sign::NoSign {
            return one.sign().cmp(&two.sign());
        }
        // Numbers of other magnitudes are told apart without writing out the zeros of one of them.
        let (least_one, most_one) = magnitude(&one, self.scale);
        let (least_two, most_two) = magnitude(&two, other.scale);
        let (greater, less) = match one.sign() {
            Sign::Minus => (Ordering::Less, Ordering::Greater),
            _ => (Ordering::Greater, Ordering::Less),
        };
        if least_one > most_two {
            return greater;
        }
        if most_one < least_two {
            return less;
        }
        let shift = i64::from(self.scale) - i64::from(other.scale);
        let factor = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX));
        if shift < 0 { (one * factor).cmp(&two) } else { one.cmp(&(two * factor)) }
    }

    /// The nearest 64-bit float.
    pub fn to_f64(&self) -> f64 {
        // Exact for the common case: both parts are exact floats, so one correctly rounded division is enough.
        if let Unscaled::Small(small) = self.unscaled
            && small.unsigned_abs() <= 1 << 53
            && (0..=22).contains(&self.scale)
        {
            return small as f64 / 10f64.powi(self.scale);
        }
        // The number's text is read by the standard library, which rounds correctly.
        let exponent = -i64::from(self.scale);
        format!("{}e{exponent}", self.unscaled()).parse().unwrap_or(f64::NAN)
    }
}

// Between which powers of ten a number lies that is not zero, a little widened for rounding.
fn magnitude(unscaled: &BigInt, scale: i32) -> (f64, f64) {
    let bits = unscaled.bits() as f64;
    let tens = |bits: f64| bits * std::f64::consts::LOG10_2 - f64::from(scale);
    (tens(bits - 1.0) - 1e-3, tens(bits) + 1e-3)
}

/// Java's `BigDecimal.toString`: plain where the scale is not negative and the number not tiny, else scientific.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unscaled = self.unscaled();
        let digits = unscaled.abs().to_string();
        let sign = if unscaled.sign() == Sign::Minus { "-" } else { "" };
        let scale = i64::from(self.scale);
        let adjusted = digits.len() as i64 - 1 - scale;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        if scale > 0 && adjusted >= -6 {
            let scale = scale as usize;
            if digits.len() > scale {
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                return write!(f, "{sign}{whole}.{fraction}");
            }
            return write!(f, "{sign}0.{}{digits}", "0".repeat(scale - digits.len()));
        }
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        match adjusted {
            0 => write!(f, "{sign}{first}{point}{rest}"),
            _ => write!(f, "{sign}{first}{point}{rest}E{adjusted:+}"),
        }
    }
}

/// Text as `BigDecimal` takes it: sign, digits, point, exponent. The scale is the digits after the point less the
/// exponent.
impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDecimalError(text.chars().take(64).collect());
        let (number, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().map_err(|_| error())?),
            None => (text, 0),
        };
        let (negative, number) = match number.as_bytes().first() {
            Some(b'-') => (true, &number[1..]),
            Some(b'+') => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        let scale = (fraction.len() as i64).checked_sub(exponent).ok_or_else(error)?;
        if scale.abs() > MAX_SCALE || digits.len() as i64 > MAX_SCALE {
            return Err(error());
        }
        let unscaled: BigInt = digits.parse().map_err(|_| error())?;
        Ok(Self::from_big(if negative { -unscaled } else { unscaled }, scale as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_values() {
        let numbers = [
            "-1e99999",
            "-9007199254740993.0",
            "-9007199254740992",
            "-0.1",
            "-1e-99999",
            "0e5",
            "1e-99999",
            "0.1",
            "9.99",
            "10",
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.001",
            "12345678901234567890123456789",
            "12345678901234567890123456790",
            "1e99999",
        ];
        let numbers = numbers.map(|text| text.parse::<Decimal>().unwrap());
        for (at, one) in numbers.iter().enumerate() {
            for (beside, other) in numbers.iter().enumerate() {
                assert_eq!(one.compare(other), at.cmp(&beside), "{one} {other}");
            }
        }
        for (one, other) in [
            ("1.0", "1.00"),
            ("1e2", "100"),
            ("-0.10", "-1e-1"),
            ("0", "0e9"),
            ("1e20", "100000000000000000000.0"),
        ] {
            let parsed = |text: &str| text.parse::<Decimal>().unwrap();
            assert_eq!(parsed(one).compare(&parsed(other)), Ordering::Equal, "{one} {other}");
        }
        // Written out, these would have two milliards of digits.
        let far = |scale| Decimal::from_i64(7, scale);
        assert_eq!(far(i32::MIN).compare(&far(i32::MAX)), Ordering::Greater);
    }

    #[test]
    fn low_bits_are_those_of_javas_long_value() {
        let check = |text: &str, expected: i64| {
            assert_eq!(text.parse::<Decimal>().unwrap().to_i64_low_bits(), expected, "{text}");
        };
        check("1.5", 1);
        check("-1.5", -1);
        check("0.999", 0);
        check("1e2", 100);
        check("9223372036854775808", i64::MIN);
        check("1e70", 0);
        check("1e-70", 0);
        check("1234567890123456789e-18", 1);
        check("-12345678901234567.89", -12_345_678_901_234_567);
        check("123456789012345678901234567890.5", -4362896299872285998);
    }

    fn check(text: &str, java: &str) {
        assert_eq!(text.parse::<Decimal>().unwrap().to_string(), java, "{text}");
    }

    #[test]
    fn prints_as_java() {
        check("123.45", "123.45");
        check("-0.01", "-0.01");
        check("0.0000001", "1E-7");
        check("0.000001", "0.000001");
        check("1E3", "1E+3");
        check("1.20E3", "1.20E+3");
        check("0.00", "0.00");
        check("12345678901234567890.5", "12345678901234567890.5");
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in ["", "-", ".", "1.2.3", "0x1", "1e", "NaN", "1e999999999999", "1e100001", "١"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn bytes_are_the_shortest_and_come_back() {
        for n in [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, i64::MAX, i64::MIN, 1 << 40] {
            let decimal = Decimal::from_i64(n, 2);
            let mut bytes = Vec::new();
            decimal.write_be_bytes(&mut bytes);
            assert_eq!(bytes, BigInt::from(n).to_signed_bytes_be(), "{n}");
            assert_eq!(Decimal::from_be_bytes(&bytes, 2), decimal);
        }
        let big: Decimal = "-123456789012345678901234567890".parse().unwrap();
        let mut bytes = Vec::new();
        big.write_be_bytes(&mut bytes);
        assert_eq!(Decimal::from_be_bytes(&bytes, 0), big);
        assert_eq!(Decimal::from_be_bytes(&[], 0), Decimal::from_i64(0, 0));
    }

    #[test]
    fn scale_changes_only_without_loss() {
        let one: Decimal = "1.50".parse().unwrap();
        assert_eq!(one.with_scale(1).unwrap().to_string(), "1.5");
        assert_eq!(one.with_scale(0), None);
        assert_eq!(one.with_scale(4).unwrap().to_string(), "1.5000");
    }

    #[test]
    fn floats_are_the_nearest() {
        for text in ["0.1", "900.37", "1e-400", "123456789012345678901234567890.123", "-2.5"] {
            let nearest: f64 = text.parse().unwrap();
            assert_eq!(text.parse::<Decimal>().unwrap().to_f64(), nearest, "{text}");
        }
    }
}
