//! Looks after the internal topics while the worker runs. Kafka Connect looks at them when it starts only: what is lost
//! later it finds out at the next start, when nobody has the connectors any more.

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use kafka::{Clients, LogSettings, LogTrouble, LogWatch};

use crate::Problems;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(15);
/// What is still wrong is said again after so many looks: each ten minutes.
const AGAIN: u32 = 40;

/// Looks at these topics for ever, and says what is wrong. What is running goes on: the worker has connectors' configs in
/// memory.
pub async fn watch_topics(
    clients: Arc<dyn Clients>,
    topics: Vec<LogSettings>,
    clock: Arc<dyn Clock>,
    problems: Problems,
) {
    let watch = |settings: &LogSettings| match LogWatch::new(&*clients, settings) {
        Ok(watch) => Some((settings.key, settings.topic.name.clone(), watch, 0)),
        Err(error) => {
            tracing::warn!(topic = settings.topic.name, "the topic is not looked after: {error}");
            None
        }
    };
    let mut watches: Vec<_> = topics.iter().filter_map(watch).collect();
    loop {
        for (key, topic, watch, looks) in &mut watches {
            let problem = match watch.look().await {
                Ok(trouble) => trouble.map(|trouble| text(key, topic, &trouble)),
                // Brokers that are away are told of by all who need them.
                Err(error) => {
                    tracing::debug!(topic, "cannot look after the topic now: {error}");
                    continue;
                }
            };
            *looks = if problems.set(key, problem.clone()) { 0 } else { *looks + 1 };
            if let Some(problem) = problem.filter(|_| *looks >= AGAIN) {
                tracing::error!("{problem}");
                *looks = 0;
            }
        }
        clock.sleep(LOOK).await;
    }
}

// What is wrong, what it means, and what to do.
fn text(key: &str, topic: &str, trouble: &LogTrouble) -> String {
    let head = format!("topic '{topic}' ({key}) {trouble}");
    if let LogTrouble::Policy(_) = trouble {
        return format!(
            "{head}; set cleanup.policy=compact on it: kafka-configs.sh --alter --add-config cleanup.policy=compact"
        );
    }
    let rest = match key {
        "config.storage.topic" => {
            "connectors that run go on, with what this worker has in memory, but a worker that starts now knows none of \
             them: before any worker is restarted, save what GET /connectors?expand=info answers; then stop all workers, \
             make the topic with one partition and cleanup.policy=compact (or delete it: the first worker makes it), start \
             them, and create the connectors again with their saved configs"
        }
        "offset.storage.topic" => {
            "sources that run go on, and their next offsets are written to it again; one that is restarted before begins \
             where it has no offset: see with GET /connectors/NAME/offsets what is there, and set what is missing with \
             PATCH /connectors/NAME/offsets while the connector is stopped"
        }
        _ => {
            "only what is shown is lost: states are written again when they change, or when the workers are restarted \
             one by one"
        }
    };
    format!("{head}; {rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_names_the_topic_and_what_to_do() {
        for (key, word) in [
            ("config.storage.topic", "GET /connectors?expand=info"),
            ("offset.storage.topic", "PATCH /connectors/NAME/offsets"),
            ("status.storage.topic", "states are written again"),
        ] {
            let told = text(key, "t", &LogTrouble::Gone);
            assert!(told.starts_with(&format!("topic 't' ({key}) is gone")) && told.contains(word), "{told}");
            let told = text(key, "t", &LogTrouble::Policy("delete".to_owned()));
            assert!(
                told.contains("cleanup.policy=delete") && told.contains("cleanup.policy=compact"),
                "{told}"
            );
        }
    }

    #[tokio::test]
    async fn a_config_topic_that_is_deleted_is_a_problem_and_stays_one() {
        let cluster = kafka::memory::Cluster::new();
        cluster.create_topic("configs", 1);
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        cluster.append("configs", 0, Some("connector-a"), Some("{}"));
        let topic = kafka::NewTopic {
            name: "configs".to_owned(),
            partitions: 1,
            replication_factor: 1,
            configs: Default::default(),
        };
        let settings = LogSettings {
            topic,
            create: true,
            key: "config.storage.topic",
            one_partition: true,
            consumer: Default::default(),
            producer: Default::default(),
            admin: Default::default(),
        };
        let (clock, problems) = (api::ManualClock::at(0), Problems::default());
        let watching = watch_topics(cluster.clients(), vec![settings], clock.clone(), problems.clone());
        let watching = tokio::spawn(watching);
        let look = async || {
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
            clock.advance(LOOK);
            while clock.sleepers() == 0 {
                tokio::task::yield_now().await;
            }
            problems.all().join("; ")
        };
        assert_eq!(look().await, "");
        cluster.set_topic_config("configs", "cleanup.policy", "delete");
        assert!(look().await.contains("'cleanup.policy=delete'"));
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        assert_eq!(look().await, "", "it is mended");
        cluster.fail_next_admin_calls(1);
        cluster.delete_topic("configs");
        assert_eq!(look().await, "", "no broker said so");
        assert!(look().await.starts_with("topic 'configs' (config.storage.topic) is gone"));
        cluster.create_topic("configs", 1);
        cluster.set_topic_config("configs", "cleanup.policy", "compact");
        let told = look().await;
        assert!(told.contains("deleted and made anew") && told.contains("expand=info"), "{told}");
        watching.abort();
    }
}
