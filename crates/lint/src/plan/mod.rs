//! Terraform plans as `terraform show -json PLAN` prints them: a gate for what would destroy data, and a comment for
//! the people who review it.
//!
//! A plan holds every value in plain text, sensitive ones included; [`redact`] decides what may be shown.

mod change;
mod comment;
mod diff;
mod gate;
mod holding;
mod read;
mod redact;
mod risk;
pub mod rules;

pub use change::{Action, Change, Counts};
pub use comment::{LIMIT, comment, marker};
pub use gate::{Permit, Refusal, Verdict, gate, gate_with};
pub use read::PlanJson;
pub use rules::PlanRule;
