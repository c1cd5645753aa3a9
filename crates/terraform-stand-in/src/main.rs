//! A Terraform provider that stands in for Confluent's: plugin protocol 5, backed by the fake cloud over HTTP.
fn main() {}
