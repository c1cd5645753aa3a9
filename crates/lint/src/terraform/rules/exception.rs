//! The rule about exceptions. What it finds is found where exceptions are applied, in `allow.rs`.

use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[ALLOW];

pub(crate) const ALLOW: Rule = Rule {
    id: "exception",
    code: "SL1019",
    summary: "a `sluice:allow` without a reason, for a rule that does not exist, or that is not needed",
    help: "write `# sluice:allow RULE reason`, in at least two words, above the line it is about; remove it when nothing there breaks the rule",
    check: |_, _| {},
};
