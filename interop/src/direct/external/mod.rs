//! Transforms from outside Apache Kafka: their configs, and the records that they are for.
//!
//! Debezium's classes are fetched with Confluent's converters. Aiven's and jcustenborder's are not on Maven
//! Central; they are driven when their jars are given.

mod aiven;
mod debezium;
mod events;
mod jcustenborder;
mod outbox;
mod times;

use config::RawConfig;
use rand::{Rng, SeedableRng};

use super::random::{Random, chance, pick};
use super::records;
use crate::case::Input;

const DEBEZIUM: &str = "io.debezium.transforms.";
const AIVEN: &str = "io.aiven.kafka.connect.transforms.";
const JCUSTENBORDER: &str = "com.github.jcustenborder.kafka.connect.transform.common.";

/// Whether the class is of a package that is driven here.
pub fn is_external(class: &str) -> bool {
    [DEBEZIUM, AIVEN, JCUSTENBORDER].iter().any(|package| class.starts_with(package))
}

/// Whether there is a generator for the class.
pub fn has_generator(class: &str) -> bool {
    is_external(class) && config(&mut Random::seed_from_u64(0), class).is_some()
}

/// Why the class is not driven where its jar is not there.
pub fn why_alone(class: &str) -> &'static str {
    match class {
        _ if class.starts_with("io.confluent.") => "closed source, not on Maven Central",
        _ if class.ends_with(".UnwrapFromEnvelope") => "its last version is older than this Kafka Connect",
        _ if class.ends_with(".ToLogicalTopicRouter") => "newer than the jars of the wheel",
        _ if class.starts_with(DEBEZIUM) => "debezium-scripting is not on Maven Central",
        _ if class.ends_with(".TimestampNow")
            || class.contains(".TimestampNowField$")
            || class.contains("InsertUuid$") =>
        {
            "different at every call"
        }
        _ if is_external(class) => "not on Maven Central; --jars drives it",
        _ => "not on Maven Central",
    }
}

/// A config of a transform, by its class's full name; `None` when there is no generator for the class.
pub fn config(random: &mut Random, class: &str) -> Option<RawConfig> {
    let simple = super::simple_name(class);
    let mut config = match class {
        _ if class.starts_with(AIVEN) => aiven::config(random, simple)?,
        _ if class.starts_with(JCUSTENBORDER) => jcustenborder::config(random, simple)?,
        _ => debezium::config(random, simple)?,
    };
    if chance(random, 10) {
        config.set("unknown.key", "is ignored");
    }
    Some(config)
}

/// Records for one case of a class.
pub fn inputs(random: &mut Random, class: &str, count: usize) -> Vec<Input> {
    match class.starts_with(DEBEZIUM) {
        true => debezium::inputs(random, class, count),
        false => records::inputs(random, count),
    }
}

// Sets a key to one of these values, in so many of a hundred times.
fn set(random: &mut Random, config: &mut RawConfig, percent: u32, key: &str, values: &[&str]) {
    if chance(random, percent) {
        config.set(key, pick(random, values));
    }
}

// A list of some different names, at most so many.
fn names(random: &mut Random, from: &[&str], most: usize) -> String {
    let first = random.random_range(0..from.len());
    let count = random.random_range(1..=most.min(from.len()));
    let names: Vec<&str> = (0..count).map(|at| from[(first + at) % from.len()]).collect();
    names.join(if chance(random, 15) { ", " } else { "," })
}
