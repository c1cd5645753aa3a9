//! Heartbeats, leaving, and the checks that every request of a member passes.

use std::time::Duration;

use kafka_protocol::ResponseError;

use super::state::{Group, Phase};

impl Group {
    /// Whether this is a member of the present generation (and the right one of its static id).
    pub fn check_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<(), ResponseError> {
        self.check_instance(member_id, instance_id)?;
        if !self.members.contains_key(member_id) {
            return Err(ResponseError::UnknownMemberId);
        }
        if generation != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        Ok(())
    }

    fn check_instance(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ResponseError> {
        let Some(instance) = instance_id else { return Ok(()) };
        match self.instances.get(instance) {
            None => Err(ResponseError::UnknownMemberId),
            Some(current) if current != member_id => Err(ResponseError::FencedInstanceId),
            Some(_) => Ok(()),
        }
    }

    /// A sign of life.
    pub fn heard_from(&mut self, member_id: &str, now: Duration) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.expires = now + member.session;
        }
    }

    /// Handles a heartbeat.
    pub fn heartbeat(
        &mut self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
        now: Duration,
    ) -> Result<(), ResponseError> {
        self.check_member(member_id, instance_id, generation)?;
        self.heard_from(member_id, now);
        match self.phase {
            Phase::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            Phase::Empty => Err(ResponseError::UnknownMemberId),
            Phase::CompletingRebalance | Phase::Stable => Ok(()),
        }
    }

    /// Handles a member's leaving; a static member may be named by its instance id alone.
    pub fn leave(
        &mut self,
        member_id: &str,
        instance_id: Option<&str>,
        now: Duration,
    ) -> Result<(), ResponseError> {
        let member_id = match instance_id {
            Some(instance) => {
                let current = self.instances.get(instance).ok_or(ResponseError::UnknownMemberId)?.clone();
                if !member_id.is_empty() && member_id != current {
                    return Err(ResponseError::FencedInstanceId);
                }
                current
            }
            None => member_id.to_owned(),
        };
        if self.promised.remove(&member_id).is_some() {
            self.complete_if_ready(now);
            return Ok(());
        }
        if !self.members.contains_key(&member_id) {
            return Err(ResponseError::UnknownMemberId);
        }
        self.remove(&member_id, now);
        Ok(())
    }

    /// Whether a commit of offsets may be taken. Outside any generation (`generation` < 0) only a
    /// group without members takes them.
    pub fn check_commit(
        &mut self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
        now: Duration,
    ) -> Result<(), ResponseError> {
        if generation < 0 && self.phase == Phase::Empty {
            return Ok(());
        }
        if generation < 0 && member_id.is_empty() {
            return Err(ResponseError::UnknownMemberId);
        }
        self.check_member(member_id, instance_id, generation)?;
        self.heard_from(member_id, now);
        match self.phase {
            Phase::CompletingRebalance => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }
}
