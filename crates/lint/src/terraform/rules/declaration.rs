//! What a module must say about itself, and what it must leave to its caller.

use crate::terraform::file::HclFile;
use crate::terraform::folder::Item;
use crate::terraform::rule::{Report, Rule};
use crate::terraform::tree::Tree;
use crate::terraform::walk;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "hcl-syntax",
        code: "SL1001",
        summary: "a Terraform file that does not parse",
        help: "`terraform fmt` shows the same place",
        check: |tree, report| {
            for broken in tree.broken.iter().filter(|broken| !broken.is_connector) {
                report.place(
                    &broken.path,
                    broken.place,
                    format!("this is not valid HCL: {}", broken.message),
                );
            }
        },
    },
    Rule {
        id: "variable-type",
        code: "SL1002",
        summary: "a variable without a type, or of type any",
        help: "write `type = ...`: a typed variable refuses a wrong value by name, before anything is planned",
        check: |tree, report| {
            each(tree, "variable", |item| {
                let name = item.label(0);
                match item.attribute("type") {
                    None => report.item(item, format!("variable {name:?} has no type")),
                    Some(kind) if item.file.source(kind).trim() == "any" => {
                        report.at(
                            item.file,
                            kind,
                            format!("variable {name:?} has type any, which checks nothing"),
                        );
                    }
                    Some(_) => {}
                }
            });
        },
    },
    Rule {
        id: "variable-description",
        code: "SL1003",
        summary: "a variable without a description",
        help: "write `description = \"...\"`: README tables are made of descriptions",
        check: |tree, report| described(tree, "variable", report),
    },
    Rule {
        id: "output-description",
        code: "SL1004",
        summary: "an output without a description",
        help: "write `description = \"...\"`: README tables are made of descriptions",
        check: |tree, report| described(tree, "output", report),
    },
    Rule {
        id: "provider-in-module",
        code: "SL1005",
        summary: "a provider block in a module",
        help: "configure providers in the root; a module with a provider block cannot be used with for_each, nor removed",
        check: |tree, report| {
            each(tree, "provider", |item| {
                if item.folder.is_module() {
                    report
                        .item(item, format!("the module configures the provider {:?} itself", item.label(0)));
                }
            });
        },
    },
    Rule {
        id: "import-in-module",
        code: "SL1006",
        summary: "an import block in a module",
        help: "move import blocks to the root: in a module they fail every test that mocks a provider",
        check: |tree, report| {
            each(tree, "import", |item| {
                if item.folder.is_module() {
                    report.item(item, "the module holds an import block");
                }
            });
        },
    },
    Rule {
        id: "nonsensitive-output",
        code: "SL1007",
        summary: "nonsensitive() in an output",
        help: "mark the output `sensitive = true`, or better put out where the secret is kept instead of the secret",
        check: |tree, report| {
            each(tree, "output", |item| {
                for (_, value) in walk::attributes(&item.block.body) {
                    if let Some(call) = walk::calls(value, "nonsensitive").first() {
                        let name = item.label(0);
                        report.at(
                            item.file,
                            *call,
                            format!("output {name:?} prints what Terraform would hide"),
                        );
                    }
                }
            });
        },
    },
    Rule {
        id: "commented-depends-on",
        code: "SL1008",
        summary: "a depends_on that is commented out",
        help: "restore it or delete it: what it ordered, such as topics after the names they are reached by, now races",
        check: |tree, report| {
            for file in tree.folders.iter().flat_map(|folder| &folder.files) {
                report_commented(file, report);
            }
        },
    },
];

fn report_commented(file: &HclFile, report: &mut Report) {
    for comment in &file.comments {
        for (index, line) in comment.text.lines().enumerate() {
            let rest = line.trim_start_matches(['#', '/', '*', ' ', '\t']);
            let assigned =
                rest.strip_prefix("depends_on").is_some_and(|rest| rest.trim_start().starts_with('='));
            if assigned {
                let place = crate::place::Place { line: comment.line + index, column: comment.column };
                report.place(&file.path, place, "an order of creation is commented out");
            }
        }
    }
}

fn described(tree: &Tree, kind: &str, report: &mut Report) {
    each(tree, kind, |item| {
        let description = item.attribute("description");
        let is_empty = item.text("description").is_some_and(|text| text.trim().is_empty());
        if description.is_none() || is_empty {
            report.item(item, format!("{kind} {:?} has no description", item.label(0)));
        }
    });
}

pub(super) fn each<'a>(tree: &'a Tree, kind: &'a str, check: impl FnMut(Item<'a>)) {
    tree.folders.iter().flat_map(|folder| folder.blocks(kind)).for_each(check);
}
