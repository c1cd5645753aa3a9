//! The registry's REST API, as a client of Confluent's uses it.

mod answers;
mod cache;
mod credentials;
mod error;
mod http;
mod settings;
mod tls;
mod token;

use std::time::Duration;

use parking_lot::Mutex;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize as _;

use answers::{Association, Request};
pub use answers::{Reference, Registered};
use cache::Cache;
pub use error::Error;
use error::LOOKING_UP;
use http::{Http, Method};
pub use settings::{ClientKeys, ClientSettings};

/// A client of one registry: it retries, goes through the URLs of the list, and remembers what does not change.
pub struct Client {
    http: Http,
    /// Registrations and look-ups never change.
    registered: Mutex<Cache<Asked, Registered>>,
    by_version: Mutex<Cache<(String, i32), Registered>>,
    /// By id and subject, or by GUID.
    by_name: Mutex<Cache<(String, Option<String>), Registered>>,
    latest_ttl: Option<Duration>,
}

/// What was asked: subject, text, references, whether it is normalized, and whether it is registered.
type Asked = (String, String, Vec<Reference>, bool, bool);

type Result<T> = std::result::Result<T, Error>;

/// All but what RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// References of references: a chain of more is no honest schema.
const REFERENCES_MAX: usize = 500;

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

impl Client {
    /// A client of these settings.
    ///
    /// # Errors
    /// Certificates or URLs that cannot be used.
    pub fn new(settings: ClientSettings) -> api::Result<Self> {
        let (size, latest_ttl) = (settings.cache_size, settings.latest_ttl);
        Ok(Self {
            http: Http::new(settings)?,
            registered: Mutex::new(Cache::new(size)),
            by_version: Mutex::new(Cache::new(size)),
            by_name: Mutex::new(Cache::new(size)),
            latest_ttl,
        })
    }

    /// How long the latest version of a subject may be taken for the latest; `None` is for ever.
    pub fn latest_ttl(&self) -> Option<Duration> {
        self.latest_ttl
    }

    /// Registers a schema under a subject; one that is there already is not registered again.
    ///
    /// # Errors
    /// It is not compatible, not a schema, or the registry does not answer.
    pub async fn register(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
        normalize: bool,
    ) -> Result<Registered> {
        let path = format!("/subjects/{}/versions", segment(subject));
        let operation = format!("registering a schema under {subject}");
        self.post(operation, path, subject, (schema_type, schema, references), normalize, true).await
    }

    /// The registration of a schema under a subject.
    ///
    /// # Errors
    /// It is not registered there, or the registry does not answer.
    pub async fn look_up(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
        normalize: bool,
    ) -> Result<Registered> {
        let path = format!("/subjects/{}", segment(subject));
        let operation = format!("{LOOKING_UP} {subject}");
        self.post(operation, path, subject, (schema_type, schema, references), normalize, false).await
    }

    async fn post(
        &self,
        operation: String,
        path: String,
        subject: &str,
        (schema_type, schema, references): (&str, &str, &[Reference]),
        normalize: bool,
        registers: bool,
    ) -> Result<Registered> {
        let key = (subject.to_owned(), schema.to_owned(), references.to_vec(), normalize, registers);
        if let Some(known) = self.registered.lock().get(&key) {
            return Ok(known.clone());
        }
        let body = Request { schema, schema_type, references };
        let body = serde_json::to_vec(&body).unwrap_or_default(); // plain texts: always JSON
        let query: &[(&str, &str)] = if normalize { &[("normalize", "true")] } else { &[] };
        let registered: Registered = self.http.ask(&operation, Method::Post(body), &path, query).await?;
        if registered.id.is_none() && registered.guid.is_none() {
            return Err(self.foreign(operation));
        }
        self.registered.lock().put(key, registered.clone());
        Ok(registered)
    }

    /// A schema by its id. `subject` names the context that the id belongs to.
    ///
    /// # Errors
    /// There is none, or the registry does not answer.
    pub async fn by_id(&self, id: i32, subject: Option<&str>) -> Result<Registered> {
        let operation = format!("fetching the schema with id {id}");
        self.named(operation, format!("/schemas/ids/{id}"), subject).await
    }

    /// A schema by its content's GUID.
    ///
    /// # Errors
    /// There is none, or the registry does not answer.
    pub async fn by_guid(&self, guid: &str) -> Result<Registered> {
        let operation = format!("fetching the schema with GUID {guid}");
        self.named(operation, format!("/schemas/guids/{}", segment(guid)), None).await
    }

    async fn named(&self, operation: String, path: String, subject: Option<&str>) -> Result<Registered> {
        let key = (path, subject.map(str::to_owned));
        if let Some(known) = self.by_name.lock().get(&key) {
            return Ok(known.clone());
        }
        let query: Vec<(&str, &str)> = subject.map(|subject| ("subject", subject)).into_iter().collect();
        let registered = self.schema(operation, &key.0, &query).await?;
        self.by_name.lock().put(key, registered.clone());
        Ok(registered)
    }

    /// The latest version of a subject.
    ///
    /// # Errors
    /// There is none, or the registry does not answer.
    pub async fn latest(&self, subject: &str) -> Result<Registered> {
        let operation = format!("fetching the latest schema of {subject}");
        let path = format!("/subjects/{}/versions/latest", segment(subject));
        self.schema(operation, &path, &[]).await
    }

    /// The latest version of a subject whose metadata holds all these properties.
    ///
    /// # Errors
    /// There is none, or the registry does not answer.
    pub async fn latest_with_metadata(
        &self,
        subject: &str,
        metadata: &[(String, String)],
    ) -> Result<Registered> {
        let operation =
            format!("fetching the latest schema of {subject} with the metadata that is asked for");
        let path = format!("/subjects/{}/metadata", segment(subject));
        let pairs =
            metadata.iter().flat_map(|(key, value)| [("key", key.as_str()), ("value", value.as_str())]);
        self.schema(operation, &path, &pairs.collect::<Vec<_>>()).await
    }

    /// A version of a subject.
    ///
    /// # Errors
    /// There is none, or the registry does not answer.
    pub async fn version(&self, subject: &str, version: i32) -> Result<Registered> {
        let key = (subject.to_owned(), version);
        if let Some(known) = self.by_version.lock().get(&key) {
            return Ok(known.clone());
        }
        let operation = format!("fetching version {version} of {subject}");
        let path = format!("/subjects/{}/versions/{version}", segment(subject));
        // Data stays readable when a version was deleted.
        let query = [("deleted", "true")];
        let registered = self.schema(operation, &path, &query).await?;
        if version > 0 {
            self.by_version.lock().put(key, registered.clone());
        }
        Ok(registered)
    }

    /// Asks for a schema. Another service's JSON is no schema, and no record's fault.
    async fn schema(&self, operation: String, path: &str, query: &[(&str, &str)]) -> Result<Registered> {
        let answer: serde_json::Map<String, serde_json::Value> =
            self.http.ask(&operation, Method::Get, path, query).await?;
        match Registered::deserialize(serde_json::Value::Object(answer)) {
            Ok(registered) if !registered.schema.is_empty() => Ok(registered),
            Ok(_) | Err(_) => Err(self.foreign(operation)),
        }
    }

    fn foreign(&self, operation: String) -> Error {
        let what = "other JSON than expected".to_owned();
        Error::Foreign { operation, place: self.http.place(), status: 200, what }
    }

    /// The schemas that a schema names, and those that they name, as (name, text) in order of dependency. A name that
    /// comes again is left out.
    ///
    /// # Errors
    /// One is missing; there are too many; the registry does not answer.
    pub async fn references(&self, of: &[Reference]) -> Result<Vec<(String, String)>> {
        let mut resolved: Vec<(String, String)> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        // What is still to be done: a reference to visit, or one whose own references are done.
        enum Step {
            Visit(Reference),
            Done(String, String),
        }
        let mut steps: Vec<Step> = of.iter().rev().cloned().map(Step::Visit).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Done(name, text) => resolved.push((name, text)),
                Step::Visit(reference) => {
                    if seen.contains(&reference.name) {
                        continue;
                    }
                    if seen.len() >= REFERENCES_MAX {
                        return Err(Error::Foreign {
                            operation: format!("resolving references at {}", reference.subject),
                            place: self.http.place(),
                            status: 200,
                            what: format!("more than {REFERENCES_MAX} references"),
                        });
                    }
                    let found = self.version(&reference.subject, reference.version).await?;
                    seen.push(reference.name.clone());
                    steps.push(Step::Done(reference.name, found.schema));
                    steps.extend(found.references.into_iter().rev().map(Step::Visit));
                }
            }
        }
        Ok(resolved)
    }

    /// The subject that a topic is associated with; `None` when there is no association, or when the registry knows
    /// none.
    ///
    /// # Errors
    /// There are several, or the registry does not answer.
    pub async fn association(&self, cluster: &str, topic: &str, is_key: bool) -> Result<Option<String>> {
        let operation = format!("asking for the subject that the topic {topic} is associated with");
        let path = format!("/associations/resources/{}/{}", segment(cluster), segment(topic));
        let query = [
            ("resourceType", "topic"),
            ("associationType", if is_key { "key" } else { "value" }),
            ("offset", "0"),
            ("limit", "-1"),
        ];
        let found: Result<Vec<Association>> = self.http.ask(&operation, Method::Get, &path, &query).await;
        match found {
            Ok(list) if list.len() > 1 => Err(Error::Refused {
                operation,
                place: self.http.place(),
                status: 409,
                code: 0,
                message: format!("{} subjects are associated with the topic; leave one", list.len()),
            }),
            Ok(list) => Ok(list.into_iter().next().map(|association| association.subject)),
            Err(Error::Refused { status: 404, .. } | Error::Foreign { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
