//! Taking transactional ids over, so that who had them can write no more.
//!
//! librdkafka has no call for it: a producer with the id begins, which is all that fencing is, and ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::java_keys::Translated;
use super::login::Login;
use super::producer::RdKafkaProducer;
use crate::{Error, Result, TransactionalProducer as _};

/// Ids that are taken over at the same time: each needs a client of its own for a moment.
const AT_ONCE: usize = 8;

/// Takes each id over, with the connection settings of an admin client. All that was begun has ended when this returns,
/// also with an error: nothing is taken over later.
pub(super) async fn fence(
    admin: &Translated,
    login: Option<&Arc<Login>>,
    ids: &[String],
    limit: Duration,
) -> Result<()> {
    let mut ids = ids.iter();
    let mut running = JoinSet::new();
    let mut wrong = Ok(());
    loop {
        while wrong.is_ok() && running.len() < AT_ONCE {
            let Some(id) = ids.next() else { break };
            running.spawn(take_over(admin.clone(), login.cloned(), id.clone(), limit));
        }
        let Some(ended) = running.join_next().await else { return wrong };
        let taken = ended.unwrap_or_else(|error| {
            Err(Error::Fatal { operation: "fencing producers".to_owned(), reason: error.to_string() })
        });
        wrong = wrong.and(taken);
    }
}

async fn take_over(
    mut settings: Translated,
    login: Option<Arc<Login>>,
    id: String,
    limit: Duration,
) -> Result<()> {
    settings.put("transactional.id", "transactional.id", id.as_str());
    settings.put("enable.idempotence", "enable.idempotence", "true");
    let producer = RdKafkaProducer::new(&settings, login)?;
    producer.init(limit).await.map_err(|error| of_id(&id, error))
}

fn of_id(id: &str, error: Error) -> Error {
    let operation = format!("fencing the producer with transactional.id {id}");
    match error {
        Error::Retriable { reason, .. } => Error::Retriable { operation, reason },
        // Somebody else took it over at the same time: the one that was meant is fenced.
        Error::Fenced { reason, .. } => Error::Retriable { operation, reason },
        Error::Unusable { reason, .. } => Error::Unusable { operation, reason },
        Error::Fatal { reason, .. } => Error::Fatal { operation, reason },
        other => other,
    }
}
