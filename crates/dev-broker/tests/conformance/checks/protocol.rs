//! What does not follow the protocol.

use bytes::{Buf, BufMut, BytesMut};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::Decodable;
use sluice_dev_broker::{Error, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::codes::*;
use crate::clients::raw::Raw;
use crate::clients::{Client, Krafka, Record};
use crate::stage::Stage;

async fn still_works(stage: &Stage) {
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    assert_eq!(raw.call(ApiVersionsRequest::default(), 0).await.error_code, 0);
}

pub async fn malformed_frames_close_the_connection(stage: &mut Stage) {
    stage.restart_with(|options| options.request_bytes_max = 100_000).await;
    let head = |key: i16, version: i16| {
        let mut out = BytesMut::new();
        out.put_i16(key);
        out.put_i16(version);
        out.put_i32(1);
        out.put_i16(-1);
        out
    };
    // Lengths that no request has.
    for length in [-1, 0, 7, 100_001, i32::MAX, i32::MIN] {
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        raw.socket.write_i32(length).await.unwrap();
        assert_eq!(raw.socket.read(&mut [0; 10]).await.unwrap_or(0), 0, "length {length}");
    }
    // Counts that would need gigabytes.
    for key in [ApiKey::Metadata, ApiKey::DeleteGroups, ApiKey::DescribeGroups] {
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        let mut frame = head(key as i16, 0);
        frame.put_i32(i32::MAX);
        raw.send_frame(&frame).await;
        assert!(raw.receive_frame().await.is_none(), "{key:?}");
    }
    // Random bytes behind a good header; the seed is printed when something goes wrong.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..300 {
        let key = (random() % 70) as i16;
        let version = (random() % 10) as i16;
        let mut frame = head(key, version);
        for _ in 0..random() % 60 {
            frame.put_u8((random() % if round % 2 == 0 { 4 } else { 256 }) as u8);
        }
        // A join may rightly wait for others; everything else is answered or closed.
        if key == ApiKey::JoinGroup as i16 || key == ApiKey::Fetch as i16 {
            continue;
        }
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        raw.send_frame(&frame).await;
        raw.socket.shutdown().await.unwrap();
        // Ends with an answer or without one, but it ends.
        let mut rest = Vec::new();
        let _ = raw.socket.read_to_end(&mut rest).await;
    }
    // TLS by mistake.
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    raw.socket.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]).await.unwrap();
    assert_eq!(raw.socket.read(&mut [0; 10]).await.unwrap_or(0), 0);
    still_works(stage).await;
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("fine", 1, &[]).await.unwrap();
    assert_eq!(client.produce("fine", 0, vec![Record::value("x")], "none").await, Ok(vec![0]));
}

pub async fn unknown_versions(stage: &mut Stage) {
    // Too new a version of ApiVersions is answered in version 0, so that any client can go on.
    let mut raw = Raw::connect(&stage.bootstrap()).await;
    let mut frame = BytesMut::new();
    frame.put_i16(ApiKey::ApiVersions as i16);
    frame.put_i16(99);
    frame.put_i32(77);
    frame.put_slice(b"whatever that version has");
    raw.send_frame(&frame).await;
    let mut answer = raw.receive_frame().await.expect("an answer");
    assert_eq!(answer.get_i32(), 77);
    let versions = ApiVersionsResponse::decode(&mut answer, 0).unwrap();
    assert_eq!(versions.error_code, UNSUPPORTED_VERSION);
    assert!(versions.api_keys.iter().any(|api| api.api_key == ApiKey::Produce as i16));
    // The connection goes on.
    let offered = raw.call(ApiVersionsRequest::default(), 3).await;
    assert_eq!(offered.error_code, 0);
    assert_eq!(offered.api_keys, versions.api_keys);
    // Other APIs and versions end it, as Kafka does.
    for (key, version) in [(ApiKey::Produce as i16, 2), (ApiKey::Fetch as i16, 13), (999, 0), (-1, 0)] {
        let mut raw = Raw::connect(&stage.bootstrap()).await;
        let mut frame = BytesMut::new();
        frame.put_i16(key);
        frame.put_i16(version);
        frame.put_i32(1);
        frame.put_i16(-1);
        raw.send_frame(&frame).await;
        assert!(raw.receive_frame().await.is_none(), "API {key} version {version}");
    }
    still_works(stage).await;
}

pub async fn refuse_other_machines(stage: &mut Stage) {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let options = Options { listen: address.parse().unwrap(), ..Options::default() };
        assert!(matches!(options.start().await, Err(Error::NotLoopback(_))), "{address}");
    }
    assert!(stage.broker().address().ip().is_loopback());
    // Dropping is stopping.
    let broker = Options::default().start().await.unwrap();
    let address = broker.bootstrap();
    Raw::connect(&address).await;
    drop(broker);
    crate::stage::eventually("the port is closed", async || {
        tokio::net::TcpStream::connect(&address).await.is_err().then_some(())
    })
    .await;
}
