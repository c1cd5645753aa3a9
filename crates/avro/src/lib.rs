//! Avro, as Kafka Connect's converters and a schema registry need it: schema text, the mapping from and to Connect's schemas, binary data, compatibility.
