//! A member as its loop has it, and who makes it.

use std::fmt;
use std::sync::Arc;

use api::{BoxFuture, Clock};
use tokio::task::AbortHandle;

use super::coordinator::Coordinator;
use super::mailbox::Mailbox;
use super::member::Member;
use super::remote::Remote;
use super::{Assignment, GroupEvent, MemberSettings, Membership, Memberships, Subscription};
use crate::connection::Brokers;
use crate::librdkafka::Login;
use crate::pool::Pool;
use crate::{ClientSettings, Error, Result};

/// Makes members of groups of a Kafka cluster.
#[derive(Debug)]
pub struct KafkaMemberships {
    clock: Arc<dyn Clock>,
    logins: Pool<Login>,
}

impl KafkaMemberships {
    /// Nobody yet. Heartbeats and time-outs go by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, logins: Pool::default() }
    }
}

impl Memberships for KafkaMemberships {
    fn member(&self, settings: &ClientSettings) -> Result<Box<dyn Membership>> {
        let read = MemberSettings::read(settings)?;
        let brokers = Brokers::new(settings, &self.logins, Arc::clone(&self.clock))?;
        let remote = Remote::new(read.clone(), brokers);
        Ok(Box::new(Handle::start(read, remote, Arc::clone(&self.clock))?))
    }
}

/// A member whose task runs until this is dropped.
pub(crate) struct Handle {
    group_id: String,
    mailbox: Arc<Mailbox>,
    clock: Arc<dyn Clock>,
    task: AbortHandle,
}

impl Handle {
    /// Starts to look for the coordinator.
    ///
    /// # Errors
    /// It was not called on a tokio runtime.
    pub(crate) fn start(
        settings: MemberSettings,
        coordinator: impl Coordinator,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let group_id = settings.group_id.clone();
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| Error::Fatal {
            operation: format!("joining the group of workers {group_id}"),
            reason: error.to_string(),
        })?;
        let mailbox = Arc::new(Mailbox::default());
        mailbox.polling(false, clock.elapsed());
        let member = Member::new(settings, coordinator, Arc::clone(&clock), Arc::clone(&mailbox));
        let task = runtime.spawn(member.run()).abort_handle();
        Ok(Self { group_id, mailbox, clock, task })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership").field("group_id", &self.group_id).finish_non_exhaustive()
    }
}

/// While it lives, the loop waits for events.
struct Polling<'a>(&'a Handle);

impl<'a> Polling<'a> {
    fn begin(handle: &'a Handle) -> Self {
        handle.mailbox.polling(true, handle.clock.elapsed());
        Self(handle)
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.mailbox.polling(false, self.0.clock.elapsed());
    }
}

impl Membership for Handle {
    fn poll(&mut self) -> BoxFuture<'_, Result<GroupEvent>> {
        Box::pin(async move {
            let _polling = Polling::begin(self);
            self.mailbox.poll().await
        })
    }

    fn join(&mut self, subscription: Subscription) {
        self.mailbox.join(subscription);
    }

    fn assign(&mut self, assignments: Vec<(String, Assignment)>) {
        self.mailbox.assign(assignments);
    }

    fn request_rejoin(&mut self, reason: &str) {
        self.mailbox.request_rejoin(reason);
    }

    fn leave(&mut self, reason: &str) -> BoxFuture<'_, ()> {
        self.mailbox.request_leave(reason); // now, so that dropping the future changes nothing
        Box::pin(self.mailbox.leaving_done())
    }
}
