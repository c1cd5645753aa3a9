//! Groups of workers in memory, with the members that real groups have: only the coordinator is another one.

mod group;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use api::Clock;
use bytes::Bytes;
use kafka_protocol::ResponseError as Code;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::ClientSettings;
use crate::membership::coordinator::{Coordinator, JoinCall, Joined, SyncCall, Trouble};
use crate::membership::handle::Handle;
use crate::membership::{MemberSettings, Membership, Memberships};
use group::{Group, Phase};

/// Groups of workers, whatever `bootstrap.servers` says; clones are the same ones. Sessions go by the clock.
#[derive(Clone)]
pub struct WorkerGroups(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Something happened that a waiting request may care about.
    changed: Notify,
}

#[derive(Default)]
struct State {
    groups: BTreeMap<String, Group>,
    /// Client ids that reach no coordinator.
    cut_off: BTreeSet<String>,
    /// Error codes that the next joins are answered with.
    refusals: VecDeque<i16>,
}

impl fmt::Debug for WorkerGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerGroups")
            .field("groups", &self.0.state.lock().groups.keys())
            .finish_non_exhaustive()
    }
}

impl WorkerGroups {
    /// No groups yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, state: Mutex::default(), changed: Notify::new() }))
    }

    /// Members with this `client.id` reach no coordinator from now on: their requests fail, and those that wait already
    /// have no answer.
    pub fn cut_off(&self, client_id: &str) {
        self.0.state.lock().cut_off.insert(client_id.to_owned());
        self.0.changed.notify_waiters();
    }

    /// They reach it again.
    pub fn reconnect(&self, client_id: &str) {
        self.0.state.lock().cut_off.remove(client_id);
        self.0.changed.notify_waiters();
    }

    /// The next join, of any member, is answered with this error code of Kafka's; later calls queue behind earlier ones.
    pub fn refuse_next_join(&self, code: i16) {
        self.0.state.lock().refusals.push_back(code);
    }

    /// Members of a group now, whether or not they have joined its present generation.
    pub fn members(&self, group: &str) -> usize {
        let mut state = self.0.state.lock();
        let now = self.0.clock.elapsed();
        state.groups.get_mut(group).map_or(0, |group| {
            group.sweep(now);
            group.members.len()
        })
    }
}

impl Memberships for WorkerGroups {
    fn member(&self, settings: &ClientSettings) -> crate::Result<Box<dyn Membership>> {
        let settings = MemberSettings::read(settings)?;
        let local = Local { groups: self.clone(), settings: settings.clone() };
        Ok(Box::new(Handle::start(settings, local, Arc::clone(&self.0.clock))?))
    }
}

/// A member's way to the coordinator.
struct Local {
    groups: WorkerGroups,
    settings: MemberSettings,
}

impl Local {
    /// Does something with the group, if the coordinator can be reached.
    fn with<T>(
        &self,
        act: impl FnOnce(&mut Group, std::time::Duration) -> Result<T, Code>,
    ) -> Result<T, Trouble> {
        let result = {
            let mut state = self.groups.0.state.lock();
            if state.cut_off.contains(&self.settings.client_id) {
                return Err(Trouble::Unreachable("this client is cut off".to_owned()));
            }
            let now = self.groups.0.clock.elapsed();
            let group = state.groups.entry(self.settings.group_id.clone()).or_default();
            group.sweep(now);
            let result = act(group, now);
            group.complete_if_ready(now);
            result
        };
        self.groups.0.changed.notify_waiters();
        result.map_err(Trouble::code)
    }

    /// Waits until the group has an answer.
    async fn wait<T>(
        &self,
        mut answer: impl FnMut(&mut Group) -> Option<Result<T, Code>>,
    ) -> Result<T, Trouble> {
        let inner = &self.groups.0;
        loop {
            let changed = inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let (found, next) = {
                let mut state = inner.state.lock();
                let heard = !state.cut_off.contains(&self.settings.client_id);
                let now = inner.clock.elapsed();
                let group = state.groups.entry(self.settings.group_id.clone()).or_default();
                let before = group.generation;
                group.sweep(now);
                if group.generation != before {
                    inner.changed.notify_waiters();
                }
                (
                    heard.then(|| answer(group)).flatten(),
                    group.next_deadline().map(|deadline| deadline.saturating_sub(now)),
                )
            };
            if let Some(found) = found {
                return found.map_err(Trouble::code);
            }
            match next {
                None => changed.await,
                Some(left) => tokio::select! {
                    () = changed => {}
                    () = inner.clock.sleep(left) => {}
                },
            }
        }
    }
}

/// A request that waits. When it is given up, the group must not count on it.
struct Waiting<'a> {
    local: &'a Local,
    member_id: String,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.local.groups.0.state.lock();
        if let Some(group) = state.groups.get_mut(&self.local.settings.group_id)
            && let Some(member) = group.members.get_mut(&self.member_id)
        {
            member.joining = false;
        }
    }
}

impl Coordinator for Local {
    async fn find(&self) -> Result<(), Trouble> {
        self.with(|_, _| Ok(()))
    }

    async fn join(&self, call: JoinCall) -> Result<Joined, Trouble> {
        let refusal = self.groups.0.state.lock().refusals.pop_front();
        if let Some(code) = refusal.and_then(Code::try_from_code) {
            return Err(Trouble::code(code));
        }
        if call.member_id.is_empty() {
            let mut id = None;
            let answer = self.with(|group, now| {
                group.check_protocols(None, &call.protocols)?;
                id = Some(group.promise(&self.settings, now));
                Err::<Joined, _>(Code::MemberIdRequired)
            });
            return answer.map_err(|trouble| match trouble {
                Trouble::Code { code, said, .. } => Trouble::Code { code, member_id: id, said },
                other => other,
            });
        }
        self.with(|group, now| group.join(&call, &self.settings, now))?;
        let waiting = Waiting { local: self, member_id: call.member_id };
        self.wait(|group| match group.members.get_mut(&waiting.member_id) {
            None => Some(Err(Code::UnknownMemberId)),
            Some(member) => member.joined.take().map(Ok),
        })
        .await
    }

    async fn sync(&self, call: SyncCall) -> Result<Bytes, Trouble> {
        self.with(|group, now| group.sync(&call, now))?;
        self.wait(|group| match group.members.get_mut(&call.member_id) {
            None => Some(Err(Code::UnknownMemberId)),
            Some(_) if group.generation != call.generation => Some(Err(Code::RebalanceInProgress)),
            Some(_) if group.phase == Phase::Joining => Some(Err(Code::RebalanceInProgress)),
            Some(member) => (group.phase == Phase::Stable).then(|| Ok(member.assignment.clone())),
        })
        .await
    }

    async fn heartbeat(&self, member_id: &str, generation: i32) -> Result<(), Trouble> {
        self.with(|group, now| group.heartbeat(member_id, generation, now))
    }

    async fn leave(&self, member_id: &str, _reason: &str) -> Result<(), Trouble> {
        self.with(|group, now| group.leave(member_id, now))
    }

    fn forget(&self) {}
}
