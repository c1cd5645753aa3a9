//! Invariant 5, on the whole program: a secret of its own in each place that can hold one, everything asked, the log at its most
//! talkative. No secret is found, neither as it is, nor in base64, nor a piece of it of eight characters.
//!
//! One exception is Kafka's own format: a secret that stands in a connector's config itself is in the config topic, and is shown to
//! who may change it.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that cannot go on fails; whoever repeats it needs its seed

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use testkit::scenario::{Answer, Request, request};

/// Makes secrets, and finds them again.
struct Secrets {
    random: StdRng,
    all: Vec<(String, String)>,
}

impl Secrets {
    fn new() -> Self {
        let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
        println!("SEED={seed}");
        Self { random: StdRng::seed_from_u64(seed), all: Vec::new() }
    }

    /// A secret that is nowhere else.
    fn make(&mut self, place: &str) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        let letters = (0..24).map(|_| char::from(LETTERS[self.random.random_range(0..LETTERS.len())]));
        let secret: String = letters.collect();
        self.all.push((place.to_owned(), secret.clone()));
        secret
    }

    /// The places whose secret is in this text, in one form or another.
    fn found_in(&self, text: &[u8], but: &[&str]) -> Vec<String> {
        let has = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
        let pieces = |secret: &str| (0..=secret.len() - 8).any(|at| has(&secret.as_bytes()[at..at + 8]));
        let known = self.all.iter().filter(|(place, _)| !but.contains(&place.as_str()));
        known
            .filter(|(_, secret)| pieces(secret) || in_base64(secret).iter().any(|form| has(form.as_bytes())))
            .map(|(place, _)| place.clone())
            .collect()
    }
}

/// What a secret looks like in base64, wherever in a longer text it stands.
fn in_base64(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    (0..3)
        .map(|shift| {
            let bytes = [&vec![0; shift][..], secret.as_bytes()].concat();
            let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&bytes);
            encoded[(shift * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
        })
        .collect()
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let begin = Instant::now();
    loop {
        match ask() {
            Ok(found) => return found,
            Err(last) if begin.elapsed() > Duration::from_secs(60) => panic!("{what}: {last}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn sluice() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sluice"))
}

/// All files of a folder, with what they hold.
fn files(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path => found.push((path.clone(), std::fs::read(&path).unwrap_or_default())),
        }
    }
}

fn hash(password: &str) -> String {
    let mut made = sluice()
        .args(["worker", "--hash-password"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(made.stdin.as_mut().unwrap(), password.as_bytes()).unwrap();
    drop(made.stdin.take());
    let output = made.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Routes of the manual's table that are read, for this connector.
fn paths(connector: &str) -> Vec<String> {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/rest-api.md");
    let text = std::fs::read_to_string(manual).unwrap();
    let table = text.lines().skip_while(|line| !line.starts_with("| request | nobody"));
    let rows = table.take_while(|line| line.starts_with('|')).filter_map(|line| line.strip_prefix("| `GET "));
    let paths = rows.filter_map(|row| row.split('`').next());
    let fill = |path: &str| {
        path.replace("{name}", connector)
            .replace("{task}", "0")
            .replace("{plugin}", "JdbcSource")
            .replace("{logger}", "root")
    };
    let mut paths: Vec<String> = paths.map(fill).collect();
    assert!(paths.len() > 15, "{paths:?}");
    paths.push("/connectors?expand=info&expand=status".to_owned());
    paths
}

#[test]
fn invariant_5_no_secret_is_anywhere() {
    let mut secrets = Secrets::new();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let dev = sluice()
        .args(["dev", "-o", "json", "--data", &at("data")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut dev = Process(dev.unwrap());
    let output = dev.0.stdout.take().unwrap();
    let stack: Value = serde_json::Deserializer::from_reader(output).into_iter().next().unwrap().unwrap();
    let kafka = stack["result"]["kafka"].as_str().unwrap().to_owned();

    // The worker: its users, its clients' settings, and what its providers look up.
    let (admin, viewer) = (secrets.make("admin's password"), secrets.make("viewer's password"));
    std::fs::write(at("users"), format!("ann:admin:{}\nvic:viewer:{}\n", hash(&admin), hash(&viewer)))
        .unwrap();
    let names = ["password", "url", "query", "registry"];
    let looked_up: String =
        names.iter().map(|name| format!("{name}={}\n", secrets.make(&format!("provider: {name}")))).collect();
    std::fs::create_dir(at("secrets")).unwrap();
    std::fs::write(at("secrets/s.properties"), looked_up).unwrap();
    let jaas = |password: &str| {
        format!(
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"{password}\";"
        )
    };
    let properties = [
        ("bootstrap.servers", kafka),
        ("group.id", "canary".to_owned()),
        ("config.storage.topic", "c-configs".to_owned()),
        ("offset.storage.topic", "c-offsets".to_owned()),
        ("status.storage.topic", "c-statuses".to_owned()),
        ("config.storage.replication.factor", "1".to_owned()),
        ("offset.storage.replication.factor", "1".to_owned()),
        ("status.storage.replication.factor", "1".to_owned()),
        ("listeners", "http://127.0.0.1:0".to_owned()),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter".to_owned()),
        ("value.converter", "org.apache.kafka.connect.storage.StringConverter".to_owned()),
        ("connector.client.config.override.policy", "All".to_owned()),
        ("config.providers", "file".to_owned()),
        (
            "config.providers.file.class",
            "org.apache.kafka.common.config.provider.FileConfigProvider".to_owned(),
        ),
        ("config.providers.file.param.allowed.paths", at("secrets")),
        ("producer.sasl.jaas.config", jaas(&secrets.make("producer.sasl.jaas.config"))),
        ("consumer.sasl.jaas.config", jaas(&secrets.make("consumer.sasl.jaas.config"))),
        ("sluice.rest.authentication", "basic".to_owned()),
        ("sluice.rest.basic.file", at("users")),
        ("sluice.rest.audit.file", at("audit")),
    ];
    let text: String = properties.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    std::fs::write(at("worker.properties"), text).unwrap();
    let mut worker = sluice();
    worker.args(["worker", &at("worker.properties"), "--log-level", "trace"]).stdin(Stdio::null());
    worker.stdout(File::create(at("out")).unwrap()).stderr(File::create(at("log")).unwrap());
    let worker = Process(worker.spawn().unwrap());
    let address = eventually("the worker listens", || {
        let log = std::fs::read_to_string(at("log")).unwrap() + &std::fs::read_to_string(at("out")).unwrap();
        let line = log.split("REST listens on http://").nth(1);
        line.and_then(|rest| rest.split_whitespace().next()).map(str::to_owned).ok_or(log)
    });
    let ask = |who: (&str, &str), method: &str, path: &str, body: &str| -> Answer {
        use base64::Engine as _;
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", who.0, who.1));
        let headers = [
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), format!("Basic {credentials}")),
        ];
        let (method, path) = (method.to_owned(), path.to_owned());
        let asked = Request { method, path, headers: headers.into(), body: body.as_bytes().to_vec() };
        request(&address, &asked).unwrap()
    };
    let (ann, vic) = (("ann", admin.as_str()), ("vic", viewer.as_str()));

    // Connectors that fail, each with secrets in its config itself and from a provider.
    let reference = |name: &str| format!("${{file:{}:{name}}}", at("secrets/s.properties"));
    let inline: Vec<String> = ["connection.password", "connection.url", "user.info", "override", "api.key"]
        .iter()
        .map(|key| secrets.make(&format!("inline: {key}")))
        .collect();
    let jdbc = |more: Value| {
        let mut config = json!({
            "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "mode": "bulk", "topic.prefix": "t-",
            "connection.attempts": "1", "connection.backoff.ms": "10",
        });
        more.as_object().unwrap().iter().for_each(|(key, value)| config[key] = value.clone());
        config
    };
    let connectors = [
        (
            "inline",
            jdbc(json!({
                "connection.url": format!("jdbc:postgresql://127.0.0.1:1/x?user=u&password={}", inline[1]),
                "connection.user": "u", "connection.password": inline[0], "other.api.key": inline[4],
                "table.whitelist": "t",
            })),
        ),
        (
            "provider",
            jdbc(json!({
                "connection.url": format!("jdbc:postgresql://127.0.0.1:1/x?user=u&options={}", reference("url")),
                "connection.user": "u", "connection.password": reference("password"), "table.whitelist": "t",
            })),
        ),
        (
            "query",
            jdbc(json!({
                "connection.url": format!("jdbc:sqlite:{}", at("db")),
                "query": format!("SELECT '{}' FROM nowhere", reference("query")),
            })),
        ),
        (
            "registry",
            json!({
                "connector.class": "FileStreamSource", "file": at("in.txt"), "topic": "t-avro",
                "value.converter": "io.confluent.connect.avro.AvroConverter",
                "value.converter.schema.registry.url": format!("http://u:{}@127.0.0.1:1", reference("registry")),
                "value.converter.basic.auth.credentials.source": "USER_INFO",
                "value.converter.basic.auth.user.info": format!("u:{}", inline[2]),
            }),
        ),
        (
            "override",
            json!({
                "connector.class": "FileStreamSource", "file": at("in.txt"), "topic": "t-override",
                "producer.override.security.protocol": "SASL_PLAINTEXT",
                "producer.override.sasl.mechanism": "PLAIN",
                "producer.override.sasl.jaas.config": jaas(&inline[3]),
            }),
        ),
        (
            "letters",
            json!({
                "connector.class": "FileStreamSink", "file": at("out.txt"), "topics": "t-lines",
                "value.converter": "org.apache.kafka.connect.json.JsonConverter", "other.api.key": inline[4],
                "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "t-letters",
                "errors.deadletterqueue.topic.replication.factor": "1",
                "errors.deadletterqueue.context.headers.enable": "true",
            }),
        ),
        ("lines", json!({"connector.class": "FileStreamSource", "file": at("in.txt"), "topic": "t-lines"})),
    ];
    std::fs::write(at("in.txt"), "no json\n").unwrap();
    for (name, config) in &connectors {
        let body = json!({"name": name, "config": config}).to_string();
        eventually(&format!("{name} is made"), || match ask(ann, "POST", "/connectors", &body) {
            answer if answer.status == 201 => Ok(()),
            answer => Err(format!("{}: {}", answer.status, answer.body)),
        });
    }
    eventually("a letter is dead", || {
        let metrics = ask(vic, "GET", "/metrics", "").body;
        let sent = metrics.lines().find(|line| {
            line.contains("deadletterqueue_produce_requests")
                && line.contains("\"letters\"")
                && !line.ends_with(" 0")
        });
        sent.map(drop).ok_or_else(|| "none yet".to_owned())
    });

    // Everything that can be asked: by who reads, and what is refused.
    let is_config =
        |path: &str| path.ends_with("/config") || path.ends_with("/tasks") || path.contains("expand=info");
    let inline_places = [
        "inline: connection.password",
        "inline: connection.url",
        "inline: user.info",
        "inline: override",
        "inline: api.key",
    ];
    let check = |what: &str, text: &[u8], but: &[&str]| {
        let found = secrets.found_in(text, but);
        assert!(found.is_empty(), "{what} has the secret of {found:?}: {}", String::from_utf8_lossy(text));
    };
    for (name, config) in &connectors {
        for path in paths(name) {
            check(&format!("viewer: {path}"), ask(vic, "GET", &path, "").body.as_bytes(), &[]);
            let whole = is_config(&path) || path == format!("/connectors/{name}");
            let but: &[&str] = if whole { &inline_places } else { &[] };
            check(&format!("admin: {path}"), ask(ann, "GET", &path, "").body.as_bytes(), but);
        }
        let class = config["connector.class"].as_str().unwrap();
        let validate = format!("/connector-plugins/{class}/config/validate");
        for (method, path, body) in [
            ("PUT", validate.clone(), config.to_string()),
            (
                "PUT",
                validate,
                json!({"connector.class": class, "tasks.max": reference("password")}).to_string(),
            ),
            (
                "PUT",
                format!("/connectors/{name}/config"),
                json!({"tasks.max": reference("password")}).to_string(),
            ),
            (
                "POST",
                "/connectors".to_owned(),
                format!("{{\"name\": \"x\", \"config\": {{\"k\": \"{}\"", inline[0]),
            ),
            ("POST", format!("/connectors/{name}/restart"), String::new()),
            ("POST", format!("/connectors/{name}/tasks/0/restart"), String::new()),
        ] {
            let answer = ask(ann, method, &path, &body);
            // An answer may repeat what it was sent.
            let but: &[&str] = if body.is_empty() { &[] } else { &inline_places };
            check(&format!("{method} {path}"), answer.body.as_bytes(), but);
        }
    }
    for who in [("ann", "wrong"), ("nobody", admin.as_str()), (admin.as_str(), "")] {
        check("denied", ask(who, "GET", "/connectors", "").body.as_bytes(), &[]);
    }
    eventually("what fails has failed", || {
        let answer = ask(vic, "GET", "/sluice/v1/connectors", "").body;
        let all: Value = serde_json::from_str(&answer).unwrap();
        let troubled = all.as_array().unwrap().iter().filter(|one| one["health"] != "OK").count();
        if troubled >= 4 { Ok(()) } else { Err(all.to_string()) }
    });
    for (name, _) in &connectors {
        let status = ask(vic, "GET", &format!("/connectors/{name}/status"), "");
        check(&format!("{name}'s status"), status.body.as_bytes(), &[]);
    }

    // What was written: the log, the audit file, and all topics.
    drop(worker);
    drop(dev);
    check("the audit file", &std::fs::read(at("audit")).unwrap(), &[]);
    for file in ["log", "out"] {
        for line in std::fs::read(at(file)).unwrap().split(|byte| *byte == b'\n') {
            check("a line of the log", line, &[]);
        }
    }
    let mut found = Vec::new();
    files(Path::new(&at("data")), &mut found);
    let of_topic = |name: &str| found.iter().any(|(path, _)| path.display().to_string().contains(name));
    for topic in ["c-configs", "c-offsets", "c-statuses", "t-letters"] {
        assert!(
            of_topic(topic),
            "{topic} is in no file: {:?}",
            found.iter().map(|(path, _)| path).collect::<Vec<_>>()
        );
    }
    // What is looked for is found where it is.
    let stored = found.iter().filter(|(path, _)| path.display().to_string().contains("c-configs"));
    let stored: Vec<String> = stored.flat_map(|(_, bytes)| secrets.found_in(bytes, &[])).collect();
    for place in inline_places {
        assert!(stored.iter().any(|known| known == place), "{place} is not in the config topic: {stored:?}");
    }
    for (path, bytes) in &found {
        let name = path.display().to_string();
        let but: &[&str] = if name.contains("c-configs") { &inline_places } else { &[] };
        check(&name, bytes, but);
    }
}
