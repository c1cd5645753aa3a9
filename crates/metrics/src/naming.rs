//! How metrics are called in Prometheus.

use crate::Metric;

/// A scheme of Prometheus names. Users have dashboards and alerts for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Naming {
    /// `kafka_connect_GROUP_ATTRIBUTE` with the whole name of the group, as reporters of Kafka's metrics write it:
    /// `kafka_connect_connect_worker_metrics_task_count`.
    #[default]
    Kafka,
    /// As the JMX rules that Strimzi gives for Kafka Connect write it: without a leading `connect` and without `metrics`,
    /// `kafka_connect_worker_task_count`.
    Strimzi,
    /// Both.
    Both,
}

impl Naming {
    /// The words for it in the worker's config.
    pub const WORDS: &'static [&'static str] = &["kafka", "strimzi", "both"];

    /// The scheme of this word, in whatever case.
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Naming::Kafka, Naming::Strimzi, Naming::Both];
        Self::WORDS.iter().zip(all).find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, it)| it)
    }

    /// The names of a metric; one that only Sluice has is called the same in all schemes, `sluice_…`.
    pub fn names(self, metric: &Metric) -> impl Iterator<Item = String> {
        if metric.group.name.starts_with("sluice") {
            // No scheme of others has it.
            let name = format!("{}_{}", metric.group.name, metric.attribute).replace('-', "_");
            return [Some(name), None].into_iter().flatten();
        }
        let kafka = matches!(self, Naming::Kafka | Naming::Both).then(|| name(metric.group.name, metric));
        let strimzi = matches!(self, Naming::Strimzi | Naming::Both).then(|| {
            let group = metric.group.name.trim_end_matches("-metrics");
            name(group.strip_prefix("connect-").unwrap_or(group), metric)
        });
        [kafka, strimzi].into_iter().flatten()
    }
}

fn name(group: &str, metric: &Metric) -> String {
    format!("kafka_connect_{group}_{}", metric.attribute).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list;

    #[test]
    fn both_gives_each_name_and_words_are_known() {
        let names = |naming: Naming| naming.names(&list::TASK_COUNT).collect::<Vec<_>>();
        assert_eq!(names(Naming::Kafka), ["kafka_connect_connect_worker_metrics_task_count"]);
        assert_eq!(names(Naming::Strimzi), ["kafka_connect_worker_task_count"]);
        assert_eq!(names(Naming::Both), [names(Naming::Kafka), names(Naming::Strimzi)].concat());
        assert_eq!(Naming::of_word("Strimzi"), Some(Naming::Strimzi));
        assert_eq!(Naming::of_word("jmx"), None);
    }
}
