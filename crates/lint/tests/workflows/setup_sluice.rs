//! The program is installed only when it is the one that was pinned.

use std::process::Command;

use crate::expression::{evaluate, fill};
use crate::job::Outcome;
use crate::programs::{need, script};
use crate::repository::{Repository, pipeline, workflow};

// Downloads nothing: gives the archive beside it, and writes down what was asked for.
const CURL: &str = r#"
while (($#)); do
  case $1 in
    --output) to=$2; shift ;;
    --proto | --retry) shift ;;
    --*) ;;
    *) url=$1 ;;
  esac
  shift
done
echo "$url" >"$(dirname "$0")/url"
cp "$(dirname "$0")/archive" "$to"
"#;

// Runs the composite action with these inputs beside its defaults; gives what happened, and what was asked for.
fn install(inputs: &[(&str, &str)]) -> (Outcome, String) {
    need(&["git", "tar"]);
    let repository = Repository::new(&[]);
    let programs = repository.scratch("programs");
    script(&programs, "curl", CURL);
    script(&repository.scratch("release"), "sluice", "echo 'sluice 1.2.3'\n");
    let packed = Command::new("tar")
        .arg("-czf")
        .arg(programs.join("archive"))
        .arg("-C")
        .arg(repository.scratch("release"))
        .arg("sluice")
        .status();
    assert!(packed.unwrap().success());
    let sum = Command::new("sha256sum").arg(programs.join("archive")).output().unwrap().stdout;
    let sum = String::from_utf8(sum).unwrap()[..64].to_owned();

    let action = workflow("actions/setup-sluice/action.yml");
    let mut values = vec![("github.server_url".to_owned(), "https://git.acme.example".to_owned())];
    for (name, input) in action["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let given = inputs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.replace("SUM", &sum));
        values.push((
            format!("inputs.{name}"),
            given.unwrap_or_else(|| input["default"].as_str().unwrap().to_owned()),
        ));
    }
    let step = &action["runs"]["steps"][0];
    assert_eq!(evaluate("format('{0}-{1}', 'a', 'b')", &|_| None), "a-b");
    let lookup = |path: &str| values.iter().find(|(key, _)| key == path).map(|(_, value)| value.clone());
    let runner = repository.runner(std::slice::from_ref(&programs), &[]);
    std::fs::create_dir_all(&runner.temp).unwrap();
    let mut command = Command::new("bash");
    command.args(["-eo", "pipefail", "-c", step["run"].as_str().unwrap()]).current_dir(&runner.checkout);
    for (key, value) in step["env"].as_mapping().unwrap() {
        command.env(key.as_str().unwrap(), fill(value.as_str().unwrap(), &lookup));
    }
    let path_file = runner.temp.join("path");
    let output = command
        .env("PATH", runner.path())
        .env("GITHUB_ACTION_PATH", pipeline().join("actions/setup-sluice"))
        .env("GITHUB_PATH", &path_file)
        .env("RUNNER_TEMP", &runner.temp)
        .output()
        .unwrap();
    let mut outcome = Outcome {
        log: String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        ..Outcome::default()
    };
    outcome.failed = (!output.status.success()).then(|| "Install sluice".to_owned());
    outcome.summary = std::fs::read_to_string(path_file).unwrap_or_default();
    (outcome, std::fs::read_to_string(programs.join("url")).unwrap_or_default())
}

#[test]
fn the_pinned_archive_is_installed() {
    let (outcome, url) = install(&[("version", "1.2.3"), ("sha256", "SUM"), ("repository", "acme/sluice")]);
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    assert_eq!(
        url.trim(),
        "https://git.acme.example/acme/sluice/releases/download/v1.2.3/sluice-1.2.3-x86_64-linux.tar.gz"
    );
    assert!(outcome.log.contains("sluice 1.2.3"), "{}", outcome.log);
    assert!(
        outcome.summary.trim().ends_with("/sluice-1.2.3"),
        "its folder is on the PATH: {:?}",
        outcome.summary
    );
}

#[test]
fn another_archive_or_version_is_refused() {
    let wrong_sum = "0".repeat(64);
    for (version, sum, repository, message) in [
        ("1.2.3", wrong_sum.as_str(), "acme/sluice", "is not the archive that was reviewed"),
        ("1.2.4", "SUM", "acme/sluice", "expected is sluice 1.2.4"),
        ("1.2.3", "SET-ME", "acme/sluice", "write the checksum of version 1.2.3"),
        ("1.2.3", "SUM", "YOUR-COMPANY/sluice", "still the placeholder"),
    ] {
        let (outcome, _) = install(&[("version", version), ("sha256", sum), ("repository", repository)]);
        assert!(outcome.failed.is_some() && outcome.log.contains(message), "{message}: {}", outcome.log);
    }
}

#[test]
fn what_is_committed_must_be_set_first() {
    let (outcome, url) = install(&[]);
    assert!(outcome.failed.is_some(), "{}", outcome.log);
    assert_eq!(url, "", "nothing is downloaded");
}

#[test]
fn releases_can_be_elsewhere() {
    let (outcome, url) = install(&[
        ("version", "1.2.3"),
        ("sha256", "SUM"),
        ("releases-url", "https://files.acme.example/sluice"),
    ]);
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    assert!(url.starts_with("https://files.acme.example/sluice/download/v1.2.3/"), "{url}");
}
