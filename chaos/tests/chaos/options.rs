//! What is to be run.

use clap::{Args, Parser, Subcommand};

/// Groups of workers under faults; see chaos/src/lib.rs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask chaos", no_binary_name = false)]
pub struct Options {
    /// What to run.
    #[command(subcommand)]
    pub run: Run,
}

/// What to run.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// Runs seeds, one after another, as many at once as there are cores.
    Run(Seeds),
    /// Runs one seed in this process, and prints what happened.
    One(One),
}

/// Which seeds.
#[derive(Debug, Clone, Args)]
pub struct Seeds {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    pub seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    pub from: u64,
    /// Runs this one, and prints what happened: in one process the same each time, to the last record written.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    pub seed: Option<u64>,
    /// Runs each seed twice: both times the same must happen, and the same be written.
    #[arg(long, conflicts_with = "processes")]
    pub twice: bool,
    /// With three programs, in real time, instead of in one process, in none: a seed repeats the faults and when they come,
    /// not what happens then.
    #[arg(long)]
    pub processes: bool,
    /// On a broker of Apache Kafka instead of the embedded one; needs Java and Maven.
    #[arg(long, requires = "processes")]
    pub kafka: bool,
}

impl Default for Seeds {
    fn default() -> Self {
        Self { seeds: 100, from: 1, seed: None, twice: false, processes: false, kafka: false }
    }
}

/// Which seed.
#[derive(Debug, Args)]
pub struct One {
    /// The seed.
    pub seed: u64,
    /// With three programs.
    #[arg(long)]
    pub processes: bool,
    /// On a broker of Apache Kafka.
    #[arg(long, requires = "processes")]
    pub kafka: bool,
}
