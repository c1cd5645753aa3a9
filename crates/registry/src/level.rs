//! Compatibility levels and modes.

use serde::{Deserialize, Deserializer, Serialize};

/// What a new version of a subject must be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Anything.
    None,
    /// Read what the latest version wrote.
    Backward,
    /// Be read by the latest version.
    Forward,
    /// Both.
    Full,
    /// Read what any version wrote.
    BackwardTransitive,
    /// Be read by every version.
    ForwardTransitive,
    /// Both.
    FullTransitive,
}

impl Level {
    /// Reads a name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "NONE" => Self::None,
            "BACKWARD" => Self::Backward,
            "FORWARD" => Self::Forward,
            "FULL" => Self::Full,
            "BACKWARD_TRANSITIVE" => Self::BackwardTransitive,
            "FORWARD_TRANSITIVE" => Self::ForwardTransitive,
            "FULL_TRANSITIVE" => Self::FullTransitive,
            _ => return None,
        })
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Backward => "BACKWARD",
            Self::Forward => "FORWARD",
            Self::Full => "FULL",
            Self::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Self::ForwardTransitive => "FORWARD_TRANSITIVE",
            Self::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// Whether the new schema must read old data.
    pub(crate) fn backward(self) -> bool {
        matches!(self, Self::Backward | Self::Full | Self::BackwardTransitive | Self::FullTransitive)
    }

    /// Whether old schemas must read new data.
    pub(crate) fn forward(self) -> bool {
        matches!(self, Self::Forward | Self::Full | Self::ForwardTransitive | Self::FullTransitive)
    }

    /// Whether all versions count, not the latest only.
    pub(crate) fn transitive(self) -> bool {
        matches!(self, Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive)
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("{name} is no compatibility level")))
    }
}

/// What may be done with a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    /// Everything, but ids are the registry's.
    ReadWrite,
    /// Reading.
    ReadOnly,
    /// Reading, whatever the subjects' own modes say.
    #[serde(rename = "READONLY_OVERRIDE")]
    ReadOnlyOverride,
    /// Registering with ids that the client brings, and nothing is checked.
    Import,
    /// Taken from another registry; of the whole registry only.
    Forward,
}

impl Mode {
    /// Reads a name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "READWRITE" => Self::ReadWrite,
            "READONLY" => Self::ReadOnly,
            "READONLY_OVERRIDE" => Self::ReadOnlyOverride,
            "IMPORT" => Self::Import,
            "FORWARD" => Self::Forward,
            _ => return None,
        })
    }

    pub(crate) fn read_only(self) -> bool {
        matches!(self, Self::ReadOnly | Self::ReadOnlyOverride)
    }

    /// Whether clients bring the ids.
    pub(crate) fn takes_ids(self) -> bool {
        matches!(self, Self::Import | Self::Forward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_in_any_case() {
        for level in ["none", "Backward", "FORWARD", "full", "backward_transitive", "FORWARD_TRANSITIVE"] {
            assert_eq!(Level::named(level).unwrap().name(), level.to_ascii_uppercase());
        }
        assert_eq!(Level::named("sideways"), None);
    }

    #[test]
    fn modes_are_written_as_they_are_read() {
        for name in ["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD"] {
            let mode = Mode::named(name).unwrap();
            assert_eq!(serde_json::to_value(mode).unwrap(), name);
        }
    }
}
