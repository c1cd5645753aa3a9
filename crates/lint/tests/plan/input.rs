//! Whatever is given instead of a plan is refused with a reason, and nothing panics.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_lint::plan::{PlanJson, comment, gate};

use super::path;

fn error(bytes: &[u8]) -> String {
    PlanJson::parse(Path::new("some/plan.json"), bytes).unwrap_err().to_string()
}

#[test]
fn the_message_names_the_file_and_what_is_wrong() {
    let good = json!({ "format_version": "1.2", "resource_changes": [] });
    assert!(PlanJson::parse(Path::new("p"), good.to_string().as_bytes()).is_ok());
    let with = |key: &str, value: Value| {
        let mut plan = good.clone();
        plan[key] = value;
        plan.to_string()
    };
    let change = |key: &str, value: Value| {
        let mut change =
            json!({ "address": "a.b", "type": "a", "mode": "managed", "change": { "actions": ["create"] } });
        change[key] = value;
        with("resource_changes", json!([change]))
    };
    for (text, expected) in [
        (String::new(), "it is not JSON: EOF"),
        ("{".to_owned(), "it is not JSON"),
        ("[]".to_owned(), "it is a list, not an object"),
        ("{}".to_owned(), "it has no format_version"),
        (r#"{"format_version": "2.0"}"#.to_owned(), "version \"2.0\""),
        (r#"{"format_version": 1}"#.to_owned(), "it has no format_version"),
        (r#"{"format_version": "1.0", "values": {}}"#.to_owned(), "it is a state, not a plan"),
        (r#"{"format_version": "1.0"}"#.to_owned(), "neither resource_changes nor planned_values"),
        (r#"{"format_version": "1.0", "resource_changes": null}"#.to_owned(), "neither resource_changes"),
        (
            r#"{"format_version": "1.0", "valid": true, "error_count": 0, "diagnostics": []}"#.to_owned(),
            "it is the answer of `terraform validate -json`",
        ),
        (
            r#"{"format_version": "1.0", "provider_schemas": {}}"#.to_owned(),
            "it is the answer of `terraform providers schema -json`",
        ),
        (
            json!({ "format_version": "1.2", "planned_values": { "root_module": { "resources": [{}] } } })
                .to_string(),
            "it plans resources and has no resource_changes",
        ),
        (with("deferred_changes", json!([{}])), "deferred_changes[0].resource_change is null, not an object"),
        (
            "{\"@level\":\"info\"}\n{\"@level\":\"info\"}\n".to_owned(),
            "it is the log of `terraform plan -json`",
        ),
        (with("resource_changes", json!("x")), "resource_changes is a text, not a list"),
        (with("resource_changes", json!([1])), "resource_changes[0] is a number, not an object"),
        (with("resource_drift", json!([{}])), "resource_drift[0].change is missing"),
        (change("address", json!(null)), "resource_changes[0] has no address"),
        (change("type", json!(7)), "resource_changes[0].type is a number, not a text"),
        (change("change", json!([])), "resource_changes[0].change is a list, not an object"),
        (change("change", json!({})), "resource_changes[0].change.actions is not a list"),
        (change("change", json!({"actions": []})), "actions that are not known"),
        (change("change", json!({"actions": ["explode"]})), "actions that are not known"),
        (change("change", json!({"actions": ["delete", 1]})), "actions that are not known"),
    ] {
        let message = error(text.as_bytes());
        assert!(message.starts_with("some/plan.json is not a Terraform plan: "), "{message}");
        assert!(message.contains(expected), "{message}\nexpected: {expected}");
    }
    assert!(error(&[0xff, 0xfe]).contains("it is not JSON"));
    assert!(PlanJson::read(Path::new("no/plan.json")).unwrap_err().to_string().contains("no/plan.json"));
}

#[test]
fn deep_nesting_is_refused_and_a_byte_order_mark_is_not() {
    assert!(error("[".repeat(100_000).as_bytes()).contains("it is not JSON"));
    let plan = PlanJson::parse(
        Path::new("p"),
        "\u{feff}{\"format_version\":\"1.2\",\"configuration\":{}}".as_bytes(),
    );
    assert!(plan.is_ok());
}

#[test]
fn a_plan_that_changes_nothing_is_a_plan() {
    let empty = json!({ "format_version": "1.2", "planned_values": { "root_module": {} }, "configuration": { "root_module": {} } });
    assert!(PlanJson::parse(Path::new("p"), empty.to_string().as_bytes()).is_ok());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\"}]}")),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{0,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

// Puts a value somewhere into another.
fn replace(target: &mut Value, steps: &[u8], value: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        *target = value.clone();
        return;
    };
    match target {
        Value::Array(list) if !list.is_empty() => {
            let index = usize::from(*step) % list.len();
            replace(&mut list[index], rest, value);
        }
        Value::Object(map) if !map.is_empty() => {
            let index = usize::from(*step) % map.len();
            replace(map.values_mut().nth(index).unwrap(), rest, value);
        }
        other => *other = value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = PlanJson::parse(Path::new("p"), &bytes);
    }

    #[test]
    fn no_json_in_any_place_of_a_real_plan_makes_it_panic(
        steps in prop::collection::vec(any::<u8>(), 0..8),
        value in any_json(),
    ) {
        let mut plan: Value = serde_json::from_slice(&std::fs::read(path("aws.json")).unwrap()).unwrap();
        replace(&mut plan, &steps, &value);
        if let Ok(plan) = PlanJson::parse(Path::new("p"), plan.to_string().as_bytes()) {
            let _ = gate(&plan, &[]);
            let text = comment(&plan, "title");
            prop_assert!(text.len() <= sluice_lint::plan::LIMIT);
        }
    }
}
