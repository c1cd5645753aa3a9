//! The comment: golden for real plans, short enough, and inert as Markdown.

use std::fs;

use serde_json::{Value, json};
use sluice_lint::plan::{LIMIT, PlanJson, comment, marker};

use super::{change, path, plan, plan_of};

fn golden(name: &str) {
    let text = comment(&PlanJson::read(&path(&format!("{name}.json"))).unwrap(), "dev/foundation");
    let file = path(&format!("{name}.md"));
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
}

#[test]
fn of_the_aws_provider() {
    golden("aws");
}

#[test]
fn of_terraforms_own_resources() {
    golden("builtin");
}

#[test]
fn of_confluents_provider() {
    golden("confluent");
}

#[test]
fn the_marker_is_the_first_line_and_depends_on_the_title() {
    let plan = plan(&[]);
    for title in ["dev/foundation", "a --> <script>", "x\ny"] {
        let text = comment(&plan, title);
        let first = text.lines().next().unwrap();
        assert_eq!(first, marker(title));
        assert_eq!(first.matches("-->").count(), 1, "{first}");
        assert!(!text.contains("<script>"), "{text}");
    }
    assert_ne!(marker("dev"), marker("prod"));
    assert!(comment(&plan, "dev").contains("**no changes**"));
}

#[test]
fn it_fits_and_says_what_was_left_out() {
    let big = |index: usize| {
        let mut big = change("aws_x.y", &["update"], json!({}), json!({}));
        big["address"] = json!(format!("aws_x.y[{index}]"));
        for key in 0..12 {
            big["change"]["before"][format!("key_{key}")] = json!("ü".repeat(200));
            big["change"]["after"][format!("key_{key}")] = json!("é".repeat(200));
        }
        big
    };
    let mut changes: Vec<Value> = (0..500).map(big).collect();
    changes.push(change("confluent_kafka_topic.orders", &["delete"], json!({}), Value::Null));
    let text = comment(&plan(&changes), "dev");
    assert!(text.len() <= LIMIT && text.len() > LIMIT / 2, "{}", text.len());
    let rows =
        text.lines().filter(|line| line.starts_with("| change ") || line.starts_with("| destroy ")).count();
    assert!(
        text.contains(&format!("**{rows} of 501 changes are shown; the other {} did not fit", 501 - rows)),
        "{rows}"
    );
    // What matters most is there.
    assert!(text.contains("| **data or identity** | `confluent_kafka_topic.orders` |"));
    assert!(text.contains("**1 to destroy, 500 to change**"));
}

#[test]
fn too_many_risks_are_cut_and_counted_as_well() {
    let gone = |index: usize| {
        let mut gone = change("confluent_kafka_topic.this", &["delete"], json!({}), Value::Null);
        gone["address"] = json!(format!("confluent_kafka_topic.this[\"{index}-{}\"]", "x".repeat(200)));
        gone
    };
    let text = comment(&plan(&(0..2_000).map(gone).collect::<Vec<_>>()), "dev");
    assert!(text.len() <= LIMIT, "{}", text.len());
    let rows = text.lines().filter(|line| line.starts_with("| **data or identity**")).count();
    assert!(
        text.contains(&format!("**{rows} of 2000 risks are shown; the other {}", 2_000 - rows)),
        "{rows}"
    );
    assert!(text.contains("**0 of 2000 changes are shown"));
}

#[test]
fn values_are_no_markdown() {
    let before = json!({ "text": "a|b `c` <!-- x --> @someone #1\nsecond", "list": ["a"] });
    let after = json!({ "text": "**b** [x](y)", "list": ["a", "b"] });
    let text = comment(&plan(&[change("aws_x.y", &["update"], before, after)]), "dev");
    let row = text.lines().find(|line| line.starts_with("| change ")).unwrap();
    assert_eq!(
        row,
        "| change | `aws_x.y` | `list`: `[\"a\"]` → `[\"a\",\"b\"]`<br>`text`: `a\\|b 'c' <!-- x --> @someone #1 second` → `**b** [x](y)` |"
    );
}

#[test]
fn risks_come_first_the_worst_of_them_at_the_top() {
    let policy = |actions: &[&str]| json!({ "policy": json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::lake/*" }] }).to_string() });
    let text = comment(
        &plan(&[
            change(
                "aws_iam_policy.sink",
                &["update"],
                policy(&["s3:PutObject"]),
                policy(&["s3:PutObject", "s3:DeleteObject"]),
            ),
            change(
                "aws_vpc_security_group_ingress_rule.kafka",
                &["create"],
                Value::Null,
                json!({ "cidr_ipv4": "0.0.0.0/0" }),
            ),
            change(
                "confluent_kafka_topic.a",
                &["update"],
                json!({ "config": { "retention.ms": "1000" } }),
                json!({ "config": { "retention.ms": "10" } }),
            ),
            change(
                "confluent_role_binding.a",
                &["create"],
                Value::Null,
                json!({ "role_name": "DeveloperRead", "principal": "User:sa-1", "crn_pattern": "crn://x" }),
            ),
            change("confluent_kafka_topic.b", &["delete"], json!({}), Value::Null),
            change("aws_lb_listener.b", &["delete"], json!({}), Value::Null),
        ]),
        "dev",
    );
    let risks: Vec<&str> = text.lines().filter(|line| line.starts_with("| **")).collect();
    let titles: Vec<&str> = risks.iter().map(|line| line.split("**").nth(1).unwrap()).collect();
    assert_eq!(
        titles,
        ["data or identity", "open to all", "more rights", "more rights", "shorter life of data", "destroys"]
    );
    assert!(risks[2].contains("s3:DeleteObject") && !risks[2].contains("s3:PutObject"), "{}", risks[2]);
}

#[test]
fn a_topic_that_passes_to_another_team_is_a_risk() {
    let text = comment(
        &plan_of(&json!({
            "format_version": "1.2",
            "resource_changes": [],
            "output_changes": { "topic_owners": {
                "actions": ["update"],
                "before": { "orders.a": "orders", "orders.b": "orders", "gone": "orders" },
                "after": { "orders.a": "payments", "orders.b": "orders", "new": "payments" },
            } },
        })),
        "prod/platform",
    );
    let risks: Vec<&str> = text.lines().filter(|line| line.starts_with("| **")).collect();
    assert_eq!(
        risks,
        ["| **another owner** | `orders.a` | the topic passes from the team orders to payments |"]
    );
    for owners in [
        json!(null),
        json!([]),
        json!({ "before": null, "after": {} }),
        json!({ "before": { "a": 1 }, "after": { "a": 2 } }),
    ] {
        let plan = plan_of(
            &json!({ "format_version": "1.2", "resource_changes": [], "output_changes": { "topic_owners": owners } }),
        );
        assert!(!comment(&plan, "dev").contains("another owner"));
    }
}

#[test]
fn the_other_half_of_the_internet_is_open_to_all() {
    let rule = |networks: &[&str]| json!({ "type": "ingress", "cidr_blocks": networks });
    let title = |before: &[&str], after: &[&str]| {
        let change = change("aws_security_group_rule.kafka", &["update"], rule(before), rule(after));
        let text = comment(&plan(&[change]), "dev");
        let row = text.lines().find(|line| line.starts_with("| **")).unwrap().to_owned();
        row.split("**").nth(1).unwrap().to_owned()
    };
    assert_eq!(title(&["0.0.0.0/2"], &["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1"]), "open to all");
    assert_eq!(title(&["0.0.0.0/2"], &["0.0.0.0/2", "64.0.0.0/2"]), "open to all");
    assert_eq!(title(&["0.0.0.0/0"], &["0.0.0.0/0", "::/0"]), "open to all");
    assert_eq!(title(&["10.0.0.0/8"], &["10.0.0.0/8", "172.16.0.0/12"]), "more rights");
}
