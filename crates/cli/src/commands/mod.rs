//! One file a command.

pub mod aws;
pub mod demo;
pub mod dev;
pub mod terraform;
pub mod worker;

use tokio::signal::unix::SignalKind;

use crate::exit::Exit;

/// A runtime for a command that talks to other processes.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))
}

/// Completes when the user (SIGINT, SIGHUP of a closed terminal) or a service manager (SIGTERM) asks to stop; the answer
/// is how a command ends that has to be cut off.
async fn stop_requested() -> Exit {
    let listen = |kind| tokio::signal::unix::signal(kind);
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (listen(SignalKind::terminate()), listen(SignalKind::hangup()))
    else {
        return std::future::pending().await; // no signals here: run until killed
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
        _ = hang_up.recv() => Exit::HungUp,
    }
}
