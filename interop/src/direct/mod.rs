//! Plugins driven directly: every class with generated configs and inputs, ours and Java's, and their answers compared.

mod converters;
mod external;
mod random;
mod records;
mod registry;
mod transforms;

use std::path::Path;

use anyhow::Context;
use api::Registry;
use config::{Catalog, PluginKind};
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use serde_json::json;

use crate::allowed::Allowed;
use crate::case::{Case, Operation, TOPIC};
use crate::difference::{Difference, differences};
use crate::oracle::Oracle;
use crate::ours::{self, Answer};
use crate::tally::Tally;
use random::Random;
use registry::SchemaRegistry;

/// Inputs of one case.
const INPUTS: usize = 12;
/// Values of one schema that goes to a registry.
const VALUES: usize = 3;

/// What is to be compared.
pub struct Scope<'a> {
    /// Only classes whose name contains this.
    pub only: Option<&'a str>,
    /// The seed.
    pub seed: u64,
    /// Records for each class and direction.
    pub records: usize,
    /// Where the programs of this build are.
    pub programs: &'a Path,
}

/// The classes of both sides.
#[derive(Default)]
pub struct Classes {
    /// Driven on both sides.
    pub driven: Vec<String>,
    /// Java's that are not here.
    pub missing: Vec<String>,
    /// Ours that Java has not.
    pub ours_alone: Vec<String>,
}

/// Drives all classes.
///
/// # Errors
/// The Java program has ended.
pub fn run(
    scope: &Scope<'_>,
    oracle: &mut Oracle,
    plugins: &Registry,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<Classes> {
    let mut classes = Classes::default();
    for kind in [
        PluginKind::Transformation,
        PluginKind::Predicate,
        PluginKind::Converter,
        PluginKind::HeaderConverter,
    ] {
        let name = kind.name();
        let ours: Vec<&str> =
            plugins.plugins().into_iter().filter(|it| it.kind == kind).map(|it| it.class).collect();
        let others: Vec<&str> = ours.iter().copied().filter(|class| external::has_generator(class)).collect();
        let answer = oracle.ask(&json!({"op": "plugins", "kind": name, "others": others}))?;
        let java: Vec<String> =
            serde_json::from_value(answer["classes"].clone()).context("plugins of Java")?;
        for class in &java {
            if scope.only.is_some_and(|only| !class.contains(only)) {
                continue;
            }
            let label = format!("{name} {class}");
            if !ours.contains(&class.as_str()) {
                classes.missing.push(label);
            } else if drive(scope, kind, class, oracle, plugins, allowed, tally)? {
                classes.driven.push(label);
            } else {
                classes.missing.push(format!("{label}: no generator"));
            }
        }
        let alone = ours.into_iter().filter(|class| !java.iter().any(|it| it == class));
        let alone = alone.filter(|class| !registry::CLASSES.contains(class));
        classes
            .ours_alone
            .extend(alone.map(|class| format!("{name} {class}: {}", external::why_alone(class))));
    }
    let schemas = SchemaRegistry::start(scope.programs)?;
    for class in registry::CLASSES {
        if scope.only.is_none_or(|only| class.contains(only)) {
            match drive_with_schemas(scope, class, &schemas, oracle, plugins, allowed, tally)? {
                true => classes.driven.push(format!("converter {class}")),
                false => classes.ours_alone.push(format!("converter {class}: {}", registry::NO_TWIN)),
            }
        }
    }
    Ok(classes)
}

// Whether Java has the class.
fn drive_with_schemas(
    scope: &Scope<'_>,
    class: &str,
    schemas: &SchemaRegistry,
    oracle: &mut Oracle,
    plugins: &Registry,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<bool> {
    let mut random = Random::seed_from_u64(scope.seed ^ hash(class));
    let simple = simple_name(class);
    let mut left = scope.records;
    while left > 0 {
        // Few values of each schema: a schema has more to compare than its values have.
        let count = left.min(VALUES);
        left -= count;
        let case = schemas.encoding(&mut random, class, format!("{simple}-{left}"), count);
        let java = oracle.answer(&case)?;
        if matches!(&java, Answer::Refused(error) if error["class"] == "java.lang.ClassNotFoundException") {
            return Ok(false);
        }
        let ours = ours::answer(plugins, &case);
        compare(&case, &schemas.instead_of_ids(&java)?, &schemas.instead_of_ids(&ours)?, allowed, tally);
        if let Some(case) = registry::decoding(&mut random, &case, &java) {
            compare(&case, &oracle.answer(&case)?, &ours::answer(plugins, &case), allowed, tally);
        }
    }
    Ok(true)
}

// Whether there is a generator for the class.
fn drive(
    scope: &Scope<'_>,
    kind: PluginKind,
    class: &str,
    oracle: &mut Oracle,
    plugins: &Registry,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<bool> {
    // A class's cases do not depend on which others are driven.
    let mut random = Random::seed_from_u64(scope.seed ^ hash(class));
    let simple = simple_name(class);
    let operations: &[Operation] = match kind {
        PluginKind::Transformation => &[Operation::Transform],
        PluginKind::Predicate => &[Operation::Predicate],
        _ => &[Operation::Encode, Operation::Decode],
    };
    for operation in operations {
        let mut left = scope.records;
        while left > 0 {
            let count = left.min(INPUTS);
            let Some(case) = make(&mut random, kind, *operation, class, simple, count) else {
                return Ok(false);
            };
            let (java, ours) = (oracle.answer(&case)?, ours::answer(plugins, &case));
            // A config that both refuse has seen no record; of these classes many are refused.
            let unused = external::is_external(class)
                && matches!((&java, &ours), (Answer::Refused(_), Answer::Refused(_)));
            left -= if unused { 1 } else { count };
            compare(&case, &java, &ours, allowed, tally);
        }
    }
    Ok(true)
}

fn make(
    random: &mut Random,
    kind: PluginKind,
    operation: Operation,
    class: &str,
    simple: &str,
    count: usize,
) -> Option<Case> {
    let config = match operation {
        Operation::Transform if external::is_external(class) => external::config(random, class)?,
        Operation::Transform | Operation::Predicate => transforms::config(random, simple)?,
        Operation::Encode | Operation::Decode => converters::config(random, simple)?,
    };
    let inputs = match operation {
        Operation::Transform if external::is_external(class) => external::inputs(random, class, count),
        Operation::Transform | Operation::Predicate => records::inputs(random, count),
        Operation::Encode => (0..count).map(|_| converters::value(random, simple)).collect(),
        Operation::Decode => (0..count).map(|_| converters::bytes(random, simple)).collect(),
    };
    let usage = match kind {
        PluginKind::HeaderConverter => "header",
        _ => ["key", "value"].choose(random).copied().unwrap_or("value"),
    };
    Some(Case { operation, class: class.to_owned(), config, usage, topic: TOPIC.to_owned(), inputs })
}

fn compare(case: &Case, java: &Answer, ours: &Answer, allowed: &Allowed, tally: &mut Tally) {
    let group = match case.operation {
        Operation::Transform | Operation::Predicate => short(&case.class).to_owned(),
        _ => format!(
            "{} {}{}",
            short(&case.class),
            if case.usage == "header" { "header " } else { "" },
            case.operation.name()
        ),
    };
    let config = case.config_json();
    match (java, ours) {
        (Answer::Results(java), Answer::Results(ours)) => {
            for ((java, ours), input) in java.iter().zip(ours).zip(&case.inputs) {
                let mut found = in_meaning(allowed, differences(java, ours));
                if registry::CLASSES.contains(&case.class.as_str()) || external::is_external(&case.class) {
                    // What they throw is of many classes, and most texts of Confluent's converters end at a colon.
                    found.retain(|it| !it.at.starts_with("error."));
                }
                tally.add(allowed, &group, &|| format!("{config} {}", input.shown()), &found);
            }
        }
        (java, ours) => {
            let built = |answer: &Answer| match answer {
                Answer::Refused(error) => json!({"refused": error}),
                Answer::Results(_) => json!({"built": true}),
            };
            let mut found = in_meaning(allowed, differences(&built(java), &built(ours)));
            if external::is_external(&case.class) {
                found.retain(|it| !it.at.starts_with("refused.")); // Java's text is that the config is not valid
            }
            tally.add(allowed, &group, &|| config.to_string(), &found);
        }
    }
}

// Texts of errors are compared by what they say: where both sides refuse, other words are no difference.
fn in_meaning(allowed: &Allowed, mut found: Vec<Difference>) -> Vec<Difference> {
    found.retain(|it| {
        let text = |json: &str| serde_json::from_str::<String>(json).ok();
        let texts = text(&it.java).zip(text(&it.ours));
        !["error.message", "refused.message"].contains(&it.at.as_str())
            || !texts.is_some_and(|(java, ours)| allowed.says_the_same(&java, &ours))
    });
    found
}

fn short(class: &str) -> &str {
    class.strip_prefix("org.apache.kafka.connect.").unwrap_or(class)
}

/// `Cast` of `org.apache.kafka.connect.transforms.Cast$Value`.
fn simple_name(class: &str) -> &str {
    let name = class.rsplit('.').next().unwrap_or(class);
    name.split('$').next().unwrap_or(name)
}

// FNV-1a: the same number for the same class on every machine.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
