//! What a rule is, and how it reports.

use std::path::Path;

use hcl_edit::Span;

use super::connector::ConnectorFile;
use super::file::HclFile;
use super::folder::Item;
use super::script::Script;
use super::tree::Tree;
use crate::finding::Finding;
use crate::place::Place;

/// A rule over a tree of files.
#[derive(Debug)]
pub struct Rule {
    /// Its name, as `# sluice:allow` takes it.
    pub id: &'static str,
    /// Its stable code.
    pub code: &'static str,
    /// What it refuses.
    pub summary: &'static str,
    /// What to do instead.
    pub help: &'static str,
    pub(crate) check: fn(&Tree, &mut Report),
}

/// Takes what one rule finds.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    rule: &'static Rule,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(rule: &'static Rule, findings: &'a mut Vec<Finding>) -> Self {
        Self { rule, findings }
    }

    /// At a piece of an HCL file.
    pub(crate) fn at(&mut self, file: &HclFile, node: &impl Span, message: impl Into<String>) {
        self.place(&file.path, file.place(node), message);
    }

    /// At the beginning of a block.
    pub(crate) fn item(&mut self, item: Item, message: impl Into<String>) {
        self.at(item.file, item.block, message);
    }

    /// At a key of a connector file.
    pub(crate) fn key(&mut self, connector: &ConnectorFile, key: &str, message: impl Into<String>) {
        self.place(&connector.path, connector.place(key), message);
    }

    /// At a line of a script or page.
    pub(crate) fn line(&mut self, script: &Script, line: usize, message: impl Into<String>) {
        self.place(&script.path, Place { line, column: 1 }, message);
    }

    pub(crate) fn place(&mut self, path: &Path, place: Place, message: impl Into<String>) {
        self.findings.push(Finding {
            file: path.to_owned(),
            line: place.line,
            column: place.column,
            code: self.rule.code,
            rule: self.rule.id,
            message: message.into(),
            help: self.rule.help,
        });
    }
}
