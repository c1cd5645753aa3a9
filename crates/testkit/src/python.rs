//! Other people's Python packages, installed once into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const CONFLUENT: &str = "confluent-kafka[avro,json,protobuf,schemaregistry]==2.16.1";
const CONFLUENT_FOLDER: &str = "confluent-kafka-python";

/// An interpreter with Confluent's Python client, kept in `target`, for a test of this name. `None` when the test does not
/// run: it fetches another program, so that it runs with `SLUICE_INTEROP=1` only. A test that is not run is listed.
///
/// # Panics
/// The client cannot be installed.
pub fn with_confluent_client(target: &Path, test: &str) -> Option<PathBuf> {
    crate::interop(test).then(|| {
        with_package(target, CONFLUENT_FOLDER, CONFLUENT)
            .unwrap_or_else(|why| panic!("{CONFLUENT} cannot be installed: {why}"))
    })
}

const CONNECT: &str = "kafka-connect-py==1.0.0 kafka-connect-api==0.5.10";
const CONNECT_FOLDER: &str = "kafka-connect-python";

/// The same with clients of Kafka Connect's REST API, `kafka_connect` and `kafka_connect_api`.
///
/// # Panics
/// They cannot be installed.
pub fn with_connect_clients(target: &Path, test: &str) -> Option<PathBuf> {
    crate::interop(test).then(|| {
        with_package(target, CONNECT_FOLDER, CONNECT)
            .unwrap_or_else(|why| panic!("{CONNECT} cannot be installed: {why}"))
    })
}

static INSTALLING: Mutex<()> = Mutex::new(());

/// The interpreter of an environment with these packages (`name[extras]==version`, separated by blanks), in a folder of `target`; made when it
/// is not there.
///
/// # Errors
/// Python is not there, or the package cannot be installed; with the last line of what was said.
pub(crate) fn with_package(target: &Path, folder: &str, package: &str) -> Result<PathBuf, String> {
    let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = target.join(folder);
    let python = folder.join("bin/python");
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).is_ok_and(|text| text == package) && python.exists() {
        return Ok(python);
    }
    let _ = fs::remove_dir_all(&folder);
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.args(package.split(' '));
    run(&mut install)?;
    fs::write(mark, package).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(last) }
}
