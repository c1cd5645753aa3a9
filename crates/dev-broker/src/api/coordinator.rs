//! `FindCoordinator`: it is always this node.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};

use super::{Context, text};
use crate::broker::NODE_ID;

/// Answers `FindCoordinator`; from v4 on for many keys at once.
pub fn find(c: &Context, request: FindCoordinatorRequest) -> FindCoordinatorResponse {
    let host = text(c.shared.address.ip().to_string());
    let port = i32::from(c.shared.address.port());
    // 0 is groups, 1 transactions; share groups (2) are not offered.
    let known = matches!(request.key_type, 0 | 1);
    let code = if known { 0 } else { ResponseError::InvalidRequest.code() };
    let node = BrokerId(if known { NODE_ID } else { -1 });
    if c.version < 4 {
        let mut response = FindCoordinatorResponse::default()
            .with_error_code(code)
            .with_error_message(None)
            .with_node_id(node)
            .with_host(host)
            .with_port(port);
        if c.version >= 1 {
            response = response.with_error_message(None);
        }
        return response;
    }
    let coordinators = request.coordinator_keys.into_iter().map(|key| {
        Coordinator::default()
            .with_key(key)
            .with_error_code(code)
            .with_error_message(None)
            .with_node_id(node)
            .with_host(host.clone())
            .with_port(port)
    });
    FindCoordinatorResponse::default().with_coordinators(coordinators.collect())
}
