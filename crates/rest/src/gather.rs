//! What other workers of the group know: they are asked all at the same time, for a bounded time, and what one does not
//! answer is said.
//!
//! Requests between workers have `scope=worker`: such a request is answered by the worker alone that gets it, so that
//! nobody asks in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use axum::http::request::Parts;
use rest_types::sluice::{Unanswered, WorkerInfo};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout, timeout_at};

use crate::peers::Asker;
use crate::query::Parameters;
use crate::{Context, Peers};

/// The longest that other workers may take for their parts of an answer, all together.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
/// So long the leader alone is asked who there is. When it does not say so by then, those that are known without it are
/// asked at the same time, so that it cannot use up the time of all.
const HEAD_START: Duration = Duration::from_secs(1);

/// Asks other workers on behalf of a client.
#[derive(Clone)]
pub(crate) struct Gatherer {
    context: Context,
    peers: Peers,
    asker: Asker,
}

/// Another worker of the group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Other {
    /// Host and port.
    pub(crate) id: String,
    /// The URL of its REST API.
    pub(crate) url: String,
}

/// What others answered, by worker.
pub(crate) struct Answers<T> {
    pub(crate) by_worker: BTreeMap<String, T>,
    pub(crate) unanswered: Vec<Unanswered>,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self { by_worker: BTreeMap::new(), unanswered: Vec::new() }
    }
}

impl Gatherer {
    /// For a request with this query. `None` when this worker is to answer alone: it was asked for its
    /// part only, or is no worker of a group.
    pub(crate) fn of(context: &Context, query: &Parameters<'_>, parts: &Parts) -> Option<Self> {
        let peers = context.peers.clone()?;
        let asker = Asker::of(parts);
        (!query.is("scope", "worker")).then(|| Self { context: context.clone(), peers, asker })
    }

    /// The other workers of the group: those that its leader knows, and these, which are known to have, or to have had, a
    /// part of what is asked for.
    pub(crate) async fn others(&self, known: &BTreeSet<String>) -> (Vec<Other>, Option<Unanswered>) {
        self.others_until(known, Instant::now() + LIMIT).await
    }

    async fn others_until(
        &self,
        known: &BTreeSet<String>,
        deadline: Instant,
    ) -> (Vec<Other>, Option<Unanswered>) {
        let own = &self.context.about.worker_id;
        let told = timeout_at(deadline, self.context.herder.workers()).await.unwrap_or_else(|_| {
            let why =
                format!("this worker was busy for {} s and did not say who leads the group", LIMIT.as_secs());
            Err(herder::Error::TimedOut(why))
        });
        let (workers, trouble) = match told {
            Ok(workers) => {
                let other = |worker: &herder::GroupWorker| Other {
                    id: worker.id().to_owned(),
                    url: worker.url.clone(),
                };
                (workers.iter().map(other).collect(), None)
            }
            Err(herder::Error::Elsewhere { url, .. }) => match self.workers_until(&url, deadline).await {
                Ok(workers) => {
                    let other = |worker: WorkerInfo| Other { id: worker.worker_id, url: worker.url };
                    (workers.into_iter().map(other).collect(), None)
                }
                Err(error) => {
                    let leader = Other { id: id_of(&url).to_owned(), url };
                    let error = format!("it leads the group and was asked for its workers: {error}");
                    let trouble = Unanswered { worker_id: Some(leader.id.clone()), error };
                    (vec![leader], Some(trouble))
                }
            },
            Err(error) => (Vec::new(), Some(Unanswered { worker_id: None, error: error.to_string() })),
        };
        let mut others: BTreeMap<String, String> =
            known.iter().map(|id| (id.clone(), self.url_of(id))).collect();
        others.extend(workers.into_iter().map(|Other { id, url }| (id, url)));
        others.remove(own);
        (others.into_iter().map(|(id, url)| Other { id, url }).collect(), trouble)
    }

    /// The workers of the group, as its leader at this URL knows them.
    pub(crate) async fn workers(&self, leader_url: &str) -> Result<Vec<WorkerInfo>, String> {
        let path = "/sluice/v1/workers?scope=worker";
        self.peers.get(leader_url, path, &self.asker, self.now_ms(), LIMIT).await
    }

    async fn workers_until(&self, leader_url: &str, deadline: Instant) -> Result<Vec<WorkerInfo>, String> {
        timeout_at(deadline, self.workers(leader_url)).await.unwrap_or_else(|_| Err(late()))
    }

    fn now_ms(&self) -> i64 {
        self.context.herder.now_ms()
    }

    // Statuses have no scheme; all workers of a group are reached in the same way, as a rule.
    fn url_of(&self, id: &str) -> String {
        let scheme = self.context.about.url.split_once("://").map_or("http", |(scheme, _)| scheme);
        format!("{scheme}://{id}/")
    }

    /// Asks the other workers of the group for the same: those that its leader knows, and `known`, which are known to have,
    /// or to have had, a part of it. `path` comes with its query, but for the scope.
    pub(crate) async fn gather<T: DeserializeOwned>(
        &self,
        known: &BTreeSet<String>,
        path: impl Fn(&Other) -> String,
    ) -> Answers<T> {
        let deadline = Instant::now() + LIMIT;
        let mut listing = pin!(self.others_until(known, deadline));
        let (asked, mut answers, (others, trouble)) = match timeout(HEAD_START, &mut listing).await {
            Ok(listed) => (BTreeSet::new(), Answers::default(), listed),
            Err(_) => {
                let own = &self.context.about.worker_id;
                let early = known.iter().filter(|id| *id != own);
                let early: Vec<_> = early.map(|id| Other { id: id.clone(), url: self.url_of(id) }).collect();
                let (answers, listed) = tokio::join!(self.ask(&early, &path, deadline), listing);
                let mut asked: BTreeSet<_> = early.into_iter().map(|other| other.id).collect();
                // A leader that was late with it has had its time.
                asked.extend(listed.1.as_ref().and_then(|trouble| trouble.worker_id.clone()));
                (asked, answers, listed)
            }
        };
        let rest: Vec<_> = others.into_iter().filter(|other| !asked.contains(&other.id)).collect();
        let more = self.ask(&rest, &path, deadline).await;
        answers.by_worker.extend(more.by_worker);
        answers.unanswered.extend(more.unanswered);
        // A leader that does not say who there is, but how its tasks are, leaves workers out that nobody knows of.
        let is_new =
            |it: &Unanswered| !answers.unanswered.iter().any(|known| known.worker_id == it.worker_id);
        let trouble = trouble.filter(is_new);
        answers.unanswered.extend(trouble);
        answers
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        workers: &[Other],
        path: impl Fn(&Other) -> String,
        deadline: Instant,
    ) -> Answers<T> {
        let asked = workers.iter().map(async |worker| {
            let path = for_one(&path(worker));
            let asked = self.peers.get(&worker.url, &path, &self.asker, self.now_ms(), LIMIT);
            (worker, timeout_at(deadline, asked).await.unwrap_or_else(|_| Err(late())))
        });
        let mut answers = Answers::default();
        for (worker, answer) in futures::future::join_all(asked).await {
            match answer {
                Ok(answer) => _ = answers.by_worker.insert(worker.id.clone(), answer),
                Err(error) => {
                    tracing::warn!(
                        worker = worker.id,
                        "another worker was asked for its part in vain: {error}"
                    );
                    answers.unanswered.push(Unanswered { worker_id: Some(worker.id.clone()), error });
                }
            }
        }
        answers
    }

    /// Opens an answer of a worker that goes on. Its head comes within the limit.
    pub(crate) async fn open(&self, worker: &Other, path: &str) -> Result<reqwest::Response, String> {
        let path = for_one(path);
        let opened = timeout(LIMIT, self.peers.open(&worker.url, &path, &self.asker, self.now_ms()));
        opened.await.map_err(|_| late())?
    }
}

fn late() -> String {
    format!("it did not answer within {} s", LIMIT.as_secs())
}

fn for_one(path: &str) -> String {
    let next = if path.contains('?') { '&' } else { '?' };
    format!("{path}{next}scope=worker")
}

fn id_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_another_worker_is_marked() {
        assert_eq!(for_one("/a"), "/a?scope=worker");
        assert_eq!(for_one("/a?after=1"), "/a?after=1&scope=worker");
        assert_eq!(id_of("https://host:8083/"), "host:8083");
    }
}
