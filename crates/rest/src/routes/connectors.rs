//! Connectors and tasks.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use herder::{Target, View};
use indexmap::IndexMap;
use percent_encoding::utf8_percent_encode;
use rest_types::{
    ActiveTopics, ConfigMap, ConnectorInfo, CreateConnectorRequest, Expanded, InitialState, StateInfo,
    TaskInfo, TaskState, TopicList,
};

use crate::body::{JsonBody, Name, NameAndTask, SEGMENT};
use crate::error::{Error, Result};
use crate::identity::Secrets;
use crate::query::Parameters;
use crate::{Context, views};

/// `GET /connectors`, with `expand=status` and `expand=info` in another shape.
pub(super) async fn list(
    State(context): State<Context>,
    secrets: Secrets,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = Parameters::of(query.as_deref());
    if !query.has("expand") {
        let names = context.herder.connectors().await?;
        return Ok(Json(names.iter().map(|name| name.as_ref()).collect::<Vec<&str>>()).into_response());
    }
    let (status, info) = (query.is("expand", "status"), query.is("expand", "info"));
    let expanded = |view: &View| Expanded {
        status: status.then(|| views::state(&context, view)),
        info: info.then(|| views::info(&context, view, secrets)),
    };
    let views = context.herder.views().await?;
    let all: IndexMap<String, Expanded> =
        views.iter().map(|view| (view.name.to_string(), expanded(view))).collect();
    Ok(Json(all).into_response())
}

/// `POST /connectors`
pub(super) async fn create(
    State(context): State<Context>,
    secrets: Secrets,
    headers: HeaderMap,
    JsonBody(request): JsonBody<CreateConnectorRequest>,
) -> Result<Response> {
    let CreateConnectorRequest { name, config, initial_state } = request;
    let Some(ConfigMap(config)) = config else {
        return Err(Error::BadRequest(
            "the request has no member 'config'; send {\"name\": …, \"config\": {…}}".to_owned(),
        ));
    };
    let target = initial_state.map(|state| match state {
        InitialState::Running => Target::Started,
        InitialState::Paused => Target::Paused,
        InitialState::Stopped => Target::Stopped,
    });
    let view = context.herder.create(name.as_deref().unwrap_or_default(), config, target).await?;
    Ok(created(&context, secrets, &headers, &view))
}

fn created(context: &Context, secrets: Secrets, headers: &HeaderMap, view: &View) -> Response {
    let path = format!("/connectors/{}", utf8_percent_encode(&view.name, SEGMENT));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let location = host.map_or(path.clone(), |host| format!("http://{host}{path}"));
    let body = Json(views::info(context, view, secrets));
    (StatusCode::CREATED, [(header::LOCATION, location)], body).into_response()
}

async fn view(context: &Context, name: &str, unknown: impl Fn(&str) -> String) -> Result<View> {
    context.herder.view(name).await?.ok_or_else(|| Error::NotFound(unknown(name)))
}

fn not_found(name: &str) -> String {
    format!("Connector {name} not found")
}

fn no_status(name: &str) -> String {
    format!("No status found for connector {name}")
}

/// `GET /connectors/{name}`
pub(super) async fn info(
    State(context): State<Context>,
    secrets: Secrets,
    Name(name): Name,
) -> Result<Json<ConnectorInfo>> {
    let view = view(&context, &name, not_found).await?;
    Ok(Json(views::info(&context, &view, secrets)))
}

/// `GET /connectors/{name}/config`
pub(super) async fn config(
    State(context): State<Context>,
    secrets: Secrets,
    Name(name): Name,
) -> Result<Json<ConfigMap>> {
    Ok(Json(views::config(&context, &view(&context, &name, not_found).await?, secrets)))
}

/// `PUT /connectors/{name}/config`
pub(super) async fn put_config(
    State(context): State<Context>,
    secrets: Secrets,
    Name(name): Name,
    headers: HeaderMap,
    JsonBody(ConfigMap(config)): JsonBody<ConfigMap>,
) -> Result<Response> {
    let (is_new, view) = context.herder.put_config(&name, config).await?;
    Ok(match is_new {
        true => created(&context, secrets, &headers, &view),
        false => Json(views::info(&context, &view, secrets)).into_response(),
    })
}

/// `PATCH /connectors/{name}/config`
pub(super) async fn patch_config(
    State(context): State<Context>,
    secrets: Secrets,
    Name(name): Name,
    JsonBody(ConfigMap(changes)): JsonBody<ConfigMap>,
) -> Result<Json<ConnectorInfo>> {
    let view = context.herder.patch_config(&name, &changes).await?;
    Ok(Json(views::info(&context, &view, secrets)))
}

/// `DELETE /connectors/{name}`
pub(super) async fn delete(State(context): State<Context>, Name(name): Name) -> Result<StatusCode> {
    context.herder.delete(&name).await?;
    if context.peers.is_none() {
        // In a group the config topic says so to all. Taking away cannot fail.
        let _ = context.logs.set_connector_level(&name, None);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{name}/status`
pub(super) async fn status(State(context): State<Context>, Name(name): Name) -> Result<Json<StateInfo>> {
    let view = view(&context, &name, no_status).await?;
    Ok(Json(views::state(&context, &view)))
}

/// `GET /connectors/{name}/tasks`
pub(super) async fn tasks(
    State(context): State<Context>,
    secrets: Secrets,
    Name(name): Name,
) -> Result<Json<Vec<TaskInfo>>> {
    let view = view(&context, &name, not_found).await?;
    Ok(Json(views::tasks(&context, &view, secrets)))
}

/// `GET /connectors/{name}/tasks/{task}/status`
pub(super) async fn task_status(
    State(context): State<Context>,
    NameAndTask(name, task): NameAndTask,
) -> Result<Json<TaskState>> {
    let no_status = |name: &str| format!("No status found for task {name}-{task}");
    let view = view(&context, &name, no_status).await?;
    let state = views::task_state(&context, &view, task);
    state.map(Json).ok_or_else(|| Error::NotFound(no_status(&name)))
}

/// `POST /connectors/{name}/tasks/{task}/restart`
pub(super) async fn restart_task(
    State(context): State<Context>,
    NameAndTask(name, task): NameAndTask,
) -> Result<StatusCode> {
    context.herder.restart_task(&name, task).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connectors/{name}/restart`: without parameters the connector object alone, waiting for it; with
/// `includeTasks` or `onlyFailed` what they choose, at once.
pub(super) async fn restart(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = Parameters::of(query.as_deref());
    let (include_tasks, only_failed) = (query.is("includeTasks", "true"), query.is("onlyFailed", "true"));
    if !include_tasks && !only_failed {
        context.herder.restart_object(&name).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let view = context.herder.restart(&name, include_tasks, only_failed).await?;
    Ok((StatusCode::ACCEPTED, Json(views::state(&context, &view))).into_response())
}

/// `PUT /connectors/{name}/pause`
pub(super) async fn pause(State(context): State<Context>, Name(name): Name) -> Result<StatusCode> {
    context.herder.set_target(&name, Target::Paused).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{name}/resume`
pub(super) async fn resume(State(context): State<Context>, Name(name): Name) -> Result<StatusCode> {
    context.herder.set_target(&name, Target::Started).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{name}/stop`
pub(super) async fn stop(State(context): State<Context>, Name(name): Name) -> Result<StatusCode> {
    context.herder.set_target(&name, Target::Stopped).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{name}/topics`
pub(super) async fn topics(State(context): State<Context>, Name(name): Name) -> Result<Json<ActiveTopics>> {
    let topics = context.herder.topics(&name).await?;
    Ok(Json(ActiveTopics::from_iter([(name, TopicList { topics })])))
}

/// `PUT /connectors/{name}/topics/reset`
pub(super) async fn reset_topics(State(context): State<Context>, Name(name): Name) -> Result<StatusCode> {
    context.herder.reset_topics(&name).await?;
    Ok(StatusCode::ACCEPTED)
}
