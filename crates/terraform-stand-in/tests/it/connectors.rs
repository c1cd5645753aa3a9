//! Connectors and their traps.

use fake_confluent_cloud::Options;
use serde_json::json;

use crate::workspace::Workspace;

const CDC: &str = "confluent_connector.cdc[0]";
const S3: &str = "confluent_connector.s3[0]";

async fn applied(test: &str) -> Option<Workspace> {
    let root = Workspace::everything(test, Options::default()).await?;
    root.apply(&[]);
    root.forget_requests();
    Some(root)
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_text_and_what_the_service_adds_is_no_drift_and_secrets_stay() {
    let Some(root) = applied("terraform_stand_in::connector_config").await else { return };
    let cdc = root.state(CDC)["values"].clone();
    assert_eq!(cdc["config_nonsensitive"]["database.port"], json!("5432"));
    assert_eq!(cdc["config_sensitive"], json!({"database.password": "pa55word-of-cdc"}));
    for added in ["database.password", "cloud.environment", "kafka.endpoint"] {
        assert!(cdc["config_nonsensitive"].get(added).is_none(), "{added}");
    }
    let rotated = [("cdc_password", "another-pa55word")];
    assert_eq!(root.plan(&rotated), [format!("{CDC}: update")]);
    root.apply(&rotated);
    let sent = root.changes_sent();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert!(
        sent[0].0.starts_with("PUT ") && sent[0].0.ends_with("/connectors/orders-cdc/config"),
        "{sent:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_sent_typed_and_their_removal_resets() {
    let Some(root) = applied("terraform_stand_in::offsets").await else { return };
    root.apply(&[("offsets", r#"{"lsn" = "27"}"#)]);
    let sent = root.changes_sent();
    let patch =
        json!({"type": "PATCH", "offsets": [{"partition": {"server": "demo"}, "offset": {"lsn": 27}}]});
    assert_eq!(sent.iter().map(|(_, body)| body).collect::<Vec<_>>(), [&patch], "{sent:#?}");
    root.forget_requests();
    root.apply(&[]);
    let sent = root.changes_sent();
    assert_eq!(
        sent.iter().map(|(_, body)| body).collect::<Vec<_>>(),
        [&json!({"type": "DELETE"})],
        "{sent:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_paused_and_resumed_by_its_status_only_when_it_is_set() {
    let Some(root) = applied("terraform_stand_in::pause").await else { return };
    root.apply(&[("connector_status", "PAUSED")]);
    assert_eq!(root.state(S3)["values"]["status"], json!("PAUSED"));
    // Without a status the connector stays as it is.
    assert_eq!(root.plan(&[]), Vec::<String>::new());
    root.apply(&[("connector_status", "RUNNING")]);
    let asked: Vec<String> = root.changes_sent().into_iter().map(|(request, _)| request).collect();
    assert!(asked[0].ends_with("/pause") && asked[1].ends_with("/resume") && asked.len() == 2, "{asked:#?}");
    root.change("connector", "orders-s3", &json!({"state": "FAILED"}));
    let refused = root.try_apply(&[("connector_status", "RUNNING")]);
    assert!(!refused.is_success && refused.text.contains("from FAILED to RUNNING"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_not_renamed_and_the_state_keeps_its_name() {
    let Some(root) = applied("terraform_stand_in::rename").await else { return };
    let refused = root.try_apply(&[("connector_name", "other")]);
    assert!(!refused.is_success && refused.text.contains("cannot be renamed to other"), "{}", refused.text);
    assert_eq!(root.state(S3)["values"]["config_nonsensitive"]["name"], json!("orders-s3"));
    assert_eq!(root.plan(&[]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_fails_stays_as_tainted_and_is_made_anew() {
    let Some(root) = Workspace::everything("terraform_stand_in::tainted", Options::default()).await else {
        return;
    };
    root.apply(&[("with_connectors", "false")]);
    root.fail(&json!({"connector": "orders-cdc", "trace": "no replication slot is free"}));
    let failed = root.try_apply(&[]);
    assert!(!failed.is_success && failed.text.contains("no replication slot is free"), "{}", failed.text);
    let tainted = root.state(CDC);
    assert_eq!(tainted["tainted"], json!(true));
    root.heal();
    assert_eq!(root.plan(&[]), [format!("{CDC}: delete+create")]);
    root.apply(&[]);
    assert_ne!(root.state(CDC)["values"]["id"], tainted["values"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_does_not_take_is_said_before_anything_is_made() {
    let Some(root) = Workspace::everything("terraform_stand_in::plugin", Options::default()).await else {
        return;
    };
    root.apply(&[("with_connectors", "false")]);
    root.forget_requests();
    let refused = root.try_apply(&[("connector", r#"{"flush.size" = "1000", "tasks.max" = "none"}"#)]);
    assert!(!refused.is_success && refused.text.contains("does not take this config"), "{}", refused.text);
    let made: Vec<String> = root.changes_sent().into_iter().map(|(request, _)| request).collect();
    // The other connector was made; this one was only asked about.
    assert_eq!(made.iter().filter(|request| request.starts_with("POST ")).count(), 1, "{made:#?}");
    assert!(made.iter().any(|request| request.ends_with("/S3_SINK/config/validate")), "{made:#?}");
}
