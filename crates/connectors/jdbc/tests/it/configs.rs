//! Configs: what is refused, with which text, on which key; and configs of others.

use api::config::{Catalog as _, DefaultValue, RawConfig};

use crate::support::{AIVEN, CONFLUENT, raw, registry};

fn errors(config: &RawConfig) -> Vec<(String, String)> {
    let registry = registry();
    let class = config.get("connector.class").unwrap_or(CONFLUENT);
    let plugin = registry.plugins().into_iter().find(|plugin| plugin.class == class).unwrap();
    let values = (plugin.validate)(config);
    values
        .into_iter()
        .flat_map(|value| value.errors.into_iter().map(move |error| (value.name.clone(), error)))
        .collect()
}

fn good() -> RawConfig {
    raw(&[
        ("connection.url", "jdbc:postgresql://h/d"),
        ("mode", "incrementing"),
        ("incrementing.column.name", "id"),
        ("table.whitelist", "t"),
        ("topic.prefix", "p"),
    ])
}

fn check(changes: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut config = good();
    for (key, value) in changes {
        match *value {
            "-" => {
                config.remove(key);
            }
            value => config.set(*key, value),
        }
    }
    let found = errors(&config);
    assert_eq!(found.len(), expected.len(), "{changes:?}: {found:#?}");
    for (key, text) in expected {
        assert!(
            found.iter().any(|(k, t)| k == key && t.contains(text)),
            "{changes:?}: {key}: {text}: {found:#?}"
        );
    }
}

#[test]
fn a_good_config_has_no_error() {
    check(&[], &[]);
    check(
        &[
            ("connection.sslmode", "require"),
            ("connection.ApplicationName", "x"),
            ("connection.whatever", "y"),
        ],
        &[],
    );
    check(&[("mode", "timestamp"), ("incrementing.column.name", "-"), ("timestamp.column.name", "a,b")], &[]);
    check(&[("table.whitelist", "-"), ("query", "select * from t")], &[]);
    check(
        &[
            ("table.whitelist", "-"),
            ("incrementing.column.name", "-"),
            ("table.include.list", "a.*"),
            ("incrementing.column.mapping", ".*:id"),
        ],
        &[],
    );
}

#[test]
fn keys_are_checked_one_by_one_first() {
    check(
        &[("batch.max.rows", "1000 rows"), ("table.blacklist", "x")],
        &[("batch.max.rows", "Not a number of type INT"), ("batch.max.rows", "non-null")],
    );
    check(&[("mode", "increment")], &[("mode", "String must be one of")]);
    check(
        &[("numeric.mapping", "best-fit")],
        &[("numeric.mapping", "String must be one of (case insensitive)")],
    );
    check(&[("topic.prefix", "a b")], &[("topic.prefix", "topic name")]);
    check(&[("db.timezone", "Mars")], &[("db.timezone", "time zone")]);
    check(&[("dialect.name", "NoDialect")], &[("dialect.name", "String must be one of")]);
    check(&[("poll.interval.ms", "-5000")], &[("poll.interval.ms", "at least 0")]);
}

#[test]
fn keys_are_checked_against_each_other() {
    check(&[("mode", "-")], &[("mode", "query mode must be specified")]);
    check(&[("connection.url", "-")], &[("connection.url", "no JDBC URL")]);
    check(
        &[("connection.url", "jdbc:redis://h/d")],
        &[("connection.url", "jdbc:postgresql and jdbc:sqlite")],
    );
    check(
        &[("transaction.isolation.mode", "SQL_SERVER_SNAPSHOT")],
        &[("transaction.isolation.mode", "SQL Server only")],
    );
    check(&[("dialect.name", "OracleDatabaseDialect")], &[("dialect.name", "another database")]);
    check(
        &[("jdbc.credentials.provider.class", "x.Y")],
        &[("jdbc.credentials.provider.class", "Java classes")],
    );
    check(&[("connection.socketFactory", "x.Y")], &[("connection.url", "socketFactory")]);
    let lists = ["table.whitelist", "table.blacklist", "table.include.list", "table.exclude.list"];
    check(&[("table.whitelist", "-")], &lists.map(|key| (key, "is required")));
    check(&[("table.blacklist", "x")], &[("table.whitelist", "exclusive"), ("table.blacklist", "exclusive")]);
    check(
        &[("table.include.list", "x")],
        &[
            ("table.whitelist", "cannot be used together"),
            ("incrementing.column.name", "cannot be used together"),
            ("table.include.list", "cannot be used together"),
            ("mode", "needs incrementing.column.mapping"),
        ],
    );
    check(&[("query", "SELECT 1")], &[("query", "together with lists of tables")]);
    check(
        &[("table.whitelist", "-"), ("query", "SELECT 1"), ("query.masked", "SELECT 2")],
        &[("query", "cannot both"), ("query.masked", "cannot both")],
    );
    check(
        &[("table.whitelist", "-"), ("query.masked", "DELETE FROM t")],
        &[("query.masked", "must begin with SELECT")],
    );
    check(
        &[("table.whitelist", "-"), ("query", "SELECT 1"), ("incrementing.column.name", "-")],
        &[("incrementing.column.name", "no auto-increment")],
    );
    check(
        &[
            ("table.whitelist", "-"),
            ("incrementing.column.name", "-"),
            ("query", "SELECT 1"),
            ("mode", "timestamp"),
            ("timestamp.columns.mapping", ".*:[a]"),
        ],
        &[("timestamp.columns.mapping", "is for tables")],
    );
    check(&[("mode", "timestamp")], &[("timestamp.column.name", "needs timestamp.column.name")]);
    check(
        &[
            ("table.whitelist", "-"),
            ("incrementing.column.name", "-"),
            ("table.exclude.list", "a("),
            ("mode", "bulk"),
            ("timestamp.columns.mapping", "x:y"),
        ],
        &[
            ("table.exclude.list", "needs table.include.list"),
            ("table.exclude.list", "not a regular expression"),
            ("mode", "does not use timestamp.columns.mapping"),
            ("timestamp.columns.mapping", "of the form"),
        ],
    );
    // SQLite's own rules.
    check(
        &[("connection.url", "jdbc:sqlite:/x.db"), ("transaction.isolation.mode", "READ_COMMITTED")],
        &[("transaction.isolation.mode", "SQLite has SERIALIZABLE")],
    );
}

#[test]
fn aivens_rules_are_its_own() {
    let mut config = raw(&[("connector.class", AIVEN)]);
    let found: Vec<String> = errors(&config).into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, ["connection.url", "mode", "topic.prefix"]);
    for (key, value) in
        [("connection.url", "jdbc:sqlite:x.db"), ("mode", "incrementing"), ("topic.prefix", "p")]
    {
        config.set(key, value);
    }
    assert_eq!(errors(&config), []);
    config.set("numeric.mapping", "best_fit_eager_double");
    assert_eq!(errors(&config)[0].0, "numeric.mapping");
}

#[test]
fn invariant_5_no_secret_is_in_an_answer() {
    let mut config = good();
    for (key, value) in [
        ("connection.password", "canary"),
        ("query.masked", "canary"),
        ("connection.url", "jdbc:nope://u:canary@h/d?password=canary"),
        ("connection.sslpassword", "canary"),
    ] {
        config.set(key, value);
    }
    let found = errors(&config);
    assert!(found.len() >= 3 && !format!("{found:?}").contains("canary"), "{found:#?}");
}

/// Configs of the collection that are refused, and why they should be.
const REFUSED: &[(&str, &str)] = &[
    // A template: the port is a word in braces.
    ("jdbc-source-aiven--jdbc-source-connector--2e47c88d.json", "port"),
    // No list of tables and no query, which the published validation refuses.
    ("jdbc-source-confluent--jdbc-source-postgres-01--626c1a79.json", "is required"),
    ("jdbc-source-confluent--jdbc-source-postgres-01--6a4a1906.json", "is required"),
];

#[test]
fn configs_of_others_are_accepted() {
    let Some(shared) = testkit::shared("jdbc configs_of_others_are_accepted") else { return };
    let mut checked = 0;
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(shared.join("corpus/connectors")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(serde_json::Value::Object(json)) = serde_json::from_str(&text) else { continue };
        let json = match json.get("config") {
            Some(serde_json::Value::Object(config)) => config.clone(),
            _ => json,
        };
        let config: RawConfig = json
            .iter()
            .filter_map(|(key, value)| match value {
                serde_json::Value::String(text) => Some((key.clone(), text.clone())),
                serde_json::Value::Null => None,
                other => Some((key.clone(), other.to_string())),
            })
            .collect();
        let ours = [CONFLUENT, AIVEN].contains(&config.get("connector.class").unwrap_or_default());
        let url = config.get("connection.url").unwrap_or_default();
        if !ours || !(url.starts_with("jdbc:postgresql") || url.starts_with("jdbc:sqlite")) {
            continue;
        }
        checked += 1;
        let found = errors(&config);
        let expected = REFUSED.iter().find(|(file, _)| *file == name).map(|(_, text)| *text);
        let as_expected = match expected {
            None => found.is_empty(),
            Some(text) => found.iter().any(|(_, error)| error.contains(text)),
        };
        if !as_expected {
            problems.push(format!("{name}: {found:?}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(checked >= 15, "only {checked} configs found");
}

// The published definition, as its validation answered: every key, with its default and importance.
#[test]
fn keys_and_defaults_are_the_published_ones() {
    let Some(shared) = testkit::shared("jdbc keys_and_defaults_are_the_published_ones") else { return };
    let path = shared
        .join("specs/plugin-definitions/self-managed/io.confluent.connect.jdbc.JdbcSourceConnector.json");
    let text = std::fs::read_to_string(path).unwrap();
    let text = format!("{{{}}}", text.trim().trim_end_matches(','));
    let serde_json::Value::Object(published) = serde_json::from_str(&text).unwrap() else {
        panic!("an object")
    };
    let registry = registry();
    let plugin = registry.plugins().into_iter().find(|plugin| plugin.class == CONFLUENT).unwrap();
    let framework = ["exactly.once.support", "transaction.boundary", "transaction.boundary.interval.ms"];
    for (name, default) in published.iter().filter(|(name, _)| !framework.contains(&name.as_str())) {
        let key = plugin.definition.key(name).unwrap_or_else(|| panic!("{name} is not declared"));
        let ours = match &key.default {
            DefaultValue::Text(text) => text.clone(),
            DefaultValue::Null => String::new(),
            DefaultValue::Required => panic!("{name} has a default"),
        };
        // The dump shows the type where the default is empty.
        let theirs = default.as_str().unwrap();
        let theirs = if ["STRING", "LIST", "[hidden]"].contains(&theirs) { "" } else { theirs };
        assert_eq!(ours, theirs, "{name}");
    }
    let unpublished: Vec<&str> = plugin
        .definition
        .keys()
        .map(|key| key.name.as_str())
        .filter(|name| !published.contains_key(*name))
        .collect();
    assert_eq!(unpublished, [] as [&str; 0]);
}
