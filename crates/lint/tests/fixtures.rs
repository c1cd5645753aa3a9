//! Every rule has a fixture that breaks it and only it, and a twin that does not. A folder is called `NN-rule` under
//! `traps` and `rule` under `rules`; its folders `bad*` and `good*` are checked each on its own.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sluice_lint::plan::{self, PlanJson, PlanRule};
use sluice_lint::terraform::{self, Rule, rules};

/// What a fixture is checked with: all rules, or all but one.
struct Rules {
    files: Vec<&'static Rule>,
    plans: Vec<&'static PlanRule>,
}

impl Rules {
    fn all() -> Self {
        Self { files: rules::all(), plans: plan::rules::ALL.to_vec() }
    }

    fn without(id: &str) -> Self {
        let mut rules = Self::all();
        rules.files.retain(|rule| rule.id != id);
        rules.plans.retain(|rule| rule.id != id);
        rules
    }

    // Which rules find something in a folder: a plan when it has one, files otherwise.
    fn found_in(&self, folder: &Path) -> Vec<String> {
        let plan = folder.join("plan.json");
        if plan.exists() {
            let plan = PlanJson::read(&plan).unwrap();
            let verdict = plan::gate_with(&plan, &[], &self.plans);
            return verdict.refused.into_iter().map(|refusal| refusal.rule.to_owned()).collect();
        }
        let findings = terraform::check_tree_with(folder, &self.files).unwrap();
        findings.into_iter().map(|finding| finding.rule.to_owned()).collect()
    }
}

fn folders(path: PathBuf) -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    found
}

// Rule and folder of every fixture.
fn fixtures() -> Vec<(String, PathBuf)> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let traps = folders(tests.join("traps")).into_iter().map(|(name, path)| {
        let (_, rule) = name.split_once('-').expect("a trap's folder is called NN-rule");
        (rule.to_owned(), path)
    });
    traps.chain(folders(tests.join("rules"))).collect()
}

#[test]
fn a_bad_fixture_breaks_its_rule_only_and_a_good_one_none() {
    let (all, mut wrong) = (Rules::all(), Vec::new());
    for (rule, folder) in fixtures() {
        let (mut bad, mut good) = (0, 0);
        for (name, variant) in folders(folder.clone()) {
            let found: BTreeSet<String> = all.found_in(&variant).into_iter().collect();
            let expected: BTreeSet<String> = match name.split('-').next() {
                Some("bad") => BTreeSet::from([rule.clone()]),
                Some("good") => BTreeSet::new(),
                _ => panic!("{} is neither bad nor good", variant.display()),
            };
            if name.starts_with("bad") {
                bad += 1
            } else {
                good += 1
            }
            if found != expected {
                wrong.push(format!("{}: {found:?}", variant.display()));
            }
        }
        assert!(bad > 0 && good > 0, "{} has no bad or no good fixture", folder.display());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn without_its_rule_nothing_is_found() {
    for (rule, folder) in fixtures() {
        let others = Rules::without(&rule);
        for (_, variant) in folders(folder) {
            let found = others.found_in(&variant);
            assert!(found.is_empty(), "{}: {found:?} without {rule}", variant.display());
        }
    }
}

#[test]
fn every_rule_has_a_fixture_a_code_and_a_name_of_its_own() {
    let with_fixture: BTreeSet<String> = fixtures().into_iter().map(|(rule, _)| rule).collect();
    let files = rules::all().into_iter().map(|rule| (rule.id, rule.code, rule.summary, rule.help));
    let plans = plan::rules::ALL.iter().map(|rule| (rule.id, rule.code, rule.summary, rule.help));
    let (mut ids, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for (id, code, summary, help) in files.chain(plans) {
        assert!(with_fixture.contains(id), "{id} has no fixture");
        assert!(ids.insert(id), "{id} stands twice");
        assert!(codes.insert(code), "{code} stands twice");
        assert!(code.len() == 6 && code.starts_with("SL1"), "{code}");
        assert!(!summary.ends_with('.') && !help.ends_with('.'), "{id}: no full stop");
    }
    for rule in with_fixture {
        assert!(ids.contains(rule.as_str()), "there is a fixture for {rule}, and no such rule");
    }
}
