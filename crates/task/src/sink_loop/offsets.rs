//! Offsets: only what `flush` made durable is committed (invariant 2).

use std::time::Duration;

use api::data::{Offsets, TopicPartition};
use api::{CloseReason, Error};

use super::{Result, SinkLoop};
use crate::stats::add;

impl SinkLoop {
    /// Lets the connector make durable what it accepted, and commits what it returns.
    pub(super) async fn commit(&mut self) -> Result<()> {
        self.commit_asked = false;
        self.next_commit = self.scope.clock().elapsed() + self.scope.settings().offset_flush_interval;
        let accepted = self.assignment.accepted(&self.assignment.all());
        if accepted.is_empty() {
            return Ok(());
        }
        self.scope.counters.calls(self.scope.clock().elapsed());
        let flushed = self.task.flush(&accepted).await;
        self.scope.counters.called();
        match flushed {
            Ok(returned) => {
                self.commit_offsets(self.assignment.to_commit(returned, &accepted)).await;
                Ok(())
            }
            Err(error) if error.is_retriable() => {
                self.count_commit_failure();
                self.scope.tell_retrying(&error, self.scope.settings().offset_flush_interval);
                self.rewind().await
            }
            Err(error) => Err(error.into()),
        }
    }

    fn count_commit_failure(&self) {
        add(&self.scope.counters.commit_failures, 1);
        self.scope.measures().commit_failed(self.scope.clock().elapsed());
    }

    /// Commits offsets; a failure is seen and made good by the next commit.
    pub(super) async fn commit_offsets(&mut self, offsets: Offsets) {
        let limit = self.scope.settings().offset_flush_timeout;
        let _ = self.commit_within(&offsets, limit).await; // it was told
    }

    /// Commits offsets for the last time: whoever has the partitions next would get the same records again. What may work
    /// a moment later is tried again until then, as [`api::Clock::elapsed`].
    async fn commit_last(&mut self, offsets: Offsets, by: Duration) {
        let clock = self.scope.clock().clone();
        let mut back_off = self.scope.back_off("last offsets").short();
        loop {
            let limit = self.scope.settings().offset_flush_timeout.min(by.saturating_sub(clock.elapsed()));
            let Err(error) = self.commit_within(&offsets, limit).await else { return };
            let wait = back_off.next();
            if !error.is_retriable() || clock.elapsed() + wait >= by {
                return;
            }
            clock.sleep(wait).await;
        }
    }

    async fn commit_within(&mut self, offsets: &Offsets, limit: Duration) -> std::result::Result<(), Error> {
        if offsets.is_empty() || self.scope.is_cancelled() {
            return Ok(());
        }
        let began = self.scope.clock().elapsed();
        let committed = self.scope.at_most(limit, self.consumer.commit(offsets)).await;
        let error = match committed {
            Some(Ok(())) => {
                self.assignment.committed(offsets);
                add(&self.scope.counters.commits, 1);
                let now = self.scope.clock().elapsed();
                self.scope.measures().committed(now, now.saturating_sub(began));
                self.scope.measures().set_active(now, self.assignment.uncommitted());
                if self.redelivery.is_none() {
                    self.scope.counters.recovered();
                }
                return Ok(());
            }
            Some(Err(error)) => Error::from(error),
            None => Error::retry(format!("offsets were not committed within {} ms", limit.as_millis())),
        };
        tracing::error!(
            "offsets could not be committed; the next commit includes them: {}",
            self.scope.text_of(&error)
        );
        self.scope.counters.error(&error);
        self.count_commit_failure();
        Err(error)
    }

    /// Nothing is known of what the connector accepted: it begins again at the committed offsets. It is told by
    /// closing and opening, so that it drops what it holds instead of writing it twice.
    pub(super) async fn rewind(&mut self) -> Result<()> {
        let all = self.assignment.all();
        self.drop_held(&all)?;
        self.task.close(&all, CloseReason::Lost).await?;
        for (partition, offset) in self.assignment.rewind() {
            self.seek(&partition, offset).await?;
        }
        Ok(self.task.open(&all).await?)
    }

    /// Flush, close, commit: partitions go elsewhere, or the task stops. Commits are tried until then, as
    /// [`api::Clock::elapsed`].
    pub(super) async fn commit_closing(&mut self, partitions: &[TopicPartition], by: Duration) -> Result<()> {
        if partitions.is_empty() {
            return Ok(());
        }
        let accepted = self.assignment.accepted(partitions);
        let flushed = match accepted.is_empty() {
            true => Ok(Offsets::new()),
            false => self.task.flush(&accepted).await,
        };
        let closed = self.task.close(partitions, CloseReason::Revoked).await;
        match flushed {
            Ok(returned) => self.commit_last(self.assignment.to_commit(returned, &accepted), by).await,
            Err(error) => {
                // The next owner reads from the committed offset.
                tracing::warn!(
                    "the connector could not flush partitions that go elsewhere: {}",
                    self.scope.text_of(&error)
                );
                self.scope.counters.error(&error);
                self.count_commit_failure();
            }
        }
        self.assignment.remove(partitions);
        Ok(closed?)
    }
}
