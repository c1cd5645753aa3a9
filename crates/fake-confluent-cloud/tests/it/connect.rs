//! Managed connectors: their lives, states, configs and offsets.

use serde_json::{Value, json};

use crate::fake::{Fake, Home};

fn states(home: &Home, name: &str, times: usize) -> Vec<Value> {
    let status = || home.connect("GET", &format!("/connectors/{name}/status"), None).expect(200);
    (0..times).map(|_| status()["connector"]["state"].clone()).collect()
}

fn s3(home: &Home, name: &str) -> Value {
    json!({
        "name": name, "connector.class": "S3_SINK", "kafka.auth.mode": "SERVICE_ACCOUNT",
        "kafka.service.account.id": home.account, "topics": "orders", "input.data.format": "JSON",
        "output.data.format": "JSON", "s3.bucket.name": "lake", "time.interval": "HOURLY", "tasks.max": "2",
        "aws.access.key.id": "AKIA0000", "aws.secret.access.key": "hunter2",
    })
}

#[test]
fn a_connector_provisions_runs_pauses_and_goes() {
    let home = Home::new(Fake::with(|options| options.pending_reads = 1));
    let made = home.create_connector(&home.datagen("gen")).expect(201);
    assert_eq!((&made["name"], &made["type"]), (&json!("gen"), &json!("source")));
    assert_eq!(states(&home, "gen", 2), ["PROVISIONING", "RUNNING"]);
    home.connect("PUT", "/connectors/gen/pause", None).expect(202);
    assert_eq!(states(&home, "gen", 2), ["RUNNING", "PAUSED"]);
    home.connect("PUT", "/connectors/gen/resume", None).expect(202);
    assert_eq!(states(&home, "gen", 2), ["PAUSED", "RUNNING"]);
    home.connect("POST", "/connectors/gen/restart", None).expect(202);
    home.connect("POST", "/connectors/gen/restart", None).refused(400, "PROVISIONING");
    assert_eq!(states(&home, "gen", 2), ["PROVISIONING", "RUNNING"]);
    assert_eq!(home.connect("GET", "/connectors", None).expect(200), json!(["gen"]));
    assert_eq!(home.connect("DELETE", "/connectors/gen", None).expect(200), json!({"error": null}));
    home.connect("GET", "/connectors/gen", None).refused(404, "gen");
    home.connect("GET", "/connectors/gen/status", None).refused(404, "gen");
    home.connect("DELETE", "/connectors/gen", None).refused(404, "gen");
    assert_eq!(home.connect("GET", "/connectors?expand=info,status,id", None).expect(200), json!({}));
}

/// Trap: secrets come back masked, so drift in them cannot be seen.
#[test]
fn secrets_are_read_back_masked() {
    let home = Home::new(Fake::start());
    home.create_connector(&home.cdc("cdc", "hunter2")).expect(201);
    let all = home.connect("GET", "/connectors?expand=info,status,id", None).expect(200);
    let config = &all["cdc"]["info"]["config"];
    for key in ["database.password", "kafka.api.key", "kafka.api.secret"] {
        assert_eq!(config[key], "****************", "{key}");
    }
    assert!(all["cdc"]["id"]["id"].as_str().unwrap().starts_with("lcc-"));
    assert_eq!(all["cdc"]["id"]["id_type"], "ID");
    for path in ["/connectors/cdc", "/connectors/cdc/config", "/connectors/cdc/tasks"] {
        let text = home.connect("GET", path, None).expect(200).to_string();
        assert!(!text.contains("hunter2") && !text.contains(&home.kafka_key.1), "{path}: {text}");
    }
}

/// Trap: the service adds keys that nobody set; a plan must not see drift in them.
#[test]
fn the_service_adds_keys_and_keeps_the_sent_ones_as_they_are() {
    let home = Home::new(Fake::start());
    let sent = home.datagen("gen");
    home.create_connector(&sent).expect(201);
    let config = home.connect("GET", "/connectors/gen/config", None).expect(200);
    for (key, value) in sent.as_object().unwrap() {
        assert_eq!(&config[key], value, "{key}");
    }
    let mut added: Vec<&str> = config
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|key| sent.get(key).is_none())
        .collect();
    added.sort_unstable();
    let expected = [
        "cloud.environment",
        "cloud.provider",
        "config.internal.connector.tenant",
        "confluent.resource.connector.tier",
        "connector.crn",
        "kafka.dedicated",
        "kafka.endpoint",
        "kafka.max.partition.validation.disable",
        "kafka.region",
        "schema.registry.url",
        "valid.kafka.api.key",
    ];
    assert_eq!(added, expected);
}

/// PUT replaces: keys that are not sent are gone.
#[test]
fn a_config_is_replaced_as_a_whole() {
    let home = Home::new(Fake::start());
    home.create_connector(&home.cdc("cdc", "hunter2")).expect(201);
    let mut config = home.cdc("cdc", "****************");
    config["snapshot.mode"] = json!("never");
    home.connect("PUT", "/connectors/cdc/config", config).expect(200);
    let put = home.connect("PUT", "/connectors/cdc/config", home.cdc("cdc", "****************")).expect(200);
    assert_eq!(put["config"]["snapshot.mode"], Value::Null);
    let made = home.connect("PUT", "/connectors/new/config", home.datagen("new")).expect(200);
    assert_eq!(made["name"], "new");
}

/// Tools read a config, change a key and put all of it: a secret that comes masked means the old one.
#[test]
fn a_masked_secret_keeps_its_value() {
    let home = Home::new(Fake::start());
    let mut masked = home.cdc("cdc", "****************");
    masked["kafka.api.key"] = json!("****************");
    masked["kafka.api.secret"] = json!("****************");
    // There is nothing to keep yet, and a mask is no key of the cluster.
    home.create_connector(&masked).refused(400, "kafka.api.key");
    home.create_connector(&home.cdc("cdc", "hunter2")).expect(201);
    let validate = "/connector-plugins/PostgresCdcSourceV2/config/validate";
    assert_eq!(home.connect("PUT", validate, masked.clone()).expect(200)["error_count"], 0);
    home.connect("PUT", "/connectors/cdc/config", masked.clone()).expect(200);
    home.connect("PUT", "/connectors/cdc/config", masked).expect(200);
}

/// Trap: a connector that is paused from outside is drift only where the status is set.
#[test]
fn a_change_leaves_a_paused_connector_paused() {
    let home = Home::new(Fake::start());
    home.create_connector(&home.datagen("gen")).expect(201);
    assert_eq!(states(&home, "gen", 1), ["RUNNING"]);
    home.fake.change(json!({"kind": "connector", "name": "gen", "patch": {"state": "PAUSED"}}));
    home.connect("PUT", "/connectors/gen/config", home.datagen("gen")).expect(200);
    assert_eq!(states(&home, "gen", 2), ["PAUSED", "PAUSED"]);
}

/// Trap: it reaches FAILED, and neither pause, resume nor restart gets it out; a new config does.
#[test]
fn a_failed_connector_stays_failed_until_it_is_changed() {
    let home = Home::new(Fake::start());
    home.fake.fail(json!({"connector": "gen", "trace": "no such topic", "times": 1}));
    home.create_connector(&home.datagen("gen")).expect(201);
    let status = home.connect("GET", "/connectors/gen/status", None).expect(200);
    assert_eq!(
        (&status["connector"]["state"], &status["connector"]["trace"]),
        (&json!("FAILED"), &json!("no such topic"))
    );
    home.connect("PUT", "/connectors/gen/pause", None).expect(202);
    home.connect("PUT", "/connectors/gen/resume", None).expect(202);
    home.connect("POST", "/connectors/gen/restart", None).refused(400, "FAILED");
    assert_eq!(states(&home, "gen", 2), ["FAILED", "FAILED"]);
    home.connect("PUT", "/connectors/gen/config", home.datagen("gen")).expect(200);
    assert_eq!(states(&home, "gen", 1), ["RUNNING"]);
}

#[test]
fn a_sink_gets_a_topic_for_dead_letters() {
    let home = Home::new(Fake::start());
    home.create_connector(&s3(&home, "lake")).expect(201);
    let all = home.connect("GET", "/connectors?expand=id", None).expect(200);
    let topic = format!("/topics/dlq-{}", all["lake"]["id"]["id"].as_str().unwrap());
    home.kafka("GET", &topic, None).expect(200);
    // It stays: what is in it is the customer's.
    home.connect("DELETE", "/connectors/lake", None).expect(200);
    home.kafka("GET", &topic, None).expect(200);
}

#[test]
fn an_integration_knows_its_connectors() {
    let home = Home::new(Fake::start());
    let body = json!({
        "display_name": "s3", "provider": "AWS", "environment": {"id": home.environment},
        "config": {"kind": "AwsIntegrationConfig", "customer_iam_role_arn": "arn:aws:iam::123456789012:role/s3"},
    });
    let made = home.fake.cloud("POST", "/pim/v1/integrations", body).expect(201);
    let path =
        format!("/pim/v1/integrations/{}?environment={}", made["id"].as_str().unwrap(), home.environment);
    let mut config = s3(&home, "lake");
    config["authentication.method"] = json!("IAM Roles");
    home.create_connector(&config).refused(400, "provider.integration.id");
    config["provider.integration.id"] = made["id"].clone();
    home.create_connector(&config).expect(201);
    let usages = home.fake.cloud("GET", &path, None).expect(200)["usages"].clone();
    assert!(usages[0].as_str().unwrap().ends_with("/connector=lake"), "{usages}");
    home.fake.cloud("DELETE", &path, None).refused(400, "connector=lake");
    home.connect("DELETE", "/connectors/lake", None).expect(200);
    assert_eq!(home.fake.cloud("GET", &path, None).expect(200)["usages"], json!([]));
    home.create_connector(&config).expect(201);
    // Connectors go with their cluster.
    let cluster = format!("/cmk/v2/clusters/{}?environment={}", home.cluster, home.environment);
    home.fake.cloud("DELETE", &cluster, None).expect(204);
    home.fake.cloud("DELETE", &path, None).expect(204);
}

fn kafka_offset(offset: u32) -> Value {
    json!([{"partition": {"kafka_topic": "orders", "kafka_partition": 0}, "offset": {"kafka_offset": offset}}])
}

/// Trap: taking the offsets block away sends a DELETE, which resets the connector.
#[test]
fn offsets_are_changed_and_a_delete_resets_them() {
    let home = Home::new(Fake::with(|options| options.pending_reads = 1));
    let config = s3(&home, "lake");
    let body = json!({"name": "lake", "config": config, "offsets": kafka_offset(5)});
    assert_eq!(home.connect("POST", "/connectors", body).expect(201)["offsets"], kafka_offset(5));
    let offsets = || home.connect("GET", "/connectors/lake/offsets", None).expect(200)["offsets"].clone();
    assert_eq!(offsets(), kafka_offset(5));
    home.connect("GET", "/connectors/lake/offsets/request/status", None).expect(404);

    let request = |body: Value| home.connect("POST", "/connectors/lake/offsets/request", body);
    request(json!({"type": "PATCH", "offsets": kafka_offset(9)})).expect(202);
    request(json!({"type": "DELETE"})).refused(400, "one at a time");
    let phase = || {
        let status = home.connect("GET", "/connectors/lake/offsets/request/status", None).expect(200);
        (status["status"]["phase"].clone(), status["previous_offsets"].clone())
    };
    assert_eq!(phase(), (json!("PENDING"), kafka_offset(5)));
    assert_eq!(phase().0, "APPLIED");
    assert_eq!(offsets(), kafka_offset(9));

    request(json!({"type": "DELETE"})).expect(202);
    assert_eq!((phase().0, phase().0), (json!("PENDING"), json!("APPLIED")));
    assert_eq!(offsets(), json!([]));
}

/// Who does not ask for the status finds the change done too.
#[test]
fn a_change_of_offsets_needs_no_reader_of_its_status() {
    let home = Home::new(Fake::start());
    home.create_connector(&s3(&home, "lake")).expect(201);
    let body = json!({"type": "PATCH", "offsets": kafka_offset(9)});
    home.connect("POST", "/connectors/lake/offsets/request", body).expect(202);
    assert_eq!(home.connect("GET", "/connectors/lake/offsets", None).expect(200)["offsets"], kafka_offset(9));
}

#[test]
fn offsets_have_the_form_of_their_connector() {
    let home = Home::new(Fake::start());
    home.create_connector(&s3(&home, "lake")).expect(201);
    let request =
        |name: &str, body: Value| home.connect("POST", &format!("/connectors/{name}/offsets/request"), body);
    request("lake", json!({"type": "PATCH", "offsets": [{"partition": {"topic": "a"}, "offset": {"o": 1}}]}))
        .refused(400, "kafka_topic");
    request("lake", json!({"type": "PATCH"})).refused(400, "offsets");
    request("lake", json!({"type": "RESET"})).refused(400, "RESET");
    home.create_connector(&home.datagen("gen")).expect(201);
    request("gen", json!({"type": "DELETE"})).refused(400, "not supported");
    home.connect("GET", "/connectors/gen/offsets", None).refused(400, "not supported");
    home.connect("GET", "/connectors/none/offsets", None).refused(404, "none");
}

#[test]
fn tasks_are_as_many_as_asked_for() {
    let home = Home::new(Fake::start());
    home.create_connector(&s3(&home, "lake")).expect(201);
    assert_eq!(home.connect("GET", "/connectors/lake/tasks", None).expect(200).as_array().unwrap().len(), 2);
    let status = home.connect("GET", "/connectors/lake/status", None).expect(200);
    assert_eq!(status["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(status["type"], "sink");
}
