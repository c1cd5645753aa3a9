//! Providers from outside: what they give, and what they do not.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use api::config::RawConfig;
use sluice_secrets::{Providers, reinsert};
use tempfile::TempDir;

fn raw(entries: &[(&str, &str)]) -> RawConfig {
    entries.iter().copied().collect()
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("open")).unwrap();
    fs::create_dir_all(folder.path().join("closed")).unwrap();
    fs::write(folder.path().join("open/db.properties"), "user=sue\npassword = open sesame\n").unwrap();
    fs::write(folder.path().join("open/token"), " t0ken\n").unwrap();
    fs::write(folder.path().join("closed/db.properties"), "password=canary\n").unwrap();
    folder
}

fn providers(folder: &Path) -> Providers {
    let open = folder.join("open").display().to_string();
    Providers::from_worker(&raw(&[
        ("config.providers", "file, dir, env"),
        ("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider"),
        ("config.providers.file.param.allowed.paths", &open),
        ("config.providers.dir.class", "DirectoryConfigProvider"),
        ("config.providers.dir.param.allowed.paths", &open),
        ("config.providers.env.class", "EnvVar"),
        ("config.providers.env.param.allowlist.pattern", "CARGO_PKG_.*"),
    ]))
    .unwrap()
}

#[tokio::test]
async fn references_are_replaced_wherever_they_stand() {
    let folder = folder();
    let open = folder.path().join("open").display().to_string();
    let sent = raw(&[
        (
            "url",
            &format!("db://${{file:{open}/db.properties:user}}:${{file:{open}/db.properties:password}}@h"),
        ),
        ("token", &format!("${{dir:{open}:token}}")),
        ("name", "${env:CARGO_PKG_NAME}"),
        ("plain", "${topic}"),
    ]);
    let resolved = providers(folder.path()).resolve(&sent).await.unwrap();
    assert_eq!(resolved.config.get("url"), Some("db://sue:open sesame@h"));
    assert_eq!(resolved.config.get("token"), Some(" t0ken\n"));
    assert_eq!(resolved.config.get("name"), Some("sluice-secrets"));
    assert_eq!(resolved.config.get("plain"), Some("${topic}"));
    assert!(resolved.unresolved.is_empty());
    assert_eq!(
        resolved.redactor.scrub("login with open sesame failed"),
        format!("login with ${{file:{open}/db.properties:password}} failed")
    );
    assert!(!format!("{resolved:?}").contains("sesame"));
}

#[tokio::test]
async fn a_reference_without_a_value_stays_and_is_named() {
    let folder = folder();
    let open = folder.path().join("open").display().to_string();
    let texts = [
        "${vault:secret/db:password}".to_owned(),
        format!("${{file:{open}/db.properties:nope}}"),
        format!("${{dir:{open}:nope}}"),
        format!("${{dir:{open}:../closed/db.properties}}"),
        "${env:PATH}".to_owned(),
        "${env:CARGO_PKG_NO_SUCH}".to_owned(),
    ];
    for text in &texts {
        let resolved = providers(folder.path()).resolve(&raw(&[("a", text)])).await.unwrap();
        assert_eq!(resolved.config.get("a"), Some(text.as_str()));
        assert_eq!((resolved.unresolved[0].key.as_str(), &resolved.unresolved[0].reference), ("a", text));
    }
}

#[tokio::test]
async fn cve_2024_31141_nothing_outside_of_the_allow_list_is_read() {
    let folder = folder();
    let (open, closed) = (folder.path().join("open"), folder.path().join("closed"));
    std::os::unix::fs::symlink(closed.join("db.properties"), open.join("link.properties")).unwrap();
    std::os::unix::fs::symlink(&closed, open.join("linked")).unwrap();
    let mut attempts: Vec<String> = [
        closed.join("db.properties"),
        open.join("../closed/db.properties"),
        open.join("link.properties"),
        open.join("linked/db.properties"),
        "/etc/passwd".into(),
    ]
    .iter()
    .map(|path| format!("${{file:{}:password}}", path.display()))
    .collect();
    attempts.push(format!("${{dir:{}:db.properties}}", closed.display()));
    attempts.push(format!("${{dir:{}:link.properties}}", open.display()));
    attempts.push(format!("${{dir:{}/linked:db.properties}}", open.display()));
    for text in attempts {
        let error = providers(folder.path()).resolve(&raw(&[("a", &text)])).await.unwrap_err();
        assert!(error.to_string().contains("may not read this path"), "{text}: {error}");
        assert!(!error.trace().contains("canary"));
    }
    let error =
        providers(folder.path()).resolve(&raw(&[("a", "${env:x:CARGO_PKG_NAME}")])).await.unwrap_err();
    assert!(error.to_string().contains("have no path"));
}

#[test]
fn cve_2024_31141_a_provider_without_an_allow_list_is_refused() {
    for (class, param) in [
        ("FileConfigProvider", "allowed.paths"),
        ("DirectoryConfigProvider", "allowed.paths"),
        ("EnvVarConfigProvider", "allowlist.pattern"),
    ] {
        let config = raw(&[("config.providers", "p"), ("config.providers.p.class", class)]);
        let report = Providers::from_worker(&config).unwrap_err();
        assert!(report.of(&format!("config.providers.p.param.{param}"))[0].contains("reads nothing without"));
    }
    let relative = raw(&[
        ("config.providers", "p"),
        ("config.providers.p.class", "File"),
        ("config.providers.p.param.allowed.paths", "secrets"),
    ]);
    assert!(Providers::from_worker(&relative).unwrap_err().to_string().contains("is not absolute"));
}

#[test]
fn a_provider_that_is_not_here_is_refused_with_those_there_are() {
    let config = raw(&[("config.providers", "aws"), ("config.providers.aws.class", "com.x.SecretsManager")]);
    let report = Providers::from_worker(&config).unwrap_err();
    let text = &report.of("config.providers.aws.class")[0];
    assert!(text.contains("com.x.SecretsManager") && text.contains("EnvVarConfigProvider"), "{text}");
    let config = raw(&[("config.providers", "aws")]);
    assert!(Providers::from_worker(&config).unwrap_err().to_string().contains("Missing required"));
    assert_eq!(Providers::from_worker(&raw(&[])).unwrap().names().count(), 0);
}

#[tokio::test]
async fn task_configs_get_their_references_back() {
    let folder = folder();
    let open = folder.path().join("open").display().to_string();
    let reference = format!("${{file:{open}/db.properties:password}}");
    let sent = raw(&[("password", &reference), ("table", "t")]);
    let resolved = providers(folder.path()).resolve(&sent).await.unwrap();
    let task = raw(&[("password", "whatever"), ("renamed", "x=open sesame"), ("table", "t")]);
    let kafkas = reinsert(&sent, task.clone());
    assert_eq!(
        (kafkas.get("password"), kafkas.get("renamed")),
        (Some(reference.as_str()), Some("x=open sesame"))
    );
    let ours = resolved.redactor.reinsert(&sent, task);
    assert_eq!(ours.get("renamed"), Some(format!("x={reference}").as_str()));
    assert_eq!(ours.get("table"), Some("t"));
}
