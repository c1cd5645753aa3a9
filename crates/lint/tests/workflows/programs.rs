//! Programs that the steps call: real ones that must be there, and stand-ins that write down how they were called.

use std::path::{Path, PathBuf};

/// A folder with one program, a shell script.
pub fn script(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/usr/bin/env bash\nset -euo pipefail\n{text}")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whether a program is on the PATH.
pub fn has(name: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(name).is_file())
}

/// The steps use these on GitHub's runners, which have them.
pub fn need(names: &[&str]) {
    for name in names {
        assert!(
            has(name),
            "{name} is not on the PATH, and the steps of the workflows use it: apt-get install {name}"
        );
    }
}

/// The folder of our own program. Without it or without Terraform the test is skipped, by a name that says which.
pub fn terraform_and_sluice() -> Option<PathBuf> {
    need(&["git", "jq", "openssl"]);
    if !has("terraform") {
        skip("workflows-with-terraform", "terraform is not on the PATH");
        return None;
    }
    let sluice = sluice();
    if sluice.is_none() {
        skip("workflows-with-sluice", "sluice is not built: cargo build --release");
    }
    sluice
}

/// The folder of our own program: beside the tests' folder, or where SLUICE_PROGRAM says.
pub fn sluice() -> Option<PathBuf> {
    let named = std::env::var_os("SLUICE_PROGRAM").map(PathBuf::from);
    let beside = std::env::current_exe().ok()?.parent()?.parent()?.join("sluice");
    let program = named.or(Some(beside)).filter(|path| path.is_file())?;
    program.parent().map(Path::to_owned)
}

// As testkit's, which this crate cannot use: it knows text only, and testkit knows Kafka.
fn skip(test: &str, why: &str) {
    use std::io::Write;
    eprintln!("skipped: {test}: {why}");
    if let Some(list) = std::env::var_os("SLUICE_SKIPPED_TESTS") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        file.write_all(format!("{test}: {why}\n").as_bytes()).unwrap();
    }
}
