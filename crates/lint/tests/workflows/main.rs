//! The blueprint's workflows: their form, and what their steps do when they are run.
//!
//! The jobs are read from the YAML and run step by step in a scratch repository whose roots need no provider. Real are
//! bash, git, jq, openssl, Terraform and sluice; GitHub, AWS and the container engine are stand-ins.

#![allow(clippy::unwrap_used)] // a fixture that cannot be made is a failed test

mod apply;
mod comment;
mod expression;
mod form;
mod image;
mod job;
mod programs;
mod pull_request;
mod repository;
mod setup_sluice;
