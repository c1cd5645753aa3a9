//! Content types.

use axum::http::{HeaderMap, header};

use crate::refusal::{Answer, Refusal};

/// What is answered, best first.
const ANSWERED: [&str; 3] =
    ["application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json"];

/// What a body may be called. The last is what some clients send; it is JSON all the same.
const ACCEPTED: [&str; 4] = [ANSWERED[0], ANSWERED[1], ANSWERED[2], "application/octet-stream"];

/// The type of an answer's body: what the client likes best, and among equals what the registry likes best.
pub(crate) fn answered(headers: &HeaderMap) -> Answer<&'static str> {
    let values: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<(String, f32)> = values.iter().flat_map(|value| value.split(',')).map(range).collect();
    if ranges.is_empty() {
        return Ok(ANSWERED[0]);
    }
    let wanted = |media: &str| {
        // The most specific range that fits says how much it is wanted.
        let specific = |pattern: &str| ranges.iter().find(|(range, _)| range == pattern).map(|(_, q)| *q);
        specific(media).or_else(|| specific("application/*")).or_else(|| specific("*/*")).unwrap_or(0.0)
    };
    let mut best = (0.0, None);
    for media in ANSWERED {
        let wanted = wanted(media);
        if wanted > best.0 {
            best = (wanted, Some(media));
        }
    }
    best.1.ok_or_else(|| {
        Refusal::new(406, format!("HTTP 406 Not Acceptable: answers are {}", ANSWERED.join(", ")))
    })
}

fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';');
    let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse().ok());
    (media, quality.unwrap_or(1.0))
}

/// Refuses bodies that call themselves something else than JSON.
pub(crate) fn check_body(headers: &HeaderMap) -> Answer<()> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match ACCEPTED.iter().any(|accepted| media.eq_ignore_ascii_case(accepted)) {
        true => Ok(()),
        false => Err(Refusal::new(
            415,
            format!("HTTP 415 Unsupported Media Type: send a body as one of {}", ACCEPTED.join(", ")),
        )),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(accept: &'static str) -> Answer<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        answered(&headers)
    }

    #[test]
    fn the_best_that_both_know() {
        assert_eq!(answered(&HeaderMap::new()).unwrap(), ANSWERED[0]);
        assert_eq!(of("*/*").unwrap(), ANSWERED[0]);
        assert_eq!(of("application/json").unwrap(), ANSWERED[2]);
        assert_eq!(of("application/json, application/vnd.schemaregistry+json").unwrap(), ANSWERED[1]);
        assert_eq!(of("application/json, */*; q=0.5").unwrap(), ANSWERED[2]);
        assert_eq!(of("text/html, application/*;q=0.1").unwrap(), ANSWERED[0]);
        assert_eq!(of("text/html").unwrap_err().code, 406);
    }
}
