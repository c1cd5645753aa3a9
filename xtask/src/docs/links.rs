//! Relative links lead somewhere.

use std::path::Path;

/// Problems of a page's links: a file that is not there, a heading that is not there.
pub fn check(page: &Path, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for target in targets(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue; // the web is not ours to check
        }
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = match file.is_empty() {
            true => page.to_owned(),
            false => page.parent().unwrap_or(Path::new("")).join(file),
        };
        if !path.exists() {
            problems.push(format!("{}: link to {target}, which does not exist", page.display()));
        } else if !heading.is_empty() && path.is_file() {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if !headings(&text).any(|slug| slug == heading) {
                problems.push(format!("{}: link to {target}, but there is no such heading", page.display()));
            }
        }
    }
    problems
}

// The targets of `[…](target)`, code blocks left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines()
        .filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            !in_code && !fence
        })
        .flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split(')').next()))
}

fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| {
            let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
    })
}
