//! Which answers of an operation are the same: by their status, else by ranges of it (`2XX`,
//! `default`).

use crate::model::Operation;

/// What stands for every status that is not named.
const DEFAULT: &str = "default";

/// What became of a status that the other side does not name, or what it was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Became {
    /// Nothing that is known.
    Other,
    /// A wider or narrower range of the same success.
    Success,
}

/// The answers of two operations.
#[derive(Debug, Default)]
pub(super) struct Pairs<'o> {
    /// Those that are compared, by status in the base and in the revision.
    pub(super) same: Vec<(&'o str, &'o str)>,
    /// Those that only the base names.
    pub(super) base: Vec<(&'o str, Became)>,
    /// Those that only the revision names.
    pub(super) revision: Vec<(&'o str, Became)>,
}

/// Whether an answer is one of success. Where no other is, `default` has to be.
pub(super) fn succeeds(status: &str, operation: &Operation) -> bool {
    let is_success = |status: &str| status.starts_with(['2', '3']);
    is_success(status) || (status == DEFAULT && !operation.responses.keys().any(|other| is_success(other)))
}

pub(super) fn pair_up<'o>(base: &'o Operation, revision: &'o Operation) -> Pairs<'o> {
    let mut pairs = Pairs::default();
    let mut old: Vec<&str> = base.responses.keys().map(String::as_str).collect();
    let mut new: Vec<&str> = revision.responses.keys().map(String::as_str).collect();
    old.retain(|status| {
        let same = new.iter().position(|other| other == status);
        // `default` beside a success means failures, without one also success.
        match same.filter(|_| succeeds(status, base) == succeeds(status, revision)) {
            Some(index) => {
                pairs.same.push((status, new.remove(index)));
                false
            }
            None => true,
        }
    });
    old.retain(|range| {
        let within: Vec<&str> =
            new.iter().copied().filter(|status| includes((range, base), (status, revision))).collect();
        new.retain(|status| !within.contains(status));
        pairs.same.extend(within.iter().map(|status| (*range, *status)));
        if !within.is_empty() && succeeds(range, base) {
            pairs.base.push((range, Became::Success));
        }
        within.is_empty()
    });
    new.retain(|range| {
        let within: Vec<&str> =
            old.iter().copied().filter(|status| includes((range, revision), (status, base))).collect();
        old.retain(|status| !within.contains(status));
        pairs.same.extend(within.iter().map(|status| (*status, *range)));
        if !within.is_empty() && succeeds(range, revision) {
            pairs.revision.push((range, Became::Success));
        }
        within.is_empty()
    });
    pairs.base.extend(old.into_iter().map(|status| (status, Became::Other)));
    pairs.revision.extend(new.into_iter().map(|status| (status, Became::Other)));
    pairs
}

/// Whether a range has the status in it: `2XX` has `200`; `default` has any success where it stands
/// for success, else any failure.
fn includes((range, of): (&str, &Operation), (status, other): (&str, &Operation)) -> bool {
    if range.eq_ignore_ascii_case(status) {
        return false;
    }
    match range.strip_suffix("XX").or_else(|| range.strip_suffix("xx")) {
        Some(class) => status.starts_with(class) && status.len() == range.len(),
        None => range == DEFAULT && succeeds(range, of) && succeeds(status, other),
    }
}
