//! A value with every name that its declaration has, and no other: what Terraform wants to see.

use super::{Block, Nesting};
use crate::value::Value;

impl Block {
    /// Fills in nulls and empty lists, and drops what is not declared. Null and unknown stay what they are.
    #[must_use]
    pub fn complete(&self, value: &Value) -> Value {
        if !matches!(value, Value::Map(_)) {
            return value.clone();
        }
        let mut complete = Value::Map(Default::default());
        for attribute in &self.attributes {
            complete.set(&attribute.name, attribute.r#type.complete(value.at(&attribute.name)));
        }
        for nested in &self.blocks {
            complete.set(
                &nested.name,
                match (value.at(&nested.name), nested.nesting) {
                    (single @ Value::Map(_), Nesting::Single) => nested.block.complete(single),
                    (_, Nesting::Single) => Value::Null,
                    (Value::List(elements), _) => {
                        Value::List(elements.iter().map(|element| nested.block.complete(element)).collect())
                    }
                    (Value::Unknown, _) => Value::Unknown,
                    _ => Value::List(Vec::new()),
                },
            );
        }
        complete
    }

    /// The state after an apply: what is still unknown has not been filled in, and is absent.
    #[must_use]
    pub fn settle(&self, value: &Value) -> Value {
        let mut settled = self.complete(value);
        let Value::Map(map) = &mut settled else { return settled };
        for (name, value) in map.iter_mut().filter(|(_, value)| !value.is_known()) {
            let is_list =
                self.blocks.iter().any(|nested| nested.name == *name && nested.nesting != Nesting::Single);
            *value = match value {
                Value::Unknown if is_list => Value::List(Vec::new()),
                _ => without_unknowns(value),
            };
        }
        for nested in self.blocks.iter().filter(|nested| nested.computed) {
            // A block that was planned as unknown as a whole was not filled in.
            if value.list(&nested.name).iter().any(|element| is_all_unknown(&nested.block, element)) {
                map.insert(nested.name.clone(), Value::List(Vec::new()));
            }
        }
        settled
    }
}

fn is_all_unknown(block: &Block, element: &Value) -> bool {
    block.attributes.iter().all(|attribute| *element.at(&attribute.name) == Value::Unknown)
}

fn without_unknowns(value: &Value) -> Value {
    match value {
        Value::Unknown => Value::Null,
        Value::List(items) => Value::List(items.iter().map(without_unknowns).collect()),
        Value::Map(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), without_unknowns(value))).collect())
        }
        _ => value.clone(),
    }
}
