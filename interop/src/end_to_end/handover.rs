//! One worker goes on where the other stopped: in the same folder, with the same offset file and the same broker.

use std::io::Write;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value as Json, json};

use super::pipeline::{all_of, plain};
use super::site::{Side, Site};
use super::topic;

const NAME: &str = "handover";
const BEFORE: &str = "one\ntwo\nthree\n";
const AFTER: &str = "four\nfive\n";

/// Reads a file with this side's worker, then what comes later with the other's.
///
/// # Errors
/// A worker does not start or stop, or does not come to the end.
pub fn run(site: &mut Site, then: Side) -> anyhow::Result<Json> {
    let config = all_of([
        plain(),
        json!({"connector.class": "FileStreamSource", "file": "handover.txt", "topic": "handover-out"}),
    ]);
    std::fs::write(site.file("handover.txt"), BEFORE)?;
    site.create(NAME, &config)?;
    wait(site, BEFORE.len())?;
    site.work_with(then)?;
    let mut file = std::fs::OpenOptions::new().append(true).open(site.file("handover.txt"))?;
    file.write_all(AFTER.as_bytes())?;
    site.create(NAME, &config)?;
    let found = wait(site, BEFORE.len() + AFTER.len()).context("after the handover")?;
    let records = topic::read(&site.bootstrap, "handover-out", 5)?;
    let values: Vec<Json> =
        records.as_array().into_iter().flatten().map(|record| record["value"].clone()).collect();
    Ok(json!({"offsets": found, "values": values}))
}

/// What must come of it, whichever worker was the first.
pub fn expected() -> Json {
    let values: Vec<String> = BEFORE.lines().chain(AFTER.lines()).map(|line| format!("{line:?}")).collect();
    json!({
        "offsets": [{"partition": {"filename": "handover.txt"}, "offset": {"position": BEFORE.len() + AFTER.len()}}],
        "values": values,
    })
}

fn wait(site: &Site, end: usize) -> anyhow::Result<Json> {
    let started = Instant::now();
    loop {
        let offsets = site.get("/connectors/handover/offsets")?["body"]["offsets"].take();
        if offsets[0]["offset"] == json!({"position": end}) {
            return Ok(offsets);
        }
        site.must_be_quick(started, &format!("position {end}"))?;
    }
}
