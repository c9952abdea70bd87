//! The header `SO-TimeZone`: in which zone the date-times of an answer leave.

use jiff::tz::TimeZone;

/// Codes of countries and regions, their numbers, and the zone that they stand for.
const CODES: &[(&str, &str, &str)] = &[
    ("UTC", "1", "UTC"),
    ("DK", "140", "Europe/Copenhagen"),
    ("NO", "261", "Europe/Oslo"),
    ("US-NY", "460", "America/New_York"),
];

/// The zone that a header's value names: an IANA name, a code such as `NO`, or a code's number; `, includeTZOffset`
/// after it changes nothing, because date-times always carry their offset. No value means UTC.
///
/// # Errors
/// No zone has this name; the text says so.
pub(crate) fn parse(header: Option<&str>) -> Result<TimeZone, String> {
    let Some(value) = header else { return Ok(TimeZone::UTC) };
    let (name, option) = match value.split_once(',') {
        Some((name, option)) => (name.trim(), Some(option.trim())),
        None => (value.trim(), None),
    };
    if option.is_some_and(|option| !option.eq_ignore_ascii_case("includeTZOffset")) {
        return Err("after the zone, SO-TimeZone takes only `includeTZOffset`".to_owned());
    }
    let known = CODES.iter().find(|(code, number, _)| code.eq_ignore_ascii_case(name) || *number == name);
    let zone = known.map_or(name, |&(_, _, zone)| zone);
    // Without a slash only the names above: jiff would also take `EST5EDT` and the like.
    if known.is_none() && !zone.contains('/') {
        return Err(unknown(name));
    }
    TimeZone::get(zone).map_err(|_| unknown(name))
}

fn unknown(name: &str) -> String {
    // What a caller sent is shown cut and without control characters: it ends up in logs and terminals.
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("SO-TimeZone names no known time zone: `{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_codes_and_numbers() {
        for (value, expected) in [
            (None, "UTC"),
            (Some("UTC"), "UTC"),
            (Some("1"), "UTC"),
            (Some("NO"), "Europe/Oslo"),
            (Some(" no , includeTZOffset"), "Europe/Oslo"),
            (Some("261"), "Europe/Oslo"),
            (Some("US-NY"), "America/New_York"),
            (Some("140,includeTZOffset"), "Europe/Copenhagen"),
            (Some("Asia/Tokyo"), "Asia/Tokyo"),
        ] {
            let zone = parse(value).unwrap();
            assert_eq!(zone.iana_name(), Some(expected), "{value:?}");
        }
        for value in ["", "Mars/Olympus", "999", "NO, please", "EST5EDT", ","] {
            assert!(parse(Some(value)).is_err(), "{value}");
        }
    }
}
