//! The same schema without what has no meaning: order of properties and aliases, empty documentation.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Kind, Logical, Node, Nodes, Properties, logical};

/// A schema whose canonical text is the normalized one.
///
/// As the registry does it, with two exceptions where its way through a text loses something: a type without
/// namespace inside one with a namespace keeps its name, and a default that fits not a union's first branch stays.
pub(super) fn normalize(nodes: &Nodes) -> Nodes {
    let mut normal = nodes.clone();
    for index in 0..normal.list.len() {
        let floats = floats(nodes, index);
        let node = &mut normal.list[index];
        let logical = logical::of(node);
        node.properties = sorted_properties(node, logical);
        match &mut node.kind {
            Kind::Record(record) => {
                record.is_error = false;
                record.aliases.sort();
                record.doc.take_if(|doc| doc.is_empty());
                for (field, is_float) in record.fields.iter_mut().zip(floats) {
                    field.aliases.sort();
                    field.properties = field
                        .properties
                        .iter()
                        .map(sorted_entry)
                        .collect::<BTreeMap<_, _>>()
                        .into_iter()
                        .collect();
                    if let Some(default) = &mut field.default {
                        *default = sorted(default);
                        if is_float
                            && let Some(number) = default.as_f64().and_then(serde_json::Number::from_f64)
                        {
                            *default = Json::Number(number);
                        }
                    }
                }
            }
            Kind::Enum(symbols) => {
                symbols.aliases.sort();
                symbols.doc.take_if(|doc| doc.is_empty());
            }
            Kind::Fixed(fixed) => {
                fixed.aliases.sort();
                fixed.doc.take_if(|doc| doc.is_empty());
            }
            _ => {}
        }
    }
    normal
}

/// Which fields of a record are floats: their defaults are printed with a point.
fn floats(nodes: &Nodes, index: usize) -> Vec<bool> {
    match &nodes.list[index].kind {
        Kind::Record(record) => {
            let is_float = |id| matches!(nodes[id].kind, Kind::Float | Kind::Double);
            record.fields.iter().map(|field| is_float(field.schema)).collect()
        }
        _ => Vec::new(),
    }
}

/// Sorted by name, but what makes the logical type comes first.
fn sorted_properties(node: &Node, logical: Option<Logical>) -> Properties {
    let mut sorted: BTreeMap<_, _> = node.properties.iter().map(sorted_entry).collect();
    let mut properties = Properties::new();
    let first: &[&str] = match logical {
        None => &[],
        Some(Logical::Decimal { scale: 0, .. }) => &["logicalType", "precision"],
        Some(Logical::Decimal { .. }) => &["logicalType", "precision", "scale"],
        Some(_) => &["logicalType"],
    };
    for key in first {
        if let Some((key, value)) = sorted.remove_entry(*key) {
            properties.insert(key, value);
        }
    }
    properties.extend(sorted);
    properties
}

fn sorted_entry((key, value): (&String, &Json)) -> (String, Json) {
    (key.clone(), sorted(value))
}

fn sorted(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().map(sorted_entry).collect();
            Json::Object(sorted.into_iter().collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
