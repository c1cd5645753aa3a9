//! A compacted topic is written to for a worker's life: a producer that has become useless is not kept.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::BoxFuture;
use api::data::TopicPartition;
use sluice_kafka::memory::Cluster;
use sluice_kafka::{
    Admin, ClientSettings, Clients, CompactedLog, Consumer, EncodedBatch, Error, LogReader, LogSettings,
    NewTopic, Producer, Receipt, Result, Subscription, TransactionalProducer, Trouble,
};

/// As after a refused login: nothing can be sent any more.
#[derive(Debug)]
struct Useless;

impl Producer for Useless {
    fn send(&self, _: EncodedBatch) -> BoxFuture<'_, Result<Receipt>> {
        let (operation, reason) = ("sending".to_owned(), "the login was refused".to_owned());
        Box::pin(async { Err(Error::Unusable { operation, reason }) })
    }

    fn flush(&self, _: Duration) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn trouble(&self) -> Option<Trouble> {
        None
    }
}

/// A pool whose producer is useless for a while.
#[derive(Debug)]
struct Pool {
    cluster: Cluster,
    useless: AtomicBool,
}

impl Clients for Pool {
    fn producer(&self, settings: &ClientSettings) -> Result<Arc<dyn Producer>> {
        match self.useless.load(Ordering::Relaxed) {
            true => Ok(Arc::new(Useless)),
            false => self.cluster.producer(settings),
        }
    }

    fn transactional_producer(&self, settings: &ClientSettings) -> Result<Arc<dyn TransactionalProducer>> {
        self.cluster.transactional_producer(settings)
    }

    fn consumer(&self, settings: &ClientSettings, subscription: &Subscription) -> Result<Box<dyn Consumer>> {
        self.cluster.consumer(settings, subscription)
    }

    fn log_reader(
        &self,
        settings: &ClientSettings,
        partitions: &[TopicPartition],
    ) -> Result<Box<dyn LogReader>> {
        self.cluster.log_reader(settings, partitions)
    }

    fn admin(&self, settings: &ClientSettings) -> Result<Arc<dyn Admin>> {
        self.cluster.admin(settings)
    }
}

#[tokio::test]
async fn a_useless_producer_is_replaced() {
    let pool = Arc::new(Pool { cluster: Cluster::new(), useless: AtomicBool::new(true) });
    let topic = NewTopic {
        name: "offsets".to_owned(),
        partitions: 1,
        replication_factor: 1,
        configs: Default::default(),
    };
    let settings = LogSettings {
        topic,
        create: true,
        key: "offset.storage.topic",
        one_partition: false,
        consumer: Default::default(),
        producer: Default::default(),
        admin: Default::default(),
    };
    let clients: Arc<dyn Clients> = pool.clone();
    let mut log = CompactedLog::open(&clients, &settings).await.unwrap();
    let record = [(b"k"[..].into(), Some(b"v"[..].into()))];
    let refused = log.writer().append(&record).await;
    assert!(matches!(refused, Err(Error::Unusable { .. })), "{refused:?}");
    pool.useless.store(false, Ordering::Relaxed);
    log.writer().append(&record).await.unwrap();
    assert_eq!(log.read_to_end().await.unwrap().len(), 1);
}
