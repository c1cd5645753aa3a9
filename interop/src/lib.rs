//! Kafka Connect's own classes, driven from here: what a comparison of answers and one of speed both need.
//!
//! [`oracle::Oracle`] is the Java program; a [`case::Case`] is what it is asked; [`ours`] answers the same with the
//! plugins of this repository; [`wire`] is how both write schemas, values and records.

pub mod case;
pub mod oracle;
pub mod ours;
pub mod wire;
