//! `ApiVersions`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::ApiVersion;

use super::APIS;

/// The code for a version of `ApiVersions` itself that is too new.
pub const UNSUPPORTED: i16 = ResponseError::UnsupportedVersion.code();

/// What is offered.
pub fn response(_version: i16, error_code: i16) -> ApiVersionsResponse {
    let offered = APIS.iter().map(|api| {
        ApiVersion::default().with_api_key(api.key as i16).with_min_version(api.min).with_max_version(api.max)
    });
    ApiVersionsResponse::default().with_error_code(error_code).with_api_keys(offered.collect())
}
