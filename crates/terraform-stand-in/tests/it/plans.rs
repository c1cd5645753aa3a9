//! What plans say: replacements, refusals, and what is no change at all.

use fake_confluent_cloud::Options;
use serde_json::json;

use crate::workspace::Workspace;

#[tokio::test(flavor = "multi_thread")]
async fn another_order_of_zones_is_no_change_and_another_zone_replaces_all_below() {
    let Some(root) = Workspace::everything("terraform_stand_in::zones", Options::default()).await else {
        return;
    };
    root.apply(&[]);
    let order = [("zones", r#"["euc1-az3", "euc1-az1", "euc1-az2"]"#)];
    assert_eq!(root.plan(&order), Vec::<String>::new());
    let other = [("zones", r#"["euc1-az1"]"#)];
    let plan = root.plan(&other);
    for address in
        ["confluent_network.this", "confluent_kafka_cluster.this", "confluent_private_link_access.this"]
    {
        let line = format!("{address}: delete+create");
        assert!(plan.contains(&line), "{line} is not in {plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_integration_is_replaced_by_any_change() {
    let Some(root) = Workspace::everything("terraform_stand_in::integration", Options::default()).await
    else {
        return;
    };
    root.apply(&[]);
    let plan = root.plan(&[("integration_name", "renamed")]);
    assert!(plan.contains(&"confluent_provider_integration.s3: delete+create".to_owned()), "{plan:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basic_cluster_becomes_standard_in_place_and_nothing_else() {
    let Some(root) = Workspace::small("terraform_stand_in::cluster_type", "").await else { return };
    root.apply(&[]);
    assert_eq!(root.plan(&[("cluster_type", "standard")]), ["confluent_kafka_cluster.this: update"]);
    let refused = root.try_plan(&[("cluster_type", "dedicated")]);
    assert!(!refused.is_success);
    assert!(refused.text.contains("only basic can become standard"), "{}", refused.text);
    root.apply(&[("cluster_type", "standard")]);
    assert_eq!(root.plan(&[("cluster_type", "standard")]), Vec::<String>::new());
    let back = root.try_plan(&[]);
    assert!(!back.is_success && back.text.contains("cannot become basic"), "{}", back.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incompatible_schema_stops_the_plan_and_an_equal_one_is_no_change() {
    let Some(root) = Workspace::everything("terraform_stand_in::schema", Options::default()).await else {
        return;
    };
    root.apply(&[("with_connectors", "false")]);
    let spaced = r#"{ "type": "record", "name": "Order", "fields": [ {"name": "id", "type": "long"} ] }"#;
    assert_eq!(root.plan(&[("with_connectors", "false"), ("schema", spaced)]), Vec::<String>::new());
    let added = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null}]}"#;
    assert_eq!(
        root.plan(&[("with_connectors", "false"), ("schema", added)]),
        ["confluent_schema.orders: update"]
    );
    root.apply(&[("with_connectors", "false"), ("schema", added)]);
    assert_eq!(root.state("confluent_schema.orders")["values"]["version"], json!(2));
    let broken = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}"#;
    let refused = root.try_plan(&[("with_connectors", "false"), ("schema", broken)]);
    assert!(!refused.is_success && refused.text.contains("is not compatible"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_403_looks_like_a_deletion() {
    let Some(root) = Workspace::everything("terraform_stand_in::forbidden", Options::default()).await else {
        return;
    };
    root.apply(&[]);
    root.fail(&json!({"path_prefix": "/org/v2/environments/", "method": "GET", "status": 403, "times": 1}));
    let plan = root.plan(&[]);
    let created = plan.iter().filter(|line| line.ends_with("create")).count();
    assert!(created > 10, "{plan:#?}");
    root.heal();
    let invalid = json!({"errors": [{"status": "403", "detail": "invalid API key: make sure you're using a Cloud API Key"}]});
    root.fail(&json!({"path_prefix": "/org/v2/environments/", "status": 403, "times": 1, "body": invalid}));
    let run = root.try_plan(&[]);
    assert!(!run.is_success && run.text.contains("invalid API key"), "{}", run.text);
}
