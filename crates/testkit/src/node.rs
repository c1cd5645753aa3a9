//! Other people's packages for Node.js, installed once into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CLIENT: &str = "kafka-connect-client@2.3.0";

/// A folder of modules with the client of Kafka Connect's REST API from npm, for `NODE_PATH`, kept in `target`, for a test
/// of this name. `None` when the test does not run: it fetches another program, so that it runs with `SLUICE_INTEROP=1`
/// only. A test that is not run is listed.
///
/// # Panics
/// The client cannot be installed.
pub fn with_connect_client(target: &Path, test: &str) -> Option<PathBuf> {
    crate::interop(test).then(|| {
        let folder = target.join("kafka-connect-npm");
        install(&folder).unwrap_or_else(|why| panic!("{CLIENT} cannot be installed: {why}"));
        folder.join("node_modules")
    })
}

fn install(folder: &Path) -> Result<(), String> {
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).is_ok_and(|text| text == CLIENT) {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix"])
        .arg(folder)
        .arg(CLIENT);
    let output = npm.output().map_err(|error| format!("npm: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    fs::write(mark, CLIENT).map_err(|error| error.to_string())
}
