//! `cargo xtask bench`: end to end, every part a process of its own, CPU and memory the worker's alone.
//!
//! The broker keeps its data in a folder, producers wait for all acknowledgements, and each run begins with fresh
//! topics, buckets and offsets. A rate is rows over the time from the first to the last record, looked at from
//! outside. Results go to bench/results/ as JSON and, with `--write`, into the tables of bench/README.md.
//!
//! With `--against java` Apache Kafka Connect does the same beside it: see [`against`].
#![allow(clippy::print_stdout)] // a tool for people

mod against;
mod jdbc;
mod lineitem;
mod meter;
mod metrics;
mod parts;
mod process;
mod report;
mod s3;
mod start;
mod worker;

use anyhow::bail;
use clap::Parser;

// As the worker has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measures pipelines end to end; see bench/README.md")]
struct Options {
    /// What to measure. Alone: `jdbc` (PostgreSQL to Kafka), `s3` (Kafka to S3, JSON), `start` (start, idle, first
    /// record), `metrics` (what measuring and being scraped cost), `convert` (Kafka's converters alone), `plugins` (a chain
    /// of transforms, JSON and Avro converters), `broker` (the embedded broker alone). Against Java: `start`, `stream`
    /// (FileStream source and sink), `plugins`, `connectors` (200 of them), `group` (three workers that share work); all
    /// five if nothing is said.
    #[arg(value_enum)]
    what: Option<What>,
    /// Measures Apache Kafka Connect in the same run, on the same broker of Apache Kafka.
    #[arg(long, value_enum)]
    against: Option<Rival>,
    /// Rows of the table lineitem, or lines of FileStream's file.
    #[arg(long)]
    rows: Option<u64>,
    /// How often.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Of `group --against java`: one side only, whose figures are printed and not kept.
    #[arg(long, value_enum)]
    side: Option<against::group::Side>,
    /// Of `group --against java`: one phase only; `many` connectors, a `rolling` restart, or a `kill`.
    #[arg(long, value_enum)]
    phase: Option<against::group::Phase>,
    /// Write the figures into bench/README.md.
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Jdbc,
    S3,
    Start,
    Metrics,
    Convert,
    Broker,
    Stream,
    Plugins,
    Connectors,
    Group,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Rival {
    Java,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(process::root())?;
    let options = Options::parse();
    let part = against::group::Part { side: options.side, phase: options.phase };
    let group = (options.what, options.against) == (Some(What::Group), Some(Rival::Java));
    if !part.is_whole() && (!group || options.write) {
        bail!(
            "--side and --phase are for group --against java, without --write: a table has both sides and all phases"
        );
    }
    if options.against == Some(Rival::Java) {
        return against_java(&options, &part);
    }
    let rows = options.rows.unwrap_or(2_000_000);
    let report = match options.what {
        Some(What::Jdbc) => jdbc::run(rows, options.runs)?,
        Some(What::S3) => s3::run(rows, options.runs)?,
        Some(What::Start) => start::run(options.runs)?,
        Some(What::Metrics) => metrics::run(rows, options.runs)?,
        Some(What::Convert) => return example("convert_bench", &[]),
        Some(What::Broker) => return example("throughput", &[]),
        Some(What::Plugins) => return against::plugins::alone(options.runs),
        Some(what) => bail!("{what:?} is a comparison; type: cargo xtask bench --against java"),
        None => bail!("nothing to measure is named; see cargo xtask bench -- --help"),
    };
    print!("{}", report.table());
    report::keep(&report.name, &report)?;
    match options.write {
        true => report::write_into("bench/README.md", &report.name, &report.table()),
        false => Ok(()),
    }
}

fn against_java(options: &Options, group: &against::group::Part) -> anyhow::Result<()> {
    let parts = match options.what {
        None => vec![What::Start, What::Stream, What::Connectors, What::Group, What::Plugins],
        Some(what) => vec![what],
    };
    let rival = against::Rival::fetch()?;
    for what in parts {
        let comparison = match what {
            What::Start => against::start::run(&rival, options.runs)?,
            What::Stream => against::stream::run(&rival, options.rows.unwrap_or(1_000_000), options.runs)?,
            What::Connectors => against::connectors::run(&rival, options.runs)?,
            What::Group => match against::group::run(&rival, options.runs, group)? {
                Some(comparison) => comparison,
                None => continue,
            },
            What::Plugins => against::plugins::run(&rival, options.runs)?,
            other => bail!("{other:?} is not measured against Java"),
        };
        print!("{}", comparison.table());
        report::keep(&comparison.name, &comparison)?;
        if options.write {
            report::write_into("bench/README.md", &comparison.name, &comparison.table())?;
        }
    }
    Ok(())
}

fn example(name: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let program = process::target_folder()?.join("examples").join(name);
    if !program.exists() {
        bail!("{} was not built", program.display());
    }
    process::run(std::process::Command::new(program).args(arguments))
}
