//! What a coordinator's error codes mean for a member: begin again, or never.

use kafka_protocol::ResponseError as Code;

use super::{Break, Member, said};
use crate::Error;
use crate::membership::LossCause;
use crate::membership::coordinator::{Coordinator, Trouble};

impl<C: Coordinator> Member<C> {
    /// What to do when a join or a sync failed.
    pub(super) async fn not_joined(&mut self, trouble: Trouble) -> Break {
        let broken = match trouble {
            Trouble::Code {
                code: code @ (Code::UnknownMemberId | Code::IllegalGeneration | Code::FencedInstanceId),
                ..
            } => self.not_a_member(code),
            Trouble::Code { code: Code::RebalanceInProgress, .. } => {
                self.wants = Some("the group rebalances once more".to_owned());
                return Break::Again; // it waits for the members, this one too
            }
            trouble => {
                let moved = match &trouble {
                    Trouble::Code { code, .. } => {
                        matches!(code, Code::NotCoordinator | Code::CoordinatorNotAvailable)
                    }
                    Trouble::Unreachable(_) | Trouble::Refused(_) => true,
                };
                match self.not_fatal(trouble) {
                    Err(fatal) => return fatal,
                    Ok(reason) if moved => self.unanswered(&reason),
                    Ok(reason) => tracing::info!(group = self.settings.group_id, "{reason}"),
                }
                Break::Again
            }
        };
        match self.pause().await {
            Err(leave) => leave,
            Ok(()) => broken,
        }
    }

    /// The coordinator says that the worker is no member, or none of this generation.
    pub(super) fn not_a_member(&mut self, code: Code) -> Break {
        let cause = match code {
            Code::IllegalGeneration => LossCause::IllegalGeneration,
            _ => {
                self.member_id.clear();
                LossCause::UnknownMember
            }
        };
        self.silence = None;
        if self.generation.is_some() {
            self.lose(
                cause,
                format!(
                    "the coordinator says {}: this worker was silent for longer than session.timeout.ms, or missed a \
                     rebalance",
                    said(code)
                ),
            );
        }
        Break::Again
    }

    /// Why something failed that may be tried again.
    pub(super) fn not_fatal(&self, trouble: Trouble) -> Result<String, Break> {
        let operation = self.operation();
        let (code, text) = match trouble {
            Trouble::Unreachable(reason) => return Ok(reason),
            Trouble::Refused(reason) if self.was_member => return Ok(reason),
            Trouble::Refused(reason) => return Err(Break::Fatal(Error::Fatal { operation, reason })),
            Trouble::Code { code, said: text, .. } => (code, text),
        };
        let group = &self.settings.group_id;
        let what = match text {
            Some(text) => format!("{}: {text}", said(code)),
            None => said(code),
        };
        let misconfigured = |key: &str, reason: String| Error::Misconfigured { key: key.to_owned(), reason };
        let session_ms = self.settings.session_timeout.as_millis();
        let error = match code {
            Code::GroupAuthorizationFailed => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: Not authorized to access group: {group}; grant the worker's principal READ on the group \
                     in the cluster's ACLs"
                ),
            },
            Code::InconsistentGroupProtocol => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: the group {group} has members that are no workers of Kafka Connect; give the workers a \
                     group.id of their own"
                ),
            },
            Code::InvalidSessionTimeout => misconfigured(
                "session.timeout.ms",
                format!(
                    "{what}: the brokers do not allow {session_ms} ms; it must be within their \
                     group.min.session.timeout.ms and group.max.session.timeout.ms"
                ),
            ),
            Code::InvalidGroupId => {
                misconfigured("group.id", format!("{what}: the brokers do not take {group} as a group's id"))
            }
            Code::GroupMaxSizeReached => Error::Fatal {
                operation,
                reason: format!(
                    "{what}: the group {group} has as many members as the brokers' group.max.size allows"
                ),
            },
            Code::UnsupportedVersion | Code::InvalidRequest | Code::ClusterAuthorizationFailed => {
                Error::Fatal { operation, reason: what }
            }
            _ => return Ok(format!("{operation}: the coordinator says {what}")),
        };
        Err(Break::Fatal(error))
    }

    pub(super) fn operation(&self) -> String {
        format!("joining the group of workers {}", self.settings.group_id)
    }
}
