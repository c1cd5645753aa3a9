//! From a configuration and the state before to the state that an apply will bring: what the provider fills in stays
//! as it was, or is unknown for a new object; and the places whose change needs a new object.

use crate::declaration::{Attribute, Block, NestedBlock, Nesting, Type};
use crate::problem::Place;
use crate::value::Value;

/// A planned change.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The state after an apply, as far as it is known.
    pub state: Value,
    /// Places whose change replaces the object.
    pub replace: Vec<Place>,
}

/// Plans a create (`prior` is null) or an update.
#[must_use]
pub fn plan(block: &Block, config: &Value, prior: &Value) -> Plan {
    let state = planned_block(block, config, prior);
    let mut replace = Vec::new();
    if *prior != Value::Null {
        compare_block(block, &state, prior, &Place::default(), &mut replace);
    }
    Plan { state, replace }
}

fn planned_block(block: &Block, config: &Value, prior: &Value) -> Value {
    let mut planned = Value::Map(Default::default());
    for attribute in &block.attributes {
        let name = &attribute.name;
        planned
            .set(name, planned_attribute(attribute, config.at(name), prior.at(name), *prior == Value::Null));
    }
    for nested in &block.blocks {
        let name = &nested.name;
        planned.set(name, planned_nested(nested, config.at(name), prior.at(name), *prior == Value::Null));
    }
    planned
}

fn planned_attribute(attribute: &Attribute, config: &Value, prior: &Value, is_new: bool) -> Value {
    match (config, &attribute.default) {
        (Value::Null, Some(default)) => default.clone(),
        (Value::Null, None) if attribute.computed && is_new => Value::Unknown,
        (Value::Null, None) if attribute.computed => prior.clone(),
        // To the library beneath the real provider, an argument that is not given and one that is empty are the same.
        (Value::Null, None) if prior.is_zero() => prior.clone(),
        _ if !is_new && *prior == Value::Null && config.is_zero() => Value::Null,
        _ => config.clone(),
    }
}

fn planned_nested(nested: &NestedBlock, config: &Value, prior: &Value, is_new: bool) -> Value {
    let elements = match config {
        Value::Unknown => return Value::Unknown,
        Value::List(elements) => elements.as_slice(),
        // Terraform's timeouts are configuration that lies in the state.
        _ if nested.nesting == Nesting::Single => return config.clone(),
        _ => &[],
    };
    if elements.is_empty() && nested.computed {
        return if is_new { Value::List(vec![unknown_element(&nested.block)]) } else { prior.clone() };
    }
    let prior = match prior {
        Value::List(prior) => prior.as_slice(),
        _ => &[],
    };
    let planned = elements.iter().enumerate().map(|(index, element)| {
        let before = match nested.nesting {
            Nesting::Set => prior.iter().find(|before| agrees(&nested.block, element, before)),
            _ => prior.get(index),
        };
        planned_block(&nested.block, element, before.unwrap_or(&Value::Null))
    });
    Value::List(planned.collect())
}

/// What a block that the provider fills in looks like before it does.
fn unknown_element(block: &Block) -> Value {
    let mut element = Value::Map(Default::default());
    for attribute in &block.attributes {
        element.set(&attribute.name, Value::Unknown);
    }
    for nested in &block.blocks {
        element.set(&nested.name, Value::List(Vec::new()));
    }
    element
}

/// Whether a set's element of before is the one that is configured: all that is configured is the same.
fn agrees(block: &Block, element: &Value, before: &Value) -> bool {
    block.attributes.iter().all(|attribute| {
        let configured = element.at(&attribute.name);
        *configured == Value::Null || same(&attribute.r#type, configured, before.at(&attribute.name))
    })
}

/// Equality, where the order of a set does not count.
fn same(of: &Type, left: &Value, right: &Value) -> bool {
    match (of, left, right) {
        (Type::Set(_), Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().all(|item| right.contains(item))
        }
        _ => left == right,
    }
}

fn compare_block(block: &Block, planned: &Value, prior: &Value, place: &Place, replace: &mut Vec<Place>) {
    for attribute in block.attributes.iter().filter(|attribute| attribute.force_new) {
        let name = &attribute.name;
        if !same(&attribute.r#type, planned.at(name), prior.at(name)) {
            replace.push(place.name(name));
        }
    }
    for nested in &block.blocks {
        let place = place.name(&nested.name);
        let (after, before) = (planned.at(&nested.name), prior.at(&nested.name));
        if after.is_absent() && before.is_absent() {
            continue;
        }
        let (Value::List(after), Value::List(before)) = (after, before) else {
            if nested.force_new && after != before {
                replace.push(place);
            }
            continue;
        };
        let replaces = nested.force_new || nested.block.attributes.iter().any(|inner| inner.force_new);
        if after.len() != before.len() && replaces {
            replace.push(place);
            continue;
        }
        if nested.nesting == Nesting::Set {
            let is_same = after.iter().all(|element| before.contains(element));
            if !is_same && replaces {
                replace.push(place);
            }
            continue;
        }
        for (index, (after, before)) in after.iter().zip(before).enumerate() {
            compare_block(&nested.block, after, before, &place.element(index), replace);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::declaration::Declarations;
    use crate::problem::Step;

    fn planned(resource: &str, config: &Json, prior: &Json) -> Plan {
        let all = Declarations::load().unwrap();
        plan(&all.resources[resource].block, &Value::from_json(config), &Value::from_json(prior))
    }

    #[test]
    fn a_new_object_has_unknowns_where_the_provider_fills_in() {
        let plan = planned(
            "confluent_network",
            &json!({"cloud": "AWS", "environment": [{"id": "env-1"}]}),
            &Json::Null,
        );
        assert_eq!(plan.state.at("dns_domain"), &Value::Unknown);
        assert_eq!(plan.state.at("aws.0.vpc"), &Value::Unknown);
        assert_eq!(plan.state.text("environment.0.id"), "env-1");
        assert!(plan.replace.is_empty());
    }

    #[test]
    fn an_update_keeps_what_the_provider_filled_in() {
        let prior = json!({"cloud": "AWS", "dns_domain": "d", "aws": [{"vpc": "v"}], "environment": [{"id": "env-1"}]});
        let config = json!({"cloud": "AWS", "display_name": "new", "environment": [{"id": "env-1"}]});
        let plan = planned("confluent_network", &config, &prior);
        assert_eq!((plan.state.text("dns_domain"), plan.state.text("aws.0.vpc")), ("d", "v"));
        assert!(plan.replace.is_empty(), "{:?}", plan.replace);
    }

    #[test]
    fn defaults_are_planned() {
        let plan = planned("confluent_kafka_topic", &json!({"topic_name": "t"}), &Json::Null);
        assert_eq!(plan.state.at("partitions_count"), &Value::Number(6.into()));
    }

    #[test]
    fn a_changed_reference_names_its_place() {
        let prior = json!({"environment": [{"id": "env-1"}], "gateway": [{"id": "gw-1"}]});
        let config = json!({"environment": [{"id": "env-1"}], "gateway": [{"id": "gw-2"}]});
        let plan = planned("confluent_access_point", &config, &prior);
        let id = [Step::Name("gateway".into()), Step::Element(0), Step::Name("id".into())];
        assert_eq!(plan.replace, [Place(id.into())]);
    }

    #[test]
    fn elements_of_a_set_are_found_by_what_is_configured() {
        let rule = |name: &str, tags: Json| json!({"name": name, "kind": "CONDITION", "on_success": "NONE,NONE", "tags": tags});
        let prior = json!({"ruleset": [{"domain_rules": [rule("a", json!(["x"])), rule("b", json!([]))]}]});
        let config = json!({"ruleset": [{"domain_rules": [{"name": "b", "kind": "CONDITION"}, {"name": "a", "kind": "CONDITION"}]}]});
        let plan = planned("confluent_schema", &config, &prior);
        assert_eq!(plan.state.at("ruleset.0.domain_rules.1.tags"), &Value::from_json(&json!(["x"])));
    }
}
