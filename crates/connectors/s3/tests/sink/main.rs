//! The sink against a real S3 server in the process, as the runtime drives it.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not know for such

mod config;
mod conformance;
mod delivery;
mod faults;
mod names;
mod requests;
mod rotation;
mod support;
