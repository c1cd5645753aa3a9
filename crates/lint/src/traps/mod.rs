//! The traps on the way to connectors on Confluent Cloud over Private Link, and what keeps this repository out of
//! each: 53 that a first draft of such a blueprint falls into, and 12 that real runs of the provider have shown.

mod page;
mod table;

pub use page::{counts_line, page};
pub use table::TRAPS;

/// A trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trap {
    /// Its number.
    pub number: u8,
    /// What goes wrong, in one sentence.
    pub statement: &'static str,
    /// What keeps us out of it.
    pub guard: Guard,
}

/// What keeps us out of a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Rules over files or plans: each has a fixture that breaks it.
    Gate(&'static [&'static str]),
    /// Rules over commands in scripts, workflows and pages.
    Script(&'static [&'static str]),
    /// A test that shows the behaviour: file and function.
    Behaviour {
        /// The test's file, from the root of the repository.
        file: &'static str,
        /// The test's name.
        test: &'static str,
    },
    /// No program can see it; a page tells of it.
    Manual {
        /// The page, from the root of the repository.
        page: &'static str,
    },
}

impl Guard {
    /// The class, in one word.
    pub fn class(&self) -> &'static str {
        match self {
            Guard::Gate(_) => "gate",
            Guard::Script(_) => "docs rule",
            Guard::Behaviour { .. } => "behaviour",
            Guard::Manual { .. } => "manual only",
        }
    }

    /// The rules, when it is one or more.
    pub fn rules(&self) -> &'static [&'static str] {
        match self {
            Guard::Gate(rules) | Guard::Script(rules) => rules,
            _ => &[],
        }
    }
}

/// How many traps each class has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rules over files or plans.
    pub gate: usize,
    /// Rules over commands in scripts and pages.
    pub script: usize,
    /// Tests.
    pub behaviour: usize,
    /// Pages.
    pub manual: usize,
}

/// Counts the table.
pub fn counts() -> Counts {
    let mut counts = Counts::default();
    for trap in TRAPS {
        match trap.guard {
            Guard::Gate(_) => counts.gate += 1,
            Guard::Script(_) => counts.script += 1,
            Guard::Behaviour { .. } => counts.behaviour += 1,
            Guard::Manual { .. } => counts.manual += 1,
        }
    }
    counts
}
