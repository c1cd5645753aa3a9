//! Case files: one Markdown page for each transform, predicate or converter that is its manual page and its test.
//!
//! A page has a title, which is the class's simple name, prose, a generated section (the table of keys, see
//! [`generated`]), and cases. A case is a heading of level three, prose, a `json config` block with the keys that a user
//! writes in a connector's config, and pairs of blocks: what goes in, and what comes out.
//!
//! | block | of | content |
//! |---|---|---|
//! | `json config` | all | keys and texts; `transforms`, `transforms.A.type` …, or `value.converter` … |
//! | `json in` | transforms | a record, see [`record_text`] |
//! | `json out` | transforms | the record after the chain. What is not written is as in the record before |
//! | `text dropped` | transforms | nothing: the record is dropped |
//! | `json datum` | converters | a value and its schema |
//! | `text bytes`, `json bytes` | converters | bytes, as UTF-8 |
//! | `hex bytes` | converters | bytes, as hexadecimal digits |
//! | `text null` | converters | nothing: null instead of bytes |
//! | `text error` | all | the Java exception's class, a colon, and the message |
//!
//! A config block that is followed by an error is refused as a config. Blocks with other words are only shown.

mod chain;
mod conversion;
pub mod generated;
mod lines;
mod page;
pub mod record_text;
pub mod schema_text;
pub mod value_text;

use std::path::Path;

use api::Registry;

pub use page::{Block, Case, Page};

/// What the cases of a folder exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Transforms and predicates: a chain, as a connector has it.
    Transforms,
    /// Converters and header converters.
    Converters,
}

/// What was run, and what did not hold.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The number of cases.
    pub cases: usize,
    /// `file:line: why` for each block that does not hold.
    pub failures: Vec<String>,
}

impl Outcome {
    /// Adds another outcome.
    pub fn add(&mut self, other: Outcome) {
        self.cases += other.cases;
        self.failures.extend(other.failures);
    }
}

/// Runs the cases of all pages of a folder, and fails with all that do not hold.
///
/// # Panics
/// With `file:line` and the difference of every case that does not hold; a folder without a case.
pub fn check_folder(folder: &Path, subject: Subject, registry: &Registry) {
    let mut outcome = Outcome::default();
    for page in pages(folder) {
        outcome.add(run(&page, subject, registry));
    }
    assert!(outcome.cases > 0, "no case in {}", folder.display());
    assert!(
        outcome.failures.is_empty(),
        "{} of {} cases' steps do not hold:\n\n{}",
        outcome.failures.len(),
        outcome.cases,
        outcome.failures.join("\n\n")
    );
}

/// The pages of a folder in the order of their names, without its README.
///
/// # Panics
/// A page cannot be read, or has no title.
pub fn pages(folder: &Path) -> Vec<Page> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    paths.sort();
    paths.iter().map(|path| Page::read(path)).collect()
}

/// Runs the cases of a page.
pub fn run(page: &Page, subject: Subject, registry: &Registry) -> Outcome {
    let mut outcome = Outcome { cases: page.cases.len(), failures: Vec::new() };
    if page.cases.is_empty() {
        outcome.failures.push(format!("{}:1: the page has no case", page.path.display()));
    }
    for case in &page.cases {
        let ran = match subject {
            Subject::Transforms => chain::run(case, registry),
            Subject::Converters => conversion::run(case, registry),
        };
        if let Err(failures) = ran {
            let place = |(line, why): (usize, String)| {
                format!("{}:{line}: {}: {why}", page.path.display(), case.name)
            };
            outcome.failures.extend(failures.into_iter().map(place));
        }
    }
    outcome
}

/// Failures of a case: the line of the block that does not hold, and why.
type Failures = Vec<(usize, String)>;

/// An error as the pages show it; editors cut blanks off the ends of lines, so they do not count.
fn shown(error: &api::Error) -> String {
    format!("{}: {}", error.class_name(), error.message().trim_end())
}
