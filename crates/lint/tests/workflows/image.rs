//! The image's way from its folder to a pull request with its digest.

use std::path::PathBuf;

use serde_norway::Value;

use crate::job::{Outcome, Runner};
use crate::programs::{need, script};
use crate::repository::{Repository, workflow};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const REPOSITORY: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice";
const TFVARS: &str = "terraform/environments/dev/foundation/terraform.tfvars";

const DOCKER: &str = r#"
folder=$(dirname "$0")
echo "docker $*" >>"$folder/calls"
case "$*" in
  build*) [[ -f image/Dockerfile && -f sluice/Cargo.toml ]] ;;
  *.Config.User*) cat "$folder/user" ;;
  *RepoDigests*) echo "other.example/sluice@DIGEST"; echo "REPOSITORY@DIGEST" ;;
  login*) [[ $(cat) == token ]] ;;
esac
"#;

struct Fixture {
    repository: Repository,
    programs: PathBuf,
    runner: Runner,
    workflow: Value,
}

fn fixture(url: &str) -> Fixture {
    need(&["git"]);
    let repository = Repository::new(&[
        ("image/Dockerfile", "FROM scratch\n"),
        (TFVARS, "region       = \"eu-central-1\"\nworker_image = \"old@sha256:00\"\n"),
        ("terraform/environments/prod/foundation/terraform.tfvars", "worker_image = \"old@sha256:00\"\n"),
    ]);
    let programs = repository.scratch("programs");
    script(&programs, "docker", &DOCKER.replace("DIGEST", DIGEST).replace("REPOSITORY", REPOSITORY));
    script(&programs, "aws", "echo \"aws $*\" >>\"$(dirname \"$0\")/calls\"\necho token\n");
    script(&programs, "gh", "echo \"gh $*\" >>\"$(dirname \"$0\")/calls\"\n");
    std::fs::write(programs.join("user"), "65532:65532\n").unwrap();
    // The checkout of Sluice beside it, at the commit that is pinned.
    repository.write("sluice/Cargo.toml", "[workspace]\n");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@acme.example",
            "commit",
            "--quiet",
            "--message",
            "v0.1.0",
        ],
    ] {
        repository.git(&[&["-C", "sluice"], arguments].concat());
    }
    let mut image = workflow("workflows/image.yml");
    image["env"]["SLUICE_COMMIT"] = repository.git(&["-C", "sluice", "rev-parse", "HEAD"]).into();
    let values =
        [("vars.ecr_repository_url", url), ("needs.push.outputs.image", &format!("{REPOSITORY}@{DIGEST}"))];
    let runner = repository.runner(std::slice::from_ref(&programs), &values);
    Fixture { repository, programs, runner, workflow: image }
}

impl Fixture {
    fn run(&self, job: &str) -> Outcome {
        self.runner.run(&self.workflow, &self.workflow["jobs"][job], |_| true)
    }

    fn calls(&self) -> String {
        std::fs::read_to_string(self.programs.join("calls")).unwrap_or_default()
    }
}

#[test]
fn an_image_is_pushed_and_known_by_its_digest() {
    let fixture = fixture(REPOSITORY);
    let outcome = fixture.run("push");
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    assert_eq!(outcome.values["steps.push.outputs.image"], format!("{REPOSITORY}@{DIGEST}"));
    let calls = fixture.calls();
    let commit = fixture.repository.git(&["rev-parse", "HEAD"]);
    for call in [
        "aws ecr get-login-password --region eu-central-1",
        &format!("docker push {REPOSITORY}:{commit}"),
        "docker logout 123456789012.dkr.ecr",
        "--read-only --cap-drop ALL",
    ] {
        assert!(calls.contains(call), "{call} is not in\n{calls}");
    }
}

#[test]
fn an_image_that_runs_as_root_is_refused() {
    for user in ["", "0", "root", "0:0"] {
        let fixture = fixture(REPOSITORY);
        std::fs::write(fixture.programs.join("user"), format!("{user}\n")).unwrap();
        let outcome = fixture.run("build");
        assert_eq!(outcome.failed.as_deref(), Some("Build and try"), "user {user:?}: {}", outcome.log);
    }
    assert_eq!(fixture(REPOSITORY).run("build").failed, None);
}

#[test]
fn only_the_pinned_commit_is_built() {
    let mut fixture = fixture(REPOSITORY);
    fixture.workflow = workflow("workflows/image.yml");
    let outcome = fixture.run("build");
    assert_eq!(outcome.failed.as_deref(), Some("Build and try"), "{}", outcome.log);
    assert!(outcome.log.contains("pinned is SET-ME"), "{}", outcome.log);
    assert!(!fixture.calls().contains("docker build"), "{}", fixture.calls());
}

#[test]
fn nothing_is_pushed_to_a_wrong_registry() {
    for url in
        ["", "registry.example/sluice", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice:latest"]
    {
        let fixture = fixture(url);
        let outcome = fixture.run("push");
        assert_eq!(outcome.failed.as_deref(), Some("Push"), "{url}: {}", outcome.log);
        assert!(!fixture.calls().contains("docker push"), "{}", fixture.calls());
    }
}

#[test]
fn the_digest_is_proposed_by_a_pull_request() {
    let fixture = fixture(REPOSITORY);
    let before = fixture.repository.git(&["rev-parse", "main"]);
    let outcome = fixture.run("propose");
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    let branch = "origin/worker-image-0123456789ab";
    let tfvars = |environment: &str| {
        fixture.repository.git(&[
            "show",
            &format!("{branch}:terraform/environments/{environment}/foundation/terraform.tfvars"),
        ])
    };
    assert_eq!(
        tfvars("dev"),
        format!("region       = \"eu-central-1\"\nworker_image = \"{REPOSITORY}@{DIGEST}\"")
    );
    assert_eq!(tfvars("prod"), format!("worker_image = \"{REPOSITORY}@{DIGEST}\""));
    assert_eq!(
        fixture.repository.git(&["ls-remote", "origin", "refs/heads/main"])[..40],
        before[..],
        "main stays"
    );
    assert!(
        fixture.calls().contains("gh pr create --head worker-image-0123456789ab --base main"),
        "{}",
        fixture.calls()
    );
}

#[test]
fn an_image_that_is_there_already_makes_no_pull_request() {
    let fixture = fixture(REPOSITORY);
    let text = format!("worker_image = \"{REPOSITORY}@{DIGEST}\"\n");
    fixture
        .repository
        .commit(&[(TFVARS, &text), ("terraform/environments/prod/foundation/terraform.tfvars", &text)]);
    let outcome = fixture.run("propose");
    assert_eq!(outcome.failed, None, "{}", outcome.log);
    assert!(!fixture.calls().contains("gh pr create"), "{}", fixture.calls());
}
