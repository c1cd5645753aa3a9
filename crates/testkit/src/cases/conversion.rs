//! Runs a case through a converter, made by the registry of the keys that a connector has.

use api::config::RawConfig;
use api::data::{Bytes, Datum};
use api::{Converter, DecodeContext, EncodeContext, Error, HeaderConverter, Registry, Result, Usage};

use super::chain::same;
use super::record_text::{self, Reader};
use super::{Block, Case, Failures, shown};

const TOPIC: &str = "topic";
const HEADER: &str = "header";

enum Either {
    Converter(Box<dyn Converter>),
    Header(Box<dyn HeaderConverter>),
}

impl Either {
    fn build(raw: &RawConfig, registry: &Registry) -> Result<Self> {
        for (key, usage) in [("key.converter", Usage::Key), ("value.converter", Usage::Value)] {
            if let Some(class) = raw.get(key) {
                let keys = raw.with_prefix(&format!("{key}."));
                return registry.build_converter(class, &keys, usage).map(Either::Converter);
            }
        }
        let class = raw.get("header.converter").ok_or_else(|| {
            Error::misconfigured("the config has no key.converter, value.converter or header.converter")
        })?;
        registry.build_header_converter(class, &raw.with_prefix("header.converter.")).map(Either::Header)
    }

    fn encode(&mut self, datum: &Datum) -> Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        let some = match self {
            Either::Converter(converter) => {
                let mut headers = Vec::new();
                let mut context = EncodeContext { topic: TOPIC, headers: &mut headers };
                converter.encode(&mut context, datum, &mut out)?
            }
            Either::Header(converter) => converter.encode(TOPIC, HEADER, datum, &mut out)?,
        };
        Ok(some.then_some(out))
    }

    fn decode(&mut self, bytes: Option<&Bytes>) -> Result<Datum> {
        match self {
            Either::Converter(converter) => {
                converter.decode(DecodeContext { topic: TOPIC, headers: &[] }, bytes)
            }
            Either::Header(converter) => converter.decode(TOPIC, HEADER, bytes),
        }
    }
}

pub(super) fn run(case: &Case, registry: &Registry) -> std::result::Result<(), Failures> {
    let (config, steps) = case.blocks.split_first().ok_or_else(Failures::new)?;
    let fail = |block: &Block, why: String| vec![(block.line, why)];
    let raw: RawConfig =
        serde_json::from_str(&config.text).map_err(|error| fail(config, error.to_string()))?;
    let built = Either::build(&raw, registry);
    if let [error] = steps
        && error.role == "error"
    {
        return match built {
            Ok(_) => Err(fail(error, "the config is accepted".to_owned())),
            Err(found) => same(&error.text, &shown(&found)).map_err(|why| fail(error, why)),
        };
    }
    let mut converter = built.map_err(|error| fail(config, format!("the config is refused: {error}")))?;
    if steps.is_empty() {
        return Err(fail(config, "nothing goes in".to_owned()));
    }
    let mut failures = Failures::new();
    for pair in steps.chunks(2) {
        let [input, output] = pair else {
            failures.push((pair[0].line, "nothing comes out".to_owned()));
            break;
        };
        if let Err((line, why)) = step(&mut converter, input, output) {
            failures.push((line, why));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn step(converter: &mut Either, input: &Block, output: &Block) -> std::result::Result<(), (usize, String)> {
    let mut reader = Reader::default();
    let found = match input.role.as_str() {
        "datum" => {
            let datum = reader.schema_and_value(&input.text).map_err(|why| (input.line, why))?;
            converter.encode(&datum).map(|bytes| written(bytes.as_deref(), output))
        }
        _ => {
            let bytes = bytes_of(input).map_err(|why| (input.line, why))?;
            converter.decode(bytes.map(Bytes::from).as_ref()).map(|datum| record_text::write_datum(&datum))
        }
    };
    let found = found.unwrap_or_else(|error| shown(&error));
    let expected = match output.role.as_str() {
        "datum" => {
            let datum = reader.schema_and_value(&output.text).map_err(|why| (output.line, why))?;
            record_text::write_datum(&datum)
        }
        "error" => output.text.clone(),
        _ => {
            let bytes = bytes_of(output).map_err(|why| (output.line, why))?;
            written(bytes.as_deref(), output)
        }
    };
    same(&expected, &found).map_err(|why| (output.line, why))
}

fn bytes_of(block: &Block) -> std::result::Result<Option<Vec<u8>>, String> {
    match (block.role.as_str(), block.language.as_str()) {
        ("null", _) => Ok(None),
        ("bytes", "hex") => {
            let digits: Vec<u8> = block.text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let pairs = digits.chunks(2).map(|pair| {
                let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
                u8::from_str_radix(text, 16).ok()
            });
            pairs.collect::<Option<Vec<u8>>>().map(Some).ok_or("these are no hexadecimal digits".to_owned())
        }
        ("bytes", _) => Ok(Some(block.text.clone().into_bytes())),
        (other, _) => Err(format!("bytes, a datum, null or an error are expected here, not {other}")),
    }
}

// Bytes in the form of the block that they are compared with.
fn written(bytes: Option<&[u8]>, like: &Block) -> String {
    match bytes {
        None => "null".to_owned(),
        Some(bytes) if like.language == "hex" => {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
        }
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
