//! Tasks of earlier that may still write in transactions are fenced before new ones begin (KIP-618).
//!
//! Each set of task configs is a generation. Of the last one that was let begin, the config topic keeps how many tasks it
//! had: their transactional ids are taken over, each in turn, before the next generation begins, and then its number of
//! tasks is kept. [`round`] decides, [`Handle::fence`] does it.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kafka::Admin;
use parking_lot::Mutex;

use crate::command::Command;
use crate::{Error, Handle, Name, Result};

/// The longest that fencing one producer may take, as in Kafka Connect.
const FENCE_LIMIT: Duration = Duration::from_secs(90);

/// What the config topic says of a connector's tasks that may write in transactions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fencing {
    /// Tasks were stored since the last round: none of them has begun.
    pub pending: bool,
    /// How many tasks the generation had that began last (`tasks-fencing-NAME`); `None` when none ever did.
    pub record: Option<u32>,
    /// How many tasks there are now.
    pub tasks: u32,
    /// Goes up with each set of tasks.
    pub generation: u64,
}

impl Fencing {
    /// A set of so many tasks was stored.
    pub(crate) fn committed(&mut self, tasks: u32) {
        self.pending = true;
        self.tasks = tasks;
        self.generation += 1;
    }

    /// The tasks before are fenced, and so many were let begin.
    pub(crate) fn fenced(&mut self, record: u32) {
        self.record = Some(record);
        self.pending = false;
    }
}

/// What is to be done before tasks may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Nothing: they were let begin already.
    Nothing,
    /// The number of tasks is to be stored; nobody has to be fenced.
    Record,
    /// The producers of tasks below this are to be fenced, and then the number is to be stored.
    Fence(u32),
}

/// Decides. A connector that had one task and has one still needs no fencing: the task takes its own id over when it
/// begins.
pub fn round(fencing: &Fencing) -> Round {
    match (fencing.pending, fencing.record, fencing.tasks) {
        (false, ..) => Round::Nothing,
        (true, None, _) | (true, Some(1), 1) => Round::Record,
        (true, Some(record), _) => Round::Fence(record),
    }
}

/// What the store could not do now may work when the task asks again: it waits, and says so, and does not fail.
pub(crate) fn later(error: Error) -> Error {
    match error {
        Error::Failed(text) => Error::TimedOut(text),
        other => other,
    }
}

/// Who can fence the producers of a source's tasks.
#[derive(Debug, Clone)]
pub struct SourceProducers {
    /// The group of workers, which is in their ids.
    pub group: String,
    /// A client of the cluster that they write to, with the rights that the connector's config gives.
    pub admin: Arc<dyn Admin>,
}

/// Rounds of this worker: one at a time for each connector, so that those who ask meanwhile share it.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Mutex<HashMap<Name, Weak<tokio::sync::Mutex<()>>>>);

impl Rounds {
    fn of(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut rounds = self.0.lock();
        rounds.retain(|_, round| round.strong_count() > 0);
        if let Some(round) = rounds.get(name).and_then(Weak::upgrade) {
            return round;
        }
        let round = Arc::default();
        rounds.insert(name.into(), Arc::downgrade(&round));
        round
    }
}

impl Handle {
    /// Lets the present tasks of a source begin: fences the producers of those before, if there may be any, and stores how
    /// many there are now. Nothing happens when that was done before, or when the worker has no exactly-once support.
    ///
    /// **This is what the leader of the group does** when a worker asks it to (`PUT /connectors/{name}/fence`). Two workers
    /// must not do it for the same connector at the same time: the one that read the config topic earlier could fence tasks
    /// that the other has let begin.
    ///
    /// # Errors
    /// There is no such connector; a producer could not be fenced ([`Error::TimedOut`] when it may work later); or other
    /// tasks were stored meanwhile ([`Error::Conflict`]), and have to be fenced for anew.
    pub async fn fence(&self, name: &str) -> Result<()> {
        if !self.parts().defaults.exactly_once {
            return Ok(());
        }
        // To its end, also when who asked goes away: half a round would be begun anew, from its first task.
        let (herder, name) = (self.clone(), Name::from(name));
        let round = tokio::spawn(async move { herder.fencing_round(&name).await });
        round
            .await
            .unwrap_or_else(|error| Err(Error::Failed(format!("fencing earlier tasks ended early: {error}"))))
    }

    async fn fencing_round(&self, name: &str) -> Result<()> {
        let round_of_name = self.rounds().of(name);
        let _one_at_a_time = round_of_name.lock().await;
        let fencing = self.ask(|reply| Command::Fencing(name.into(), reply)).await??;
        match round(&fencing) {
            Round::Nothing => return Ok(()),
            Round::Record => {}
            Round::Fence(tasks) => self.fence_tasks(name, tasks).await?,
        }
        let generation = fencing.generation;
        self.ask(|reply| Command::Fenced { name: name.into(), generation, reply }).await?
    }

    async fn fence_tasks(&self, name: &str, tasks: u32) -> Result<()> {
        let view = self.view(name).await?;
        let view = view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))?;
        let spec = self.spec_of(&view).await?;
        let producers = self.parts().tasks.source_producers(&spec);
        let SourceProducers { group, admin } = producers.map_err(|error| Error::Failed(error.to_string()))?;
        let ids: Vec<_> = (0..tasks).map(|task| task::transactional_id(&group, name, task)).collect();
        tracing::info!(connector = name, tasks, "fencing the producers of earlier tasks");
        admin.fence_producers(&ids, FENCE_LIMIT).await.map_err(|error| {
            let text =
                format!("the producers of earlier tasks of connector {name} could not be fenced: {error}");
            match error {
                kafka::Error::Retriable { .. } | kafka::Error::Unusable { .. } => Error::TimedOut(text),
                _ => Error::Failed(text),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_earlier_are_fenced_once_before_those_of_now_begin() {
        let mut fencing = Fencing::default();
        assert_eq!(round(&fencing), Round::Nothing, "of a connector without tasks");
        fencing.committed(3);
        assert_eq!(round(&fencing), Round::Record, "nobody ever began");
        fencing.fenced(3);
        assert_eq!(round(&fencing), Round::Nothing);
        fencing.committed(1);
        assert_eq!(round(&fencing), Round::Fence(3));
        fencing.fenced(1);
        fencing.committed(1);
        assert_eq!(round(&fencing), Round::Record, "one task fences itself");
        fencing.fenced(1);
        fencing.committed(0);
        assert_eq!(round(&fencing), Round::Fence(1), "a connector that was stopped");
    }

    #[test]
    fn rounds_of_a_connector_are_shared_and_forgotten() {
        let rounds = Rounds::default();
        let (one, same, other) = (rounds.of("a"), rounds.of("a"), rounds.of("b"));
        assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
        drop((one, same));
        rounds.of("c");
        assert_eq!(rounds.0.lock().len(), 2, "b, and c");
    }
}
