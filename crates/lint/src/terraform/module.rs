//! What a folder of Terraform declares: the facts of its README's tables.

use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::file::HclFile;
use super::{value, walk};
use crate::Error;

/// A module or root: all `.tf` files of one folder, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// The folder.
    pub path: PathBuf,
    /// `required_version` of the `terraform` block.
    pub required_version: Option<String>,
    /// What `required_providers` asks for, by name.
    pub providers: Vec<Provider>,
    /// Variables, in the order in which they are declared.
    pub variables: Vec<Variable>,
    /// Outputs, in the order in which they are declared.
    pub outputs: Vec<Output>,
    /// Resources, data sources and ephemeral resources.
    pub resources: Vec<Resource>,
    /// Modules that are called.
    pub modules: Vec<ModuleCall>,
}

/// An entry of `required_providers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The local name, such as `aws`.
    pub name: String,
    /// `hashicorp/aws`.
    pub source: Option<String>,
    /// The version constraint.
    pub version: Option<String>,
    /// Aliases that the caller must pass (`configuration_aliases`).
    pub aliases: Vec<String>,
}

/// A `variable` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The type as it is written, without the file's indentation; several lines for an object.
    pub type_text: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The default as it is written; `None` when there is none, `Some("null")` when it is null.
    pub default: Option<String>,
    /// Whether the caller must give a value.
    pub required: bool,
    /// Whether Terraform hides the value in its output.
    pub sensitive: bool,
    /// Whether null is refused (`nullable = false`).
    pub not_null: bool,
    /// What each `validation` says when it fails, as it is written.
    pub validations: Vec<String>,
    /// File in which it stands, relative to the folder.
    pub file: String,
    /// Line of the block, from 1.
    pub line: usize,
}

/// An `output` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// Whether Terraform hides the value in its output.
    pub sensitive: bool,
    /// File in which it stands, relative to the folder.
    pub file: String,
    /// Line of the block, from 1.
    pub line: usize,
}

/// What a resource block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceMode {
    /// `resource`: Terraform makes, changes and deletes it.
    Managed,
    /// `data`: Terraform reads it.
    Data,
    /// `ephemeral`: read or made for one run, never kept.
    Ephemeral,
}

/// A `resource`, `data` or `ephemeral` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What kind of block it is.
    pub mode: ResourceMode,
    /// Its type, such as `aws_s3_bucket`.
    pub r#type: String,
    /// Its name in the module.
    pub name: String,
    /// File in which it stands, relative to the folder.
    pub file: String,
    /// Line of the block, from 1.
    pub line: usize,
}

/// A `module` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleCall {
    /// Its name.
    pub name: String,
    /// Where the module is, as it is written.
    pub source: Option<String>,
}

impl Module {
    /// Reads the `.tf` files of a folder; folders below it are modules of their own.
    ///
    /// # Errors
    /// The folder or a file cannot be read, or a file is not HCL.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut module = Self { path: folder.to_owned(), ..Self::default() };
        for path in terraform_files(folder)? {
            let file = HclFile::read(&path)?;
            module.add(&file);
        }
        Ok(module)
    }

    fn add(&mut self, file: &HclFile) {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for block in file.body.blocks() {
            let line = file.place(block).line;
            let label = |index: usize| block.labels.get(index).map(|label| label.as_str().to_owned());
            let (first, second) = (label(0).unwrap_or_default(), label(1).unwrap_or_default());
            let resource =
                |mode| Resource { mode, r#type: first.clone(), name: second, file: name.clone(), line };
            match block.ident.as_str() {
                "terraform" => self.add_settings(&block.body),
                "variable" => self.variables.push(variable(file, block, first, name.clone(), line)),
                "output" => self.outputs.push(Output {
                    name: first,
                    description: text(&block.body, "description"),
                    sensitive: is_true(&block.body, "sensitive"),
                    file: name.clone(),
                    line,
                }),
                "resource" => self.resources.push(resource(ResourceMode::Managed)),
                "data" => self.resources.push(resource(ResourceMode::Data)),
                "ephemeral" => self.resources.push(resource(ResourceMode::Ephemeral)),
                "module" => {
                    self.modules.push(ModuleCall { name: first, source: text(&block.body, "source") });
                }
                _ => {}
            }
        }
    }

    fn add_settings(&mut self, settings: &Body) {
        self.required_version = text(settings, "required_version").or(self.required_version.take());
        for block in settings.get_blocks("required_providers") {
            for entry in block.body.attributes() {
                let member = |key: &str| value::member(&entry.value, key);
                let aliases = member("configuration_aliases").map(walk::references).unwrap_or_default();
                self.providers.push(Provider {
                    name: entry.key.as_str().to_owned(),
                    source: member("source").and_then(value::literal),
                    version: member("version")
                        .and_then(value::literal)
                        .or_else(|| value::literal(&entry.value)),
                    aliases,
                });
            }
        }
    }
}

/// The `.tf` files directly in a folder, by name.
pub(crate) fn terraform_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::read(folder, source))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| Error::read(folder, source))?.path();
        if path.extension().is_some_and(|extension| extension == "tf") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn variable(file: &HclFile, block: &Block, name: String, file_name: String, line: usize) -> Variable {
    let body = &block.body;
    let written = |key: &str| body.get_attribute(key).map(|attribute| dedented(file, &attribute.value));
    let default = written("default");
    Variable {
        name,
        type_text: written("type"),
        description: text(body, "description"),
        required: default.is_none(),
        default,
        sensitive: is_true(body, "sensitive"),
        not_null: body
            .get_attribute("nullable")
            .is_some_and(|attribute| attribute.value.as_bool() == Some(false)),
        validations: body
            .get_blocks("validation")
            .filter_map(|validation| validation.body.get_attribute("error_message"))
            .map(|message| value::pattern(file, &message.value).unwrap_or_default())
            .collect(),
        file: file_name,
        line,
    }
}

fn text(body: &Body, key: &str) -> Option<String> {
    value::literal(&body.get_attribute(key)?.value)
}

fn is_true(body: &Body, key: &str) -> bool {
    body.get_attribute(key).is_some_and(|attribute| attribute.value.as_bool() == Some(true))
}

// As it is written, moved to the left edge.
fn dedented(file: &HclFile, expression: &Expression) -> String {
    let source = file.source(expression);
    let indent = source
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let rest = source.lines().skip(1).map(|line| line.get(indent..).unwrap_or_default().trim_end());
    source.lines().take(1).map(str::trim_end).chain(rest).collect::<Vec<_>>().join("\n")
}
