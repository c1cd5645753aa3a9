//! Whether a default fits its type (Avro specification, "Schema Declaration", default values).

use serde_json::Value as Json;

use super::{Kind, NodeId, Nodes};

/// Why it does not fit; `None` when it does. A union's default fits when it fits any branch.
pub(crate) fn misfit(nodes: &Nodes, schema: NodeId, default: &Json) -> Option<String> {
    let mut check = Check { nodes, steps: STEPS_MAX };
    match check.fits(schema, default, 0) {
        true => None,
        false if check.steps == 0 => {
            Some(format!("the default cannot be checked: it takes in more than {STEPS_MAX} others"))
        }
        false => Some(format!(
            "the default {} is not a value of type {}",
            crate::error::shown(&default.to_string()),
            nodes[schema].name().map_or(nodes[schema].kind.type_name(), |name| name.full())
        )),
    }
}

// A record takes its fields' own defaults where it names none, which may be records again.
const STEPS_MAX: usize = 100_000;
const DEPTH_MAX: usize = 250;

struct Check<'a> {
    nodes: &'a Nodes,
    steps: usize,
}

impl Check<'_> {
    fn fits(&mut self, schema: NodeId, default: &Json, depth: usize) -> bool {
        if self.steps == 0 || depth > DEPTH_MAX {
            self.steps = 0;
            return false;
        }
        self.steps -= 1;
        let nodes = self.nodes;
        match &nodes[schema].kind {
            Kind::Null => default.is_null(),
            Kind::Boolean => default.is_boolean(),
            Kind::Int => default.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Kind::Long => default.as_i64().is_some(),
            Kind::Float | Kind::Double => default.is_number(),
            Kind::String | Kind::Bytes | Kind::Enum(_) | Kind::Fixed(_) => default.is_string(),
            Kind::Array(items) => default
                .as_array()
                .is_some_and(|list| list.iter().all(|item| self.fits(*items, item, depth + 1))),
            Kind::Map(values) => default
                .as_object()
                .is_some_and(|map| map.values().all(|value| self.fits(*values, value, depth + 1))),
            Kind::Union(branches) => branches.iter().any(|branch| self.fits(*branch, default, depth + 1)),
            Kind::Record(record) => default.as_object().is_some_and(|members| {
                record.fields.iter().all(|field| {
                    let given = members.get(&field.name).or(field.default.as_ref());
                    given.is_some_and(|value| self.fits(field.schema, value, depth + 1))
                })
            }),
        }
    }
}
