//! Ids, secrets and times of new objects.

use std::hash::{BuildHasher as _, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SecondsFormat, Utc};

/// Gives ids that look like the cloud's and never come twice in one process, a reset included: what a client
/// remembers from before a reset is then not found instead of being someone else's.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    made: u64,
}

impl Ids {
    /// `prefix-xxxxxx`.
    pub fn next(&mut self, prefix: &str) -> String {
        format!("{prefix}-{}", self.word(6, b"0123456789abcdefghijkmnpqrstvwxyz"))
    }

    /// An API key: sixteen capitals and digits.
    pub fn key(&mut self) -> String {
        self.word(16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }

    /// Seventeen hexadecimal digits, as AWS numbers its endpoints.
    pub fn hex(&mut self) -> String {
        format!("0{}", self.word(16, b"0123456789abcdef"))
    }

    /// A UUID (version 4 in form).
    pub fn uuid(&mut self) -> String {
        let digits = self.word(32, b"0123456789abcdef");
        format!(
            "{}-{}-4{}-8{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[13..16],
            &digits[17..20],
            &digits[20..]
        )
    }

    fn word(&mut self, length: usize, alphabet: &[u8]) -> String {
        self.made += 1;
        // Another factor than the step below, so that neighbours do not share letters.
        let mut state = self.made.wrapping_mul(0xD1B5_4A32_D192_ED03);
        (0..length)
            .map(|_| {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let index = usize::try_from((mixed ^ (mixed >> 31)) % alphabet.len() as u64).unwrap_or(0);
                char::from(alphabet[index])
            })
            .collect()
    }
}

/// A secret of 64 characters that differs from process to process: nothing can be built upon its value.
pub(crate) fn secret() -> String {
    let bytes: Vec<u8> = (0..6_u8).flat_map(|part| RandomState::new().hash_one(part).to_be_bytes()).collect();
    STANDARD.encode(bytes)
}

/// Now, as the cloud writes it.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_do_not_repeat() {
        let mut ids = Ids::default();
        let made: HashSet<String> = (0..20_000).map(|_| ids.next("sa")).collect();
        assert_eq!(made.len(), 20_000);
    }

    #[test]
    fn a_secret_is_64_characters_and_new() {
        let (one, other) = (secret(), secret());
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }
}
