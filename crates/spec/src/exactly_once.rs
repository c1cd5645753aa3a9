//! The keys `exactly.once.support` and `transaction.boundary` of a source.

use std::time::Duration;

use api::config::{Catalog, RawConfig, Report};

use crate::keys::SourceKeys;
use crate::{TransactionBoundary, WorkerDefaults};

const SUPPORT: &str = "exactly.once.support";
const BOUNDARY: &str = "transaction.boundary";

/// Refuses what worker and connector cannot give, in Kafka's words.
pub(crate) fn check(
    raw: &RawConfig,
    class: &str,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
    report: &mut Report,
) {
    let is = |key: &str, text: &str| raw.get(key).is_some_and(|it| it.trim().eq_ignore_ascii_case(text));
    let promises = || catalog.source_promises(class, raw);
    if is(SUPPORT, "required") {
        if !defaults.exactly_once {
            report.add(SUPPORT, "This worker does not have exactly-once source support enabled.");
        }
        if promises().is_some_and(|promises| !promises.exactly_once) {
            report.add(
                SUPPORT,
                "The connector does not support exactly-once semantics with the provided configuration.",
            );
        }
    }
    let distributed = defaults.group_id.is_some();
    if distributed && is(BOUNDARY, "connector") && promises().is_some_and(|promises| !promises.boundaries) {
        report.add(
            BOUNDARY,
            "The connector does not support connector-defined transaction boundaries with the given configuration. \
             Please reconfigure it to use a different transaction boundary definition.",
        );
    }
}

/// What ends the transactions of a source.
pub(crate) fn boundary(keys: &SourceKeys) -> TransactionBoundary {
    match keys.boundary.trim().to_ascii_lowercase().as_str() {
        "interval" => {
            let interval = keys.boundary_interval_ms.and_then(|ms| u64::try_from(ms).ok());
            TransactionBoundary::Interval(interval.map(Duration::from_millis))
        }
        "connector" => TransactionBoundary::Connector,
        _ => TransactionBoundary::Poll,
    }
}
