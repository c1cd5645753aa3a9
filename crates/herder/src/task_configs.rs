//! Task configs, from what a connector gives to what is stored.

use std::hash::{DefaultHasher, Hash, Hasher};

use api::Error;
use config::RawConfig;
use secrets::Redactor;
use spec::{ConnectorKind, ConnectorSpec};

/// Refuses more tasks than `tasks.max`, or says so in the log.
pub(crate) fn check(spec: &ConnectorSpec, tasks: usize) -> api::Result<()> {
    if tasks <= spec.tasks_max {
        return Ok(());
    }
    let found = format!(
        "The connector {} has generated {tasks} tasks, which is greater than {}, the maximum number of tasks it is \
         configured to create.",
        spec.name, spec.tasks_max
    );
    if spec.tasks_max_enforced {
        return Err(Error::fatal(format!(
            "{found} This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted \
             by reconfiguring the connector with 'tasks.max.enforce' set to false"
        )));
    }
    tracing::warn!("{found} It is permitted by 'tasks.max.enforce=false'");
    Ok(())
}

/// Adds the framework's keys, and puts references back in place of what was looked up (invariant 5).
pub(crate) fn derive(
    raw: &RawConfig,
    spec: &ConnectorSpec,
    redactor: &Redactor,
    task_class: &str,
    configs: Vec<RawConfig>,
) -> Vec<RawConfig> {
    let derive = |config: RawConfig| {
        let mut derived = redactor.reinsert(raw, config);
        derived.set("task.class", task_class);
        if spec.kind == ConnectorKind::Sink {
            for key in ["topics", "topics.regex"] {
                if let Some(topics) = raw.get(key) {
                    derived.set(key, topics);
                }
            }
        }
        derived
    };
    configs.into_iter().map(derive).collect()
}

/// Stands for a resolved config; compared within this process only.
pub(crate) fn fingerprint(config: &RawConfig) -> u64 {
    let mut hasher = DefaultHasher::new();
    for entry in config.iter() {
        entry.hash(&mut hasher);
    }
    hasher.finish()
}
