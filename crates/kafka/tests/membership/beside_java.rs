//! A group with a worker of Kafka Connect itself in it: as its leader, and as its follower. Each reads the other's bytes.

use std::time::Instant;

use api::SystemClock;
use serde_json::Value;
use sluice_kafka::membership::{AssignmentError, KafkaMemberships, Memberships as _};
use testkit::apache_kafka::{self, ConnectWorker, Setup};

use super::*;

const PROPERTIES: &str = "group.id=workers\nconfig.storage.topic=configs\noffset.storage.topic=offsets\n\
    status.storage.topic=statuses\nconfig.storage.replication.factor=1\noffset.storage.replication.factor=1\n\
    status.storage.replication.factor=1\noffset.storage.partitions=1\nstatus.storage.partitions=1\n\
    scheduled.rebalance.max.delay.ms=0\nheartbeat.interval.ms=500\n\
    key.converter=org.apache.kafka.connect.storage.StringConverter\n\
    value.converter=org.apache.kafka.connect.storage.StringConverter\n";

/// Java takes seconds to start and to stop.
const JAVA: Duration = Duration::from_secs(90);

async fn event(member: &mut dyn Membership) -> GroupEvent {
    let event = tokio::time::timeout(JAVA, member.poll()).await.expect("something happens");
    let event = event.unwrap_or_else(|error| panic!("{error}"));
    println!("{event:?}");
    event
}

/// Where a connector runs, by Java's REST API, when it and its task run.
async fn runs_at(java: &ConnectWorker, connector: &str) -> String {
    let started = Instant::now();
    loop {
        let url = format!("{}/connectors/{connector}/status", java.url());
        if let Ok(answer) = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await
            && let Ok(status) = answer.json::<Value>().await
            && status["connector"]["state"] == "RUNNING"
            && status["tasks"][0]["state"] == "RUNNING"
        {
            return status["connector"]["worker_id"].as_str().unwrap().to_owned();
        }
        assert!(started.elapsed() < JAVA, "{connector} does not run; {}", java.log());
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_java_worker_leads_and_follows() {
    let Some((jars, broker_jars)) = apache_kafka::connect_for("a_java_worker_leads_and_follows") else {
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default(); // the HTTP client asks for one
    let broker = Setup::new().start(&broker_jars).unwrap();
    let bootstrap = broker.bootstrap("PLAINTEXT");
    let folder = tempfile::tempdir().unwrap();
    let properties = format!("bootstrap.servers={bootstrap}\n{PROPERTIES}");
    let java = ConnectWorker::distributed(&jars, folder.path(), &properties).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for connector in ["one", "two"] {
        let body = serde_json::json!({
            "name": connector,
            "config": {"connector.class": "FileStreamSource", "file": "in.txt", "topic": "t", "tasks.max": "1"},
        });
        let started = Instant::now();
        loop {
            let answer = client.post(format!("{}/connectors", java.url())).json(&body).send().await;
            let status = answer.map(|answer| answer.status().as_u16());
            if matches!(status, Ok(201 | 409)) && !matches!(status, Ok(409) if started.elapsed() < JAVA / 9) {
                break;
            }
            assert!(started.elapsed() < JAVA, "{status:?}; {}", java.log());
            tokio::task::yield_now().await;
        }
        runs_at(&java, connector).await;
    }

    // Java leads: it takes half of its work back and gives it to us.
    let settings = ClientSettings(
        [
            ("bootstrap.servers", bootstrap.as_str()),
            ("group.id", "workers"),
            ("client.id", "connect-ours:8083"),
            ("heartbeat.interval.ms", "500"),
        ]
        .into_iter()
        .collect(),
    );
    let mut ours = KafkaMemberships::new(SystemClock::new()).member(&settings).unwrap();
    let mut owned = Work::default();
    let mut last: Option<Assigned> = None;
    while owned.connectors.len() + owned.tasks.len() < 2 {
        match event(&mut *ours).await {
            GroupEvent::Rebalance { .. } => {
                let config_offset = last.as_ref().map_or(-1, |last| last.assignment.config_offset);
                let allocation = last.as_ref().filter(|_| !owned.is_empty()).map(|last| Assignment {
                    assigned: owned.clone(),
                    revoked: Work::default(),
                    delay: Duration::ZERO,
                    ..last.assignment.clone()
                });
                ours.join(Subscription { config_offset, allocation, ..subscription("ours", 0) });
            }
            GroupEvent::Assigned(assigned) => {
                assert!(!assigned.is_leader() && assigned.protocol == Protocol::Sessioned);
                assert_eq!(assigned.assignment.error, AssignmentError::None);
                assert_eq!(assigned.assignment.leader_url, format!("{}/", java.url()));
                assert!(assigned.assignment.config_offset > 0);
                owned = assigned.owned_after(&owned);
                last = Some(assigned);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((owned.connectors.len(), owned.tasks.len()), (1, 1), "{owned:?}");
    let offset = last.unwrap().assignment.config_offset;

    // It stops, and we lead. It comes back, and follows: it gets all of the work, and runs it.
    java.stop().unwrap();
    let java = std::thread::scope(|scope| {
        let starting = scope.spawn(|| ConnectWorker::distributed(&jars, folder.path(), &properties));
        starting.join().unwrap().unwrap()
    });
    let lead = loop {
        match event(&mut *ours).await {
            GroupEvent::Rebalance { .. } => {
                ours.join(Subscription { config_offset: offset, ..subscription("ours", 0) });
            }
            GroupEvent::Lead(lead) if lead.members.len() == 2 => break lead,
            GroupEvent::Lead(lead) => ours.assign(vec![(lead.member_id.clone(), Assignment::default())]),
            GroupEvent::Assigned(_) => {}
            other => panic!("{other:?}"),
        }
    };
    let follower = lead.members.iter().find(|member| member.id != lead.member_id).unwrap();
    assert!(!follower.subscription.ours, "{follower:?}");
    assert_eq!(follower.subscription.url, format!("{}/", java.url()));
    assert_eq!(follower.subscription.config_offset, offset);
    assert_eq!(follower.subscription.allocation, None);
    let all = Work {
        connectors: vec!["one".into(), "two".into()],
        tasks: vec![
            sluice_kafka::membership::Task::new("one", 0),
            sluice_kafka::membership::Task::new("two", 0),
        ],
    };
    let give = |assigned| Assignment {
        leader: lead.member_id.clone(),
        leader_url: "http://ours:8083/".to_owned(),
        config_offset: offset,
        assigned,
        ..Assignment::default()
    };
    ours.assign(vec![
        (follower.id.clone(), give(all.clone())),
        (lead.member_id.clone(), give(Work::default())),
    ]);
    let at = runs_at(&java, "two").await;
    assert_eq!(format!("http://{at}"), java.url());
    // What it owns now, it says when it joins again.
    ours.request_rejoin("to see what the other owns");
    let theirs = loop {
        match event(&mut *ours).await {
            GroupEvent::Rebalance { .. } => {
                ours.join(Subscription { config_offset: offset, ..subscription("ours", 0) });
            }
            GroupEvent::Lead(lead) => {
                let follower = lead.members.iter().find(|member| member.id != lead.member_id).unwrap();
                break follower.subscription.allocation.clone().expect("it owns something");
            }
            GroupEvent::Assigned(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(
        all.without(&theirs.assigned).is_empty() && theirs.assigned.without(&all).is_empty(),
        "{theirs:?}"
    );
    assert_eq!((theirs.leader_url.as_str(), theirs.config_offset), ("http://ours:8083/", offset));
}
