//! Numbers within bounds.

use docwright_contract::model::Constraints;
use serde_json::{Number, Value};

/// What a step that is no whole number is tried for.
const MAX_TRIES: i128 = 10_000;

/// The whole number `variation` of those within the bounds, beginning at 1 where that is one.
pub(super) fn integer(constraints: &Constraints, format: Option<&str>, variation: usize) -> Option<Value> {
    let (least, most) = match format {
        Some("int32") => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(u64::MAX)),
    };
    let mut low = constraints.minimum.as_ref().map_or(least, |bound| whole(bound, f64::ceil)).max(least);
    let mut high = constraints.maximum.as_ref().map_or(most, |bound| whole(bound, f64::floor)).min(most);
    if constraints.exclusive_minimum && is_whole(constraints.minimum.as_ref()) {
        low += 1;
    }
    if constraints.exclusive_maximum && is_whole(constraints.maximum.as_ref()) {
        high -= 1;
    }
    let step = match &constraints.multiple_of {
        None => 1,
        Some(step) => whole_step(step.as_f64().unwrap_or(1.0))?,
    };
    let variation = i128::try_from(variation).ok()?;
    let start = if low <= 1 { 1.min(high) } else { low };
    let first = -(-start).div_euclid(step) * step;
    let upward = first + variation * step;
    let found = if (low..=high).contains(&upward) {
        upward
    } else {
        // Downward once the upper end is reached.
        let above = if first > high { 0 } else { (high - first) / step + 1 };
        first - step * (variation - above + 1)
    };
    if !(low..=high).contains(&found) {
        return None;
    }
    i64::try_from(found).map(Value::from).or_else(|_| u64::try_from(found).map(Value::from)).ok()
}

fn is_whole(bound: Option<&Number>) -> bool {
    bound.and_then(Number::as_f64).is_some_and(|bound| bound.fract() == 0.0)
}

fn whole(bound: &Number, round: impl Fn(f64) -> f64) -> i128 {
    match (bound.as_i64(), bound.as_u64()) {
        (Some(bound), _) => i128::from(bound),
        (_, Some(bound)) => i128::from(bound),
        // Saturates, which the limits of the format then cut.
        #[expect(clippy::cast_possible_truncation, reason = "rounded just before; `as` saturates")]
        _ => round(bound.as_f64().unwrap_or(0.0)) as i128,
    }
}

/// The smallest whole number that is a multiple of the step.
fn whole_step(step: f64) -> Option<i128> {
    if step <= 0.0 {
        return None;
    }
    (1..=MAX_TRIES).find_map(|times| {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let multiple = step * times as f64;
        #[expect(clippy::cast_possible_truncation, reason = "whole as far as a double can tell")]
        ((multiple - multiple.round()).abs() < 1e-9 && multiple >= 1.0).then(|| multiple.round() as i128)
    })
}

/// The number `variation` of those within the bounds, beginning at 1.5 where that is one.
pub(super) fn number(constraints: &Constraints, variation: usize) -> Option<Value> {
    let bound = |bound: &Option<Number>, otherwise: f64| bound.as_ref().and_then(Number::as_f64).unwrap_or(otherwise);
    let low = bound(&constraints.minimum, f64::NEG_INFINITY);
    let high = bound(&constraints.maximum, f64::INFINITY);
    let inside = |value: f64| {
        (value > low || value == low && !constraints.exclusive_minimum)
            && (value < high || value == high && !constraints.exclusive_maximum)
    };
    #[expect(clippy::cast_precision_loss, reason = "variations are few")]
    let variation = variation as f64;
    if let Some(step) = constraints.multiple_of.as_ref().and_then(Number::as_f64) {
        return multiple(step, low, high, inside, variation);
    }
    let usual = 1.5 + variation;
    let between = (low + high) / 2.0;
    let candidates = [
        usual,
        low + 1.0 + variation,
        high - 1.0 - variation,
        if variation == 0.0 { between } else { low + (high - low) / (variation + 2.0) },
        if variation == 0.0 { low } else { f64::NAN },
    ];
    candidates.into_iter().find(|value| value.is_finite() && inside(*value)).and_then(json)
}

fn multiple(step: f64, low: f64, high: f64, inside: impl Fn(f64) -> bool, variation: f64) -> Option<Value> {
    if step <= 0.0 {
        return None;
    }
    let first = if low > 0.0 {
        (low / step).ceil()
    } else if high < step {
        (high / step).floor() - variation
    } else {
        1.0
    };
    // Rounding may put the first just outside.
    let direction = if high < step { -1.0 } else { 1.0 };
    let start = if high < step { first } else { first + variation };
    // Divided rather than multiplied where the step is a decimal fraction: 3 × 0.1 is not 0.3.
    let value = |times: f64| {
        let inverse = (1.0 / step).round();
        if step < 1.0 && (1.0 / step - inverse).abs() < 1e-9 { times / inverse } else { times * step }
    };
    [start, start + direction, start + 2.0 * direction]
        .into_iter()
        .map(value)
        .find(|value| inside(*value))
        .and_then(json)
}

/// Whole numbers are written without a fraction.
fn json(value: f64) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Some(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number)
}
