//! The herder in its group: what it does when the group says something.

use kafka::membership::{AssignmentError, GroupEvent, LossCause, Task, Work};

use crate::group::Group;
use crate::{Change, Event, Herder, Owned, Result, TaskId};

impl Herder {
    /// Whether there are other connectors or tasks after a change.
    pub(crate) fn is_shared_out_anew(&self, change: &Change) -> bool {
        match change {
            Change::Config { name, .. } => self.state.connector(name).is_none(),
            Change::Tasks { .. } | Change::Deleted { .. } => true,
            Change::Target { .. } | Change::Restart { .. } => false,
        }
    }

    /// Takes what the group says.
    ///
    /// # Errors
    /// This worker can never be one of it, and why.
    pub(crate) async fn take_group_event(&mut self, event: GroupEvent) -> std::result::Result<(), String> {
        let now = self.parts.clock.elapsed();
        let mut released = false;
        let Some(group) = &mut self.group else { return Ok(()) };
        match event {
            GroupEvent::Rebalance { reason, protocol } => {
                tracing::info!("the group of workers shares its work out anew: {reason}");
                group.rebalance(protocol);
                self.rebalances.begin(now);
            }
            GroupEvent::Lost { cause, reason } => {
                tracing::warn!(
                    ?cause,
                    "this worker is not one of its group any more, all its work stops: {reason}"
                );
                self.executor.patience.ends_in(group.session_left(cause));
                group.lost(reason);
                self.rebalances.begin(now);
                self.rallied();
                self.claim_or_release().await;
            }
            GroupEvent::Lead(lead) => {
                self.catch_up_or_say().await;
                let (configured, offset) = (self.configured(), self.store.offset());
                let held = self.state.held_offset();
                if let Some(group) = &mut self.group {
                    group.lead(&lead, &configured, offset, held);
                    self.parts.problems.set("group.id", group.problem());
                }
                return Ok(());
            }
            GroupEvent::Assigned(assigned) => {
                if assigned.assignment.config_offset > self.store.offset() {
                    self.catch_up_or_say().await;
                }
                let offset = self.store.offset();
                let Some(group) = self.group.as_mut().filter(|group| !group.is_lost()) else { return Ok(()) };
                group.assigned(&assigned, offset)?;
                self.parts.problems.set("group.id", group.problem());
                self.executor.patience.lasts();
                let (generation, owned) = (group.generation(), group.owned());
                let (objects, tasks) = (owned.connectors.len(), owned.tasks.len());
                tracing::info!(generation, objects, tasks, "this worker has its part of the group's work");
                self.rebalances.complete(self.parts.clock.elapsed(), assigned.protocol);
                self.statuses.set_generation(generation);
                self.rallied();
                self.claim_or_release().await;
                // Others may have its part already.
                let Some(group) = self.group.as_ref().filter(|group| !group.is_lost()) else { return Ok(()) };
                let owned = group.owned().clone();
                let in_sync = assigned.assignment.error == AssignmentError::None;
                released = in_sync && self.state.release(assigned.assignment.config_offset);
                self.tell_what_is_gained(&owned);
                if assigned.is_leader() {
                    self.forget_stale_statuses();
                    self.tell_what_is_lost();
                }
            }
        }
        let Some(group) = &self.group else { return Ok(()) };
        let owned = group.owned();
        let task = |task: &Task| TaskId { connector: task.connector.clone(), task: task.task };
        let owned = Owned::new(owned.connectors.iter().cloned(), owned.tasks.iter().map(task));
        if released || self.state.owned.as_ref() != Some(&owned) {
            self.take(Event::Owned(owned)).await;
        }
        Ok(())
    }

    /// Goes on with what waited until nothing lives here that is not owned.
    pub(crate) fn go_on_in_group(&mut self) {
        let Some(group) = self.group.as_mut().filter(|group| group.waits_for_rest()) else { return };
        if !self.state.closing && self.state.is_at_rest() {
            group.go_on(self.store.offset());
            self.state.joins = group.joins();
        }
    }

    /// Everything that was stored before this call is known when it returns.
    ///
    /// # Errors
    /// It cannot be read now.
    pub(crate) async fn catch_up(&mut self) -> Result<()> {
        for change in self.while_storing(|store| store.catch_up()).await? {
            self.take(Event::Changed(change)).await;
        }
        Ok(())
    }

    /// The same where nobody waits for an answer, and what is read later counts then.
    pub(crate) async fn catch_up_or_say(&mut self) {
        if let Err(error) = self.catch_up().await {
            tracing::error!("{error}");
        }
    }

    /// Everything that should run somewhere: connector objects, also of connectors that do not move records now, and
    /// tasks.
    pub(crate) fn configured(&self) -> Work {
        let mut configured = Work::default();
        for name in self.state.names() {
            let Some((_, desired)) = self.state.connector(name) else { continue };
            configured.connectors.push(name.clone());
            let tasks = (0_u32..).zip(&desired.tasks).map(|(index, _)| Task::new(name.clone(), index));
            configured.tasks.extend(tasks);
        }
        configured
    }
}

/// The next event of the group, if there is one.
pub(crate) async fn next_of(group: &mut Option<Group>) -> kafka::Result<GroupEvent> {
    match group {
        Some(group) => group.next().await,
        None => std::future::pending().await,
    }
}

pub(crate) async fn until_lost(group: &mut Option<Group>) -> LossCause {
    match group {
        Some(group) => group.until_lost().await,
        None => std::future::pending().await,
    }
}
