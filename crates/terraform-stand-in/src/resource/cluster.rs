//! Kafka clusters.

use anyhow::{Result, bail};
use serde_json::{Value as Json, json};

use super::cluster_body::{body, config, kind, show};
use super::{Collection, Failed, Resource};
use crate::cloud::{Api, Cloud, Look, until};
use crate::json::{at, text};
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

/// Zone settings that mean the same in the two billing models.
const SAME_AVAILABILITY: [(&str, &str); 2] = [("SINGLE_ZONE", "LOW"), ("MULTI_ZONE", "HIGH")];
/// CKUs that a cluster in several zones has at least.
const MULTI_ZONE_CKU_MIN: i64 = 2;

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
