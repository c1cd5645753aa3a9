//! Taking transactional ids over, so that who had them can write no more.
//!
//! librdkafka has no call for it: a producer with the id begins, which is all that fencing is, and ends.

use std::sync::Arc;
use std::time::Duration;

use super::java_keys::Translated;
use super::login::Login;
use super::producer::RdKafkaProducer;
use crate::{Error, Result, TransactionalProducer as _};

/// Takes each id over, one after another, with the connection settings of an admin client.
pub(super) async fn fence(
    admin: &Translated,
    login: Option<&Arc<Login>>,
    ids: &[String],
    limit: Duration,
) -> Result<()> {
    for id in ids {
        let mut translated = admin.clone();
        translated.put("transactional.id", "transactional.id", id.as_str());
        translated.put("enable.idempotence", "enable.idempotence", "true");
        let producer = RdKafkaProducer::new(&translated, login.cloned())?;
        producer.init(limit).await.map_err(|error| of_id(id, error))?;
    }
    Ok(())
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
