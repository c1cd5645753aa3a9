//! The Terraform of one folder, by block.

use std::path::{Component, Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::file::HclFile;
use super::{value, walk};

/// A folder: a module, a root or an example.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Relative to the tree.
    pub(crate) path: PathBuf,
    /// Its `.tf` files.
    pub(crate) files: Vec<HclFile>,
    /// Its `.tfvars` files.
    pub(crate) values: Vec<HclFile>,
}

/// A top-level block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) file: &'a HclFile,
    pub(crate) block: &'a Block,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, files: Vec::new(), values: Vec::new() }
    }

    pub(crate) fn add(&mut self, file: HclFile) {
        let is_values = file.path.extension().is_some_and(|extension| extension == "tfvars");
        if is_values { self.values.push(file) } else { self.files.push(file) }
    }

    /// A module is called by others; everything else is a root or an example.
    pub(crate) fn is_module(&self) -> bool {
        self.has_component("modules") && !self.has_component("examples")
    }

    pub(crate) fn is_production(&self) -> bool {
        self.has_component("prod") || self.has_component("production")
    }

    pub(crate) fn has_component(&self, name: &str) -> bool {
        self.path.components().any(|component| component.as_os_str() == name)
    }

    /// `.tf` and `.tfvars` files.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = &HclFile> {
        self.files.iter().chain(&self.values)
    }

    /// Blocks of one kind: `variable`, `module`, `data`, ...
    pub(crate) fn blocks(&self, kind: &str) -> impl Iterator<Item = Item<'_>> {
        self.files.iter().flat_map(move |file| {
            let blocks = file.body.blocks().filter(move |block| block.has_ident(kind));
            blocks.map(move |block| Item { folder: self, file, block })
        })
    }

    pub(crate) fn resources(&self, kind: &str) -> impl Iterator<Item = Item<'_>> {
        self.blocks("resource").filter(move |item| item.label(0) == kind)
    }

    pub(crate) fn data(&self, kind: &str) -> impl Iterator<Item = Item<'_>> {
        self.blocks("data").filter(move |item| item.label(0) == kind)
    }

    pub(crate) fn has_resource(&self, kind: &str) -> bool {
        self.resources(kind).next().is_some()
    }

    /// The expression of `local.name`.
    pub(crate) fn local(&self, name: &str) -> Option<&Expression> {
        self.blocks("locals").find_map(|item| item.attribute(name))
    }

    /// The default of `var.name`.
    pub(crate) fn default(&self, name: &str) -> Option<&Expression> {
        self.blocks("variable").find(|item| item.label(0) == name)?.attribute("default")
    }

    /// Every attribute of every file, with the file in which it stands.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&HclFile, &str, &Expression)> {
        self.files.iter().flat_map(|file| {
            walk::attributes(&file.body).into_iter().map(move |(key, value)| (file, key, value))
        })
    }

    /// Whether some literal text of the folder contains this one.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.attributes()
            .any(|(_, _, value)| walk::texts(value).iter().any(|(literal, _)| literal.contains(text)))
    }

    /// Folders that module blocks name by a relative path.
    pub(crate) fn local_modules(&self) -> Vec<PathBuf> {
        self.blocks("module").filter_map(|item| item.module_path()).collect()
    }
}

impl<'a> Item<'a> {
    /// A label, or nothing when there is none.
    pub(crate) fn label(&self, index: usize) -> &'a str {
        self.block.labels.get(index).map_or("", |label| label.as_str())
    }

    /// `type.name`, as an error would name it.
    pub(crate) fn address(&self) -> String {
        let labels: Vec<_> = self.block.labels.iter().map(|label| label.as_str()).collect();
        match self.block.ident.as_str() {
            "resource" => labels.join("."),
            other => format!("{other}.{}", labels.join(".")),
        }
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<&'a Expression> {
        Some(&self.block.body.get_attribute(key)?.value)
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        value::literal(self.attribute(key)?)
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.attribute(key)?.as_bool()
    }

    /// Nested blocks of this kind, the content of `dynamic` ones included.
    pub(crate) fn nested(&self, kind: &str) -> Vec<&'a Block> {
        nested(&self.block.body, kind)
    }

    pub(crate) fn has_nested(&self, kind: &str) -> bool {
        !self.nested(kind).is_empty()
    }

    /// Where a `module` block's source is in the tree, when it is a relative path.
    pub(crate) fn module_path(&self) -> Option<PathBuf> {
        let source = self.text("source")?;
        source.starts_with('.').then(|| join(&self.folder.path, &source))
    }
}

/// Blocks of a kind directly in a body; of a `dynamic` one its content.
pub(crate) fn nested<'a>(body: &'a Body, kind: &str) -> Vec<&'a Block> {
    let mut found = Vec::new();
    for block in body.blocks() {
        if block.has_ident(kind) {
            found.push(block);
        } else if block.has_ident("dynamic")
            && block.labels.first().is_some_and(|label| label.as_str() == kind)
        {
            found.extend(block.body.get_blocks("content"));
        }
    }
    found
}

/// Goes from a folder along a relative path, without asking the file system.
pub(crate) fn join(folder: &Path, relative: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for component in Path::new(relative).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}
