//! Rule sets: a registry keeps, checks and merges them; clients run them.

use std::collections::{BTreeMap, BTreeSet};

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::metadata::or_default;
use crate::refusal::{Answer, Refusal};

const NAME_CHARACTERS_MAX: usize = 256;

/// Rules of a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RuleSet {
    /// Run when data moves between versions.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub migration_rules: Vec<Rule>,
    /// Run when data is written and read.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub domain_rules: Vec<Rule>,
    /// Run on the encoded bytes.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub encoding_rules: Vec<Rule>,
    /// From when on they are in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_at: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// Unique within the set.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// TRANSFORM or CONDITION.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// When it is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Who runs it: CEL, ENCRYPT and so on.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub rule_type: Option<String>,
    /// Fields with one of these tags.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", deserialize_with = "or_default")]
    pub tags: BTreeSet<String>,
    /// Settings for whoever runs it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub params: BTreeMap<String, String>,
    /// The rule itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// What to do then; two of them with a comma, for both directions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<String>,
    /// What to do otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
    /// Not run.
    #[serde(skip_serializing_if = "std::ops::Not::not", deserialize_with = "or_default")]
    pub disabled: bool,
}

impl RuleSet {
    /// Checks what a registry can check.
    pub(crate) fn check(&self) -> Answer<()> {
        let mut names = BTreeSet::new();
        let migration = ["UPGRADE", "DOWNGRADE", "UPDOWN"].as_slice();
        let domain = ["WRITE", "READ", "WRITEREAD"].as_slice();
        for (rules, modes) in
            [(&self.migration_rules, migration), (&self.domain_rules, domain), (&self.encoding_rules, domain)]
        {
            for rule in rules {
                rule.check(modes).map_err(Refusal::invalid_rules)?;
                if !names.insert(&rule.name) {
                    return Err(Refusal::invalid_rules(format!(
                        "Found rule with duplicate name '{}'",
                        rule.name
                    )));
                }
            }
        }
        Ok(())
    }

    /// These rules, and on top of them the other's: a rule replaces one of its name.
    pub(crate) fn merged(below: Option<Self>, above: Option<&Self>) -> Option<Self> {
        let Some(above) = above else { return below };
        let below = below.unwrap_or_default();
        Some(Self {
            migration_rules: merged(below.migration_rules, &above.migration_rules),
            domain_rules: merged(below.domain_rules, &above.domain_rules),
            encoding_rules: merged(below.encoding_rules, &above.encoding_rules),
            enable_at: above.enable_at.clone().or(below.enable_at),
        })
    }

    /// All rules.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.migration_rules.iter().chain(&self.domain_rules).chain(&self.encoding_rules)
    }

    pub(crate) fn hash_into(&self, hash: &mut Md5) {
        self.rules().for_each(|rule| rule.hash_into(hash));
        hash.update(self.enable_at.as_deref().unwrap_or_default());
    }
}

fn merged(below: Vec<Rule>, above: &[Rule]) -> Vec<Rule> {
    let kept = below.into_iter().filter(|rule| !above.iter().any(|other| other.name == rule.name));
    kept.chain(above.iter().cloned()).collect()
}

impl Rule {
    fn check(&self, modes: &[&str]) -> Result<(), String> {
        let name = &self.name;
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
        let goes_on = letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-');
        if !begins || !goes_on || name.chars().count() > NAME_CHARACTERS_MAX {
            return Err(format!(
                "Invalid rule name '{name}': it has at most {NAME_CHARACTERS_MAX} letters, digits, '_' and '-', \
                 and begins with a letter or '_'"
            ));
        }
        if self.rule_type.as_deref().unwrap_or_default().is_empty() {
            return Err(format!("Rule '{name}' has no type"));
        }
        if self.kind.as_deref().is_some_and(|kind| !["TRANSFORM", "CONDITION"].contains(&kind)) {
            return Err(format!("Rule '{name}' must be of kind TRANSFORM or CONDITION"));
        }
        let mode = self.mode.as_deref().unwrap_or_default();
        if !modes.contains(&mode) {
            return Err(format!("Rule '{name}' cannot have the mode '{mode}', only {}", modes.join(", ")));
        }
        let both_ways = ["UPDOWN", "WRITEREAD"].contains(&mode);
        for action in [&self.on_success, &self.on_failure].into_iter().flatten() {
            let count = action.split(',').count();
            if count > 2 || (count > 1 && !both_ways) {
                return Err(format!(
                    "Rule '{name}' of mode {mode} cannot have the actions '{action}': two, with a comma, are for \
                     UPDOWN and WRITEREAD"
                ));
            }
        }
        Ok(())
    }

    fn hash_into(&self, hash: &mut Md5) {
        hash.update(&self.name);
        let texts = [&self.doc, &self.kind, &self.mode, &self.rule_type];
        texts.into_iter().flatten().for_each(|text| hash.update(text));
        self.tags.iter().for_each(|tag| hash.update(tag));
        for (name, value) in &self.params {
            hash.update(name);
            hash.update(value);
        }
        let texts = [&self.expr, &self.on_success, &self.on_failure];
        texts.into_iter().flatten().for_each(|text| hash.update(text));
        if self.disabled {
            hash.update([1]);
        }
    }
}
