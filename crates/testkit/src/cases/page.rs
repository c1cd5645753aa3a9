//! A page, read as Markdown: title, summary, cases.

use std::path::{Path, PathBuf};

/// A page with cases.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub path: PathBuf,
    /// The text after `# `.
    pub title: String,
    /// The first paragraph.
    pub summary: String,
    /// The whole text.
    pub text: String,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// One case: a heading and the blocks below it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The heading.
    pub name: String,
    /// The blocks that mean something, the config first.
    pub blocks: Vec<Block>,
}

/// A fenced block with a word that says what it is for.
#[derive(Debug, Clone)]
pub struct Block {
    /// Line of the fence, from 1.
    pub line: usize,
    /// `json`, `text` or `hex`.
    pub language: String,
    /// What it is for: `config`, `in`, `out`, …
    pub role: String,
    /// The lines between the fences, without a line end behind the last.
    pub text: String,
}

const ROLES: [&str; 8] = ["config", "in", "out", "dropped", "datum", "bytes", "null", "error"];

impl Page {
    /// Reads a page.
    ///
    /// # Panics
    /// It cannot be read, or has no title.
    pub fn read(path: &Path) -> Self {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(path, &text)
    }

    /// Parses a page.
    ///
    /// # Panics
    /// It has no title, a fence does not end, or a block stands before the first case.
    pub fn parse(path: &Path, text: &str) -> Self {
        let at = |line: usize| format!("{}:{line}", path.display());
        let mut lines = text.lines();
        let title = lines.next().and_then(|line| line.strip_prefix("# "));
        let title =
            title.unwrap_or_else(|| panic!("{}: the first line is no title", at(1))).trim().to_owned();
        let paragraph =
            lines.skip_while(|line| line.trim().is_empty()).take_while(|line| !line.trim().is_empty());
        let summary = paragraph.collect::<Vec<_>>().join(" ");

        let mut cases: Vec<Case> = Vec::new();
        let mut heading = String::new();
        let mut fence: Option<(Block, Vec<&str>)> = None;
        for (index, line) in text.lines().enumerate() {
            match (&mut fence, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let (language, role) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
                    let (language, role) = (language.to_owned(), role.to_owned());
                    fence =
                        Some((Block { line: index + 1, language, role, text: String::new() }, Vec::new()));
                }
                (Some(_), Some("")) => {
                    let Some((mut block, lines)) = fence.take() else { continue };
                    block.text = lines.join("\n");
                    if !ROLES.contains(&block.role.as_str()) {
                        continue;
                    }
                    match block.role == "config" {
                        true => cases.push(Case { name: heading.clone(), blocks: vec![block] }),
                        false => match cases.last_mut() {
                            Some(case) => case.blocks.push(block),
                            None => panic!("{}: a block before the first config", at(block.line)),
                        },
                    }
                }
                (Some((_, lines)), _) => lines.push(line),
                (None, None) => {
                    if let Some(name) = line.strip_prefix("### ") {
                        heading = name.trim().to_owned();
                    }
                }
            }
        }
        if let Some((block, _)) = fence {
            panic!("{}: the block does not end", at(block.line));
        }
        Self { path: path.to_owned(), title, summary, text: text.to_owned(), cases }
    }
}
