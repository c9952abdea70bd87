//! Opening hours as people write them.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::document::Day;
use crate::records::OpeningHours;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Minutes since midnight of a time such as `08:00`, up to `24:00`.
pub fn parse_time(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let time = hours * 60 + minutes;
    (minutes < 60 && time <= DAY).then_some(time)
}

/// Says why `name` cannot be the time zone of a topic.
///
/// # Errors
/// The tz database has no zone of this name.
pub fn check_time_zone(name: &str) -> Result<(), String> {
    match TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(format!("no time zone is called `{name}`; expected a name of the tz database such as `Europe/Oslo`"))
        }
    }
}

/// Whether two spans have a minute in common.
pub fn overlap(a: &OpeningHours, b: &OpeningHours) -> bool {
    a.weekday == b.weekday && a.opens < b.closes && b.opens < a.closes
}

/// The day that a word of a file stands for.
pub(super) fn weekday(day: Day) -> Weekday {
    match day {
        Day::Mon => Weekday::Monday,
        Day::Tue => Weekday::Tuesday,
        Day::Wed => Weekday::Wednesday,
        Day::Thu => Weekday::Thursday,
        Day::Fri => Weekday::Friday,
        Day::Sat => Weekday::Saturday,
        Day::Sun => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_and_minutes() {
        for (text, expected) in [
            ("00:00", Some(0)),
            ("08:30", Some(510)),
            ("23:59", Some(1439)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("08:60", None),
            ("8:00", None),
            ("+8:00", None),
            ("08:00:00", None),
            ("08", None),
            ("", None),
        ] {
            assert_eq!(parse_time(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        let span = |weekday, opens, closes| OpeningHours { weekday, opens, closes };
        let morning = span(Weekday::Monday, 480, 720);
        for (other, expected) in [
            (span(Weekday::Monday, 720, 960), false),
            (span(Weekday::Monday, 0, 480), false),
            (span(Weekday::Monday, 719, 960), true),
            (span(Weekday::Monday, 500, 600), true),
            (span(Weekday::Monday, 0, 1440), true),
            (span(Weekday::Tuesday, 480, 720), false),
        ] {
            assert_eq!(overlap(&morning, &other), expected, "{other:?}");
            assert_eq!(overlap(&other, &morning), expected, "{other:?}");
        }
    }

    #[test]
    fn zones_are_those_of_the_tz_database() {
        for (name, expected) in [("Europe/Oslo", true), ("UTC", true), ("Oslo", false), ("", false)] {
            assert_eq!(check_time_zone(name).is_ok(), expected, "{name}");
        }
    }
}
