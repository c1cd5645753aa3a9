//! A copy of the blueprint to work in, and what in it can be initialized.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Where the blueprint is, from the repository's root.
pub const BLUEPRINT: &str = "blueprint";

/// What a folder of Terraform is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A module that others call.
    Module,
    /// The example of one module, beside it.
    ModuleExample,
    /// An example of the whole.
    Example,
    /// A root with a state of its own.
    Root,
}

/// One folder of Terraform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Its path below terraform/, which is its name.
    pub name: String,
    /// Where it is in the copy.
    pub folder: PathBuf,
}

impl Subject {
    /// A name for files: the path with `-` for `/`.
    pub fn slug(&self) -> String {
        self.name.replace('/', "-")
    }

    /// Whether a file of this folder (or of `tests` below it) ends so.
    pub fn has(&self, below: &str, suffix: &str) -> bool {
        let entries = std::fs::read_dir(self.folder.join(below));
        entries.is_ok_and(|entries| {
            entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(suffix))
        })
    }
}

/// Copies `from` to `to`, fresh, without what runs leave behind and without lock files, whose hashes are a registry's.
///
/// # Errors
/// A folder cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| format!("cannot empty {}", to.display()))?;
    }
    copy_into(from, to)
}

fn copy_into(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == ".terraform" || text == ".terraform.lock.hcl" || text.contains(".tfstate") {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            copy_into(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// All folders below `terraform` that hold Terraform files, in the order in which they are listed.
///
/// # Errors
/// A folder cannot be read.
pub fn subjects(terraform: &Path) -> anyhow::Result<Vec<Subject>> {
    let mut found = Vec::new();
    for part in ["modules", "examples", "environments"] {
        collect(terraform, &terraform.join(part), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(terraform: &Path, folder: &Path, found: &mut Vec<Subject>) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut is_subject = false;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            // Test fixtures are called by the tests of their module.
            if name != "tests" && name != ".terraform" {
                collect(terraform, &entry.path(), found)?;
            }
        } else if name.to_string_lossy().ends_with(".tf") {
            is_subject = true;
        }
    }
    if is_subject {
        let name = folder.strip_prefix(terraform)?.to_string_lossy().into_owned();
        found.push(Subject { kind: kind_of(&name), name, folder: folder.to_owned() });
    }
    Ok(())
}

fn kind_of(name: &str) -> Kind {
    match (name.starts_with("modules/"), name.contains("/examples/"), name.starts_with("examples/")) {
        (true, true, _) => Kind::ModuleExample,
        (true, false, _) => Kind::Module,
        (false, _, true) => Kind::Example,
        (false, _, false) => Kind::Root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path, file: &str) {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }

    #[test]
    fn a_copy_has_no_leavings_and_every_subject() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for file in [
            "modules/a/main.tf",
            "modules/a/tests/fixture/main.tf",
            "modules/a/examples/basic/main.tf",
            "modules/b/managed/main.tf",
            "examples/e/main.tf",
            "environments/dev/platform/main.tf",
            "modules/a/.terraform.lock.hcl",
            "modules/a/.terraform/x.tf",
            "modules/a/terraform.tfstate",
        ] {
            make(&from, file);
        }
        make(&to, "stale.tf");
        copy(&from, &to).unwrap();
        assert!(to.join("modules/a/tests/fixture/main.tf").exists());
        for gone in [
            "stale.tf",
            "modules/a/.terraform",
            "modules/a/.terraform.lock.hcl",
            "modules/a/terraform.tfstate",
        ] {
            assert!(!to.join(gone).exists(), "{gone}");
        }
        let shown: Vec<_> =
            subjects(&to).unwrap().into_iter().map(|subject| (subject.kind, subject.name)).collect();
        let expected = [
            (Kind::Module, "modules/a"),
            (Kind::Module, "modules/b/managed"),
            (Kind::ModuleExample, "modules/a/examples/basic"),
            (Kind::Example, "examples/e"),
            (Kind::Root, "environments/dev/platform"),
        ];
        assert_eq!(shown, expected.map(|(kind, name)| (kind, name.to_owned())));
    }
}
