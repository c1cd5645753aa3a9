//! Workflows of GitHub that run Terraform.

use std::sync::LazyLock;

use regex::Regex;

use super::script::{parts, regex};
use crate::terraform::rule::Rule;

static USES: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:-\s*)?uses:\s*([^\s#]+)"));
static COMMIT: LazyLock<Regex> = LazyLock::new(|| regex(r"@[0-9a-f]{40}$"));
static INIT: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(terraform|tofu)\b[^|&;]*\binit\b"));
static VALIDATE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(terraform|tofu)\b[^|&;]*\bvalidate\b"));
static PLAN: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(terraform|tofu)\b[^|&;]*\b(plan|apply)\b"));
static APPLY: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(terraform|tofu)\b[^|&;]*\bapply\b(.*)$"));

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "unpinned-action",
        code: "SL1511",
        summary: "an action that is not pinned to a commit",
        help: "write `owner/action@<40 hex digits> # v4.2.2`: a tag can be moved to other code, which would then run with your credentials",
        check: |tree, report| {
            for script in tree.scripts.iter().filter(|script| script.is_workflow()) {
                for (index, line) in script.text.lines().enumerate() {
                    let Some(action) =
                        USES.captures(line).map(|found| found[1].trim_matches(['"', '\'']).to_owned())
                    else {
                        continue;
                    };
                    let is_local = action.starts_with("./") || action.starts_with("docker://");
                    if !is_local && !COMMIT.is_match(&action) {
                        report.line(script, index + 1, format!("{action} is not pinned to a commit"));
                    }
                }
            }
        },
    },
    Rule {
        id: "validate-with-backend",
        code: "SL1512",
        summary: "a validate job that asks for the backend",
        help: "run `terraform init -backend=false` where only fmt and validate follow: they need no state and no credentials",
        check: |tree, report| {
            for (script, part) in parts(tree).filter(|(script, _)| script.is_workflow()) {
                for job in jobs(&part.text) {
                    let any = |pattern: &Regex| job.iter().any(|(_, line)| pattern.is_match(line));
                    if !any(&VALIDATE) || any(&PLAN) {
                        continue;
                    }
                    for (line, _) in
                        job.iter().filter(|(_, line)| INIT.is_match(line) && !line.contains("-backend=false"))
                    {
                        report.line(script, *line, "the job only validates, but asks for the state");
                    }
                }
            }
        },
    },
    Rule {
        id: "apply-without-gate",
        code: "SL1513",
        summary: "a job that applies without a reviewed plan, an environment or a concurrency group",
        help: "apply the plan file that was reviewed, in a job with `environment:` (approval) and `concurrency:` (one at a time)",
        check: |tree, report| {
            for (script, part) in parts(tree).filter(|(script, _)| script.is_workflow()) {
                let at_top = |key: &str| part.text.lines().any(|line| line.starts_with(key));
                for job in jobs(&part.text) {
                    let has = |key: &str| job.iter().any(|(_, line)| line.trim_start().starts_with(key));
                    for (line, command) in &job {
                        let Some(found) = APPLY.captures(command) else { continue };
                        let mut lacks = Vec::new();
                        if !found[2].split_whitespace().any(|word| !word.starts_with('-')) {
                            lacks.push("a plan file");
                        }
                        if !has("environment:") {
                            lacks.push("an environment");
                        }
                        if !has("concurrency:") && !at_top("concurrency:") {
                            lacks.push("a concurrency group");
                        }
                        if !lacks.is_empty() {
                            report.line(
                                script,
                                *line,
                                format!("the job applies without {}", lacks.join(", ")),
                            );
                        }
                    }
                }
            }
        },
    },
];

// The lines of each job, numbered; a file without jobs, such as a composite action, is one.
fn jobs(text: &str) -> Vec<Vec<(usize, &str)>> {
    let mut jobs: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
    let mut within = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_end() == "jobs:" {
            within = true;
        }
        let is_job = within
            && line.starts_with("  ")
            && !line[2..].starts_with([' ', '#'])
            && line.trim_end().ends_with(':');
        if is_job {
            jobs.push(Vec::new());
        }
        if !line.trim_start().starts_with('#')
            && let Some(job) = jobs.last_mut()
        {
            job.push((index + 1, line));
        }
    }
    jobs
}
