//! `# sluice:allow RULE reason`: an exception, stated where it is made.
//!
//! It holds for findings of its own line, of the line directly below the comment, and of the block that begins there.
//! In a page or workflow it holds for its own line and the next. The reason is not optional.

use std::path::PathBuf;

use super::rule::{Report, Rule};
use super::rules;
use super::tree::Tree;
use crate::finding::Finding;
use crate::place::Place;

const MARK: &str = "sluice:allow";

/// An exception, wherever it stands.
#[derive(Debug)]
struct Allow {
    path: PathBuf,
    place: Place,
    rule: String,
    has_reason: bool,
    /// Lines it holds for, the last one included.
    lines: (usize, usize),
}

/// Takes out what is allowed, and adds what is wrong with exceptions themselves.
pub(super) fn apply(tree: &Tree, checked: &[&'static Rule], mut findings: Vec<Finding>) -> Vec<Finding> {
    let allows = find(tree);
    let mut used = vec![false; allows.len()];
    findings.retain(|finding| {
        let mut allowed = false;
        for (allow, used) in allows.iter().zip(&mut used) {
            let same_rule = allow.rule == finding.rule || allow.rule == finding.code;
            let covers = (allow.lines.0..=allow.lines.1).contains(&finding.line);
            if allow.has_reason && same_rule && covers && allow.path == finding.file {
                (*used, allowed) = (true, true);
            }
        }
        !allowed
    });
    if let Some(rule) = checked.iter().find(|rule| rule.id == rules::ALLOW.id) {
        let mut report = Report::new(rule, &mut findings);
        for (allow, used) in allows.iter().zip(used) {
            complain(allow, used, checked, &mut report);
        }
    }
    findings
}

fn complain(allow: &Allow, used: bool, checked: &[&'static Rule], report: &mut Report) {
    let is_rule = |rule: &&'static Rule| rule.id == allow.rule || rule.code == allow.rule;
    let message = if !rules::all().iter().any(is_rule) {
        format!("there is no rule {:?} to make an exception of", allow.rule)
    } else if !allow.has_reason {
        format!("the exception from {} states no reason", allow.rule)
    } else if !used && checked.iter().any(is_rule) {
        format!("the exception from {} is not needed: nothing here breaks the rule", allow.rule)
    } else {
        return;
    };
    report.place(&allow.path, allow.place, message);
}

fn find(tree: &Tree) -> Vec<Allow> {
    let mut allows = Vec::new();
    for file in tree.folders.iter().flat_map(|folder| folder.all_files()) {
        for comment in &file.comments {
            let Some((rule, has_reason)) = parse(&comment.text) else { continue };
            let lines = match comment.alone {
                false => (comment.line, comment.line),
                true => {
                    let below = below(file, comment.last_line);
                    let end = file
                        .body
                        .blocks()
                        .map(|block| file.line_range(block))
                        .find(|(first, _)| *first == below);
                    (below, end.map_or(below, |(_, last)| last))
                }
            };
            let place = Place { line: comment.line, column: comment.column };
            allows.push(Allow { path: file.path.clone(), place, rule, has_reason, lines });
        }
    }
    for script in &tree.scripts {
        for (index, line) in script.text.lines().enumerate() {
            let Some((at, (rule, has_reason))) = line.find(MARK).zip(parse(line)) else { continue };
            // A page that tells of exceptions shows them; an exception is a comment of the page itself.
            let before = line[..at].trim_end();
            let is_comment = match script.is_page() {
                true => before.trim_start() == "<!--",
                false => before.ends_with('#'),
            };
            if !is_comment {
                continue;
            }
            let place = Place { line: index + 1, column: 1 };
            allows.push(Allow {
                path: script.path.clone(),
                place,
                rule,
                has_reason,
                lines: (index + 1, index + 3),
            });
        }
    }
    allows
}

// The first line under a group of comments.
fn below(file: &super::file::HclFile, last_line: usize) -> usize {
    let mut line = last_line + 1;
    while let Some(next) = file.comments.iter().find(|comment| comment.alone && comment.line == line) {
        line = next.last_line + 1;
    }
    line
}

// The rule, and whether a reason follows.
fn parse(comment: &str) -> Option<(String, bool)> {
    let rest = comment.split_once(MARK)?.1;
    let rest = rest.trim().trim_end_matches("-->").trim();
    let (rule, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let words = reason.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    Some((rule.trim_end_matches(':').to_owned(), words >= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_has_a_rule_and_a_reason() {
        let parsed = |text: &str| parse(text).unwrap();
        assert_eq!(parsed("sluice:allow a-rule the port is public"), ("a-rule".to_owned(), true));
        assert_eq!(parsed("sluice:allow a-rule: the port is public -->"), ("a-rule".to_owned(), true));
        assert_eq!(parsed("sluice:allow a-rule -->"), ("a-rule".to_owned(), false));
        assert_eq!(parsed("sluice:allow a-rule ok"), ("a-rule".to_owned(), false));
        assert_eq!(parse("allow all"), None);
    }
}
