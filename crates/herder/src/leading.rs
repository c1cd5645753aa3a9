//! What only the leader of a group does, so that two workers cannot undo each other's writes, and who is asked instead.

use std::time::Duration;

use config::RawConfig;

use crate::command::Command;
use crate::group::Lead;
use crate::{Announcement, Change, Error, Herder, Name, Result, Target};

/// The pause before a session key is made again when it could not be stored.
const KEY_AGAIN: Duration = Duration::from_secs(1);

/// The pause before the right to write is claimed again: the group tells meanwhile if this worker does not lead any more.
const CLAIM_AGAIN: Duration = Duration::from_millis(250);

/// Requests that may wait until it is known who leads.
const PARKED_MAX: usize = 256;

impl Herder {
    /// Whether this worker may do what only a leader may. The texts are Kafka Connect's.
    ///
    /// # Errors
    /// Somebody else leads, or nobody is known to.
    pub(crate) fn must_lead(&self) -> Result<()> {
        match self.group.as_ref().map_or(Lead::This, |group| group.lead_by()) {
            Lead::This => Ok(()),
            Lead::Other(url) => Err(Error::Elsewhere {
                url: url.to_owned(),
                why: "Only the leader can process this request.".to_owned(),
            }),
            Lead::Foreign(why) => Err(Error::Conflict(why.to_owned())),
            Lead::Unknown => Err(Error::Conflict(
                "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was \
                 underway."
                    .to_owned(),
            )),
        }
    }

    /// Answers a request, or keeps it until it is known who leads the group: a worker that has just started, or was cut
    /// off, will soon know.
    pub(crate) async fn answer_or_park(&mut self, command: Command) {
        self.parked.retain(|parked| !parked.is_given_up());
        let nobody = self.group.as_ref().is_some_and(|group| group.lead_by() == Lead::Unknown);
        match nobody && command.is_of_leader() && self.parked.len() < PARKED_MAX && !self.state.closing {
            true => self.parked.push(command),
            false => self.answer(command).await,
        }
    }

    /// Answers what was kept, if it is known now who leads.
    pub(crate) async fn answer_parked(&mut self) {
        if self.group.as_ref().is_some_and(|group| group.lead_by() != Lead::Unknown) {
            for command in std::mem::take(&mut self.parked) {
                self.answer(command).await;
            }
        }
    }

    /// The refusal of what only the worker can do that has a connector object or a task: the leader knows which one that
    /// is.
    pub(crate) fn elsewhere(&self, name: &Name, task: Option<u32>) -> Error {
        if let Err(elsewhere) = self.must_lead() {
            return elsewhere;
        }
        let what = task.map_or_else(|| format!("connector {name}"), |task| format!("task {name}-{task}"));
        match self.group.as_ref().and_then(|group| group.owner(name, task)) {
            Some(url) => Error::Elsewhere { url: url.to_owned(), why: format!("{what} runs on {url}") },
            None => Error::Conflict(format!(
                "{what} runs on no worker now; send the request again when the group has shared it out"
            )),
        }
    }

    /// Stores the configs of a connector's tasks that another worker has made.
    pub(crate) async fn put_tasks(&mut self, name: Name, configs: Vec<RawConfig>) -> Result<()> {
        self.must_lead()?;
        self.known(&name, "Unknown connector: ")?;
        let target = self.state.connector(&name).map(|(_, desired)| desired.target);
        if target == Some(Target::Stopped) && !configs.is_empty() {
            return Err(Error::Conflict(format!(
                "Connector {name} is stopped: it has no tasks until it is resumed"
            )));
        }
        self.write(Change::Tasks { name, configs, applied: None }).await
    }

    /// Stores task configs that this worker has made, or hands them in at the leader.
    ///
    /// # Errors
    /// They could not be stored.
    pub(crate) async fn store_tasks(&mut self, change: Change) -> Result<Vec<Change>> {
        match (self.must_lead(), &mut self.hand_ins) {
            (Ok(()), _) => self.while_storing(|store| store.write(change)).await,
            (Err(Error::Elsewhere { url, .. }), Some(hand_ins)) => {
                let connector = self.state.connectors.get(change.name());
                if let Some(live) = connector.and_then(|connector| connector.object.live.as_ref()) {
                    hand_ins.add(url, live.run, change);
                }
                Ok(Vec::new())
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Tells all workers of the group.
    pub(crate) async fn announce(&mut self, announcement: Announcement) -> Result<()> {
        for change in self.while_storing(|store| store.announce(announcement)).await? {
            self.take(crate::Event::Changed(change)).await;
        }
        Ok(())
    }

    /// This worker leads, or does not any more: with exactly-once support only who leads can write (KIP-618).
    pub(crate) async fn claim_or_release(&mut self) {
        match self.group.as_ref().is_some_and(|group| group.lead_by() == Lead::This) {
            true if !self.store.may_write() => self.claim().await,
            true => {}
            false => self.store.release(),
        }
    }

    /// Takes the right to write over.
    pub(crate) async fn claim(&mut self) {
        match self.while_storing(|store| store.claim()).await {
            Ok(()) => {
                tracing::info!("this worker leads the group: nobody who led it before can write any more");
                // What somebody wrote until then counts.
                self.catch_up_or_say().await;
            }
            Err(error) => tracing::warn!("this worker leads the group and is to try again: {error}"),
        }
        // Also when it worked: two that believe that they lead must not take it from each other without a pause.
        self.claim_pause = Some(self.parts.clock.elapsed() + CLAIM_AGAIN);
    }

    /// How long until the right to write is claimed anew here; `None` when it is held, or another worker leads.
    pub(crate) fn claim_due(&self) -> Option<Duration> {
        let group = self.group.as_ref().filter(|_| !self.state.closing)?;
        if group.lead_by() != Lead::This || self.store.may_write() {
            return None;
        }
        let clock = &self.parts.clock;
        Some(self.claim_pause.map_or(CLAIM_AGAIN, |until| until.saturating_sub(clock.elapsed())))
    }

    /// How long until a new session key is to be made here; `None` when another worker sees to it.
    pub(crate) fn key_due(&self) -> Option<Duration> {
        let group = self.group.as_ref().filter(|_| !self.state.closing)?;
        if group.lead_by() != Lead::This || !self.store.may_write() {
            return None;
        }
        let clock = &self.parts.clock;
        let wait = group.keys().replace_at()?.saturating_sub(clock.now_ms()).max(0);
        let pause = self.key_pause.map_or(Duration::ZERO, |until| until.saturating_sub(clock.elapsed()));
        Some(Duration::from_millis(wait as u64).max(pause))
    }

    /// Makes a session key, which every worker learns from the config topic.
    pub(crate) async fn renew_session_key(&mut self) {
        let Some(group) = &self.group else { return };
        let made = group.keys().rules().new_key(self.parts.clock.now_ms());
        let told = match made {
            Ok(key) => self.announce(Announcement::SessionKey(key)).await,
            Err(error) => Err(error),
        };
        // Also when it was told: if it cannot be read back, this is not done over and over.
        self.key_pause = Some(self.parts.clock.elapsed() + KEY_AGAIN);
        match told {
            Ok(()) => {
                tracing::info!("the workers of the group sign their requests to each other with a new key")
            }
            Err(error) => tracing::error!(
                "cannot store a session key, tried again in {} s: {error}",
                KEY_AGAIN.as_secs()
            ),
        }
    }
}
