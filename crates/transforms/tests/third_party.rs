//! Transforms from outside Apache Kafka: their pages, what the corpus uses, and any record at all.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod third_party {
    mod corpus;
    mod pages;
    mod records;
    mod robust;
    mod steady;
}
