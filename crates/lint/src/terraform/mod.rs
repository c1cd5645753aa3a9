//! Terraform as text: what a module declares, and rules over a tree of folders.

mod allow;
mod check;
mod comment;
mod connector;
mod file;
mod folder;
mod module;
mod policy;
mod resolve;
mod rule;
pub mod rules;
mod script;
mod team;
mod tree;
mod value;
mod walk;

pub use check::{check_tree, check_tree_with};
pub use module::{Module, ModuleCall, Output, Provider, Resource, ResourceMode, Variable};
pub use rule::Rule;
