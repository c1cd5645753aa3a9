//! `cargo xtask interop`: Apache Kafka and Kafka Connect themselves beside this repository's parts, and what they do
//! compared.
//!
//! Stages: `direct` drives every transform, predicate and converter with generated records, in one Java process and in
//! this one; `avro-compatibility` asks both about pairs of Avro schemas; `end-to-end` runs the same connector files on
//! both workers; `clients` lets Java's own programs work with the embedded broker. Differences that are on purpose stand
//! in `interop/allowed.toml`, each with its reason; any other is an error. Start at [`direct`], then [`allowed`].
#![allow(clippy::print_stdout)] // a tool for people

mod allowed;
mod clients;
mod compatibility;
mod difference;
mod direct;
mod end_to_end;
mod program;
mod tally;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Parser;
use testkit::apache_kafka::artifacts;

use allowed::Allowed;
use oracle::Oracle;
use sluice_interop::{case, oracle, ours};
use tally::{Counts, Tally};

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
    /// A folder with more jars for the Java side: those of Confluent's JSON Schema converter, and of Aiven's or jcustenborder's
    /// transforms, to drive these too.
    #[arg(long)]
    jars: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let more_jars = options.jars.as_deref().map(folder_of_jars).transpose()?;
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    std::env::set_current_dir(&root)?;
    let whole = options.only.is_none() && options.seed == 1 && options.records == RECORDS;
    let allowed = Allowed::read(Path::new("interop/allowed.toml"))?;
    let mut tally = Tally::default();
    println!("seed {}", options.seed);

    let program = std::env::current_exe().context("where is this program?")?;
    let target = program.ancestors().nth(2).context("this program is in no target folder")?.to_owned();
    ensure!(
        program::are_built()?,
        "{} are not built; type: cargo xtask interop",
        program::PROGRAMS.join(", ")
    );
    let started = Instant::now();
    let jars = artifacts::connect_jars(&target).map_err(anyhow::Error::msg)?;
    let confluent = artifacts::confluent_jars(&target).map_err(anyhow::Error::msg)?;
    let debezium = artifacts::debezium_jars(&target).map_err(anyhow::Error::msg)?;
    println!("== artifacts took {} s", started.elapsed().as_secs());

    // A stage's name, or part of it, chooses that stage alone; any other text is part of a class's or pipeline's name.
    let stages = ["direct", "avro-compatibility", "end-to-end", "clients"];
    let only = options.only.as_deref();
    let chosen = only.and_then(|only| stages.into_iter().find(|stage| *stage == only));
    let stage = |name: &str| chosen.is_none_or(|chosen| chosen == name);
    let mut stages_done: Vec<(&str, Counts)> = Vec::new();
    let mut so_far = Counts::default();
    let mut done = |stage, tally: &Tally| {
        let total = tally.total();
        stages_done.push((stage, total.since(so_far)));
        so_far = total;
    };
    let started = Instant::now();
    let more: Vec<PathBuf> = [confluent.clone(), debezium].into_iter().chain(more_jars).collect();
    let mut oracle = Oracle::start(&target, &jars, &more)?;
    let part = only.filter(|_| chosen.is_none());
    let programs = program.parent().context("this program is in no folder")?;
    let scope = direct::Scope { only: part, seed: options.seed, records: options.records, programs };
    let mut classes = direct::Classes::default();
    if stage("direct") {
        classes = direct::run(&scope, &mut oracle, &plugins::registry(), &allowed, &mut tally)?;
        println!("== direct took {} s", started.elapsed().as_secs());
        done("direct", &tally);
    }
    if stage("avro-compatibility") && (only.is_none() || chosen.is_some()) {
        let started = Instant::now();
        // The registry's Avro is newer than that of the converters which can be had.
        let avro = artifacts::avro_jars(&target).map_err(anyhow::Error::msg)?;
        let mut newest = Oracle::start(&target, &jars, &[avro])?;
        let compared = compatibility::run(options.seed, &mut newest, &allowed, &mut tally)?;
        println!("== avro-compatibility, {compared}, took {} s", started.elapsed().as_secs());
        done("avro-compatibility", &tally);
    }
    if stage("clients") && (only.is_none() || chosen.is_some()) {
        let started = Instant::now();
        let count = clients::run(&mut oracle, &jars, &allowed, &mut tally)?;
        println!("== clients, {count} checks, took {} s", started.elapsed().as_secs());
        done("clients", &tally);
    }
    drop(oracle);

    if stage("end-to-end") {
        let started = Instant::now();
        let count = end_to_end::run(part, &jars, &confluent, &allowed, &mut tally)?;
        println!("== end-to-end, {count} pipelines, took {} s", started.elapsed().as_secs());
        done("end-to-end", &tally);
    }

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
    for it in allowed.uses() {
        println!("allowed {}: {}", it.id, it.count);
        if it.count == 0 && whole && !it.rare {
            println!("UNUSED: no case needs {}; take it out of interop/allowed.toml", it.id);
            wrong = true;
        }
    }
    for (stage, counts) in stages_done {
        println!("{stage}: {counts}");
    }
    let total = tally.total();
    println!("compared: {total}");
    Ok(if wrong || total.different > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

// Java passes over a folder that is not there, and the classes would seem to have no twin.
fn folder_of_jars(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("--jars {}", folder.display()))?;
    let is_jar = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "jar");
    ensure!(entries.flatten().any(is_jar), "--jars {}: there is no *.jar in it", folder.display());
    Ok(std::path::absolute(folder)?)
}
