//! Texts with values filled in: numbers, times and dates as the reader writes them.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::Culture;

/// A value inside a text that the service composes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextValue {
    /// As it is.
    Text(String),
    /// With the culture's digits and groups.
    Integer(i64),
    /// Hours and minutes: see [`Culture::hours_and_minutes`].
    HoursAndMinutes(SignedDuration),
    /// The date of an instant in the reader's zone.
    Date(Timestamp),
    /// The time of day of an instant in the reader's zone, to the minute.
    Time(Timestamp),
    /// The date and time of day of an instant in the reader's zone, with that zone's offset.
    DateTime(Timestamp),
}

impl From<&str> for TextValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for TextValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<usize> for TextValue {
    /// Saturates, where sizes have more bits than numbers in texts.
    fn from(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl TextValue {
    /// As people of `culture` write it, or as a program would without one.
    fn write(&self, out: &mut impl fmt::Write, culture: Option<&Culture>, zone: Option<&TimeZone>) -> fmt::Result {
        let zoned = |instant: &Timestamp| instant.to_zoned(zone.cloned().unwrap_or(TimeZone::UTC));
        match (self, culture) {
            (Self::Text(text), _) => out.write_str(text),
            (Self::Integer(number), Some(culture)) => out.write_str(&culture.integer(*number)),
            (Self::Integer(number), None) => write!(out, "{number}"),
            (Self::HoursAndMinutes(duration), Some(culture)) => out.write_str(&culture.hours_and_minutes(*duration)),
            (Self::HoursAndMinutes(duration), None) => {
                let minutes = duration.as_mins().max(0);
                write!(out, "{:02}:{:02}", minutes / 60, minutes % 60)
            }
            (Self::Date(instant), Some(culture)) => out.write_str(&culture.date(&zoned(instant))),
            (Self::Date(instant), None) => write!(out, "{}", zoned(instant).date()),
            (Self::Time(instant), Some(culture)) => out.write_str(&culture.time(&zoned(instant))),
            (Self::Time(instant), None) => write!(out, "{}", zoned(instant).strftime("%H:%M")),
            (Self::DateTime(instant), Some(culture)) => out.write_str(&culture.date_time(&zoned(instant))),
            (Self::DateTime(instant), None) => write!(out, "{}", zoned(instant).strftime("%Y-%m-%d %H:%M %:z")),
        }
    }
}

/// Fills in the `{name}`s of `text` that have a value, in one pass: braces that a value brings in, and those of other
/// names, stay as they are.
///
/// Values are written as people of `culture` do, instants as clocks in `zone` show them (UTC without one).
///
/// ```
/// use chat_api::{Culture, LanguageTag, TextValue, compose};
///
/// let values = [("who", "Kari".into()), ("when", TextValue::Date("2026-03-02T23:30:00Z".parse()?))];
/// let (culture, zone) = (Culture::of(&LanguageTag::vendor("NO")), chat_api::parse_time_zone("NO")?);
/// let text = compose("Samtale med {who}, {when}", &values, culture.as_ref(), Some(&zone));
/// assert_eq!(text, "Samtale med Kari, 03.03.2026");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compose(text: &str, values: &[(&str, TextValue)], culture: Option<&Culture>, zone: Option<&TimeZone>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let filled = rest[1..].split_once('}').and_then(|(found, after)| {
            let (_, value) = values.iter().find(|(name, _)| *name == found)?;
            value.write(&mut out, culture, zone).ok().map(|()| after)
        });
        rest = filled.unwrap_or_else(|| {
            out.push('{');
            &rest[1..]
        });
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LanguageTag;

    #[test]
    fn names_with_a_value_are_filled_in_once() {
        for (text, expected) in [
            ("", ""),
            ("Hello!", "Hello!"),
            ("{a}{b}", "1{a}"),
            ("{b} {a", "{a} {a"),
            ("{{a}} {A} {} {c} ø", "{1} {A} {} {c} ø"),
            ("a} {a}", "a} 1"),
        ] {
            assert_eq!(compose(text, &[("a", 1_i64.into()), ("b", "{a}".into())], None, None), expected, "{text}");
        }
    }

    #[test]
    fn values_are_written_for_their_reader() {
        let instant: Timestamp = "2026-03-02T23:30:00Z".parse().unwrap();
        let values = [
            ("n", TextValue::from(1_234_usize)),
            ("h", TextValue::HoursAndMinutes(SignedDuration::from_mins(61))),
            ("d", TextValue::Date(instant)),
            ("t", TextValue::DateTime(instant)),
            ("c", TextValue::Time(instant)),
        ];
        for (culture, zone, expected) in [
            (None, None, "1234|01:01|2026-03-02|2026-03-02 23:30 +00:00|23:30"),
            (None, Some("NO"), "1234|01:01|2026-03-03|2026-03-03 00:30 +01:00|00:30"),
            (Some("en-US"), Some("US-NY"), "1,234|01:01|3/2/2026|3/2/2026, 6:30\u{202f}PM GMT-5|6:30\u{202f}PM"),
            (Some("nb"), Some("NO"), "1\u{a0}234|01:01|03.03.2026|03.03.2026, 00:30 GMT+1|00:30"),
            (Some("de"), None, "1.234|01:01|02.03.2026|02.03.2026, 23:30 GMT+0|23:30"),
        ] {
            let culture = culture.and_then(|tag| Culture::of(&LanguageTag::vendor(tag)));
            let zone = zone.map(|zone| crate::parse_time_zone(zone).unwrap());
            let text = compose("{n}|{h}|{d}|{t}|{c}", &values, culture.as_ref(), zone.as_ref());
            assert_eq!(text, expected);
        }
    }
}
