//! The standalone offset file, against files that Java wrote and a Java that reads ours.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use api::SourceOffsets;
use api::data::OffsetMap;
use herder::standalone::OffsetFile;
use sluice_herder as herder;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/offset_file");

fn map(name: &str, value: i64) -> OffsetMap {
    OffsetMap::new().with(name, value)
}

fn offsets(partition: OffsetMap, offset: OffsetMap) -> SourceOffsets {
    vec![(Some(Arc::new(partition)), offset)]
}

#[test]
fn a_file_of_connect_standalone_is_read() {
    let file = OffsetFile::open(format!("{FIXTURES}/connect-standalone.offsets")).unwrap();
    let filename = OffsetMap::new().with("filename", "/tmp/a.txt");
    assert_eq!(file.load("file-source", &[filename]).unwrap(), [Some(map("position", 18))]);
    let table = OffsetMap::new().with("table", "t");
    assert_eq!(file.load("ümlaut", &[table]).unwrap(), [Some(map("incrementing", 42))]);
    let reset = OffsetMap::new().with("k", "v");
    assert_eq!(file.load("reset", &[reset, map("n", 1)]).unwrap(), [None, None]);
    assert_eq!(
        file.load("same", &[map("n", 1), map("n", 2)]).unwrap(),
        [Some(map("position", 7)), Some(map("position", 7))]
    );
    let mut many: Vec<i64> = file
        .list("many")
        .unwrap()
        .iter()
        .map(|(_, offset)| offset.get("p").unwrap().to_i64().unwrap())
        .collect();
    many.sort_unstable();
    assert_eq!(many, (0..20).collect::<Vec<_>>());
    assert!(file.list("reset").unwrap().is_empty());
    assert!(OffsetFile::open(format!("{FIXTURES}/empty.offsets")).unwrap().list("many").unwrap().is_empty());
}

#[tokio::test]
async fn offsets_are_in_the_file_when_store_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connect.offsets");
    let file = OffsetFile::open(&path).unwrap();
    for n in 0..40 {
        file.store("c", &offsets(map("n", n), map("p", n))).await.unwrap();
        let again = OffsetFile::open(&path).unwrap();
        assert_eq!(again.load("c", &[map("n", n)]).unwrap(), [Some(map("p", n))]);
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    file.alter("c", &[(Some(map("n", 1)), None), (Some(map("n", 2)), Some(map("p", 77)))]).await.unwrap();
    let again = OffsetFile::open(&path).unwrap();
    assert_eq!(again.load("c", &[map("n", 1), map("n", 2)]).unwrap(), [None, Some(map("p", 77))]);
    assert_eq!(again.list("c").unwrap().len(), 39);
    assert!(again.list("other").unwrap().is_empty());
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connect.offsets");
    let file = OffsetFile::open(&path).unwrap();
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let file = file.clone();
            tokio::spawn(
                async move { file.store(&format!("c{n}"), &offsets(map("n", n), map("p", n))).await },
            )
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let again = OffsetFile::open(&path).unwrap();
    for n in 0..50 {
        assert_eq!(again.load(&format!("c{n}"), &[map("n", n)]).unwrap(), [Some(map("p", n))]);
    }
}

#[test]
fn other_files_are_refused_and_stay() {
    let error = OffsetFile::open(format!("{FIXTURES}/strings.ser")).unwrap_err();
    assert!(error.to_string().contains("a byte array should follow"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "not offsets").unwrap();
    let error = OffsetFile::open(&path).unwrap_err();
    assert!(error.to_string().contains("not one of Kafka Connect's"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "not offsets");
    fs::write(&path, "").unwrap();
    assert!(OffsetFile::open(&path).is_ok());
    assert!(OffsetFile::open(folder.path()).is_err());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error_of_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later/connect.offsets");
    let file = OffsetFile::open(&path).unwrap();
    let error = file.store("c", &offsets(map("n", 1), map("p", 1))).await.unwrap_err();
    assert!(error.to_string().contains("cannot write the offset file"), "{error}");
    fs::create_dir(folder.path().join("later")).unwrap();
    // What could not be written goes with the next.
    file.store("c", &offsets(map("n", 2), map("p", 2))).await.unwrap();
    let again = OffsetFile::open(&path).unwrap();
    assert_eq!(again.load("c", &[map("n", 1)]).unwrap(), [Some(map("p", 1))]);
}

#[tokio::test]
async fn java_reads_what_we_write() {
    let Some(java) = find("java") else {
        testkit::skip("java_reads_what_we_write", "there is no java on the path; install a JDK 17");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connect.offsets");
    fs::copy(format!("{FIXTURES}/connect-standalone.offsets"), &path).unwrap();
    let file = OffsetFile::open(&path).unwrap();
    let filename = OffsetMap::new().with("filename", "/tmp/a.txt");
    file.store("file-source", &offsets(filename, map("position", 99))).await.unwrap();
    file.alter("many", &[(Some(map("n", 3)), None)]).await.unwrap();
    let read = |path: &Path| {
        let program = format!("{FIXTURES}/Offsets.java");
        let output = Command::new(&java).arg(program).arg("read").arg(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let before = read(Path::new(&format!("{FIXTURES}/connect-standalone.offsets")));
    let expected = before
        .replace(
            "[\"file-source\",{\"filename\":\"/tmp/a.txt\"}]={\"position\":18}",
            "[\"file-source\",{\"filename\":\"/tmp/a.txt\"}]={\"position\":99}",
        )
        .replace("[\"many\",{\"n\":3}]={\"p\":3}", "[\"many\",{\"n\":3}]=null");
    assert_ne!(before, expected);
    assert_eq!(read(&path), expected);
}

fn find(program: &str) -> Option<std::path::PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|path| path.is_file())
}
