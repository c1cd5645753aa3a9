//! The names that Java's tools have for the parts of a worker, beside our own (`sluice_task::sink_loop`).

/// A part of the program and its Java name.
#[derive(Debug)]
pub(super) struct Part {
    /// Targets that begin with this belong to it.
    pub(super) target: &'static str,
    /// The package or class that does this work in a Java worker.
    pub(super) java: &'static str,
    /// Whether the loggers of all classes in that package mean this part. A logger of another class has no counterpart.
    has_classes: bool,
}

const fn part(target: &'static str, java: &'static str) -> Part {
    Part { target, java, has_classes: false }
}

const fn package(target: &'static str, java: &'static str) -> Part {
    Part { target, java, has_classes: true }
}

/// Of several rows that fit a target, those with the longest target count.
const PARTS: [Part; 20] = [
    part("sluice_worker", "org.apache.kafka.connect.cli"),
    part("sluice_herder", "org.apache.kafka.connect.runtime"),
    part("sluice_plugins", "org.apache.kafka.connect.runtime.isolation"),
    package("sluice_rest", "org.apache.kafka.connect.runtime.rest"),
    part("sluice_task", "org.apache.kafka.connect.runtime.WorkerTask"),
    part("sluice_task::sink", "org.apache.kafka.connect.runtime.WorkerSinkTask"),
    part("sluice_task::source", "org.apache.kafka.connect.runtime.WorkerSourceTask"),
    package("sluice_transforms", "org.apache.kafka.connect.transforms"),
    package("sluice_converters", "org.apache.kafka.connect.json"),
    package("sluice_converters", "org.apache.kafka.connect.converters"),
    package("sluice_schema_registry", "io.confluent.kafka.schemaregistry"),
    package("sluice_secrets", "org.apache.kafka.common.config.provider"),
    package("sluice_kafka", "org.apache.kafka.clients"),
    package("librdkafka", "org.apache.kafka.clients"),
    package("sluice_connector_file", "org.apache.kafka.connect.file"),
    package("sluice_connector_jdbc", "io.confluent.connect.jdbc"),
    package("sluice_connector_jdbc", "io.aiven.connect.jdbc"),
    package("sluice_connector_s3", "io.confluent.connect.s3"),
    package("sluice_connector_s3", "io.aiven.kafka.connect.s3"),
    part("sluice", "org.apache.kafka.connect"),
];

/// All parts.
pub(super) fn parts() -> &'static [Part] {
    &PARTS
}

/// The parts that a target belongs to.
pub(super) fn parts_of(target: &str) -> impl Iterator<Item = &'static Part> {
    let longest = PARTS
        .iter()
        .map(|part| part.target)
        .filter(|part| target.starts_with(part))
        .max_by_key(|part| part.len());
    PARTS.iter().filter(move |part| Some(part.target) == longest)
}

impl Part {
    /// Whether a logger's level counts for this part: its own, one of a package around it, or one of a class in it.
    pub(super) fn hears(&self, logger: &str) -> bool {
        is_inside(self.java, logger, ".") || (self.has_classes && is_inside(logger, self.java, "."))
    }
}

/// Whether a name is that of a package or module, or of something in it.
pub(super) fn is_inside(name: &str, outer: &str, separator: &str) -> bool {
    name.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator))
}

/// Whether lines with this target come from us or from librdkafka, not from some library.
pub(super) fn is_ours(target: &str) -> bool {
    target.starts_with("sluice") || target.starts_with("librdkafka")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_hears_of_packages_around_and_classes_inside() {
        let hears = |target: &str, logger: &str| parts_of(target).any(|part| part.hears(logger));
        for (target, logger) in [
            ("sluice_task::sink_loop", "org.apache.kafka.connect.runtime.WorkerSinkTask"),
            ("sluice_task::sink_loop", "org.apache.kafka.connect"),
            ("sluice_connector_s3::writer", "io.confluent.connect.s3.S3SinkTask"),
            ("sluice_connector_s3::writer", "io.aiven.kafka.connect.s3"),
            ("librdkafka", "org.apache.kafka.clients.consumer.KafkaConsumer"),
            ("sluice_spec", "org.apache.kafka"),
        ] {
            assert!(hears(target, logger), "{target} {logger}");
        }
        for (target, logger) in [
            ("sluice_task::sink_loop", "org.apache.kafka.connect.runtime.WorkerSourceTask"),
            ("sluice_task::sink_loop", "org.apache.kafka.connect.run"),
            ("sluice_herder", "org.apache.kafka.connect.runtime.distributed.DistributedHerder"),
            ("hyper::client", "org.apache.kafka"),
        ] {
            assert!(!hears(target, logger), "{target} {logger}");
        }
    }
}
