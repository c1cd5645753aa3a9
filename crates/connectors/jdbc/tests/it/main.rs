//! The connector from outside: through the registry, against real databases.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail as the test does")]

mod configs;
mod conformance;
mod docs;
mod postgres_faults;
mod postgres_modes;
mod postgres_tables;
mod postgres_types;
mod sqlite_modes;
mod sqlite_types;
mod support;
