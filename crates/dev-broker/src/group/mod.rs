//! Groups: who is a member, who leads, what was assigned and committed. Any protocol type.

pub mod join;
pub mod members;
pub mod offsets;
pub mod state;
pub mod sync;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use state::Group;

/// All groups of the broker.
#[derive(Default)]
pub struct Groups {
    by_id: Mutex<BTreeMap<String, Arc<Mutex<Group>>>>,
}

impl Groups {
    /// The group of this id, if there is one.
    pub fn get(&self, id: &str) -> Option<Arc<Mutex<Group>>> {
        self.by_id.lock().get(id).cloned()
    }

    /// The group of this id, made when there is none.
    pub fn get_or_create(&self, id: &str) -> Arc<Mutex<Group>> {
        let mut by_id = self.by_id.lock();
        by_id.entry(id.to_owned()).or_insert_with(|| Arc::new(Mutex::new(Group::new(id)))).clone()
    }

    /// Does something with the group of this id, made when there is none.
    pub fn with<T>(&self, id: &str, act: impl FnOnce(&mut Group) -> T) -> T {
        loop {
            let group = self.get_or_create(id);
            let mut group = group.lock();
            // Deleted between lookup and lock: the next lookup makes a new one.
            if !group.dead {
                return act(&mut group);
            }
        }
    }

    /// All groups in order of their ids.
    pub fn all(&self) -> Vec<Arc<Mutex<Group>>> {
        self.by_id.lock().values().cloned().collect()
    }

    /// Removes a group, unless it has members or `keep` says no.
    pub fn remove_if(&self, id: &str, remove: impl FnOnce(&mut Group) -> bool) -> bool {
        let mut by_id = self.by_id.lock();
        let Some(group) = by_id.get(id).cloned() else { return false };
        let mut group = group.lock();
        if !remove(&mut group) {
            return false;
        }
        group.dead = true;
        by_id.remove(id);
        true
    }

    /// Lets time pass: expired members go, rebalances that waited long enough go on. Returns the
    /// next moment at which something may expire.
    pub fn sweep(&self, now: Duration) -> Option<Duration> {
        let mut next: Option<Duration> = None;
        for group in self.all() {
            let mut group = group.lock();
            group.expire(now);
            if group.is_unused() && group.promised.is_empty() {
                let id = group.id.clone();
                drop(group);
                self.remove_if(&id, |group| group.is_unused() && group.promised.is_empty());
                continue;
            }
            if let Some(deadline) = group.next_deadline(now) {
                next = Some(next.map_or(deadline, |n| n.min(deadline)));
            }
        }
        next
    }
}
