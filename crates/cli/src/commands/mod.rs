//! One file a command.

pub mod aws;
pub mod demo;
pub mod dev;
pub mod terraform;
pub mod worker;

/// A runtime for a command that talks to other processes.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))
}

/// Completes when the user (SIGINT) or a service manager (SIGTERM) asks to stop.
async fn stop_requested() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(_) => return std::future::pending().await, // no signals here: run until killed
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
