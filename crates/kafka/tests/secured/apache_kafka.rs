//! Apache Kafka lets us in by every mechanism, and not without the right credentials. One broker with a listener for
//! each; Java decides what is right, not we.

use std::path::Path;
use std::sync::Arc;

use api::SystemClock;
use futures::FutureExt as _;
use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::membership::{
    Assigned, Assignment, GroupEvent, KafkaMemberships, LossCause, Membership, Memberships as _, Subscription,
};
use sluice_kafka::{Clients, NewTopic, Polled, Subscription as Topics};
use tempfile::TempDir;
use testkit::apache_kafka::{self, Broker, Setup};

use super::*;
use crate::certificates::{Authority, Pair, keytool, pkcs12};
use crate::signer::Signer;
use crate::token_endpoint::{TokenEndpoint, opaque};

const PACKAGE: &str = "org.apache.kafka.common.security.";

/// A broker and who may talk to it.
struct Secured {
    broker: Broker,
    authority: Authority,
    client: Pair,
    signer: Arc<Signer>,
    folder: TempDir,
}

impl Secured {
    fn start(jars: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let authority = Authority::new("authority of the test");
        let signer = Arc::new(Signer::new());
        let key_store = file("server.pem", &authority.sign("localhost").store());
        let trust_store = file("ca.pem", &authority.pem);
        let key_set = format!("file://{}", file("keys.json", &signer.key_set()));
        let mut setup = Setup::new()
            .listener("TLS", "SSL")
            .property("listener.name.tls.ssl.client.auth", "required")
            .property("ssl.keystore.type", "PEM")
            .property("ssl.keystore.location", key_store)
            .property("ssl.truststore.type", "PEM")
            .property("ssl.truststore.location", trust_store)
            .scram_user("alice", SECRET)
            .java_option(format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={key_set}"))
            .property("sasl.oauthbearer.jwks.endpoint.url", key_set)
            .property("sasl.oauthbearer.expected.audience", "kafka")
            .property("sasl.oauthbearer.expected.issuer", "https://idp.example");
        for (listener, mechanism, module) in [
            ("PLAIN", "PLAIN", format!("plain.PlainLoginModule required user_alice=\"{SECRET}\";")),
            ("SCRAM256", "SCRAM-SHA-256", "scram.ScramLoginModule required;".to_owned()),
            ("SCRAM512", "SCRAM-SHA-512", "scram.ScramLoginModule required;".to_owned()),
            ("OAUTH", "OAUTHBEARER", "oauthbearer.OAuthBearerLoginModule required;".to_owned()),
        ] {
            let prefix = format!("listener.name.{}", listener.to_ascii_lowercase());
            let with_mechanism = format!("{prefix}.{}", mechanism.to_ascii_lowercase());
            setup = setup
                .listener(listener, "SASL_SSL")
                .property(format!("{prefix}.sasl.enabled.mechanisms"), mechanism)
                .property(format!("{with_mechanism}.sasl.jaas.config"), format!("{PACKAGE}{module}"));
            if mechanism == "OAUTHBEARER" {
                setup = setup
                    .property(
                        format!("{with_mechanism}.sasl.server.callback.handler.class"),
                        format!("{PACKAGE}oauthbearer.OAuthBearerValidatorCallbackHandler"),
                    )
                    // A connection ends with its token, if it does not log in again.
                    .property(format!("{with_mechanism}.connections.max.reauth.ms"), "60000");
            }
        }
        let broker = setup.start(jars).unwrap();
        let client = authority.sign("alice");
        Self { broker, authority, client, signer, folder }
    }

    /// Settings of a client that trusts the broker.
    fn settings(&self, listener: &str, pairs: &[(&str, &str)]) -> ClientSettings {
        let mut settings = settings(&[
            ("security.protocol", if listener == "TLS" { "SSL" } else { "SASL_SSL" }),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", &self.authority.pem),
            ("auto.offset.reset", "earliest"),
        ]);
        settings.0.set("bootstrap.servers", self.broker.bootstrap(listener));
        for (key, value) in pairs {
            settings.0.set(*key, *value);
        }
        settings
    }

    /// With a client certificate, and both stores in Java's own form, as most Java workers have them.
    fn with_jks(&self) -> ClientSettings {
        let (folder, password) = (self.folder.path(), "canary-store");
        std::fs::write(folder.join("client-of-jks.p12"), pkcs12(&self.client, password)).unwrap();
        let secrets = format!("-srcstorepass {password} -deststorepass {password}");
        keytool(
            folder,
            &format!(
                "-importkeystore -srckeystore client-of-jks.p12 -destkeystore client.jks -deststoretype JKS {secrets}"
            ),
        );
        let trust = "-importcert -alias authority -file ca.pem -keystore trust.jks -storetype JKS -storepass canary-trust";
        keytool(folder, trust);
        let place = |name: &str| folder.join(name).display().to_string();
        let mut settings = self.settings(
            "TLS",
            &[
                ("ssl.keystore.location", &place("client.jks")),
                ("ssl.keystore.password", password),
                ("ssl.truststore.type", "JKS"),
                ("ssl.truststore.location", &place("trust.jks")),
                ("ssl.truststore.password", "canary-trust"),
            ],
        );
        settings.0.remove("ssl.truststore.certificates");
        settings
    }

    fn password(&self, listener: &str, password: &str) -> ClientSettings {
        let (mechanism, module) = match listener {
            "PLAIN" => ("PLAIN", "plain.PlainLoginModule"),
            "SCRAM256" => ("SCRAM-SHA-256", "scram.ScramLoginModule"),
            _ => ("SCRAM-SHA-512", "scram.ScramLoginModule"),
        };
        let jaas = format!("{PACKAGE}{module} required username=\"alice\" password=\"{password}\";");
        self.settings(listener, &[("sasl.mechanism", mechanism), ("sasl.jaas.config", &jaas)])
    }

    fn oauth(&self, url: &str) -> ClientSettings {
        let jaas = format!(
            "{PACKAGE}oauthbearer.OAuthBearerLoginModule required clientId=\"c\" clientSecret=\"{SECRET}\" \
             extension_logicalCluster=\"lkc-1\" extension_identityPoolId=\"pool-1\";"
        );
        self.settings(
            "OAUTH",
            &[
                ("sasl.mechanism", "OAUTHBEARER"),
                ("sasl.oauthbearer.token.endpoint.url", url),
                ("sasl.jaas.config", &jaas),
            ],
        )
    }
}

/// A topic is made, a record sent and read: admin client, producer and consumer are let in.
async fn round_trip(settings: &ClientSettings, topic: &str) {
    let clients = RdKafkaClients::new();
    let created = clients.admin(settings).unwrap().create_topic(&new_topic(topic)).await;
    created.unwrap_or_else(|error| panic!("{error}; {}", logs::of_librdkafka()));
    let producer = clients.producer(settings).unwrap();
    send(&*producer, topic, "one").await;
    assert_eq!(read(&clients, settings, topic, 1).await, ["one"]);
}

fn new_topic(name: &str) -> NewTopic {
    NewTopic { name: name.to_owned(), partitions: 1, replication_factor: 1, configs: Default::default() }
}

async fn send(producer: &dyn Producer, topic: &str, value: &str) {
    let receipt = producer.send(record(topic, value)).await.unwrap();
    let delivery = tokio::time::timeout(LONG, receipt).await.expect("the record has a fate");
    assert!(delivery.failures.is_empty(), "{}", delivery.failures[0].error);
}

async fn read(clients: &RdKafkaClients, settings: &ClientSettings, topic: &str, count: usize) -> Vec<String> {
    let mut settings = settings.clone();
    settings.0.set("group.id", format!("readers-of-{topic}"));
    let mut consumer = clients.consumer(&settings, &Topics::Topics(vec![topic.to_owned()])).unwrap();
    let mut values = Vec::new();
    while values.len() < count {
        match consumer.poll(LONG).await.unwrap() {
            Polled::Records(batch) => values.extend(
                batch
                    .records
                    .iter()
                    .map(|record| String::from_utf8(record.value.as_ref().unwrap().to_vec()).unwrap()),
            ),
            Polled::Assigned(_) => {}
            other => panic!("{other:?} after {values:?}"),
        }
    }
    consumer.close().await;
    values
}

/// The client is not let in, for this reason.
async fn refused(settings: &ClientSettings, says: &str) {
    let producer = RdKafkaClients::new().producer(settings).unwrap();
    let error = not_delivered(&*producer).await;
    assert!(matches!(error, Error::Fatal { .. }), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
    println!("refused: {error}");
    assert!(!error.to_string().contains("canary"), "{error}");
}

/// A member of a group of workers with these settings.
fn member(settings: &ClientSettings, group: &str) -> Box<dyn Membership> {
    let mut settings = settings.clone();
    for (key, value) in [("group.id", group), ("client.id", "w"), ("heartbeat.interval.ms", "500")] {
        settings.0.set(key, value);
    }
    KafkaMemberships::new(SystemClock::new()).member(&settings).unwrap()
}

/// Answers what a member is asked until it has its part. It leads, for it is alone.
async fn settle(member: &mut dyn Membership) -> Assigned {
    let said = Subscription {
        url: "http://w:8083/".to_owned(),
        config_offset: 7,
        ours: true,
        ..Subscription::default()
    };
    loop {
        let event = tokio::time::timeout(LONG, member.poll()).await.expect("something happens");
        match event.unwrap_or_else(|error| panic!("{error}")) {
            GroupEvent::Rebalance { .. } => member.join(said.clone()),
            GroupEvent::Lead(lead) => {
                assert_eq!(lead.members.len(), 1);
                assert_eq!(lead.members[0].subscription, said);
                let given =
                    Assignment { leader: lead.member_id.clone(), config_offset: 7, ..Assignment::default() };
                member.assign(vec![(lead.member_id, given)]);
            }
            GroupEvent::Assigned(assigned) => return assigned,
            // A broker that has just started makes the topic of its groups first. This is told once, so a coordinator
            // that never comes is still found out.
            GroupEvent::Lost { cause: LossCause::CoordinatorUnknown, reason } => {
                println!("not yet: {reason}")
            }
            GroupEvent::Lost { reason, .. } => panic!("{reason}"),
        }
    }
}

/// Joins a group and leaves it.
async fn joins(settings: &ClientSettings, group: &str) {
    let mut member = member(settings, group);
    let assigned = settle(&mut *member).await;
    assert!(assigned.is_leader() && assigned.assignment.config_offset == 7, "{assigned:?}");
    member.leave("the test is over").await;
    println!("{group}: joined generation {} as {}", assigned.generation, assigned.member_id);
}

/// Is not let into a group, for this reason.
async fn kept_out(settings: &ClientSettings, says: &str) {
    let mut member = member(settings, "never");
    let error = tokio::time::timeout(LONG, member.poll()).await.expect("it is said").unwrap_err();
    assert!(matches!(error, Error::Fatal { .. }), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(!error.to_string().contains("canary"), "{error}");
    println!("kept out: {error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_kafka_lets_us_into_groups_of_workers() {
    let Some(jars) = apache_kafka::broker_for("apache_kafka_lets_us_into_groups_of_workers") else { return };
    let secured = Secured::start(&jars);
    let client = secured.folder.path().join("client.pem");
    std::fs::write(&client, secured.client.store()).unwrap();
    let identity = [("ssl.keystore.type", "PEM"), ("ssl.keystore.location", client.to_str().unwrap())];
    joins(&secured.settings("TLS", &identity), "by-certificate").await;
    let store = secured.folder.path().join("client.p12");
    std::fs::write(&store, pkcs12(&secured.client, "canary-store")).unwrap();
    let identity = [
        ("ssl.keystore.type", "PKCS12"),
        ("ssl.keystore.location", store.to_str().unwrap()),
        ("ssl.keystore.password", "canary-store"),
    ];
    joins(&secured.settings("TLS", &identity), "by-pkcs12").await;
    joins(&secured.with_jks(), "by-jks").await;
    kept_out(&secured.settings("TLS", &[]), "ssl.keystore").await;
    for listener in ["PLAIN", "SCRAM256", "SCRAM512"] {
        joins(&secured.password(listener, SECRET), &format!("by-{listener}")).await;
        kept_out(&secured.password(listener, "canary-wrong"), "sasl.jaas.config").await;
    }
    let mut distrusting = secured.password("PLAIN", SECRET);
    distrusting.0.set("ssl.truststore.certificates", Authority::new("somebody else").pem);
    kept_out(&distrusting, "ssl.truststore").await;

    let signer = Arc::clone(&secured.signer);
    // As above: connections end with their tokens, after 7 to 8 s, and new ones need new tokens.
    let mut endpoint = TokenEndpoint::start(move |_| opaque(&signer.token("alice", 8), 4)).await;
    let mut by_token = member(&secured.oauth(&endpoint.url), "by-token");
    let before = settle(&mut *by_token).await;
    for _ in 0..4 {
        endpoint.request().await;
    }
    assert!(by_token.poll().now_or_never().is_none(), "it stayed a member while its tokens expired");
    by_token.request_rejoin("to see the generation");
    let after = settle(&mut *by_token).await;
    assert_eq!((after.generation, &after.member_id), (before.generation + 1, &before.member_id));
    println!("by-token: a member over 4 tokens");
    let somebody = Signer::new();
    let endpoint = TokenEndpoint::start(move |_| opaque(&somebody.token("alice", 60), 60)).await;
    kept_out(&secured.oauth(&endpoint.url), "invalid_token").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_kafka_lets_us_in() {
    let Some(jars) = apache_kafka::broker_for("apache_kafka_lets_us_in") else { return };
    logs::listen();
    let secured = Secured::start(&jars);
    let client = secured.folder.path().join("client.pem");
    std::fs::write(&client, secured.client.store()).unwrap();
    let identity = [("ssl.keystore.type", "PEM"), ("ssl.keystore.location", client.to_str().unwrap())];

    round_trip(&secured.settings("TLS", &identity), "by-certificate").await;
    println!("SSL with a client certificate: a record was sent and read");
    round_trip(&secured.with_jks(), "by-jks").await;
    println!("SSL with stores in JKS: a record was sent and read");
    refused(&secured.settings("TLS", &[]), "ssl.keystore").await;

    for listener in ["PLAIN", "SCRAM256", "SCRAM512"] {
        round_trip(&secured.password(listener, SECRET), &format!("by-{listener}")).await;
        println!("SASL_SSL {listener}: a record was sent and read");
        refused(&secured.password(listener, "canary-wrong"), "sasl.jaas.config").await;
    }

    let mut distrusting = secured.password("PLAIN", SECRET);
    distrusting.0.set("ssl.truststore.certificates", Authority::new("somebody else").pem);
    refused(&distrusting, "certificate verify failed").await;

    tokens_are_renewed_while_records_flow(&secured).await;
    foreign_tokens_are_refused(&secured).await;
    let logged = logs::text();
    for secret in [SECRET, "eyJ"] {
        assert!(!logged.contains(secret), "{secret} is in the log");
    }
}

async fn tokens_are_renewed_while_records_flow(secured: &Secured) {
    let signer = Arc::clone(&secured.signer);
    // The broker closes a connection when the token that it was opened with has expired, after 7 to 8 s, unless the
    // client has logged in again; tokens are renewed after 3.2 to 3.4 s.
    let mut endpoint = TokenEndpoint::start(move |_| opaque(&signer.token("alice", 8), 4)).await;
    let settings = secured.oauth(&endpoint.url);
    round_trip(&settings, "by-token").await;
    println!("SASL_SSL OAUTHBEARER: a record was sent and read");

    let clients = RdKafkaClients::new();
    let producer = clients.producer(&settings).unwrap();
    for number in 0..6 {
        endpoint.request().await; // the first is the round trip's, the others renew
        send(&*producer, "by-token", &format!("after token {number}")).await;
    }
    assert_eq!(read(&clients, &settings, "by-token", 7).await.len(), 7);
    assert!(!secured.broker.log().contains("invalid_token"), "every token was taken");
    println!("OAUTHBEARER: one producer sent records with 6 tokens in turn");
}

async fn foreign_tokens_are_refused(secured: &Secured) {
    let somebody = Signer::new();
    let endpoint = TokenEndpoint::start(move |_| opaque(&somebody.token("alice", 60), 60)).await;
    let foreign = secured.oauth(&endpoint.url);
    refused(&foreign, "invalid_token").await;
    let created = RdKafkaClients::new().admin(&foreign).unwrap().create_topic(&new_topic("never")).await;
    let error = created.unwrap_err();
    assert!(error.to_string().contains("invalid_token"), "{error}");
    // Expired by what it says itself, whatever the provider promised. Brokers forgive clocks that differ by 30 s.
    let signer = Arc::clone(&secured.signer);
    let endpoint = TokenEndpoint::start(move |_| opaque(&signer.token("alice", -120), 60)).await;
    refused(&secured.oauth(&endpoint.url), "invalid_token").await;
}
