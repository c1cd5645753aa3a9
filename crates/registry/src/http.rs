//! Confluent's REST API around a registry.
//!
//! A request is taken apart once ([`request`]), routed by its path ([`routes`]) and answered by a plain function: reads
//! look at the state, changes go through a plan.

mod accounts;
mod compatibility;
mod contexts;
mod ids;
mod listing;
mod media;
mod query;
mod reply;
mod request;
mod routes;
mod server;
mod settings;
mod shown;
mod subjects;
mod versions;

pub use accounts::Users;
pub use server::{Options, Server};
