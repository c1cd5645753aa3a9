//! Answers that are due once something has happened.

use crate::command::Reply;
use crate::{Connector, Error, Herder, Name, Result};

/// An answer that is due once something has happened.
pub(crate) enum Waiting {
    /// Nothing of the connector lives.
    Gone(Name, Reply<Result<()>>),
    /// The connector object has started or failed.
    Settled(Name, Reply<Result<()>>),
    /// Nothing of the connector lives, which may be wanted again later.
    AtRest(Name, Reply<()>),
    /// Nothing lives at all.
    Idle(Reply<()>),
}

impl Herder {
    /// Gives the answers that are due.
    pub(crate) fn answer_waiting(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Gone(name, reply) => {
                    let lives = self
                        .state
                        .connectors
                        .get(&name)
                        .is_some_and(|connector| connector.desired.is_none() && !connector.is_idle());
                    match lives {
                        true => self.waiting.push(Waiting::Gone(name, reply)),
                        false => _ = reply.send(Ok(())),
                    }
                }
                Waiting::Settled(name, reply) => {
                    let settled = self.state.connector(&name).is_none_or(|(it, _)| it.object.is_settled());
                    match settled {
                        true => _ = reply.send(self.started(&name)),
                        false => self.waiting.push(Waiting::Settled(name, reply)),
                    }
                }
                Waiting::AtRest(name, reply) => {
                    match self.state.connectors.get(&name).is_none_or(Connector::is_idle) {
                        true => _ = reply.send(()),
                        false => self.waiting.push(Waiting::AtRest(name, reply)),
                    }
                }
                Waiting::Idle(reply) => match self.state.is_idle() {
                    true => _ = reply.send(()),
                    false => self.waiting.push(Waiting::Idle(reply)),
                },
            }
        }
        self.waiting.retain(|waiting| match waiting {
            Waiting::Gone(_, reply) | Waiting::Settled(_, reply) => !reply.is_closed(),
            Waiting::AtRest(_, reply) | Waiting::Idle(reply) => !reply.is_closed(),
        });
    }

    // What became of a restart.
    fn started(&self, name: &Name) -> Result<()> {
        let Some((connector, _)) = self.state.connector(name) else {
            return Err(Error::NotFound(format!("Unknown connector: {name}")));
        };
        match connector.object.condition.trace() {
            Some(trace) => {
                let first = trace.lines().next().unwrap_or_default();
                Err(Error::Failed(format!("Failed to start connector: {name}: {first}")))
            }
            None => Ok(()),
        }
    }
}
