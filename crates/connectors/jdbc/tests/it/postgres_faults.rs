//! What goes wrong with a server, and what the task says and does.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use api::ErrorKind;
use api::data::SourceRecord;
use api::dynamic::DynSourceTask;
use testkit::contexts::Lent;
use testkit::postgres::Server;

use crate::support::{CONFLUENT, Database, class, failure, ids, read, task};

const WIDE: &str =
    "CREATE TABLE wide (id serial PRIMARY KEY, at timestamp NOT NULL DEFAULT '2023-01-01', x text);
    INSERT INTO wide (x) SELECT repeat('x', 2000) FROM generate_series(1, 30000);";

// Polls to the end, whatever breaks on the way, as the framework does; gives the records and the errors.
async fn read_on(task: &mut Box<dyn DynSourceTask>, count: usize) -> (Vec<SourceRecord>, Vec<api::Error>) {
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    while records.len() < count {
        match task.poll(Duration::from_millis(100)).await {
            Ok(batch) => records.extend(batch.records),
            Err(error) => {
                assert!(error.is_retriable(), "{error:?}");
                errors.push(error);
                assert!(errors.len() < 10, "{errors:?}");
            }
        }
    }
    (records, errors)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_mid_pass_loses_nothing() {
    let database = Database::new(WIDE).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'sluice jdbc source'";
    let config =
        database.config(&[("mode", "incrementing"), ("table.whitelist", "wide"), ("batch.max.rows", "500")]);
    let mut task = task(&config, &Lent::default()).await.unwrap();
    let mut records = read(&mut task, 500).await;
    database.run(cut).await;
    let (rest, errors) = read_on(&mut task, 30_000 - records.len()).await;
    records.extend(rest);
    assert!(!errors.is_empty(), "the cut was not noticed");
    // Nothing twice either: the pass goes on from what was handed out last.
    assert_eq!(ids(&records), (1..=30_000).collect::<Vec<_>>());
}

// In timestamp mode all rows tie: those handed out are repeated, none is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_within_a_tie_repeats_rows() {
    let database = Database::new(WIDE).await;
    let config = database.config(&[
        ("mode", "timestamp"),
        ("timestamp.column.name", "at"),
        ("table.whitelist", "wide"),
        ("batch.max.rows", "500"),
    ]);
    let mut task = task(&config, &Lent::default()).await.unwrap();
    let mut records = read(&mut task, 500).await;
    database
        .run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'sluice jdbc source'",
        )
        .await;
    let mut seen: BTreeSet<i64> = ids(&records).into_iter().collect();
    let mut errors = 0;
    while seen.len() < 30_000 {
        match task.poll(Duration::from_millis(100)).await {
            Ok(batch) => {
                seen.extend(ids(&batch.records));
                records.extend(batch.records);
            }
            Err(error) => {
                assert!(error.is_retriable() && errors < 10, "{error:?}");
                errors += 1;
            }
        }
    }
    assert!(errors > 0 && records.len() > 30_000, "{errors} errors, {} records", records.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_may_come_back() {
    let database = Database::new("CREATE TABLE t (id int)").await;
    let mut config = database.config(&[("mode", "bulk"), ("table.whitelist", "t")]);
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    config.set("connection.url", format!("jdbc:postgresql://127.0.0.1:{port}/db"));
    config.set("tables", "\"public\".\"t\"");
    let lent = Lent::default();
    let error = match class(CONFLUENT).start_task(config.clone(), lent.source()).await {
        Ok(_) => panic!("there is no server"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Retry, "{error}");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
    let report = class(CONFLUENT).check_connection(config).await.unwrap_err();
    assert!(report.of("connection.url")[0].contains("cannot connect"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_and_not_shown() {
    let database = Database::new("CREATE TABLE t (id int)").await;
    let mut config =
        database.config(&[("mode", "bulk"), ("table.whitelist", "t"), ("connection.password", "canary")]);
    config.set("tables", "\"public\".\"t\"");
    let lent = Lent::default();
    let Err(error) = class(CONFLUENT).start_task(config.clone(), lent.source()).await else {
        panic!("let in")
    };
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    let text = format!("{error} {error:?} {}", error.trace());
    assert!(text.contains("password authentication failed") && !text.contains("canary"), "{text}");
    let report = class(CONFLUENT).check_connection(config.clone()).await.unwrap_err();
    assert!(report.of("connection.url")[0].contains("connection.password"), "{report}");
    // The connector object says it too, instead of waiting for a list of tables.
    let lent = Lent::default();
    let mut connector = crate::support::connector(&config, &lent).await.unwrap();
    let error = connector.task_configs(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    let text = format!("{error} {error:?} {}", error.trace());
    assert!(text.contains("password authentication failed") && !text.contains("canary"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_queries_are_tried_as_often_as_the_config_says() {
    let database = Database::new("CREATE TABLE t (id int); INSERT INTO t VALUES (1)").await;
    // Cancelled by a time-out, which may pass: SQLState 57014.
    let mut config = database.config(&[
        ("mode", "bulk"),
        ("query", "SELECT pg_sleep(60), id FROM t"),
        ("topic.prefix", "q"),
        ("query.retry.attempts", "3"),
    ]);
    config.set("connection.url", database.url("?options=-c%20statement_timeout%3D50"));
    let mut retried = task(&config, &Lent::default()).await.unwrap();
    let mut kinds = Vec::new();
    while kinds.len() < 3 {
        if let Err(error) = retried.poll(Duration::from_secs(5)).await {
            kinds.push((error.kind(), error.to_string()));
        }
    }
    let found: Vec<_> = kinds.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(found, [ErrorKind::Retry, ErrorKind::Retry, ErrorKind::Fatal], "{kinds:?}");
    assert!(kinds[2].1.contains("3 times in a row"), "{kinds:?}");
    // An error that does not pass fails at once.
    let config = database.config(&[("mode", "bulk"), ("query", "SELECT nope FROM t"), ("topic.prefix", "q")]);
    let error = failure(&config, &Lent::default()).await;
    assert!(error.kind() == ErrorKind::Fatal && error.to_string().contains("SQLState 42703"), "{error}");
    let report = class(CONFLUENT).check_connection(config).await.unwrap_err();
    assert!(report.of("query")[0].contains("42703"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_asked_for_by_name() {
    let database = Database::new("CREATE TABLE t (id int); DROP ROLE IF EXISTS reader_of_nothing; CREATE ROLE reader_of_nothing LOGIN PASSWORD 'r'").await;
    let config = database.config(&[
        ("mode", "bulk"),
        ("table.whitelist", "t"),
        ("connection.user", "reader_of_nothing"),
        ("connection.password", "r"),
    ]);
    let error = failure(&config, &Lent::default()).await.to_string();
    assert!(error.contains("permission denied") && error.contains("grant SELECT"), "{error}");
    drop(database);
}

fn certificates(folder: &std::path::Path) {
    let script = r#"
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=test-ca \
            -addext basicConstraints=critical,CA:TRUE
        openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
        printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > server.ext
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext -out server.crt
        openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -days 30 -subj /CN=other-ca \
            -addext basicConstraints=critical,CA:TRUE"#;
    let output = Command::new("sh").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(
        output.status.success(),
        "certificates cannot be made; is openssl there (sudo apt-get install -y openssl)? {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_as_strict_as_sslmode_says() {
    let server = Arc::new(tokio::task::spawn_blocking(Server::start).await.unwrap().unwrap());
    if !server.is_private() {
        testkit::skip("tls_is_as_strict_as_sslmode_says", "another's server is not reconfigured");
        return;
    }
    let database = Database::on(server.clone(), "CREATE TABLE t (id int); INSERT INTO t VALUES (1)").await;
    let with = |parameters: &str| {
        let mut config =
            database.config(&[("mode", "bulk"), ("table.whitelist", "t"), ("connection.attempts", "1")]);
        config.set("connection.url", database.url(parameters).replace("127.0.0.1", "localhost"));
        config
    };
    let check =
        async |config| class(CONFLUENT).check_connection(config).await.map_err(|report| report.to_string());
    // Without TLS in the server.
    assert_eq!(check(with("?sslmode=prefer")).await, Ok(()));
    assert!(check(with("?sslmode=require")).await.unwrap_err().contains("TLS"));

    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    for file in ["server.key", "server.crt"] {
        // The server writes its own files, so that their owner is right.
        let encoded = Command::new("openssl")
            .args(["base64", "-A", "-in", file])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let encoded = String::from_utf8(encoded.stdout).unwrap();
        let copy = format!("COPY (SELECT '{}') TO PROGRAM 'umask 077; base64 -d > {file}'", encoded.trim());
        database.run(&copy).await;
    }
    for setting in ["ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"] {
        database.run(&format!("ALTER SYSTEM SET {setting}")).await;
    }
    database.run("SELECT pg_reload_conf()").await;
    for _ in 0..500 {
        if check(with("?sslmode=require")).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await; // the postmaster reads its settings in its own time
    }
    let (ca, other) = (folder.path().join("ca.crt"), folder.path().join("other.crt"));
    let (ca, other) = (ca.display(), other.display());
    for parameters in [
        "?sslmode=require".to_owned(),
        "?sslmode=prefer".to_owned(),
        "?sslmode=disable".to_owned(),
        format!("?sslmode=verify-ca&sslrootcert={ca}"),
        format!("?sslmode=verify-full&sslrootcert={ca}"),
        format!("?ssl=true&sslrootcert={ca}"),
    ] {
        assert_eq!(check(with(&parameters)).await, Ok(()), "{parameters}");
    }
    let config = with(&format!("?sslmode=verify-full&sslrootcert={ca}"));
    assert_eq!(read(&mut task(&config, &Lent::default()).await.unwrap(), 1).await.len(), 1);
    // Another authority; another name (the certificate is for localhost).
    for (parameters, host) in [
        (format!("?sslmode=verify-ca&sslrootcert={other}"), "localhost"),
        (format!("?sslmode=verify-full&sslrootcert={other}"), "localhost"),
        (format!("?sslmode=verify-full&sslrootcert={ca}"), "127.0.0.1"),
        ("?sslmode=verify-full&sslrootcert=/no/such/file".to_owned(), "localhost"),
    ] {
        let mut config = with(&parameters);
        let url = config.get("connection.url").unwrap().replace("localhost", host);
        config.set("connection.url", url);
        assert!(check(config).await.is_err(), "{parameters} {host}");
    }
    let mut config = with(&format!("?sslmode=verify-ca&sslrootcert={ca}"));
    let url = config.get("connection.url").unwrap().replace("localhost", "127.0.0.1");
    config.set("connection.url", url);
    assert_eq!(check(config).await, Ok(()));
}
