//! `sluice demo`.

use std::io::IsTerminal;
use std::time::Duration;

use embedded::demo::{self, Outcome, Progress, TOPIC};
use embedded::stack::{ACCESS_KEY, BUCKET, SECRET_KEY, Stack};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::arguments::{Demo, Format};
use crate::exit::Exit;
use crate::output;

/// Runs the demo.
pub fn run(options: &Demo) -> Exit {
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return fail(options, &why),
    };
    runtime.block_on(async {
        let bar = Bar::new(options);
        let lines = bar.bar.clone();
        if let Err(error) = embedded::notices::listen(move |text| lines.suspend(|| output::notice(text))) {
            return fail(options, &error.to_string());
        }
        let run = demo::run(
            demo::Options {
                rows: options.rows,
                postgres: options.postgres.clone(),
                data: options.data.clone(),
            },
            &bar,
        );
        let finished = tokio::select! {
            finished = run => finished,
            exit = super::stop_requested() => {
                bar.bar.finish_and_clear();
                errln!("interrupted; nothing is left running");
                return exit;
            }
        };
        bar.bar.finish_and_clear();
        match finished {
            Ok((outcome, stack)) => report(options, &outcome, stack).await,
            Err(error) => fail(options, &error.to_string()),
        }
    })
}

async fn report(options: &Demo, outcome: &Outcome, stack: Stack) -> Exit {
    let equal = outcome.is_equal() && outcome.database.rows == options.rows;
    match options.output {
        Format::Table => print_table(outcome, equal),
        Format::Json => {
            let error = (!equal).then(|| outcome.difference());
            let envelope = output::targeted(
                "demo",
                Some("embedded"),
                equal,
                &summary(outcome),
                result(outcome, &stack),
                error.as_deref(),
            );
            outln!("{envelope:#}");
        }
    }
    if options.keep {
        if options.output == Format::Table {
            out!("\n{}", commands(&stack));
        }
        errln!("running until you press Ctrl-C");
        super::stop_requested().await;
    } else if options.output == Format::Table && equal {
        outln!("next: sluice demo --keep");
    }
    if let Err(error) = stack.shutdown().await {
        output::error(&error.to_string());
        return Exit::Failed;
    }
    if equal { Exit::Done } else { Exit::Failed }
}

fn print_table(outcome: &Outcome, equal: bool) {
    let row = |place: String, found: &demo::Fingerprint| {
        vec![place, output::thousands(found.rows), found.checksum()]
    };
    let rows = [
        row(format!("{} table orders", outcome.database_name), &outcome.database),
        row(format!("topic {TOPIC}"), &outcome.topic),
        row(format!("bucket {BUCKET}, {}", counted(outcome.objects as u64, "object")), &outcome.bucket),
    ];
    out!("{}", output::table(&["PLACE", "ROWS", "CHECKSUM"], &rows));
    outln!();
    match equal {
        true => outln!("{} every field of every row is the same at the three places", output::check_mark()),
        false => outln!("{} {}", output::cross(), outcome.difference()),
    }
    outln!("{}", summary(outcome));
}

// `1 row`, `1,234 rows`.
fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", output::thousands(number), if number == 1 { "" } else { "s" })
}

fn rows_per_second(outcome: &Outcome) -> u64 {
    (outcome.bucket.rows as f64 / outcome.seconds.max(0.001)) as u64
}

fn summary(outcome: &Outcome) -> String {
    let memory = match outcome.worker_peak_bytes {
        Some(bytes) => format!("{} MB", bytes >> 20),
        None => "an amount of memory that this system does not tell".to_owned(),
    };
    format!(
        "{} in {:.1} s: {}/s; the worker used {memory} at most",
        counted(outcome.bucket.rows, "row"),
        outcome.seconds,
        counted(rows_per_second(outcome), "row"),
    )
}

fn result(outcome: &Outcome, stack: &Stack) -> Value {
    json!({
        "rows": outcome.database.rows,
        "places": {
            "database": { "name": outcome.database_name, "rows": outcome.database.rows, "checksum": outcome.database.checksum() },
            "topic": { "name": TOPIC, "rows": outcome.topic.rows, "checksum": outcome.topic.checksum() },
            "bucket": { "name": BUCKET, "rows": outcome.bucket.rows, "checksum": outcome.bucket.checksum(), "objects": outcome.objects },
        },
        "durationMs": (outcome.seconds * 1000.0) as u64,
        "rowsPerSecond": rows_per_second(outcome),
        "workerPeakBytes": outcome.worker_peak_bytes,
        "addresses": {
            "kafka": stack.bootstrap(),
            "s3": stack.s3_endpoint(),
            "rest": stack.rest_url(),
            "folder": stack.folder(),
        },
    })
}

// Commands that work as they are printed.
fn commands(stack: &Stack) -> String {
    let (kafka, s3, rest) = (stack.bootstrap(), stack.s3_endpoint(), stack.rest_url());
    format!(
        "Look around:\n\
         \x20 curl -s '{rest}/connectors?expand=status'\n\
         \x20 kcat -b {kafka} -t {TOPIC} -C -c 3\n\
         \x20 AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY} AWS_REGION=us-east-1 \\\n\
         \x20   aws --endpoint-url {s3} s3 ls --recursive s3://{BUCKET}/\n\
         Files are in {}\n",
        stack.folder().display()
    )
}

fn fail(options: &Demo, why: &str) -> Exit {
    if options.output == Format::Json {
        outln!(
            "{:#}",
            output::targeted("demo", Some("embedded"), false, "the demo failed", Value::Null, Some(why))
        );
    }
    output::error(why);
    Exit::Failed
}

// A bar on a terminal, a line a step otherwise.
struct Bar {
    bar: ProgressBar,
    lines: bool,
}

impl Bar {
    fn new(options: &Demo) -> Self {
        let target = if options.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(options.rows * 2), target);
        let style = ProgressStyle::with_template("{msg:48} {bar:24} {percent:>3}% {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(100));
        let lines = !options.quiet && !std::io::stderr().is_terminal();
        Self { bar, lines }
    }
}

impl Progress for Bar {
    fn step(&self, what: &str) {
        if self.lines {
            errln!("{what}");
        }
        self.bar.set_message(what.to_owned());
    }

    fn moved(&self, in_topic: u64, in_bucket: u64) {
        self.bar.set_message(format!(
            "{} in the topic, {} in the bucket",
            output::thousands(in_topic),
            output::thousands(in_bucket)
        ));
        self.bar.set_position(in_topic + in_bucket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let texts = [0, 1, 2, 1500].map(|number| counted(number, "row"));
        assert_eq!(texts, ["0 rows", "1 row", "2 rows", "1,500 rows"]);
    }
}
