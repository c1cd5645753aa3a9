//! A request, taken apart.

use axum::body::Bytes;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::refusal::{Answer, Refusal};
use crate::subject::{DEFAULT, Subject, context_named};

/// What was asked.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: String,
    /// Decoded parts of the path, without a context before it.
    pub segments: Vec<String>,
    /// Context that stood before the path.
    pub context: Option<String>,
    query: Vec<(String, String)>,
    body: Bytes,
}

impl Request {
    /// Takes path and query apart. The path is decoded after it is split: a subject may have slashes.
    pub fn new(method: &str, path: &str, query: &str, body: Bytes) -> Answer<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = match path {
            "" => Vec::new(),
            path => path.split('/').map(decoded).collect::<Answer<Vec<_>>>()?,
        };
        let mut context = None;
        if segments.len() > 2 && segments[0] == "contexts" {
            context = Some(context_named(&segments[1]));
            segments.drain(..2);
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(&name.replace('+', " "))?, decoded(&value.replace('+', " "))?))
        });
        let query = pairs.collect::<Answer<Vec<_>>>()?;
        // HEAD is GET, and the answer's body is left out when it is sent.
        let method = if method == "HEAD" { "GET" } else { method }.to_owned();
        Ok(Self { method, segments, context, query, body })
    }

    /// The parts of the path, to be matched against.
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The context that names without one mean.
    pub fn context(&self) -> &str {
        self.context.as_deref().unwrap_or(DEFAULT)
    }

    /// A subject as it is written in the path.
    pub fn subject(&self, text: &str) -> Subject {
        Subject::parse_in(self.context(), text)
    }

    /// First value of a query parameter that is not empty.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.queries(name).find(|value| !value.is_empty())
    }

    /// All values of a query parameter.
    pub fn queries<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter says `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The part of a list that was asked for. A negative limit is the default.
    pub fn page<T>(&self, list: impl IntoIterator<Item = T>, limit_max: Option<usize>) -> Answer<Vec<T>> {
        let offset = usize::try_from(self.number("offset")?.unwrap_or(0)).unwrap_or(0);
        let limit = self.number("limit")?.and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.unwrap_or(usize::MAX).min(limit_max.unwrap_or(usize::MAX));
        Ok(list.into_iter().skip(offset).take(limit).collect())
    }

    fn number(&self, name: &str) -> Answer<Option<i64>> {
        let Some(text) = self.query(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::not_found())
    }

    /// The body.
    pub fn body<T: DeserializeOwned>(&self) -> Answer<T> {
        // Derived code would read the members of a struct from an array, too.
        match self.body.trim_ascii_start().first() {
            Some(b'{') => {}
            None => return Err(Refusal::new(422, "the request has no body; send a JSON object")),
            Some(_) => return Err(Refusal::new(400, "the request's body must be a JSON object")),
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let code = if error.is_data() { 422 } else { 400 };
            Refusal::new(code, format!("cannot read the request's body: {error}"))
        })
    }
}

fn decoded(text: &str) -> Answer<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| Refusal::new(400, "the path or the query is not UTF-8 once it is percent-decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> Request {
        Request::new("GET", path, "", Bytes::new()).unwrap()
    }

    #[test]
    fn a_path_is_decoded_after_it_is_split() {
        assert_eq!(request("/subjects/a%2Fb%3Ac/versions").path(), ["subjects", "a/b:c", "versions"]);
        assert_eq!(request("/subjects/a+b").path(), ["subjects", "a+b"]);
        assert_eq!(request("/").path(), [""; 0]);
        assert_eq!(request("/subjects/").path(), ["subjects"]);
        // An empty name is a name: it must not turn the next part into one.
        assert_eq!(request("/subjects//versions").path(), ["subjects", "", "versions"]);
    }

    #[test]
    fn a_context_before_the_path() {
        let request = request("/contexts/.c/subjects/s/versions");
        assert_eq!(request.path(), ["subjects", "s", "versions"]);
        assert_eq!(request.subject("s").to_string(), ":.c:s");
        assert_eq!(request.subject(":.d:s").to_string(), ":.d:s");
    }

    #[test]
    fn pages_come_after_everything_else() {
        let page =
            |query| Request::new("GET", "/", query, Bytes::new()).unwrap().page(1..=9, Some(5)).unwrap();
        assert_eq!(page(""), [1, 2, 3, 4, 5]);
        assert_eq!(page("offset=2&limit=2"), [3, 4]);
        assert_eq!(page("limit=-1"), [1, 2, 3, 4, 5]);
        assert_eq!(page("limit=0"), [0; 0]);
        assert_eq!(page("limit=99&offset=7"), [8, 9]);
    }
}
