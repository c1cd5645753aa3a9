//! Whether and how metrics are written for CloudWatch.

use std::time::Duration;

use config::Report;

use super::CommonKeys;

const INTERVAL_MIN: Duration = Duration::from_secs(1);

/// How metrics are written as lines of CloudWatch's embedded metric format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricLines {
    /// Time between two times.
    pub interval: Duration,
    /// The dimension `Environment`.
    pub environment: String,
}

impl MetricLines {
    /// What the keys say; `None` when there are to be no lines.
    pub(super) fn of(keys: &CommonKeys, report: &mut Report) -> Option<Self> {
        if !keys.emf {
            return None;
        }
        let environment = keys.environment.as_deref().map(str::trim).unwrap_or_default();
        if environment.is_empty() {
            report.add(
                "sluice.metrics.environment",
                "sluice.metrics.emf=true needs sluice.metrics.environment, such as prod: the dimension Environment, by \
                 which alarms find the metrics",
            );
        }
        if keys.emf_interval < INTERVAL_MIN {
            let millis = keys.emf_interval.as_millis().to_string();
            report.invalid(
                "sluice.metrics.emf.interval.ms",
                Some(&millis),
                "Value must be at least 1000: CloudWatch keeps no more than a value a second",
            );
        }
        Some(Self { interval: keys.emf_interval, environment: environment.to_owned() })
    }
}
