//! The blueprint keeps its own rules.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sluice_lint::terraform::Module;

#[test]
fn the_blueprint_has_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprint");
    let findings = sluice_lint::terraform::check_tree(&root).unwrap();
    let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} findings\n{}", list.len(), list.join("\n"));
}

// What somebody needs to try an example: its page, values that are complete, and a way back.
#[test]
fn every_example_has_a_page_and_values() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprint/terraform/examples");
    let mut count = 0;
    for entry in fs::read_dir(&examples).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let page = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        for part in [
            "## Steps",
            "**Cost**",
            "terraform apply",
            "## Destroy it",
            "terraform destroy",
            "## What can go wrong",
        ] {
            assert!(page.contains(part), "{name}/README.md has no {part}");
        }
        let values = fs::read_to_string(folder.join("terraform.tfvars.example")).unwrap_or_default();
        let values = hcl_edit::parser::parse_body(&values).unwrap();
        let given: BTreeSet<&str> = values.attributes().map(|attribute| attribute.key.as_str()).collect();
        let module = Module::read(&folder).unwrap();
        for variable in &module.variables {
            // A secret is no value of a file.
            let is_needed = variable.default.is_none() && !variable.sensitive;
            assert!(
                !is_needed || given.contains(variable.name.as_str()),
                "{name}: no value for {}",
                variable.name
            );
            assert!(
                !(variable.default.is_none() && variable.sensitive)
                    || page.contains(&format!("TF_VAR_{}", variable.name)),
                "{name}/README.md does not say where {} comes from",
                variable.name
            );
        }
        for key in given {
            assert!(
                module.variables.iter().any(|variable| variable.name == key),
                "{name}: {key} is no variable"
            );
        }
        assert!(
            values.get_attribute("deletion_protection").is_some_and(|a| a.value.as_bool() == Some(false)),
            "{name}: the first destroy would be refused"
        );
        count += 1;
    }
    assert!(count >= 4, "{count}");
}
