//! What the provider refuses: to send anywhere but to loopback, and what it does not make.

use fake_confluent_cloud::Options;

use crate::workspace::Workspace;

const ROOT: &str = r#"
terraform {
  required_providers { confluent = { source = "confluentinc/confluent" } }
}
variable "endpoint" {}
variable "address" { default = null }
provider "confluent" {
  endpoint         = var.address
  cloud_api_key    = "FAKECLOUDKEY0001"
  cloud_api_secret = "fake-cloud-secret"
}
resource "confluent_environment" "this" { display_name = "demo" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_an_endpoint_or_to_one_that_is_not_loopback() {
    let test = "terraform_stand_in::loopback";
    let Some(root) = Workspace::start(test, &[("main.tf", ROOT)], Options::default()).await else { return };
    let validated = root.terraform(&["validate"], &[], &[]);
    assert!(validated.is_success, "{}", validated.text);
    // A plan of what is new sends nothing.
    assert_eq!(root.plan(&[]), ["confluent_environment.this: create"]);
    let without = root.try_apply(&[]);
    assert!(!without.is_success && without.text.contains("has no `endpoint`"), "{}", without.text);
    let outside = root.try_apply(&[("address", "https://api.confluent.example")]);
    assert!(
        !outside.is_success && outside.text.contains("nothing is sent to https://api"),
        "{}",
        outside.text
    );
    let url = root.url();
    root.apply(&[("address", url.as_str())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_refused_by_validate() {
    let wrong = |name: &str, body: &str| {
        format!(
            "terraform {{\n  required_providers {{\n    confluent = {{ source = \"confluentinc/confluent\" }}\n  }}\n}}\nresource \"{name}\" \"this\" {{\n{body}\n}}\n"
        )
    };
    let cluster = |types: &str| {
        format!(
            "display_name = \"c\"\navailability = \"SINGLE_ZONE\"\ncloud = \"AWS\"\nregion = \"eu-central-1\"\nenvironment {{\nid = \"env-1\"\n}}\n{types}"
        )
    };
    let cases = [
        ("confluent_kafka_cluster", cluster(""), "exactly one of basic, standard"),
        ("confluent_kafka_cluster", cluster("basic {}\nstandard {}"), "basic and standard are"),
        ("confluent_kafka_cluster", cluster("basic {}").replace("AWS", "AZ"), "one of: AWS, AZURE, GCP"),
        (
            "confluent_private_link_access",
            "environment {\nid = \"env-1\"\n}\nnetwork {\nid = \"n-1\"\n}\naws {\naccount = \"12\"\n}"
                .to_owned(),
            "account must match",
        ),
        (
            "confluent_role_binding",
            "principal = \"User:sa-1\"\nrole_name = \"X\"\ncrn_pattern = \"var.topic\"".to_owned(),
            "crn_pattern must start with crn://",
        ),
        ("confluent_environment", "display_name = \"e\"\nregion = \"x\"".to_owned(), "Unsupported argument"),
        (
            "confluent_connector",
            "environment {\nid = \"env-1\"\n}\nkafka_cluster {\nid = \"lkc-1\"\n}".to_owned(),
            "config_nonsensitive",
        ),
    ];
    for (index, (name, body, expected)) in cases.iter().enumerate() {
        let test = "terraform_stand_in::validate";
        let text = wrong(name, body);
        let Some(root) = Workspace::start(test, &[("main.tf", &text)], Options::default()).await else {
            return;
        };
        let run = root.terraform(&["validate"], &[], &[]);
        assert!(!run.is_success && run.text.contains(expected), "case {index}: {}", run.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_declared_is_planned_but_not_made() {
    let more = r#"
resource "confluent_ip_group" "this" {
  group_name  = "office"
  cidr_blocks = ["192.0.2.0/24"]
}
"#;
    let Some(root) = Workspace::small("terraform_stand_in::declared", more).await else { return };
    assert!(root.plan(&[]).contains(&"confluent_ip_group.this: create".to_owned()));
    let run = root.try_apply(&[]);
    assert!(
        !run.is_success && run.text.contains("declares confluent_ip_group but does not make it"),
        "{}",
        run.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cku_of_a_cluster_in_several_zones_is_checked_at_apply() {
    let test = "terraform_stand_in::cku";
    let Some(root) = Workspace::everything(test, Options::default()).await else { return };
    assert!(!root.plan(&[("cku", "1")]).is_empty());
    let run = root.try_apply(&[("cku", "1")]);
    assert!(!run.is_success && run.text.contains("2 CKUs or more, not 1"), "{}", run.text);
}
