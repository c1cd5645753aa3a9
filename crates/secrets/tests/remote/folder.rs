//! A folder in the place of a store.

use std::fs;

use crate::{CANARY, error, provider, resolve, try_provider, value};

const CLASS: &str = "sluice.FolderConfigProvider";

#[tokio::test]
async fn a_folder_answers_as_the_store_would() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir_all(place("team/files")).unwrap();
    fs::write(place("team/db.json"), format!(r#"{{"password":"{CANARY}","port":5432}}"#)).unwrap();
    fs::write(place("mail.properties"), "user = sue\n").unwrap();
    fs::write(place("team/files/token"), "t0ken").unwrap();
    fs::write(place("plain"), CANARY).unwrap();
    let providers = provider(CLASS, &[("folder", &folder.path().display().to_string())]);
    for (reference, expected) in [
        ("${p:team/db:password}", CANARY),
        ("${p:team/db:port?ttl=1000}", "5432"),
        ("${p:mail:user}", "sue"),
        ("${p:team/files:token}", "t0ken"),
        ("${p:plain}", CANARY),
    ] {
        assert_eq!(value(&providers, reference).await, expected, "{reference}");
    }
    assert_eq!(resolve(&providers, "${p:team/db:nope}").await.unwrap().unresolved.len(), 1);
    assert!(error(&providers, "${p:nope:k}").await.to_string().contains("no such secret"));
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_read() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(outside.path().join("out.json"), format!(r#"{{"k":"{CANARY}"}}"#)).unwrap();
    fs::write(folder.join("broken.json"), format!("{{{CANARY}")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("out.json"), folder.join("link.json")).unwrap();
    let providers = provider(CLASS, &[("folder", &folder.display().to_string())]);
    for reference in
        ["${p:../out:k}", "${p:%2E%2E/out:k}", "${p:/etc/passwd:k}", "${p:link:k}", "${p:broken:k}"]
    {
        error(&providers, reference).await;
    }
    assert!(try_provider(CLASS, &[]).unwrap_err().contains("param.folder"));
    assert!(try_provider(CLASS, &[("folder", "secrets")]).unwrap_err().contains("not absolute"));
}
