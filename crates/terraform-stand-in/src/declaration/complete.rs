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
            complete.set(&attribute.name, value.at(&attribute.name).clone());
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
}
