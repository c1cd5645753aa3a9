//! An object of the control plane and its life: pending, ready, changing, going, gone.

use serde_json::Value;

use crate::field::merge;

/// One network, cluster, key and so on.
#[derive(Debug)]
pub(crate) struct Object {
    /// As it is shown.
    pub body: Value,
    pub life: Life,
    /// There from the start; not counted among what clients made.
    pub built_in: bool,
}

/// Time is counted in reads: a client that polls sees progress, and a test needs no clock.
#[derive(Debug)]
pub(crate) enum Life {
    Ready,
    /// After some reads, `then` is merged into the body.
    Pending {
        reads_left: u32,
        then: Value,
    },
    /// After some reads it is gone.
    Deleting {
        reads_left: u32,
    },
}

impl Object {
    pub fn ready(body: Value) -> Self {
        Self { body, life: Life::Ready, built_in: false }
    }

    pub fn pending(body: Value, reads: u32, then: Value) -> Self {
        let mut object = Self::ready(body);
        object.await_reads(reads, then);
        object
    }

    /// After `reads`, `then` is merged into the body; with none it is at once, so that whoever does not wait finds it
    /// done too.
    pub fn await_reads(&mut self, reads: u32, then: Value) {
        self.settle();
        self.life = Life::Pending { reads_left: reads, then };
        if reads == 0 {
            self.settle();
        }
    }

    /// Counts a read and shows the object, unless that read finds it gone.
    pub fn read(&mut self) -> Option<&Value> {
        match &mut self.life {
            Life::Pending { reads_left: 0, .. } => self.settle(),
            Life::Deleting { reads_left: 0 } => return None,
            Life::Pending { reads_left, .. } | Life::Deleting { reads_left } => *reads_left -= 1,
            Life::Ready => {}
        }
        Some(&self.body)
    }

    /// What is pending happens now.
    pub fn settle(&mut self) {
        if let Life::Pending { then, .. } = &self.life {
            merge(&mut self.body, then);
            self.life = Life::Ready;
        }
    }

    pub fn is_deleting(&self) -> bool {
        matches!(self.life, Life::Deleting { .. })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_ready_after_its_pending_reads() {
        let mut object = Object::pending(json!({"phase": "PROVISIONING"}), 2, json!({"phase": "READY"}));
        let seen: Vec<_> = (0..4).map(|_| object.read().unwrap()["phase"].clone()).collect();
        assert_eq!(seen, ["PROVISIONING", "PROVISIONING", "READY", "READY"]);
    }

    #[test]
    fn it_is_gone_after_its_last_reads() {
        let mut object = Object::ready(json!({}));
        object.life = Life::Deleting { reads_left: 1 };
        assert!(object.read().is_some());
        assert!(object.read().is_none());
    }
}
