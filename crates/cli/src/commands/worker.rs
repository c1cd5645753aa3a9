//! `sluice worker`.

use crate::arguments::{LogFormat, Worker};
use crate::exit::Exit;
use crate::output;

/// Runs a worker until it is told to stop.
pub fn run(options: &Worker) -> Exit {
    let format = match options.log_format {
        LogFormat::Text => worker::logging::Format::Text,
        LogFormat::Json => worker::logging::Format::Json,
    };
    let secrets = match worker::logging::init(format, &options.log_level) {
        Ok(secrets) => secrets,
        Err(why) => {
            output::error(&why);
            return Exit::Usage;
        }
    };
    match worker::standalone(&options.standalone, &options.connectors, options.until_stdin_ends, secrets) {
        Ok(()) => Exit::Done,
        Err(error) => {
            output::error(&error.to_string());
            if matches!(error, worker::Error::Wrong(_)) { Exit::Usage } else { Exit::StartFailed }
        }
    }
}
