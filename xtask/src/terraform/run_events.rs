//! What `terraform test -json` says, one JSON object a line.

use anyhow::{bail, ensure};
use serde_json::Value;

use super::command::Finished;
use super::report::Passed;

/// Counts the runs.
///
/// # Errors
/// A run failed, there was none, or the program failed; the text has the runs and their diagnostics.
pub fn passed(ended: &Finished) -> anyhow::Result<Passed> {
    let mut count = 0;
    let mut problems = Vec::new();
    for line in ended.output.lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        match event["type"].as_str() {
            Some("test_run") => {
                let run = &event["test_run"];
                match run["status"].as_str() {
                    Some("pass") if is_complete(run) => count += 1,
                    Some("fail" | "error" | "skip") if is_complete(run) => problems.push(format!(
                        "{} {}: {}",
                        run["path"].as_str().unwrap_or_default(),
                        run["run"].as_str().unwrap_or_default(),
                        run["status"].as_str().unwrap_or_default()
                    )),
                    _ => {}
                }
            }
            Some("diagnostic") if event["@level"] == "error" => problems.push(diagnostic(&event)),
            _ => {}
        }
    }
    if !problems.is_empty() || ended.code != Some(0) {
        if problems.is_empty() {
            problems.push(ended.told());
        }
        bail!("{count} runs passed, but\n{}", problems.join("\n"));
    }
    ensure!(count > 0, "there is no run in its test files");
    Ok(Passed::many(count, format!("{count} runs")))
}

// A run is reported several times; its status stands in the last one. Older programs have no `progress`.
fn is_complete(run: &Value) -> bool {
    run["progress"].as_str().is_none_or(|progress| progress == "complete")
}

fn diagnostic(event: &Value) -> String {
    let shown = &event["diagnostic"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{}:{}: {}: {}",
        text(&shown["range"]["filename"]),
        shown["range"]["start"]["line"],
        text(&shown["summary"]),
        text(&shown["detail"])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: i32, lines: &[&str]) -> Finished {
        Finished { code: Some(code), output: lines.join("\n"), errors: String::new() }
    }

    #[test]
    fn runs_are_counted_once() {
        let lines = [
            r#"{"type":"test_run","test_run":{"path":"a","run":"x","progress":"starting"}}"#,
            r#"{"type":"test_run","test_run":{"path":"a","run":"x","progress":"complete","status":"pass"}}"#,
            r#"{"type":"test_summary","test_summary":{"status":"pass","passed":1}}"#,
        ];
        assert_eq!(
            format!("{:?}", passed(&ended(0, &lines)).unwrap()),
            format!("{:?}", Passed::many(1, "1 runs"))
        );
    }

    #[test]
    fn a_failed_run_is_named_with_its_reason() {
        let lines = [
            r#"{"type":"test_run","test_run":{"path":"a","run":"x","progress":"complete","status":"fail"}}"#,
            r#"{"@level":"error","type":"diagnostic","diagnostic":{"summary":"Test assertion failed","detail":"no","range":{"filename":"a","start":{"line":7}}}}"#,
        ];
        let problem = passed(&ended(1, &lines)).unwrap_err().to_string();
        assert!(
            problem.contains("a x: fail") && problem.contains("a:7: Test assertion failed: no"),
            "{problem}"
        );
    }

    #[test]
    fn no_run_is_no_success() {
        assert!(passed(&ended(0, &[])).is_err());
        assert!(passed(&ended(1, &["boom"])).unwrap_err().to_string().contains("boom"));
    }
}
