//! Converters that treat keys, values and header values alike.

use api::Result;
use api::data::{Bytes, Datum};

/// What such a converter does, wherever the bytes are.
pub(crate) trait Codec: Send + 'static {
    /// As [`api::Converter::encode`].
    fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<bool>;

    /// As [`api::Converter::decode`].
    fn read(&mut self, bytes: Option<&Bytes>) -> Result<Datum>;
}

/// Makes a [`Codec`] a converter and a header converter; `$build` is a `fn(Config) -> Result<Self>`.
macro_rules! converter {
    ($type:ty, $class:literal, $config:ty, $build:expr) => {
        impl api::Converter for $type {
            fn encode(
                &mut self,
                context: &mut api::EncodeContext<'_>,
                datum: &api::data::Datum,
                out: &mut Vec<u8>,
            ) -> api::Result<bool> {
                $crate::both::Codec::write(self, datum, out)
                    .map_err(|error| error.with("topic", context.topic))
            }

            fn decode(
                &mut self,
                context: api::DecodeContext<'_>,
                bytes: Option<&api::data::Bytes>,
            ) -> api::Result<api::data::Datum> {
                $crate::both::Codec::read(self, bytes).map_err(|error| error.with("topic", context.topic))
            }
        }

        impl api::converter::BuildConverter for $type {
            const CLASS: &'static str = $class;
            type Config = $config;

            fn build(config: $config, _usage: api::Usage) -> api::Result<Self> {
                $build(config)
            }
        }

        impl api::HeaderConverter for $type {
            fn encode(
                &mut self,
                topic: &str,
                key: &str,
                datum: &api::data::Datum,
                out: &mut Vec<u8>,
            ) -> api::Result<bool> {
                $crate::both::Codec::write(self, datum, out)
                    .map_err(|error| error.with("topic", topic).with("header", key))
            }

            fn decode(
                &mut self,
                topic: &str,
                key: &str,
                bytes: Option<&api::data::Bytes>,
            ) -> api::Result<api::data::Datum> {
                $crate::both::Codec::read(self, bytes)
                    .map_err(|error| error.with("topic", topic).with("header", key))
            }
        }

        impl api::converter::BuildHeaderConverter for $type {
            const CLASS: &'static str = $class;
            type Config = $config;

            fn build(config: $config) -> api::Result<Self> {
                $build(config)
            }
        }
    };
}

pub(crate) use converter;

/// What a converter without keys of its own is configured by.
#[derive(Debug, Clone, api::config::Config)]
pub struct UsageConfig {
    /// How this converter will be used: `key`, `value` or `header`. Set by the framework.
    #[config(key = "converter.type", importance = Low, validator = api::config::Validator::OneOf(&["key", "value", "header"]))]
    pub usage: Option<String>,
}
