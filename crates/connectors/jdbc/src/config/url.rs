//! JDBC URLs: which database, and the driver's parameters.

use std::path::PathBuf;
use std::time::Duration;

use api::config::{RawConfig, Report, placeholder};

use super::driver::{self, PostgresParameters};

/// The database of a URL.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A PostgreSQL database.
    Postgres(Box<PostgresParameters>),
    /// A SQLite file.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// How long a locked file is waited for.
        busy_timeout: Duration,
    },
    /// The URL holds a reference that is replaced later, in the task's memory.
    Unresolved,
}

const URL: &str = "connection.url";
const DEFAULT_PORT: u16 = 5432;
const DEFAULT_BUSY_TIMEOUT_MS: u64 = 3000; // the JDBC driver's

impl Target {
    /// The name of the dialect, as in `dialect.name`.
    pub(crate) fn dialect(&self) -> Option<&'static str> {
        match self {
            Target::Postgres(_) => Some("PostgreSqlDatabaseDialect"),
            Target::Sqlite { .. } => Some("SqliteDatabaseDialect"),
            Target::Unresolved => None,
        }
    }

    /// Reads a URL and the driver's parameters; `None` when there is a problem, which is in the report. Texts never
    /// repeat the URL: it may hold a password.
    pub(crate) fn parse(url: &str, driver: &RawConfig, report: &mut Report) -> Option<Self> {
        if placeholder::is_reference(url) {
            return Some(Target::Unresolved);
        }
        let Some(rest) = url.strip_prefix("jdbc:") else {
            let what =
                if url.is_empty() { "no JDBC URL is given" } else { "the URL does not begin with `jdbc:`" };
            report.add(
                URL,
                format!(
                    "Invalid value for configuration {URL}: {what}; write jdbc:postgresql://host:port/database \
                     or jdbc:sqlite:/path/file.db"
                ),
            );
            return None;
        };
        let (scheme, rest) = rest.split_once(':').unwrap_or((rest, ""));
        let found = match scheme {
            "postgresql" => postgres(rest, driver).map(|parameters| Target::Postgres(Box::new(parameters))),
            "sqlite" => sqlite(rest, driver),
            _ => {
                let scheme: String = scheme.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
                Err(vec![(
                    URL,
                    format!(
                        "Invalid value for configuration {URL}: there is no dialect for jdbc:{scheme} here; supported \
                         are jdbc:postgresql and jdbc:sqlite"
                    ),
                )])
            }
        };
        match found {
            Ok(target) => Some(target),
            Err(problems) => {
                for (key, problem) in problems {
                    report.add(key, problem);
                }
                None
            }
        }
    }
}

type Problems = Vec<(&'static str, String)>;

fn problem(text: impl std::fmt::Display) -> Problems {
    vec![(URL, format!("Invalid value for configuration {URL}: {text}"))]
}

/// `//host[:port][,host[:port]]/database?parameters`, `//host/`, `database`, `/`.
fn postgres(rest: &str, driver: &RawConfig) -> Result<PostgresParameters, Problems> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = match place.strip_prefix("//") {
        Some(place) => place.split_once('/').unwrap_or((place, "")),
        None => ("", place.trim_start_matches('/')),
    };
    let mut addresses = Vec::new();
    for host in hosts.split(',') {
        addresses.push(address(host).map_err(problem)?);
    }
    // The URL's parameters win over `connection.*`, as in the driver.
    let mut parameters = driver.clone();
    for (name, value) in ::url::form_urlencoded::parse(query.as_bytes()) {
        parameters.set(name.into_owned(), value.into_owned());
    }
    let database = percent_decoded(database).ok_or_else(|| problem("the database's name is not UTF-8"))?;
    let mut found = driver::postgres(&parameters)
        .map_err(|texts| texts.into_iter().flat_map(|text| problem(text)).collect::<Problems>())?;
    found.hosts = addresses;
    if !database.is_empty() {
        found.database = Some(database);
    }
    Ok(found)
}

fn address(text: &str) -> Result<(String, u16), String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or("a `[` of an IPv6 address has no `]`")?;
            (host, after.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        None | Some("") => DEFAULT_PORT,
        Some(port) => {
            port.parse().map_err(|_| format!("the port after host {host:?} is not a number up to 65535"))?
        }
    };
    Ok((if host.is_empty() { "localhost" } else { host }.to_owned(), port))
}

fn percent_decoded(text: &str) -> Option<String> {
    // `+` stays: only parameters are form-encoded.
    let pairs = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    let decoded = ::url::form_urlencoded::parse(pairs.as_bytes()).next()?.1.into_owned();
    (!decoded.contains('\u{fffd}')).then_some(decoded)
}

/// A path; `?name=value&…` after it are the driver's.
fn sqlite(rest: &str, driver: &RawConfig) -> Result<Target, Problems> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("file:").unwrap_or(path);
    if path.is_empty() || path == ":memory:" || path.starts_with(":resource:") {
        return Err(problem(
            "a database in memory has no tables of others; write the path of a file, jdbc:sqlite:/path/file.db",
        ));
    }
    let mut parameters = driver.clone();
    for (name, value) in ::url::form_urlencoded::parse(query.as_bytes()) {
        parameters.set(name.into_owned(), value.into_owned());
    }
    let mut busy_timeout = Duration::from_millis(DEFAULT_BUSY_TIMEOUT_MS);
    let mut ignored = Vec::new();
    let mut problems = Problems::new();
    for (name, value) in parameters.iter().filter_map(|(name, value)| Some((name, value?))) {
        match name {
            "busy_timeout" => match value.parse() {
                Ok(ms) => busy_timeout = Duration::from_millis(ms),
                Err(_) => problems.extend(problem("the parameter busy_timeout is not a number of milliseconds")),
            },
            "enable_load_extension" => {
                problems.extend(problem("the parameter enable_load_extension would load code; take it out"));
            }
            "date_class" | "date_precision" | "date_string_format" => problems.extend(problem(format_args!(
                "the parameter {name} is not supported; timestamps are read as milliseconds since the epoch, or as \
                 text `YYYY-MM-DD HH:MM:SS.fff`"
            ))),
            _ => ignored.push(name.to_owned()),
        }
    }
    if !ignored.is_empty() {
        tracing::warn!(parameters = ignored.join(", "), "driver parameters without effect here");
    }
    if problems.is_empty() { Ok(Target::Sqlite { path: path.into(), busy_timeout }) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, String> {
        let mut report = Report::default();
        Target::parse(url, &RawConfig::new(), &mut report).ok_or_else(|| report.to_string())
    }

    fn postgres_of(url: &str) -> PostgresParameters {
        match parse(url) {
            Ok(Target::Postgres(parameters)) => *parameters,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn urls_of_postgres() {
        let found =
            postgres_of("jdbc:postgresql://db:5433/shop%20a?user=u&password=abc123!&ApplicationName=a+b");
        assert_eq!(found.hosts, [("db".to_owned(), 5433)]);
        assert_eq!((found.database.as_deref(), found.user.as_deref()), (Some("shop a"), Some("u")));
        assert_eq!(found.application_name.as_deref(), Some("a b"));
        assert_eq!(found.password.map(|secret| secret.expose().to_owned()).as_deref(), Some("abc123!"));
        let found = postgres_of("jdbc:postgresql://a,[::1]:6000/");
        assert_eq!(found.hosts, [("a".to_owned(), 5432), ("::1".to_owned(), 6000)]);
        assert_eq!(postgres_of("jdbc:postgresql:shop").database.as_deref(), Some("shop"));
    }

    #[test]
    fn urls_of_sqlite() {
        assert!(
            matches!(parse("jdbc:sqlite:test.db"), Ok(Target::Sqlite { path, .. }) if path.as_os_str() == "test.db")
        );
        assert!(parse("jdbc:sqlite::memory:").is_err());
        assert!(parse("jdbc:sqlite:/x.db?enable_load_extension=true").is_err());
    }

    #[test]
    fn other_urls_are_refused_without_being_repeated() {
        let text = parse("jdbc:mysql://u:canary@h/d?password=canary").unwrap_err();
        assert!(text.contains("jdbc:mysql") && text.contains("jdbc:postgresql and jdbc:sqlite"), "{text}");
        assert!(!text.contains("canary"), "{text}");
        for url in ["", "postgresql://h/d", "jdbc:postgresql://h:port/d", "jdbc:", "jdbc:postgresql://[::1/d"]
        {
            assert!(parse(url).is_err(), "{url}");
        }
        assert!(matches!(parse("jdbc:postgresql://${env:HOST}/d"), Ok(Target::Unresolved)));
    }
}
