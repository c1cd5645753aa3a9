//! Workers of another cluster in the group, two with one address, and other reasons for which work is not shared out as it
//! should be: what is said of them.

use kafka::membership::{Member, Subscription};

use super::{Group, UNSYNCED_MAX};

impl Group {
    /// What is wrong with the group as this worker sees it, and what to do.
    pub(crate) fn problem(&self) -> Option<String> {
        let told = self.foreign.as_ref().or(self.strangers.as_ref()).or(self.one_url.as_ref());
        if told.is_some() {
            return told.cloned();
        }
        (self.unsynced >= UNSYNCED_MAX).then(|| {
            "the workers of the group do not come to read as much of the config topic: it was deleted and made anew, or has \
             lost records, while some of them ran, or one of them cannot read it: save what GET /connectors?expand=info of \
             each worker answers, stop all of them, start them, and create again what is missing"
                .to_owned()
        })
    }

    // Whether somebody who said so has other internal topics: a worker of another cluster.
    pub(super) fn is_stranger(&self, topics: Option<&str>) -> bool {
        topics.is_some_and(|topics| topics != self.member.topics)
    }

    pub(super) fn about_one_url(&self, url: &str) -> String {
        format!(
            "two workers of the group say that they are reached at {url}, and one of them gets no work: give each worker a \
             host and port of its own by which the others reach it, with listeners, rest.advertised.host.name and \
             rest.advertised.port"
        )
    }

    pub(super) fn about_strangers(&self, strangers: &[&Member]) -> String {
        let told = |member: &&Member| {
            let Subscription { url, topics, .. } = &member.subscription;
            format!("{url} ({})", topics.as_deref().unwrap_or_default())
        };
        let told: Vec<_> = strangers.iter().map(told).collect();
        format!(
            "workers of another cluster have taken this group's id, and get no work: {}; the topics of this one are {}: give \
             each cluster a group.id of its own",
            told.join(", "),
            self.member.topics
        )
    }

    pub(super) fn about_foreign_leader(&self, url: &str, topics: &str) -> String {
        format!(
            "this worker runs nothing: its group is led by a worker of another cluster, {url}, whose internal topics are \
             {topics}, and this worker's are {}: give each cluster a group.id of its own, or, if it is one cluster, name the \
             same topics on all of its workers",
            self.member.topics
        )
    }
}
