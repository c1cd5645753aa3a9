//! The program `sluice`: arguments, wiring and exit codes, no logic of its own.

#[macro_use]
mod print;

mod arguments;
mod commands;
mod exit;
mod output;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Exit;

/// Keeps memory low and returns it: a worker's memory is one of its promises.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Two providers may be linked by dependencies; rustls wants to be told which one is meant.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print(); // a closed terminal is no reason to fail twice
            return code.into();
        }
    };
    let exit = match arguments.command {
        Some(Command::Aws(options)) => commands::aws::run(&options),
        Some(Command::Demo(options)) => commands::demo::run(&options),
        Some(Command::Dev(options)) => commands::dev::run(&options),
        Some(Command::Terraform(options)) => commands::terraform::run(&options),
        Some(Command::Worker(options)) => commands::worker::run(&options),
        None => {
            print::err(format_args!("{}", arguments::OVERVIEW));
            Exit::Usage
        }
    };
    match exit {
        Exit::Done if print::failed() => Exit::Failed.into(),
        exit => exit.into(),
    }
}
