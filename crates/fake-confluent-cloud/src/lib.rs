//! A stateful Confluent Cloud for loopback.
