//! Refuses requests that a browser sends for a page from elsewhere without asking first.
//!
//! A page may have any browser send a `POST` whose `Content-Type` is none, or one of a form's: nobody is asked before
//! (Fetch, "CORS-safelisted request-header"), and the browser adds the user's password or certificate. Kafka Connect takes
//! such a request when it has no `Content-Type`. Here it must come from a page of this worker, or of an origin that the config
//! names. Clients that are no browsers send no `Origin`.

use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};

use crate::Cors;
use crate::error::Error;

/// The origin of a request that is to be refused; `None` when it may pass.
pub(crate) fn refused<'a>(parts: &'a Parts, cors: Option<&Cors>) -> Option<&'a HeaderValue> {
    let origin = parts.headers.get(ORIGIN)?;
    let is_simple = parts.method == Method::POST && parts.headers.get(CONTENT_TYPE).is_none_or(is_of_a_form);
    let refused = is_simple && !is_own(origin, parts) && !cors.is_some_and(|cors| cors.allows(origin));
    refused.then_some(origin)
}

/// What it is answered.
pub(crate) fn refusal(origin: &HeaderValue) -> Error {
    Error::Forbidden(format!(
        "a page of {} may not send this request; send it with Content-Type: application/json, or name the origin in \
         access.control.allow.origin",
        String::from_utf8_lossy(origin.as_bytes()).escape_debug()
    ))
}

// What is no text, too: it is none that needs to be asked for.
fn is_of_a_form(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        essence.as_str(),
        "" | "text/plain" | "application/x-www-form-urlencoded" | "multipart/form-data"
    )
}

// Whether the page came from where the request goes to.
fn is_own(origin: &HeaderValue, parts: &Parts) -> bool {
    let text = |value: &'_ HeaderValue| value.to_str().map(str::to_ascii_lowercase).unwrap_or_default();
    let (origin, host) = (text(origin), parts.headers.get(HOST).map(text).unwrap_or_default());
    let (scheme, place) = origin.split_once("://").unwrap_or_default();
    // An origin does not name the port that its scheme has anyway.
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    !host.is_empty() && (place == host || host.strip_suffix(port) == Some(place))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn is_refused(method: &str, headers: &[(&str, &str)], cors: Option<&Cors>) -> bool {
        let mut request = Request::builder().method(method).uri("/connectors").header("host", "Worker:8083");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        refused(&request.body(()).unwrap().into_parts().0, cors).is_some()
    }

    #[test]
    fn what_a_page_from_elsewhere_sends_unasked_is_refused() {
        let evil = ("origin", "http://evil.example.com");
        let of = |origin: &str| is_refused("POST", &[("origin", origin)], None);
        assert!(of("http://evil.example.com") && of("null") && of("") && of("http://worker:80"));
        assert!(of("file://worker:8083") && of("http://worker:8083.evil.org"));
        assert!(!of("http://worker:8083") && !of("https://WORKER:8083"));
        for form in [
            "text/plain",
            "Text/Plain; charset=x",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "",
        ] {
            assert!(is_refused("POST", &[evil, ("content-type", form)], None), "{form}");
        }
        // For these a browser asks first, and is not told that it may.
        assert!(!is_refused("POST", &[evil, ("content-type", "application/json")], None));
        assert!(!is_refused("PUT", &[evil], None) && !is_refused("GET", &[evil], None));
        assert!(!is_refused("POST", &[], None), "no browser");
        let cors = Cors::parse("http://evil\\.example\\.com", "").unwrap();
        assert!(!is_refused("POST", &[evil], cors.as_ref()));
        assert!(is_refused("POST", &[("origin", "http://other.example.com")], cors.as_ref()));
    }

    #[test]
    fn the_port_of_a_scheme_is_not_named() {
        let own = |origin: &str, host: &str| {
            let request = Request::builder().header("host", host).body(()).unwrap();
            is_own(&HeaderValue::from_str(origin).unwrap(), &request.into_parts().0)
        };
        assert!(
            own("https://worker", "worker:443")
                && own("http://worker", "worker")
                && own("http://[::1]:1", "[::1]:1")
        );
        assert!(
            !own("https://worker", "worker:80")
                && !own("http://worker", "worker:8083")
                && !own("http://", "")
        );
    }
}
