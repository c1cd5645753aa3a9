//! What can be said about a configuration before anything is known of the cloud: allowed values, forms of text, and
//! which arguments exclude each other. Required arguments and numbers of blocks Terraform checks by itself.

use regex::Regex;
use serde_json::Number;

use crate::declaration::{Attribute, Block, Form, Rule};
use crate::problem::{Place, Problem};
use crate::value::Value;

/// All problems of a configuration; none when it is right. What is unknown is not judged.
#[must_use]
pub fn check(block: &Block, config: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_block(block, config, &Place::default(), &mut problems);
    problems
}

fn check_block(block: &Block, config: &Value, place: &Place, problems: &mut Vec<Problem>) {
    let Value::Map(_) = config else { return };
    for attribute in &block.attributes {
        check_attribute(attribute, config.at(&attribute.name), &place.name(&attribute.name), problems);
    }
    for nested in &block.blocks {
        let place = place.name(&nested.name);
        match config.at(&nested.name) {
            Value::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    check_block(&nested.block, element, &place.element(index), problems);
                }
            }
            single => check_block(&nested.block, single, &place, problems),
        }
    }
    problems.extend(block.rules.iter().filter_map(|rule| check_rule(rule, config, place)));
}

fn check_attribute(attribute: &Attribute, value: &Value, place: &Place, problems: &mut Vec<Problem>) {
    match value {
        Value::Text(text) => problems.extend(check_text(attribute, text, place)),
        Value::Number(number) => problems.extend(check_number(attribute, number, place)),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                check_attribute(attribute, item, &place.element(index), problems);
            }
        }
        _ => {}
    }
}

fn check_text(attribute: &Attribute, text: &str, place: &Place) -> Option<Problem> {
    let name = &attribute.name;
    // The text of a secret is not repeated.
    let shown = if attribute.sensitive { "the value".to_owned() } else { format!("{text:?}") };
    if !attribute.values.is_empty() && !attribute.values.iter().any(|allowed| allowed == text) {
        let allowed = attribute.values.join(", ");
        return Some(Problem::at(
            place.clone(),
            format!("{name}: {shown} is not allowed"),
            format!("expected {name} to be one of: {allowed}"),
        ));
    }
    let (fits, expected) = match attribute.form.as_ref()? {
        Form::Prefix(prefixes) => (
            prefixes.iter().any(|prefix| text.starts_with(prefix)),
            format!("start with {}", prefixes.join(" or ")),
        ),
        // A pattern that is none is found by the test of the declarations.
        Form::Pattern(pattern) => {
            (Regex::new(pattern).is_ok_and(|regex| regex.is_match(text)), format!("match {pattern}"))
        }
        Form::AtLeast(_) => return None,
    };
    (!fits).then(|| wrong_form(name, &shown, &expected, place))
}

fn check_number(attribute: &Attribute, number: &Number, place: &Place) -> Option<Problem> {
    let Some(Form::AtLeast(least)) = attribute.form else { return None };
    let fits = number.as_i64().is_none_or(|number| number >= least);
    (!fits).then(|| wrong_form(&attribute.name, &number.to_string(), &format!("be {least} or more"), place))
}

fn wrong_form(name: &str, shown: &str, expected: &str, place: &Place) -> Problem {
    Problem::at(place.clone(), format!("{name}: {shown} is not accepted"), format!("{name} must {expected}"))
}

fn check_rule(rule: &Rule, config: &Value, place: &Place) -> Option<Problem> {
    let (names, at_least_one, at_most_one) = match rule {
        Rule::ExactlyOneOf(names) => (names, true, true),
        Rule::AtMostOneOf(names) => (names, false, true),
        Rule::AtLeastOneOf(names) => (names, true, false),
    };
    let given: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| is_given(config.at(name))).collect();
    let may_come = names.iter().any(|name| *config.at(name) == Value::Unknown);
    let all = names.join(", ");
    if at_most_one && given.len() > 1 {
        return Some(Problem::at(
            place.name(given[1]),
            "these arguments exclude each other",
            format!("only one of {all} can be given, but {} are", given.join(" and ")),
        ));
    }
    (at_least_one && given.is_empty() && !may_come).then(|| {
        let quantity = if at_most_one { "exactly one" } else { "at least one" };
        Problem::at(
            place.name(&names[0]),
            "an argument is missing",
            format!("{quantity} of {all} must be given"),
        )
    })
}

fn is_given(value: &Value) -> bool {
    !value.is_absent() && *value != Value::Unknown
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::declaration::Declarations;

    fn problems(resource: &str, config: &Json) -> Vec<String> {
        let all = Declarations::load().unwrap();
        let block = &all.resources[resource].block;
        check(block, &Value::from_json(config)).into_iter().map(|problem| problem.detail).collect()
    }

    #[test]
    fn a_cluster_has_exactly_one_type() {
        let types = "basic, standard, enterprise, freight, dedicated";
        assert_eq!(
            problems("confluent_kafka_cluster", &json!({"basic": []})),
            [format!("exactly one of {types} must be given")]
        );
        assert_eq!(
            problems("confluent_kafka_cluster", &json!({"basic": [{}], "dedicated": [{"cku": 1}]})),
            [format!("only one of {types} can be given, but basic and dedicated are")]
        );
        assert!(problems("confluent_kafka_cluster", &json!({"basic": [{}]})).is_empty());
    }

    #[test]
    fn an_unknown_argument_may_be_the_missing_one() {
        let mut config = Value::from_json(&json!({"basic": []}));
        config.set("dedicated", Value::Unknown);
        let all = Declarations::load().unwrap();
        assert!(check(&all.resources["confluent_kafka_cluster"].block, &config).is_empty());
    }

    #[test]
    fn values_and_forms_are_checked_where_they_are_known() {
        let account =
            |text: &str| problems("confluent_private_link_access", &json!({"aws": [{"account": text}]}));
        assert!(account("123456789012").is_empty());
        assert_eq!(account("12345678901"), [r"account must match ^\d{12}$"]);
        let binding = json!({"principal": "sa-1", "role_name": "X", "crn_pattern": "var.x"});
        assert_eq!(
            problems("confluent_role_binding", &binding),
            ["crn_pattern must start with crn://", "principal must start with User:"]
        );
        let network = json!({"cloud": "AWZ", "connection_types": ["PRIVATELINK", "VPN"]});
        assert_eq!(
            problems("confluent_network", &network),
            [
                "expected cloud to be one of: AWS, AZURE, GCP",
                "expected connection_types to be one of: PEERING, TRANSITGATEWAY, PRIVATELINK"
            ]
        );
    }
}
