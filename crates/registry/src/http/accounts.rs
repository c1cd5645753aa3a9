//! Who may use a registry that is not on loopback only.

use std::fmt;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Users of HTTP Basic authentication. None means that nobody is asked. Passwords are not kept, and not printed.
#[derive(Clone, Default)]
pub struct Users(Vec<[u8; 32]>);

impl Users {
    /// No users.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads lines of `name: password`; empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// The number of the first line that is neither.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut users = Self::default();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, password) = line.split_once(':').ok_or(index + 1)?;
            let (name, password) = (name.trim(), password.trim());
            if name.is_empty() || password.is_empty() {
                return Err(index + 1);
            }
            users.add(name, password);
        }
        Ok(users)
    }

    /// Adds a user.
    pub fn add(&mut self, name: &str, password: &str) {
        self.0.push(Sha256::digest(format!("{name}:{password}")).into());
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a request comes from one of them.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> bool {
        if self.is_empty() {
            return true;
        }
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.split_once(' '));
        let Some((_, given)) = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) else {
            return false;
        };
        let Ok(given) = STANDARD.decode(given.trim()) else { return false };
        let given: [u8; 32] = Sha256::digest(given).into();
        // All users, all bytes: how long it takes says nothing about how much fits.
        self.0.iter().fold(false, |found, known| {
            let difference = known.iter().zip(given).fold(0, |sum, (known, given)| sum | (known ^ given));
            found | (difference == 0)
        })
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Users({})", self.0.len())
    }
}
