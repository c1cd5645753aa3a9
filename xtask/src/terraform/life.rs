//! The life of a set of stacks on loopback: applied, looked at, changed, threatened, destroyed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use super::changes::{self, Change};
use super::fake::Fake;
use super::leaks::Secrets;
use super::moto::{self, Moto};
use super::providers::Providers;
use super::report::{Passed, Report};
use super::stack::{Clouds, DOCUMENT, Plan, Stack};
use super::tools::Tool;

/// The variable of a root that has a cluster: its CKUs, or its most eCKUs.
const SIZE: &str = "cluster_size";

/// Roots that make up one thing, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name in reports.
    pub name: String,
    /// Roots, below terraform/.
    pub roots: Vec<String>,
}

/// What all lives share.
#[derive(Debug)]
pub struct World<'a> {
    /// The program.
    pub tool: &'a Tool,
    /// The providers.
    pub providers: &'a Providers,
    /// Confluent Cloud.
    pub fake: Fake,
    /// AWS.
    pub moto: RefCell<Moto>,
    /// The copy's folder terraform/.
    pub terraform: &'a Path,
    /// Where logs go.
    pub logs: &'a Path,
    /// Values for variables of roots that name them, such as `vpc_id`.
    pub values: Map<String, Value>,
    /// What must show up nowhere.
    pub secrets: RefCell<Secrets>,
}

impl World<'_> {
    /// Lives one life; every step is an item of the report.
    ///
    /// # Errors
    /// An emulator does not answer.
    pub fn live(&self, subject: &Subject, report: &Report) -> anyhow::Result<()> {
        self.fake.reset()?;
        let before = self.moto.borrow_mut().inventory()?;
        let mut applied = Vec::new();
        let whole = subject.roots.iter().all(|root| {
            report.item(&format!("{root}: apply"), || {
                let stack = self.prepare(root)?;
                let plan = stack.plan("plan", &[])?;
                // It can be destroyed from here on, also when the apply ends in the middle.
                applied.push(stack);
                let stack = applied.last().context("no stack")?;
                stack.apply("apply", &plan)?;
                Ok(Passed::one(summary(&stack.state("state")?)))
            })
        });
        if whole {
            applied.iter().for_each(|stack| self.look(stack, report));
        }
        for stack in applied.iter().rev() {
            report.item(&format!("{}: destroy", stack.name), || {
                let plan = stack.plan_destroy()?;
                stack.apply("destroy", &plan)?;
                Ok(Passed::one(format!("{} destroyed", changes::planned(&plan.document).len())))
            });
        }
        for stack in &applied {
            report.item(&format!("{}: no secret in a log", stack.name), || self.silent(stack));
        }
        report.item(&format!("{}: emulators are empty", subject.name), || {
            let counts = self.fake.counts()?;
            ensure!(counts.is_empty(), "Confluent Cloud still has {counts:?}");
            let left = moto::left(&before, &self.moto.borrow_mut().inventory()?);
            ensure!(left.is_empty(), "AWS still has {}", left.join("; "));
            Ok(Passed::one("nothing is left in Confluent Cloud and AWS"))
        });
        Ok(())
    }

    /// A root, initialized, with its values.
    ///
    /// # Errors
    /// It fails, or could lead elsewhere than to loopback.
    pub fn prepare(&self, root: &str) -> anyhow::Result<Stack<'_>> {
        let clouds = Clouds::of(&self.fake, &self.moto.borrow());
        let folder = self.terraform.join(root);
        Stack::prepare(root, &folder, self.tool, self.providers, &clouds, self.logs, &self.values)
    }

    fn look(&self, stack: &Stack<'_>, report: &Report) {
        let name = &stack.name;
        let mut second = None;
        report.item(&format!("{name}: second plan is empty"), || {
            let plan = second.insert(stack.settled("second")?);
            let emulators = changes::planned(&plan.document);
            Ok(Passed::one(match emulators.is_empty() {
                true => String::new(),
                false => format!("but for the emulator's {}", changes::shown(&emulators)),
            }))
        });
        let Some(second) = second else { return };
        report.item(&format!("{name}: no secret in state and plan"), || self.sealed(stack, &second));
        if stack.variables.iter().any(|variable| variable == SIZE) {
            report.item(&format!("{name}: a resize changes the cluster alone"), || resize(stack, &second));
        }
        report.item(&format!("{name}: drift is seen"), || self.drift(stack));
        report.item(&format!("{name}: a refused read is stopped by the gate"), || self.refused_read(stack));
    }

    fn sealed(&self, stack: &Stack<'_>, plan: &Plan) -> anyhow::Result<Passed> {
        let state = stack.state("state")?;
        let mut secrets = self.secrets.borrow_mut();
        secrets.add_keys_of(&state);
        self.moto.borrow_mut().secrets()?.iter().for_each(|secret| secrets.add(secret));
        let mut found = secrets.search(&state);
        let in_plan = secrets.search(&plan.document);
        found.leaks.extend(in_plan.leaks);
        found.unavoidable.extend(in_plan.unavoidable);
        let shown = |places: BTreeSet<String>| places.into_iter().collect::<Vec<_>>().join(", ");
        ensure!(found.leaks.is_empty(), "a secret stands in {}", shown(found.leaks));
        Ok(Passed::one(match found.unavoidable.is_empty() {
            true => format!("{} secrets looked for", secrets.len()),
            false => {
                format!(
                    "{} secrets looked for; cannot be avoided: {}",
                    secrets.len(),
                    shown(found.unavoidable)
                )
            }
        }))
    }

    fn silent(&self, stack: &Stack<'_>) -> anyhow::Result<Passed> {
        let secrets = self.secrets.borrow();
        let hits = secrets.search_logs(stack.logs(), DOCUMENT)?;
        ensure!(hits.is_empty(), "a secret stands in {}", hits.join(", "));
        Ok(Passed::one(format!("{} secrets looked for", secrets.len())))
    }

    // Something that the stack made is changed behind its back, and put right by it again.
    fn drift(&self, stack: &Stack<'_>) -> anyhow::Result<Passed> {
        let state = stack.state("state")?;
        let (address, change) = drift_of(&state).context("the stack has nothing that the fake can change")?;
        self.fake.change(&change)?;
        let plan = stack.plan("drift", &[])?;
        let seen: Vec<Change> = changes::without_emulators(changes::planned(&plan.document));
        ensure!(
            seen.iter().map(|change| change.address.as_str()).eq([address.as_str()]),
            "{address} was changed, but the plan is: {}",
            changes::shown(&seen)
        );
        stack.apply("repair", &plan)?;
        stack.settled("repaired")?;
        Ok(Passed::one(format!("{address} was changed, seen and put right")))
    }

    // One 403 looks like "gone" to the provider; a plan made then would delete and make anew. Where the rest of the
    // root hangs on what was refused, planning itself fails, which is as good; but it proves nothing about the gate, so
    // the next read is refused first.
    fn refused_read(&self, stack: &Stack<'_>) -> anyhow::Result<Passed> {
        let state = stack.state("state")?;
        let paths = refused_paths(&state);
        ensure!(!paths.is_empty(), "the stack has nothing whose read could be refused");
        let mut failed = Vec::new();
        for path in paths {
            self.fake.fail(&json!({"method": "GET", "path_prefix": path, "status": 403}))?;
            let plan = stack.plan("refused", &[]);
            self.fake.heal()?;
            match plan {
                Ok(plan) => return stopped(&plan, path),
                Err(problem) => failed.push(format!("{path}: {problem:#}")),
            }
        }
        // The words of the last one must be about the refusal, or planning fails for another reason.
        let failed = failed.join("\n");
        ensure!(
            failed.contains("403"),
            "no refused read leads to a plan, and not because of the 403:\n{failed}"
        );
        Ok(Passed::one("planning fails, so there is nothing to apply"))
    }
}

fn resize(stack: &Stack<'_>, second: &Plan) -> anyhow::Result<Passed> {
    let size = second.document["variables"][SIZE]["value"].as_u64().context("cluster_size is no number")?;
    let plan = stack.plan("resize", &[(SIZE, (size + 1).to_string())])?;
    let seen = changes::without_emulators(changes::planned(&plan.document));
    let only = matches!(seen.as_slice(), [one] if one.kind == "confluent_kafka_cluster" && one.actions == ["update"]);
    ensure!(only, "from {size} to {} the plan is: {}", size + 1, changes::shown(&seen));
    Ok(Passed::one(changes::shown(&seen)))
}

fn stopped(plan: &Plan, path: &str) -> anyhow::Result<Passed> {
    let read = lint::plan::PlanJson::parse(Path::new("refused"), plan.document.to_string().as_bytes())?;
    let verdict = lint::plan::gate(&read, &[]);
    ensure!(
        !verdict.is_ok(),
        "the gate lets this plan pass: {}",
        changes::shown(&changes::planned(&plan.document))
    );
    Ok(Passed::one(format!("403 at {path}: {} refusals for {}", verdict.refused.len(), verdict.counts)))
}

// What the fake can change behind Terraform's back: address and change.
fn drift_of(state: &Value) -> Option<(String, Value)> {
    let all = resources(state);
    let find = |kind: &str| all.iter().find(|resource| resource["type"] == kind);
    let name = |resource: &Value, attribute: &str| resource["values"][attribute].clone();
    let change = if let Some(topic) = find("confluent_kafka_topic") {
        let patch = json!({"config": {"retention.ms": "86400123"}});
        (topic, json!({"kind": "kafka_topic", "name": name(topic, "topic_name"), "patch": patch}))
    } else if let Some(connector) = find("confluent_connector") {
        let patch = json!({"config": {"tasks.max": "7"}});
        let called = connector["values"]["config_nonsensitive"]["name"].clone();
        (connector, json!({"kind": "connector", "name": called, "patch": patch}))
    } else {
        let environment = find("confluent_environment")?;
        let patch = json!({"display_name": "renamed"});
        (environment, json!({"kind": "environment", "id": name(environment, "id"), "patch": patch}))
    };
    Some((change.0["address"].as_str()?.to_owned(), change.1))
}

// Reads on which something that holds data depends.
fn refused_paths(state: &Value) -> Vec<&'static str> {
    let all = resources(state);
    [
        ("confluent_environment", "/org/v2/environments/"),
        ("confluent_kafka_topic", "/kafka/v3/clusters/"),
        ("confluent_connector", "/connect/v1/environments/"),
    ]
    .into_iter()
    .filter(|(kind, _)| all.iter().any(|resource| resource["type"] == *kind))
    .map(|(_, path)| path)
    .collect()
}

fn resources(state: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    collect(&state["values"]["root_module"], &mut found);
    found
}

fn collect(module: &Value, found: &mut Vec<Value>) {
    let managed = module["resources"].as_array().into_iter().flatten();
    found.extend(managed.filter(|resource| resource["mode"] == "managed").cloned());
    module["child_modules"].as_array().into_iter().flatten().for_each(|child| collect(child, found));
}

fn summary(state: &Value) -> String {
    let all = resources(state);
    let of = |prefix: &str| {
        all.iter()
            .filter(|resource| resource["type"].as_str().is_some_and(|kind| kind.starts_with(prefix)))
            .count()
    };
    format!("{} created, {} in Confluent Cloud and {} in AWS", all.len(), of("confluent_"), of("aws_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(kinds: &[&str]) -> Value {
        let resources: Vec<_> = kinds
            .iter()
            .map(|kind| {
                json!({"type": kind, "mode": "managed", "address": format!("module.x.{kind}.this"),
                       "values": {"id": "env-1", "topic_name": "t", "config_nonsensitive": {"name": "c"}}})
            })
            .collect();
        json!({"values": {"root_module": {"resources": [], "child_modules": [{"resources": resources}]}}})
    }

    #[test]
    fn drift_takes_what_is_nearest_to_data() {
        let (address, change) =
            drift_of(&state(&["confluent_environment", "confluent_kafka_topic"])).unwrap();
        assert_eq!(
            (address.as_str(), &change["kind"]),
            ("module.x.confluent_kafka_topic.this", &json!("kafka_topic"))
        );
        let (_, change) = drift_of(&state(&["confluent_environment"])).unwrap();
        assert_eq!(change["id"], "env-1");
        assert!(drift_of(&state(&["aws_sns_topic"])).is_none());
    }

    #[test]
    fn what_was_made_is_counted_by_cloud() {
        let state = state(&["confluent_environment", "aws_sns_topic", "aws_vpc"]);
        assert_eq!(summary(&state), "3 created, 1 in Confluent Cloud and 2 in AWS");
        assert_eq!(refused_paths(&state), ["/org/v2/environments/"]);
    }
}
