//! `dev-s3`: the server as a program, for benches and for looking at with `aws s3 ls`. Not for production.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// An S3 server on loopback that keeps objects as files. Not for production.
#[derive(Debug, Parser)]
#[command(name = "dev-s3", version)]
struct Arguments {
    /// Loopback address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Directory that holds the buckets; made if it is not there.
    #[arg(long)]
    root: PathBuf,
    /// Bucket to make if it is not there; may be given many times.
    #[arg(long = "bucket", value_name = "NAME")]
    buckets: Vec<String>,
    /// Access key of the one user.
    #[arg(long, default_value = "sluice")]
    access_key: String,
    /// Secret key of the one user.
    #[arg(long, env = "DEV_S3_SECRET_KEY", default_value = "sluice-secret", hide_env_values = true)]
    secret_key: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen, root, buckets, access_key, secret_key } = Arguments::parse();
    std::fs::create_dir_all(&root)?;
    let server = sluice_dev_s3::Options { listen, root, access_key, secret_key, buckets }.start().await?;
    writeln!(std::io::stdout(), "{}", server.endpoint())?;
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}
