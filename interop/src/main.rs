//! `cargo xtask interop`: Apache Kafka and Kafka Connect themselves beside this repository's parts, and what they do
//! compared.
//!
//! Stages: `direct` drives every transform, predicate and converter with generated records, in one Java process and in
//! this one. Differences that are on purpose stand in `interop/allowed.toml`, each with its reason; any other is an
//! error. Start at [`direct`], then [`allowed`].
#![allow(clippy::print_stdout)] // a tool for people

mod allowed;
mod case;
mod difference;
mod direct;
mod oracle;
mod ours;
mod tally;
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Parser;
use testkit::apache_kafka::artifacts;

use allowed::Allowed;
use oracle::Oracle;
use tally::Tally;

/// Records for each class and direction, unless told otherwise.
const RECORDS: usize = 600;

#[derive(Parser)]
#[command(
    name = "cargo xtask interop",
    about = "Compares with Apache Kafka Connect itself; see interop/README.md"
)]
struct Options {
    /// Only this stage, or only classes and cases whose names contain this text.
    #[arg(long)]
    only: Option<String>,
    /// The seed of generated records; the same seed gives the same records.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Records for each class and direction.
    #[arg(long, default_value_t = RECORDS)]
    records: usize,
}

fn main() -> anyhow::Result<ExitCode> {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    std::env::set_current_dir(&root)?;
    let options = Options::parse();
    let whole = options.only.is_none() && options.seed == 1 && options.records == RECORDS;
    let allowed = Allowed::read(Path::new("interop/allowed.toml"))?;
    let mut tally = Tally::default();
    println!("seed {}", options.seed);

    let program = std::env::current_exe().context("where is this program?")?;
    let target = program.ancestors().nth(2).context("this program is in no target folder")?.to_owned();
    let started = Instant::now();
    let jars = artifacts::connect_jars(&target).map_err(anyhow::Error::msg)?;
    let confluent = artifacts::confluent_jars(&target).map_err(anyhow::Error::msg)?;
    println!("== artifacts took {} s", started.elapsed().as_secs());

    let started = Instant::now();
    let mut oracle = Oracle::start(&target, &jars, &[confluent])?;
    let scope = direct::Scope { only: options.only.as_deref(), seed: options.seed, records: options.records };
    let classes = direct::run(&scope, &mut oracle, &plugins::registry(), &allowed, &mut tally)?;
    drop(oracle);
    println!("== direct took {} s", started.elapsed().as_secs());

    print!("{}", tally.lines());
    let all = target.join("interop-differences.jsonl");
    std::fs::write(&all, &tally.differences).with_context(|| all.display().to_string())?;
    println!("driven on both sides: {}", classes.driven.len());
    for class in &classes.driven {
        println!("  {class}");
    }
    println!("without a Java twin: {}", classes.ours_alone.len());
    for class in &classes.ours_alone {
        println!("  {class}");
    }
    let mut wrong = false;
    for class in &classes.missing {
        match allowed.absent.iter().find(|absent| class.ends_with(&absent.class)) {
            Some(absent) => println!("not here: {class}: {}", absent.why),
            None => {
                println!("MISSING here, and not in allowed.toml: {class}");
                wrong = true;
            }
        }
    }
    for (id, uses) in allowed.uses() {
        println!("allowed {id}: {uses}");
        if uses == 0 && whole {
            println!("UNUSED: no case needs {id}; take it out of interop/allowed.toml");
            wrong = true;
        }
    }
    let total = tally.total();
    println!("compared: {} equal, {} allowed, {} different", total.equal, total.allowed, total.different);
    Ok(if wrong || total.different > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
