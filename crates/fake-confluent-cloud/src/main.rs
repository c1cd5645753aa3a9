//! `fake-confluent-cloud`: the fake as a program. Its first line on stdout is the base URL.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use clap::Parser;
use sluice_fake_confluent_cloud::{Options, Server};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// A stateful Confluent Cloud for tests, on loopback only.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How often an object is read before it is ready.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pending_reads: u32,
    /// How often a deleted object is still read before it is gone.
    #[arg(long, default_value_t = 0, value_name = "N")]
    delete_reads: u32,
    /// How often a new key of a cluster is refused before it works.
    #[arg(long, default_value_t = 0, value_name = "N")]
    key_pending_uses: u32,
    /// The cloud key that is there from the start.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Its secret.
    #[arg(long, value_name = "SECRET", requires = "api_key")]
    api_secret: Option<String>,
    /// Stop when stdin is closed, so that a parent that dies takes the fake with it.
    #[arg(long)]
    stop_with_stdin: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options::default();
    options.listen = arguments.listen;
    options.pending_reads = arguments.pending_reads;
    options.delete_reads = arguments.delete_reads;
    options.key_pending_uses = arguments.key_pending_uses;
    options.api_key = arguments.api_key.unwrap_or(options.api_key);
    options.api_secret = arguments.api_secret.unwrap_or(options.api_secret);
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let server = Server::start(options).await?;
    // Who waits for the line must get it at once, also through a pipe.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", server.url())?;
    stdout.flush()?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
        () = stdin_closed(), if arguments.stop_with_stdin => {}
    }
    server.shutdown().await;
    Ok(())
}

/// Returns when stdin has ended. A thread of its own reads: a blocked read must not hold up the end of the program.
async fn stdin_closed() {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 256];
        // An error means that nobody can write any more either.
        while std::io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
        // Nobody listens when a signal came first.
        let _: Result<(), ()> = ended.send(());
    });
    drop(end.await);
}
