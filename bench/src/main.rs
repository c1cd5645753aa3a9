//! `cargo xtask bench`: end to end, every part a process of its own, CPU and memory the worker's alone.
//!
//! The broker keeps its data in a folder, producers wait for all acknowledgements, and each run begins with fresh
//! topics, buckets and offsets. A rate is rows over the time from the first to the last record, looked at from
//! outside. Results go to bench/results/ as JSON and, with `--write`, into the tables of bench/README.md.
#![allow(clippy::print_stdout)] // a tool for people

mod jdbc;
mod lineitem;
mod meter;
mod parts;
mod process;
mod report;
mod s3;
mod start;

use anyhow::{Context, bail};
use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measures pipelines end to end; see bench/README.md")]
struct Options {
    /// What to measure: `jdbc` (PostgreSQL to Kafka), `s3` (Kafka to S3, JSON), `start` (start, idle, first record),
    /// `convert` (converters alone), `broker` (the embedded broker alone).
    #[arg(value_enum)]
    what: What,
    /// Rows of the table lineitem.
    #[arg(long, default_value_t = 2_000_000)]
    rows: u64,
    /// How often.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Write the figures into bench/README.md.
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Jdbc,
    S3,
    Start,
    Convert,
    Broker,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(process::root())?;
    let options = Options::parse();
    let report = match options.what {
        What::Jdbc => jdbc::run(options.rows, options.runs)?,
        What::S3 => s3::run(options.rows, options.runs)?,
        What::Start => start::run(options.runs)?,
        What::Convert => return example("convert_bench", &[]),
        What::Broker => return example("throughput", &[]),
    };
    print!("{}", report.table());
    std::fs::create_dir_all("bench/results")?;
    let file = format!("bench/results/{}.json", report.name);
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")
        .with_context(|| format!("cannot write {file}"))?;
    match options.write {
        true => report.write_into("bench/README.md"),
        false => Ok(()),
    }
}

fn example(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let program = process::target_folder()?.join("examples").join(name);
    if !program.exists() {
        bail!("{} was not built", program.display());
    }
    process::run(std::process::Command::new(program).args(arguments))
}
