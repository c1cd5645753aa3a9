//! One HCL file: its text, its syntax tree, and where in the text a piece of the tree stands.

use std::path::{Path, PathBuf};

use hcl_edit::Span;
use hcl_edit::structure::Body;

use super::comment::{self, Comment};
use crate::Error;
use crate::place::{Lines, Place};

/// A parsed `.tf` or `.tfvars` file.
#[derive(Debug)]
pub(crate) struct HclFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) body: Body,
    pub(crate) comments: Vec<Comment>,
    lines: Lines,
}

impl HclFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
        Self::parse(path, text)
    }

    pub(crate) fn parse(path: &Path, text: String) -> Result<Self, Error> {
        let body = hcl_edit::parser::parse_body(&text).map_err(|error| Error::Hcl {
            path: path.to_owned(),
            line: error.location().line(),
            column: error.location().column(),
            message: error.message().trim().replace('\n', ", "),
        })?;
        let lines = Lines::of(&text);
        let comments = comment::find(&text, &body, &lines);
        Ok(Self { path: path.to_owned(), text, body, comments, lines })
    }

    /// Where a piece of the tree begins.
    pub(crate) fn place(&self, node: &impl Span) -> Place {
        self.place_at(node.span().map_or(0, |span| span.start))
    }

    pub(crate) fn place_at(&self, offset: usize) -> Place {
        self.lines.place(&self.text, offset)
    }

    /// The text of a piece of the tree, as it stands in the file.
    pub(crate) fn source(&self, node: &impl Span) -> &str {
        self.text.get(node.span().unwrap_or_default()).unwrap_or_default()
    }

    /// Lines of a piece of the tree, from 1, the last one included.
    pub(crate) fn line_range(&self, node: &impl Span) -> (usize, usize) {
        let span = node.span().unwrap_or_default();
        (self.place_at(span.start).line, self.place_at(span.end.saturating_sub(1).max(span.start)).line)
    }

    /// Comments that stand alone in the lines directly above.
    pub(crate) fn comments_above(&self, line: usize) -> impl Iterator<Item = &Comment> {
        let mut next = line;
        self.comments.iter().rev().filter(|comment| comment.alone).filter(move |comment| {
            let joins = comment.last_line + 1 == next;
            if joins {
                next = comment.line;
            }
            joins
        })
    }

    /// Whether a comment says why a piece of the tree is as it is: within its lines, or directly above.
    pub(crate) fn has_reason(&self, node: &impl Span) -> bool {
        let (first, last) = self.line_range(node);
        let within = self.comments.iter().filter(|comment| (first..=last).contains(&comment.line));
        within.chain(self.comments_above(first)).any(|comment| comment.text.split_whitespace().count() >= 2)
    }
}
