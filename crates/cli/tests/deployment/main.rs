//! The files with which others run our worker: what they say is what it takes.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod container;
mod files;
mod kubernetes;
mod process;
mod rest_authentication;
mod rest_tls;
mod systemd;
