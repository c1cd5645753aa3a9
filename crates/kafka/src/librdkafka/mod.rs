//! The clients of librdkafka.
//!
//! - `producer`: sends batches without copying them, and counts acknowledgements a batch at a time.
//! - `consumer`: a member of a group that tells changes of assignment instead of acting on them by itself.
//! - `log_reader`: whole partitions from their beginning, without a group.
//! - `admin`: topics and offsets; `group_offsets` is its part for committed offsets of consumer groups.
//! - `fencing`: takes transactional ids over.
//! - `java_keys`: what users write (Java's names) in librdkafka's words; `sasl`, `jaas` and `tls` are parts of it.
//! - `login`: fetches tokens for OAUTHBEARER and keeps them fresh.
//!
//! Start at [`RdKafkaClients`].

mod admin;
mod consumer;
mod context;
mod failure;
mod fencing;
mod fetched;
mod flight;
mod group_offsets;
mod jaas;
mod java_keys;
mod log_reader;
mod login;
mod membership;
mod native;
mod outage;
mod pattern;
mod producer;
mod sasl;
mod throttle;
mod tls;

use std::sync::Arc;

use crate::pool::Pool;
use api::data::TopicPartition;

pub(crate) use self::tls::misconfigured;
use crate::{
    Admin, ClientSettings, Clients, Consumer, LogReader, Producer, Result, Subscription,
    TransactionalProducer,
};
use admin::RdKafkaAdmin;
use consumer::RdKafkaConsumer;
pub(crate) use java_keys::{Role, Translated, translate, wrong};
use log_reader::RdKafkaLogReader;
pub(crate) use login::{Login, LoginSettings, Token};
use producer::RdKafkaProducer;

/// Makes clients of librdkafka. Producers with equal settings are shared, as are admin clients: a client costs
/// threads, connections and memory. Clients that log in with tokens from the same place as the same principal share
/// one login, so that a thousand tasks do not ask for a thousand tokens.
///
/// Settings are Java's (see [`ClientSettings`]). `security.protocol` may be each that Java has, with `sasl.mechanism`
/// PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER (client credentials), and with certificates in PEM, PKCS12 or JKS.
/// What a JVM would load by class name is refused, but for Java's own `OAuthBearerLoginCallbackHandler`, whose work is
/// done here.
#[derive(Debug, Default)]
pub struct RdKafkaClients {
    producers: Pool<RdKafkaProducer>,
    admins: Pool<RdKafkaAdmin>,
    logins: Pool<Login>,
}

impl RdKafkaClients {
    /// No clients yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who fetches tokens for a client with these settings, if it needs them.
    fn login(&self, translated: &Translated) -> Result<Option<Arc<Login>>> {
        let Some(settings) = &translated.login else { return Ok(None) };
        self.logins.get(settings.sharing_key(), |_| true, || Login::start(settings)).map(Some)
    }
}

/// Whether some client has this setting, by its Java name and whatever its value, before a client is made of it.
///
/// # Errors
/// None has. The text says which one may be meant.
pub fn check_key(key: &str) -> Result<()> {
    java_keys::known(key)
}

impl Clients for RdKafkaClients {
    fn producer(&self, settings: &ClientSettings) -> Result<Arc<dyn Producer>> {
        let translated = translate(Role::Producer, settings)?;
        let key = translated.sharing_key();
        let make = || RdKafkaProducer::new(&translated, self.login(&translated)?);
        let producer = self.producers.get(key, RdKafkaProducer::is_usable, make)?;
        Ok(producer)
    }

    fn transactional_producer(&self, settings: &ClientSettings) -> Result<Arc<dyn TransactionalProducer>> {
        let translated = translate(Role::TransactionalProducer, settings)?;
        Ok(Arc::new(RdKafkaProducer::new(&translated, self.login(&translated)?)?))
    }

    fn consumer(&self, settings: &ClientSettings, subscription: &Subscription) -> Result<Box<dyn Consumer>> {
        let translated = translate(Role::Consumer, settings)?;
        Ok(Box::new(RdKafkaConsumer::new(&translated, subscription, self.login(&translated)?)?))
    }

    fn log_reader(
        &self,
        settings: &ClientSettings,
        partitions: &[TopicPartition],
    ) -> Result<Box<dyn LogReader>> {
        let translated = translate(Role::Consumer, settings)?;
        Ok(Box::new(RdKafkaLogReader::new(&translated, partitions, self.login(&translated)?)?))
    }

    fn admin(&self, settings: &ClientSettings) -> Result<Arc<dyn Admin>> {
        let translated = translate(Role::Admin, settings)?;
        let make = || RdKafkaAdmin::new(&translated, self.login(&translated)?);
        let admin = self.admins.get(translated.sharing_key(), |_| true, make)?;
        Ok(admin)
    }
}
