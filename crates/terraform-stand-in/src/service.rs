//! The three gRPC services that Terraform calls: the provider, the plugin's controller and its health. Paths are
//! dispatched by hand, since the messages are written by hand.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::Message;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::protocol::{Empty, HealthAnswer};
use crate::provider::Provider;

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// `tfplugin5.Provider`.
#[derive(Clone)]
pub struct ProviderService(pub Arc<Provider>);

impl NamedService for ProviderService {
    const NAME: &'static str = "tfplugin5.Provider";
}

impl Service<http::Request<Body>> for ProviderService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let provider = self.0.clone();
        match method(&request) {
            "GetSchema" => answer(request, provider, |provider, _: Empty| provider.schema()),
            "PrepareProviderConfig" => answer(request, provider, Provider::prepare),
            "ValidateResourceTypeConfig" => answer(request, provider, Provider::validate_resource),
            "ValidateDataSourceConfig" => answer(request, provider, Provider::validate_data_source),
            "UpgradeResourceState" => answer(request, provider, Provider::upgrade),
            "Configure" => answer(request, provider, Provider::configure),
            "ReadResource" => answer(request, provider, Provider::read),
            "PlanResourceChange" => answer(request, provider, Provider::plan),
            "ApplyResourceChange" => answer(request, provider, Provider::apply),
            "ImportResourceState" => answer(request, provider, Provider::import),
            "ReadDataSource" => answer(request, provider, Provider::read_data_source),
            "Stop" => answer(request, provider, |provider, _: Empty| provider.stop()),
            _ => unimplemented(),
        }
    }
}

/// `plugin.GRPCController`: Terraform asks the process to end.
#[derive(Clone)]
pub struct Controller(pub Arc<tokio::sync::Notify>);

impl NamedService for Controller {
    const NAME: &'static str = "plugin.GRPCController";
}

impl Service<http::Request<Body>> for Controller {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let end = self.0.clone();
        match method(&request) {
            "Shutdown" => answer(request, end, |end, _: Empty| {
                end.notify_one();
                Empty {}
            }),
            _ => unimplemented(),
        }
    }
}

/// `grpc.health.v1.Health`: always serving.
#[derive(Clone)]
pub struct Health;

impl NamedService for Health {
    const NAME: &'static str = "grpc.health.v1.Health";
}

impl Service<http::Request<Body>> for Health {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        match method(&request) {
            "Check" => answer(request, Arc::new(()), |(), _: Empty| HealthAnswer { status: 1 }),
            _ => unimplemented(),
        }
    }
}

fn method(request: &http::Request<Body>) -> &str {
    request.uri().path().rsplit('/').next().unwrap_or_default()
}

/// Decodes, lets a thread answer (the provider waits for HTTP), encodes.
fn answer<S, I, O>(request: http::Request<Body>, state: Arc<S>, handler: fn(&S, I) -> O) -> Answer
where
    S: Send + Sync + 'static,
    I: Message + Default + 'static,
    O: Message + Default + 'static,
{
    let unary = service_fn(move |request: Request<I>| {
        let state = state.clone();
        async move {
            tokio::task::spawn_blocking(move || handler(&state, request.into_inner()))
                .await
                .map(Response::new)
                .map_err(|error| Status::internal(format!("the provider's thread ended: {error}")))
        }
    });
    Box::pin(async move {
        // States and schemas may be larger than gRPC's usual 4 MB.
        let mut grpc = Grpc::new(ProstCodec::default()).max_decoding_message_size(usize::MAX);
        Ok(grpc.unary(unary, request).await)
    })
}

fn unimplemented() -> Answer {
    Box::pin(async { Ok(Status::unimplemented("not part of this provider").into_http()) })
}
