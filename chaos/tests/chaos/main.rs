//! The runs of `cargo xtask chaos`. As a test of the workspace it does a few of them.
#![allow(clippy::print_stdout)] // a tool for people

mod options;
mod processes;
mod seeds;
mod simulation;
mod verdict;

use std::process::ExitCode;

use clap::Parser as _;

use options::{Options, Run};

/// The name of the test, when this is run among the others.
const TEST: &str = "groups_of_workers_hold_under_faults";
/// Seeds of the test.
const TEST_SEEDS: u64 = 6;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.first().is_some_and(|first| ["run", "one"].contains(&first.as_str())) {
        return as_test(&arguments);
    }
    match Options::parse().run {
        Run::One(options) => seeds::one(&options),
        Run::Run(options) => match seeds::many(&options) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("chaos: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

// As `cargo test` runs it: with the names of tests that are wanted, if not all are.
fn as_test(arguments: &[String]) -> ExitCode {
    let mut names = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
    if names.peek().is_some() && !names.any(|name| TEST.contains(name.as_str())) {
        println!("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out");
        return ExitCode::SUCCESS;
    }
    let options = options::Seeds { seeds: TEST_SEEDS, twice: true, ..options::Seeds::default() };
    let passed = seeds::many(&options).unwrap_or_else(|error| {
        println!("{TEST}: {error:#}");
        false
    });
    println!("test {TEST} ... {}", if passed { "ok" } else { "FAILED" });
    let (word, passed, failed) = if passed { ("ok", 1, 0) } else { ("FAILED", 0, 1) };
    println!("test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
