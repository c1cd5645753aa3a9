//! What is in the bucket, read through the S3 API.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt};

use super::TOPIC;
use super::fingerprint::Fingerprint;
use crate::Error;
use crate::stack::{ACCESS_KEY, BUCKET, SECRET_KEY, Stack};

/// Reads each object once.
#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    seen: BTreeSet<Path>,
    fingerprint: Fingerprint,
}

impl Bucket {
    pub(super) fn open(stack: &Stack) -> Result<Self, Error> {
        let store = AmazonS3Builder::new()
            .with_endpoint(stack.s3_endpoint())
            .with_bucket_name(BUCKET)
            .with_region("us-east-1")
            .with_access_key_id(ACCESS_KEY)
            .with_secret_access_key(SECRET_KEY)
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .build()
            .map_err(|error| Error::new("cannot make an S3 client").caused_by(error))?;
        Ok(Self { store, seen: BTreeSet::new(), fingerprint: Fingerprint::default() })
    }

    /// Takes in the objects that were not there before.
    pub(super) async fn read_new(&mut self) -> Result<(), Error> {
        let failed = |error: object_store::Error| Error::new("cannot read the bucket").caused_by(error);
        let prefix = Path::from(format!("topics/{TOPIC}"));
        let objects: Vec<_> = self.store.list(Some(&prefix)).try_collect().await.map_err(failed)?;
        for object in objects {
            if !self.seen.insert(object.location.clone()) {
                continue;
            }
            let bytes =
                self.store.get(&object.location).await.map_err(failed)?.bytes().await.map_err(failed)?;
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let added = self.fingerprint.add_json(line);
                added
                    .map_err(|why| Error::new(format!("object {} of the bucket: {why}", object.location)))?;
            }
        }
        Ok(())
    }

    pub(super) fn rows(&self) -> u64 {
        self.fingerprint.rows
    }

    pub(super) fn objects(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}
