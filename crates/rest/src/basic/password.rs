//! Hashes of passwords: Argon2id in the PHC string format, `$argon2id$v=19$m=…,t=…,p=…$SALT$HASH`.

use argon2::{ARGON2ID_IDENT, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _};

/// The most memory that a check may take, in KiB.
const MEMORY_KIB_MAX: u32 = 256 << 10;
/// The most passes over it.
const PASSES_MAX: u32 = 16;

/// Makes the hash of a password, with a new salt.
///
/// # Errors
/// It is empty, or the system has no randomness to give.
pub fn hash(password: &str) -> Result<String, String> {
    if password.is_empty() {
        return Err("the password is empty".to_owned());
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| format!("cannot hash the password: {error}"))
}

/// Whether it is the password of this hash, compared in constant time.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Checks that a hash is one that can be used. Returns its cost.
///
/// # Errors
/// Why not. The text shows no part of the hash.
pub(super) fn check(text: &str) -> Result<Params, String> {
    let make = "make one with `sluice worker --hash-password`";
    let hash = PasswordHash::new(text).map_err(|error| format!("that is no hash ({error}); {make}"))?;
    if hash.algorithm != ARGON2ID_IDENT {
        return Err(format!("that is no hash of Argon2id; {make}"));
    }
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(format!("that is no whole hash: salt or hash is missing; {make}"));
    }
    let params =
        Params::try_from(&hash).map_err(|error| format!("that is no hash of Argon2id ({error}); {make}"))?;
    if params.m_cost() > MEMORY_KIB_MAX || params.t_cost() > PASSES_MAX {
        return Err(format!(
            "a check of this hash would take too much: at most m={MEMORY_KIB_MAX} and t={PASSES_MAX}; {make}"
        ));
    }
    Ok(params)
}

/// A hash of this cost that no password fits.
///
/// # Errors
/// The system has no randomness to give.
pub(super) fn of_nobody(cost: Params) -> Result<String, String> {
    let mut bytes = [0; 32];
    let filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    filled.map_err(|_| "the system gives no random bytes".to_owned())?;
    let hash = Argon2::from(cost).hash_password(&bytes);
    hash.map(|hash| hash.to_string()).map_err(|error| format!("cannot make a hash: {error}"))
}

#[cfg(test)]
pub(super) use tests::quick;

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash that costs next to nothing.
    pub(in super::super) fn quick(password: &str) -> String {
        let argon = Argon2::from(Params::new(8, 1, 1, None).unwrap());
        argon.hash_password(password.as_bytes()).unwrap().to_string()
    }

    #[test]
    fn a_hash_fits_its_password_only() {
        let one = hash("geheim").unwrap();
        assert!(one.starts_with("$argon2id$v=19$m="), "{one}");
        assert_ne!(one, hash("geheim").unwrap(), "each has its own salt");
        assert!(verify("geheim", &one) && !verify("geheim ", &one) && !verify("", &one));
        assert!(hash("").is_err());
        let nobody = of_nobody(check(&one).unwrap()).unwrap();
        assert_eq!(check(&nobody).unwrap(), check(&one).unwrap(), "it costs the same");
    }

    #[test]
    fn what_is_no_hash_is_refused_and_not_shown() {
        let good = quick("x");
        check(&good).unwrap();
        for bad in [
            "canary",
            "",
            "$2y$10$canaryabcdefghijklmnopqrstuvwxyz",
            "$argon2id$v=19$m=19456,t=2,p=1",
            &good.replace("argon2id", "argon2i"),
            &good.replace("m=8", "m=9999999"),
            &good.replace("t=1", "t=999"),
        ] {
            let why = check(bad).unwrap_err();
            assert!(why.contains("--hash-password") && !why.contains("canary"), "{bad}: {why}");
        }
    }
}
