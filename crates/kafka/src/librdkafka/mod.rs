//! The clients of librdkafka.
//!
//! - `producer`: sends batches without copying them, and counts acknowledgements a batch at a time.
//! - `consumer`: a member of a group that tells changes of assignment instead of acting on them by itself.
//! - `admin`: topics and offsets.
//! - `java_keys`: what users write (Java's names) in librdkafka's words; `jaas` and `tls` are parts of it.
//!
//! Start at [`RdKafkaClients`].

mod admin;
mod consumer;
mod context;
mod failure;
mod fetched;
mod flight;
mod jaas;
mod java_keys;
mod membership;
mod native;
mod pattern;
mod producer;
mod tls;

use std::sync::Arc;

use crate::pool::Pool;
use crate::{Admin, ClientSettings, Clients, Consumer, Producer, Result, Subscription};
use admin::RdKafkaAdmin;
use consumer::RdKafkaConsumer;
use java_keys::{Role, translate};
use producer::RdKafkaProducer;

/// Makes clients of librdkafka. Producers with equal settings are shared, as are admin clients: a client costs
/// threads, connections and memory.
#[derive(Debug, Default)]
pub struct RdKafkaClients {
    producers: Pool<RdKafkaProducer>,
    admins: Pool<RdKafkaAdmin>,
}

impl RdKafkaClients {
    /// No clients yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Clients for RdKafkaClients {
    fn producer(&self, settings: &ClientSettings) -> Result<Arc<dyn Producer>> {
        let translated = translate(Role::Producer, settings)?;
        let key = translated.sharing_key();
        let producer =
            self.producers.get(key, RdKafkaProducer::is_usable, || RdKafkaProducer::new(&translated))?;
        Ok(producer)
    }

    fn consumer(&self, settings: &ClientSettings, subscription: &Subscription) -> Result<Box<dyn Consumer>> {
        let translated = translate(Role::Consumer, settings)?;
        Ok(Box::new(RdKafkaConsumer::new(&translated, subscription)?))
    }

    fn admin(&self, settings: &ClientSettings) -> Result<Arc<dyn Admin>> {
        let translated = translate(Role::Admin, settings)?;
        let admin = self.admins.get(translated.sharing_key(), |_| true, || RdKafkaAdmin::new(&translated))?;
        Ok(admin)
    }
}
