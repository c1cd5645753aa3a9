//! `terraform test`: with the provider mocked, and with the fake cloud.

use fake_confluent_cloud::Options;

use crate::workspace::Workspace;

const MOCKED: &str = r#"
mock_provider "confluent" {
  mock_resource "confluent_kafka_cluster" {
    defaults = {
      id            = "lkc-mock01"
      rest_endpoint = "https://lkc-mock01.example.com"
      rbac_crn      = "crn://confluent.cloud/organization=1/environment=env-mock/cloud-cluster=lkc-mock01"
    }
  }
  mock_resource "confluent_service_account" {
    defaults = { id = "sa-mock01", api_version = "iam/v2", kind = "ServiceAccount" }
  }
}
override_resource {
  target = confluent_kafka_cluster.this
  values = {
    id            = "lkc-mock01"
    api_version   = "cmk/v2"
    kind          = "Cluster"
    rest_endpoint = "https://lkc-mock01.example.com"
    rbac_crn      = "crn://confluent.cloud/organization=1/environment=env-mock/cloud-cluster=lkc-mock01"
  }
}
run "plans" {
  command = plan
  assert {
    condition     = confluent_kafka_topic.this.partitions_count == 6
    error_message = "the default is 6 partitions"
  }
}
run "applies" {
  assert {
    condition     = confluent_api_key.this.secret != ""
    error_message = "a key has a secret"
  }
}
"#;

const REAL: &str = r#"
run "applies" {
  assert {
    condition     = startswith(confluent_kafka_cluster.this.id, "lkc-")
    error_message = "the fake gives ids"
  }
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn modules_are_tested_with_mocks_and_with_the_fake() {
    let files = [
        ("main.tf", include_str!("../roots/small/main.tf")),
        ("tests/mocked.tftest.hcl", MOCKED),
        ("tests/fake.tftest.hcl", REAL),
    ];
    let test = "terraform_stand_in::terraform_test";
    let Some(root) = Workspace::start(test, &files, Options::default()).await else { return };
    let run = root.terraform(&["test"], &[], &[]);
    assert!(run.is_success && run.text.contains("3 passed, 0 failed"), "{}", run.text);
    // The tear-down of the test took everything away.
    assert_eq!(root.counts(), serde_json::json!({}));
}
