//! Where state is kept, and who may share it.

use std::collections::BTreeMap;

use crate::terraform::folder::Item;
use crate::terraform::rule::{Report, Rule};
use crate::terraform::tree::Tree;
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "backend-in-module",
        code: "SL1011",
        summary: "a backend in a module",
        help: "only a root has state; delete the backend block",
        check: |tree, report| {
            for (item, backend) in backends(tree) {
                if item.folder.is_module() {
                    report.at(item.file, backend, "the module configures a backend");
                }
            }
        },
    },
    Rule {
        id: "backend-missing",
        code: "SL1012",
        summary: "a root of an environment without a backend",
        help: "add `terraform { backend \"s3\" { ... } }`: without one the state, with its secrets, is a file on whoever applies",
        check: |tree, report| {
            for folder in tree.folders.iter().filter(|folder| folder.has_component("environments")) {
                let has_backend = backends(tree).any(|(item, _)| item.folder.path == folder.path);
                if let Some(file) = folder.files.first()
                    && !has_backend
                    && !folder.is_module()
                {
                    report.at(file, &file.body, format!("the root {} has no backend", folder.path.display()));
                }
            }
        },
    },
    Rule {
        id: "backend-lock",
        code: "SL1013",
        summary: "an S3 backend that does not lock or encrypt its state, or locks it with a table",
        help: "set `use_lockfile = true` and `encrypt = true`, and remove `dynamodb_table`, which Terraform has deprecated",
        check: |tree, report| {
            for (item, backend) in backends(tree) {
                if backend.labels.first().is_none_or(|label| label.as_str() != "s3") {
                    continue;
                }
                for key in ["use_lockfile", "encrypt"] {
                    let value =
                        backend.body.get_attribute(key).and_then(|attribute| attribute.value.as_bool());
                    if value != Some(true) {
                        report.at(item.file, backend, format!("the backend does not set `{key} = true`"));
                    }
                }
                if let Some(table) = backend.body.get_attribute("dynamodb_table") {
                    report.at(item.file, table, "the backend locks with a DynamoDB table");
                }
            }
        },
    },
    Rule {
        id: "backend-key",
        code: "SL1014",
        summary: "two roots with the same state",
        help: "give every root a key of its own: the second apply would destroy what the first has made",
        check: duplicate_keys,
    },
    Rule {
        id: "remote-state",
        code: "SL1015",
        summary: "a read of another stack's whole state",
        help: "read single values that the other stack publishes, from SSM parameters or plain variables; who may read a state may read its secrets",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.data("terraform_remote_state")) {
                report.item(item, format!("{} reads a whole state, secrets included", item.address()));
            }
        },
    },
    Rule {
        id: "workspace",
        code: "SL1016",
        summary: "environments told apart by Terraform workspaces",
        help: "use a folder per environment: workspaces share one backend, one set of provider versions and one account, and a wrong selection applies to production",
        check: |tree, report| {
            for (file, _, value) in tree.folders.iter().flat_map(|folder| folder.attributes()) {
                for inner in walk::all(value) {
                    if walk::reference(inner).as_deref() == Some("terraform.workspace") {
                        report.at(file, inner, "what is made depends on the selected workspace");
                    }
                }
            }
        },
    },
];

fn backends(tree: &Tree) -> impl Iterator<Item = (Item<'_>, &hcl_edit::structure::Block)> {
    tree.folders.iter().flat_map(|folder| folder.blocks("terraform")).flat_map(|item| {
        let blocks =
            item.block.body.blocks().filter(|block| block.has_ident("backend") || block.has_ident("cloud"));
        blocks.map(move |backend| (item, backend))
    })
}

fn duplicate_keys(tree: &Tree, report: &mut Report) {
    let mut seen: BTreeMap<(String, String), String> = BTreeMap::new();
    for (item, backend) in backends(tree) {
        let get = |key: &str| {
            backend.body.get_attribute(key).and_then(|attribute| value::literal(&attribute.value))
        };
        let Some(key) = get("key").or_else(|| get("path")) else { continue };
        let bucket = get("bucket").unwrap_or_default();
        let path = item.folder.path.display().to_string();
        if let Some(other) = seen.insert((bucket, key.clone()), path) {
            report.at(item.file, backend, format!("the state {key:?} is also that of {other}"));
        }
    }
}
