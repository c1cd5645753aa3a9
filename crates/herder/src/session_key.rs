//! What the workers of a group sign their requests to each other with (KIP-507): a key that the leader makes, keeps in
//! the config topic, and replaces when it is old. Only who can read that topic can sign.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::RwLock;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::distributed::SessionKey;
use crate::{Error, Result};

/// What Java calls it, and the bytes of the key that Java makes for it.
const ALGORITHMS: [(&str, &hmac::Algorithm, usize); 4] = [
    ("HmacSHA256", &hmac::HMAC_SHA256, 32),
    ("HmacSHA1", &hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 64),
    ("HmacSHA384", &hmac::HMAC_SHA384, 48),
    ("HmacSHA512", &hmac::HMAC_SHA512, 64),
];

/// The names of the algorithms there are, as Java has them.
pub const SIGNATURE_ALGORITHMS: &[&str] =
    &[ALGORITHMS[0].0, ALGORITHMS[1].0, ALGORITHMS[2].0, ALGORITHMS[3].0];

fn algorithm(name: &str) -> Option<(&'static hmac::Algorithm, usize)> {
    let found = ALGORITHMS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
    found.map(|(_, algorithm, bytes)| (*algorithm, *bytes))
}

/// How keys are made and used, by the keys `inter.worker.*` of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRules {
    /// `inter.worker.key.generation.algorithm`.
    pub key_algorithm: String,
    /// `inter.worker.key.size`, in bits; `None` is the algorithm's own.
    pub key_bits: Option<u32>,
    /// `inter.worker.key.ttl.ms`: so old a key is replaced; zero: never while a worker leads.
    pub ttl: Duration,
    /// `inter.worker.signature.algorithm`.
    pub signature: String,
    /// `inter.worker.verification.algorithms`.
    pub accepted: Vec<String>,
}

impl Default for SigningRules {
    fn default() -> Self {
        Self {
            key_algorithm: "HmacSHA256".to_owned(),
            key_bits: None,
            ttl: Duration::from_secs(3600),
            signature: "HmacSHA256".to_owned(),
            accepted: vec!["HmacSHA256".to_owned()],
        }
    }
}

impl SigningRules {
    fn key_bytes(&self) -> usize {
        let own = algorithm(&self.key_algorithm).map_or(32, |(_, bytes)| bytes);
        self.key_bits.map_or(own, |bits| bits.div_ceil(8) as usize)
    }

    /// Makes a key.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn new_key(&self, now_ms: i64) -> Result<SessionKey> {
        let mut bytes = vec![0; self.key_bytes()];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| Error::Failed("the system gives no random bytes for a session key".to_owned()))?;
        Ok(SessionKey {
            key: STANDARD.encode(bytes),
            algorithm: self.key_algorithm.clone(),
            created_ms: now_ms,
        })
    }

    /// When a key is to be replaced, in milliseconds since the epoch: `None` is never. A key that is not of these rules is
    /// replaced now.
    pub fn replace_at(&self, key: Option<&SessionKey>) -> Option<i64> {
        let fits = |key: &&SessionKey| {
            key.algorithm == self.key_algorithm
                && STANDARD.decode(&key.key).is_ok_and(|bytes| bytes.len() == self.key_bytes())
        };
        match key.filter(fits) {
            None => Some(i64::MIN),
            Some(_) if self.ttl.is_zero() => None,
            Some(key) => Some(key.created_ms.saturating_add(self.ttl.as_millis() as i64)),
        }
    }
}

/// So long after a key was made, the one before it counts, too, for what workers say for a moment only: not all learn a new
/// key at the same time.
const OVERLAP: Duration = Duration::from_secs(120);

/// A signature, as its two headers have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `X-Connect-Request-Signature-Algorithm`.
    pub algorithm: String,
    /// `X-Connect-Authorization`: the code, in standard base64.
    pub code: String,
}

/// Why a signed request is not done. The texts are Kafka Connect's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// A header is missing.
    #[error("Internal request missing required signature")]
    Missing,
    /// The algorithm is not accepted here, or not known.
    #[error("This worker does not support the algorithm of the request's signature")]
    Algorithm,
    /// The code is not base64.
    #[error("Cannot decode the signature of the request: it is not base64")]
    Encoding,
    /// No key is known yet.
    #[error(
        "This worker is still starting up and has not been able to read a session key from the config topic yet"
    )]
    NoKey,
    /// It was not signed with the key that this worker knows.
    #[error("Internal request contained invalid signature.")]
    Wrong,
}

#[derive(Debug, Default)]
struct Known {
    now: Option<SessionKey>,
    before: Option<SessionKey>,
}

impl Known {
    fn before(&self, now_ms: i64) -> Option<&SessionKey> {
        let since_ms = now_ms.saturating_sub(self.now.as_ref()?.created_ms);
        self.before.as_ref().filter(|_| since_ms <= OVERLAP.as_millis() as i64)
    }
}

/// The key of the group, as far as this worker has read the config topic. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SessionKeys {
    rules: Arc<SigningRules>,
    known: Arc<RwLock<Known>>,
}

impl SessionKeys {
    /// No key is known yet.
    pub fn new(rules: SigningRules) -> Self {
        Self { rules: Arc::new(rules), known: Arc::default() }
    }

    /// The rules.
    pub fn rules(&self) -> &SigningRules {
        &self.rules
    }

    /// This key is the group's from now on.
    pub fn learn(&self, key: SessionKey) {
        let mut known = self.known.write();
        if known.now.as_ref() != Some(&key) {
            known.before = known.now.replace(key);
        }
    }

    /// When a leader is to replace the key: see [`SigningRules::replace_at`].
    pub fn replace_at(&self) -> Option<i64> {
        self.rules.replace_at(self.known.read().now.as_ref())
    }

    /// Signs a request's body. `None` as long as no key is known.
    pub fn sign(&self, body: &[u8]) -> Option<Signature> {
        let (algorithm, _) = algorithm(&self.rules.signature)?;
        let key = STANDARD.decode(&self.known.read().now.as_ref()?.key).ok()?;
        let code = hmac::sign(&hmac::Key::new(*algorithm, &key), body);
        Some(Signature { algorithm: self.rules.signature.clone(), code: STANDARD.encode(code) })
    }

    /// Signs parts for another purpose than [`Self::sign`]: a code of the one purpose is never one of the other. `None` as
    /// long as no key is known.
    pub fn sign_for(&self, purpose: &str, parts: &[&[u8]]) -> Option<Signature> {
        self.sign_with(self.known.read().now.as_ref()?, purpose, parts)
    }

    /// As [`Self::sign_for`], but with the key before the present one, for whoever has not learned this yet. `None` when there
    /// is none, or when all have had the time.
    pub fn sign_as_before(&self, purpose: &str, parts: &[&[u8]], now_ms: i64) -> Option<Signature> {
        self.sign_with(self.known.read().before(now_ms)?, purpose, parts)
    }

    fn sign_with(&self, key: &SessionKey, purpose: &str, parts: &[&[u8]]) -> Option<Signature> {
        let (algorithm, _) = algorithm(&self.rules.signature)?;
        let code = hmac::sign(&key_for(key, *algorithm, purpose)?, &joined(parts));
        Some(Signature { algorithm: self.rules.signature.clone(), code: STANDARD.encode(code) })
    }

    /// Whether parts were signed for this purpose with the group's key, or with the one before it as long as some may not have
    /// learned the new one; compared in constant time.
    ///
    /// # Errors
    /// They were not.
    pub fn verify_for(
        &self,
        purpose: &str,
        signature: &Signature,
        parts: &[&[u8]],
        now_ms: i64,
    ) -> std::result::Result<(), NotSigned> {
        let (algorithm, code) = self.accepted(signature)?;
        let known = self.known.read();
        let now = known.now.as_ref().ok_or(NotSigned::NoKey)?;
        let keys = [now].into_iter().chain(known.before(now_ms));
        let mut keys = keys.filter_map(|key| key_for(key, algorithm, purpose));
        match keys.any(|key| hmac::verify(&key, &joined(parts), &code).is_ok()) {
            true => Ok(()),
            false => Err(NotSigned::Wrong),
        }
    }

    fn accepted(&self, signature: &Signature) -> std::result::Result<(hmac::Algorithm, Vec<u8>), NotSigned> {
        let Signature { algorithm: name, code } = signature;
        let accepted = self.rules.accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(name));
        let (algorithm, _) = algorithm(name).filter(|_| accepted).ok_or(NotSigned::Algorithm)?;
        Ok((*algorithm, STANDARD.decode(code).map_err(|_| NotSigned::Encoding)?))
    }

    /// Whether a request's body was signed with the group's key, compared in constant time.
    ///
    /// # Errors
    /// It was not.
    pub fn verify(&self, signature: Option<&Signature>, body: &[u8]) -> std::result::Result<(), NotSigned> {
        let (algorithm, code) = self.accepted(signature.ok_or(NotSigned::Missing)?)?;
        let key = self.known.read().now.as_ref().map(|known| STANDARD.decode(&known.key));
        let key = key.and_then(std::result::Result::ok).ok_or(NotSigned::NoKey)?;
        hmac::verify(&hmac::Key::new(algorithm, &key), body, &code).map_err(|_| NotSigned::Wrong)
    }
}

// A key that is made of the group's for one purpose.
fn key_for(key: &SessionKey, algorithm: hmac::Algorithm, purpose: &str) -> Option<hmac::Key> {
    let key = STANDARD.decode(&key.key).ok()?;
    let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), purpose.as_bytes());
    Some(hmac::Key::new(algorithm, derived.as_ref()))
}

// Where one part ends and the next begins is part of what is signed.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let lengths = parts.iter().map(|part| (part.len() as u64).to_be_bytes());
    lengths.zip(parts).flat_map(|(length, part)| length.into_iter().chain(part.iter().copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(created_ms: i64) -> SessionKeys {
        let keys = SessionKeys::default();
        keys.learn(keys.rules().new_key(created_ms).unwrap());
        keys
    }

    #[test]
    fn only_who_has_the_key_can_sign() {
        let (ours, theirs) = (keys(0), keys(0));
        let signature = ours.sign(b"[]").unwrap();
        assert_eq!(ours.verify(Some(&signature), b"[]"), Ok(()));
        assert_eq!(ours.verify(Some(&signature), b"[{}]"), Err(NotSigned::Wrong), "another body");
        assert_eq!(theirs.verify(Some(&signature), b"[]"), Err(NotSigned::Wrong), "another key");
        assert_eq!(SessionKeys::default().verify(Some(&signature), b"[]"), Err(NotSigned::NoKey));
        assert_eq!(ours.verify(None, b"[]"), Err(NotSigned::Missing));
        let other = |algorithm: &str, code: &str| Signature {
            algorithm: algorithm.to_owned(),
            code: code.to_owned(),
        };
        assert_eq!(ours.verify(Some(&other("HmacSHA1", &signature.code)), b"[]"), Err(NotSigned::Algorithm));
        assert_eq!(ours.verify(Some(&other("none", "")), b"[]"), Err(NotSigned::Algorithm));
        assert_eq!(ours.verify(Some(&other("HmacSHA256", "?")), b"[]"), Err(NotSigned::Encoding));
        assert_eq!(ours.verify(Some(&other("HmacSHA256", "")), b"[]"), Err(NotSigned::Wrong));
    }

    #[test]
    fn a_code_is_for_one_purpose_and_these_parts() {
        let keys = keys(0);
        let signature = keys.sign_for("who asks", &[b"PUT", b"/x"]).unwrap();
        let of = |purpose: &str, parts: &[&[u8]]| keys.verify_for(purpose, &signature, parts, 0);
        assert_eq!(of("who asks", &[b"PUT", b"/x"]), Ok(()));
        assert_eq!(of("who asks", &[b"PUT/", b"x"]), Err(NotSigned::Wrong));
        assert_eq!(of("who asks", &[b"PUT", b"/y"]), Err(NotSigned::Wrong));
        assert_eq!(of("other", &[b"PUT", b"/x"]), Err(NotSigned::Wrong));
        let body = joined(&[b"PUT", b"/x"]);
        assert_eq!(keys.verify(Some(&signature), &body), Err(NotSigned::Wrong), "nor a body's");
        let body = keys.sign(&body).unwrap();
        assert_eq!(keys.verify_for("who asks", &body, &[b"PUT", b"/x"], 0), Err(NotSigned::Wrong));
        let none = SessionKeys::default();
        assert!(none.sign_for("who asks", &[]).is_none());
        assert_eq!(none.verify_for("who asks", &signature, &[], 0), Err(NotSigned::NoKey));
    }

    #[test]
    fn the_key_before_counts_for_a_while() {
        let (ours, theirs) = (SessionKeys::default(), SessionKeys::default());
        let (old, new) = (ours.rules().new_key(0).unwrap(), ours.rules().new_key(1_000_000).unwrap());
        let (soon, late) = (1_000_000 + 120_000, 1_000_000 + 120_001);
        ours.learn(old.clone());
        theirs.learn(old);
        assert_eq!(ours.sign_as_before("p", &[b"x"], 0), None);
        ours.learn(new.clone());
        ours.learn(new); // read again
        let (now, before) = (ours.sign_for("p", &[b"x"]).unwrap(), ours.sign_as_before("p", &[b"x"], soon));
        assert_eq!(theirs.verify_for("p", &now, &[b"x"], soon), Err(NotSigned::Wrong), "not learned yet");
        let before = before.unwrap();
        assert_eq!(theirs.verify_for("p", &before, &[b"x"], soon), Ok(()));
        assert_eq!(ours.verify_for("p", &before, &[b"x"], soon), Ok(()));
        assert_eq!(ours.verify_for("p", &before, &[b"x"], late), Err(NotSigned::Wrong));
        assert_eq!(ours.sign_as_before("p", &[b"x"], late), None);
        // What Java signs is signed with the present key only.
        let body = theirs.sign(b"[]").unwrap();
        assert_eq!(ours.verify(Some(&body), b"[]"), Err(NotSigned::Wrong));
    }

    // Test case 2 of RFC 4231.
    #[test]
    fn the_code_is_hmac() {
        let keys = SessionKeys::default();
        let algorithm = "HmacSHA256".to_owned();
        keys.learn(SessionKey { key: STANDARD.encode("Jefe"), algorithm, created_ms: 0 });
        let code = STANDARD.decode(keys.sign(b"what do ya want for nothing?").unwrap().code).unwrap();
        assert_eq!(code[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(code[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn keys_are_replaced_when_they_are_old_or_of_other_rules() {
        let hour = 3_600_000;
        assert_eq!(SessionKeys::default().replace_at(), Some(i64::MIN));
        assert_eq!(keys(7).replace_at(), Some(7 + hour));
        let key = SigningRules::default().new_key(7).unwrap();
        let forever = SigningRules { ttl: Duration::ZERO, ..SigningRules::default() };
        assert_eq!(forever.replace_at(Some(&key)), None);
        let longer = SigningRules { key_bits: Some(512), ..SigningRules::default() };
        assert_eq!(longer.replace_at(Some(&key)), Some(i64::MIN));
        let other = SigningRules { key_algorithm: "HmacSHA512".to_owned(), ..SigningRules::default() };
        assert_eq!(other.replace_at(Some(&key)), Some(i64::MIN));
    }
}
