//! SCRAM (RFC 5802, and RFC 7677 for SHA-256) as Kafka speaks it: without channel binding, and with names and passwords
//! as they are, not prepared.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::Rng as _;
use ring::{digest, hmac, pbkdf2};

/// A server that asks for more would keep a core busy for seconds.
const ITERATIONS_MAX: u32 = 1_000_000;
/// The least that RFC 7677 and Kafka allow.
const ITERATIONS_MIN: u32 = 4_096;

/// The hash of a mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    pub(super) fn mechanism(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

/// One exchange. No `Debug`: it holds a password.
pub(super) struct Scram {
    hash: Hash,
    password: String,
    nonce: String,
    first_bare: String,
    /// What the server must prove that it knows.
    server_signature: Vec<u8>,
}

impl Scram {
    /// Begins an exchange; answers the first message too.
    ///
    /// # Errors
    /// The name is empty.
    pub(super) fn new(hash: Hash, user: &str, password: &str) -> Result<(Self, String), String> {
        let nonce: [u8; 24] = rand::rng().random();
        Self::with_nonce(hash, user, password, STANDARD.encode(nonce))
    }

    fn with_nonce(hash: Hash, user: &str, password: &str, nonce: String) -> Result<(Self, String), String> {
        if user.is_empty() {
            return Err("the username is empty".to_owned());
        }
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={user},r={nonce}");
        let first = format!("n,,{first_bare}");
        let password = password.to_owned();
        Ok((Self { hash, password, nonce, first_bare, server_signature: Vec::new() }, first))
    }

    /// The answer to the server's first message.
    ///
    /// # Errors
    /// The message is none, or asks for what is not safe.
    pub(super) fn answer(&mut self, message: &[u8]) -> Result<String, String> {
        let message = std::str::from_utf8(message).map_err(|_| nonsense())?;
        let mut parts = message.split(',');
        let mut part =
            |name: &str| parts.next().and_then(|part| part.strip_prefix(name)).ok_or_else(nonsense);
        let (nonce, salt, iterations) = (part("r=")?, part("s=")?, part("i=")?);
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("the server's nonce does not continue ours: somebody is in between".to_owned());
        }
        let salt = STANDARD.decode(salt).map_err(|_| nonsense())?;
        let iterations: u32 = iterations.parse().map_err(|_| nonsense())?;
        let allowed = (ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations);
        let rounds = NonZeroU32::new(iterations).filter(|_| allowed).ok_or_else(|| {
            format!("the server asks for {iterations} iterations, which is not within {ITERATIONS_MIN} and {ITERATIONS_MAX}")
        })?;
        let mut salted = vec![0; self.hash.digest().output_len()];
        pbkdf2::derive(self.hash.pbkdf2(), rounds, &salt, self.password.as_bytes(), &mut salted);
        let without_proof = format!("c=biws,r={nonce}"); // base64 of `n,,`
        let signed = format!("{},{message},{without_proof}", self.first_bare);
        let client_key = self.hmac(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), &client_key);
        let signature = self.hmac(stored_key.as_ref(), signed.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, sign)| key ^ sign).collect();
        let server_key = self.hmac(&salted, b"Server Key");
        self.server_signature = self.hmac(&server_key, signed.as_bytes());
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)))
    }

    /// Checks that the server knows the password too.
    ///
    /// # Errors
    /// It does not, or says why it does not let us in.
    pub(super) fn verify(&self, message: &[u8]) -> Result<(), String> {
        let message = std::str::from_utf8(message).map_err(|_| nonsense())?;
        let first = message.split(',').next().unwrap_or_default();
        if let Some(error) = first.strip_prefix("e=") {
            return Err(error.to_owned());
        }
        let signature = first.strip_prefix("v=").and_then(|text| STANDARD.decode(text).ok());
        match signature {
            Some(signature) if !signature.is_empty() && signature == self.server_signature => Ok(()),
            _ => Err("the server does not know the password: it is another one".to_owned()),
        }
    }

    fn hmac(&self, key: &[u8], data: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.hash.hmac(), key), data).as_ref().to_vec()
    }
}

fn nonsense() -> String {
    "the server's message is not one of SCRAM".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677 section 3.
    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn begun() -> Scram {
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        let (scram, first) = Scram::with_nonce(Hash::Sha256, "user", "pencil", nonce).unwrap();
        assert_eq!(first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        scram
    }

    #[test]
    fn the_example_of_the_rfc() {
        let mut scram = begun();
        let last = scram.answer(SERVER_FIRST.as_bytes()).unwrap();
        assert_eq!(
            last,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        scram.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
        scram.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=").unwrap_err();
        assert_eq!(scram.verify(b"e=unknown-user").unwrap_err(), "unknown-user");
    }

    #[test]
    fn a_server_that_cheats_is_found_out() {
        let check = |message: &str, says: &str| {
            let error = begun().answer(message.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{message}: {error}");
        };
        check("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce");
        check("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce");
        check(&SERVER_FIRST.replace("i=4096", "i=1"), "iterations");
        check(&SERVER_FIRST.replace("i=4096", "i=4000000000"), "iterations");
        check(&SERVER_FIRST.replace("i=4096", "i=x"), "not one of SCRAM");
        check(&SERVER_FIRST.replace("s=W", "s=~"), "not one of SCRAM");
        check("", "not one of SCRAM");
        assert!(begun().verify(b"v=").is_err(), "nothing was signed yet");
    }

    #[test]
    fn names_are_escaped() {
        let (_, first) = Scram::with_nonce(Hash::Sha512, "a,b=c", "p", "x".to_owned()).unwrap();
        assert_eq!(first, "n,,n=a=2Cb=3Dc,r=x");
        assert!(Scram::new(Hash::Sha512, "", "p").is_err());
    }
}
