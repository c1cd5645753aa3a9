//! No secret is shown.
