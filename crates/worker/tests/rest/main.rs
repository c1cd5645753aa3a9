//! The REST API over a socket, as a client sees it: a whole worker, with Kafka in memory.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod audit;
mod auth;
mod bearer;
mod certificates;
mod client;
mod conversation;
mod exactly_once;
mod fakes;
mod group;
mod group_connectors;
mod group_sluice;
mod http;
mod issuer;
mod leaving;
mod limits;
mod logs;
mod masks;
mod metrics;
mod mtls;
mod reconfigure;
mod robustness;
mod roles;
mod secrets;
mod sink_offsets;
mod tls;
mod worker;
