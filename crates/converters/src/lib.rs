//! Kafka Connect's own converters: keys, values and header values to bytes and back.
//!
//! | Class (`org.apache.kafka.connect.…`) | Here |
//! |---|---|
//! | `json.JsonConverter` | [`JsonConverter`] |
//! | `storage.StringConverter` | [`StringConverter`] |
//! | `converters.ByteArrayConverter` | [`ByteArrayConverter`] |
//! | `converters.ShortConverter`, `Integer`, `Long`, `Float`, `Double` | [`ShortConverter`] and its neighbours |
//! | `converters.BooleanConverter` | [`BooleanConverter`] |
//! | `storage.SimpleHeaderConverter`, for headers only | [`SimpleHeaderConverter`] |
//!
//! All are pure: bytes in, values out. JSON itself is in the crate `json`; the texts of values without a format of
//! their own are in the crate `literal`: what Java's `toString` prints, and what headers hold.
//!
//! Start at [`JsonConverter`].

mod both;
mod bytes;
mod charset;
mod json_converter;
mod primitive;
mod simple_header;
mod string;

pub use bytes::ByteArrayConverter;
pub use charset::Charset;
pub use json_converter::{JsonConfig, JsonConverter};
pub use primitive::{
    BooleanConverter, DoubleConverter, FloatConverter, IntegerConverter, LongConverter, ShortConverter,
};
pub use simple_header::SimpleHeaderConverter;
pub use string::{StringConfig, StringConverter};

/// Registers all converters of this crate.
pub fn register(registry: &mut api::Registry) {
    both::<JsonConverter>(registry);
    both::<StringConverter>(registry);
    both::<ByteArrayConverter>(registry);
    both::<ShortConverter>(registry);
    both::<IntegerConverter>(registry);
    both::<LongConverter>(registry);
    both::<FloatConverter>(registry);
    both::<DoubleConverter>(registry);
    both::<BooleanConverter>(registry);
    registry.header_converter::<SimpleHeaderConverter>();
}

fn both<C>(registry: &mut api::Registry)
where
    C: api::converter::BuildConverter + api::converter::BuildHeaderConverter,
{
    registry.converter::<C>();
    registry.header_converter::<C>();
}
