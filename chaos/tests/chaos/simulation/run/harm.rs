//! Faults, as they begin and end.

use std::time::Duration;

use kafka::memory::SendFault;

use super::{CONFIGS, Later, Run};
use crate::simulation::faults::{Fault, Request};
use crate::simulation::node::{HEARTBEAT, SESSION, client_id, url};
use crate::simulation::world::GRACE;

impl Run {
    pub(super) fn end_later(&mut self, after: Duration, later: Later) {
        self.later.push((self.now + after, later));
    }

    pub(super) fn begin(&mut self, fault: Fault) {
        let cluster = self.site.cluster.clone();
        match fault {
            Fault::Stop(index, back) => {
                if let Some(node) = self.nodes[index].as_ref().filter(|node| node.answers()) {
                    node.stop();
                    self.end_later(back, Later::Start(index));
                }
            }
            Fault::Crash(index, back) => self.crash(index, back),
            Fault::Freeze(index, time) => {
                let now = self.now;
                if let Some(node) = self.nodes[index].as_mut().filter(|node| node.frozen_since.is_none()) {
                    node.frozen_since = Some(now);
                    self.site.world.froze(index);
                    self.end_later(time, Later::Thaw(index));
                }
            }
            Fault::CutOff(index, time) => {
                self.site.groups.cut_off(&client_id(index));
                self.end_later(time, Later::Rejoin(index));
            }
            Fault::Separate(index, time) => {
                self.site.network.cut_off(&url(index));
                self.end_later(time, Later::Reconnect(index));
            }
            Fault::HoldAcks(topic, time) => {
                for partition in 0..4 {
                    cluster.hold_acks(topic, partition);
                }
                self.end_later(time, Later::ReleaseAcks(topic));
            }
            Fault::HoldSends(time) => {
                cluster.hold_sends();
                self.end_later(time, Later::ReleaseSends);
            }
            Fault::RefuseSends(count) => cluster.fail_next_sends(count, SendFault::Retriable),
            Fault::TimeOutSends(count) => cluster.fail_next_sends(count, SendFault::TimedOut(vec![0])),
            Fault::RefuseCommits(count) => cluster.fail_next_commits(count),
            Fault::RefuseAdmin(count) => cluster.fail_next_admin_calls(count),
            Fault::Transactions(count, fault) => cluster.fail_next_transactions(count, fault),
            Fault::LoseAnswers(count) => self.site.network.lose_answers(count),
            Fault::WrongPolicy => {
                self.policy.get_or_insert(self.now);
                cluster.set_topic_config(CONFIGS, "cleanup.policy", "delete");
            }
            Fault::LoseConfigTopic => {
                self.lost.get_or_insert(self.now);
                cluster.delete_topic(CONFIGS);
            }
            Fault::Hang(connector, place, time) => self.site.world.hang(connector, place, self.now + time),
            Fault::LeaderDies(back) => {
                self.dying = Some((self.now + Duration::from_secs(5), back));
                cluster.hold_acks("configs", 0);
                let stamp = 500 + self.now.as_millis() as u32;
                let request = Request::Put { tasks: 2, stamp };
                self.operator.ask(self.now, "a", request);
            }
            Fault::Ask(connector, request) => self.operator.ask(self.now, connector, request),
        }
    }

    pub(super) fn crash(&mut self, index: usize, back: Duration) {
        if self.drop_node(index) {
            self.end_later(back, Later::Start(index));
        }
    }

    // Whether there was one.
    pub(super) fn drop_node(&mut self, index: usize) -> bool {
        let dropped = self.nodes[index].take().is_some();
        if dropped {
            self.site.network.remove(&url(index));
            self.site.world.thawed(index, None);
        }
        dropped
    }

    pub(super) fn end_fault(&mut self, later: Later) {
        match later {
            Later::Start(index) => {
                if self.nodes[index].is_some() {
                    self.end_later(Duration::from_millis(100), later); // it has not ended yet
                } else {
                    self.start(index);
                }
            }
            Later::Thaw(index) => {
                let Some(node) = &mut self.nodes[index] else { return };
                let Some(since) = node.frozen_since.take() else { return };
                let away = self.now - since;
                self.tell(&format!("w{index} goes on after {away:?}"));
                // Its last heartbeat may be older than its stand.
                let lost = away + HEARTBEAT >= SESSION;
                self.site.world.thawed(index, lost.then_some(self.now + GRACE));
            }
            Later::Reconnect(index) => self.site.network.reconnect(&url(index)),
            Later::Rejoin(index) => self.site.groups.reconnect(&client_id(index)),
            Later::ReleaseAcks(topic) => {
                for partition in 0..4 {
                    self.site.cluster.release_acks(topic, partition);
                }
            }
            Later::ReleaseSends => self.site.cluster.release_sends(),
        }
    }

    // Acknowledges everything up to task configs, and lets the leader die when it has written some.
    pub(super) fn leader_may_die(&mut self) {
        let Some((until, back)) = self.dying else { return };
        let cluster = self.site.cluster.clone();
        let last = cluster.records("configs").pop().and_then(|record| record.key);
        if last.is_some_and(|key| key.starts_with(b"task-")) {
            self.dying = None;
            match self.operator.leader {
                Some(leader) => {
                    self.tell(&format!("w{leader} dies between task configs and their commit"));
                    self.crash(leader, back);
                }
                None => self.tell("nobody knows who leads"),
            }
            cluster.release_acks("configs", 0);
        } else if self.now > until {
            self.dying = None;
            cluster.release_acks("configs", 0);
        } else {
            cluster.release_next_acks("configs", 0, usize::MAX);
        }
    }
}
