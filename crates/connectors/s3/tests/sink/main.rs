//! The sink against a real S3 server in the process, as the runtime drives it.

mod config;
mod conformance;
mod delivery;
mod faults;
mod names;
mod rotation;
mod support;
