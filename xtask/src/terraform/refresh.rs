//! `sluice aws refresh-targets` on the emulator: the program that the module's schedule starts, against a target group
//! that AWS's own client made and looks into.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;

use super::moto::Moto;
use super::report::Passed;

/// The item's name.
pub const NAME: &str = "modules/egress-private-link: sluice aws refresh-targets";

/// A name that has the same addresses on every machine.
const HOST: &str = "127.0.0.1";

/// Refreshes a group with a stray address in it, and once more.
///
/// # Errors
/// A target is missing or one too many, or the second refresh changes something.
pub fn check(moto: &mut Moto, built: &Path) -> anyhow::Result<Passed> {
    let arn = moto.group("make")?.concat();
    let checked = refreshed(moto, built, &arn);
    moto.group("drop")?;
    checked
}

fn refreshed(moto: &mut Moto, built: &Path, arn: &str) -> anyhow::Result<Passed> {
    let stray = moto.group("stray")?;
    ensure!(stray == ["10.0.0.9:5432"], "the stray target was not registered: {stray:?}");
    let planned = run(moto, built, arn, &["--dry-run"])?;
    ensure!(moto.group("targets")? == stray, "--dry-run changed the group: {planned}");
    let first = run(moto, built, arn, &[])?;
    let targets = moto.group("targets")?;
    ensure!(targets == [format!("{HOST}:5432")], "targets after the refresh: {targets:?}; it said {first}");
    let second = run(moto, built, arn, &[])?;
    for word in ["registered", "deregistered"] {
        let count =
            serde_json::from_str::<serde_json::Value>(&second)?["result"][word].as_array().map(Vec::len);
        ensure!(count == Some(0), "the second refresh changed something: {second}");
    }
    ensure!(moto.group("targets")? == targets, "the second refresh changed the group");
    Ok(Passed::one("registered 1, deregistered 1, then nothing"))
}

fn run(moto: &Moto, built: &Path, arn: &str, more: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(built.join("sluice"))
        .args(["aws", "refresh-targets", "--output", "json", "--host", HOST, "--target-group", arn])
        .args(["--endpoint-url", &moto.url])
        .args(more)
        .env("AWS_ACCESS_KEY_ID", "emulated")
        .env("AWS_SECRET_ACCESS_KEY", "emulated")
        .output()?;
    ensure!(
        output.status.success(),
        "sluice aws refresh-targets ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
