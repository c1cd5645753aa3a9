//! What the operating system says of a process.

use std::time::Duration;

use anyhow::Context;

/// CPU time that a process has used so far, user and system.
///
/// # Errors
/// There is no such process, or this is no Linux.
pub fn cpu(process: u32) -> anyhow::Result<Duration> {
    let stat =
        std::fs::read_to_string(format!("/proc/{process}/stat")).context("benches need Linux's /proc")?;
    // The program's name is in parentheses and may hold blanks: fields are counted after it.
    let fields: Vec<&str> = stat.rsplit(')').next().context("no fields")?.split_whitespace().collect();
    let ticks: u64 = fields.get(11).context("no utime")?.parse::<u64>()?
        + fields.get(12).context("no stime")?.parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10)) // USER_HZ is 100 on every Linux that we run on
}

/// Memory of a process in bytes: `VmHWM` is the peak of what was resident, `VmRSS` the present, `RssAnon` what of it is
/// in no file, `Pss` the present with
/// pages that several processes share divided among them.
///
/// # Errors
/// There is no such process or line.
pub fn memory(process: u32, line: &str) -> anyhow::Result<u64> {
    let file = if line == "Pss" { "smaps_rollup" } else { "status" };
    let status = std::fs::read_to_string(format!("/proc/{process}/{file}"))?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let found = found.with_context(|| format!("no {line}"))?;
    let kilobytes: u64 = found.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}
