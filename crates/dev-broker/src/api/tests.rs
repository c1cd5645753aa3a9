//! Every version of every offered API has an answer that the codec can write and read.

use bytes::BytesMut;
use kafka_protocol::messages::ResponseKind;

use super::*;
use crate::frame::tests::filled;
use crate::options::Options;

#[tokio::test]
async fn every_version_is_answered() {
    let broker = Options::default().start().await.unwrap();
    let (_frames, incoming) = mpsc::channel(1);
    let mut context = Context::new(broker.shared.clone(), ([127, 0, 0, 1], 1).into(), incoming);
    for api in APIS {
        for version in api.min..=api.max {
            context.version = version;
            context.client_id = "test".to_owned();
            // Twice: the first request may have changed what there is to say.
            for _ in 0..2 {
                let encoded = match handle(&mut context, filled(api.key, version)).await {
                    Reply::Message(response) => {
                        let mut out = BytesMut::new();
                        response
                            .encode(&mut out, version)
                            .unwrap_or_else(|e| panic!("{:?} {version}: {e}", api.key));
                        out.freeze()
                    }
                    Reply::Pieces(pieces) => pieces.concat().into(),
                    Reply::None | Reply::Close(_) if api.key == ApiKey::Produce => continue,
                    Reply::None | Reply::Close(_) => panic!("{:?} {version} has no answer", api.key),
                };
                let mut rest = encoded;
                ResponseKind::decode(api.key, &mut rest, version)
                    .unwrap_or_else(|e| panic!("{:?} {version}: {e}", api.key));
                assert!(rest.is_empty(), "{:?} {version}", api.key);
            }
        }
    }
    broker.shutdown().await;
}
