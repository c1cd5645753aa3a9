//! The provider as Terraform sees it, against the fake cloud. Without `terraform` on the PATH these tests are skipped
//! by name.
#![allow(clippy::unwrap_used, reason = "tests may panic, which is how they fail")]

mod alone;
mod connectors;
mod fidelity;
mod imports;
mod lifecycle;
mod mocks;
mod plans;
mod refusals;
mod topics;
mod workspace;
