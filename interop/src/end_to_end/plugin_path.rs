//! The plugin path of Java's worker: FileStream, and Confluent's converter of Avro. The one of Protobuf does not run in
//! a worker with the jars that there are: they lack a class (`com.google.type.DateTimeProto`).

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use tempfile::TempDir;
use testkit::apache_kafka::artifacts::ConnectJars;

use super::pipeline::AVRO;

const SERVICE: &str = "META-INF/services/org.apache.kafka.connect.storage.Converter";

/// A folder with a folder for each plugin. Confluent's jars do not list what they hold, as a worker that does not open
/// every jar needs it: a jar beside them does.
///
/// # Errors
/// A file cannot be made, or there is no program `jar`.
pub fn with_converters(jars: &ConnectJars, confluent: &Path) -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("sluice-interop-").tempdir()?;
    for entry in std::fs::read_dir(&jars.plugins)? {
        let entry = entry?;
        symlink(entry.path().canonicalize()?, folder.path().join(entry.file_name()))?;
    }
    let converters = folder.path().join("confluent");
    std::fs::create_dir(&converters)?;
    for entry in std::fs::read_dir(confluent).with_context(|| confluent.display().to_string())? {
        let entry = entry?;
        symlink(entry.path().canonicalize()?, converters.join(entry.file_name()))?;
    }
    let listed = tempfile::tempdir()?;
    let service = listed.path().join(SERVICE);
    std::fs::create_dir_all(service.parent().context("no folder")?)?;
    std::fs::write(&service, format!("{AVRO}\n"))?;
    let mut pack = Command::new("jar");
    pack.arg("cf").arg(converters.join("services.jar")).arg("-C").arg(listed.path()).arg("META-INF");
    let packed = pack.output().context("jar cannot be run")?;
    ensure!(packed.status.success(), "jar: {}", String::from_utf8_lossy(&packed.stderr));
    Ok(folder)
}
