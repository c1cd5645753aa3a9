//! The hash function `murmur`: 32 bits of a 128-bit MurmurHash3 of an early version, whose constants change from block to
//! block, with the seed 9001. Debezium has it from Infinispan.

use api::data::Value;

use super::java_hash::hash_code;

const SEED: u64 = 9001;

/// The hash: of a text its UTF-8, of other values what Java's `hashCode` is; `None` where that has none.
pub(super) fn murmur(value: &Value) -> Option<i32> {
    match value {
        Value::String(text) => Some(hash(text.as_bytes())),
        Value::Bytes(bytes) => Some(hash(bytes)),
        other => hash_code(other).map(|code| hash(&code.to_le_bytes())),
    }
}

struct State {
    h1: u64,
    h2: u64,
    c1: u64,
    c2: u64,
}

impl State {
    fn mix(&mut self, k1: u64, k2: u64) {
        let k1 = k1.wrapping_mul(self.c1).rotate_left(23).wrapping_mul(self.c2);
        self.h1 = (self.h1 ^ k1).wrapping_add(self.h2);
        self.h2 = self.h2.rotate_left(41);
        let k2 = k2.wrapping_mul(self.c2).rotate_left(23).wrapping_mul(self.c1);
        self.h2 = (self.h2 ^ k2).wrapping_add(self.h1);
        self.h1 = self.h1.wrapping_mul(3).wrapping_add(0x52dc_e729);
        self.h2 = self.h2.wrapping_mul(3).wrapping_add(0x3849_5ab5);
        self.c1 = self.c1.wrapping_mul(5).wrapping_add(0x7b7d_159c);
        self.c2 = self.c2.wrapping_mul(5).wrapping_add(0x6bce_6396);
    }
}

fn hash(bytes: &[u8]) -> i32 {
    let mut state = State {
        h1: 0x9368_e53c_2f6a_f274 ^ SEED,
        h2: 0x586d_cd20_8f7c_d3fd ^ SEED,
        c1: 0x87c3_7b91_1142_53d5,
        c2: 0x4cf5_ad43_2745_937f,
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let number = u128::from_le_bytes(*block);
        state.mix(number as u64, (number >> 64) as u64);
    }
    if !rest.is_empty() {
        // Bytes are signed in Java, and a negative one sets all bits above it.
        let part = |bytes: &[u8]| {
            let shifted = |(at, byte): (usize, &u8)| (i64::from(*byte as i8) as u64) << (8 * at);
            bytes.iter().enumerate().map(shifted).fold(0, |all, byte| all ^ byte)
        };
        let (low, high) = rest.split_at(rest.len().min(8));
        state.mix(part(low), part(high));
    }
    let h2 = state.h2 ^ bytes.len() as u64;
    let h1 = state.h1.wrapping_add(h2);
    let h2 = h2.wrapping_add(h1);
    (finished(h1).wrapping_add(finished(h2)) >> 32) as i32
}

fn finished(mut k: u64) -> u64 {
    k = (k ^ (k >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    k = (k ^ (k >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::data::Decimal;

    #[test]
    fn as_the_original_hashes() {
        for (value, expected) in [
            (Value::string("abc"), 1_809_745_788),
            (Value::string(""), 89_125_410),
            (Value::string("é€😀"), 2_070_711_434),
            (Value::Bytes(api::data::Bytes::from_static(b"abc")), 1_809_745_788),
            (Value::Int32(1), -1_931_162_451),
            (Value::Int64(2), -351_805_952),
            (Value::Int16(3), 1_701_980_596),
            (Value::Float64(1.5), -1_122_085_266),
            (Value::Boolean(true), -1_891_831_265),
            (Value::Decimal(Decimal::from_i64(120, 2)), 1_072_180_940),
            (Value::Timestamp(5), -837_177_610),
        ] {
            assert_eq!(murmur(&value), Some(expected), "{value:?}");
        }
        assert_eq!(murmur(&Value::Null), None);
    }
}
