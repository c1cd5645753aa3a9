//! Requests of pages that came from elsewhere (`access.control.allow.origin`, `access.control.allow.methods`).

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use axum::http::{HeaderMap, Method};
use regex::Regex;

/// The methods when none are named, as in Kafka Connect.
const METHODS: &str = "GET,POST,HEAD";
/// The headers that a page may set, as in Kafka Connect.
const HEADERS: HeaderValue = HeaderValue::from_static("Content-Type");
/// And where it is asked who sends a request, which Kafka Connect does not do by itself.
const HEADERS_WITH_AUTHORIZATION: HeaderValue = HeaderValue::from_static("Content-Type,Authorization");
/// The longest pattern of an origin, in bytes.
const PATTERN_BYTES_MAX: usize = 1024;

/// Which pages may use the API. Without it none may: a browser keeps them from reading answers.
#[derive(Debug, Clone)]
pub struct Cors {
    origins: Origins,
    methods: HeaderValue,
    /// Of requests, those that a page may set.
    headers: HeaderValue,
}

#[derive(Debug, Clone)]
enum Origins {
    Any,
    /// Regular expressions for the whole origin, as Kafka Connect 4 has them.
    Like(Vec<Regex>),
}

impl Cors {
    /// Reads both keys: origins and methods, each separated by commas. None when no origin is named.
    ///
    /// # Errors
    /// The first key that is wrong (`true`: the methods), and why.
    pub fn parse(origins: &str, methods: &str) -> Result<Option<Self>, (bool, String)> {
        let list = |text: &str| -> Vec<String> {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let origins = list(origins);
        if origins.is_empty() {
            return Ok(None);
        }
        let methods = list(methods);
        for method in &methods {
            Method::from_bytes(method.as_bytes()).map_err(|_| (true, format!("{method} is not a method")))?;
        }
        let methods = if methods.is_empty() { METHODS.to_owned() } else { methods.join(",") };
        let methods = HeaderValue::from_str(&methods).map_err(|error| (true, error.to_string()))?;
        if origins.iter().any(|origin| origin == "*") {
            return Ok(Some(Self { origins: Origins::Any, methods, headers: HEADERS }));
        }
        let pattern = |origin: &String| {
            if origin.len() > PATTERN_BYTES_MAX {
                return Err((false, format!("an origin has at most {PATTERN_BYTES_MAX} bytes")));
            }
            Regex::new(&format!("^(?:{origin})$")).map_err(|error| {
                (false, format!("{origin} is neither an origin nor a pattern of one: {error}"))
            })
        };
        let patterns = origins.iter().map(pattern).collect::<Result<_, _>>()?;
        Ok(Some(Self { origins: Origins::Like(patterns), methods, headers: HEADERS }))
    }

    /// Lets the pages say who asks, where that is asked. They do so by a header that they set themselves: a browser sends them
    /// nothing that it keeps, such as a certificate (no `Access-Control-Allow-Credentials`).
    pub fn with_authorization(mut self) -> Self {
        self.headers = HEADERS_WITH_AUTHORIZATION;
        self
    }

    /// What an answer to this request says, beside what it says anyway.
    pub(crate) fn headers(&self, method: &Method, request: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(ORIGIN).filter(|origin| self.allows(origin)) else { return headers };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if method == Method::OPTIONS && request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone());
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("60"));
        }
        headers
    }

    /// Whether pages of this origin may use the API.
    pub(crate) fn allows(&self, origin: &HeaderValue) -> bool {
        match &self.origins {
            Origins::Any => true,
            Origins::Like(patterns) => {
                origin.to_str().is_ok_and(|origin| patterns.iter().any(|pattern| pattern.is_match(origin)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cors: &Cors, origin: &'static str) -> Option<String> {
        let request = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
        let headers = cors.headers(&Method::GET, &request);
        headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn an_origin_is_allowed_as_a_whole() {
        assert!(Cors::parse(" , ", "GET").unwrap().is_none());
        let cors = Cors::parse("https://a.example.com, http://localhost:\\d+", "").unwrap().unwrap();
        assert_eq!(asked(&cors, "https://a.example.com").as_deref(), Some("https://a.example.com"));
        assert_eq!(asked(&cors, "http://localhost:3000").as_deref(), Some("http://localhost:3000"));
        for other in ["https://a.example.com.evil.org", "x https://a.example.com", "null"] {
            assert_eq!(asked(&cors, other), None, "{other}");
        }
        let any = Cors::parse("*", "").unwrap().unwrap();
        assert_eq!(asked(&any, "http://x").as_deref(), Some("http://x"));
    }

    #[test]
    fn a_preflight_is_told_the_methods() {
        let cors = Cors::parse("*", "PUT, DELETE").unwrap().unwrap();
        let request = HeaderMap::from_iter([
            (ORIGIN, HeaderValue::from_static("http://x")),
            (ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("PUT")),
        ]);
        assert_eq!(cors.headers(&Method::OPTIONS, &request)[ACCESS_CONTROL_ALLOW_METHODS], "PUT,DELETE");
        assert!(!cors.headers(&Method::GET, &request).contains_key(ACCESS_CONTROL_ALLOW_METHODS));
        let allowed = |cors: &Cors| {
            let headers = cors.headers(&Method::OPTIONS, &request);
            headers[ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().to_owned()
        };
        assert_eq!(allowed(&cors), "Content-Type");
        assert_eq!(allowed(&cors.with_authorization()), "Content-Type,Authorization");
        assert!(Cors::parse("*", "P UT").unwrap_err().0);
        assert!(!Cors::parse("(", "").unwrap_err().0);
    }
}
