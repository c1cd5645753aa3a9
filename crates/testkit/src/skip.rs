//! Saying that a test was skipped.

use std::io::Write;

/// Says by name that a test cannot run here, and why. `cargo xtask test` lists what was said at its end, and with
/// `CI=true` fails unless the name is allowed in `.ci/allowed-fallbacks`.
pub fn skip(name: &str, why: &str) {
    eprintln!("skipped: {name}: {why}");
    let Some(path) = std::env::var_os("SLUICE_SKIPPED_TESTS") else { return };
    let appended = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    // Tests run in parallel: one write of one line is not torn.
    let written = appended.and_then(|mut file| file.write_all(format!("{name}: {why}\n").as_bytes()));
    written.expect("the list of skipped tests can be written");
}

/// Whether tests against other people's programs are run, which takes fetching them: `SLUICE_INTEROP=1` says so. If not,
/// the test is skipped by this name.
pub fn interop(test: &str) -> bool {
    let wanted = std::env::var("SLUICE_INTEROP").is_ok_and(|value| value == "1");
    if !wanted {
        skip(test, "it runs with SLUICE_INTEROP=1 only, because it fetches another program");
    }
    wanted
}

/// The folder of reference material beside the repository, when it is there: real configurations and published
/// definitions that are test data and not ours to copy.
pub fn shared(test: &str) -> Option<std::path::PathBuf> {
    let mut folder = std::env::current_dir().ok()?;
    loop {
        let shared = folder.join("../shared");
        if folder.join("Cargo.lock").exists() {
            if shared.join("README.md").exists() {
                return Some(shared);
            }
            skip(test, "the folder ../shared is not there");
            return None;
        }
        if !folder.pop() {
            skip(test, "the folder ../shared is not there");
            return None;
        }
    }
}
