//! AWS Secrets Manager as moto has it: another reading of the same reference.

use std::path::Path;

use crate::secrets_manager::AWS;
use crate::{CANARY, error, provider, value};

#[tokio::test]
async fn secrets_of_moto_are_given() {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let Some(moto) = testkit::moto::start(&target, "secrets_of_moto_are_given") else { return };
    let providers = provider(
        AWS,
        &[
            ("region", "eu-central-1"),
            ("endpoint", &moto.url),
            ("aws.access.key", "test"),
            ("aws.secret.key", "test"),
        ],
    );
    moto.create_secret("eu-central-1", "team/db", &format!(r#"{{"password":"{CANARY}"}}"#));
    assert_eq!(value(&providers, "${p:team/db:password}").await, CANARY);
    assert_eq!(value(&providers, "${p:team/db}").await, format!(r#"{{"password":"{CANARY}"}}"#));
    let absent = error(&providers, "${p:nope:k}").await.trace();
    assert!(absent.contains("ResourceNotFoundException"), "{absent}");
}
