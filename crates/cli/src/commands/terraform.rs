//! `sluice terraform`.

use std::io::Read;
use std::path::Path;

use lint::plan::{self, PlanJson, Refusal, Verdict};
use lint::{Error, Finding};
use serde_json::{Value, json};

use crate::arguments::{Comment, CommentFormat, Format, Gate, Lint, Terraform, TerraformCommand};
use crate::exit::Exit;
use crate::output;

/// Runs a command of `sluice terraform`.
pub fn run(options: &Terraform) -> Exit {
    match &options.command {
        TerraformCommand::Lint(options) => lint(options),
        TerraformCommand::Gate(options) => gate(options),
        TerraformCommand::Comment(options) => comment(options),
    }
}

fn lint(options: &Lint) -> Exit {
    const COMMAND: &str = "terraform lint";
    let is_json = options.output == Format::Json;
    let mut findings = match lint::terraform::check_tree(&options.folder) {
        Ok(findings) => findings,
        Err(error) => return fail(COMMAND, is_json, &error),
    };
    if options.folder != Path::new(".") {
        for finding in &mut findings {
            finding.file = options.folder.join(&finding.file);
        }
    }
    let summary = match findings.len() {
        0 => "no findings".to_owned(),
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    match options.output {
        Format::Table => {
            findings.iter().for_each(|finding: &Finding| outln!("{finding}\n"));
            let sign = if findings.is_empty() { output::check_mark() } else { output::cross() };
            outln!("{sign} {summary} in {}", options.folder.display());
        }
        Format::Json => print(COMMAND, findings.is_empty(), &summary, &json!(findings), Value::Null),
    }
    verdict(findings.is_empty())
}

fn gate(options: &Gate) -> Exit {
    const COMMAND: &str = "terraform gate";
    let is_json = options.output == Format::Json;
    let plan = match read(&options.plan) {
        Ok(plan) => plan,
        Err(error) => return fail(COMMAND, is_json, &error),
    };
    let verdict = plan::gate(&plan, &options.allow_destroy);
    for permit in &verdict.unused_permits {
        errln!("warning: the plan does not need the permit for {permit}");
    }
    for note in &verdict.notes {
        errln!("note: {note}");
    }
    let summary = format!(
        "{} refused, {} permitted; {}",
        verdict.refused.len(),
        verdict.permitted.len(),
        verdict.counts
    );
    match options.output {
        Format::Table => show(&verdict, &summary),
        Format::Json => {
            let result = json!({
                "counts": verdict.counts,
                "permitted": verdict.permitted,
                "unusedPermits": verdict.unused_permits,
                "notes": verdict.notes,
            });
            print(COMMAND, verdict.is_ok(), &summary, &json!(verdict.refused), result);
        }
    }
    self::verdict(verdict.is_ok())
}

fn show(verdict: &Verdict, summary: &str) {
    for Refusal { address, action, code, rule, message, help } in &verdict.refused {
        outln!("error[{code}]: {action} {address}: {message}\n  {rule}\n  help: {help}\n");
    }
    for permitted in &verdict.permitted {
        outln!("permitted: {} {}: {}", permitted.action, permitted.address, permitted.message);
    }
    let sign = if verdict.is_ok() { output::check_mark() } else { output::cross() };
    outln!("{sign} {summary}");
}

fn comment(options: &Comment) -> Exit {
    const COMMAND: &str = "terraform comment";
    let is_json = options.output == CommentFormat::Json;
    let plan = match read(&options.plan) {
        Ok(plan) => plan,
        Err(error) => return fail(COMMAND, is_json, &error),
    };
    let text = plan::comment(&plan, &options.title);
    match options.output {
        CommentFormat::Markdown => out!("{text}"),
        CommentFormat::Json => {
            let counts = plan.counts();
            let result = json!({ "marker": plan::marker(&options.title), "comment": text, "counts": counts });
            print(COMMAND, true, &counts.to_string(), &json!([]), result);
        }
    }
    Exit::Done
}

// `-` is standard input.
fn read(path: &Path) -> Result<PlanJson, Error> {
    if path != Path::new("-") {
        return PlanJson::read(path);
    }
    let mut bytes = Vec::new();
    let name = Path::new("standard input");
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Read { path: name.to_owned(), source })?;
    PlanJson::parse(name, &bytes)
}

fn verdict(is_ok: bool) -> Exit {
    if is_ok { Exit::Done } else { Exit::Findings }
}

fn print(command: &str, ok: bool, summary: &str, findings: &Value, result: Value) {
    let mut envelope = output::envelope(command, ok, summary, result, None);
    envelope["findings"] = findings.clone();
    outln!("{envelope:#}");
}

fn fail(command: &str, is_json: bool, error: &Error) -> Exit {
    output::error(&error.to_string());
    if is_json {
        let envelope = output::envelope(command, false, "failed", Value::Null, Some(&error.to_string()));
        outln!("{envelope:#}");
    }
    Exit::Failed
}
