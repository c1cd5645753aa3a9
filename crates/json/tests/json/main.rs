//! JSON as Kafka Connect writes and reads it, seen from outside.
#![allow(clippy::unwrap_used)]

mod documents;
mod round_trip;
mod schemas;
