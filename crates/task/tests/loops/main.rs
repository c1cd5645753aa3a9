//! The loops of tasks against a Kafka in memory and connectors that do as they are told. Time is advanced by the tests.

#![allow(clippy::unwrap_used)] // tests

mod connectors;
mod exactly_once;
mod kafka_away;
mod lifecycle;
mod log_lines;
mod measures;
mod secrets;
mod simulation;
mod sink;
mod sink_rebalance;
mod sink_requests;
mod source;
mod source_faults;
mod source_letters;
mod world;
