//! Topics, and what a failed or repeated request leaves behind.

use serde_json::json;

use crate::workspace::Workspace;

#[tokio::test(flavor = "multi_thread")]
async fn partitions_grow_in_place_and_shrink_by_replacement() {
    let Some(root) = Workspace::small("terraform_stand_in::partitions", "").await else { return };
    root.apply(&[]);
    assert_eq!(root.plan(&[("partitions", "8")]), ["confluent_kafka_topic.this: update"]);
    assert_eq!(root.plan(&[("partitions", "3")]), ["confluent_kafka_topic.this: delete+create"]);
    root.apply(&[("partitions", "8")]);
    assert_eq!(root.state("confluent_kafka_topic.this")["values"]["partitions_count"], json!(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_is_removed_goes_back_to_its_default() {
    let Some(root) = Workspace::small("terraform_stand_in::settings", "").await else { return };
    root.apply(&[]);
    root.forget_requests();
    let fewer = [("settings", r#"{"retention.ms" = "3600000"}"#)];
    root.apply(&fewer);
    let altered =
        root.changes_sent().into_iter().find(|(request, _)| request.ends_with("configs:alter")).unwrap();
    assert_eq!(
        altered.1,
        json!({"data": [
            {"name": "cleanup.policy", "operation": "DELETE"}, {"name": "retention.ms", "value": "3600000"}
        ]})
    );
    assert_eq!(root.plan(&fewer), Vec::<String>::new());
    let refused =
        root.try_apply(&[("settings", r#"{"retention.ms" = "3600000", "compression.type" = "zstd"}"#)]);
    assert!(!refused.is_success && refused.text.contains("cannot be changed after"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_failures_are_retried_and_lasting_ones_name_the_request() {
    let Some(root) = Workspace::small("terraform_stand_in::retries", "").await else { return };
    root.fail(&json!({"path_prefix": "/org/v2/environments", "status": 429, "times": 2}));
    root.fail(&json!({"path_prefix": "/iam/v2/service-accounts", "status": 503, "times": 2}));
    root.apply(&[]);
    root.fail(&json!({"path_prefix": "/iam/v2/service-accounts", "status": 500}));
    let run = root.try_plan(&[]);
    assert!(!run.is_success);
    assert!(run.text.contains("cannot read a confluent_service_account"), "{}", run.text);
    assert!(run.text.contains("/iam/v2/service-accounts/"), "{}", run.text);
    assert!(run.text.contains("500"), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_used_until_it_works_unless_that_is_disabled() {
    let test = "terraform_stand_in::key_wait";
    let files = [("main.tf", include_str!("../roots/small/main.tf"))];
    let mut options = fake_confluent_cloud::Options::default();
    options.key_pending_uses = 3;
    let Some(root) = Workspace::start(test, &files, options).await else { return };
    root.apply(&[("wait_for_key", "true")]);
    // Three refusals, then it has to work twice.
    assert!(root.reads_of("/topics") >= 5, "{} reads", root.reads_of("/topics"));
    // The secret was in the answer to the create alone.
    assert!(
        root.state("confluent_api_key.this")["values"]["secret"].as_str().is_some_and(|it| !it.is_empty())
    );
}
