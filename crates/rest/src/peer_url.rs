//! URLs of other workers.
//!
//! A path has a connector's name as a segment, and names have any characters. What a URL is made of by the rules of browsers
//! (WHATWG URL) takes `\\` for `/`, and the segments `.` and `..`, however they are encoded, for steps: a request for one
//! connector would reach another. So names are encoded anew, and a URL that is not the one that was meant is none.

use percent_encoding::{percent_decode_str, percent_encode};
use url::Url;

use crate::body::SEGMENT;

/// The same path with nothing in its segments that could be taken for anything else.
pub(crate) fn encoded(path: &str) -> String {
    let segment = |segment: &str| {
        let bytes: Vec<u8> = percent_decode_str(segment).collect();
        percent_encode(&bytes, SEGMENT).to_string()
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The URL of a path, as [`encoded`] gives it, at a worker.
///
/// # Errors
/// There is none that leads there; the text says why.
pub(crate) fn of(worker: &str, path: &str, query: Option<&str>) -> Result<Url, String> {
    let base = worker.trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}{path}"))
        .map_err(|error| format!("{}: that is no URL of a worker: {error}", worker.escape_debug()))?;
    if !url.as_str().ends_with(path) {
        return Err(format!(
            "the path {} cannot be sent to the worker at {worker}: a segment of it is a step up or down; ask that worker \
             itself, byte for byte (curl --path-as-is)",
            path.escape_debug()
        ));
    }
    url.set_query(query);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_no_other_path() {
        let sent = |path: &str| of("http://a:1/", &encoded(path), Some("forward=true")).map(String::from);
        let good = |path: &str| Ok(format!("http://a:1{path}?forward=true"));
        assert_eq!(sent("/connectors/x/pause"), good("/connectors/x/pause"));
        assert_eq!(sent("/connectors/zzz\\..\\lg"), good("/connectors/zzz%5C..%5Clg"));
        assert_eq!(sent("/connectors/zzz%5C..%5clg"), good("/connectors/zzz%5C..%5Clg"));
        assert_eq!(sent("/connectors/a%2Fb%20c/stop"), good("/connectors/a%2Fb%20c/stop"));
        assert_eq!(sent("/connectors/%C3%A4+;%3F%23:@"), good("/connectors/%C3%A4%2B%3B%3F%23%3A%40"));
        assert_eq!(sent("/connectors/...%09"), good("/connectors/...%09"));
        for step in [".", "..", "%2e", ".%2E", "%2e%2e"] {
            for path in [
                format!("/connectors/{step}"),
                format!("/connectors/{step}/tasks"),
                format!("/connectors/x/{step}/y"),
            ] {
                let why = sent(&path).unwrap_err();
                assert!(why.contains("cannot be sent"), "{path}: {why}");
            }
        }
        assert!(of("nonsense", "/x", None).is_err());
        assert_eq!(of("https://[::1]:8083/", "/x", None).unwrap().as_str(), "https://[::1]:8083/x");
    }

    // What a worker reads there is what was asked for.
    #[test]
    fn any_name_comes_back() {
        for name in
            ["a", "ä ö", "a\\b", "%2e%2e", "%", "?x#y", "a//b", "...", "\u{1}\n", "日本", "a;b=c", "+"]
        {
            let path = format!("/connectors/{}/stop", percent_encoding::utf8_percent_encode(name, SEGMENT));
            assert_eq!(encoded(&path), path);
            let url = of("http://a:1", &path, None).unwrap();
            let segment = url.path().split('/').nth(2).unwrap();
            assert_eq!(percent_decode_str(segment).decode_utf8().unwrap(), name);
        }
    }
}
