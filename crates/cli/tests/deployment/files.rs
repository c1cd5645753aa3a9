//! The files of a deployment, laid out in a folder of the test, and what differs there from a real one.

use std::path::{Path, PathBuf};
use std::process::Command;

use config::properties;

use crate::process::SLUICE;

/// A folder of the blueprint.
pub fn blueprint(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprint").join(folder)
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The root folder of the machine or container, in a temporary one: paths of the deployment lie below it.
pub struct Root(pub tempfile::TempDir);

impl Root {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    /// Writes a file of the deployment with every path in it that begins with one of `places` led below this root.
    pub fn write(&self, path: &str, text: &str, places: &[&str]) {
        let target = self.path(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, self.led_here(text, places)).unwrap();
    }

    /// The same for a text.
    pub fn led_here(&self, text: &str, places: &[&str]) -> String {
        let led = |text: String, place: &&str| text.replace(*place, &self.path(place).display().to_string());
        places.iter().fold(text.to_owned(), led)
    }

    /// Secrets as Kubernetes mounts them: links to links.
    pub fn secrets(&self, folder: &str, names: &[&str]) {
        let data = self.path(folder).join("..2026_11_29");
        std::fs::create_dir_all(&data).unwrap();
        std::os::unix::fs::symlink("..2026_11_29", self.path(folder).join("..data")).unwrap();
        for name in names {
            std::fs::write(data.join(name), format!("s3cret-of-{name}")).unwrap();
            std::os::unix::fs::symlink(format!("..data/{name}"), self.path(folder).join(name)).unwrap();
        }
    }
}

/// The names that references `${directory:FOLDER:NAME}` have.
pub fn secret_names(text: &str, folder: &str) -> Vec<String> {
    let begin = format!("${{directory:{folder}:");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let references = lines.flat_map(|line| line.split(&begin).skip(1));
    let mut names: Vec<String> = references.map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// A number of the worker's properties.
pub fn number(text: &str, key: &str) -> u64 {
    let all = properties::parse(text).unwrap();
    all.get(key).unwrap_or_else(|| panic!("{key} is not set")).parse().unwrap()
}

/// The command with what must be otherwise in a test: where Kafka is, that it is a broker of one node without a login, and
/// that ports are free ones.
pub fn on_embedded_broker(arguments: &[String], bootstrap: &str) -> Command {
    let mut command = Command::new(SLUICE);
    command.args(arguments).env_clear().envs([
        ("CONNECT_BOOTSTRAP_SERVERS", bootstrap),
        ("CONNECT_LISTENERS", "http://127.0.0.1:0"),
        ("CONNECT_SECURITY_PROTOCOL", "PLAINTEXT"),
        ("CONNECT_PRODUCER_SECURITY_PROTOCOL", "PLAINTEXT"),
        ("CONNECT_CONSUMER_SECURITY_PROTOCOL", "PLAINTEXT"),
        ("CONNECT_ADMIN_SECURITY_PROTOCOL", "PLAINTEXT"),
        ("CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR", "1"),
        ("CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR", "1"),
        ("CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", "1"),
    ]);
    command
}

/// That the worker took every key for one that it knows and that does something, and showed no secret.
pub fn must_be_clean(log: &[String]) {
    for line in log {
        for bad in ["there is no such key", "no effect", "not supported yet", "s3cret-of-"] {
            assert!(!line.contains(bad), "{line}");
        }
    }
}
