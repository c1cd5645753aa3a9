//! `sluice dev`.

use embedded::stack::{ACCESS_KEY, BUCKET, Options, REGISTRY_VARIABLE, SECRET_KEY, Stack};
use serde_json::json;

use crate::arguments::{Dev, Format};
use crate::exit::Exit;
use crate::output;

/// Runs the stack until it is told to stop.
pub fn run(options: &Dev) -> Exit {
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return fail(options, &why),
    };
    runtime.block_on(async {
        if let Err(error) = embedded::notices::listen(output::notice) {
            return fail(options, &error.to_string());
        }
        let stack = Stack::start(Options {
            data: options.data.clone(),
            kafka_port: options.kafka_port,
            s3_port: options.s3_port,
            registry_port: options.registry_port,
            rest_port: options.rest_port,
            environment: Vec::new(),
            secrets: options.secrets.clone(),
        });
        let started = tokio::select! {
            started = stack => started,
            exit = super::stop_requested() => return exit,
        };
        let mut stack = match started {
            Ok(stack) => stack,
            Err(error) => return fail(options, &error.to_string()),
        };
        match options.output {
            Format::Table => out!("{}", addresses(&stack)),
            Format::Json => {
                let result = json!({
                    "kafka": stack.bootstrap(),
                    "s3": stack.s3_endpoint(),
                    "s3AccessKey": ACCESS_KEY,
                    "s3Bucket": BUCKET,
                    "schemaRegistry": stack.registry_url(),
                    "rest": stack.rest_url(),
                    "folder": stack.folder(),
                    "workerLog": stack.worker_log(),
                });
                outln!("{:#}", output::targeted("dev", Some("embedded"), true, "running", result, None));
            }
        }
        errln!("running until you press Ctrl-C; not for production");
        let log = stack.worker_log().to_owned();
        let ended = tokio::select! {
            () = embedded::worker_log::follow(&log, |text| output::notice(&format!("worker: {text}"))) => None,
            _ = super::stop_requested() => None,
            error = stack.worker().ended() => Some(error),
        };
        if let Some(error) = ended {
            output::error(&error.to_string());
            return Exit::Failed;
        }
        match stack.shutdown().await {
            Ok(()) => Exit::Done,
            Err(error) => fail(options, &error.to_string()),
        }
    })
}

fn addresses(stack: &Stack) -> String {
    let row = |name: &str, address: String, what: String| vec![name.to_owned(), address, what];
    let rows = [
        row("kafka", stack.bootstrap(), "bootstrap.servers".to_owned()),
        row("worker", stack.rest_url().to_owned(), "Kafka Connect's REST API".to_owned()),
        row(
            "s3",
            stack.s3_endpoint(),
            format!("bucket {BUCKET}, access key {ACCESS_KEY}, secret key {SECRET_KEY}"),
        ),
        row(
            "registry",
            stack.registry_url().to_owned(),
            format!("schema.registry.url, in connector files ${{env:{REGISTRY_VARIABLE}}}"),
        ),
        row("files", stack.folder().display().to_string(), "topics, objects, offsets".to_owned()),
        row(
            "log",
            stack.worker_log().display().to_string(),
            "the worker's; its warnings come here too".to_owned(),
        ),
    ];
    output::table(&["PART", "ADDRESS", "WHAT"], &rows)
}

fn fail(options: &Dev, why: &str) -> Exit {
    if options.output == Format::Json {
        outln!(
            "{:#}",
            output::targeted(
                "dev",
                Some("embedded"),
                false,
                "could not start",
                serde_json::Value::Null,
                Some(why)
            )
        );
    }
    output::error(why);
    Exit::Failed
}
