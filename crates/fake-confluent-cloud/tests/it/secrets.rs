//! No secret leaves the fake: not in the log, not in the state, not in an answer but the one that makes a key.

use serde_json::json;

use crate::fake::{Fake, Home};

#[test]
fn the_log_and_the_state_hold_no_secret() {
    let home = Home::new(Fake::start());
    let config = home.cdc("cdc", "hunter2");
    // The provider sends the whole config, secrets included, to be validated.
    home.connect("PUT", "/connector-plugins/PostgresCdcSourceV2/config/validate", config.clone()).expect(200);
    home.create_connector(&config).expect(201);
    home.connect("PUT", "/connectors/cdc/config", config).expect(200);
    // The query of a JDBC source is a secret of its plugin, though its name does not say so.
    let mut jdbc = home.datagen("jdbc");
    jdbc["connector.class"] = json!("PostgresSource");
    jdbc["query"] = json!("select hunter3");
    home.connect("PUT", "/connector-plugins/PostgresSource/config/validate", jdbc).expect(200);
    // A secret in a place that does not look like one.
    let misplaced =
        json!({"display_name": "a", "description": format!("the secret is {}", home.kafka_key.1)});
    home.fake.cloud("POST", "/iam/v2/service-accounts", misplaced).expect(201);
    home.kafka("GET", &format!("/acls?principal={}", home.kafka_key.1.replace('+', "%2B")), None).expect(200);

    for place in ["requests", "state"] {
        let text = home.fake.hook("GET", place, None).expect(200).to_string();
        for secret in ["hunter2", "hunter3", "fake-cloud-secret", &home.kafka_key.1, &home.registry_key.1] {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
        assert!(text.contains("db.example"), "what is no secret is there: {place}");
    }
}

#[test]
fn validation_does_not_repeat_secrets() {
    let home = Home::new(Fake::start());
    let path = "/connector-plugins/PostgresCdcSourceV2/config/validate";
    let text = home.connect("PUT", path, home.cdc("cdc", "hunter2")).expect(200).to_string();
    assert!(!text.contains("hunter2") && !text.contains(&home.kafka_key.1), "{text}");
}

#[test]
fn options_do_not_print_their_secret() {
    let options = sluice_fake_confluent_cloud::Options::default();
    assert!(!format!("{options:?}").contains(&options.api_secret));
}
