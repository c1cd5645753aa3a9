//! blueprint/kubernetes.

use std::process::Command;

use serde_json::{Value, json};

use crate::files::{Root, blueprint, must_be_clean, number, on_embedded_broker, read, secret_names};
use crate::process::{Worker, health, user};

const SECRETS: &str = "/run/secrets/sluice";
/// Of ann, who is the administrator in the tests.
pub const PASSWORD: &str = "correct horse";

pub fn yaml(file: &str) -> Vec<Value> {
    let text = read(blueprint("kubernetes").join(file));
    let documents = serde_norway::Deserializer::from_str(&text);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

// Everything that `kubectl apply -k` sends, but for what it generates.
fn manifests() -> Vec<Value> {
    let kustomization = &yaml("kustomization.yaml")[0];
    let files = kustomization["resources"].as_array().unwrap();
    files.iter().flat_map(|file| yaml(file.as_str().unwrap())).collect()
}

fn one(kind: &str) -> Value {
    let mut all: Vec<Value> = manifests().into_iter().filter(|manifest| manifest["kind"] == kind).collect();
    assert_eq!(all.len(), 1, "{kind}");
    all.remove(0)
}

fn pod() -> Value {
    one("Deployment")["spec"]["template"]["spec"].clone()
}

fn container() -> Value {
    let containers = pod()["containers"].clone();
    assert_eq!(containers.as_array().unwrap().len(), 1);
    containers[0].clone()
}

fn properties() -> String {
    read(blueprint("kubernetes/worker.properties"))
}

#[test]
fn the_pod_has_no_rights_and_one_place_to_write_to() {
    let (pod, container) = (pod(), container());
    assert_eq!(
        pod["securityContext"],
        json!({"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
               "seccompProfile": {"type": "RuntimeDefault"}})
    );
    assert_eq!(
        container["securityContext"],
        json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
               "capabilities": {"drop": ["ALL"]}})
    );
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["enableServiceLinks"], false);
    let mounts = container["volumeMounts"].as_array().unwrap();
    let writable: Vec<&Value> =
        mounts.iter().filter(|mount| mount["readOnly"] != true).map(|mount| &mount["mountPath"]).collect();
    assert_eq!(writable, ["/tmp"]);
    let labels = &one("Namespace")["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
}

// CVE-2024-36543: REST of a worker was open to the whole cluster.
#[test]
fn cve_2024_36543_rest_is_reached_by_the_workers_and_one_namespace_only() {
    let policy = one("NetworkPolicy");
    let labels = &one("Deployment")["spec"]["template"]["metadata"]["labels"];
    assert_eq!(&policy["spec"]["podSelector"]["matchLabels"], labels, "the policy is about the workers");
    assert!(policy["spec"]["policyTypes"].as_array().unwrap().contains(&json!("Ingress")));
    assert_eq!(
        policy["spec"]["ingress"],
        json!([{
            "from": [
                {"podSelector": {"matchLabels": labels}},
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "sluice-clients"}}},
            ],
            "ports": [{"protocol": "TCP", "port": "rest"}],
        }])
    );
    for kind in ["Service", "PodDisruptionBudget"] {
        let selector = one(kind)["spec"]["selector"].clone();
        let selector =
            if selector["matchLabels"].is_object() { selector["matchLabels"].clone() } else { selector };
        assert_eq!(&selector, labels, "{kind}");
    }
}

#[test]
fn a_worker_has_the_time_that_it_takes() {
    let (pod, container, properties) = (pod(), container(), properties());
    let pre_stop = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
    let graceful = number(&properties, "task.shutdown.graceful.timeout.ms") / 1000;
    let rest = 10; // REST's connections, before the tasks
    let grace = pod["terminationGracePeriodSeconds"].as_u64().unwrap();
    assert!(grace >= pre_stop + rest + graceful, "{grace} s for {pre_stop}, {rest} and {graceful}");
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"], json!({"path": "/health", "port": "rest"}), "{probe}");
        assert!(container[probe]["timeoutSeconds"].as_u64().unwrap() > 10, "/health takes up to 10 s");
    }
    let seconds = |probe: &str, key: &str| container[probe][key].as_u64().unwrap();
    let start = seconds("startupProbe", "periodSeconds") * seconds("startupProbe", "failureThreshold");
    assert!(start > 2 * 60, "three topics, a minute each at most when brokers do not answer: {start} s");
    let rolling = &one("Deployment")["spec"]["strategy"]["rollingUpdate"];
    assert_eq!((&rolling["maxUnavailable"], &rolling["maxSurge"]), (&json!(0), &json!(1)));
    assert!(one("HorizontalPodAutoscaler")["spec"]["minReplicas"].as_u64().unwrap() >= 2);
    assert!(one("Deployment")["spec"].get("replicas").is_none(), "the autoscaler sets it");
}

/// The pod's arguments, with what its mounts have below `root`.
pub fn lay_out(root: &Root) -> Vec<String> {
    let kustomization = &yaml("kustomization.yaml")[0];
    let (pod, container) = (pod(), container());
    let places = ["/etc/sluice", SECRETS];
    let mut texts = String::new();
    for mount in container["volumeMounts"].as_array().unwrap() {
        let volumes = pod["volumes"].as_array().unwrap();
        let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
        let at = mount["mountPath"].as_str().unwrap();
        let Some(map) = volume["configMap"]["name"].as_str() else { continue };
        let generators = kustomization["configMapGenerator"].as_array().unwrap();
        let generator = generators.iter().find(|generator| generator["name"] == map).unwrap();
        for file in generator["files"].as_array().unwrap() {
            let file = file.as_str().unwrap();
            let text = read(blueprint("kubernetes").join(file));
            let name = file.rsplit('/').next().unwrap();
            let path = if mount["subPath"] == name { at.to_owned() } else { format!("{at}/{name}") };
            root.write(&path, &text, &places);
            texts.push_str(&text);
        }
    }
    let names = secret_names(&texts, SECRETS);
    assert!(names.len() >= 3, "{names:?}");
    let readme = read(blueprint("kubernetes/README.md"));
    for name in names.iter().map(String::as_str).chain(["rest-users"]) {
        assert!(readme.contains(&format!("--from-file={name}")), "README.md makes no secret {name}");
    }
    assert!(texts.contains(&format!(
        "\nsluice.rest.authentication=basic\nsluice.rest.basic.file={SECRETS}/rest-users\n"
    )));
    root.secrets(SECRETS, &names.iter().map(String::as_str).collect::<Vec<_>>());
    root.write(&format!("{SECRETS}/rest-users"), &user("ann", "admin", PASSWORD), &[]);
    let arguments = container["args"].as_array().unwrap().iter();
    arguments.map(|argument| root.led_here(argument.as_str().unwrap(), &places)).collect()
}

/// Sets the pod's variables, as a pod with the address 127.0.0.1 has them.
pub fn set_variables(command: &mut Command) {
    for variable in container()["env"].as_array().unwrap() {
        assert_eq!(variable["valueFrom"]["fieldRef"]["fieldPath"], "status.podIP");
        command.env(variable["name"].as_str().unwrap(), "127.0.0.1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_of_the_manifests_are_a_group_with_the_connectors() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let root = Root::new();
    let arguments = lay_out(&root);
    let start = || {
        let mut command = on_embedded_broker(&arguments, &broker.bootstrap());
        set_variables(&mut command);
        Worker::start(&mut command).asked_by("ann", PASSWORD)
    };
    let (mut first, second) = (start(), start());
    must_be_clean(&first.log);
    let url = format!("http://127.0.0.1:{}/connectors", first.port);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 401, "nobody comes in without a name");
    for worker in [&first, &second] {
        worker.wait("/connectors", |answer| *answer == json!(["orders-source"])).await;
        let (code, text) = health(&format!("http://127.0.0.1:{}/health", worker.port));
        assert_eq!(code, Some(0), "{text}");
    }
    let info = second.wait("/connectors/orders-source", |info| info["config"].is_object()).await;
    let password = info["config"]["connection.password"].as_str().unwrap();
    assert!(password.starts_with("${directory:") && password.ends_with(":orders-db-password}"), "{info}");
    let known = [&first.port, &second.port].map(|port| json!(format!("127.0.0.1:{port}")));
    let is_owned = |status: &Value| known.contains(&status["connector"]["worker_id"]);
    second.wait("/connectors/orders-source/status", is_owned).await;
    assert_eq!(first.stop(), Some(0));
    let is_seconds = |status: &Value| status["connector"]["worker_id"] == known[1];
    second.wait("/connectors/orders-source/status", is_seconds).await;
}

// The schemas that Kubernetes publishes, as the Python package kubernetes-validate has them.
#[test]
fn the_manifests_meet_the_schemas_of_kubernetes() {
    if !testkit::interop("the_manifests_meet_the_schemas_of_kubernetes") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(output.status.success(), "{command:?}: {text}");
        text
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(folder.path()));
    let pip = ["install", "--quiet", "--disable-pip-version-check", "kubernetes-validate==1.37.0"];
    run(Command::new(folder.path().join("bin/pip")).args(pip));
    let kustomization = &yaml("kustomization.yaml")[0];
    for file in kustomization["resources"].as_array().unwrap() {
        let mut validate = Command::new(folder.path().join("bin/kubernetes-validate"));
        let text = run(validate.arg("--strict").arg(blueprint("kubernetes").join(file.as_str().unwrap())));
        assert!(text.contains("passed for resource"), "{text}");
    }
}
