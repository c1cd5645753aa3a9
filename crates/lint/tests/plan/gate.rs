//! The gate refuses losses that nobody has permitted by name.

use serde_json::{Value, json};
use sluice_lint::plan::{Permit, PlanJson, comment, gate};

use super::{change, path, plan, plan_of};

fn permits(addresses: &[&str]) -> Vec<Permit> {
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

fn refused(plan: &PlanJson, allowed: &[&str]) -> Vec<(String, String)> {
    let verdict = gate(plan, &permits(allowed));
    assert_eq!(verdict.is_ok(), verdict.refused.is_empty());
    verdict.refused.into_iter().map(|refusal| (refusal.rule.to_owned(), refusal.address)).collect()
}

#[test]
fn a_plan_of_the_real_aws_provider_is_judged() {
    let plan = PlanJson::read(&path("aws.json")).unwrap();
    let expected = [
        ("destroys-data", "aws_secretsmanager_secret.db"),
        ("destroys-data", "aws_secretsmanager_secret_version.db"),
        // The bucket was deleted behind Terraform's back.
        ("vanished", "aws_s3_bucket.lake"),
        ("protection-removed", "aws_dynamodb_table.orders"),
    ];
    assert_eq!(refused(&plan, &[]), expected.map(|(rule, address)| (rule.to_owned(), address.to_owned())));
    let all: Vec<&str> = expected.iter().map(|(_, address)| *address).collect();
    assert!(refused(&plan, &all).is_empty());
    let verdict = gate(&plan, &[]);
    assert_eq!(verdict.counts.to_string(), "3 to replace, 3 to change, 1 to create");
    assert!(verdict.notes[0].contains("aws_ecs_task_definition"), "{:?}", verdict.notes);
}

#[test]
fn a_permit_is_for_one_resource() {
    let gone = |key: &str| {
        let mut gone = change("confluent_kafka_topic.x", &["delete"], json!({}), Value::Null);
        gone["address"] = json!(format!("module.topics.confluent_kafka_topic.this[\"{key}\"]"));
        gone
    };
    let plan = plan(&[gone("orders"), gone("refunds.eu*")]);
    let name = |key: &str| format!("module.topics.confluent_kafka_topic.this[\"{key}\"]");
    assert_eq!(refused(&plan, &[]).len(), 2);
    assert_eq!(refused(&plan, &[&name("orders")]), [("destroys-data".to_owned(), name("refunds.eu*"))]);
    assert!(refused(&plan, &[&name("orders"), &name("refunds.eu*")]).is_empty());
    let verdict = gate(&plan, &permits(&[&name("orders"), &name("refunds.eu*"), "aws_s3_bucket.other"]));
    assert_eq!(verdict.unused_permits, ["aws_s3_bucket.other"]);
    assert_eq!(verdict.permitted.len(), 2);
}

#[test]
fn there_are_no_wildcards_and_no_whole_modules() {
    for text in [
        "*",
        "module.topics",
        "confluent_kafka_topic.*",
        "a.b[*]",
        "module.a.module.b",
        "",
        "a.b.c",
        "a. b",
        "module.*.a.b",
    ] {
        assert!(text.parse::<Permit>().is_err(), "{text:?} was taken");
    }
    for text in ["a.b", "module.a.b.c", "module.a[\"x.y\"].b.c[0]", "a.b[\"*\"]", "module.a.module.b.c.d"] {
        assert!(text.parse::<Permit>().is_ok(), "{text:?} was refused");
    }
}

#[test]
fn what_holds_nothing_may_go() {
    let plan = plan(&[
        change("aws_lb_listener.this", &["delete"], json!({}), Value::Null),
        change("confluent_role_binding.this", &["delete", "create"], json!({}), json!({})),
        change(
            "confluent_kafka_topic.this",
            &["update"],
            json!({"partitions_count": 1}),
            json!({"partitions_count": 2}),
        ),
        change("confluent_connector.this", &["forget"], json!({}), Value::Null),
        change("confluent_environment.this", &["create"], Value::Null, json!({})),
    ]);
    assert!(refused(&plan, &[]).is_empty());
    assert!(
        gate(&plan, &[]).notes[0]
            .starts_with("2 deletes or replacements are of types that hold no data we know of")
    );
}

#[test]
fn every_kind_of_loss_is_refused() {
    for kind in [
        "confluent_environment",
        "confluent_network",
        "confluent_kafka_cluster",
        "confluent_kafka_topic",
        "confluent_schema",
        "confluent_subject_config",
        "confluent_connector",
        "confluent_provider_integration",
        "confluent_api_key",
        "confluent_service_account",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_s3_bucket",
        "aws_dynamodb_table",
        "aws_kms_key",
        "aws_secretsmanager_secret",
    ] {
        for actions in [&["delete"][..], &["delete", "create"], &["create", "delete"]] {
            let plan = plan(&[change(&format!("{kind}.this"), actions, json!({}), json!({}))]);
            assert_eq!(refused(&plan, &[]).len(), 1, "{kind} {actions:?}");
        }
    }
}

#[test]
fn the_message_says_why_and_what_is_lost() {
    let mut topic = change("confluent_kafka_topic.orders", &["delete", "create"], json!({}), json!({}));
    topic["action_reason"] = json!("replace_because_cannot_update");
    topic["change"]["replace_paths"] = json!([["partitions_count"]]);
    let mut connector = change("confluent_connector.orders", &["delete", "create"], json!({}), json!({}));
    connector["action_reason"] = json!("replace_because_tainted");
    let mut old = change("aws_kms_key.old", &["delete"], json!({}), Value::Null);
    old["deposed"] = json!("ab12cd34");
    let verdict = gate(&plan(&[topic, connector, old]), &[]);
    let messages: Vec<&str> = verdict.refused.iter().map(|refusal| refusal.message.as_str()).collect();
    assert!(messages[0].contains("old object ab12cd34"), "{messages:?}");
    assert_eq!(verdict.refused[0].address, "aws_kms_key.old (deposed ab12cd34)");
    assert!(messages[1].contains("tainted") && messages[1].contains("replication slot"), "{messages:?}");
    assert!(
        messages[2].contains("partitions_count cannot be changed") && messages[2].contains("every record"),
        "{messages:?}"
    );
}

#[test]
fn a_plan_that_failed_half_way_is_refused_whatever_is_permitted() {
    let plan = plan_of(&json!({ "format_version": "1.2", "errored": true, "resource_changes": [] }));
    assert_eq!(refused(&plan, &["a.b"]), [("errored-plan".to_owned(), "(the plan)".to_owned())]);
}

// What a plan puts off, as Terraform writes it.
fn put_off(changes: &[Value]) -> PlanJson {
    let deferred: Vec<Value> = changes
        .iter()
        .map(|change| json!({ "reason": "instance_count_unknown", "resource_change": change }))
        .collect();
    plan_of(
        &json!({ "format_version": "1.2", "complete": false, "resource_changes": [], "deferred_changes": deferred }),
    )
}

#[test]
fn what_is_put_off_is_judged_and_said() {
    let harmless = [
        change("aws_lb_listener.this", &["delete"], json!({}), Value::Null),
        change("aws_s3_bucket.new", &["create"], Value::Null, json!({})),
    ];
    let verdict = gate(&put_off(&harmless), &[]);
    assert!(verdict.is_ok(), "{verdict:?}");
    assert!(verdict.notes[0].starts_with("2 changes are put off"), "{:?}", verdict.notes);

    let bucket = put_off(&[change("aws_s3_bucket.lake", &["delete"], json!({}), Value::Null)]);
    assert_eq!(refused(&bucket, &[]), [("destroys-data".to_owned(), "aws_s3_bucket.lake".to_owned())]);
    assert!(refused(&bucket, &["aws_s3_bucket.lake"]).is_empty());
    assert!(comment(&bucket, "dev").contains("| **data or identity** | `aws_s3_bucket.lake` |"));
}

#[test]
fn what_is_put_off_for_unknown_instances_is_refused_whatever_is_permitted() {
    let mut topics = change("confluent_kafka_topic.this", &["create"], Value::Null, json!({}));
    topics["address"] = json!("module.topics.confluent_kafka_topic.this[*]");
    let topics = put_off(&[topics]);
    let found = refused(&topics, &["module.topics.confluent_kafka_topic.this"]);
    let expected = ("deferred-data".to_owned(), "module.topics.confluent_kafka_topic.this[*]".to_owned());
    assert_eq!(found, [expected]);
}

#[test]
fn a_plan_of_a_part_is_said() {
    let plan = plan_of(&json!({ "format_version": "1.2", "complete": false, "resource_changes": [] }));
    assert!(gate(&plan, &[]).notes[0].contains("made with -target"));
    assert!(comment(&plan, "dev").contains("made with `-target`"));
}
