//! Connectors of files in a group of workers.
//!
//! Only the leader of a group creates and changes connectors. So each worker compares its files with what the group has,
//! and does what is missing if it leads, or as soon as it does. In a deployment that replaces one worker after the
//! other, the old leader goes last at the latest: only then new files count, and a worker with old files cannot bring
//! them back, since it looked at them once, at its start.

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use config::RawConfig;
use herder::{Error, Handle};
use tokio::sync::watch;

use crate::ConnectorFile;

/// The pauses before it is looked again; they double.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Makes the group have these connectors, until it does or the worker ends.
pub(crate) async fn bring(
    herder: Handle,
    mut files: Vec<ConnectorFile>,
    clock: Arc<dyn Clock>,
    mut ended: watch::Receiver<bool>,
) {
    let work = async {
        let mut pause = PAUSE_MIN;
        let mut told: Vec<(String, String)> = Vec::new();
        while !files.is_empty() {
            let mut left = Vec::new();
            for file in files {
                let Err(why) = bring_one(&herder, &file).await else { continue };
                let line = (file.name.clone(), tell(&file, &why));
                if !told.contains(&line) {
                    match why {
                        Error::Elsewhere { .. } | Error::Conflict(_) => tracing::info!("{}", line.1),
                        _ => tracing::error!("{}", line.1),
                    }
                    told.push(line);
                }
                left.push(file);
            }
            files = left;
            if !files.is_empty() {
                clock.sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = ended.wait_for(|end| *end) => {}
    }
}

async fn bring_one(herder: &Handle, file: &ConnectorFile) -> herder::Result<()> {
    match herder.view(&file.name).await? {
        Some(view) if same(&view.config, &file.config) => {}
        Some(_) => {
            herder.put_config(&file.name, file.config.clone()).await?;
            tracing::info!("connector {}: updated as {} says", file.name, file.path.display());
        }
        None => {
            herder.create(&file.name, file.config.clone(), file.target).await?;
            tracing::info!("connector {}: created as {} says", file.name, file.path.display());
        }
    }
    Ok(())
}

fn tell(file: &ConnectorFile, why: &Error) -> String {
    let (name, path) = (&file.name, file.path.display());
    match why {
        Error::Elsewhere { url, .. } => format!(
            "connector {name}: {path} differs from what the group has. Its leader, {url}, may change it; this worker does \
             when it leads itself"
        ),
        Error::Conflict(_) => format!("connector {name}: {path} waits until the group has a leader"),
        why => format!("connector {name}: {path} cannot be applied, and is tried again: {why}"),
    }
}

// The order of keys means nothing, and a null is as good as no key.
fn same(one: &RawConfig, other: &RawConfig) -> bool {
    let keys = |config: &RawConfig| config.iter().filter(|(_, value)| value.is_some()).count();
    let has = |(key, value): (&str, Option<&str>)| value.is_none() || other.get(key) == value;
    keys(one) == keys(other) && one.iter().all(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configs_are_the_same_in_any_order_and_with_nulls() {
        let of = |entries: &[(&str, &str)]| entries.iter().copied().collect::<RawConfig>();
        let mut with_null = of(&[("a", "1"), ("b", "2")]);
        with_null.set_null("c");
        assert!(same(&of(&[("b", "2"), ("a", "1")]), &with_null));
        assert!(!same(&of(&[("a", "1")]), &with_null) && !same(&with_null, &of(&[("a", "1")])));
        assert!(!same(&of(&[("a", "1"), ("b", "3")]), &with_null));
    }
}
