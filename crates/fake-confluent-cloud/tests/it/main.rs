//! The fake as its clients see it: over HTTP only. Every answer is held against the published descriptions, where
//! they are there.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not know for such

mod contract;
mod fake;

mod access;
mod catalog;
mod clusters;
mod connect;
mod connect_refusals;
mod environments;
mod failures;
mod hooks;
mod identities;
mod kafka;
mod networking;
mod pages;
mod process;
mod registry;
mod secrets;
mod tour;
