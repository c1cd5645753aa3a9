//! Kafka clusters.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::{Collection, Failed, Resource};
use crate::cloud::{Api, Cloud, Look, until};
use crate::json::{at, element, reference, text, text_value};
use crate::plan::Plan;
use crate::problem::{Place, Problem, Step};
use crate::value::Value;

/// The cluster as data sources read it.
pub static CLUSTER: Collection = Collection {
    name: "the Kafka cluster",
    path: "/cmk/v2/clusters",
    in_environment: true,
    ready: &["PROVISIONED"],
    pending: &["PROVISIONING"],
    slow_delete: true,
    create: body,
    change: |_, _| None,
    show,
};

/// `confluent_kafka_cluster`
pub struct Cluster;

/// Blocks by the kind that the API has for them.
const KINDS: [(&str, &str); 5] = [
    ("basic", "Basic"),
    ("standard", "Standard"),
    ("enterprise", "Enterprise"),
    ("freight", "Freight"),
    ("dedicated", "Dedicated"),
];
/// Zone settings that mean the same in the two billing models.
const SAME_AVAILABILITY: [(&str, &str); 2] = [("SINGLE_ZONE", "LOW"), ("MULTI_ZONE", "HIGH")];
/// CKUs that a cluster in several zones has at least.
const MULTI_ZONE_CKU_MIN: i64 = 2;

/// Block of the cluster's type.
fn kind(state: &Value) -> Option<&'static str> {
    KINDS.iter().find(|(block, _)| !state.list(block).is_empty()).map(|(block, _)| *block)
}

fn config(state: &Value) -> Json {
    for (block, kind) in KINDS {
        let [element] = state.list(block) else { continue };
        let mut config = json!({ "kind": kind });
        for name in ["cku", "max_ecku"] {
            if let Value::Number(number) = element.at(name)
                && number.as_i64() != Some(0)
            {
                config[name] = json!(number);
            }
        }
        if !element.text("encryption_key").is_empty() {
            config["encryption_key"] = json!(element.text("encryption_key"));
        }
        return config;
    }
    Json::Null
}

fn body(state: &Value) -> Json {
    let mut spec = json!({ "config": config(state), "environment": {"id": state.text("environment.0.id")} });
    for name in ["display_name", "availability", "cloud", "region"] {
        spec[name] = json!(state.text(name));
    }
    if *state.at("deletion_protection") == Value::Bool(true) {
        spec["deletion_protection"] = json!(true);
    }
    for (block, name) in [("network", "network"), ("byok_key", "byok")] {
        let id = state.text(&format!("{block}.0.id"));
        if !id.is_empty() {
            spec[name] = json!({ "id": id });
        }
    }
    json!({ "spec": spec })
}

fn show(answer: &Json, state: &mut Value) -> Result<()> {
    for name in ["api_version", "kind"] {
        state.set(name, text_value(answer, name));
    }
    for name in ["display_name", "availability", "cloud", "region"] {
        state.set(name, text_value(answer, &format!("spec.{name}")));
    }
    state.set("deletion_protection", *at(answer, "spec.deletion_protection") == json!(true));
    let number = |path: &str| Value::from(&json!(at(answer, path).as_i64().unwrap_or(0)));
    for (block, kind) in KINDS {
        let is_this = text(answer, "spec.config.kind") == kind;
        let zones = ("zones", Value::from(at(answer, "spec.config.zones")));
        state.set(
            block,
            match block {
                _ if !is_this => Value::List(Vec::new()),
                // What the cluster has, not what it was asked to have.
                "dedicated" => element([
                    ("cku", number("status.cku")),
                    ("encryption_key", text_value(answer, "spec.config.encryption_key")),
                    zones,
                ]),
                "freight" => element([("max_ecku", number("spec.config.max_ecku")), zones]),
                _ => element([("max_ecku", number("spec.config.max_ecku"))]),
            },
        );
    }
    state.set("bootstrap_endpoint", text_value(answer, "spec.kafka_bootstrap_endpoint"));
    state.set("rest_endpoint", text_value(answer, "spec.http_endpoint"));
    let crn = text(answer, "metadata.resource_name");
    let end =
        crn.rfind("/kafka=").with_context(|| format!("the cluster's CRN {crn:?} has no /kafka= segment"))?;
    state.set("rbac_crn", &crn[..end]);
    state.set("environment", reference(answer, "spec.environment.id"));
    state.set("network", reference(answer, "spec.network.id"));
    state.set("byok_key", reference(answer, "spec.byok.id"));
    state.set("endpoints", endpoints(at(answer, "spec.endpoints")));
    Ok(())
}

fn endpoints(by_access_point: &Json) -> Value {
    let Json::Object(map) = by_access_point else { return Value::List(Vec::new()) };
    let one = |(id, endpoint): (&String, &Json)| {
        let fields = [
            ("access_point_id", Value::from(id.as_str())),
            ("bootstrap_endpoint", text_value(endpoint, "kafka_bootstrap_endpoint")),
            ("rest_endpoint", text_value(endpoint, "http_endpoint")),
            ("connection_type", text_value(endpoint, "connection_type")),
        ];
        Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    Value::List(map.iter().map(one).collect())
}

/// The one rule that the real provider checks at apply only.
fn check_cku(state: &Value) -> Result<()> {
    let cku = match state.at("dedicated.0.cku") {
        Value::Number(number) => number.as_i64().unwrap_or(0),
        _ => return Ok(()),
    };
    if ["MULTI_ZONE", "HIGH"].contains(&state.text("availability")) && cku < MULTI_ZONE_CKU_MIN {
        bail!(
            "a cluster in several zones has {MULTI_ZONE_CKU_MIN} CKUs or more, not {cku}: raise dedicated {{ cku }}"
        );
    }
    Ok(())
}

/// An environment with a governance package gets a Schema Registry with its first cluster.
fn wait_for_registry(cloud: &Cloud, api: &Api, environment: &str) -> Result<()> {
    let found = api.get(&format!("/org/v2/environments/{environment}"))?;
    if at(&found, "stream_governance_config").is_null() {
        return Ok(());
    }
    until(cloud, "the Schema Registry of the environment", || {
        let registries = api.all(&format!("/srcm/v3/clusters?environment={environment}&page_size=99"))?;
        let phases: Vec<&str> = registries.iter().map(|registry| text(registry, "status.phase")).collect();
        Ok(if phases.contains(&"PROVISIONED") {
            Look::Done(())
        } else {
            Look::Pending(format!("{phases:?}"))
        })
    })
}

impl Cluster {
    fn patch(api: &Api, state: &Value, mut spec: Json) -> Result<()> {
        spec["environment"] = json!({"id": state.text("environment.0.id")});
        api.patch(&format!("{}/{}", CLUSTER.path, state.text("id")), &json!({ "spec": spec }))?;
        Ok(())
    }

    fn change(cloud: &Cloud, api: &Api, prior: &Value, state: &Value) -> Result<()> {
        if prior.at("display_name") != state.at("display_name") {
            Self::patch(api, state, json!({"display_name": state.text("display_name")}))?;
        }
        if config(prior) != config(state) {
            check_cku(state)?;
            Self::patch(api, state, json!({"config": config(state)}))?;
            let wanted = state.at("dedicated.0.cku").to_json();
            if !wanted.is_null() {
                let one = CLUSTER.one(state.text("environment.0.id"), state.text("id"));
                until(cloud, "the new CKUs of the Kafka cluster", || {
                    let cku = at(&api.get(&one)?, "status.cku").clone();
                    Ok(if cku == wanted { Look::Done(()) } else { Look::Pending(cku.to_string()) })
                })?;
            }
        }
        if prior.at("deletion_protection") != state.at("deletion_protection") {
            let is_on = *state.at("deletion_protection") == Value::Bool(true);
            Self::patch(api, state, json!({"deletion_protection": is_on}))?;
        }
        Ok(())
    }
}

impl Resource for Cluster {
    fn create(&self, cloud: &Cloud, state: Value) -> Result<Value, Failed> {
        check_cku(&state)?;
        let made = CLUSTER.create(cloud, state)?;
        match wait_for_registry(cloud, &cloud.control()?, made.text("environment.0.id")) {
            Ok(()) => Ok(made),
            Err(error) => Err(Failed { state: Some(made), error }),
        }
    }

    fn read(&self, cloud: &Cloud, state: Value) -> Result<Option<Value>> {
        CLUSTER.read(cloud, state)
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        Self::change(cloud, &cloud.control()?, prior, &state)?;
        CLUSTER.update(cloud, prior, state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        CLUSTER.delete(cloud, state)
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        CLUSTER.import(cloud, id)
    }

    fn adjust(
        &self,
        _cloud: Option<&Cloud>,
        _config: &Value,
        prior: &Value,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let (old, new) = (kind(prior), kind(&plan.state));
        let is_forbidden = matches!((old, new), (Some("standard"), Some("basic")))
            || (old != new
                && [old, new].contains(&Some("dedicated"))
                && [old, new].iter().any(|kind| matches!(kind, Some("basic" | "standard"))));
        if is_forbidden && let (Some(old), Some(new)) = (old, new) {
            return Err(Problem::at(
                Place::default().name(new),
                format!("the cluster {} cannot become {new}", prior.text("id")),
                format!("it is {old}; only basic can become standard. Another type needs a new cluster"),
            ));
        }
        let pair = (prior.text("availability"), plan.state.text("availability"));
        if SAME_AVAILABILITY.iter().any(|(left, right)| pair == (left, right) || pair == (right, left)) {
            plan.state.set("availability", prior.at("availability").clone());
            plan.replace.retain(|place| place.0.first() != Some(&Step::Name("availability".to_owned())));
        }
        Ok(())
    }
}
