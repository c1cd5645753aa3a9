//! Writes down who changed what, and who was refused: a line of the log for each, and of a file if the config names one.
//!
//! A line has names only: of keys that were changed, never their values (invariant 5). It is written by the worker that
//! was asked, once, whichever worker of the group then did it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use axum::extract::{ConnectInfo, FromRequestParts as _, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use chrono::{SecondsFormat, Utc};
use rest_types::{ConfigMap, CreateConnectorRequest};
use serde::Serialize;

use crate::identity::Identity;
use crate::{Context, Role, roles};

/// On answers to what is written down: the line's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// So many keys are named, at most.
const KEYS_MAX: usize = 200;
/// So long a name may be, in characters.
const NAME_CHARS_MAX: usize = 256;

/// Where it is written.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    file: Option<PathBuf>,
}

/// What is written of a request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    time: String,
    request_id: String,
    who: Option<String>,
    role: Option<&'static str>,
    by: Option<&'static str>,
    from: Option<String>,
    method: String,
    path: String,
    connector_name: Option<String>,
    keys: Vec<String>,
    status: u16,
    result: &'static str,
    #[serde(skip)]
    is_change: bool,
}

impl Audit {
    /// Writes to this file, too, at its end. It is opened for each line, so that it may be rotated.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn to_file(file: PathBuf) -> Result<Self, String> {
        append(&file, b"").map_err(|error| format!("{}: cannot write the file: {error}", file.display()))?;
        Ok(Self { file: Some(file) })
    }

    /// Writes a line before the answer is sent.
    pub(crate) async fn write(
        &self,
        mut entry: Entry,
        identity: Option<&Identity>,
        mut answer: Response,
    ) -> Response {
        entry.who = identity.map(|identity| identity.name.clone());
        entry.role = identity.and_then(|identity| identity.role).map(Role::name);
        entry.by = identity.map(|identity| identity.by.name());
        entry.status = answer.status().as_u16();
        entry.result = result(answer.status());
        if let Ok(id) = HeaderValue::try_from(&entry.request_id) {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        // The connector's name is in no field of that name: who may read a connector's log does not read here.
        tracing::info!(
            target: "sluice_rest::audit",
            request_id = entry.request_id,
            who = entry.who,
            role = entry.role,
            by = entry.by,
            from = entry.from,
            method = entry.method,
            path = entry.path,
            connector_name = entry.connector_name,
            keys = (!entry.keys.is_empty()).then(|| entry.keys.join(",")),
            status = entry.status,
            "{}",
            entry.result
        );
        if let Some(file) = self.file.clone() {
            let id = entry.request_id.clone();
            let shown = file.display().to_string();
            let written = tokio::task::spawn_blocking(move || {
                let mut line = serde_json::to_vec(&entry)?;
                line.push(b'\n');
                append(&file, &line)
            });
            let failed = match written.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = failed {
                tracing::error!(
                    "{shown}: cannot write what happened in request {id}, which stands in the log only: {why}"
                );
            }
        }
        answer
    }
}

fn append(file: &Path, line: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    // One write of a whole line: lines of workers that share a file do not mix.
    options.create(true).append(true).mode(0o600).open(file)?.write_all(line)
}

fn result(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "denied",
        400..500 => "refused",
        500.. => "failed",
        _ => "done",
    }
}

impl Entry {
    /// What is known before anything is done.
    pub(crate) async fn of(route: &str, parts: &mut Parts) -> Self {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let from = address.map(|ConnectInfo(address)| address.ip().to_string());
        let is_of_connector =
            ["/connectors/{name}", "/sluice/v1/connectors/{name}"].iter().any(|path| route.starts_with(path));
        let connector_name = match RawPathParams::from_request_parts(parts, &()).await {
            Ok(all) if is_of_connector => all.iter().next().map(|(_, value)| short(value)),
            _ => None,
        };
        Self {
            time: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            request_id: uuid::Uuid::new_v4().to_string(),
            who: None,
            role: None,
            by: None,
            from,
            method: parts.method.to_string(),
            path: short(parts.uri.path()),
            connector_name,
            keys: Vec::new(),
            status: 0,
            result: "",
            is_change: roles::changes(&parts.method, route),
        }
    }

    /// Whether a request that was answered so is written down: what changes something, and what nobody may.
    pub(crate) fn is_written(&self, status: StatusCode) -> bool {
        self.is_change || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }

    /// Whether the request's body has a config.
    pub(crate) fn has_keys(&self, method: &Method, route: &str) -> bool {
        self.is_change
            && ((method == Method::POST && route == "/connectors") || route == "/connectors/{name}/config")
    }

    /// Takes the names of the keys that are changed from the body; of one that cannot be read, none.
    pub(crate) async fn take_keys(&mut self, context: &Context, body: &[u8]) {
        let sent = match self.connector_name.clone() {
            None => {
                let Ok(request) = serde_json::from_slice::<CreateConnectorRequest>(body) else { return };
                self.connector_name = request.name.as_deref().map(short);
                request.config.map(|ConfigMap(config)| config).unwrap_or_default()
            }
            Some(_) => match serde_json::from_slice::<ConfigMap>(body) {
                Ok(ConfigMap(config)) => config,
                Err(_) => return,
            },
        };
        let known = match &self.connector_name {
            Some(name) => context.herder.view(name).await.ok().flatten().map(|view| view.config),
            None => None,
        };
        let known = known.unwrap_or_default();
        // A mask that comes back changes nothing.
        let sent = secrets::unmasked(&sent, &known, |_| None).unwrap_or(sent);
        let differs =
            |key: &str| sent.contains(key) != known.contains(key) || sent.get(key) != known.get(key);
        let gone = known.iter().filter(|_| self.method == "PUT").map(|(key, _)| key);
        let gone = gone.filter(|key| *key != "name" && !sent.contains(key));
        let changed = sent.iter().map(|(key, _)| key).filter(|key| differs(key));
        let mut keys: Vec<String> = changed.chain(gone).map(short).collect();
        keys.sort_unstable();
        keys.truncate(KEYS_MAX);
        self.keys = keys;
    }
}

fn short(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}
