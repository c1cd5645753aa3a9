//! The command line of `sluice terraform`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lint::plan::Permit;

use super::Format;

/// `sluice terraform`.
#[derive(Debug, Args)]
pub struct Terraform {
    /// What to do.
    #[command(subcommand)]
    pub command: TerraformCommand,
}

/// The commands of `sluice terraform`.
#[derive(Debug, Subcommand)]
pub enum TerraformCommand {
    /// Check Terraform, connector files, scripts and pages below a folder against the rules
    #[command(after_help = "\
Examples:
  sluice terraform lint
  sluice terraform lint blueprint/terraform
  sluice terraform lint -o json

Opens no socket and starts no program. An exception stands where it is made: `# sluice:allow RULE reason`.
Exit codes: 0 no findings; 1 a file could not be read; 2 wrong usage; 4 findings.
See also: sluice terraform gate, docs/reference/lint-rules.md")]
    Lint(Lint),
    /// Refuse a plan that would destroy what holds data or an identity
    #[command(after_help = "\
Examples:
  sluice terraform gate plan.json
  sluice terraform gate plan.json --allow-destroy confluent_kafka_topic.old
  sluice terraform gate plan.json --allow-destroy module.topics.confluent_kafka_topic.this[0] -o json

The plan comes from `terraform show -json PLAN > plan.json`; `-` reads it from standard input. It holds secrets in plain
text, none of which is printed. A permit names one resource as the plan does; quote it in a shell.
Exit codes: 0 the plan may be applied; 1 the file is no plan; 2 wrong usage; 4 refused.
See also: sluice terraform comment")]
    Gate(Gate),
    /// Write the comment for a pull request: what a plan would do, the risks first, without secrets
    #[command(after_help = "\
Examples:
  sluice terraform comment plan.json
  sluice terraform comment plan.json --title prod/foundation
  sluice terraform comment plan.json -o json

The first line is a hidden marker with the title, by which a pipeline finds its comment again and replaces it.
Exit codes: 0 done; 1 the file is no plan; 2 wrong usage.
See also: sluice terraform gate")]
    Comment(Comment),
}

/// Options of `sluice terraform lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// The folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Options of `sluice terraform gate`.
#[derive(Debug, Args)]
pub struct Gate {
    /// The plan, as `terraform show -json` prints it
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// A resource that may be lost, by its address; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub allow_destroy: Vec<Permit>,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Options of `sluice terraform comment`.
#[derive(Debug, Args)]
pub struct Comment {
    /// The plan, as `terraform show -json` prints it
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// What the plan is for, such as environment and stack; one comment for each title
    #[arg(long, value_name = "TITLE", default_value = "this change")]
    pub title: String,
    /// How to print the comment
    #[arg(short, long, value_enum, default_value_t = CommentFormat::Markdown)]
    pub output: CommentFormat,
}

/// Form of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CommentFormat {
    /// The comment itself
    Markdown,
    /// One JSON object with the comment in it
    Json,
}
