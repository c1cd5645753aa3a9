//! Tasks of this repository. `cargo xtask` lists them.
#![allow(clippy::print_stdout)] // a tool for people

mod bench;
mod chaos;
mod docs;
mod fallbacks;
mod generate;
mod interop;
mod layers;
mod module_tables;
mod process;
mod terraform;
mod test;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds everything and runs all tests, documentation included.
    Test(test::Options),
    /// Runs the commands of README and docs/ against the embedded stack, checks links and compares shown output.
    Docs(docs::Options),
    /// Measures a pipeline end to end; see bench/README.md.
    Bench(bench::Options),
    /// Compares with Apache Kafka and Kafka Connect themselves; see interop/README.md.
    Interop(interop::Options),
    /// Runs groups of workers under faults; see chaos/src/lib.rs.
    Chaos(chaos::Options),
    /// Writes the files that are made of other files, or with --check says which are stale.
    Generate(generate::Options),
    /// Checks the Terraform blueprint: plain, or with --emulated by applies on loopback.
    Terraform(terraform::Options),
    /// Checks that crates depend downwards only.
    Layers,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(process::root())?;
    match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Docs(options) => docs::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Interop(options) => interop::run(&options),
        Task::Chaos(options) => chaos::run(&options),
        Task::Generate(options) => generate::run(&options),
        Task::Terraform(options) => terraform::run(&options),
        Task::Layers => layers::run(),
    }
}
