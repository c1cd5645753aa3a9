//! Files in, findings out: rules over Terraform, its plans and connector files.
//!
//! It knows text: HCL, plan JSON, connector JSON, Markdown and scripts. It opens no connector and no socket, starts
//! no program and changes no file. Start at [`terraform::check_tree`] for a folder of Terraform.

mod aws_metric;
mod error;
mod finding;
mod network;
mod place;
pub mod plan;
mod rule_page;
pub mod secret_name;
pub mod terraform;
pub mod traps;

pub use error::Error;
pub use finding::Finding;
pub use rule_page::rule_page;
