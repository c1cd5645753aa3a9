//! The embedded schema registry: Confluent's REST API on loopback, kept in a compacted topic.
