//! Which topics a subscription means.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{Error, Result, Subscription};

/// Topics that Kafka keeps for itself: a pattern does not mean them (`exclude.internal.topics`).
pub(crate) const INTERNAL_TOPICS: [&str; 2] = ["__consumer_offsets", "__transaction_state"];

/// Decides by name.
#[derive(Debug)]
pub(crate) enum TopicMatcher {
    Names(BTreeSet<String>),
    Pattern(Regex),
}

impl TopicMatcher {
    pub(crate) fn new(subscription: &Subscription) -> Result<Self> {
        match subscription {
            Subscription::Topics(names) => Ok(Self::Names(names.iter().cloned().collect())),
            Subscription::Pattern(pattern) => {
                let whole = format!("^(?:{pattern})$");
                Regex::new(&whole).map(Self::Pattern).map_err(|error| Error::Misconfigured {
                    key: "topics.regex".to_owned(),
                    reason: format!("{pattern} is not a pattern that is supported: {error}"),
                })
            }
        }
    }

    pub(crate) fn matches(&self, topic: &str) -> bool {
        match self {
            Self::Names(names) => names.contains(topic),
            Self::Pattern(pattern) => pattern.is_match(topic) && !INTERNAL_TOPICS.contains(&topic),
        }
    }
}
