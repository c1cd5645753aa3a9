//! Settings of clients, by their Java names, and who makes clients of them.

use std::fmt;
use std::sync::Arc;

use api::config::RawConfig;
use api::data::TopicPartition;

use crate::{Admin, Consumer, LogReader, Producer, Result, Subscription, TransactionalProducer};

/// Client settings by their **Java** names (`bootstrap.servers`, `linger.ms`, `sasl.jaas.config`), as users write
/// them; an implementation translates. `Debug` prints the names only (invariant 5).
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ClientSettings(pub RawConfig);

/// Makes clients.
pub trait Clients: Send + Sync + fmt::Debug {
    /// A producer without transactions. Callers with equal settings may be given the same one; `client.id` does not
    /// make settings different.
    ///
    /// # Errors
    /// A setting is wrong or not supported; brokers are not contacted. So for all below.
    fn producer(&self, settings: &ClientSettings) -> Result<Arc<dyn Producer>>;

    /// A producer with the settings' `transactional.id`, which is nobody else's.
    fn transactional_producer(&self, settings: &ClientSettings) -> Result<Arc<dyn TransactionalProducer>>;

    /// A consumer with this subscription.
    fn consumer(&self, settings: &ClientSettings, subscription: &Subscription) -> Result<Box<dyn Consumer>>;

    /// A reader of these partitions. `group.id` must be one that the worker may use; it is not joined.
    fn log_reader(
        &self,
        settings: &ClientSettings,
        partitions: &[TopicPartition],
    ) -> Result<Box<dyn LogReader>>;

    /// An admin client.
    fn admin(&self, settings: &ClientSettings) -> Result<Arc<dyn Admin>>;
}
