//! `sluice worker`.

use crate::arguments::{LogFormat, Worker};
use crate::exit::Exit;
use crate::output;

/// Runs a worker until it is told to stop.
pub fn run(options: &Worker) -> Exit {
    if options.hash_password {
        return hash_password();
    }
    let format = match options.log_format {
        LogFormat::Text => worker::logging::Format::Text,
        LogFormat::Json => worker::logging::Format::Json,
    };
    let logs = match worker::logging::init(format, &options.log_level) {
        Ok(logs) => logs,
        Err(why) => {
            output::error(&why);
            return Exit::Usage;
        }
    };
    let ended = match (&options.standalone, &options.files[..]) {
        (Some(file), connectors) => worker::standalone(file, connectors, options.until_stdin_ends, logs),
        (None, []) => worker::distributed(None, options.until_stdin_ends, logs),
        (None, [file]) => worker::distributed(Some(file), options.until_stdin_ends, logs),
        (None, _) => {
            output::error(
                "a worker of a group takes one file, its properties; connectors are created by REST. To run a worker \
                 alone with connectors' files: sluice worker --standalone FILE CONNECTOR...",
            );
            return Exit::Usage;
        }
    };
    match ended {
        Ok(()) => Exit::Done,
        Err(error) => {
            output::error(&error.to_string());
            if matches!(error, worker::Error::Wrong(_)) { Exit::Usage } else { Exit::StartFailed }
        }
    }
}

fn hash_password() -> Exit {
    match worker::hash_password() {
        Ok(hash) => {
            outln!("{hash}");
            Exit::Done
        }
        Err(error) => {
            output::error(&error.to_string());
            if matches!(error, worker::Error::Wrong(_)) { Exit::Usage } else { Exit::Failed }
        }
    }
}
