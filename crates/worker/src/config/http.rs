//! What the worker's config says of HTTP: CORS, and headers of every answer.

use config::{RawConfig, Report};
use rest::{Cors, HeaderRules, HttpRules};

const ORIGINS: &str = "access.control.allow.origin";
const METHODS: &str = "access.control.allow.methods";
const HEADERS: &str = "response.http.headers.config";

pub(super) fn parse(raw: &RawConfig, report: &mut Report) -> HttpRules {
    let text = |key: &str| raw.get(key).unwrap_or_default().trim();
    let cors = Cors::parse(text(ORIGINS), text(METHODS)).unwrap_or_else(|(methods, why)| {
        let key = if methods { METHODS } else { ORIGINS };
        report.invalid(key, raw.get(key), &why);
        None
    });
    let headers = HeaderRules::parse(text(HEADERS)).unwrap_or_else(|why| {
        report.invalid(HEADERS, raw.get(HEADERS), &why);
        HeaderRules::default()
    });
    HttpRules { cors, headers, ..HttpRules::default() }
}
