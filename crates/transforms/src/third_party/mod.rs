//! Transforms from outside Apache Kafka, with the class names and keys of their originals.
//!
//! One module a family: [`debezium`], [`confluent`], [`jcustenborder`], [`aiven`] and [`others`]. The code is our own; what
//! is configured, and what comes out, is the originals'. Where an original crashes on a record (Java's
//! `NullPointerException`), the record fails here with a text that names key and field; where it mixes up the schemas of
//! two topics because its cache looks at half of what the result depends on, the right schema comes out here. Each page of
//! the reference says so.
//!
//! Start at [`register`].

mod aiven;
mod case_format;
mod comparison;
mod confluent;
mod debezium;
mod infer;
mod jcustenborder;
mod known_schemas;
mod others;
mod rows;
mod scanner;
mod told;

/// Registers every transform of this module.
pub(crate) fn register(registry: &mut api::Registry) {
    debezium::register(registry);
    confluent::register(registry);
    jcustenborder::register(registry);
    aiven::register(registry);
    others::register(registry);
}
