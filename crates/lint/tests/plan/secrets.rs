//! No secret of a plan gets into a comment, a verdict or a `Debug`.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sluice_lint::plan::{PlanJson, comment, gate};

use super::{change, path, plan, plan_of};

/// What a value is made of: plain parts, and secrets by their number.
#[derive(Debug, Clone)]
enum Node {
    Plain(String),
    // Marked as sensitive by Terraform.
    Marked(u8),
    // Under a key that means a secret.
    Named(u8),
    // Within a text that is not marked: a URL, or JSON with a name and a value.
    Within(u8),
    Paired(u8),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    // A whole part that is marked.
    Covered(Vec<u8>),
}

fn secret(number: u8) -> String {
    format!("S3cr3t-{number:03}-value")
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        3 => "[a-z]{1,8}".prop_map(Node::Plain),
        2 => any::<u8>().prop_map(Node::Marked),
        2 => any::<u8>().prop_map(Node::Named),
        1 => any::<u8>().prop_map(Node::Within),
        1 => any::<u8>().prop_map(Node::Paired),
        1 => prop::collection::vec(any::<u8>(), 1..4).prop_map(Node::Covered),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            prop::collection::vec(("[a-z]{1,6}", inner), 0..4).prop_map(Node::Object),
        ]
    })
}

// The value and its mask of sensitive parts.
fn build(node: &Node) -> (Value, Value) {
    match node {
        Node::Plain(text) => (json!(text), json!(false)),
        Node::Marked(number) => (json!(secret(*number)), json!(true)),
        Node::Named(number) => (json!({ "db_password": secret(*number) }), json!({})),
        Node::Within(number) => {
            (json!(format!("postgres://app:{}@db/orders", secret(*number))), json!(false))
        }
        Node::Paired(number) => {
            let definitions = json!([{ "environment": [{ "name": "API_TOKEN", "value": secret(*number) }] }]);
            (json!(definitions.to_string()), json!(false))
        }
        Node::Covered(numbers) => {
            let list: Vec<Value> =
                numbers.iter().map(|number| json!({ "x": secret(*number), "n": 1 })).collect();
            (Value::from(list), json!(true))
        }
        Node::List(nodes) => {
            let (values, masks): (Vec<Value>, Vec<Value>) = nodes.iter().map(build).unzip();
            (Value::from(values), Value::from(masks))
        }
        Node::Object(members) => {
            let (mut values, mut masks) = (Map::new(), Map::new());
            for (key, node) in members {
                let (value, mask) = build(node);
                values.insert(key.clone(), value);
                masks.insert(key.clone(), mask);
            }
            (Value::Object(values), Value::Object(masks))
        }
    }
}

fn assert_silent(plan: &PlanJson) -> Result<(), TestCaseError> {
    let verdict = gate(plan, &[]);
    let shown = [
        comment(plan, "dev/foundation"),
        format!("{verdict:?}"),
        serde_json::to_string(&verdict).unwrap(),
        format!("{plan:?}"),
    ];
    for text in shown {
        prop_assert!(!text.contains("S3cr3t-"), "{text}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn no_secret_gets_out(
        changes in prop::collection::vec((node(), node(), 0usize..5, 0usize..4), 1..5),
        copied in any::<u8>(),
    ) {
        let kinds = ["confluent_connector", "aws_iam_policy", "aws_security_group", "terraform_data", "confluent_kafka_acl"];
        let actions: [&[&str]; 4] = [&["create"], &["update"], &["delete"], &["delete", "create"]];
        let mut list = Vec::new();
        for (index, (before, after, kind, action)) in changes.iter().enumerate() {
            let (before, before_mask) = build(before);
            let (after, after_mask) = build(after);
            let names = |value: &Value| json!({ "config": value, "policy": value, "ingress": value, "principal": value, "crn_pattern": value });
            let mut one = change(&format!("{}.r{index}", kinds[*kind]), actions[*action], names(&before), names(&after));
            one["change"]["before_sensitive"] = names(&before_mask);
            one["change"]["after_sensitive"] = names(&after_mask);
            list.push(one);
        }
        // A secret that is marked in one place shows up in another that is not.
        let mut marked = change("terraform_data.marked", &["no-op"], json!({ "a": secret(copied) }), json!({ "a": secret(copied) }));
        marked["change"]["after_sensitive"] = json!({ "a": true });
        list.push(marked);
        list.push(change("terraform_data.copy", &["update"], json!({ "a": "x" }), json!({ "a": format!("x-{}-y", secret(copied)) })));
        assert_silent(&plan(&list))?;
    }
}

#[test]
fn a_sensitive_variable_is_a_secret_wherever_it_shows_up() {
    let plan = plan_of(&json!({
        "format_version": "1.2",
        "variables": { "pin": { "value": "S3cr3t-from-variable" } },
        "configuration": { "root_module": { "variables": { "pin": { "sensitive": true } } } },
        "resource_changes": [change("aws_x.y", &["update"], json!({ "a": "b" }), json!({ "a": "S3cr3t-from-variable" }))],
    }));
    assert!(assert_silent(&plan).is_ok());
    assert!(comment(&plan, "dev").contains("`a`: `b` → (sensitive)"));
}

#[test]
fn real_plans_keep_their_secrets() {
    for name in ["aws.json", "builtin.json", "confluent.json"] {
        let bytes = std::fs::read(path(name)).unwrap();
        let text = comment(&PlanJson::parse(Path::new(name), &bytes).unwrap(), "dev");
        for secret in ["correct-horse", "tr0ub4dor"] {
            assert!(String::from_utf8_lossy(&bytes).contains(secret), "{name} has no secret to keep");
            assert!(!text.contains(secret), "{name}: {text}");
        }
    }
}
