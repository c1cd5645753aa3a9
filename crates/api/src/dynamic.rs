//! Erased twins of the typed traits, for the runtime. One boxed future a batch; nothing here is written by hand for a
//! connector, since blanket implementations cover all.

use std::marker::PhantomData;
use std::time::Duration;

use config::{Config, RawConfig, Report};
use data::{Offsets, Record, SinkRecord, TopicPartition};

use crate::{
    BoxFuture, CloseReason, ConnectorContext, ExactlyOnceSupport, OffsetChange, Origin, Predicate,
    PutOutcome, Result, SinkConnector, SinkContext, SinkTask, SourceBatch, SourceConnector, SourceContext,
    SourceOffsets, SourceTask, Transform,
};

/// A started connector object, source or sink.
pub trait DynConnector: Send {
    /// See [`SourceConnector::task_configs`].
    fn task_configs(&mut self, max_tasks: usize) -> BoxFuture<'_, Result<Vec<RawConfig>>>;
    /// See [`SourceConnector::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// See [`SourceTask`].
pub trait DynSourceTask: Send {
    /// See [`SourceTask::poll`].
    fn poll(&mut self, max_wait: Duration) -> BoxFuture<'_, Result<SourceBatch>>;
    /// See [`SourceTask::commit`].
    fn commit<'a>(&'a mut self, durable: &'a SourceOffsets) -> BoxFuture<'a, Result<()>>;
    /// See [`SourceTask::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// See [`SinkTask`].
pub trait DynSinkTask: Send {
    /// See [`SinkTask::open`].
    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>>;
    /// See [`SinkTask::close`].
    fn close<'a>(
        &'a mut self,
        partitions: &'a [TopicPartition],
        reason: CloseReason,
    ) -> BoxFuture<'a, Result<()>>;
    /// See [`SinkTask::put`].
    fn put<'a>(&'a mut self, records: &'a [SinkRecord]) -> BoxFuture<'a, Result<PutOutcome>>;
    /// See [`SinkTask::flush`].
    fn flush<'a>(&'a mut self, accepted: &'a Offsets) -> BoxFuture<'a, Result<Offsets>>;
    /// See [`SinkTask::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// See [`Transform`].
pub trait DynTransform: Send {
    /// See [`Transform::apply`].
    fn apply(&mut self, record: Record, origin: &Origin) -> Result<Option<Record>>;
}

/// See [`Predicate`].
pub trait DynPredicate: Send {
    /// See [`Predicate::test`].
    fn test(&mut self, record: &Record) -> Result<bool>;
}

/// A source connector's class.
pub trait SourceClass: Send + Sync {
    /// Class name of its tasks.
    fn task_class(&self) -> &'static str;
    /// See [`SourceConnector::start`].
    fn start(
        &self,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynConnector>>>;
    /// See [`SourceTask::start`]. The config is checked first.
    fn start_task(
        &self,
        raw: RawConfig,
        context: SourceContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynSourceTask>>>;
    /// See [`SourceConnector::check_connection`].
    fn check_connection(&self, raw: RawConfig) -> BoxFuture<'static, std::result::Result<(), Report>>;
    /// See [`SourceConnector::exactly_once_support`].
    fn exactly_once_support(&self, raw: &RawConfig) -> Result<ExactlyOnceSupport>;
    /// See [`SourceConnector::defines_transaction_boundaries`].
    fn defines_transaction_boundaries(&self, raw: &RawConfig) -> Result<bool>;
    /// See [`SourceConnector::alter_offsets`].
    fn alter_offsets(&self, raw: &RawConfig, changes: &[OffsetChange]) -> Result<bool>;
}

/// A sink connector's class.
pub trait SinkClass: Send + Sync {
    /// Class name of its tasks.
    fn task_class(&self) -> &'static str;
    /// See [`SinkConnector::start`].
    fn start(
        &self,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynConnector>>>;
    /// See [`SinkTask::start`]. The config is checked first.
    fn start_task(
        &self,
        raw: RawConfig,
        context: SinkContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynSinkTask>>>;
    /// See [`SinkConnector::check_connection`].
    fn check_connection(&self, raw: RawConfig) -> BoxFuture<'static, std::result::Result<(), Report>>;
    /// See [`SinkConnector::alter_offsets`].
    fn alter_offsets(&self, raw: &RawConfig, changes: &[(TopicPartition, Option<i64>)]) -> Result<bool>;
}

pub(crate) struct SourceClassOf<C>(pub(crate) PhantomData<fn() -> C>);
pub(crate) struct SinkClassOf<C>(pub(crate) PhantomData<fn() -> C>);
struct SourceObject<C>(C);
struct SinkObject<C>(C);
struct SourceWork<T>(T);
struct SinkWork<T>(T);

impl<C: SourceConnector> SourceClass for SourceClassOf<C> {
    fn task_class(&self) -> &'static str {
        C::TASK_CLASS
    }

    fn start(
        &self,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynConnector>>> {
        Box::pin(async move {
            let config = C::Config::parse(&raw)?;
            let connector = C::start(config, raw, context).await?;
            Ok(Box::new(SourceObject(connector)) as Box<dyn DynConnector>)
        })
    }

    fn start_task(
        &self,
        raw: RawConfig,
        context: SourceContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynSourceTask>>> {
        Box::pin(async move {
            let config = <C::Task as SourceTask>::Config::parse(&raw)?;
            let task = C::Task::start(config, context).await?;
            Ok(Box::new(SourceWork(task)) as Box<dyn DynSourceTask>)
        })
    }

    fn check_connection(&self, raw: RawConfig) -> BoxFuture<'static, std::result::Result<(), Report>> {
        Box::pin(async move { C::check_connection(C::Config::parse(&raw)?).await })
    }

    fn exactly_once_support(&self, raw: &RawConfig) -> Result<ExactlyOnceSupport> {
        Ok(C::exactly_once_support(&C::Config::parse(raw)?))
    }

    fn defines_transaction_boundaries(&self, raw: &RawConfig) -> Result<bool> {
        Ok(C::defines_transaction_boundaries(&C::Config::parse(raw)?))
    }

    fn alter_offsets(&self, raw: &RawConfig, changes: &[OffsetChange]) -> Result<bool> {
        C::alter_offsets(&C::Config::parse(raw)?, changes)
    }
}

impl<C: SinkConnector> SinkClass for SinkClassOf<C> {
    fn task_class(&self) -> &'static str {
        C::TASK_CLASS
    }

    fn start(
        &self,
        raw: RawConfig,
        context: ConnectorContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynConnector>>> {
        Box::pin(async move {
            let config = C::Config::parse(&raw)?;
            let connector = C::start(config, raw, context).await?;
            Ok(Box::new(SinkObject(connector)) as Box<dyn DynConnector>)
        })
    }

    fn start_task(
        &self,
        raw: RawConfig,
        context: SinkContext,
    ) -> BoxFuture<'static, Result<Box<dyn DynSinkTask>>> {
        Box::pin(async move {
            let config = <C::Task as SinkTask>::Config::parse(&raw)?;
            let task = C::Task::start(config, context).await?;
            Ok(Box::new(SinkWork(task)) as Box<dyn DynSinkTask>)
        })
    }

    fn check_connection(&self, raw: RawConfig) -> BoxFuture<'static, std::result::Result<(), Report>> {
        Box::pin(async move { C::check_connection(C::Config::parse(&raw)?).await })
    }

    fn alter_offsets(&self, raw: &RawConfig, changes: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        C::alter_offsets(&C::Config::parse(raw)?, changes)
    }
}

impl<C: SourceConnector> DynConnector for SourceObject<C> {
    fn task_configs(&mut self, max_tasks: usize) -> BoxFuture<'_, Result<Vec<RawConfig>>> {
        Box::pin(self.0.task_configs(max_tasks))
    }
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}

impl<C: SinkConnector> DynConnector for SinkObject<C> {
    fn task_configs(&mut self, max_tasks: usize) -> BoxFuture<'_, Result<Vec<RawConfig>>> {
        Box::pin(self.0.task_configs(max_tasks))
    }
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}

impl<T: SourceTask> DynSourceTask for SourceWork<T> {
    fn poll(&mut self, max_wait: Duration) -> BoxFuture<'_, Result<SourceBatch>> {
        Box::pin(self.0.poll(max_wait))
    }
    fn commit<'a>(&'a mut self, durable: &'a SourceOffsets) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.commit(durable))
    }
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}

impl<T: SinkTask> DynSinkTask for SinkWork<T> {
    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.open(partitions))
    }
    fn close<'a>(
        &'a mut self,
        partitions: &'a [TopicPartition],
        reason: CloseReason,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.close(partitions, reason))
    }
    fn put<'a>(&'a mut self, records: &'a [SinkRecord]) -> BoxFuture<'a, Result<PutOutcome>> {
        Box::pin(self.0.put(records))
    }
    fn flush<'a>(&'a mut self, accepted: &'a Offsets) -> BoxFuture<'a, Result<Offsets>> {
        Box::pin(self.0.flush(accepted))
    }
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}

impl<T: Transform> DynTransform for T {
    fn apply(&mut self, record: Record, origin: &Origin) -> Result<Option<Record>> {
        Transform::apply(self, record, origin)
    }
}

impl<P: Predicate> DynPredicate for P {
    fn test(&mut self, record: &Record) -> Result<bool> {
        Predicate::test(self, record)
    }
}
