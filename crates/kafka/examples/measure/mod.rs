//! What a run cost: processor time and memory of this process, as Linux tells.

use std::fs;

use sluice_kafka::ClientSettings;

/// Ticks a second of the times in `/proc/self/stat`; the same on every Linux that we run on.
const TICKS: f64 = 100.0;

/// Processor time so far.
pub struct Cost(f64);

impl Cost {
    pub fn now() -> Self {
        // The fields after the program's name, which is in parentheses; user and system time are the 12th and 13th.
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks =
            |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
        Self((ticks(11) + ticks(12)) / TICKS)
    }

    pub fn per_record(&self, records: usize, seconds: f64) -> String {
        let spent = Self::now().0 - self.0;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?").trim();
        format!(
            "{:.0} records/s, {:.2} CPU-µs a record, peak memory {peak}",
            records as f64 / seconds,
            spent * 1e6 / records as f64
        )
    }
}

/// Settings of `KEY=VALUE` arguments.
pub fn settings(bootstrap: &str, rest: &[String]) -> Result<ClientSettings, Box<dyn std::error::Error>> {
    let mut settings = ClientSettings::default();
    settings.0.set("bootstrap.servers", bootstrap);
    for argument in rest {
        let (key, value) = argument.split_once('=').ok_or("settings have the form KEY=VALUE")?;
        settings.0.set(key, value);
    }
    Ok(settings)
}
