//! `sluice worker`.

use crate::arguments::{LogFormat, Worker};
use crate::exit::Exit;
use crate::output;

/// Runs a worker until it is told to stop.
pub fn run(options: &Worker) -> Exit {
    if options.hash_password {
        return hash_password();
    }
    if let Some(url) = &options.check_health {
        return check_health(url);
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
    let mut files = options.files.clone();
    let properties = match &options.standalone {
        Some(file) => Some(file.clone()),
        None => (!files.is_empty()).then(|| files.remove(0)),
    };
    let connectors = worker::ConnectorSources {
        files,
        folder: options.connectors.clone(),
        json: options.connectors_json.clone(),
    };
    let until_stdin_ends = options.until_stdin_ends;
    let ended = match (&properties, options.standalone.is_some()) {
        (Some(file), true) => worker::standalone(file, &connectors, until_stdin_ends, logs),
        (file, _) => worker::distributed(file.as_deref(), &connectors, until_stdin_ends, logs),
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

fn check_health(url: &str) -> Exit {
    match worker::check_health(url) {
        Ok(status) => {
            outln!("{status}");
            Exit::Done
        }
        Err(why) => {
            output::error(&why);
            Exit::Failed
        }
    }
}
