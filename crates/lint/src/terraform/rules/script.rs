//! Commands in scripts, workflows and pages that do not do what they say.

use std::sync::LazyLock;

use regex::Regex;

use crate::terraform::rule::{Report, Rule};
use crate::terraform::script::{Part, Script};
use crate::terraform::tree::Tree;

static WRONG_VERB: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\bconfluent connect (create|list|describe|status|pause|resume|update|delete|restart)\b")
});
static STATUS_VERB: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\bconfluent connect cluster (status|restart)\b"));
static NAME_FOR_ID: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\bconfluent connect (?:cluster (?:describe|pause|resume|update|delete)|logs) ([A-Za-z][\w.-]*)")
});
static CREATE: LazyLock<Regex> = LazyLock::new(|| regex(r"\bconfluent connect (cluster )?create\b"));
static LOOP: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(for|while)\b.*\b(in|read)\b"));
static BEARER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"Authorization:\s*Bearer\s+[^\s:]*\$?[{(]?\w*[)}]?:\$?[{(]?\w"));
static TAIL: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\baws logs (tail|filter-log-events)\b.*(confluent|lcc-)"));
static PAUSE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\bconnect cluster pause\b|/connect/v1/environments/\S+/pause\b"));
static RESUME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\bconnect cluster resume\b|/connect/v1/environments/\S+/resume\b"));
static GLOBSTAR: LazyLock<Regex> = LazyLock::new(|| regex(r"\bfor \w+ in [^;]*\*\*/"));
static JQ_EMPTY: LazyLock<Regex> = LazyLock::new(|| regex(r"\bjq\s+(-\w+\s+)*'?empty\b"));
static WORKSPACE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(terraform|tofu) workspace (new|select)\b"));

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "confluent-cli-verb",
        code: "SL1501",
        summary: "a verb that the Confluent CLI does not have",
        help: "write `confluent connect cluster list|describe|create|update|pause|resume|delete`, with the id lcc-...; the state is in `describe`, logs are `confluent connect logs lcc-...`",
        check: |tree, report| {
            commands(tree, report, |command| {
                let wrong = WRONG_VERB.find(command).or_else(|| STATUS_VERB.find(command));
                if let Some(found) = wrong {
                    return Some(format!("there is no command {:?}", found.as_str()));
                }
                let name = NAME_FOR_ID.captures(command)?.get(1)?.as_str();
                let is_id = name.starts_with("lcc-") || name.starts_with("clcc-");
                (!is_id && !name.starts_with("ID"))
                    .then(|| format!("{name:?} is a name; the CLI takes the id lcc-..."))
            });
        },
    },
    Rule {
        id: "confluent-cli-login",
        code: "SL1502",
        summary: "a login to Confluent Cloud with an API key",
        help: "`confluent login` reads CONFLUENT_CLOUD_EMAIL and CONFLUENT_CLOUD_PASSWORD; API keys are for Terraform and REST, which is what a pipeline should use",
        check: |tree, report| {
            for (script, part) in parts(tree) {
                if !part.text.contains("CONFLUENT_CLOUD_API_KEY") {
                    continue;
                }
                for (line, command) in part.commands() {
                    if command.contains("confluent login") {
                        report.line(script, line, "the login does not read CONFLUENT_CLOUD_API_KEY");
                    }
                }
            }
        },
    },
    Rule {
        id: "connector-create-loop",
        code: "SL1503",
        summary: "a pipeline that creates connectors one by one",
        help: "apply a plan (`sluice apply` or Terraform): a loop of creates fails on the second push, never deletes, and competes with Terraform",
        check: |tree, report| {
            for (script, part) in parts(tree) {
                let commands = part.commands();
                let loops = commands.iter().any(|(_, command)| LOOP.is_match(command));
                for (line, command) in &commands {
                    if CREATE.is_match(command) && (loops || script.is_workflow()) {
                        report.line(script, *line, "connectors are created in a loop or by every push");
                    }
                }
            }
        },
    },
    Rule {
        id: "globstar",
        code: "SL1504",
        summary: "a loop over ** without globstar, or a check of JSON that accepts anything",
        help: "use `find connectors -name '*.json'`, or `shopt -s globstar` first; check files against their schema (`sluice lint`), `jq empty` accepts any JSON",
        check: |tree, report| {
            for (script, part) in parts(tree) {
                let has_globstar = part.text.contains("globstar");
                for (line, command) in part.commands() {
                    if GLOBSTAR.is_match(&command) && !has_globstar {
                        report.line(script, line, "without globstar, ** means *");
                    }
                    if JQ_EMPTY.is_match(&command) {
                        report.line(script, line, "jq empty accepts whatever is JSON");
                    }
                }
            }
        },
    },
    Rule {
        id: "bearer-api-key",
        code: "SL1505",
        summary: "an API key sent as a bearer token",
        help: "use basic authentication (`curl -u \"$KEY:$SECRET\"`) with a cloud key on api.confluent.cloud, path /connect/v1/environments/ENV/clusters/LKC/connectors/NAME/status",
        check: |tree, report| {
            commands(tree, report, |command| {
                BEARER.is_match(command).then(|| "a key and its secret are no bearer token".to_owned())
            });
        },
    },
    Rule {
        id: "restart-by-pause",
        code: "SL1506",
        summary: "a failed connector \"restarted\" by pause and resume",
        help: "fix the config and update the connector, which restarts its tasks: a failed connector cannot be paused, and resume does not remove the cause",
        check: |tree, report| {
            for (script, part) in parts(tree) {
                let commands = part.commands();
                let at = |pattern: &Regex| commands.iter().find(|(_, command)| pattern.is_match(command));
                if let Some(((pause, _), (resume, _))) = at(&PAUSE).zip(at(&RESUME))
                    && pause < resume
                    && resume - pause <= 3
                {
                    report.line(script, *pause, "pause and resume do not restart what has failed");
                }
            }
        },
    },
    Rule {
        id: "logs-of-managed",
        code: "SL1507",
        summary: "logs of managed connectors looked for in CloudWatch",
        help: "use `confluent connect logs lcc-... --start-time ... --end-time ...`; managed connectors do not write to CloudWatch",
        check: |tree, report| {
            commands(tree, report, |command| {
                TAIL.is_match(command).then(|| "managed connectors do not log there".to_owned())
            });
        },
    },
    Rule {
        id: "workspace-command",
        code: "SL1508",
        summary: "a script that selects a Terraform workspace",
        help: "go to the environment's folder instead; a workspace shares backend, account and provider versions with the others",
        check: |tree, report| {
            commands(tree, report, |command| {
                WORKSPACE
                    .is_match(command)
                    .then(|| "what is applied depends on the selected workspace".to_owned())
            });
        },
    },
];

pub(super) fn parts(tree: &Tree) -> impl Iterator<Item = (&Script, &Part)> {
    tree.scripts.iter().flat_map(|script| script.parts.iter().map(move |part| (script, part)))
}

fn commands(tree: &Tree, report: &mut Report, wrong: impl Fn(&str) -> Option<String>) {
    for (script, part) in parts(tree) {
        for (line, command) in part.commands() {
            if let Some(message) = wrong(&command) {
                report.line(script, line, message);
            }
        }
    }
}

#[allow(clippy::expect_used)] // the patterns are constants, and a test uses each
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}
