//! Ranks of what an agent does at the same time.
//!
//! A session is certainly active from the good answer to its pickup until the earliest instant at which somebody can have
//! ended it; and those that are active when all is quiet are so at the same time, whether their agents were told or not.
//! That each rank was the lowest free one is not asserted: what was free at that instant is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, Operation};
use super::{Findings, Rule};
use crate::history::{Client, Session};

struct Active<'f, 'h> {
    id: i32,
    from: u64,
    until: u64,
    pickup: &'f Operation<'h>,
}

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings) {
    let mut active: BTreeMap<(Client, i32), Vec<Active<'_, '_>>> = BTreeMap::new();
    for pickup in facts.pickups() {
        let (Some(session), Some(from)) = (pickup.session(), pickup.latest()) else { continue };
        let Some(rank) = session.rank.filter(|rank| *rank >= 1) else {
            // The answer to a repeated pickup shows the session as it is by then, and one that is over has no rank.
            if !session.is_active() {
                continue;
            }
            findings.add_of(Rule::Ranks, format!("session {} was picked up without a rank", session.id), [pickup]);
            continue;
        };
        let until = facts.earliest_end(session.id).unwrap_or(u64::MAX);
        active.entry((pickup.client(), rank)).or_default().push(Active { id: session.id, from, until, pickup });
    }
    // In the end they still have it: that is reported once.
    let mut known = BTreeSet::new();
    for ((agent, rank), active) in active {
        for (index, one) in active.iter().enumerate() {
            for other in &active[index + 1..] {
                if one.id != other.id && one.from.max(other.from) < one.until.min(other.until) {
                    let what = format!("the sessions {} and {} of {agent} both have rank {rank}", one.id, other.id);
                    findings.add_of(Rule::Ranks, what, [one.pickup, other.pickup]);
                    known.insert((one.id.min(other.id), one.id.max(other.id)));
                }
            }
        }
    }
    in_the_end(facts, &known, findings);
}

/// The sessions that are active when all is quiet. `known` are pairs that were reported.
fn in_the_end(facts: &Facts<'_>, known: &BTreeSet<(i32, i32)>, findings: &mut Findings) {
    let mut first: BTreeMap<(i32, i32), i32> = BTreeMap::new();
    for Session { id, user, rank, .. } in facts.sessions.values().copied().filter(|session| session.is_active()) {
        // One without a user is the business of another rule.
        let Some(user) = *user else { continue };
        let Some(rank) = rank.filter(|rank| *rank >= 1) else {
            let what = format!("session {id} of agent {user} is active and has no rank");
            findings.add_of(Rule::Ranks, what, facts.pickups_of(*id));
            continue;
        };
        let other = *first.entry((user, rank)).or_insert(*id);
        if other != *id && !known.contains(&(other, *id)) {
            let what = format!("in the end the sessions {other} and {id} of agent {user} both have rank {rank}");
            findings.add_of(Rule::Ranks, what, facts.pickups_of(other).chain(facts.pickups_of(*id)));
        }
    }
}
