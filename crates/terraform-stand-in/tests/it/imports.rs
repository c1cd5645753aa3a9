//! Imports, which cannot see everything.

use serde_json::json;

use crate::workspace::Workspace;

fn forget(root: &Workspace, address: &str) {
    let run = root.terraform(&["state", "rm", address], &[], &[]);
    assert!(run.is_success, "{}", run.text);
}

fn ids(root: &Workspace) -> (String, String) {
    let id = |address: &str| root.state(address)["values"]["id"].as_str().unwrap().to_owned();
    (id("confluent_environment.this"), id("confluent_kafka_cluster.this"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_imported_with_credentials_from_the_environment() {
    let Some(root) = Workspace::small("terraform_stand_in::import_topic", "").await else { return };
    root.apply(&[]);
    let key = root.state("confluent_api_key.this")["values"].clone();
    let (_, cluster) = ids(&root);
    forget(&root, "confluent_kafka_topic.this");
    let id = format!("{cluster}/orders");
    let import = ["import", "confluent_kafka_topic.this", id.as_str()];
    let without = root.terraform(&import, &[], &[]);
    assert!(!without.is_success && without.text.contains("IMPORT_KAFKA_REST_ENDPOINT"), "{}", without.text);
    let url = root.url();
    let run = root.terraform(
        &import,
        &[],
        &[
            ("IMPORT_KAFKA_REST_ENDPOINT", url.as_str()),
            ("IMPORT_KAFKA_API_KEY", key["id"].as_str().unwrap()),
            ("IMPORT_KAFKA_API_SECRET", key["secret"].as_str().unwrap()),
        ],
    );
    assert!(run.is_success, "{}", run.text);
    assert_eq!(root.plan(&[]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_connector_plans_its_secrets_once() {
    let more = r#"
resource "confluent_connector" "this" {
  environment { id = confluent_environment.this.id }
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  config_sensitive = { "database.password" = "pa55word-of-cdc" }
  config_nonsensitive = {
    "connector.class"          = "PostgresCdcSourceV2"
    "name"                     = "cdc"
    "kafka.auth.mode"          = "SERVICE_ACCOUNT"
    "kafka.service.account.id" = confluent_service_account.this.id
    "database.hostname"        = "db.example.com"
    "database.port"            = "5432"
    "database.user"            = "cdc"
    "database.dbname"          = "orders"
    "topic.prefix"             = "demo"
    "slot.name"                = "demo"
    "publication.name"         = "demo"
    "output.data.format"       = "AVRO"
    "tasks.max"                = "1"
  }
  depends_on = [confluent_role_binding.this]
}
"#;
    let Some(root) = Workspace::small("terraform_stand_in::import_connector", more).await else { return };
    root.apply(&[]);
    let (environment, cluster) = ids(&root);
    forget(&root, "confluent_connector.this");
    let id = format!("{environment}/{cluster}/cdc");
    let run = root.terraform(&["import", "confluent_connector.this", &id], &[], &[]);
    assert!(run.is_success, "{}", run.text);
    assert_eq!(root.state("confluent_connector.this")["values"]["config_sensitive"], json!({}));
    assert_eq!(root.plan(&[]), ["confluent_connector.this: update"]);
    root.apply(&[]);
    assert_eq!(root.plan(&[]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_an_environment_is_imported_with_it() {
    let Some(root) = Workspace::small("terraform_stand_in::import", "").await else { return };
    root.apply(&[]);
    let (environment, cluster) = ids(&root);
    forget(&root, "confluent_kafka_cluster.this");
    let alone = root.terraform(&["import", "confluent_kafka_cluster.this", &cluster], &[], &[]);
    assert!(!alone.is_success && alone.text.contains("is not ENVIRONMENT/ID"), "{}", alone.text);
    let id = format!("{environment}/{cluster}");
    let run = root.terraform(&["import", "confluent_kafka_cluster.this", &id], &[], &[]);
    assert!(run.is_success, "{}", run.text);
    assert_eq!(root.plan(&[]), Vec::<String>::new());
}
