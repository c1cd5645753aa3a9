//! What a client has to say while it waits for brokers.

use std::time::Duration;

/// The brokers are away. The client goes on trying by itself: no call fails because of it, it only takes longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Why, in the client's words, and what to do.
    pub reason: String,
    /// For how long by now.
    pub lasts: Duration,
}
