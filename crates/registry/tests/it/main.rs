//! The registry as its clients see it: over HTTP only. `property.rs` and `restart.rs` look at its log, too.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not know for such

mod server;

mod access;
mod avro;
mod basics;
mod blocked;
mod compatibility;
mod concurrency;
mod config;
mod contexts;
mod delete;
mod ids;
mod import;
mod json;
mod kafka;
mod limits;
mod listing;
mod lookup;
mod metadata;
mod mode;
mod program;
mod property;
mod protobuf;
mod python;
mod references;
mod register;
mod restart;
mod versions;
