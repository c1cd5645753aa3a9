//! Members of groups of workers: one suite for real groups, on a broker, and for those in memory; and what only one of
//! them can show. Time is passed in: nobody waits for a time-out.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test, whose events are of interest")]

mod beside_java;
mod memory;
mod on_a_broker;
mod suite;

use std::sync::Arc;
use std::time::Duration;

use api::ManualClock;
use sluice_kafka::ClientSettings;
use sluice_kafka::membership::{
    Assigned, Assignment, GroupEvent, Lead, LossCause, Membership, Protocol, Subscription, Work,
};

/// Longer than anything here takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(20);

/// `session.timeout.ms` of members that are not meant to be lost.
const SESSION: Duration = Duration::from_secs(600);
/// `heartbeat.interval.ms`.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// `rebalance.timeout.ms`.
const REBALANCE: Duration = Duration::from_secs(300);

/// `retry.backoff.ms`.
const BACKOFF: Duration = Duration::from_millis(10);

/// Settings of a member. Back-offs are short: the clock stands still until it is advanced.
fn settings(bootstrap: &str, client_id: &str, pairs: &[(&str, &str)]) -> ClientSettings {
    let (session, heartbeat) = (SESSION.as_millis().to_string(), HEARTBEAT.as_millis().to_string());
    let rebalance = REBALANCE.as_millis().to_string();
    let mut settings = ClientSettings(
        [
            ("bootstrap.servers", bootstrap),
            ("client.id", client_id),
            ("group.id", "workers"),
            ("session.timeout.ms", &session),
            ("heartbeat.interval.ms", &heartbeat),
            ("rebalance.timeout.ms", &rebalance),
            ("retry.backoff.ms", "10"),
            ("reconnect.backoff.ms", "0"),
            ("reconnect.backoff.max.ms", "0"),
        ]
        .into_iter()
        .collect(),
    );
    for (key, value) in pairs {
        settings.0.set(*key, *value);
    }
    settings
}

fn subscription(client_id: &str, config_offset: i64) -> Subscription {
    Subscription {
        url: format!("http://{client_id}:8083/"),
        config_offset,
        ours: true,
        ..Subscription::default()
    }
}

fn work(connectors: &[&str]) -> Work {
    Work { connectors: connectors.iter().map(|name| (*name).into()).collect(), tasks: Vec::new() }
}

async fn next(member: &mut dyn Membership) -> GroupEvent {
    let event = tokio::time::timeout(LONG, member.poll()).await.expect("something happens");
    event.unwrap_or_else(|error| panic!("{error}"))
}

/// The member can never join.
async fn fatal(member: &mut dyn Membership) -> String {
    loop {
        match tokio::time::timeout(LONG, member.poll()).await.expect("something happens") {
            Err(error) => return error.to_string(),
            Ok(GroupEvent::Rebalance { .. }) => member.join(subscription("w", 1)),
            Ok(other) => panic!("{other:?}"),
        }
    }
}

/// The member is asked to join; answers the protocol of the generation that ends.
async fn asked(member: &mut dyn Membership) -> Option<Protocol> {
    match next(member).await {
        GroupEvent::Rebalance { protocol, .. } => protocol,
        other => panic!("{other:?}"),
    }
}

async fn leads(member: &mut dyn Membership) -> Lead {
    match next(member).await {
        GroupEvent::Lead(lead) => lead,
        other => panic!("{other:?}"),
    }
}

async fn assigned(member: &mut dyn Membership) -> Assigned {
    match next(member).await {
        GroupEvent::Assigned(assigned) => assigned,
        other => panic!("{other:?}"),
    }
}

async fn lost(member: &mut dyn Membership) -> LossCause {
    match next(member).await {
        GroupEvent::Lost { cause, reason } => {
            assert!(!reason.is_empty());
            cause
        }
        other => panic!("{other:?}"),
    }
}

/// Gives each member a connector that is named after it, and revokes nothing.
fn one_each(lead: &Lead) -> Vec<(String, Assignment)> {
    let give = |url: &str| Assignment {
        leader: lead.member_id.clone(),
        leader_url: "http://leader/".to_owned(),
        config_offset: 7,
        assigned: work(&[url]),
        ..Assignment::default()
    };
    lead.members.iter().map(|member| (member.id.clone(), give(&member.subscription.url))).collect()
}

/// Answers whatever is asked until the member has its part, and follows or leads as it comes.
async fn settle(member: &mut dyn Membership, subscription: &Subscription) -> Assigned {
    loop {
        match next(member).await {
            GroupEvent::Rebalance { .. } => member.join(subscription.clone()),
            GroupEvent::Lead(lead) => member.assign(one_each(&lead)),
            GroupEvent::Assigned(assigned) => return assigned,
            GroupEvent::Lost { cause, reason } => panic!("{cause:?}: {reason}"),
        }
    }
}

fn manual_clock() -> Arc<ManualClock> {
    ManualClock::at(1_700_000_000_000)
}

/// Lets short times pass until this is done: for what is tried again after a pause.
async fn with_pauses<T>(advance: impl Fn(Duration), done: impl Future<Output = T>) -> T {
    let mut done = std::pin::pin!(done);
    loop {
        match tokio::time::timeout(Duration::from_millis(5), &mut done).await {
            Ok(done) => return done,
            Err(_) => advance(BACKOFF),
        }
    }
}
