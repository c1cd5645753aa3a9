//! A running fake and a client of it.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sluice_fake_confluent_cloud::{Options, Server};
use ureq::http::Request;

use crate::contract::contract;

/// A key and its secret.
pub type Key = (String, String);

/// A fake for one test.
pub struct Fake {
    url: String,
    server: Option<Server>,
    cloud_key: Key,
    agent: ureq::Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub body: Option<Value>,
    pub retry_after: Option<String>,
}

impl Got {
    /// The body of an answer with this status; anything else fails the test.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        self.body.unwrap_or_default()
    }

    /// Checks that it was refused with this status and that the text tells why.
    #[track_caller]
    pub fn refused(self, status: u16, why: &str) {
        assert_eq!(self.status, status, "{:?}", self.body);
        let text = self.body.unwrap_or_default().to_string();
        assert!(text.contains(why), "{why:?} is not in {text}");
    }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

impl Fake {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::default();
        change(&mut options);
        let cloud_key = (options.api_key.clone(), options.api_secret.clone());
        let server = runtime().block_on(Server::start(options)).unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { url: server.url().to_owned(), server: Some(server), cloud_key, agent }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A request with a key, or without one.
    #[track_caller]
    pub fn ask(&self, key: Option<&Key>, method: &str, path: &str, body: Option<&Value>) -> Got {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some((key, secret)) = key {
            request = request.header("authorization", basic(key, secret));
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(text).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let status = response.status().as_u16();
        let media_type = response.headers().get("content-type").map(|it| it.to_str().unwrap().to_owned());
        let retry_after = response.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
        let text = response.body_mut().read_to_string().unwrap();
        let body = (!text.is_empty()).then(|| serde_json::from_str(&text).unwrap());
        if !path.starts_with("/fake/")
            && let Some(contract) = contract()
        {
            let problems = contract.problems(method, path, status, media_type.as_deref().zip(body.as_ref()));
            assert!(problems.is_empty(), "{method} {path} {status}: {problems:#?}\n{body:?}");
        }
        Got { status, body, retry_after }
    }

    /// Status and text of an answer to a body that is not JSON, or that the descriptions do not know.
    pub fn text(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", basic(&self.cloud_key.0, &self.cloud_key.1))
            .body(body.to_owned())
            .unwrap();
        let mut response = self.agent.run(request).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    /// A request with the cloud key.
    #[track_caller]
    pub fn cloud(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> Got {
        self.ask(Some(&self.cloud_key), method, path, body.into().as_ref())
    }

    /// A request to a hook.
    #[track_caller]
    pub fn hook(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> Got {
        self.ask(None, method, &format!("/fake/v1/{path}"), body.into().as_ref())
    }

    /// `counts` of the state.
    pub fn counts(&self) -> Value {
        self.hook("GET", "state", None).expect(200)["counts"].clone()
    }

    #[track_caller]
    pub fn fail(&self, rule: Value) {
        self.hook("POST", "failures", rule).expect(204);
    }

    #[track_caller]
    pub fn change(&self, change: Value) {
        self.hook("POST", "change", change).expect(204);
    }

    #[track_caller]
    pub fn environment(&self, name: &str) -> String {
        id(&self.cloud("POST", "/org/v2/environments", json!({"display_name": name})).expect(201))
    }

    #[track_caller]
    pub fn service_account(&self, name: &str) -> String {
        let body = json!({"display_name": name, "description": ""});
        id(&self.cloud("POST", "/iam/v2/service-accounts", body).expect(201))
    }

    /// A cluster of a type, ready unless the fake is slow.
    #[track_caller]
    pub fn cluster(&self, environment: &str, config: Value) -> String {
        id(&self.cloud("POST", "/cmk/v2/clusters", cluster(environment, "SINGLE_ZONE", config)).expect(202))
    }

    /// A key of a service account for a resource (or the cloud).
    #[track_caller]
    pub fn key(&self, owner: &str, resource: Option<&str>) -> Key {
        let body = json!({"spec": {
            "display_name": "key", "description": "", "owner": {"id": owner},
            "resource": resource.map(|id| json!({"id": id})),
        }});
        let made = self.cloud("POST", "/iam/v2/api-keys", body).expect(202);
        (id(&made), made["spec"]["secret"].as_str().unwrap().to_owned())
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        runtime().block_on(self.server.take().unwrap().shutdown());
    }
}

/// The id of an object.
pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// A reference as clients send it: with empty texts that mean nothing.
pub fn reference(id: &str) -> Value {
    json!({"id": id, "related": "", "resource_name": ""})
}

pub fn cluster(environment: &str, availability: &str, config: Value) -> Value {
    json!({"spec": {
        "display_name": "cluster", "availability": availability, "cloud": "AWS", "region": "eu-central-1",
        "config": config, "environment": reference(environment),
    }})
}

/// An environment with a Standard cluster, a service account, and keys for Kafka and Schema Registry.
pub struct Home {
    pub fake: Fake,
    pub environment: String,
    pub cluster: String,
    pub account: String,
    pub kafka_key: Key,
    pub registry: String,
    pub registry_key: Key,
}

impl Home {
    pub fn new(fake: Fake) -> Self {
        Self::of(fake, json!({"kind": "Standard"}))
    }

    pub fn of(fake: Fake, config: Value) -> Self {
        let environment = fake.environment("home");
        let cluster = fake.cluster(&environment, config);
        let account = fake.service_account("worker");
        let kafka_key = fake.key(&account, Some(&cluster));
        let list =
            fake.cloud("GET", &format!("/srcm/v3/clusters?environment={environment}"), None).expect(200);
        let registry = id(&list["data"][0]);
        let registry_key = fake.key(&account, Some(&registry));
        Self { fake, environment, cluster, account, kafka_key, registry, registry_key }
    }

    /// A request to Kafka REST; `path` is what follows the cluster.
    #[track_caller]
    pub fn kafka(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> Got {
        let path = format!("/kafka/v3/clusters/{}{path}", self.cluster);
        self.fake.ask(Some(&self.kafka_key), method, &path, body.into().as_ref())
    }

    #[track_caller]
    pub fn registry(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> Got {
        self.fake.ask(Some(&self.registry_key), method, path, body.into().as_ref())
    }

    /// A request to Connect; `path` is what follows the cluster.
    #[track_caller]
    pub fn connect(&self, method: &str, path: &str, body: impl Into<Option<Value>>) -> Got {
        let path = format!("/connect/v1/environments/{}/clusters/{}{path}", self.environment, self.cluster);
        self.fake.cloud(method, &path, body)
    }

    /// A Datagen source that passes validation.
    pub fn datagen(&self, name: &str) -> Value {
        json!({
            "name": name, "connector.class": "DatagenSource", "kafka.auth.mode": "SERVICE_ACCOUNT",
            "kafka.service.account.id": self.account, "kafka.topic": "orders", "output.data.format": "JSON",
            "quickstart": "ORDERS", "tasks.max": "1",
        })
    }

    /// A change-data-capture source with a password, and a Kafka key of its own.
    pub fn cdc(&self, name: &str, password: &str) -> Value {
        json!({
            "name": name, "connector.class": "PostgresCdcSourceV2", "kafka.auth.mode": "KAFKA_API_KEY",
            "kafka.api.key": self.kafka_key.0, "kafka.api.secret": self.kafka_key.1,
            "database.hostname": "db.example", "database.port": "5432", "database.user": "replicator",
            "database.password": password, "database.dbname": "shop", "topic.prefix": "shop",
            "output.data.format": "JSON", "tasks.max": "1",
        })
    }

    #[track_caller]
    pub fn create_connector(&self, config: &Value) -> Got {
        self.connect("POST", "/connectors", json!({"name": config["name"], "config": config}))
    }
}

fn basic(key: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")))
}
