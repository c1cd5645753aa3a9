//! Waiting for the cloud. The fake counts reads, so the pauses are short; the number of looks is bounded.

use std::time::Duration;

use anyhow::bail;

use super::Cloud;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);
/// Looks at most: more than any count of pending reads that a test wants.
const LOOKS_MAX: u32 = 3000;

/// What a look saw.
pub enum Look<T> {
    /// It is there.
    Done(T),
    /// Not yet; this is what it is instead.
    Pending(String),
}

/// Looks until it is done.
///
/// # Errors
/// When a look fails, Terraform is interrupted, or it has been looked too often.
pub fn until<T>(
    cloud: &Cloud,
    what: &str,
    mut look: impl FnMut() -> anyhow::Result<Look<T>>,
) -> anyhow::Result<T> {
    let mut state = String::new();
    for _ in 0..LOOKS_MAX {
        if cloud.is_stopped() {
            bail!("Terraform was interrupted while waiting for {what}");
        }
        match look()? {
            Look::Done(done) => return Ok(done),
            Look::Pending(seen) => state = seen,
        }
        std::thread::sleep(PAUSE);
    }
    bail!("{what} is still {state} after {LOOKS_MAX} reads")
}
