//! Tables of the Terraform modules' inputs and outputs: in each module's README, and all of them on one page.
//!
//! They are made of the modules' own files, between two marks in a README that a person writes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use lint::terraform::{Module, ResourceMode, Variable};

const MODULES: &str = "blueprint/terraform/modules";
const PAGE: &str = "docs/reference/terraform-modules.md";

const BEGIN: &str = "<!-- generated:begin -->";
const END: &str = "<!-- generated:end -->";

/// A type that is longer stands below the table.
const CELL: usize = 44;

/// Writes the tables, or says which are stale. Gives how many modules there are.
///
/// # Errors
/// A table is stale, a README is missing or has no marks, or a module is not HCL.
pub fn run(check: bool) -> anyhow::Result<usize> {
    let mut folders = Vec::new();
    collect(Path::new(MODULES), &mut folders)?;
    folders.sort();
    let mut page = String::from(
        "# Terraform modules\n\nGenerated from the modules by `cargo xtask generate`; do not edit. Each module's README says what it is for and\nwhat to know about it.\n",
    );
    for folder in &folders {
        let module = Module::read(folder)?;
        let readme = folder.join("README.md");
        let text =
            std::fs::read_to_string(&readme).with_context(|| format!("{} is missing", readme.display()))?;
        let fresh = replaced(&text, &tables(&module, "##")).with_context(|| readme.display().to_string())?;
        write(&readme, &text, &fresh, check)?;
        let name = folder.strip_prefix(MODULES)?.display();
        write!(
            page,
            "\n## {name}\n\n{}\n\n[README](../../{}), [example](../../{}/examples)\n{}",
            first_paragraph(&text),
            readme.display(),
            folder.display(),
            tables(&module, "###")
        )?;
    }
    if !folders.is_empty() {
        let known = std::fs::read_to_string(PAGE).unwrap_or_default();
        write(Path::new(PAGE), &known, &page, check)?;
    }
    Ok(folders.len())
}

// Folders with variables: examples and tests of modules are none of them.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "examples" && name != "tests" && name != ".terraform" {
            if path.join("variables.tf").exists() {
                found.push(path.clone());
            }
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn write(path: &Path, known: &str, fresh: &str, check: bool) -> anyhow::Result<()> {
    if known == fresh {
        return Ok(());
    }
    if check {
        bail!("{} is stale: run cargo xtask generate", path.display());
    }
    std::fs::write(path, fresh).with_context(|| format!("cannot write {}", path.display()))
}

fn replaced(text: &str, tables: &str) -> anyhow::Result<String> {
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("has no line {END} after {BEGIN}"))?;
    ensure!(!after.contains(BEGIN), "has two lines {BEGIN}");
    Ok(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}

fn first_paragraph(readme: &str) -> String {
    let lines = readme.lines().skip_while(|line| line.starts_with('#') || line.trim().is_empty());
    lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

fn tables(module: &Module, heading: &str) -> String {
    let mut text = String::new();
    let needs: Vec<String> = module
        .required_version
        .iter()
        .map(|version| format!("Terraform `{version}`"))
        .chain(module.providers.iter().map(|provider| {
            let source = provider.source.as_deref().unwrap_or(&provider.name);
            let aliases = match provider.aliases.is_empty() {
                true => String::new(),
                false => format!(" as `{}`", provider.aliases.join("`, `")),
            };
            format!("`{source}` `{}`{aliases}", provider.version.as_deref().unwrap_or("any"))
        }))
        .collect();
    let _ = write!(text, "\nNeeds {}.\n", needs.join(", "));
    inputs(&mut text, module, heading);
    if !module.outputs.is_empty() {
        let _ = write!(text, "\n{heading} Outputs\n\n| output | what |\n|---|---|\n");
        for output in &module.outputs {
            let sensitive = if output.sensitive { " Sensitive." } else { "" };
            let what = cell(output.description.as_deref().unwrap_or_default());
            let _ = writeln!(text, "| `{}` | {what}{sensitive} |", output.name);
        }
    }
    let mut kinds: Vec<String> = module
        .resources
        .iter()
        .map(|resource| match resource.mode {
            ResourceMode::Managed => format!("`{}`", resource.r#type),
            ResourceMode::Data => format!("data `{}`", resource.r#type),
            ResourceMode::Ephemeral => format!("ephemeral `{}`", resource.r#type),
        })
        .collect();
    kinds.sort_by_key(|kind| (!kind.starts_with('`'), kind.clone()));
    kinds.dedup();
    if !kinds.is_empty() {
        let _ = write!(text, "\n{heading} Resources\n\n{}\n", wrapped(&kinds));
    }
    text
}

fn inputs(text: &mut String, module: &Module, heading: &str) {
    if module.variables.is_empty() {
        return;
    }
    let _ = write!(text, "\n{heading} Inputs\n\n| input | type | default | what |\n|---|---|---|---|\n");
    // What must be given comes first.
    let (required, optional): (Vec<&Variable>, Vec<_>) =
        module.variables.iter().partition(|one| one.required);
    let mut long = Vec::new();
    for variable in required.into_iter().chain(optional) {
        let written = one_line(variable.type_text.as_deref().unwrap_or("any"));
        let kind = match written.len() > CELL {
            true => {
                long.push(variable);
                let outer = written.find("object(").map_or(written.as_str(), |end| &written[..end]);
                format!("`{outer}object(…){}`", ")".repeat(outer.matches('(').count()))
            }
            false => format!("`{}`", written.replace('|', "\\|")),
        };
        let default = match variable.default.as_deref().map(one_line) {
            None => "**required**".to_owned(),
            Some(value) if value.len() > CELL => "see variables.tf".to_owned(),
            Some(value) => format!("`{}`", value.replace('|', "\\|")),
        };
        let sensitive = if variable.sensitive { " Sensitive." } else { "" };
        let what = cell(variable.description.as_deref().unwrap_or_default());
        let _ = writeln!(text, "| `{}` | {kind} | {default} | {what}{sensitive} |", variable.name);
    }
    for variable in long {
        let written = variable.type_text.as_deref().unwrap_or_default();
        let _ = write!(text, "\n`{}`:\n\n```hcl\n{written}\n```\n", variable.name);
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// A cell of a Markdown table: one line, no bar. Angle brackets would be taken for HTML; points of a list stay apart.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for line in text.lines().map(str::trim) {
        let line = line.replace('|', "\\|").replace('<', "&lt;");
        cell.push_str(match (cell.is_empty(), line.starts_with("- ")) {
            (true, _) => "",
            (false, true) => "<br>",
            (false, false) => " ",
        });
        cell.push_str(&line);
    }
    one_line(&cell)
}

fn wrapped(words: &[String]) -> String {
    let mut lines = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let word = if index + 1 == words.len() { word.clone() } else { format!("{word},") };
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if line.len() + 1 + word.len() <= 116 => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("variables.tf"), text).unwrap();
        Module::read(folder.path()).unwrap()
    }

    #[test]
    fn required_inputs_come_first_and_long_types_below() {
        let module = module(
            r#"
variable "optional" {
  description = <<-E
    A | bar and a <tag>.
    - A point
      of two lines.
    - Another.
  E
  type        = string
  default     = "x"
}
variable "teams" {
  description = "Teams."
  type = map(object({
    description = string
    owner       = optional(string, "platform")
  }))
}
output "id" {
  description = "The id."
  value       = 1
}
resource "aws_sns_topic" "this" {}
data "aws_region" "this" {}
"#,
        );
        let text = tables(&module, "##");
        let teams = text.find("| `teams` | `map(object(…))` | **required** | Teams. |").unwrap();
        let optional = text.find("| `optional` | `string` | `\"x\"` | A \\| bar and a &lt;tag>.<br>- A point of two lines.<br>- Another. |").unwrap();
        assert!(teams < optional, "{text}");
        assert!(text.contains("`teams`:\n\n```hcl\nmap(object({\n"), "{text}");
        assert!(text.contains("| `id` | The id. |"), "{text}");
        assert!(text.contains("`aws_sns_topic`, data `aws_region`"), "{text}");
    }

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = format!("# x\n\nWhat it is.\nMore.\n\n{BEGIN}\nold\n{END}\nafter\n");
        let fresh = replaced(&text, "\nnew\n").unwrap();
        assert_eq!(fresh, format!("# x\n\nWhat it is.\nMore.\n\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replaced(&fresh, "\nnew\n").unwrap(), fresh);
        assert_eq!(first_paragraph(&text), "What it is.\nMore.");
        assert!(replaced("no marks", "").is_err());
    }
}
