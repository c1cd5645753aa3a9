//! What can go wrong with a registry, and what a task does about it.

use api::ErrorKind;

/// Why the registry did not answer what was asked. Texts hold no secret: URLs are shown without user and password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It cannot be reached, or did not answer in time; every URL of the list was tried.
    #[error("{operation}: no answer from {place}: {reason}")]
    Away {
        /// What was asked.
        operation: String,
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// It answered with an error.
    #[error("{operation}: {place} answered HTTP {status}{}", said(*.code, .message))]
    Refused {
        /// What was asked.
        operation: String,
        /// Where.
        place: String,
        /// The HTTP status.
        status: u16,
        /// The registry's own code; 0 when the answer has none.
        code: i64,
        /// What the registry says.
        message: String,
    },
    /// What answered is no registry.
    #[error(
        "{operation}: {place} answered HTTP {status} with {what}, not with a registry's JSON; is schema.registry.url \
         right, and is no proxy in between?"
    )]
    Foreign {
        /// What was asked.
        operation: String,
        /// Where.
        place: String,
        /// The HTTP status.
        status: u16,
        /// What was answered instead.
        what: String,
    },
    /// There is no token to log in with.
    #[error("asking {place} for a token for the schema registry: {reason}")]
    Token {
        /// The endpoint.
        place: String,
        /// Why.
        reason: String,
        /// Whether it may work later.
        passes: bool,
    },
}

/// How the operation of a look-up begins.
pub(super) const LOOKING_UP: &str = "looking up a schema under";

fn said(code: i64, message: &str) -> String {
    match (code, message.is_empty()) {
        (0, true) => String::new(),
        (0, false) => format!(": {message}"),
        (code, _) => format!(": {message}; error code: {code}"),
    }
}

impl Error {
    /// Whether the registry says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Refused { status: 404, .. })
    }

    /// What the task does: an answer about the schema is the record's fault, a registry that is away is nobody's, and
    /// one that does not let us in is the config's.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Away { .. } => ErrorKind::Retry,
            // Never a record's fault, so never tolerated: a changed password would leave out every record.
            Error::Refused { status: 401 | 403, .. } => ErrorKind::Misconfigured,
            Error::Refused { status: 408 | 429 | 500 | 502 | 503 | 504, .. } => ErrorKind::Retry,
            Error::Refused { .. } => ErrorKind::BadRecord,
            Error::Foreign { .. } => ErrorKind::Misconfigured,
            Error::Token { passes: true, .. } => ErrorKind::Retry,
            Error::Token { .. } => ErrorKind::Misconfigured,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Away { reason, .. } if reason.contains("certificate") => Some(
                "trust its authority: schema.registry.ssl.truststore.type=PEM and \
                 schema.registry.ssl.truststore.location; if it asks for a certificate: \
                 schema.registry.ssl.keystore.type=PEM and schema.registry.ssl.keystore.location",
            ),
            Error::Away { .. } => Some("is the registry up, and schema.registry.url right?"),
            Error::Refused { status: 401, .. } => {
                Some("set basic.auth.credentials.source and basic.auth.user.info, or bearer.auth.*")
            }
            Error::Refused { status: 403, .. } => Some("grant the account access to the subject"),
            Error::Refused { status: 408 | 429 | 500 | 502 | 503 | 504, .. } => {
                Some("the registry is in trouble or busy, and its log says why; it is asked again later")
            }
            Error::Refused { operation, code: 40401 | 40403, .. } if operation.starts_with(LOOKING_UP) => {
                Some(
                    "register this schema under the subject, or set auto.register.schemas=true; one that differs in order \
                 only is found with normalize.schemas=true",
                )
            }
            Error::Refused { code: 40401 | 40402, .. } => {
                Some("register a schema under the subject, or set auto.register.schemas=true")
            }
            Error::Refused { code: 42205, .. } => {
                Some("the subject's mode does not allow it; set it to READWRITE, or write to another subject")
            }
            Error::Refused { code: 40403, .. } => Some(
                "the message names a schema that this registry does not have; was it written with another one?",
            ),
            // With the code 40901, or 409 as the status is.
            Error::Refused { status: 409, code: 409 | 40901, .. } => {
                Some("make the change compatible, or change the subject's compatibility level")
            }
            _ => None,
        }
    }
}

impl From<Error> for api::Error {
    fn from(error: Error) -> Self {
        let made = api::Error::new(error.kind(), error.to_string());
        match error.hint() {
            Some(hint) => made.hint(hint),
            None => made,
        }
    }
}
