//! How much and how long clients of REST may take: `sluice.rest.*`.

use config::Report;
use rest::{Limits, Network, Rate};

use super::CommonKeys;

pub(super) fn read(keys: &CommonKeys, report: &mut Report) -> Limits {
    for (key, time) in [
        ("sluice.rest.handshake.timeout.ms", keys.handshake_timeout),
        ("sluice.rest.idle.timeout.ms", keys.idle_timeout),
        ("sluice.rest.header.timeout.ms", keys.header_timeout),
        ("sluice.rest.body.timeout.ms", keys.body_timeout),
        ("sluice.rest.answer.timeout.ms", keys.answer_timeout),
    ] {
        if time.is_zero() {
            report.invalid(key, Some("0"), "Value must be at least 1");
        }
    }
    let mut exempt = Vec::new();
    for text in keys.exempt.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        match text.parse::<Network>() {
            Ok(network) => exempt.push(network),
            Err(why) => report.invalid("sluice.rest.requests.exempt", Some(text), &why),
        }
    }
    let per_second = u32::try_from(keys.requests_per_second).unwrap_or_default();
    Limits {
        connections_max: usize::try_from(keys.connections_max).unwrap_or_default(),
        handshake: keys.handshake_timeout,
        idle: keys.idle_timeout,
        head: keys.header_timeout,
        head_bytes_max: usize::try_from(keys.header_bytes_max).unwrap_or_default(),
        body: keys.body_timeout,
        answer: keys.answer_timeout,
        rate: (per_second > 0).then_some(Rate { per_second, exempt }),
    }
}
