//! Whether two types are the same, so that the second may be printed as a name.

use crate::schema::{Kind, NodeId, Nodes};

/// Whether two types are equal as Avro has it: names, fields, defaults and properties, not documentation. Named parts
/// are compared by their numbers: each was made one when it was added.
pub(super) fn equal(nodes: &Nodes, one: NodeId, other: NodeId) -> bool {
    if one == other {
        return true;
    }
    let (a, b) = (&nodes[one], &nodes[other]);
    if a.properties != b.properties {
        return false;
    }
    match (&a.kind, &b.kind) {
        (Kind::Array(one), Kind::Array(other)) | (Kind::Map(one), Kind::Map(other)) => {
            equal(nodes, *one, *other)
        }
        (Kind::Union(one), Kind::Union(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(nodes, *one, *other))
        }
        (Kind::Record(one), Kind::Record(other)) => {
            one.name == other.name
                && one.fields.len() == other.fields.len()
                && one.fields.iter().zip(&other.fields).all(|(one, other)| {
                    one.name == other.name
                        && one.default == other.default
                        && one.properties == other.properties
                        && equal(nodes, one.schema, other.schema)
                })
        }
        (Kind::Enum(one), Kind::Enum(other)) => {
            one.name == other.name && one.symbols == other.symbols && one.default == other.default
        }
        (Kind::Fixed(one), Kind::Fixed(other)) => one.name == other.name && one.size == other.size,
        (one, other) => one == other,
    }
}
