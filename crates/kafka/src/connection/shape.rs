//! Checks that an answer holds what its lengths and counts promise, before it is decoded: the codec reserves memory by
//! a count before it reads what is counted.
//!
//! The layouts are those of Kafka's message definitions (`clients/src/main/resources/common/message`).

use bytes::Buf as _;
use kafka_protocol::messages::ApiKey;

/// A field of the versions from the first to the last number.
struct Field(i16, i16, Shape);

enum Shape {
    /// So many bytes.
    Fixed(usize),
    /// A text, or null.
    Text,
    /// Bytes, or null.
    Blob,
    /// Any number of elements.
    Array(&'static [Field]),
    /// Any number of texts.
    Texts,
}
use Shape::{Array, Blob, Fixed, Text, Texts};

const fn all(shape: Shape) -> Field {
    Field(0, i16::MAX, shape)
}

const fn since(first: i16, shape: Shape) -> Field {
    Field(first, i16::MAX, shape)
}

const fn until(last: i16, shape: Shape) -> Field {
    Field(0, last, shape)
}

const API_VERSIONS: &[Field] = &[all(Fixed(2)), all(Array(API)), since(1, Fixed(4))];
const API: &[Field] = &[all(Fixed(6))];
const SASL_HANDSHAKE: &[Field] = &[all(Fixed(2)), all(Texts)];
const SASL_AUTHENTICATE: &[Field] = &[all(Fixed(2)), all(Text), all(Blob), since(1, Fixed(8))];
const FIND_COORDINATOR: &[Field] = &[
    since(1, Fixed(4)),
    until(3, Fixed(2)),
    Field(1, 3, Text),
    until(3, Fixed(4)),
    until(3, Text),
    until(3, Fixed(4)),
    since(4, Array(COORDINATOR)),
];
const COORDINATOR: &[Field] = &[all(Text), all(Fixed(4)), all(Text), all(Fixed(4)), all(Fixed(2)), all(Text)];
const JOIN_GROUP: &[Field] = &[
    since(2, Fixed(4)),
    all(Fixed(6)),
    since(7, Text),
    all(Text),
    all(Text),
    since(9, Fixed(1)),
    all(Text),
    all(Array(MEMBER)),
];
const MEMBER: &[Field] = &[all(Text), since(5, Text), all(Blob)];
const SYNC_GROUP: &[Field] = &[since(1, Fixed(4)), all(Fixed(2)), since(5, Text), since(5, Text), all(Blob)];
const HEARTBEAT: &[Field] = &[since(1, Fixed(4)), all(Fixed(2))];
const LEAVE_GROUP: &[Field] = &[since(1, Fixed(4)), all(Fixed(2)), since(3, Array(LEFT))];
const LEFT: &[Field] = &[all(Text), all(Text), all(Fixed(2))];

/// The layout of an answer, and the first version with compact lengths and tagged fields.
fn shape(key: ApiKey) -> Option<(i16, &'static [Field])> {
    Some(match key {
        ApiKey::ApiVersions => (3, API_VERSIONS),
        ApiKey::SaslHandshake => (i16::MAX, SASL_HANDSHAKE),
        ApiKey::SaslAuthenticate => (2, SASL_AUTHENTICATE),
        ApiKey::FindCoordinator => (3, FIND_COORDINATOR),
        ApiKey::JoinGroup => (6, JOIN_GROUP),
        ApiKey::SyncGroup => (4, SYNC_GROUP),
        ApiKey::Heartbeat => (4, HEARTBEAT),
        ApiKey::LeaveGroup => (4, LEAVE_GROUP),
        _ => return None,
    })
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misfit {
    #[error("it ends in the middle of a field")]
    Short,
    #[error("it has a length that nothing has")]
    Length,
    #[error("its layout is not known here")]
    Unknown,
}

/// Checks an answer, without its header. Bytes behind the last field are not looked at.
pub(super) fn check(key: ApiKey, version: i16, body: &[u8]) -> Result<(), Misfit> {
    let (flexible, fields) = shape(key).ok_or(Misfit::Unknown)?;
    let mut walker = Walker { rest: body, version, flexible: version >= flexible };
    walker.fields(fields)
}

struct Walker<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

impl Walker<'_> {
    fn fields(&mut self, fields: &[Field]) -> Result<(), Misfit> {
        for Field(first, last, shape) in fields {
            if !(*first..=*last).contains(&self.version) {
                continue;
            }
            match shape {
                Fixed(bytes) => self.skip(*bytes)?,
                Text => self.text()?,
                Blob => {
                    let length = self.length(|rest| rest.try_get_i32().map(i64::from))?;
                    self.skip(length)?;
                }
                Array(element) => {
                    for _ in 0..self.count()? {
                        self.fields(element)?;
                        self.tags()?;
                    }
                }
                Texts => {
                    for _ in 0..self.count()? {
                        self.text()?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Each element has a byte at least.
    fn count(&mut self) -> Result<usize, Misfit> {
        let count = self.length(|rest| rest.try_get_i32().map(i64::from))?;
        if count > self.rest.len() { Err(Misfit::Short) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<(), Misfit> {
        let length = self.length(|rest| rest.try_get_i16().map(i64::from))?;
        self.skip(length)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Misfit> {
        self.rest = self.rest.get(bytes..).ok_or(Misfit::Short)?;
        Ok(())
    }

    /// Null has no length.
    fn length(
        &mut self,
        fixed: impl FnOnce(&mut &[u8]) -> Result<i64, bytes::TryGetError>,
    ) -> Result<usize, Misfit> {
        if self.flexible {
            return Ok(self.varint()?.saturating_sub(1));
        }
        match fixed(&mut self.rest).map_err(|_| Misfit::Short)? {
            -1 => Ok(0),
            length => usize::try_from(length).map_err(|_| Misfit::Length),
        }
    }

    fn varint(&mut self) -> Result<usize, Misfit> {
        let mut value = 0usize;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.rest.try_get_u8().map_err(|_| Misfit::Short)?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if value > i32::MAX as usize { Err(Misfit::Length) } else { Ok(value) };
            }
        }
        Err(Misfit::Length)
    }

    fn tags(&mut self) -> Result<(), Misfit> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            self.varint()?;
            let bytes = self.varint()?;
            self.skip(bytes)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use kafka_protocol::messages::api_versions_response::ApiVersion;
    use kafka_protocol::messages::find_coordinator_response::Coordinator;
    use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
    use kafka_protocol::messages::leave_group_response::MemberResponse;
    use kafka_protocol::messages::{
        ApiVersionsResponse, FindCoordinatorResponse, HeartbeatResponse, JoinGroupResponse,
        LeaveGroupResponse, SaslAuthenticateResponse, SaslHandshakeResponse, SyncGroupResponse,
    };
    use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
    use proptest::prelude::*;

    use super::*;

    fn text(text: &'static str) -> StrBytes {
        StrBytes::from_static_str(text)
    }

    fn encoded<T: Encodable>(key: ApiKey, version: i16, response: &T) -> (ApiKey, i16, Vec<u8>) {
        let mut out = bytes::BytesMut::new();
        response.encode(&mut out, version).unwrap_or_else(|error| panic!("{key:?} v{version}: {error}"));
        (key, version, out.to_vec())
    }

    /// Every layout, in every version that is used, with something in each list.
    fn answers() -> Vec<(ApiKey, i16, Vec<u8>)> {
        let mut all = Vec::new();
        for version in 0..=3 {
            let api = ApiVersion::default().with_api_key(11).with_max_version(9);
            let answer = ApiVersionsResponse::default().with_api_keys(vec![api; 3]);
            all.push(encoded(ApiKey::ApiVersions, version, &answer));
        }
        for version in 0..=1 {
            let answer = SaslHandshakeResponse::default().with_mechanisms(vec![text("PLAIN"), text("SCRAM")]);
            all.push(encoded(ApiKey::SaslHandshake, version, &answer));
        }
        for version in 0..=2 {
            let answer = SaslAuthenticateResponse::default()
                .with_error_message(Some(text("no")))
                .with_auth_bytes(Bytes::from_static(b"abc"));
            all.push(encoded(ApiKey::SaslAuthenticate, version, &answer));
        }
        for version in 0..=4 {
            let answer = match version {
                4 => {
                    let one = Coordinator::default().with_key(text("g")).with_host(text("h"));
                    FindCoordinatorResponse::default().with_coordinators(vec![one; 2])
                }
                1..=3 => FindCoordinatorResponse::default()
                    .with_error_message(Some(text("m")))
                    .with_host(text("h")),
                _ => FindCoordinatorResponse::default().with_host(text("h")),
            };
            all.push(encoded(ApiKey::FindCoordinator, version, &answer));
        }
        for version in 2..=9 {
            let mut member = JoinGroupResponseMember::default()
                .with_member_id(text("m"))
                .with_metadata(Bytes::from_static(b"xyz"));
            if version >= 5 {
                member = member.with_group_instance_id(Some(text("i")));
            }
            let mut answer = JoinGroupResponse::default()
                .with_protocol_name(Some(text("p")))
                .with_leader(text("l"))
                .with_member_id(text("m"))
                .with_members(vec![member; 3]);
            if version >= 7 {
                answer = answer.with_protocol_type(Some(text("connect")));
            }
            all.push(encoded(ApiKey::JoinGroup, version, &answer));
        }
        for version in 1..=5 {
            let answer = SyncGroupResponse::default().with_assignment(Bytes::from_static(b"abc"));
            all.push(encoded(ApiKey::SyncGroup, version, &answer));
            if version <= 4 {
                all.push(encoded(ApiKey::Heartbeat, version, &HeartbeatResponse::default()));
            }
            let left = MemberResponse::default().with_member_id(text("m"));
            let answer = LeaveGroupResponse::default();
            let answer = if version >= 3 { answer.with_members(vec![left; 2]) } else { answer };
            all.push(encoded(ApiKey::LeaveGroup, version, &answer));
        }
        all
    }

    #[test]
    fn what_is_whole_fits_and_what_is_cut_does_not() {
        for (key, version, body) in answers() {
            assert_eq!(check(key, version, &body), Ok(()), "{key:?} v{version}");
            // The last byte may be the count of tagged fields, which are not looked at.
            for end in 0..body.len() - 1 {
                assert!(check(key, version, &body[..end]).is_err(), "{key:?} v{version} cut at {end}");
            }
        }
        assert_eq!(check(ApiKey::Produce, 9, &[]), Err(Misfit::Unknown));
    }

    proptest! {
        /// A count that is not there would make the codec reserve up to 200 GB, which ends the process.
        #[test]
        fn what_fits_is_decoded_without_harm(which: usize, at: usize, bytes in prop::collection::vec(any::<u8>(), 1..6)) {
            let all = answers();
            let (key, version, mut body) = all[which % all.len()].clone();
            let at = at % body.len();
            for (place, byte) in body[at..].iter_mut().zip(bytes) {
                *place = byte;
            }
            if check(key, version, &body).is_ok() {
                let mut body = Bytes::from(body);
                match key {
                    ApiKey::ApiVersions => drop(ApiVersionsResponse::decode(&mut body, version)),
                    ApiKey::SaslHandshake => drop(SaslHandshakeResponse::decode(&mut body, version)),
                    ApiKey::SaslAuthenticate => drop(SaslAuthenticateResponse::decode(&mut body, version)),
                    ApiKey::FindCoordinator => drop(FindCoordinatorResponse::decode(&mut body, version)),
                    ApiKey::JoinGroup => drop(JoinGroupResponse::decode(&mut body, version)),
                    ApiKey::SyncGroup => drop(SyncGroupResponse::decode(&mut body, version)),
                    ApiKey::Heartbeat => drop(HeartbeatResponse::decode(&mut body, version)),
                    _ => drop(LeaveGroupResponse::decode(&mut body, version)),
                }
            }
        }
    }
}
