//! A connection on which requests go out in order and answers come back in order, several in flight.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable as _, Message as _, Request, StrBytes};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::{CallError, shape};

/// A larger answer is not read: it is no answer to anything that is asked here.
const ANSWER_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Requests that wait for an answer at a time.
const IN_FLIGHT_MAX: usize = 64;

/// What carries bytes: TCP, with or without TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

/// A connection to a broker. It ends when it is dropped.
pub(crate) struct Connection {
    broker: String,
    client_id: StrBytes,
    clock: Arc<dyn Clock>,
    /// By API key: the lowest and the highest version that the broker speaks.
    pub(super) versions: HashMap<i16, (i16, i16)>,
    /// When the broker closes it, by the clock, because a token expires; it is of no more use shortly before.
    pub(super) expires: Option<Duration>,
    frames: mpsc::Sender<Bytes>,
    pending: Arc<Mutex<Pending>>,
    task: AbortHandle,
}

#[derive(Default)]
struct Pending {
    last_id: i32,
    waiting: VecDeque<(i32, oneshot::Sender<Result<Bytes, CallError>>)>,
    ended: Option<CallError>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("broker", &self.broker).finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Takes a connected stream; nothing is known of the broker's versions yet.
    pub(super) fn new(broker: &str, client_id: &str, stream: impl Stream, clock: Arc<dyn Clock>) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        let (frames, outgoing) = mpsc::channel(IN_FLIGHT_MAX);
        let pending = Arc::new(Mutex::new(Pending::default()));
        let (shared, name) = (Arc::clone(&pending), broker.to_owned());
        let run = async move {
            let why = tokio::select! {
                why = read(reader, &name, &shared) => why,
                why = write(writer, &name, outgoing) => why,
            };
            end(&shared, why);
        };
        Self {
            broker: broker.to_owned(),
            client_id: StrBytes::from_string(client_id.to_owned()),
            clock,
            versions: HashMap::new(),
            expires: None,
            frames,
            pending,
            task: tokio::spawn(run).abort_handle(),
        }
    }

    /// Whether a request may be sent: it has not ended, and does not end within `margin` by the broker's word.
    pub(crate) fn is_usable(&self, margin: Duration) -> bool {
        self.pending.lock().ended.is_none()
            && self.expires.is_none_or(|expires| self.clock.elapsed() + margin < expires)
    }

    /// Sends a request and waits for its answer. The highest version that both sides speak and that is within
    /// `versions` is given to `make`, for fields differ. **Dropping the future is safe**: its answer is thrown away.
    ///
    /// # Errors
    /// No answer within `timeout`, after which the connection is of no more use; it ended; the broker does not speak
    /// any of the versions; what it says means nothing.
    pub(crate) async fn call<R: Request>(
        &self,
        versions: RangeInclusive<i16>,
        timeout: Duration,
        make: impl FnOnce(i16) -> R,
    ) -> Result<R::Response, CallError> {
        let version = self.version::<R>(&versions)?;
        self.call_version(version, timeout, make(version)).await
    }

    fn version<R: Request>(&self, wanted: &RangeInclusive<i16>) -> Result<i16, CallError> {
        let (min, max) = self.versions.get(&R::KEY).copied().unwrap_or((0, -1));
        let highest = max.min(*wanted.end()).min(R::Response::VERSIONS.max);
        match highest >= min.max(*wanted.start()) {
            true => Ok(highest),
            false => Err(CallError::Unsupported(format!(
                "{}: the broker does not offer {} in versions {} to {}; it is too old, or not Kafka",
                self.broker,
                name::<R>(),
                wanted.start(),
                wanted.end()
            ))),
        }
    }

    /// As [`Self::call`], in this version.
    pub(super) async fn call_version<R: Request>(
        &self,
        version: i16,
        timeout: Duration,
        request: R,
    ) -> Result<R::Response, CallError> {
        let answer = self.send(version, request)?;
        let frame = tokio::select! {
            answer = answer => match answer {
                Ok(frame) => frame?,
                Err(_) => return Err(CallError::Unreachable(format!("{}: the connection ended", self.broker))),
            },
            () = self.clock.sleep(timeout) => {
                let why = CallError::Unreachable(format!(
                    "{}: no answer to {} within {} ms", self.broker, name::<R>(), timeout.as_millis()
                ));
                end(&self.pending, why.clone());
                self.task.abort();
                return Err(why);
            }
        };
        decode::<R>(frame, version).map_err(|why| {
            CallError::Unsupported(format!(
                "{}: the answer to {} means nothing: {why}",
                self.broker,
                name::<R>()
            ))
        })
    }

    fn send<R: Request>(
        &self,
        version: i16,
        request: R,
    ) -> Result<oneshot::Receiver<Result<Bytes, CallError>>, CallError> {
        let unsupported = |why: String| {
            CallError::Unsupported(format!("{}: {} cannot be sent: {why}", self.broker, name::<R>()))
        };
        let key = ApiKey::try_from(R::KEY).map_err(|()| unsupported("it has no key".to_owned()))?;
        let mut pending = self.pending.lock();
        if let Some(why) = &pending.ended {
            return Err(why.clone());
        }
        let id = pending.last_id.checked_add(1).unwrap_or(1);
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(id)
            .with_client_id(Some(self.client_id.clone()));
        let mut frame = BytesMut::new();
        frame.extend_from_slice(&[0; 4]);
        header
            .encode(&mut frame, key.request_header_version(version))
            .and_then(|()| request.encode(&mut frame, version))
            .map_err(|error| unsupported(error.to_string()))?;
        let length = i32::try_from(frame.len() - 4).map_err(|_| unsupported("it is too long".to_owned()))?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        // Under the lock, so that answers are expected in the order in which requests go out.
        self.frames
            .try_send(frame.freeze())
            .map_err(|_| CallError::Unreachable(format!("{}: too many requests wait", self.broker)))?;
        pending.last_id = id;
        let (reply, answer) = oneshot::channel();
        pending.waiting.push_back((id, reply));
        Ok(answer)
    }
}

/// The request's name, for errors.
pub(super) fn name<R>() -> &'static str {
    let path = std::any::type_name::<R>();
    path.rsplit("::").next().unwrap_or(path)
}

fn decode<R: Request>(mut frame: Bytes, version: i16) -> Result<R::Response, String> {
    let key = ApiKey::try_from(R::KEY).map_err(|()| "it has no key".to_owned())?;
    ResponseHeader::decode(&mut frame, key.response_header_version(version))
        .map_err(|error| error.to_string())?;
    shape::check(key, version, &frame).map_err(|misfit| misfit.to_string())?;
    R::Response::decode(&mut frame, version).map_err(|error| error.to_string())
}

/// Nothing more will come: everybody who waits is told why.
fn end(pending: &Mutex<Pending>, why: CallError) {
    let mut pending = pending.lock();
    for (_, reply) in pending.waiting.drain(..) {
        let _ = reply.send(Err(why.clone())); // whoever has gone needs no answer
    }
    pending.ended.get_or_insert(why);
}

async fn write(
    mut writer: WriteHalf<impl Stream>,
    broker: &str,
    mut frames: mpsc::Receiver<Bytes>,
) -> CallError {
    while let Some(frame) = frames.recv().await {
        let written = match writer.write_all(&frame).await {
            Ok(()) => writer.flush().await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            return CallError::of_io(broker, &error);
        }
    }
    CallError::Unreachable(format!("{broker}: the connection was given up"))
}

async fn read(mut reader: ReadHalf<impl Stream>, broker: &str, pending: &Mutex<Pending>) -> CallError {
    loop {
        let frame = match read_frame(&mut reader).await {
            Ok(frame) => frame,
            Err(error) => return CallError::of_io(broker, &error),
        };
        let nonsense = || CallError::Unsupported(format!("{broker}: it does not speak Kafka's protocol"));
        let Some(id) = frame.first_chunk::<4>().map(|id| i32::from_be_bytes(*id)) else { return nonsense() };
        let expected = pending.lock().waiting.pop_front();
        match expected {
            Some((expected, reply)) if expected == id => {
                let _ = reply.send(Ok(frame)); // whoever has gone needs no answer
            }
            Some((_, reply)) => {
                let _ = reply.send(Err(nonsense()));
                return nonsense();
            }
            None => return nonsense(),
        }
    }
}

async fn read_frame(reader: &mut ReadHalf<impl Stream>) -> std::io::Result<Bytes> {
    let length = reader.read_i32().await?;
    let length = usize::try_from(length).ok().filter(|length| *length <= ANSWER_BYTES_MAX).ok_or_else(|| {
        std::io::Error::other(format!(
            "an answer has the length {length}, which is not one of 0 to {ANSWER_BYTES_MAX}: this is not Kafka, or it \
             wants TLS"
        ))
    })?;
    // The buffer grows with what comes, not with what is announced.
    let mut frame = BytesMut::with_capacity(length.min(64 * 1024));
    while frame.len() < length {
        let mut limited = (&mut *reader).take((length - frame.len()) as u64);
        if limited.read_buf(&mut frame).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(frame.freeze())
}
