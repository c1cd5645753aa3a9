//! A client of Confluent's Schema Registry, and the converters that need one: Avro, JSON Schema, Protobuf.
