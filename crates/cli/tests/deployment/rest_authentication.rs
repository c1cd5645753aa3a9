//! REST that wants to know who asks, on ECS: `rest_authentication` of the Terraform module.

use std::process::Command;

use reqwest::Method;
use serde_json::json;

use crate::container::{metadata_of_ecs, properties_of_the_module};
use crate::files::{blueprint, must_be_clean, read};
use crate::kubernetes::PASSWORD;
use crate::process::{SLUICE, Worker, health, user};

#[tokio::test(flavor = "multi_thread")]
async fn workers_of_ecs_ask_for_names_and_passwords_that_came_by_a_secret() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let module = read(blueprint("terraform/modules/kafka-connect-cluster/self-managed").join("rest.tf"));
    // What stands there in the place of `sluice.rest.insecure`.
    let reference = module.split("rest_basic = { \"sluice.rest.basic.users\" = \"$").nth(1).unwrap();
    let reference = reference.split('"').next().unwrap();
    let users = [user("ann", "admin", PASSWORD), user("bob", "viewer", PASSWORD)].concat();
    let metadata = metadata_of_ecs();
    let mut properties = properties_of_the_module("rest_open", &broker.bootstrap());
    properties.retain(|(name, _)| name != "CONNECT_SLUICE_REST_INSECURE");
    let start = || {
        let mut command = Command::new(SLUICE);
        command.arg("worker").env_clear().envs(properties.clone());
        command.env("ECS_CONTAINER_METADATA_URI_V4", &metadata).env("SLUICE_REST_USERS", &users);
        command.env("CONNECT_SLUICE_REST_AUTHENTICATION", "basic");
        command.env("CONNECT_SLUICE_REST_BASIC_USERS", reference);
        Worker::start(&mut command)
    };
    let (first, second) = (start(), start());
    must_be_clean(&first.log);
    for said in ["without authentication", "argon2"] {
        assert!(first.log.iter().all(|line| !line.contains(said)), "{said}: {:#?}", first.log);
    }
    // The container's health check has no password.
    let (code, text) = health(&format!("http://127.0.0.1:{}/health", first.port));
    assert_eq!(code, Some(0), "{text}");
    let config = json!({"connector.class": "FileStreamSource", "file": "/etc/hosts", "topic": "t"});
    let create = async |worker: &Worker, name: &str| {
        let path = format!("/connectors/{name}/config");
        let answer = worker.request(Method::PUT, &path).json(&config).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = create(&first, "of-nobody").await;
    assert_eq!(status, 401, "{text}");
    let first = first.asked_by("bob", PASSWORD);
    let (status, text) = create(&first, "of-a-viewer").await;
    assert_eq!(status, 403, "{text}");
    // Only the leader creates a connector: the other one vouches for who asked.
    let (first, second) = (first.asked_by("ann", PASSWORD), second.asked_by("ann", PASSWORD));
    for (worker, name) in [(&first, "of-first"), (&second, "of-second")] {
        let (status, text) = create(worker, name).await;
        assert_eq!(status, 201, "{text}");
    }
}
