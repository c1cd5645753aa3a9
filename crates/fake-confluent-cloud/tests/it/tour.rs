//! The blueprint's whole life on a slow cloud, and the count of answers that were held against the descriptions.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::contract::{contract, tally};
use crate::fake::{Fake, cluster, id, reference};

/// Reads until a condition holds; the fake counts reads, so a handful is enough or it never will.
fn wait(fake: &Fake, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..10 {
        let body = fake.cloud("GET", path, None).expect(200);
        if done(&body) {
            return body;
        }
    }
    panic!("{path} did not become what was waited for");
}

fn gone(fake: &Fake, path: &str) {
    fake.cloud("DELETE", path, None).expect(204);
    assert!((0..10).any(|_| fake.cloud("GET", path, None).status != 200), "{path} stays");
}

#[test]
fn the_blueprint_is_applied_and_destroyed_on_a_slow_cloud() {
    let fake = Fake::with(|options| {
        options.pending_reads = 2;
        options.delete_reads = 2;
    });
    let environment = fake.environment("prod");
    let scope = format!("?environment={environment}");
    let ready = |body: &Value| body["status"]["phase"] == "READY";
    let provisioned = |body: &Value| body["status"]["phase"] == "PROVISIONED";
    let make = |collection: &str, spec: Value| {
        let made =
            fake.cloud("POST", &format!("/networking/v1/{collection}"), json!({"spec": spec})).expect(202);
        let path = format!("/networking/v1/{collection}/{}{scope}", id(&made));
        wait(&fake, &path, ready);
        (id(&made), path)
    };
    let (network, network_path) = make(
        "networks",
        json!({
            "display_name": "net", "cloud": "AWS", "region": "eu-central-1", "connection_types": ["PRIVATELINK"],
            "environment": reference(&environment),
        }),
    );
    let (_, access_path) = make(
        "private-link-accesses",
        json!({
            "display_name": "pla", "cloud": {"kind": "AwsPrivateLinkAccess", "account": "123456789012"},
            "environment": reference(&environment), "network": reference(&network),
        }),
    );
    let mut body = cluster(&environment, "MULTI_ZONE", json!({"kind": "Dedicated", "cku": 2}));
    body["spec"]["network"] = reference(&network);
    let lkc = id(&fake.cloud("POST", "/cmk/v2/clusters", body).expect(202));
    let cluster_path = format!("/cmk/v2/clusters/{lkc}{scope}");
    wait(&fake, &cluster_path, provisioned);
    let registries = format!("/srcm/v3/clusters{scope}&page_size=99");
    wait(&fake, &registries, |list| provisioned(&list["data"][0]));

    let gateway = fake.cloud("GET", &network_path, None).expect(200)["spec"]["gateway"]["id"].clone();
    let gateway = gateway.as_str().unwrap();
    let (point, point_path) = make(
        "access-points",
        json!({
            "display_name": "ap", "environment": reference(&environment), "gateway": reference(gateway),
            "config": {"kind": "AwsEgressPrivateLinkEndpoint", "vpc_endpoint_service_name": "com.amazonaws.eu-central-1.s3"},
        }),
    );
    let (_, record_path) = make(
        "dns-records",
        json!({
            "display_name": "rec", "domain": "s3.example", "environment": reference(&environment),
            "gateway": reference(gateway), "config": {"kind": "PrivateLinkAccessPoint", "resource_id": point},
        }),
    );
    let account = fake.service_account("sink");
    let key = fake.key(&account, Some(&lkc));
    let topics = format!("/kafka/v3/clusters/{lkc}/topics");
    fake.ask(Some(&key), "POST", &topics, Some(&json!({"topic_name": "orders"}))).expect(201);
    let connectors = format!("/connect/v1/environments/{environment}/clusters/{lkc}/connectors");
    let config = json!({
        "name": "gen", "connector.class": "DatagenSource", "kafka.auth.mode": "SERVICE_ACCOUNT",
        "kafka.service.account.id": account, "kafka.topic": "orders", "output.data.format": "JSON",
    });
    fake.cloud("POST", &connectors, json!({"name": "gen", "config": config})).expect(201);
    wait(&fake, &format!("{connectors}/gen/status"), |status| status["connector"]["state"] == "RUNNING");

    fake.cloud("DELETE", &format!("{connectors}/gen"), None).expect(200);
    for path in [&record_path, &point_path, &cluster_path, &access_path] {
        gone(&fake, path);
    }
    fake.cloud("DELETE", &network_path, None).expect(204);
    fake.cloud("DELETE", &format!("/iam/v2/service-accounts/{account}"), None).expect(204);
    fake.cloud("DELETE", &format!("/org/v2/environments/{environment}"), None).expect(204);
    assert_eq!(fake.counts(), json!({}));
    report();
}

/// Says how much of the contract the tests that have run so far have seen.
fn report() {
    let Some(contract) = contract() else { return };
    let described = contract.operations().count();
    let line = tally(|tally| {
        format!(
            "{} answers of {} operations were as described ({described} operations are); {} kinds of requests have \
             no description here\n",
            tally.answers,
            tally.operations.len(),
            tally.undescribed.len(),
        )
    });
    // Past the capture of output: the number is the result.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
