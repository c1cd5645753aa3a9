//! Texts with commands in them: scripts, workflows, and the code blocks of Markdown.

use std::path::{Path, PathBuf};

/// A script, a workflow or a page.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// What a reader would run, each part on its own: a whole script, or one code block of a page.
    pub(crate) parts: Vec<Part>,
}

/// Commands that belong together.
#[derive(Debug)]
pub(crate) struct Part {
    /// Line of the text in which it begins, from 1.
    pub(crate) first_line: usize,
    pub(crate) text: String,
}

impl Script {
    pub(crate) fn new(path: PathBuf, text: String) -> Self {
        let parts = match is_page(&path) {
            true => code_blocks(&text),
            false => vec![Part { first_line: 1, text: text.clone() }],
        };
        Self { path, text, parts }
    }

    /// Whether it is a page of Markdown.
    pub(crate) fn is_page(&self) -> bool {
        is_page(&self.path)
    }

    /// Whether it is a workflow or composite action of GitHub.
    pub(crate) fn is_workflow(&self) -> bool {
        let path = self.path.to_string_lossy();
        let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        yaml && (path.contains(".github/") || path.contains("workflows/"))
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

impl Part {
    /// Its lines with their numbers in the file; a line that ends in a backslash goes on in the next. Comments of
    /// shell and YAML are left out.
    pub(crate) fn commands(&self) -> Vec<(usize, String)> {
        let mut commands: Vec<(usize, String)> = Vec::new();
        let mut continued = false;
        for (index, line) in self.text.lines().enumerate() {
            let content = line.trim_end_matches('\\');
            match commands.last_mut() {
                Some((_, command)) if continued => {
                    command.push(' ');
                    command.push_str(content.trim());
                }
                _ => commands.push((self.first_line + index, content.to_owned())),
            }
            continued = line.ends_with('\\');
        }
        commands.retain(|(_, command)| !command.trim_start().starts_with('#'));
        commands
    }
}

// Fenced blocks; an indented fence counts as well.
fn code_blocks(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut open: Option<(String, Part)> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let fence: String = trimmed.chars().take_while(|c| *c == '`' || *c == '~').collect();
        match &mut open {
            None if fence.len() >= 3 => {
                open = Some((fence, Part { first_line: index + 2, text: String::new() }));
            }
            Some((opening, _)) if fence.len() >= opening.len() && trimmed.trim_end() == fence => {
                parts.extend(open.take().map(|(_, part)| part));
            }
            Some((_, part)) => {
                part.text.push_str(line);
                part.text.push('\n');
            }
            None => {}
        }
    }
    parts.extend(open.map(|(_, part)| part));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_code_blocks() {
        let text = "a\n```sh\none \\\n  two\n# no\n```\nb\n~~~\nthree\n~~~\n";
        let script = Script::new(PathBuf::from("a.md"), text.to_owned());
        let commands: Vec<_> = script.parts.iter().flat_map(Part::commands).collect();
        assert_eq!(commands, [(3, "one  two".to_owned()), (9, "three".to_owned())]);
    }
}
