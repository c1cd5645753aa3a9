//! Black-box tests of the crate, by situation.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod compatibility;
mod java_converter;
mod property;
mod resolution;
mod schema_text;
