//! Text that no output may show.

use std::fmt;

/// What is shown in a secret's place, by Kafka's convention.
pub const HIDDEN: &str = "[hidden]";

/// A secret. Invariant 5: `Debug` and `Display` print [`HIDDEN`]; only [`Secret::expose`] gives the text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty, which is no secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariant_5_neither_debug_nor_display_shows_it() {
        let secret = Secret::new("canary");
        assert_eq!(format!("{secret:?} {secret} {:?}", Some(&secret)), "[hidden] [hidden] Some([hidden])");
    }
}
