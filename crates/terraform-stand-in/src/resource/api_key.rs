//! API keys. The secret is in the answer to the create and nowhere else.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::{Failed, Resource};
use crate::cloud::{Cloud, Key, Look, path, until};
use crate::json::{at, element, text, text_value};
use crate::plan::Plan;
use crate::problem::{Problem, Step};
use crate::value::Value;

/// `confluent_api_key`
pub struct ApiKey;

const PATH: &str = "/iam/v2/api-keys";
/// API versions that go along with the resource; for all others the service knows them from the id.
const SENT_VERSIONS: [&str; 3] = ["fcpm/v2", "tableflow/v1", "global/v1"];
/// Answers in a row with which a new Kafka key counts as known everywhere.
const ANSWERS_IN_A_ROW: u32 = 2;

fn body(state: &Value) -> Json {
    let owner = state.at("owner.0");
    let mut spec = json!({
        "display_name": state.text("display_name"), "description": state.text("description"),
        "owner": {"id": owner.text("id"), "kind": owner.text("kind")},
    });
    if let [resource] = state.list("managed_resource") {
        spec["resource"] = json!({"id": resource.text("id"), "kind": resource.text("kind")});
        let version = resource.text("api_version");
        if SENT_VERSIONS.contains(&version) {
            spec["resource"]["api_version"] = json!(version);
        }
    }
    json!({ "spec": spec })
}

fn show(answer: &Json, state: &mut Value) {
    for name in ["display_name", "description"] {
        state.set(name, text_value(answer, &format!("spec.{name}")));
    }
    let field = |place, name| (name, text_value(answer, &format!("spec.{place}.{name}")));
    state.set("owner", element(["id", "api_version", "kind"].map(|name| field("owner", name))));
    if !text(answer, "spec.resource.kind").eq_ignore_ascii_case("cloud")
        && !at(answer, "spec.resource").is_null()
    {
        let mut resource = element(["id", "api_version", "kind"].map(|name| field("resource", name)));
        // The environment is not part of the answer.
        if let Value::List(elements) = &mut resource {
            elements[0].set("environment", state.at("managed_resource.0.environment").clone());
        }
        state.set("managed_resource", resource);
    }
}

/// Uses the new key until it works. When that fails the key exists in the cloud, but not in the state: the next apply
/// makes another one.
fn wait_until_known(cloud: &Cloud, state: &Value, key: &Key) -> Result<()> {
    let resource = state.at("managed_resource.0");
    let control = cloud.control()?;
    let (api, probe, wanted) = match (resource.text("kind"), resource.text("api_version")) {
        ("Cluster", "cmk/v2") => {
            let environment = resource.text("environment.0.id");
            let cluster = control
                .get(&format!("/cmk/v2/clusters/{}?environment={environment}", resource.text("id")))?;
            let endpoint = text(&cluster, "spec.http_endpoint").to_owned();
            let topics = path(&["kafka", "v3", "clusters", resource.text("id"), "topics"]);
            (cloud.at(&endpoint, key), topics, ANSWERS_IN_A_ROW)
        }
        ("", _) => (cloud.at(control.base(), key), "/org/v2/environments".to_owned(), 1),
        // The real provider sleeps a minute for all others.
        _ => return Ok(()),
    };
    let mut in_a_row = 0;
    until(cloud, "the new API key", || match api.get(&probe) {
        Ok(_) => {
            in_a_row += 1;
            Ok(if in_a_row >= wanted { Look::Done(()) } else { Look::Pending("used once".to_owned()) })
        }
        Err(failure) if matches!(failure.status(), Some(401 | 403)) => {
            in_a_row = 0;
            Ok(Look::Pending("not known yet".to_owned()))
        }
        Err(failure) => Err(failure.into()),
    })
}

impl Resource for ApiKey {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let made = cloud.control()?.post(PATH, &body(&state))?;
        let (id, secret) = (text(&made, "id").to_owned(), text(&made, "spec.secret").to_owned());
        if id.is_empty() || secret.is_empty() {
            return Err(anyhow::anyhow!("the cloud's answer has no API key, or no secret of it").into());
        }
        if *state.at("disable_wait_for_ready") != Value::Bool(true) {
            wait_until_known(cloud, &state, &Key { id: id.clone(), secret: secret.clone() }).with_context(|| {
                format!("the API key {id} was made but does not work; it is not in the state: delete it by hand")
            })?;
        }
        state.set("id", id.as_str());
        state.set("secret", secret);
        let answer = cloud.control()?.get(&format!("{PATH}/{id}"))?;
        show(&answer, &mut state);
        Ok(state)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        match cloud.control()?.get(&format!("{PATH}/{}", state.text("id"))) {
            Ok(answer) => {
                show(&answer, &mut state);
                Ok(Some(state))
            }
            Err(failure) if failure.is_gone() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        let names = ["display_name", "description"];
        let mut spec = json!({});
        for name in names.iter().filter(|name| prior.at(name) != state.at(name)) {
            spec[*name] = json!(state.text(name));
        }
        if spec != json!({}) {
            let one = format!("{PATH}/{}", state.text("id"));
            let answer = cloud.control()?.patch(&one, &json!({ "spec": spec }))?;
            show(&answer, &mut state);
        }
        Ok(state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        cloud.control()?.delete(&format!("{PATH}/{}", state.text("id")))?;
        Ok(())
    }

    fn import(&self, _cloud: &Cloud, id: &str) -> Result<Value> {
        let secret = std::env::var("API_KEY_SECRET").unwrap_or_default();
        if secret.is_empty() {
            bail!("the secret of an API key cannot be read back: set API_KEY_SECRET to it");
        }
        let mut state = Value::Map(Default::default());
        state.set("secret", secret);
        state.set("disable_wait_for_ready", false);
        match id.split_once('/') {
            Some((environment, key)) => {
                state.set("id", key);
                let environment = element([("id", Value::from(environment))]);
                state.set("managed_resource", element([("environment", environment)]));
            }
            None => state.set("id", id),
        }
        Ok(state)
    }

    /// Another version of the same API group (srcm/v2, srcm/v3) is no change.
    fn adjust(
        &self,
        _cloud: Option<&Cloud>,
        _config: &Value,
        prior: &Value,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let path = "managed_resource.0.api_version";
        let group = |state: &Value| state.text(path).split('/').next().unwrap_or_default().to_owned();
        let (old, new) = (group(prior), group(&plan.state));
        if old.is_empty() || old != new {
            return Ok(());
        }
        let kept = prior.at(path).clone();
        if let Value::Map(state) = &mut plan.state
            && let Some(Value::List(elements)) = state.get_mut("managed_resource")
            && let Some(element) = elements.first_mut()
        {
            element.set("api_version", kept);
        }
        let version = Step::Name("api_version".to_owned());
        let block = Step::Name("managed_resource".to_owned());
        plan.replace.retain(|place| !(place.0.first() == Some(&block) && place.0.last() == Some(&version)));
        Ok(())
    }
}
