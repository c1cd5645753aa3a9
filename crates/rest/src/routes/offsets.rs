//! Offsets of connectors.

use api::OffsetChange;
use api::data::{OffsetMap, Primitive};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use herder::Altered;
use rest_types::{ConnectorOffset, ConnectorOffsets, Message};
use serde_json::{Map, Number, Value};

use crate::Context;
use crate::body::{JsonBody, Name};
use crate::error::{Error, Result};

/// `GET /connectors/{name}/offsets`
pub(super) async fn list(State(context): State<Context>, Name(name): Name) -> Result<Json<ConnectorOffsets>> {
    let offsets = context.herder.offsets(&name).await?;
    let shown = offsets.iter().map(|(partition, offset)| ConnectorOffset {
        partition: Some(to_json(partition)),
        offset: Some(to_json(offset)),
    });
    Ok(Json(ConnectorOffsets { offsets: shown.collect() }))
}

/// `PATCH /connectors/{name}/offsets`
pub(super) async fn alter(
    State(context): State<Context>,
    Name(name): Name,
    JsonBody(ConnectorOffsets { offsets }): JsonBody<ConnectorOffsets>,
) -> Result<Json<Message>> {
    let change = |ConnectorOffset { partition, offset }| -> Result<OffsetChange> {
        let map =
            |what: &str, map: Option<Map<String, Value>>| map.map(|map| from_json(what, map)).transpose();
        Ok((map("partition", partition)?, map("offset", offset)?))
    };
    let changes = offsets.into_iter().map(change).collect::<Result<Vec<_>>>()?;
    let altered = context.herder.alter_offsets(&name, &changes).await?;
    Ok(message(altered, "altered"))
}

/// `DELETE /connectors/{name}/offsets`
pub(super) async fn reset(State(context): State<Context>, Name(name): Name) -> Result<Json<Message>> {
    Ok(message(context.herder.reset_offsets(&name).await?, "reset"))
}

fn message(altered: Altered, done: &str) -> Json<Message> {
    let message = match altered {
        Altered::Everything => format!("The offsets for this connector have been {done} successfully"),
        Altered::FrameworkOnly => format!(
            "The Connect framework-managed offsets for this connector have been {done} successfully. However, if this \
             connector manages offsets externally, they will need to be manually {done} in the system that the \
             connector uses."
        ),
    };
    Json(Message { message })
}

fn to_json(map: &OffsetMap) -> Map<String, Value> {
    let value = |primitive: &Primitive| match primitive {
        Primitive::Null => Value::Null,
        Primitive::Boolean(value) => Value::Bool(*value),
        Primitive::Int(number) => Value::from(*number),
        Primitive::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Primitive::String(text) => Value::String(text.to_string()),
        Primitive::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
    };
    map.iter().map(|(name, primitive)| (name.to_owned(), value(primitive))).collect()
}

fn from_json(what: &str, map: Map<String, Value>) -> Result<OffsetMap> {
    let mut offset = OffsetMap::new();
    for (name, value) in map {
        let primitive = match value {
            Value::Null => Primitive::Null,
            Value::Bool(value) => value.into(),
            Value::String(text) => text.into(),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => number.into(),
                (None, Some(number)) if !number.is_infinite() => number.into(),
                _ => return Err(refused(what, &name)),
            },
            Value::Array(_) | Value::Object(_) => return Err(refused(what, &name)),
        };
        offset.insert(name, primitive);
    }
    Ok(offset)
}

fn refused(what: &str, name: &str) -> Error {
    Error::BadRequest(format!(
        "'{name}' of a {what} must be a text, a number of at most 64 bits, a boolean or null"
    ))
}
