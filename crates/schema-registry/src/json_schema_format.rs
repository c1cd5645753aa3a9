//! `io.confluent.connect.json.JsonSchemaConverter`.

use std::sync::Arc;

use api::config::{Config, FieldType, Parsed, Type};
use api::data::{Bytes, Datum, SchemaRef, Value};
use api::{Usage, converter::BuildConverter};
use json_schema::connect::{self, Decoder, Encoder, from_connect, to_connect};
use json_schema::{Schema, Validator, compatibility};

use crate::config::{RegistryConfig, WithHeaders};
use crate::{Format, RegistryConverter};

/// Declared keys of [`JsonSchemaConverter`].
#[derive(Debug, Clone, Config)]
#[config(group = "JSON Schema")]
pub struct JsonSchemaKeys {
    /// Keys of the registry.
    #[config(flatten)]
    pub registry: RegistryConfig,
    /// Whether objects may have members that the schema does not name.
    #[config(key = "object.additional.properties", default = "true", importance = Medium)]
    pub object_additional_properties: bool,
    /// Whether a property that is read is optional when it is not required.
    #[config(key = "use.optional.for.nonrequired", default = "false", importance = Medium)]
    pub use_optional_for_nonrequired: bool,
    /// How decimals are written: BASE64 (text of the bytes) or NUMERIC (a number). Both are read.
    #[config(key = "decimal.format", default = "BASE64", importance = Low)]
    pub decimal_format: Decimals,
    /// Whether one of one type is that type.
    #[config(key = "flatten.singleton.unions", default = "true", importance = Low)]
    pub flatten_singletons: bool,
    /// Whether documents are checked against their schema, written and read.
    #[config(key = "json.fail.invalid.schema", default = "false", importance = Medium)]
    pub fail_invalid: bool,
}

/// Value of `decimal.format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimals(connect::DecimalFormat);

impl FieldType for Decimals {
    const TYPE: Type = Type::String;

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        let Some(Parsed::String(text)) = value else { return Err("Value must be non-null".to_owned()) };
        match text.to_ascii_uppercase().as_str() {
            "BASE64" => Ok(Self(connect::DecimalFormat::Base64)),
            "NUMERIC" => Ok(Self(connect::DecimalFormat::Numeric)),
            _ => Err("String must be one of (case insensitive): NUMERIC, BASE64".to_owned()),
        }
    }
}

/// Keys of [`JsonSchemaConverter`].
pub type JsonSchemaConfig = WithHeaders<JsonSchemaKeys>;

/// JSON with its schemas in a registry.
pub type JsonSchemaConverter = RegistryConverter<JsonSchemaFormat>;

impl BuildConverter for JsonSchemaConverter {
    const CLASS: &'static str = "io.confluent.connect.json.JsonSchemaConverter";
    type Config = JsonSchemaConfig;

    fn build(config: JsonSchemaConfig, usage: Usage) -> api::Result<Self> {
        let keys = config.keys;
        let mapping = connect::Config {
            object_additional_properties: keys.object_additional_properties,
            use_optional_for_nonrequired: keys.use_optional_for_nonrequired,
            decimal_format: keys.decimal_format.0,
            flatten_singleton_unions: keys.flatten_singletons,
        };
        let format = JsonSchemaFormat { mapping, validate: keys.fail_invalid };
        RegistryConverter::new(format, keys.registry, config.headers, usage)
    }
}

/// JSON Schema.
#[derive(Debug, Clone)]
pub struct JsonSchemaFormat {
    mapping: connect::Config,
    validate: bool,
}

/// An encoder, with what checks its documents.
#[derive(Debug)]
pub struct JsonEncoder {
    encoder: Encoder,
    validator: Option<Validator>,
}

/// A decoder, with what checks its documents.
#[derive(Debug)]
pub struct JsonDecoder {
    decoder: Decoder,
    validator: Option<Validator>,
}

impl JsonSchemaFormat {
    fn validator(&self, schema: &Schema) -> Result<Option<Validator>, String> {
        if self.validate { Validator::new(schema).map(Some) } else { Ok(None) }
    }
}

impl Format for JsonSchemaFormat {
    const TYPE: &'static str = "JSON";
    type Schema = Arc<Schema>;
    type Encoder = JsonEncoder;
    type Decoder = JsonDecoder;

    fn parse(&self, text: &str, references: &[(String, String)]) -> Result<Arc<Schema>, String> {
        Schema::parse(text, references).map(Arc::new).map_err(|error| error.to_string())
    }

    fn schema_of(&self, connect: Option<&SchemaRef>) -> Result<Arc<Schema>, String> {
        let connect = connect.ok_or("a value without a schema has no JSON schema")?;
        let text = from_connect(connect, &self.mapping).map_err(|error| error.to_string())?;
        self.parse(&text, &[])
    }

    fn text(&self, schema: &Arc<Schema>) -> String {
        schema.canonical()
    }

    fn name(&self, schema: &Arc<Schema>) -> Option<String> {
        schema.title().map(str::to_owned)
    }

    fn misreads(&self, reader: &Arc<Schema>, writer: &Arc<Schema>) -> Vec<String> {
        compatibility::backward(reader, writer).iter().map(ToString::to_string).collect()
    }

    fn encoder(&self, connect: Option<&SchemaRef>, schema: &Arc<Schema>) -> Result<JsonEncoder, String> {
        let connect = connect.ok_or("a value without a schema has no JSON schema")?;
        let encoder = Encoder::new(connect, &self.mapping).map_err(|error| error.to_string())?;
        Ok(JsonEncoder { encoder, validator: self.validator(schema)? })
    }

    fn decoder(
        &self,
        writer: &Arc<Schema>,
        reader: Option<&Arc<Schema>>,
        version: Option<i32>,
    ) -> Result<JsonDecoder, String> {
        let schema = reader.unwrap_or(writer);
        let mut connect = to_connect(schema, &self.mapping).map_err(|error| error.to_string())?;
        if let (None, Some(version)) = (connect.version(), version) {
            connect = connect.to_builder().version(version).build();
        }
        let decoder = Decoder::new(&connect).map_err(|error| error.to_string())?;
        Ok(JsonDecoder { decoder, validator: self.validator(schema)? })
    }

    fn encode(&self, encoder: &mut JsonEncoder, value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
        let start = out.len();
        encoder.encoder.encode(value, out).map_err(|error| error.to_string())?;
        match &encoder.validator {
            Some(validator) => validator.check(&out[start..]),
            None => Ok(()),
        }
    }

    fn decode(
        &self,
        decoder: &mut JsonDecoder,
        _indexes: Option<&[u8]>,
        bytes: &Bytes,
    ) -> Result<Datum, String> {
        if let Some(validator) = &decoder.validator {
            validator.check(bytes)?;
        }
        decoder.decoder.decode_datum(bytes).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use api::data::{Kind, Schema as Connect, Struct};

    use super::*;

    fn format(validate: bool) -> JsonSchemaFormat {
        JsonSchemaFormat { mapping: connect::Config::default(), validate }
    }

    #[test]
    fn a_row_goes_through_the_format() {
        let format = format(true);
        let connect = Connect::structure([("a", Connect::required(Kind::Int32))]).unwrap();
        let connect = connect.to_builder().name("p.Row").build();
        let schema = format.schema_of(Some(&connect)).unwrap();
        assert_eq!(format.name(&schema).as_deref(), Some("p.Row"));
        let mut encoder = format.encoder(Some(&connect), &schema).unwrap();
        let value = Value::Struct(Struct::new(connect.clone(), vec![Value::Int32(5)]).unwrap());
        let mut data = Vec::new();
        format.encode(&mut encoder, &value, &mut data).unwrap();
        assert_eq!(data, br#"{"a":5}"#);
        let schema = format.parse(&format.text(&schema), &[]).unwrap();
        let mut decoder = format.decoder(&schema, None, Some(3)).unwrap();
        let datum = format.decode(&mut decoder, None, &data.into()).unwrap();
        assert_eq!(datum.value.as_struct().unwrap().get("a"), Some(&Value::Int32(5)));
        assert_eq!(datum.schema.unwrap().version(), Some(3));
    }

    #[test]
    fn a_document_is_checked_only_when_asked_for() {
        let text = r#"{"type":"object","properties":{"a":{"type":"integer","minimum":5}}}"#;
        for (validate, is_read) in [(true, false), (false, true)] {
            let format = format(validate);
            let schema = format.parse(text, &[]).unwrap();
            let mut decoder = format.decoder(&schema, None, None).unwrap();
            let read = format.decode(&mut decoder, None, &Bytes::from_static(br#"{"a":4}"#));
            assert_eq!(read.is_ok(), is_read, "{read:?}");
        }
    }

    #[test]
    fn decimals_have_two_forms() {
        let parsed = |text: &str| Decimals::from_value(Some(&Parsed::String(text.to_owned())));
        assert_eq!(parsed("numeric"), Ok(Decimals(connect::DecimalFormat::Numeric)));
        assert_eq!(parsed("BASE64"), Ok(Decimals(connect::DecimalFormat::Base64)));
        assert!(parsed("x").is_err());
    }
}
