//! Terraform as text: what a module declares, and rules over a tree of folders.

mod file;
mod module;
mod value;

pub use module::{Module, ModuleCall, Output, Provider, Resource, ResourceMode, Variable};
