//! The embedded broker as a program of its own, for benches and for trying things by hand.
//! Not for production; see the crate's documentation.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::{
    ApiKey, CreateTopicsRequest, CreateTopicsResponse, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use sluice_dev_broker::{Fsync, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HELP: &str = "\
A Kafka broker of one node for laptops and tests. NOT for production: no replication, no
authentication, loopback addresses only.

usage: dev-broker [options]

  --listen ADDRESS         loopback address and port (default 127.0.0.1:0, a free port)
  --data DIR               keep data in this directory (default: in memory)
  --topic NAME:PARTITIONS  create this topic, unless it exists; may be repeated
  --fsync never|always|MS  flush to disk: left to the system (default), before every answer, or
                           every MS milliseconds
  --no-auto-create         do not create topics that clients ask for
  --help                   this text

Prints the address for bootstrap.servers on standard output once it accepts connections, and stops
on SIGINT or SIGTERM after flushing.
";

struct Arguments {
    options: Options,
    topics: Vec<(String, i32)>,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut parsed = Arguments { options: Options::default(), topics: Vec::new() };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--listen" => {
                let text = value()?;
                parsed.options.listen = text.parse().map_err(|e| format!("--listen {text}: {e}"))?;
            }
            "--data" => parsed.options.data_dir = Some(PathBuf::from(value()?)),
            "--topic" => {
                let text = value()?;
                let (name, count) = text.rsplit_once(':').unwrap_or((&text, "1"));
                let count =
                    count.parse().map_err(|e| format!("--topic {text}: {e}; give NAME:PARTITIONS"))?;
                parsed.topics.push((name.to_owned(), count));
            }
            "--fsync" => {
                let text = value()?;
                parsed.options.fsync = match text.as_str() {
                    "never" => Fsync::Never,
                    "always" => Fsync::Always,
                    ms => Fsync::Every(Duration::from_millis(
                        ms.parse()
                            .map_err(|e| format!("--fsync {ms}: {e}; give never, always or milliseconds"))?,
                    )),
                };
            }
            "--no-auto-create" => parsed.options.auto_create_topics = false,
            other => return Err(format!("unknown argument {other}; --help lists them")),
        }
    }
    Ok(Some(parsed))
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(text) => {
            eprintln!("dev-broker: {text}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dev-broker: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("dev-broker: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    let broker = arguments.options.start().await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(|s| format!(": {s}")).unwrap_or_default();
        format!("{error}{cause}")
    })?;
    create_topics(broker.address(), arguments.topics).await?;
    eprintln!("dev-broker: not for production; data is for trying and testing only");
    let mut out = std::io::stdout();
    writeln!(out, "{}", broker.bootstrap()).and_then(|()| out.flush()).map_err(|e| e.to_string())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    broker.shutdown().await;
    Ok(())
}

/// Creates topics the way any client does: over the wire.
async fn create_topics(address: std::net::SocketAddr, topics: Vec<(String, i32)>) -> Result<(), String> {
    const VERSION: i16 = 5;
    const EXISTS: i16 = 36;
    if topics.is_empty() {
        return Ok(());
    }
    let fail = |e: &dyn std::fmt::Display| format!("cannot create topics: {e}");
    let request = CreateTopicsRequest::default().with_timeout_ms(10_000).with_topics(
        topics
            .into_iter()
            .map(|(name, partitions)| {
                CreatableTopic::default()
                    .with_name(TopicName(StrBytes::from_string(name)))
                    .with_num_partitions(partitions)
                    .with_replication_factor(1)
            })
            .collect(),
    );
    let key = ApiKey::CreateTopics;
    let header = RequestHeader::default().with_request_api_key(key as i16).with_request_api_version(VERSION);
    let mut body = bytes::BytesMut::new();
    header.encode(&mut body, key.request_header_version(VERSION)).map_err(|e| fail(&e))?;
    request.encode(&mut body, VERSION).map_err(|e| fail(&e))?;
    let mut socket = TcpStream::connect(address).await.map_err(|e| fail(&e))?;
    socket.write_i32(body.len() as i32).await.map_err(|e| fail(&e))?;
    socket.write_all(&body).await.map_err(|e| fail(&e))?;
    let length = socket.read_i32().await.map_err(|e| fail(&e))?;
    let mut answer = vec![0; usize::try_from(length).map_err(|e| fail(&e))?];
    socket.read_exact(&mut answer).await.map_err(|e| fail(&e))?;
    let mut answer = bytes::Bytes::from(answer);
    ResponseHeader::decode(&mut answer, key.response_header_version(VERSION)).map_err(|e| fail(&e))?;
    let response = CreateTopicsResponse::decode(&mut answer, VERSION).map_err(|e| fail(&e))?;
    for topic in response.topics {
        if topic.error_code != 0 && topic.error_code != EXISTS {
            let why = topic.error_message.unwrap_or_default();
            return Err(format!("cannot create topic {}: {}", topic.name.as_str(), why.as_str()));
        }
    }
    Ok(())
}
