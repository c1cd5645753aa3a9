//! The command line.

mod terraform;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use terraform::{Comment, CommentFormat, Gate, Lint, Terraform, TerraformCommand};

/// What `sluice` alone prints.
pub const OVERVIEW: &str = "\
Sluice: Kafka Connect for teams

Usage: sluice COMMAND [OPTIONS]

  sluice demo                                   move 150,000 rows through a whole pipeline and prove it
  sluice dev                                    start Kafka, S3 and a worker on this machine, empty
  sluice worker [FILE]                          run a Kafka Connect worker, as connect-distributed does
  sluice terraform lint|gate|comment            check Terraform, refuse plans that destroy data, comment on them
  sluice aws refresh-targets --help             lead a load balancer to where a database is now

Every command has --help with examples. The manual is in the folder docs/.
";

/// Kafka Connect for teams.
#[derive(Debug, Parser)]
#[command(name = "sluice", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Move rows from a database through Kafka into S3 on this machine, and prove that all arrived
    #[command(after_help = "\
Examples:
  sluice demo                                          150,000 TPC-H orders from SQLite
  sluice demo --rows 12345 -o json                     figures and addresses for a program
  sluice demo --keep                                   look around afterwards
  sluice demo --postgres postgres://me:pw@localhost/db from a PostgreSQL that you have

Exit codes: 0 all rows are equal at the three places; 1 they are not, or something failed; 2 wrong usage;
129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM.
See also: sluice dev")]
    Demo(Demo),
    /// Start Kafka, S3 and a worker on this machine, empty, until you stop them
    #[command(after_help = "\
Examples:
  sluice dev                          everything in memory and a temporary folder, gone at the end
  sluice dev --data .sluice           topics, schemas, objects and offsets stay in this folder
  sluice dev --rest-port 8083         the port that Kafka Connect has
  sluice dev --secrets secrets        ${secretsmanager:orders:password} is in secrets/orders.json

Connector files may refer to environment variables whose names begin with SLUICE_: ${env:SLUICE_DB_PASSWORD}.
Exit codes: 0 stopped; 1 a part failed; 2 wrong usage; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM while starting.
See also: sluice demo, sluice worker")]
    Dev(Dev),
    /// Run a Kafka Connect worker
    #[command(after_help = "\
Examples:
  sluice worker worker.properties
  sluice worker worker.properties --log-format json --log-level debug
  sluice worker                                            properties from CONNECT_* variables alone
  sluice worker worker.properties --connectors connectors   the group is to have the connectors of this folder
  sluice worker --standalone worker.properties orders-source.json orders-sink.properties
  sluice worker --hash-password                            a password on standard input, its hash on standard output
  sluice worker --check-health                             is the worker on this machine healthy?

The files are those of connect-distributed and connect-standalone: Java properties; connectors also as JSON, as for
POST /connectors. Without --standalone, connectors, states and offsets are kept in Kafka, in the topics and formats of
Kafka Connect; workers of one group.id share connectors and tasks out. Environment variables are taken as container
images of Kafka Connect take them, also beside a file, which they outweigh: CONNECT_GROUP_ID is group.id; _ stands for a
point, __ for an underscore, ___ for a hyphen. With --standalone they are not read.
REST asks who it is once the properties have sluice.rest.authentication=basic and sluice.rest.basic.file: a file with lines
NAME:ROLE:HASH, where ROLE is viewer, operator or admin.
Connectors of files are created, or given the files' configs, by the worker that leads the group; one that is in no file
stays as it is. On Amazon ECS rest.advertised.host.name is the task's address, unless you set it.
Exit codes: 0 stopped, or healthy; 1 not healthy; 2 wrong usage or a file is wrong; 3 the worker could not start.
See also: sluice dev")]
    Worker(Worker),
    /// Check Terraform, and what its plans would do
    #[command(after_help = "\
Examples:
  sluice terraform lint blueprint/terraform
  sluice terraform gate plan.json --allow-destroy confluent_kafka_topic.old
  sluice terraform comment plan.json --title prod/foundation

Exit codes: those of the subcommand.
See also: sluice terraform lint --help, docs/reference/lint-rules.md")]
    Terraform(Terraform),
    /// Keep what lives in AWS as it should be
    #[command(after_help = "\
Examples:
  sluice aws refresh-targets --target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/db/0f --host db.example.com

Exit codes: those of the subcommand.
See also: sluice aws refresh-targets --help")]
    Aws(Aws),
}

/// `sluice aws`.
#[derive(Debug, Args)]
pub struct Aws {
    /// What to do.
    #[command(subcommand)]
    pub command: AwsCommand,
}

/// The commands of `sluice aws`.
#[derive(Debug, Subcommand)]
pub enum AwsCommand {
    /// Register the addresses that a name has now in a load balancer's target group, and deregister all others
    #[command(after_help = "\
Examples:
  sluice aws refresh-targets --target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/db/0f --host db.cluster-abc.eu-central-1.rds.amazonaws.com
  sluice aws refresh-targets --target-group arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/db/0f --host db.example.com --dry-run

For a network load balancer in front of a database whose address changes at a failover: run it on a schedule and at the
database's events. New addresses are registered before old ones are deregistered, and a name without an address changes
nothing. Credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a web identity, the container's or instance's role.
Rights: elasticloadbalancing:DescribeTargetGroups, DescribeTargetHealth, RegisterTargets, DeregisterTargets.
Exit codes: 0 done, or nothing to do; 1 AWS refused; 2 wrong usage; 5 no credentials or no right; 6 no answer, or the name has no address.
See also: sluice worker")]
    RefreshTargets(RefreshTargets),
}

/// Options of `sluice aws refresh-targets`.
#[derive(Debug, Args)]
pub struct RefreshTargets {
    /// The target group, of type `ip`
    #[arg(long, value_name = "ARN")]
    pub target_group: aws::TargetGroupArn,
    /// The name whose addresses belong in the group: for Aurora the cluster's writer endpoint
    #[arg(long, value_name = "NAME")]
    pub host: String,
    /// Port of the targets; the group's own without it
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Show what would change, change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Address of the service instead of AWS's own: a VPC endpoint or an emulator
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2")]
    pub endpoint_url: Option<String>,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Options of `sluice demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many rows to move
    #[arg(long, default_value_t = 150_000, value_parser = clap::value_parser!(u64).range(1..=1_500_000_000))]
    pub rows: u64,
    /// Use this PostgreSQL instead of SQLite; its table `orders` is replaced
    #[arg(long, value_name = "URL", env = "SLUICE_DEMO_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
    /// Keep everything in this folder, which must not hold an earlier demo
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Leave everything running afterwards, and print commands to look at it
    #[arg(long)]
    pub keep: bool,
    /// How to print the answer
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    /// Print no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// Options of `sluice dev`.
#[derive(Debug, Args)]
pub struct Dev {
    /// Keep topics, schemas, objects and offsets in this folder; connectors are created again at each start
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Port of Kafka on loopback; any free one without it
    #[arg(long, value_name = "PORT")]
    pub kafka_port: Option<u16>,
    /// Port of S3 on loopback; any free one without it
    #[arg(long, value_name = "PORT")]
    pub s3_port: Option<u16>,
    /// Port of the schema registry on loopback; any free one without it
    #[arg(long, value_name = "PORT")]
    pub registry_port: Option<u16>,
    /// Port of the worker's REST API on loopback; any free one without it
    #[arg(long, value_name = "PORT")]
    pub rest_port: Option<u16>,
    /// Give connectors the secrets of this folder in the place of AWS Secrets Manager: `${secretsmanager:NAME:KEY}` is
    /// key KEY of DIR/NAME.json or DIR/NAME.properties, or the file DIR/NAME/KEY
    #[arg(long, value_name = "DIR")]
    pub secrets: Option<PathBuf>,
    /// How to print the addresses
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Options of `sluice worker`.
#[derive(Debug, Args)]
pub struct Worker {
    /// The worker's properties: run alone, with offsets in a file, as connect-standalone does
    #[arg(long, value_name = "FILE")]
    pub standalone: Option<PathBuf>,
    /// The worker's properties, as connect-distributed, and connectors after them; CONNECT_* variables outweigh the
    /// properties, and may stand alone. With --standalone, connectors to create
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Connectors, too: the files *.json and *.properties of this folder
    #[arg(long, value_name = "DIR", env = "SLUICE_CONNECTORS_DIR")]
    pub connectors: Option<PathBuf>,
    /// Connectors, too: {"NAME": {KEYS}}, for platforms that have variables and no files
    #[arg(long, value_name = "JSON", env = "SLUICE_CONNECTORS", hide_env_values = true)]
    pub connectors_json: Option<String>,
    /// Run no worker, but ask one how it is: `/health` of its REST API
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = worker::DEFAULT_HEALTH_URL,
        conflicts_with_all = ["standalone", "files", "until_stdin_ends"])]
    pub check_health: Option<String>,
    /// Stop when standard input ends: for a program that runs a worker and may be killed
    #[arg(long)]
    pub until_stdin_ends: bool,
    /// Run nothing: read a password from standard input and print its hash, for the file of users that
    /// sluice.rest.basic.file names
    #[arg(long, conflicts_with_all = ["standalone", "files", "until_stdin_ends"])]
    pub hash_password: bool,
    /// Form of the log lines
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What to log: a level, or `target=level` pairs separated by commas
    #[arg(long, default_value = "info", env = "SLUICE_LOG")]
    pub log_level: String,
}

/// Form of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// One JSON object
    Json,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `[time] LEVEL [connector|task-0] message (target)`
    Text,
    /// One JSON object a line
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    // All commands, those of commands included, with their whole names.
    fn commands() -> Vec<(String, String)> {
        fn walk(command: &clap::Command, name: &str, found: &mut Vec<(String, String)>) {
            for inner in command.get_subcommands() {
                let name = format!("{name} {}", inner.get_name());
                let help = inner.get_after_help().map(ToString::to_string).unwrap_or_default();
                found.push((name.clone(), help));
                walk(inner, &name, found);
            }
        }
        let mut found = Vec::new();
        walk(&Arguments::command(), "sluice", &mut found);
        found
    }

    #[test]
    fn every_command_has_examples_and_exit_codes() {
        for (name, help) in commands() {
            for part in ["Examples:", "Exit codes:", "See also:"] {
                assert!(help.contains(part), "{name} --help lacks {part}");
            }
        }
    }

    #[test]
    fn the_examples_parse() {
        for (_, help) in commands() {
            let examples = help.lines().map(str::trim).filter(|line| line.starts_with("sluice "));
            for example in examples {
                let words = example.split("   ").next().unwrap_or(example).split_whitespace();
                let words: Vec<_> = words.take_while(|word| *word != "from").collect();
                assert!(Arguments::try_parse_from(&words).is_ok(), "{words:?}");
            }
        }
    }
}
