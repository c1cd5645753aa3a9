//! Who was right a moment ago.

use std::collections::HashMap;
use std::time::Duration;

use ring::hmac;
use ring::rand::SystemRandom;

/// How long a check is good for.
const LASTS: Duration = Duration::from_secs(60);
/// How many are remembered.
const MAX: usize = 1024;

/// Remembers checks that went well by a code that only this process can make: neither a password nor anything that it
/// could be guessed from faster than by asking is kept.
pub(super) struct Good {
    key: hmac::Key,
    // The code, and when it was checked.
    known: HashMap<Code, Duration>,
}

pub(super) type Code = [u8; 32];

impl std::fmt::Debug for Good {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Good({})", self.known.len())
    }
}

impl Good {
    pub(super) fn new() -> Result<Self, String> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        let key = key.map_err(|_| "the system gives no random bytes".to_owned())?;
        Ok(Self { key, known: HashMap::new() })
    }

    /// The code of these credentials, checked against this hash: with another hash it is another one.
    pub(super) fn key(&self, name: &str, password: &str, hash: &str) -> Code {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [name, password, hash] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut code = Code::default();
        code.copy_from_slice(context.sign().as_ref());
        code
    }

    pub(super) fn knows(&self, code: &Code, now: Duration) -> bool {
        self.known.get(code).is_some_and(|at| now.saturating_sub(*at) < LASTS)
    }

    pub(super) fn learn(&mut self, code: Code, now: Duration) {
        if self.known.len() >= MAX {
            self.known.retain(|_, at| now.saturating_sub(*at) < LASTS);
        }
        if self.known.len() < MAX {
            self.known.insert(code, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_lasts_a_minute_and_is_for_one_hash() {
        let mut good = Good::new().unwrap();
        let code = good.key("a", "bc", "hash");
        assert!(code != good.key("ab", "c", "hash") && code != good.key("a", "bc", "other"));
        good.learn(code, Duration::from_secs(5));
        assert!(good.knows(&code, Duration::from_secs(64)));
        assert!(!good.knows(&code, Duration::from_secs(65)));
        for number in 0..2 * MAX as u64 {
            good.learn(good.key(&number.to_string(), "", ""), Duration::from_secs(number / 100));
        }
        assert!(good.known.len() <= MAX);
        assert!(format!("{good:?}").starts_with("Good("));
    }
}
