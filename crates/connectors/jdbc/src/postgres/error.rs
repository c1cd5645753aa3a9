//! What an error of the server or of the connection means.

use api::{Error, ErrorKind};

/// The error, with what failed. Texts are the server's; it never repeats a password.
pub(super) fn of(error: tokio_postgres::Error, what: &str) -> Error {
    if let Some(db) = error.as_db_error() {
        let kind = kind(db.code().code());
        let mut text = format!("{what}: {} (SQLState {})", db.message(), db.code().code());
        if let Some(detail) = db.detail() {
            text.push_str(&format!("; {detail}"));
        }
        let found = Error::new(kind, text);
        return match (hint(db.code().code()), db.hint()) {
            (Some(hint), _) => found.hint(hint),
            (None, Some(hint)) => found.hint(hint),
            (None, None) => found,
        };
    }
    let text = error.to_string();
    if text.starts_with("invalid configuration") {
        return Error::misconfigured(format!("{what}: {text}")).caused_by(error);
    }
    // A handshake that a wrong certificate breaks breaks again; one that the network breaks shows as I/O.
    if text.starts_with("error performing TLS handshake") && !is_cut(&error) {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        return Error::misconfigured(format!("{what}: TLS with the server failed: {cause}"))
            .hint("check sslmode, sslrootcert and the server's certificate")
            .caused_by(error);
    }
    if text.starts_with("error serializing") || text.starts_with("error deserializing") {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        return Error::fatal(format!("{what}: {text}: {cause}")).caused_by(error);
    }
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Error::retry(format!("{what}: {text}{cause}")).caused_by(error)
}

fn is_cut(error: &tokio_postgres::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    let io = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| {
        matches!(io.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | TimedOut | UnexpectedEof)
    })
}

// By SQLState class. What is not named may pass: it is tried again, per `query.retry.attempts`.
fn kind(code: &str) -> ErrorKind {
    match code.get(..2).unwrap_or_default() {
        // authentication; database, schema; no such role
        "28" | "3D" => ErrorKind::Misconfigured,
        // not supported; data; cardinality; integrity; syntax, access rule
        "0A" | "21" | "22" | "23" | "42" | "3F" => ErrorKind::Fatal,
        _ => ErrorKind::Retry,
    }
}

fn hint(code: &str) -> Option<&'static str> {
    match code {
        "28P01" => Some("check connection.user and connection.password"),
        "28000" => Some("check connection.user, and pg_hba.conf of the server"),
        "3D000" => Some("check the database's name in connection.url"),
        "42501" => Some("grant SELECT to the connector's user"),
        "53300" => Some("the server has no free connection; raise max_connections or use fewer tasks"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (code, expected) in [
            ("28P01", ErrorKind::Misconfigured),
            ("3D000", ErrorKind::Misconfigured),
            ("42P01", ErrorKind::Fatal),
            ("42703", ErrorKind::Fatal),
            ("22012", ErrorKind::Fatal),
            ("57P01", ErrorKind::Retry),
            ("57014", ErrorKind::Retry),
            ("40001", ErrorKind::Retry),
            ("53300", ErrorKind::Retry),
            ("", ErrorKind::Retry),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
