//! Kafka clusters of all types, and the Schema Registry that comes with the first.

use serde_json::{Value, json};

use crate::fake::{Fake, Home, cluster, id, reference};

fn path(cluster: &str, environment: &str) -> String {
    format!("/cmk/v2/clusters/{cluster}?environment={environment}")
}

#[test]
fn each_type_is_provisioned() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let types = [
        (json!({"kind": "Basic", "max_ecku": 3}), "SINGLE_ZONE"),
        (json!({"kind": "Standard"}), "LOW"),
        (json!({"kind": "Enterprise", "max_ecku": 2}), "HIGH"),
        (json!({"kind": "Freight"}), "HIGH"),
        (json!({"kind": "Dedicated", "cku": 2}), "MULTI_ZONE"),
    ];
    for (config, availability) in types {
        let made = fake
            .cloud("POST", "/cmk/v2/clusters", cluster(&environment, availability, config.clone()))
            .expect(202);
        assert_eq!(made["status"]["phase"], "PROVISIONING");
        let shown = fake.cloud("GET", &path(&id(&made), &environment), None).expect(200);
        assert_eq!(shown["status"]["phase"], "PROVISIONED");
        assert_eq!(shown["spec"]["config"]["kind"], config["kind"]);
        assert_eq!(shown["spec"]["http_endpoint"], fake.url());
        let bootstrap = shown["spec"]["kafka_bootstrap_endpoint"].as_str().unwrap();
        assert!(bootstrap.starts_with("SASL_SSL://") && bootstrap.ends_with(":9092"), "{bootstrap}");
    }
    let list = fake.cloud("GET", &format!("/cmk/v2/clusters?environment={environment}"), None).expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 5);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let cases = [
        // Trap: neither validate nor plan of the provider sees it.
        (json!({"kind": "Dedicated", "cku": 1}), "MULTI_ZONE", "2 CKUs"),
        (json!({"kind": "Dedicated"}), "SINGLE_ZONE", "cku"),
        (json!({"kind": "Dedicated", "cku": 2}), "HIGH", "HIGH"),
        (json!({"kind": "Basic", "cku": 2}), "SINGLE_ZONE", "Dedicated"),
        (json!({"kind": "Enterprise", "max_ecku": 1}), "HIGH", "2 or more"),
        (json!({"kind": "Serverless"}), "SINGLE_ZONE", "Serverless"),
        (json!({"kind": "Basic"}), "TRIPLE_ZONE", "TRIPLE_ZONE"),
    ];
    for (config, availability, why) in cases {
        fake.cloud("POST", "/cmk/v2/clusters", cluster(&environment, availability, config)).refused(400, why);
    }
    let mut gcp = cluster(&environment, "SINGLE_ZONE", json!({"kind": "Basic"}));
    gcp["spec"]["cloud"] = json!("GCP");
    fake.cloud("POST", "/cmk/v2/clusters", gcp).refused(400, "AWS only");
    assert_eq!(fake.counts(), json!({"environment": 1}));
}

/// A resize shows in the spec at once, in the status when it is done.
#[test]
fn a_dedicated_cluster_is_resized_after_a_while() {
    let fake = Fake::with(|options| options.pending_reads = 1);
    let environment = fake.environment("home");
    let lkc = fake.cluster(&environment, json!({"kind": "Dedicated", "cku": 1}));
    let one = path(&lkc, &environment);
    let resize = |cku: u32| json!({"spec": {"config": {"kind": "Dedicated", "cku": cku}, "environment": reference(&environment)}});
    fake.cloud("PATCH", &format!("/cmk/v2/clusters/{lkc}"), resize(2)).refused(409, "provisioned");
    let seen = |count: usize| -> Vec<Value> {
        (0..count).map(|_| fake.cloud("GET", &one, None).expect(200)["status"]["cku"].clone()).collect()
    };
    assert_eq!(seen(2), [1, 1]);
    let changed = fake.cloud("PATCH", &format!("/cmk/v2/clusters/{lkc}"), resize(3)).expect(200);
    assert_eq!((&changed["spec"]["config"]["cku"], &changed["status"]["cku"]), (&json!(3), &json!(1)));
    assert_eq!(seen(2), [1, 3]);
    fake.cloud("PATCH", &format!("/cmk/v2/clusters/{lkc}"), resize(0)).refused(400, "1 or more");
}

#[test]
fn only_basic_becomes_standard() {
    let home = Home::of(Fake::start(), json!({"kind": "Basic"}));
    let one = format!("/cmk/v2/clusters/{}", home.cluster);
    let become_ = |kind: &str| json!({"spec": {"config": {"kind": kind, "cku": 2}, "environment": reference(&home.environment)}});
    home.fake.cloud("PATCH", &one, become_("Dedicated")).refused(400, "cannot become");
    assert_eq!(
        home.fake.cloud("PATCH", &one, become_("Standard")).expect(200)["spec"]["config"]["kind"],
        "Standard"
    );
    home.fake.cloud("PATCH", &one, become_("Basic")).refused(400, "cannot become");
}

#[test]
fn a_private_cluster_lies_in_its_networks_zones() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let body = json!({"spec": {
        "display_name": "net", "cloud": "AWS", "region": "eu-central-1", "connection_types": ["PRIVATELINK"],
        "zones": ["euc1-az3", "euc1-az1", "euc1-az2"], "environment": reference(&environment),
    }});
    let net = id(&fake.cloud("POST", "/networking/v1/networks", body).expect(202));
    let mut body = cluster(&environment, "MULTI_ZONE", json!({"kind": "Dedicated", "cku": 2}));
    body["spec"]["network"] = reference(&net);
    let made = fake.cloud("POST", "/cmk/v2/clusters", body.clone()).expect(202);
    let shown = fake.cloud("GET", &path(&id(&made), &environment), None).expect(200);
    assert_eq!(shown["spec"]["config"]["zones"], json!(["euc1-az3", "euc1-az1", "euc1-az2"]));
    assert_eq!(shown["spec"]["endpoints"]["PRIVATE_LINK"]["connection_type"], "PRIVATE_LINK");
    fake.cloud("DELETE", &format!("/networking/v1/networks/{net}?environment={environment}"), None)
        .refused(400, &id(&made));
    body["spec"]["config"] = json!({"kind": "Standard"});
    fake.cloud("POST", "/cmk/v2/clusters", body).refused(400, "Dedicated");
}

/// The cloud does not say whether a cluster exists: 403 where others say 404.
#[test]
fn a_deleted_cluster_is_forbidden_and_takes_its_keys_along() {
    let home = Home::new(Fake::with(|options| options.delete_reads = 1));
    let one = path(&home.cluster, &home.environment);
    home.fake.cloud("DELETE", &one, None).expect(204);
    assert_eq!(home.fake.cloud("GET", &one, None).expect(200)["status"]["phase"], "PROVISIONED");
    let gone = home.fake.cloud("GET", &one, None).expect(403);
    assert_eq!(gone["errors"][0]["code"], "forbidden_access");
    assert!(!gone.to_string().contains("invalid API key"));
    home.fake.cloud("GET", &format!("/iam/v2/api-keys/{}", home.kafka_key.0), None).refused(403, "Forbidden");
}

#[test]
fn deletion_protection_protects() {
    let home = Home::new(Fake::start());
    let one = path(&home.cluster, &home.environment);
    let protect =
        |on: bool| json!({"spec": {"deletion_protection": on, "environment": reference(&home.environment)}});
    home.fake.cloud("PATCH", &format!("/cmk/v2/clusters/{}", home.cluster), protect(true)).expect(200);
    home.fake.cloud("DELETE", &one, None).refused(409, "deletion protection");
    home.fake.cloud("PATCH", &format!("/cmk/v2/clusters/{}", home.cluster), protect(false)).expect(200);
    home.fake.cloud("DELETE", &one, None).expect(204);
}

/// Trap: a registry is there only once the environment has a cluster.
#[test]
fn a_registry_comes_with_the_first_cluster_and_goes_with_the_environment() {
    let fake = Fake::with(|options| options.pending_reads = 1);
    let environment = fake.environment("home");
    let list = format!("/srcm/v3/clusters?environment={environment}&page_size=99");
    assert_eq!(fake.cloud("GET", &list, None).expect(200)["data"], json!([]));
    let first = fake.cluster(&environment, json!({"kind": "Basic"}));
    let second = fake.cluster(&environment, json!({"kind": "Basic"}));
    let phases: Vec<Value> = (0..2)
        .map(|_| fake.cloud("GET", &list, None).expect(200)["data"][0]["status"]["phase"].clone())
        .collect();
    assert_eq!(phases, ["PROVISIONING", "PROVISIONED"]);
    let registries = fake.cloud("GET", &list, None).expect(200);
    assert_eq!(registries["data"].as_array().unwrap().len(), 1);
    let registry = id(&registries["data"][0]);
    let shown = fake
        .cloud("GET", &format!("/srcm/v3/clusters/{registry}?environment={environment}"), None)
        .expect(200);
    assert_eq!(shown["spec"]["http_endpoint"], fake.url());
    assert_eq!(shown["spec"]["private_networking_config"]["regional_endpoints"]["eu-central-1"], fake.url());
    for lkc in [first, second] {
        fake.cloud("DELETE", &path(&lkc, &environment), None).expect(204);
    }
    assert_eq!(fake.cloud("GET", &list, None).expect(200)["data"].as_array().unwrap().len(), 1);
    fake.cloud("DELETE", &format!("/org/v2/environments/{environment}"), None).expect(204);
    assert_eq!(fake.cloud("GET", &list, None).expect(200)["data"], json!([]));
}
