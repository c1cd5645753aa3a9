//! Work whose worker is gone: it waits, or it is handed out.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Round, Waiting};

/// What becomes of lost work.
pub(super) enum Verdict {
    /// It is given to whoever has least.
    HandOut,
    /// It is given to these, in turn: they came empty-handed while it waited.
    GiveTo(Vec<String>),
    /// It waits for so long.
    Wait(Duration),
}

/// Why an item is lost, by who had it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its worker is there, and does not have it any more; or it said goodbye. Nobody has anything to wait for.
    GivenUp,
    /// Its worker is gone without a word.
    Gone,
}

pub(super) fn why(owner: &str, round: &Round<'_>, present: &BTreeSet<&str>) -> Why {
    match present.contains(owner) || round.goodbyes.contains(owner) {
        true => Why::GivenUp,
        false => Why::Gone,
    }
}

/// Decides over what went without a word; `any` says whether there is something.
pub(super) fn judge(
    waiting: Option<&Waiting>,
    round: &Round<'_>,
    any: bool,
    present: &BTreeSet<&str>,
) -> (Verdict, Option<Waiting>) {
    if !any {
        return (Verdict::HandOut, None);
    }
    // The clock of the wait goes on when the last Java worker leaves: then the rest of it is short.
    let limit = match round.members.iter().all(|member| member.ours) {
        true => round.crash_delay.min(round.delay_max),
        false => round.delay_max,
    };
    let empty = round.members.iter().filter(|member| member.owned.is_empty()).map(|member| member.id.clone());
    let mut wait =
        waiting.cloned().unwrap_or_else(|| Waiting { since: round.now, candidates: BTreeSet::new() });
    let left = (wait.since + limit).saturating_sub(round.now);
    if left.is_zero() {
        let still: Vec<String> =
            wait.candidates.iter().filter(|id| present.contains(id.as_str())).cloned().collect();
        let verdict = if still.is_empty() { Verdict::HandOut } else { Verdict::GiveTo(still) };
        return (verdict, None);
    }
    wait.candidates.extend(empty);
    (Verdict::Wait(left), Some(wait))
}
