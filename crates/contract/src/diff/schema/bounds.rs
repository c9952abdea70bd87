//! Bounds on values.

use std::cmp::Ordering;

use serde_json::Number;

use super::super::components::Comparison;
use super::super::place::At;
use super::super::rules;
use crate::model::{Constraints, Schema};

/// What became of a bound.
enum Moved {
    Tightened,
    Relaxed,
    Changed,
}

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (a, b) = (&base.constraints, &revision.constraints);
    if a == b {
        return;
    }
    for (keyword, a, b, moved) in bounds(a, b) {
        let pair = match moved {
            Some(Moved::Tightened) => &rules::CONSTRAINT_TIGHTENED,
            Some(Moved::Relaxed) => &rules::CONSTRAINT_RELAXED,
            Some(Moved::Changed) => &rules::CONSTRAINT_CHANGED,
            None => continue,
        };
        let [a, b] = [a, b].map(|value| value.map(|value| format!("{keyword} {value}")));
        comparison.value(pair, at, a, b);
    }
}

type Bound = (&'static str, Option<String>, Option<String>, Option<Moved>);

fn bounds(a: &Constraints, b: &Constraints) -> Vec<Bound> {
    let mut all = vec![
        limit("minimum", lower(&a.minimum, a.exclusive_minimum), lower(&b.minimum, b.exclusive_minimum), false),
        limit("maximum", lower(&a.maximum, a.exclusive_maximum), lower(&b.maximum, b.exclusive_maximum), true),
    ];
    for (keyword, a, b, is_upper) in [
        ("minLength", a.min_length, b.min_length, false),
        ("maxLength", a.max_length, b.max_length, true),
        ("minItems", a.min_items, b.min_items, false),
        ("maxItems", a.max_items, b.max_items, true),
        ("minProperties", a.min_properties, b.min_properties, false),
        ("maxProperties", a.max_properties, b.max_properties, true),
    ] {
        // At least none is no bound.
        let [a, b] = [a, b].map(|bound| bound.filter(|bound| is_upper || *bound > 0));
        let [a, b] = [a, b].map(|bound| bound.map(|bound| (Number::from(bound), false, bound.to_string())));
        all.push(limit(keyword, a, b, is_upper));
    }
    let text = |pattern: &Option<String>| pattern.as_ref().map(|pattern| format!("`{pattern}`"));
    let (old, new) = (text(&a.pattern), text(&b.pattern));
    let moved = stated(&old, &new, || Moved::Changed);
    all.push(("pattern", old, new, moved));
    let unique = |flag: bool| flag.then(|| "true".to_owned());
    let moved = stated(&unique(a.unique_items), &unique(b.unique_items), || Moved::Changed);
    all.push(("uniqueItems", unique(a.unique_items), unique(b.unique_items), moved));
    let number = |number: &Option<Number>| number.as_ref().map(ToString::to_string);
    let is_same =
        matches!((&a.multiple_of, &b.multiple_of), (Some(a), Some(b)) if order(a, b) == Some(Ordering::Equal));
    let moved = stated(&number(&a.multiple_of), &number(&b.multiple_of), || {
        let divides = |small: &Option<Number>, large: &Option<Number>| {
            let [small, large] = [small, large].map(|n| n.as_ref().and_then(Number::as_f64).unwrap_or(f64::NAN));
            small != 0.0 && (large / small).fract() == 0.0
        };
        if divides(&a.multiple_of, &b.multiple_of) {
            Moved::Tightened
        } else if divides(&b.multiple_of, &a.multiple_of) {
            Moved::Relaxed
        } else {
            Moved::Changed
        }
    });
    let moved = moved.filter(|_| !is_same);
    all.push(("multipleOf", number(&a.multiple_of), number(&b.multiple_of), moved));
    all
}

/// A bound as a number, whether the number itself is excluded, and as text.
type Limit = Option<(Number, bool, String)>;

fn lower(bound: &Option<Number>, exclusive: bool) -> Limit {
    let bound = bound.as_ref()?;
    let text = if exclusive { format!("{bound} (exclusive)") } else { bound.to_string() };
    Some((bound.clone(), exclusive, text))
}

/// Which number is greater; whole ones exactly, however large.
pub(super) fn order(a: &Number, b: &Number) -> Option<Ordering> {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn limit(keyword: &'static str, a: Limit, b: Limit, is_upper: bool) -> Bound {
    let moved = match (&a, &b) {
        (None, None) => None,
        (None, Some(_)) => Some(Moved::Tightened),
        (Some(_), None) => Some(Moved::Relaxed),
        (Some((a, a_exclusive, _)), Some((b, b_exclusive, _))) => match order(a, b) {
            Some(Ordering::Equal) if a_exclusive == b_exclusive => None,
            Some(Ordering::Equal) => Some(if *b_exclusive { Moved::Tightened } else { Moved::Relaxed }),
            Some(order) if (order == Ordering::Greater) == is_upper => Some(Moved::Tightened),
            Some(_) => Some(Moved::Relaxed),
            None => Some(Moved::Changed),
        },
    };
    (keyword, a.map(|bound| bound.2), b.map(|bound| bound.2), moved)
}

fn stated(a: &Option<String>, b: &Option<String>, both: impl FnOnce() -> Moved) -> Option<Moved> {
    match (a, b) {
        (a, b) if a == b => None,
        (None, _) => Some(Moved::Tightened),
        (_, None) => Some(Moved::Relaxed),
        _ => Some(both()),
    }
}
