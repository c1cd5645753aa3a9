//! A worker that is about to leave its group has the others be quick about it.
//!
//! They hear of its leave by their heartbeats, so that its work would stand still for up to `heartbeat.interval.ms`. So,
//! while all of its work goes on, it has the group join once more, which changes nothing: after a rebalance members hear
//! of the next one at once (see `kafka::membership`). Then it stops its work and leaves.

use crate::Herder;
use crate::command::Reply;

impl Herder {
    /// Begins; answers when it is done, or when there is nobody who could be waited for.
    pub(crate) fn rally(&mut self, reply: Reply<()>) {
        match self.group.as_mut().filter(|group| group.has_others()) {
            Some(group) => {
                group.rally();
                self.rallies.push(reply);
            }
            None => _ = reply.send(()),
        }
    }

    /// A rebalance is complete, or the place in the group lost.
    pub(crate) fn rallied(&mut self) {
        for reply in std::mem::take(&mut self.rallies) {
            let _ = reply.send(()); // nobody waits any more
        }
    }
}
