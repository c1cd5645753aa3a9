//! What a connector is refused for, before it is made.

use serde_json::{Value, json};

use crate::fake::{Fake, Home};

/// Errors of the validate call, by key.
fn errors(home: &Home, class: &str, config: &Value) -> Vec<String> {
    let path = format!("/connector-plugins/{class}/config/validate");
    let answer = home.connect("PUT", &path, config.clone()).expect(200);
    let configs = answer["configs"].as_array().unwrap();
    let wrong: Vec<String> = configs
        .iter()
        .filter(|entry| !entry["value"]["errors"].as_array().unwrap().is_empty())
        .map(|entry| entry["value"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(answer["error_count"].as_u64().unwrap() > 0, !wrong.is_empty());
    wrong
}

#[test]
fn plugins_are_listed_and_describe_themselves() {
    let home = Home::new(Fake::start());
    let list = home.connect("GET", "/connector-plugins", None).expect(200);
    let find =
        |class: &str| list.as_array().unwrap().iter().find(|it| it["class"] == class).cloned().unwrap();
    assert_eq!(
        (&find("S3_SINK")["type"], &find("PostgresCdcSourceV2")["type"]),
        (&json!("sink"), &json!("source"))
    );
    // An empty config asks for the definitions.
    let path = "/connector-plugins/S3_SINK/config/validate";
    let answer = home.connect("PUT", path, json!({})).expect(200);
    let bucket = answer["configs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["definition"]["name"] == "s3.bucket.name")
        .unwrap()
        .clone();
    assert_eq!(bucket["definition"]["required"], true);
}

/// Trap: the service's validate call alone knows the keys of a plugin.
#[test]
fn validation_names_every_wrong_key() {
    let home = Home::new(Fake::start());
    let good = home.datagen("gen");
    assert_eq!(errors(&home, "DatagenSource", &good), [""; 0]);
    let without = |key: &str| {
        let mut config = good.clone();
        config.as_object_mut().unwrap().remove(key);
        config
    };
    for key in ["name", "connector.class", "kafka.topic", "output.data.format"] {
        assert_eq!(errors(&home, "DatagenSource", &without(key)), [key]);
    }
    let with = |key: &str, value: &str| {
        let mut config = good.clone();
        config[key] = json!(value);
        config
    };
    assert_eq!(errors(&home, "DatagenSource", &with("output.data.format", "XML")), ["output.data.format"]);
    assert_eq!(errors(&home, "DatagenSource", &with("tasks.max", "0")), ["tasks.max"]);
    assert_eq!(errors(&home, "DatagenSource", &with("kafka.auth.mode", "NONE")), ["kafka.auth.mode"]);
    assert_eq!(
        errors(&home, "DatagenSource", &with("kafka.service.account.id", "sa-none")),
        ["kafka.service.account.id"]
    );
    assert_eq!(errors(&home, "DatagenSource", &with("connector.class", "S3_SINK")), ["connector.class"]);
    // Unknown keys are ignored.
    assert_eq!(errors(&home, "DatagenSource", &with("made.up.key", "1")), [""; 0]);
    home.connect("PUT", "/connector-plugins/None/config/validate", good).refused(404, "None");
}

/// Trap: Java class names are ids of self-managed plugins; managed Connect has its own.
#[test]
fn a_java_class_is_no_managed_plugin() {
    let home = Home::new(Fake::start());
    let class = "io.confluent.connect.s3.S3SinkConnector";
    let mut config = home.datagen("gen");
    config["connector.class"] = json!(class);
    home.connect("PUT", &format!("/connector-plugins/{class}/config/validate"), config.clone())
        .refused(404, class);
    home.create_connector(&config).refused(400, class);
}

#[test]
fn a_create_is_refused_for_what_is_wrong_in_it() {
    let home = Home::new(Fake::start());
    let good = home.datagen("gen");
    let create = |body: Value| home.connect("POST", "/connectors", body);
    create(json!({"config": good})).refused(400, "name");
    create(json!({"name": "gen"})).refused(400, "config");
    create(json!({"name": "other", "config": good})).refused(400, "must be other");
    let mut number = good.clone();
    number["tasks.max"] = json!(1);
    create(json!({"name": "gen", "config": number})).refused(400, "tasks.max");
    let mut classless = good.clone();
    classless.as_object_mut().unwrap().remove("connector.class");
    create(json!({"name": "gen", "config": classless})).refused(400, "connector.class");
    let mut formless = good.clone();
    formless.as_object_mut().unwrap().remove("output.data.format");
    create(json!({"name": "gen", "config": formless})).refused(400, "output.data.format");
    assert_eq!(home.connect("GET", "/connectors", None).expect(200), json!([]));
    home.create_connector(&good).expect(201);
    home.create_connector(&good).refused(400, "exists");
}

#[test]
fn a_kafka_key_must_be_of_the_cluster() {
    let home = Home::new(Fake::start());
    let with = |key: &str, secret: &str| {
        let mut config = home.cdc("cdc", "hunter2");
        config["kafka.api.key"] = json!(key);
        config["kafka.api.secret"] = json!(secret);
        config
    };
    let class = "PostgresCdcSourceV2";
    assert_eq!(errors(&home, class, &with(&home.kafka_key.0, &home.kafka_key.1)), [""; 0]);
    for config in [
        with(&home.kafka_key.0, "wrong"),
        with(&home.registry_key.0, &home.registry_key.1),
        with("NONE", "none"),
        with("", &home.kafka_key.1),
    ] {
        assert_eq!(errors(&home, class, &config), ["kafka.api.key"]);
    }
    assert_eq!(errors(&home, class, &with(&home.kafka_key.0, "")), ["kafka.api.secret"]);
}

/// Trap: a sink has one of topics and topics.regex, and does not eat its own dead letters.
#[test]
fn a_sink_names_its_topics() {
    let home = Home::new(Fake::start());
    let base = json!({
        "name": "lake", "connector.class": "S3_SINK", "kafka.auth.mode": "SERVICE_ACCOUNT",
        "kafka.service.account.id": home.account, "topics": "orders", "input.data.format": "JSON",
        "output.data.format": "JSON", "s3.bucket.name": "lake", "time.interval": "HOURLY", "tasks.max": "1",
        "aws.access.key.id": "AKIA0000", "aws.secret.access.key": "hunter2",
    });
    let with = |changes: Value| {
        let mut config = base.clone();
        for (key, value) in changes.as_object().unwrap() {
            config[key] = value.clone();
        }
        errors(&home, "S3_SINK", &config)
    };
    assert_eq!(with(json!({})), [""; 0]);
    assert_eq!(with(json!({"topics": ""})), ["topics"]);
    assert_eq!(with(json!({"topics.regex": "a.*"})), ["topics"]);
    let dead = "errors.deadletterqueue.topic.name";
    assert_eq!(with(json!({"topics": "orders,dead", dead: "dead"})), [dead]);
    assert_eq!(with(json!({"aws.secret.access.key": ""})), ["aws.secret.access.key"]);
    assert_eq!(with(json!({"time.interval": "WEEKLY"})), ["time.interval"]);
}

#[test]
fn a_cluster_is_found_in_its_environment_only() {
    let home = Home::new(Fake::start());
    let other = home.fake.environment("other");
    let path = format!("/connect/v1/environments/{other}/clusters/{}/connectors", home.cluster);
    home.fake.cloud("GET", &path, None).refused(404, &home.cluster);
}
