//! A stateful Confluent Cloud for loopback.
#![doc = include_str!("../README.md")]

mod access;
mod cloud;
mod connect;
mod control;
mod dispatch;
mod error;
mod exchange;
mod failures;
mod field;
mod hooks;
mod ids;
mod kafka;
mod log;
mod mask;
mod object;
mod options;
mod registry;
mod server;

pub use error::{Error, Result};
pub use options::Options;
pub use server::Server;
