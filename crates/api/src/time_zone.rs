//! The header `SO-TimeZone`: in which zone the date-times of an answer leave.

mod codes;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::HeaderMap;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use self::codes::CODES;
use crate::ApiError;
use crate::models::DateTime;

const HEADER: &str = "SO-TimeZone";

/// May follow a zone; changes nothing, because date-times always carry their offset.
const OPTION: &str = "includeTZOffset";

/// The numbers of the CRM that are known, with their codes.
const NUMBERS: &[(&str, &str)] = &[("1", "UTC"), ("140", "DK"), ("261", "NO"), ("460", "US-NY")];

/// Names of the database that stand for no place and no offset.
const NO_ZONES: &[&str] = &["Factory", "Etc/Unknown"];

/// The copy of the tz database that is compiled in: which zones there are must not depend on the machine.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone that the header names; none without the header.
///
/// # Errors
/// 400 where it names no known zone, or is there more than once.
pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Option<TimeZone>, ApiError> {
    let value = crate::support::header::<String>(headers, HEADER)?;
    value.map(|value| parse(&value).map_err(refused)).transpose()
}

fn refused(message: String) -> ApiError {
    ApiError::bad_request(message).with_reference("SR_ERROR_TIME_ZONE", [])
}

/// The zone that a value of `SO-TimeZone` names, in any letter case:
///
/// - a name of the tz database, such as `Europe/Oslo`;
/// - `UTC`, or the code of a country (ISO 3166-1): its only zone, or the one where most of its people live;
/// - the code of a subdivision (ISO 3166-2) of a country with several zones, such as `US-NY`: the zone where most
///   of its people live. Left out are the countries whose zones have shown one time for years (Argentina, China,
///   Kazakhstan), or whose smaller zones hold few people (Antarctica, Greenland, Kiribati, Mongolia, …); the zones
///   themselves have names;
/// - one of the four known numbers of the CRM: `1` (`UTC`), `140` (`DK`), `261` (`NO`), `460` (`US-NY`).
///
/// `, includeTZOffset` may follow.
///
/// # Errors
/// No zone has this name; the text says so.
pub fn parse(value: &str) -> Result<TimeZone, String> {
    let (name, option) = match value.split_once(',') {
        Some((name, option)) => (name.trim(), Some(option.trim())),
        None => (value.trim(), None),
    };
    if option.is_some_and(|option| !option.eq_ignore_ascii_case(OPTION)) {
        return Err(format!("after the zone, `{HEADER}` takes only `{OPTION}`"));
    }
    let code = NUMBERS.iter().find(|(number, _)| *number == name).map_or(name, |&(_, code)| code);
    let zone = zone_of(code).unwrap_or(code);
    let is_zone = !NO_ZONES.iter().any(|no_zone| no_zone.eq_ignore_ascii_case(zone));
    DATABASE.get(zone).ok().filter(|_| is_zone).ok_or_else(|| unknown(name))
}

/// Whether this is the code of a country (ISO 3166-1, two letters, any case).
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && zone_of(code).is_some()
}

/// The regular expression of what `SO-TimeZone` admits, as the contract says it. The service itself does not mind
/// letter case and blanks, which would make the expression unreadable.
pub fn time_zone_pattern() -> String {
    // By area: most names share one of a dozen.
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let names = DATABASE.available().map(|name| name.to_string());
    for name in names.filter(|name| !NO_ZONES.contains(&name.as_str())) {
        let escaped = name.replace('+', r"\+");
        match escaped.split_once('/') {
            Some((area, place)) => groups.entry(format!("{area}/")).or_default().push(place.to_owned()),
            None => groups.entry(escaped).or_default().push(String::new()),
        }
    }
    for (code, _) in CODES {
        match code.split_once('-') {
            Some((country, part)) => groups.entry(country.to_owned()).or_default().push(format!("-{part}")),
            None => groups.entry((*code).to_owned()).or_default().push(String::new()),
        }
    }
    let groups = groups.into_iter().map(|(head, mut tails)| {
        tails.sort_unstable();
        tails.dedup();
        match tails.as_slice() {
            [one] => head + one,
            [first, others @ ..] if first.is_empty() => format!("{head}({})?", others.join("|")),
            several => format!("{head}({})", several.join("|")),
        }
    });
    let numbers = NUMBERS.iter().map(|(number, _)| (*number).to_owned());
    let all: Vec<String> = numbers.chain(groups).collect();
    format!("^({})(, ?{OPTION})?$", all.join("|"))
}

/// The same instant as the clocks of `zone` show it, with as many digits as before, and with its offset in numbers:
/// London's `+00:00` of winter is as much an offset as its `+01:00` of summer.
///
/// What names no instant stays as it is: a value without an offset, the date that is not set
/// (`0001-01-01T00:00:00`, with any offset), and what would leave the years 1 to 9999 on the way.
pub(crate) fn move_to(value: DateTime, zone: &TimeZone) -> DateTime {
    if value.civil() == DateTime::default().civil() {
        return value;
    }
    let Some(instant) = value.to_timestamp() else { return value };
    let moved = value.at_offset(zone.to_offset(instant));
    moved.filter(|moved| moved.to_timestamp() == Some(instant)).map_or(value, DateTime::with_numeric_offset)
}

fn zone_of(code: &str) -> Option<&'static str> {
    let code = code.to_ascii_uppercase();
    let found = CODES.binary_search_by_key(&code.as_str(), |&(known, _)| known).ok()?;
    Some(CODES[found].1)
}

fn unknown(name: &str) -> String {
    // What a caller sent is shown cut and without control characters: it ends up in logs and terminals.
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("header `{HEADER}` names no known time zone: `{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_codes_and_numbers() {
        for (value, expected) in [
            ("UTC", "UTC"),
            ("utc", "UTC"),
            ("1", "UTC"),
            ("NO", "Europe/Oslo"),
            (" no , includeTZOffset", "Europe/Oslo"),
            ("no,INCLUDETZOFFSET", "Europe/Oslo"),
            ("261", "Europe/Oslo"),
            ("460", "America/New_York"),
            ("US-NY", "America/New_York"),
            ("us-ca", "America/Los_Angeles"),
            ("US", "America/New_York"),
            ("140,includeTZOffset", "Europe/Copenhagen"),
            ("DK", "Europe/Copenhagen"),
            ("SE", "Europe/Stockholm"),
            ("DE", "Europe/Berlin"),
            ("GB", "Europe/London"),
            ("UA", "Europe/Kyiv"),
            ("AU", "Australia/Sydney"),
            ("AU-WA", "Australia/Perth"),
            ("CA-BC", "America/Vancouver"),
            ("BR", "America/Sao_Paulo"),
            ("RU-SVE", "Asia/Yekaterinburg"),
            ("MX-ROO", "America/Cancun"),
            ("PT-20", "Atlantic/Azores"),
            ("Asia/Tokyo", "Asia/Tokyo"),
            ("europe/oslo", "Europe/Oslo"),
            ("AMERICA/ARGENTINA/BUENOS_AIRES", "America/Argentina/Buenos_Aires"),
            ("Etc/GMT+3", "Etc/GMT+3"),
            ("EST5EDT", "EST5EDT"),
        ] {
            assert_eq!(parse(value).unwrap().iana_name(), Some(expected), "{value:?}");
        }
        for value in [
            "",
            "Mars/Olympus",
            "999",
            "0",
            "01",
            "NO, please",
            "NO,",
            ",",
            "US-ZZ",
            "NO-03",
            "XX",
            "Factory",
            "etc/unknown",
            "../../etc/passwd",
            "Europe/Oslo\u{7f}",
            "+02:00",
        ] {
            assert!(parse(value).is_err(), "{value}");
        }
    }

    #[test]
    fn every_code_has_a_zone_and_stands_in_its_place() {
        assert!(CODES.is_sorted_by(|(first, _), (second, _)| first < second));
        for (code, zone) in CODES.iter().chain(NUMBERS) {
            assert!(parse(zone).is_ok(), "{code} {zone}");
        }
        assert!(CODES.len() > 400, "{}", CODES.len());
    }

    #[test]
    fn instants_move_with_the_offset_of_their_day() {
        for (zone, value, expected) in [
            ("NO", "2026-01-15T12:00:00Z", "2026-01-15T13:00:00+01:00"),
            ("NO", "2026-07-15T12:00:00Z", "2026-07-15T14:00:00+02:00"),
            // The gap: 02:00 to 03:00 is not there.
            ("NO", "2026-03-29T00:59:59.9999999Z", "2026-03-29T01:59:59.9999999+01:00"),
            ("NO", "2026-03-29T01:00:00.0000000Z", "2026-03-29T03:00:00.0000000+02:00"),
            // The fold: 02:30 is there twice.
            ("NO", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
            ("NO", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
            ("US-NY", "2026-11-01T05:30:00Z", "2026-11-01T01:30:00-04:00"),
            ("US-NY", "2026-11-01T06:30:00Z", "2026-11-01T01:30:00-05:00"),
            ("US-NY", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00"),
            ("Australia/Lord_Howe", "2026-04-04T14:59:59Z", "2026-04-05T01:59:59+11:00"),
            ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T01:30:00+10:30"),
            // From one offset to another, seven digits kept, over midnight and year.
            ("Asia/Tokyo", "2010-12-31T23:40:58.7363769+02:00", "2011-01-01T06:40:58.7363769+09:00"),
            ("NO", "2010-12-31T23:40:58.7000000+01:00", "2010-12-31T23:40:58.7000000+01:00"),
            ("UTC", "2010-10-19T09:40:58.7363769+02:00", "2010-10-19T07:40:58.7363769+00:00"),
            ("GB", "2026-01-15T12:00:00Z", "2026-01-15T12:00:00+00:00"),
            ("Asia/Kathmandu", "2026-01-01T00:00:00-00:00", "2026-01-01T05:45:00+05:45"),
            // Before standard time, offsets have seconds: they are cut to minutes, the instant stays.
            ("NO", "1890-01-01T00:00:00Z", "1890-01-01T00:53:00+00:53"),
            // No instant: unchanged.
            ("NO", "2010-10-19T09:40:58", "2010-10-19T09:40:58"),
            ("NO", "0001-01-01T00:00:00", "0001-01-01T00:00:00"),
            ("US-NY", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("NO", "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00"),
            ("US-NY", "0001-01-01T03:00:00Z", "0001-01-01T03:00:00Z"),
            ("Asia/Tokyo", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            let zone = parse(zone).unwrap();
            assert_eq!(move_to(value.parse().unwrap(), &zone).to_string(), expected, "{value}");
        }
    }
}
