//! What other workers of the group know: they are asked all at the same time, for a bounded time, and what one does not
//! answer is said.
//!
//! Requests between workers have `scope=worker`: such a request is answered by the worker alone that gets it, so that
//! nobody asks in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::request::Parts;
use rest_types::sluice::{Unanswered, WorkerInfo};
use serde::de::DeserializeOwned;

use crate::peers::Asker;
use crate::query::Parameters;
use crate::{Context, Peers};

/// The longest that another worker may take for its part of an answer. The leader is asked first who there is: an answer
/// takes twice as long at most.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

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
        let own = &self.context.about.worker_id;
        let (workers, trouble) = match self.context.herder.workers().await {
            Ok(workers) => {
                let other = |worker: &herder::GroupWorker| Other {
                    id: worker.id().to_owned(),
                    url: worker.url.clone(),
                };
                (workers.iter().map(other).collect(), None)
            }
            Err(herder::Error::Elsewhere { url, .. }) => match self.workers(&url).await {
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

    fn now_ms(&self) -> i64 {
        self.context.herder.now_ms()
    }

    // Statuses have no scheme; all workers of a group are reached in the same way, as a rule.
    fn url_of(&self, id: &str) -> String {
        let scheme = self.context.about.url.split_once("://").map_or("http", |(scheme, _)| scheme);
        format!("{scheme}://{id}/")
    }

    /// Asks each of these workers for the same; `path` comes with its query, but for the scope.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        workers: &[Other],
        path: impl Fn(&Other) -> String,
    ) -> Answers<T> {
        let asked = workers.iter().map(async |worker| {
            let path = for_one(&path(worker));
            (worker, self.peers.get(&worker.url, &path, &self.asker, self.now_ms(), LIMIT).await)
        });
        let mut answers = Answers { by_worker: BTreeMap::new(), unanswered: Vec::new() };
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
        let opened =
            tokio::time::timeout(LIMIT, self.peers.open(&worker.url, &path, &self.asker, self.now_ms()));
        opened.await.map_err(|_| format!("it did not answer within {} s", LIMIT.as_secs()))?
    }
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
