//! One HCL file: its text, its syntax tree, and where in the text a piece of the tree stands.

use std::ops::Range;
use std::path::{Path, PathBuf};

use hcl_edit::Span;
use hcl_edit::structure::Body;

use crate::Error;

/// A parsed `.tf` or `.tfvars` file.
#[derive(Debug)]
pub(crate) struct HclFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) body: Body,
    line_starts: Vec<usize>,
}

/// A place in a file, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
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
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Ok(Self { path: path.to_owned(), text, body, line_starts })
    }

    /// Where a piece of the tree begins.
    pub(crate) fn place(&self, node: &impl Span) -> Place {
        self.place_at(node.span().map_or(0, |span| span.start))
    }

    pub(crate) fn place_at(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts[line - 1];
        let column = self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1);
        Place { line, column }
    }

    /// The text of a piece of the tree, as it stands in the file.
    pub(crate) fn source(&self, node: &impl Span) -> &str {
        self.slice(node.span().unwrap_or_default())
    }

    pub(crate) fn slice(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }
}
