//! One comment for a pull request, made from a plan: what to look at first, counts, and a table of changes.

use super::change::{Action, Change};
use super::diff::{self, Difference};
use super::read::PlanJson;
use super::risk::{self, Risk};

/// What a comment of GitHub can hold. It counts characters; bytes are never fewer.
pub const LIMIT: usize = 65_536;

/// Attributes shown of one resource, and characters of one value.
const ATTRIBUTES: usize = 12;
const VALUE: usize = 120;

/// The line by which a later run finds its comment again: one comment for each title.
pub fn marker(title: &str) -> String {
    let title: String =
        title.chars().map(|c| if c.is_control() || c == '<' || c == '>' { ' ' } else { c }).collect();
    format!("<!-- sluice:terraform-comment {} -->", title.replace("--", "-").trim())
}

/// The comment, in Markdown. No secret is in it, and it is at most [`LIMIT`] bytes long; what was left out is said.
pub fn comment(plan: &PlanJson, title: &str) -> String {
    let risks = risk::of(plan);
    let mut rows: Vec<String> = changes(plan).into_iter().map(|change| row(plan, change)).collect();
    let mut risk_rows: Vec<String> = risks.iter().map(|risk| risk_row(plan, risk)).collect();
    let (all_rows, all_risks) = (rows.len(), risk_rows.len());
    loop {
        let text = render(plan, title, (&risk_rows, all_risks), (&rows, all_rows));
        let excess = text.len().saturating_sub(LIMIT);
        if excess == 0 {
            return text;
        }
        // Changes go first, from the end, where the least risky ones stand; then risks.
        let list = if rows.is_empty() { &mut risk_rows } else { &mut rows };
        let mut dropped = 0;
        while dropped < excess {
            match list.pop() {
                Some(row) => dropped += row.len(),
                None => break,
            }
        }
    }
}

fn render(plan: &PlanJson, title: &str, risks: (&[String], usize), rows: (&[String], usize)) -> String {
    let mut text = format!("{}\n## Terraform plan: {}\n\n", marker(title), plain(title, 100));
    let version =
        plan.terraform_version.as_deref().map(|version| format!(" (Terraform {})", plain(version, 20)));
    text.push_str(&format!("**{}**{}\n", plan.counts(), version.unwrap_or_default()));
    if plan.is_errored {
        text.push_str("\n**Planning failed half-way: this plan is not complete and cannot be applied.**\n");
    }
    if !plan.deferred.is_empty() {
        text.push_str(&format!(
            "\n**{} changes are put off to a later plan**; their risks are listed, and the changes are not.\n",
            plan.deferred.len()
        ));
    } else if !plan.is_complete && !plan.is_errored {
        text.push_str(
            "\n**This plan is not complete**: it was made with `-target`, and a later plan does the rest.\n",
        );
    }
    if risks.1 > 0 {
        text.push_str("\n### Look at this first\n\n| what | resource | why |\n|---|---|---|\n");
        text.extend(risks.0.iter().map(String::as_str));
        text.push_str(&cut(risks.0.len(), risks.1, "risks"));
    }
    if rows.1 > 0 {
        text.push_str("\n### Changes\n\n| action | resource | attributes |\n|---|---|---|\n");
        text.extend(rows.0.iter().map(String::as_str));
        text.push_str(&cut(rows.0.len(), rows.1, "changes"));
        text.push_str("\nValues that are sensitive, or are named like secrets, are not shown.\n");
    }
    text
}

fn cut(shown: usize, all: usize, what: &str) -> String {
    match shown == all {
        true => String::new(),
        false => format!(
            "\n**{shown} of {all} {what} are shown; the other {} did not fit into a comment.** The plan itself has them: `terraform show PLAN`.\n",
            all - shown
        ),
    }
}

// Everything that would be done, the most drastic first.
fn changes(plan: &PlanJson) -> Vec<&Change> {
    let order = |action: Action| match action {
        Action::Delete => 0,
        Action::Replace => 1,
        Action::Forget => 2,
        Action::Update => 3,
        Action::Create => 4,
        Action::Read | Action::NoOp => 5,
    };
    let moved = |change: &&Change| change.is_import || change.previous_address.is_some();
    let mut changes: Vec<&Change> =
        plan.changes.iter().filter(|change| order(change.action) < 5 || moved(change)).collect();
    changes.sort_by_key(|change| (order(change.action), change.address.clone()));
    changes
}

fn row(plan: &PlanJson, change: &Change) -> String {
    let mut parts = Vec::new();
    if change.is_import {
        parts.push("imported".to_owned());
    }
    if let Some(previous) = &change.previous_address {
        parts.push(format!("moved from {}", code(previous, 200)));
    }
    if matches!(change.action, Action::Update | Action::Replace) {
        let (unknown, differences): (Vec<_>, Vec<_>) = diff::of(change, &plan.secrets)
            .into_iter()
            .partition(|difference| is_by_the_way(change, difference));
        let more = differences.len().saturating_sub(ATTRIBUTES);
        // What forces the replacement comes first.
        let (forcing, others): (Vec<_>, Vec<_>) =
            differences.iter().partition(|difference| forces(change, difference));
        let shown = forcing.into_iter().chain(others).take(ATTRIBUTES);
        parts.extend(shown.map(|difference| attribute(change, difference)));
        if more > 0 {
            parts.push(format!("and {more} more attributes"));
        }
        if !unknown.is_empty() {
            let names: Vec<&str> =
                unknown.iter().take(ATTRIBUTES).map(|difference| difference.path.as_str()).collect();
            let more = if unknown.len() > names.len() { ", …" } else { "" };
            parts.push(format!("known after apply: {}{more}", code(&names.join(", "), 300)));
        }
    }
    format!("| {} | {} | {} |\n", change.action, code(&change.name(), 300), parts.join("<br>"))
}

// What a new object gets anew anyway, such as its id.
fn is_by_the_way(change: &Change, difference: &Difference) -> bool {
    difference.after == diff::Shown::Unknown && !forces(change, difference)
}

fn attribute(change: &Change, difference: &Difference) -> String {
    let values = format!("{} → {}", shown(&difference.before), shown(&difference.after));
    let forces = if forces(change, difference) { " (forces the replacement)" } else { "" };
    format!("{}: {values}{forces}", code(&difference.path, 200))
}

fn shown(value: &diff::Shown) -> String {
    match value {
        diff::Shown::Value(text) => code(text, VALUE),
        other => other.to_string(),
    }
}

fn forces(change: &Change, difference: &Difference) -> bool {
    change.action == Action::Replace
        && change.replace_paths.iter().any(|path| {
            let rest = difference.path.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
}

fn risk_row(plan: &PlanJson, risk: &Risk) -> String {
    let what = if plan.secrets.hides(&risk.what) { "(sensitive)".to_owned() } else { plain(&risk.what, 600) };
    format!("| **{}** | {} | {what} |\n", risk.rank.title(), code(&risk.address, 300))
}

// A text as code, in one line of a table: nothing in it is Markdown, HTML or a mention.
fn code(text: &str, length: usize) -> String {
    let text = one_line(text, length).replace('`', "'").replace('|', "\\|");
    if text.is_empty() { "(empty)".to_owned() } else { format!("`{text}`") }
}

// A sentence in one line of a table.
fn plain(text: &str, length: usize) -> String {
    let mut escaped = String::new();
    for c in one_line(text, length).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention or a reference would call people and issues.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn one_line(text: &str, length: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}… ({} characters)", &line[..end], line.chars().count()),
        None => line,
    }
}
