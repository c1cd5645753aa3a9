//! What the connector asks for: commits, waits, seeks, paused partitions.

use api::data::TopicPartition;
use api::{Error, SinkRequest};

use super::{Result, SinkLoop};

impl SinkLoop {
    /// Takes up requests that need no consumer; answers the others, which the caller must follow or put back.
    pub(super) fn note_requests(&mut self) -> Vec<SinkRequest> {
        let mut others = Vec::new();
        for request in self.requests.take() {
            match request {
                SinkRequest::Commit => self.commit_asked = true,
                SinkRequest::Backoff(wait) => self.asked_wait = Some(wait),
                other => others.push(other),
            }
        }
        others
    }

    pub(super) async fn follow_requests(&mut self) -> Result<()> {
        let requests = self.note_requests();
        for request in requests {
            match request {
                SinkRequest::Seek(partition, offset) if self.assignment.contains(&partition) => {
                    self.seek(&partition, offset).await?;
                    self.assignment.seek(&partition, offset);
                    self.drop_held(std::slice::from_ref(&partition))?;
                }
                SinkRequest::Pause(partitions) => self.pause_by_task(partitions, true)?,
                SinkRequest::Resume(partitions) => self.pause_by_task(partitions, false)?,
                // A partition that went elsewhere meanwhile; the other two were noted already.
                SinkRequest::Seek(..) | SinkRequest::Commit | SinkRequest::Backoff(_) => {}
            }
        }
        Ok(())
    }

    pub(super) async fn seek(&mut self, partition: &TopicPartition, offset: i64) -> Result<()> {
        let mut back_off = self.scope.back_off("seek");
        loop {
            match self.consumer.seek(partition, offset).await.map_err(Error::from) {
                Ok(()) => return Ok(()),
                Err(error) if error.is_retriable() => {
                    let wait = back_off.next();
                    self.scope.tell_retrying(&error, wait);
                    self.scope.pause(wait).await?;
                    self.scope.counters.recovered();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn pause_by_task(&mut self, mut partitions: Vec<TopicPartition>, pause: bool) -> Result<()> {
        partitions.retain(|partition| self.assignment.contains(partition));
        for partition in &partitions {
            self.assignment.set_paused_by_task(partition, pause);
        }
        if self.paused || self.redelivery.is_some() {
            return Ok(()); // all are paused already; those that remain so are left out when they are resumed
        }
        let done = match pause {
            true => self.consumer.pause(&partitions),
            false => self.consumer.resume(&partitions),
        };
        Ok(done.map_err(Error::from)?)
    }
}
