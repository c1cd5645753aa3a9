//! The table as a page of the manual.

use super::{Guard, TRAPS, counts};
use crate::plan;
use crate::terraform::rules;

/// `65 of 65 traps are classified: 54 by gate, ...`
pub fn counts_line() -> String {
    let counts = counts();
    let all = counts.gate + counts.script + counts.behaviour + counts.manual;
    format!(
        "{all} of 65 traps are classified: {} by gate, {} by docs rule, {} by behaviour, {} by manual only",
        counts.gate, counts.script, counts.behaviour, counts.manual
    )
}

/// The page, in Markdown. `up` leads from the page to the root of the repository, such as `../../`.
pub fn page(up: &str) -> String {
    let mut text = format!(
        "# Traps\n\n\
         What goes wrong on the way to connectors on Confluent Cloud over AWS Private Link, and what keeps you out of\n\
         it here. Traps 1 to 53 are mistakes of first drafts; 54 to 65 were seen in runs of the real provider.\n\n\
         - **gate**: a rule of `sluice terraform lint` or `sluice terraform gate` refuses it\n\
         - **docs rule**: a rule of `sluice terraform lint` refuses the command in scripts, workflows and pages\n\
         - **behaviour**: a test shows what happens\n\
         - **manual only**: no program can see it; the page tells you\n\n\
         {}.\n\n\
         | | trap | class | by |\n|---|---|---|---|\n",
        counts_line()
    );
    for trap in TRAPS {
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            trap.number,
            trap.statement.replace('|', "\\|"),
            trap.guard.class(),
            by(&trap.guard, up)
        ));
    }
    text.push_str("\nThe rules are explained in [lint-rules.md](lint-rules.md).\n");
    text
}

fn by(guard: &Guard, up: &str) -> String {
    match guard {
        Guard::Gate(names) | Guard::Script(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}` ({})", code(name))).collect();
            names.join(", ")
        }
        Guard::Behaviour { file, test } => format!("[`{test}`]({up}{file})"),
        Guard::Manual { page } => format!("[{page}]({up}{page})"),
    }
}

fn code(name: &str) -> &'static str {
    let of_files = rules::all().into_iter().map(|rule| (rule.id, rule.code));
    let of_plans = plan::rules::ALL.iter().map(|rule| (rule.id, rule.code));
    of_files.chain(of_plans).find(|(id, _)| *id == name).map_or("unknown", |(_, code)| code)
}
