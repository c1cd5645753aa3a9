//! Who is of the group as far as this worker knows, for those who wait for another worker's answer: a worker that hangs keeps
//! its connections open as if it worked, but the group goes on without it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

use crate::group::{Group, Lead};

/// Who is of the group. Cheap to clone; all clones know the same.
#[derive(Debug, Clone, Default)]
pub struct Roster(Arc<watch::Sender<Known>>);

#[derive(Debug, Default, PartialEq, Eq)]
enum Known {
    /// This worker is of no group, or does not know just now.
    #[default]
    Nothing,
    /// Another worker leads, at this URL.
    LedBy(String),
    /// This worker leads these, by their URLs.
    Leads(BTreeSet<String>),
}

impl Roster {
    /// Takes over what the group knows.
    pub(crate) fn take(&self, group: &Group) {
        let known = match group.lead_by() {
            Lead::Unknown | Lead::Foreign(_) => Known::Nothing,
            Lead::Other(url) => Known::LedBy(url.to_owned()),
            Lead::This => Known::Leads(group.workers().into_iter().map(|worker| worker.url).collect()),
        };
        self.set(known);
    }

    fn set(&self, known: Known) {
        self.0.send_if_modified(|before| {
            let differs = *before != known;
            *before = known;
            differs
        });
    }

    /// Completes when the group has shared its work out without the worker at this URL, which is asked for something now:
    /// the leader asks any worker, the others ask their leader.
    pub async fn has_left(&self, url: &str) {
        let mut changes = self.0.subscribe();
        let leads = matches!(*changes.borrow_and_update(), Known::Leads(_));
        let gone = changes.wait_for(|known| match known {
            Known::Nothing => false,
            Known::Leads(workers) => !workers.contains(url),
            // Who does not lead any more does not know who is there.
            Known::LedBy(leader) => !leads && leader != url,
        });
        if gone.await.is_err() {
            std::future::pending().await // nobody says any more
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const A: &str = "http://a:8083/";
    const B: &str = "http://b:8083/";

    fn leads(urls: &[&str]) -> Known {
        Known::Leads(urls.iter().map(|url| (*url).to_owned()).collect())
    }

    #[test]
    fn a_leader_has_left_when_another_one_leads() {
        for next in [Known::LedBy("http://c:8083/".to_owned()), leads(&[B])] {
            let roster = Roster::default();
            roster.set(Known::LedBy(A.to_owned()));
            let mut left = Box::pin(roster.has_left(A));
            assert_eq!(left.as_mut().now_or_never(), None);
            roster.set(Known::Nothing);
            assert_eq!(left.as_mut().now_or_never(), None, "it is not known just now");
            roster.set(Known::LedBy(A.to_owned()));
            assert_eq!(left.as_mut().now_or_never(), None, "a rebalance with the same leader");
            roster.set(next);
            assert_eq!(left.as_mut().now_or_never(), Some(()));
        }
    }

    #[test]
    fn a_worker_has_left_when_its_leader_gives_it_nothing() {
        let roster = Roster::default();
        roster.set(leads(&[A, B]));
        let mut left = Box::pin(roster.has_left(B));
        assert_eq!(left.as_mut().now_or_never(), None);
        roster.set(Known::LedBy(A.to_owned()));
        assert_eq!(left.as_mut().now_or_never(), None, "who does not lead does not know");
        roster.set(leads(&[A]));
        assert_eq!(left.as_mut().now_or_never(), Some(()));
    }
}
