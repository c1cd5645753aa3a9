//! The body of every error.

use serde::{Deserialize, Serialize};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorMessage {
    /// The status code.
    pub error_code: u16,
    /// What, where, why, and what to do.
    pub message: String,
}
