//! One comment a pull request, updated in place.

use std::path::PathBuf;

use crate::job::Outcome;
use crate::programs::{need, script};
use crate::repository::{Repository, workflow};

// A stand-in that keeps comments in a file, and filters as `gh --jq` does.
const GH: &str = r#"
comments=$(dirname "$0")/comments.json
method=GET filter=. body=
shift # api
while (($#)); do
  case $1 in
    --paginate | --silent) ;;
    --method) method=$2; shift ;;
    --jq) filter=$2; shift ;;
    --field) body=${2#body=@}; shift ;;
    *) path=$1 ;;
  esac
  shift
done
case $method in
  GET) jq --raw-output "$filter" "$comments" ;;
  POST) [[ $path == repos/acme/streams/issues/7/comments ]]
    jq --rawfile body "$body" '. + [{id: (length + 1), user: {login: "github-actions[bot]"}, body: $body}]' "$comments" >"$comments.new" ;;
  PATCH) id=${path##*/}
    [[ $path == repos/acme/streams/issues/comments/$id ]]
    jq --rawfile body "$body" --argjson id "$id" 'map(if .id == $id then .body = $body else . end)' "$comments" >"$comments.new" ;;
esac
[[ ! -f $comments.new ]] || mv "$comments.new" "$comments"
"#;

struct Fixture {
    repository: Repository,
    programs: PathBuf,
}

impl Fixture {
    fn new(comments: &str) -> Self {
        need(&["git", "jq"]);
        let repository = Repository::new(&[]);
        let programs = repository.scratch("programs");
        script(&programs, "gh", GH);
        std::fs::write(programs.join("comments.json"), comments).unwrap();
        Self { repository, programs }
    }

    fn run(&self, plans: &[(&str, &str)]) -> Outcome {
        let values = [
            ("github.event.pull_request.number", "7"),
            ("github.server_url", "https://git.acme.example"),
            ("github.repository", "acme/streams"),
            ("github.run_id", "42"),
        ];
        let runner = self.repository.runner(std::slice::from_ref(&self.programs), &values);
        let _ = std::fs::remove_dir_all(&runner.artifacts);
        std::fs::create_dir_all(&runner.artifacts).unwrap();
        for (name, text) in plans {
            let folder = runner.artifacts.join(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("comment.md"), text).unwrap();
        }
        let terraform = workflow("workflows/terraform.yml");
        let outcome = runner.run(&terraform, &terraform["jobs"]["comment"], |_| true);
        assert_eq!(outcome.failed, None, "{}", outcome.log);
        outcome
    }

    fn bodies(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.programs.join("comments.json")).unwrap();
        let list: Vec<serde_norway::Value> = serde_norway::from_str(&text).unwrap();
        list.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn the_comment_is_written_once_and_then_updated() {
    let others = r#"[{"id": 1, "user": {"login": "someone"}, "body": "<!-- sluice: plans of this pull request --> mine"}]"#;
    let fixture = Fixture::new(others);
    fixture.run(&[
        ("comment-dev-platform", "## dev/platform\nfirst"),
        ("comment-dev-foundation", "## dev/foundation\nsame"),
        ("other", "no plan"),
    ]);
    let bodies = fixture.bodies();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[0].ends_with("mine"), "a comment of somebody else stays: {bodies:?}");
    assert!(bodies[1].starts_with("<!--"), "the mark is not seen: {}", bodies[1]);
    let at = |text: &str| bodies[1].find(text).unwrap_or_else(|| panic!("{text} is not in {}", bodies[1]));
    assert!(at("dev/foundation") < at("dev/platform"));
    assert!(bodies[1].contains("https://git.acme.example/acme/streams/actions/runs/42"));
    assert!(!bodies[1].contains("no plan"));

    fixture.run(&[("comment-dev-platform", "## dev/platform\nsecond")]);
    let bodies = fixture.bodies();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies[1].contains("second") && !bodies[1].contains("first"), "{}", bodies[1]);
}

#[test]
fn a_long_comment_is_cut_and_says_so() {
    let fixture = Fixture::new("[]");
    let long: String = (0..4000).map(|line| format!("| {line} | größer als vorher |\n")).collect();
    fixture.run(&[("comment-dev-foundation", &long)]);
    let body = &fixture.bodies()[0];
    assert!(body.len() < 65_536, "{}", body.len());
    assert!(body.contains("Cut here") && body.contains("/actions/runs/42"), "{}", &body[body.len() - 300..]);
    let last = body.lines().rfind(|line| line.starts_with('|')).unwrap();
    assert!(last.ends_with(" größer als vorher |"), "no line is torn: {last}");
}

#[test]
fn without_a_plan_the_comment_says_so() {
    let fixture = Fixture::new("[]");
    fixture.run(&[]);
    assert!(fixture.bodies()[0].contains("No plan was made"), "{:?}", fixture.bodies());
}
