//! The PostgreSQL driver's parameters: those that are honoured, those that would run or read something, the rest.

use std::path::PathBuf;
use std::time::Duration;

use api::config::{RawConfig, Secret};

/// How much TLS is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SslMode {
    Disable,
    /// In the clear when the server has no TLS.
    #[default]
    Prefer,
    /// Encrypted, the server not checked.
    Require,
    /// The server's certificate is signed by a known authority.
    VerifyCa,
    /// And it is for this host.
    VerifyFull,
}

/// Parameters of a connection to PostgreSQL.
#[derive(Debug, Clone, Default)]
pub(crate) struct PostgresParameters {
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) database: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) ssl_mode: SslMode,
    pub(crate) ssl_root_cert: Option<PathBuf>,
    pub(crate) ssl_cert: Option<PathBuf>,
    pub(crate) ssl_key: Option<PathBuf>,
    pub(crate) application_name: Option<String>,
    /// As libpq's `options`: `-c name=value`.
    pub(crate) options: Vec<String>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) login_timeout: Option<Duration>,
    pub(crate) socket_timeout: Option<Duration>,
    pub(crate) keepalives: bool,
    pub(crate) primary_only: Option<bool>,
}

// They name Java classes or files, or ask for a way to authenticate that is not here.
const REFUSED: &[(&str, &str)] = &[
    ("socketFactory", "it names a Java class"),
    ("socketFactoryArg", "it belongs to a Java class"),
    ("sslfactory", "it names a Java class; use sslmode and sslrootcert"),
    ("sslfactoryarg", "it belongs to a Java class"),
    ("sslhostnameverifier", "it names a Java class; use sslmode=verify-ca or verify-full"),
    ("sslpasswordcallback", "it names a Java class"),
    ("sslpassword", "encrypted keys cannot be read; give sslkey an unencrypted PKCS#8 key"),
    ("authenticationPluginClassName", "it names a Java class"),
    ("xmlFactoryFactory", "it names a Java class"),
    ("loggerFile", "it writes a file"),
    ("loggerLevel", "logging is set in the worker"),
    ("service", "it reads a file; put host, database and user into the URL"),
    ("jaasApplicationName", "Kerberos is not supported"),
    ("jaasLogin", "Kerberos is not supported"),
    ("kerberosServerName", "Kerberos is not supported"),
    ("useSpnego", "Kerberos is not supported"),
    ("gsslib", "Kerberos is not supported"),
    ("sspiServiceClass", "Kerberos is not supported"),
    ("localSocketAddress", "the local address cannot be chosen"),
    ("replication", "a replication connection cannot run queries"),
];

/// Reads parameters, by the driver's names.
///
/// # Errors
/// All that is wrong, one text each, without secrets.
pub(crate) fn postgres(parameters: &RawConfig) -> Result<PostgresParameters, Vec<String>> {
    let mut found = PostgresParameters { keepalives: true, ..PostgresParameters::default() };
    let mut problems = Vec::new();
    let mut ignored = Vec::new();
    let mut ssl = None;
    let mut mode = None;
    for (name, value) in parameters.iter().filter_map(|(name, value)| Some((name, value?))) {
        if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            problems.push(format!("the driver parameter {name} is not supported: {why}"));
            continue;
        }
        let mut seconds = |name: &str| match value.trim().parse::<u64>() {
            Ok(0) => None,
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => {
                problems.push(format!("the driver parameter {name} is not a number of seconds"));
                None
            }
        };
        match name {
            "user" => found.user = Some(value.to_owned()),
            "password" => found.password = Some(Secret::new(value)),
            "sslmode" => mode = Some(value),
            "ssl" => ssl = Some(value),
            "sslrootcert" => found.ssl_root_cert = Some(value.into()),
            "sslcert" => found.ssl_cert = Some(value.into()),
            "sslkey" => found.ssl_key = Some(value.into()),
            "ApplicationName" => found.application_name = Some(value.to_owned()),
            "currentSchema" => found.options.push(format!("-c search_path={}", escaped(value))),
            "options" => found.options.push(value.to_owned()),
            "readOnly" if value.eq_ignore_ascii_case("true") => {
                found.options.push("-c default_transaction_read_only=on".to_owned());
            }
            "readOnly" => {}
            "connectTimeout" => found.connect_timeout = seconds(name),
            "loginTimeout" => found.login_timeout = seconds(name),
            "socketTimeout" => found.socket_timeout = seconds(name),
            "tcpKeepAlive" => found.keepalives = !value.eq_ignore_ascii_case("false"),
            "targetServerType" => match value {
                "any" => found.primary_only = None,
                "primary" | "master" => found.primary_only = Some(true),
                "secondary" | "slave" => found.primary_only = Some(false),
                _ => problems.push(
                    "the driver parameter targetServerType can be any, primary or secondary here".to_owned(),
                ),
            },
            _ => ignored.push(name.to_owned()),
        }
    }
    match ssl_mode(mode, ssl) {
        Ok(mode) => found.ssl_mode = mode,
        Err(problem) => problems.push(problem),
    }
    if !ignored.is_empty() {
        tracing::warn!(parameters = ignored.join(", "), "driver parameters without effect here");
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

// `ssl=true` alone is verify-full, as in the driver. `ssl=require`, which the driver takes for `prefer`, asks for
// encryption: it gets it.
fn ssl_mode(mode: Option<&str>, ssl: Option<&str>) -> Result<SslMode, String> {
    match (mode.map(str::to_ascii_lowercase).as_deref(), ssl.map(str::to_ascii_lowercase).as_deref()) {
        (Some("disable"), _) => Ok(SslMode::Disable),
        (Some("allow" | "prefer"), _) => Ok(SslMode::Prefer),
        (Some("require"), _) => Ok(SslMode::Require),
        (Some("verify-ca"), _) => Ok(SslMode::VerifyCa),
        (Some("verify-full"), _) => Ok(SslMode::VerifyFull),
        (Some(_), _) => {
            Err("sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full".to_owned())
        }
        (None, Some("true" | "")) => Ok(SslMode::VerifyFull),
        (None, Some("require")) => Ok(SslMode::Require),
        (None, _) => Ok(SslMode::Prefer),
    }
}

// libpq's rule for values in `options`: blanks and backslashes are escaped.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(' ', "\\ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<PostgresParameters, Vec<String>> {
        postgres(&parameters.iter().map(|(name, value)| (*name, *value)).collect())
    }

    #[test]
    fn tls_is_asked_for_as_in_the_driver() {
        for (parameters, mode) in [
            (&[][..], SslMode::Prefer),
            (&[("ssl", "false")], SslMode::Prefer),
            (&[("ssl", "true")], SslMode::VerifyFull),
            (&[("ssl", "require")], SslMode::Require),
            (&[("ssl", "true"), ("sslmode", "require")], SslMode::Require),
            (&[("sslmode", "verify-ca")], SslMode::VerifyCa),
            (&[("sslmode", "disable")], SslMode::Disable),
        ] {
            assert_eq!(parse(parameters).unwrap().ssl_mode, mode, "{parameters:?}");
        }
        assert!(parse(&[("sslmode", "maybe")]).is_err());
    }

    #[test]
    fn what_loads_classes_or_reads_files_is_refused() {
        for name in ["socketFactory", "sslfactory", "service", "loggerFile", "authenticationPluginClassName"]
        {
            let problems = parse(&[(name, "canary")]).unwrap_err();
            assert!(problems[0].contains(name) && !problems[0].contains("canary"), "{problems:?}");
        }
    }

    #[test]
    fn timeouts_are_seconds_and_zero_is_none() {
        let found =
            parse(&[("connectTimeout", "7"), ("socketTimeout", "0"), ("currentSchema", "a b")]).unwrap();
        assert_eq!((found.connect_timeout, found.socket_timeout), (Some(Duration::from_secs(7)), None));
        assert_eq!(found.options, ["-c search_path=a\\ b"]);
        assert!(parse(&[("connectTimeout", "soon")]).is_err());
    }
}
