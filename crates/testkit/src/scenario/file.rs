//! Scenarios as they stand in files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

/// The largest file, in bytes.
const FILE_BYTES_MAX: usize = 1 << 20;
/// The most steps of a scenario.
const STEPS_MAX: usize = 500;
/// The largest body that a step may make of a text and its repetition, in bytes.
const BODY_BYTES_MAX: usize = 64 << 20;
/// The most requests at the same time.
const AT_ONCE_MAX: u32 = 32;
/// How often an `until` asks, unless it says otherwise.
pub(super) const TRIES: u32 = 600;

/// A conversation.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file's name without number and ending: `create` of `01-create.yaml`.
    pub name: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// Its steps; the first is number 1.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a file has some dozens of steps, nearly all of them requests")]
pub enum Step {
    /// A request, and what the answer must be.
    Send {
        /// What is sent.
        request: Request,
        /// How many are sent at the same time; of more than one the statuses are looked at, in order.
        at_once: u32,
        /// What the answer must be.
        answers: Answers,
        /// Names for values of the answer, by their place.
        capture: BTreeMap<String, String>,
    },
    /// Asks a path until its answer is so.
    Until {
        /// The path.
        path: String,
        /// What must be where in the body.
        fields: BTreeMap<String, Json>,
        /// How often it asks before it gives up.
        tries: u32,
    },
    /// A file in the worker's folder, which a connector reads.
    File {
        /// Its name.
        name: String,
        /// What is in it.
        text: String,
    },
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// Path and query, percent-encoded.
    pub path: String,
    /// Headers beside those that every request has.
    pub headers: BTreeMap<String, String>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// What the answers to a request must be, by who gives them.
#[derive(Debug, Clone)]
pub struct Answers {
    java: ByMode,
    /// Where ours differ on purpose.
    ours: Option<ByMode>,
}

#[derive(Debug, Clone)]
struct ByMode {
    standalone: Expected,
    distributed: Expected,
}

impl Answers {
    /// Whether our worker answers otherwise than Java's on purpose.
    pub fn differ(&self) -> bool {
        self.ours.is_some()
    }

    /// What a worker must answer: ours or Java's, distributed or standalone.
    pub fn of(&self, ours: bool, distributed: bool) -> &Expected {
        let by_mode = self.ours.as_ref().filter(|_| ours).unwrap_or(&self.java);
        if distributed { &by_mode.distributed } else { &by_mode.standalone }
    }
}

/// What an answer must be.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The status: a number, or a matcher.
    pub status: Json,
    /// The whole body, in its [normal form](super::normal).
    pub answer: Option<Json>,
    /// Parts of the body by their place, as a JSON pointer.
    pub fields: BTreeMap<String, Json>,
    /// Headers; null for one that must not be there.
    pub headers: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    about: String,
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    file: Option<String>,
    until: Option<String>,
    send: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Json>,
    text: Option<String>,
    hex: Option<String>,
    repeat: Option<Repeat>,
    at_once: Option<u32>,
    tries: Option<u32>,
    status: Option<Json>,
    answer: Option<Json>,
    #[serde(default)]
    fields: BTreeMap<String, Json>,
    #[serde(default)]
    answer_headers: BTreeMap<String, Json>,
    distributed: Option<RawExpected>,
    differs: Option<String>,
    ours: Option<RawExpected>,
    #[serde(default)]
    capture: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    before: String,
    text: String,
    times: usize,
    after: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpected {
    status: Option<Json>,
    answer: Option<Json>,
    #[serde(default)]
    fields: BTreeMap<String, Json>,
    #[serde(default)]
    answer_headers: BTreeMap<String, Json>,
}

/// Reads all scenarios of a folder, in the order of their files.
///
/// # Errors
/// A file that cannot be read or is no scenario: its name, the step and why.
pub fn all(folder: &Path) -> Result<Vec<Scenario>, String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path).map_err(|why| format!("{}: {why}", path.display()))).collect()
}

fn read(path: &Path) -> Result<Scenario, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.split_once('-').map_or(&*stem, |(_, name)| name);
    parse(name, &text)
}

fn parse(name: &str, text: &str) -> Result<Scenario, String> {
    if text.len() > FILE_BYTES_MAX {
        return Err(format!("larger than {FILE_BYTES_MAX} bytes"));
    }
    let raw: RawFile = serde_norway::from_str(text).map_err(|error| error.to_string())?;
    if raw.steps.len() > STEPS_MAX {
        return Err(format!("more than {STEPS_MAX} steps"));
    }
    let steps = raw.steps.into_iter().enumerate();
    let steps = steps.map(|(at, raw)| step(raw).map_err(|why| format!("step {}: {why}", at + 1)));
    Ok(Scenario { name: name.to_owned(), about: raw.about, steps: steps.collect::<Result<_, _>>()? })
}

fn step(mut raw: RawStep) -> Result<Step, String> {
    match (raw.file.take(), raw.until.take(), raw.send.take()) {
        (Some(name), None, None) => {
            // In the worker's own folder, and nowhere else.
            if name.contains('/') || name.starts_with('.') {
                return Err(format!("{name} is no plain file name"));
            }
            Ok(Step::File { name, text: raw.text.ok_or("a file needs its text")? })
        }
        (None, Some(path), None) => {
            if raw.fields.is_empty() {
                return Err("until needs fields".to_owned());
            }
            Ok(Step::Until { path, fields: raw.fields, tries: raw.tries.unwrap_or(TRIES) })
        }
        (None, None, Some(line)) => send(raw, &line),
        _ => Err("a step is one of file, until and send".to_owned()),
    }
}

fn send(raw: RawStep, line: &str) -> Result<Step, String> {
    let (method, path) = line.split_once(' ').ok_or("send is a method and a path")?;
    let mut headers = raw.headers;
    let bodies = [raw.json.is_some(), raw.text.is_some(), raw.hex.is_some(), raw.repeat.is_some()];
    if bodies.iter().filter(|there| **there).count() > 1 {
        return Err("a request has one body: json, text, hex or repeat".to_owned());
    }
    let body = match (raw.json, raw.text, raw.hex, raw.repeat) {
        (Some(json), ..) => json.to_string().into_bytes(),
        (_, Some(text), ..) => text.into_bytes(),
        (_, _, Some(digits), _) => bytes_of(&digits)?,
        (.., Some(it)) => {
            if it.text.len().saturating_mul(it.times) > BODY_BYTES_MAX {
                return Err(format!("a body of more than {BODY_BYTES_MAX} bytes"));
            }
            format!("{}{}{}", it.before, it.text.repeat(it.times), it.after).into_bytes()
        }
        _ => Vec::new(),
    };
    if !body.is_empty() && !headers.contains_key("content-type") {
        headers.insert("content-type".to_owned(), "application/json".to_owned());
    }
    let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body };
    let standalone = Expected {
        status: raw.status.ok_or("a request needs the status of its answer")?,
        answer: raw.answer,
        fields: raw.fields,
        headers: raw.answer_headers,
    };
    if raw.at_once.is_some_and(|many| !(2..=AT_ONCE_MAX).contains(&many)) {
        return Err(format!("at_once is 2 to {AT_ONCE_MAX}"));
    }
    if raw.at_once.is_some() && (standalone.answer.is_some() || !standalone.fields.is_empty()) {
        return Err("of requests at once the statuses are compared only".to_owned());
    }
    let distributed = raw.distributed.map_or_else(|| standalone.clone(), |it| it.over(&standalone));
    let java = ByMode { standalone, distributed };
    let ours = match (raw.ours, raw.differs) {
        (None, None) => None,
        (Some(ours), Some(why)) if !why.trim().is_empty() => Some(ByMode {
            standalone: ours.over(&java.standalone),
            distributed: ours.over(&java.distributed),
        }),
        _ => return Err("an answer of ours that differs needs both, ours and why it differs".to_owned()),
    };
    let at_once = raw.at_once.unwrap_or(1);
    Ok(Step::Send { request, at_once, answers: Answers { java, ours }, capture: raw.capture })
}

impl RawExpected {
    // What this does not say is as below it.
    fn over(&self, below: &Expected) -> Expected {
        let mut all = below.clone();
        if let Some(status) = &self.status {
            all.status = status.clone();
        }
        if self.answer.is_some() {
            all.answer.clone_from(&self.answer);
        }
        all.fields.extend(self.fields.clone());
        all.headers.extend(self.answer_headers.clone());
        all
    }
}

fn bytes_of(digits: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16));
    pairs.collect::<Result<_, _>>().map_err(|error| format!("hex: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(step: &str) -> Result<Step, String> {
        parse("x", &format!("about: a test\nsteps:\n  - {step}\n")).map(|mut it| it.steps.remove(0))
    }

    #[test]
    fn a_request_has_a_type_and_ours_is_laid_over() {
        let step = "{send: POST /connectors, json: {a: 1}, status: 500, answer: {b: 2}, differs: it is better, \
                    ours: {status: 400, answer_headers: {allow: GET}}}";
        let Step::Send { request, answers, .. } = one(step).unwrap() else { panic!("{step}") };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/connectors"));
        assert_eq!(
            (request.body, &request.headers["content-type"][..]),
            (b"{\"a\":1}".to_vec(), "application/json")
        );
        let (java, ours) = (answers.of(false, false), answers.of(true, false));
        assert_eq!((&java.status, answers.differ()), (&500.into(), true));
        assert_eq!((&ours.status, &ours.answer), (&400.into(), &java.answer));
        assert_eq!(ours.headers["allow"], "GET");
    }

    #[test]
    fn a_distributed_worker_has_an_answer_of_its_own_and_ours_is_laid_over_either() {
        let step = "{send: GET /x, status: 500, answer: {b: 2}, distributed: {status: 404, answer: {c: 3}}, \
                    differs: it is better, ours: {status: 400}}";
        let Step::Send { answers, .. } = one(step).unwrap() else { panic!("{step}") };
        let seen = |ours, distributed| {
            let expected = answers.of(ours, distributed);
            (expected.status.clone(), expected.answer.clone().unwrap())
        };
        assert_eq!(seen(false, false), (500.into(), serde_json::json!({"b": 2})));
        assert_eq!(seen(false, true), (404.into(), serde_json::json!({"c": 3})));
        assert_eq!(seen(true, false), (400.into(), serde_json::json!({"b": 2})));
        assert_eq!(seen(true, true), (400.into(), serde_json::json!({"c": 3})));
        let Step::Send { answers, .. } = one("{send: GET /x, status: 200}").unwrap() else { panic!() };
        assert!(!answers.differ() && answers.of(true, true).status == 200, "one answer is everybody's");
    }

    #[test]
    fn what_is_no_step_is_refused_with_its_number() {
        for (step, why) in [
            ("{send: GET /}", "needs the status"),
            ("{send: GET, status: 200}", "a method and a path"),
            ("{until: /x}", "needs fields"),
            ("{file: ../x, text: y}", "no plain file name"),
            ("{send: GET /, status: 200, ours: {status: 201}}", "why it differs"),
            ("{send: GET /, status: 200, differs: '', ours: {status: 201}}", "why it differs"),
            ("{send: POST /, status: 200, json: {}, text: x}", "one body"),
            ("{send: POST /, status: 200, hex: 0g}", "hex"),
            ("{send: GET /, at_once: 99, status: 200}", "at_once is"),
            ("{send: GET /, at_once: 2, status: 200, answer: {}}", "the statuses are compared only"),
            ("{status: 200}", "one of file, until and send"),
            (
                "{send: GET /, status: 200, repeat: {before: '', text: xxxxxxxx, times: 99999999, after: ''}}",
                "more than",
            ),
        ] {
            let error = one(step).unwrap_err();
            assert!(error.starts_with("step 1: ") && error.contains(why), "{step}: {error}");
        }
        assert!(one("{send: GET /, status: 200, wait: 5}").unwrap_err().contains("wait"), "unknown keys");
    }
}
