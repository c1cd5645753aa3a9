//! A connection: requests come in one after the other and are answered in the same order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, RequestKind, ResponseHeader, ResponseKind};
use kafka_protocol::protocol::{Decodable, Encodable};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::mpsc;

use crate::api::{self, Context, Reply};
use crate::broker::Shared;
use crate::frame;

/// Why a connection is closed by the broker.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// The client went away.
    #[error("the client closed the connection")]
    ByClient(#[source] io::Error),
    /// Not Kafka's protocol, or too large.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// A bug: an answer that the codec refuses.
    #[error("cannot encode the answer: {0}")]
    Encode(String),
}

/// Serves a client until it goes, misbehaves or the broker stops.
pub async fn serve(shared: Arc<Shared>, socket: TcpStream, peer: SocketAddr) {
    let _ = socket.set_nodelay(true);
    let mut stopping = shared.stopping.clone();
    let served = tokio::select! {
        served = talk(&shared, socket, peer) => served,
        _ = stopping.wait_for(|s| *s) => return,
    };
    match served {
        Ok(()) => {}
        Err(Closed::ByClient(error)) => tracing::debug!(%peer, %error, "connection lost"),
        Err(closed) => tracing::warn!(%peer, %closed, "closing the connection"),
    }
}

async fn talk(shared: &Arc<Shared>, socket: TcpStream, peer: SocketAddr) -> Result<(), Closed> {
    let (reader, mut writer) = socket.into_split();
    // One request is read ahead. A long-polling fetch sees it and answers at once, so that what
    // comes behind it on the same connection need not wait.
    let (frames, incoming) = mpsc::channel(1);
    let bytes_max = shared.options.request_bytes_max;
    let reading = AbortOnDrop(tokio::spawn(read_frames(reader, bytes_max, frames)));
    let mut context = Context::new(shared.clone(), peer, incoming);
    while let Some(frame) = context.next_frame().await {
        let frame = frame?;
        if let Some(answer) = answer(&mut context, frame).await? {
            write_all(&mut writer, answer).await.map_err(Closed::ByClient)?;
        }
    }
    drop(reading);
    Ok(())
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn read_frames(reader: OwnedReadHalf, bytes_max: usize, frames: mpsc::Sender<Result<Bytes, Closed>>) {
    let mut reader = BufReader::with_capacity(16 * 1024, reader);
    loop {
        // Wait for room first: at most one request waits while one is worked on.
        let Ok(room) = frames.reserve().await else { return };
        match read_frame(&mut reader, bytes_max).await {
            Ok(Some(frame)) => room.send(Ok(frame)),
            Ok(None) => return,
            Err(closed) => return room.send(Err(closed)),
        }
    }
}

/// The largest buffer that is allocated on the word of a length field alone.
const TRUSTED_LENGTH: usize = 4 * 1024 * 1024;

async fn read_frame(
    reader: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
) -> Result<Option<Bytes>, Closed> {
    let length = match reader.read_i32().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(Closed::ByClient(error)),
    };
    let Some(length) = usize::try_from(length).ok().filter(|l| (8..=bytes_max).contains(l)) else {
        let hint = if length == 0x1603_0100 || length >> 16 == 0x1603 {
            " (this looks like TLS; use PLAINTEXT)"
        } else {
            ""
        };
        return Err(Closed::Malformed(format!("length {length} is not from 8 to {bytes_max}{hint}")));
    };
    let mut frame = BytesMut::with_capacity(length.min(TRUSTED_LENGTH));
    let mut rest = reader.take(length as u64);
    while frame.len() < length {
        if frame.len() == frame.capacity() {
            frame.reserve((length - frame.len()).min(frame.len()));
        }
        let read = rest.read_buf(&mut frame).await.map_err(Closed::ByClient)?;
        if read == 0 {
            return Err(Closed::ByClient(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(Some(frame.freeze()))
}

/// An answer in pieces, without the length in front.
type Answer = Vec<Bytes>;

async fn answer(context: &mut Context, mut frame: Bytes) -> Result<Option<Answer>, Closed> {
    let malformed = |what: &str, error: &dyn std::fmt::Display| Closed::Malformed(format!("{what}: {error}"));
    let number = |at: usize| i16::from_be_bytes([frame[at], frame[at + 1]]);
    let (key, version) = (number(0), number(2));
    let correlation = i32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]);
    let Some(supported) = api::find(key) else {
        return Err(Closed::Malformed(format!(
            "API {key} version {version} is not supported by the dev broker"
        )));
    };
    if !(supported.min..=supported.max).contains(&version) {
        if supported.key == ApiKey::ApiVersions {
            // The client does not know yet what it may send: tell it in the oldest version.
            let response = api::versions::response(0, api::versions::UNSUPPORTED);
            return encode(supported.key, 0, correlation, &ResponseKind::ApiVersions(response)).map(Some);
        }
        return Err(Closed::Malformed(format!(
            "{:?} version {version} is not supported by the dev broker ({} to {} are)",
            supported.key, supported.min, supported.max
        )));
    }
    let flexible = supported.key.request_header_version(version) >= 2;
    frame::check(supported.key, version, flexible, &frame)
        .map_err(|e| malformed(&format!("{:?} version {version}", supported.key), &e))?;
    let header = RequestHeader::decode(&mut frame, supported.key.request_header_version(version))
        .map_err(|e| malformed("request header", &e))?;
    let request = RequestKind::decode(supported.key, &mut frame, version)
        .map_err(|e| malformed(&format!("{:?} version {version}", supported.key), &e))?;
    drop(frame);
    context.version = version;
    context.client_id = header.client_id.map(|id| id.to_string()).unwrap_or_default();
    match api::handle(context, request).await {
        Reply::Message(response) => encode(supported.key, version, correlation, &response).map(Some),
        Reply::Pieces(mut pieces) => {
            pieces.insert(0, head(supported.key, version, correlation)?.freeze());
            Ok(Some(pieces))
        }
        Reply::None => Ok(None),
        Reply::Close(why) => Err(Closed::Malformed(why)),
    }
}

fn head(key: ApiKey, version: i16, correlation: i32) -> Result<BytesMut, Closed> {
    let mut out = BytesMut::new();
    let header = ResponseHeader::default().with_correlation_id(correlation);
    header
        .encode(&mut out, key.response_header_version(version))
        .map_err(|e| Closed::Encode(e.to_string()))?;
    Ok(out)
}

fn encode(key: ApiKey, version: i16, correlation: i32, response: &ResponseKind) -> Result<Answer, Closed> {
    let mut out = head(key, version, correlation)?;
    response
        .encode(&mut out, version)
        .map_err(|e| Closed::Encode(format!("{key:?} version {version}: {e}")))?;
    Ok(vec![out.freeze()])
}

async fn write_all(writer: &mut (impl AsyncWrite + Unpin), answer: Answer) -> io::Result<()> {
    let length: usize = answer.iter().map(Bytes::len).sum();
    let mut first = BytesMut::with_capacity(4 + answer.first().map_or(0, Bytes::len));
    first.put_i32(i32::try_from(length).map_err(io::Error::other)?);
    let mut pieces = answer.into_iter();
    if let Some(piece) = pieces.next() {
        first.put_slice(&piece);
    }
    let mut left: std::collections::VecDeque<Bytes> = std::iter::once(first.freeze()).chain(pieces).collect();
    while let Some(front) = left.front() {
        let mut written = if left.len() == 1 {
            writer.write(front).await?
        } else {
            let slices: Vec<io::IoSlice<'_>> = left.iter().take(64).map(|b| io::IoSlice::new(b)).collect();
            writer.write_vectored(&slices).await?
        };
        if written == 0 && !front.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        while let Some(front) = left.front_mut() {
            if written < front.len() {
                let _ = front.split_to(written);
                break;
            }
            written -= front.len();
            left.pop_front();
        }
    }
    Ok(())
}
