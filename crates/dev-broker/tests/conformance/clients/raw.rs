//! The protocol itself over a socket, for what no client can be made to do.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{
    ApiKey, BrokerId, FetchRequest, FetchResponse, ProduceRequest, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, Request, StrBytes};
use kafka_protocol::records::{Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub struct Raw {
    pub socket: TcpStream,
    correlation: i32,
}

pub fn s(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub fn topic(name: &str) -> TopicName {
    TopicName(s(name))
}

impl Raw {
    pub async fn connect(bootstrap: &str) -> Self {
        Self { socket: TcpStream::connect(bootstrap).await.unwrap(), correlation: 0 }
    }

    /// Sends a request without waiting for the answer.
    pub async fn send<R: Request>(&mut self, request: &R, version: i16) {
        self.correlation += 1;
        let key = ApiKey::try_from(R::KEY).unwrap();
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation)
            .with_client_id(Some(s("raw")));
        let mut out = BytesMut::new();
        header.encode(&mut out, key.request_header_version(version)).unwrap();
        request.encode(&mut out, version).unwrap();
        self.send_frame(&out).await;
    }

    /// Sends bytes with their length in front.
    pub async fn send_frame(&mut self, frame: &[u8]) {
        self.socket.write_i32(frame.len() as i32).await.unwrap();
        self.socket.write_all(frame).await.unwrap();
    }

    /// The bytes of the next answer; `None` when the broker closed the connection.
    pub async fn receive_frame(&mut self) -> Option<Bytes> {
        let length = self.socket.read_i32().await.ok()?;
        let mut frame = vec![0; usize::try_from(length).unwrap()];
        self.socket.read_exact(&mut frame).await.unwrap();
        Some(frame.into())
    }

    /// The answer to the request that was sent last.
    pub async fn receive<R: Request>(&mut self, version: i16) -> R::Response {
        let mut frame = self.receive_frame().await.expect("an answer");
        let key = ApiKey::try_from(R::KEY).unwrap();
        let header = ResponseHeader::decode(&mut frame, key.response_header_version(version)).unwrap();
        assert_eq!(header.correlation_id, self.correlation);
        let response = R::Response::decode(&mut frame, version).unwrap();
        assert!(frame.is_empty(), "the answer has more bytes than its message");
        response
    }

    pub async fn call<R: Request>(&mut self, request: R, version: i16) -> R::Response {
        self.send(&request, version).await;
        self.receive::<R>(version).await
    }

    /// Produces one batch.
    pub async fn produce(
        &mut self,
        name: &str,
        acks: i16,
        id: Option<&str>,
        batch: Bytes,
    ) -> PartitionProduceResponse {
        let part = PartitionProduceData::default().with_index(0).with_records(Some(batch));
        let data = TopicProduceData::default().with_name(topic(name)).with_partition_data(vec![part]);
        let request = ProduceRequest::default()
            .with_acks(acks)
            .with_timeout_ms(10_000)
            .with_transactional_id(id.map(|id| s(id).into()))
            .with_topic_data(vec![data]);
        self.call(request, 9).await.responses.remove(0).partition_responses.remove(0)
    }

    /// Fetches from partition 0.
    pub async fn fetch(&mut self, name: &str, offset: i64, bytes_max: i32, committed: bool) -> FetchResponse {
        self.call(fetch(name, offset, bytes_max, committed, 0, 0), 12).await
    }
}

/// A fetch of partition 0.
pub fn fetch(
    name: &str,
    offset: i64,
    bytes_max: i32,
    committed: bool,
    wait_ms: i32,
    bytes_min: i32,
) -> FetchRequest {
    let part = FetchPartition::default().with_fetch_offset(offset).with_partition_max_bytes(bytes_max);
    let data = FetchTopic::default().with_topic(topic(name)).with_partitions(vec![part]);
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(wait_ms)
        .with_min_bytes(bytes_min)
        .with_max_bytes(i32::MAX)
        .with_isolation_level(i8::from(committed))
        .with_topics(vec![data])
}

/// Who writes a batch.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    pub id: i64,
    pub epoch: i16,
    pub sequence: i32,
    pub transactional: bool,
}

impl Writer {
    pub const NONE: Self = Self { id: -1, epoch: -1, sequence: -1, transactional: false };
}

/// A batch of records with these keys and values; `None` is a tombstone.
pub fn batch(writer: Writer, codec: Compression, timestamp: i64, records: &[(&str, Option<&str>)]) -> Bytes {
    let records: Vec<Record> = records
        .iter()
        .enumerate()
        .map(|(i, (key, value))| Record {
            transactional: writer.transactional,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: -1,
            producer_id: writer.id,
            producer_epoch: writer.epoch,
            timestamp_type: TimestampType::Creation,
            offset: i as i64,
            sequence: if writer.sequence < 0 { -1 } else { writer.sequence + i as i32 },
            timestamp: timestamp + i as i64,
            key: (!key.is_empty()).then(|| Bytes::copy_from_slice(key.as_bytes())),
            value: value.map(|v| Bytes::copy_from_slice(v.as_bytes())),
            headers: Default::default(),
        })
        .collect();
    let mut out = BytesMut::new();
    // The encoder starts a new batch where offset and sequence drift apart, which -1 would make them do.
    let options = RecordEncodeOptions { version: 2, compression: codec };
    if writer.sequence >= 0 || records.len() == 1 {
        RecordBatchEncoder::encode(&mut out, &records, &options).unwrap();
        return out.freeze();
    }
    let mut numbered = records;
    for (i, record) in numbered.iter_mut().enumerate() {
        record.sequence = i as i32;
    }
    RecordBatchEncoder::encode(&mut out, &numbered, &options).unwrap();
    // Base sequence -1 and the checksum over it, as a producer without idempotence writes them.
    out[53..57].copy_from_slice(&(-1i32).to_be_bytes());
    let crc = crc32c::crc32c(&out[21..]);
    out[17..21].copy_from_slice(&crc.to_be_bytes());
    out.freeze()
}
