//! Opening hours: whether a topic is open, by the clock on the wall where it is.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::records::NewTopic;

/// Whether a topic is open at `now`. One without opening hours always is.
///
/// Hours are those of the clock on the wall in the topic's time zone: where clocks are set forward, a topic that opens at
/// half past two opens when they show three; where they are set back, an hour that comes twice counts twice. A zone that
/// nobody knows counts as UTC: what stores a topic checks it.
pub fn is_open(topic: &NewTopic, now: Timestamp) -> bool {
    if topic.hours.is_empty() {
        return true;
    }
    let zone = match topic.time_zone.as_str() {
        "" => TimeZone::UTC,
        name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
    };
    let there = now.to_zoned(zone);
    let minute = i32::from(there.hour()) * 60 + i32::from(there.minute());
    let is_within = |opens: u16, closes: u16| (i32::from(opens)..i32::from(closes)).contains(&minute);
    topic.hours.iter().any(|hours| hours.weekday == there.weekday() && is_within(hours.opens, hours.closes))
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;
    use crate::records::OpeningHours;

    fn topic(time_zone: &str, hours: &[(Weekday, u16, u16)]) -> NewTopic {
        let hours = hours.iter().map(|&(weekday, opens, closes)| OpeningHours { weekday, opens, closes }).collect();
        NewTopic { time_zone: time_zone.to_owned(), hours, ..NewTopic::default() }
    }

    #[track_caller]
    fn check(topic: &NewTopic, cases: &[(&str, bool)]) {
        for (now, expected) in cases {
            assert_eq!(is_open(topic, now.parse().unwrap()), *expected, "{now}");
        }
    }

    #[test]
    fn topic_without_hours_is_always_open() {
        check(&topic("Europe/Oslo", &[]), &[("2026-03-02T03:00:00Z", true), ("2026-03-01T12:00:00Z", true)]);
    }

    #[test]
    fn spans_begin_with_their_first_minute_and_end_before_their_last() {
        let office = topic("", &[(Weekday::Monday, 480, 720), (Weekday::Monday, 750, 960)]);
        check(
            &office,
            &[
                ("2026-03-02T07:59:59.999Z", false),
                ("2026-03-02T08:00:00Z", true),
                ("2026-03-02T11:59:59Z", true),
                ("2026-03-02T12:00:00Z", false),
                ("2026-03-02T12:30:00Z", true),
                ("2026-03-02T15:59:00Z", true),
                ("2026-03-02T16:00:00Z", false),
                ("2026-03-03T09:00:00Z", false),
            ],
        );
        let whole_day = topic("", &[(Weekday::Monday, 0, 1440)]);
        check(
            &whole_day,
            &[
                ("2026-03-01T23:59:59Z", false),
                ("2026-03-02T00:00:00Z", true),
                ("2026-03-02T23:59:59Z", true),
                ("2026-03-03T00:00:00Z", false),
            ],
        );
    }

    #[test]
    fn day_and_hour_are_those_of_the_topics_zone() {
        let tokyo = topic("Asia/Tokyo", &[(Weekday::Monday, 540, 600)]);
        check(&tokyo, &[("2026-03-02T00:30:00Z", true), ("2026-03-02T09:30:00Z", false)]);
        let new_york = topic("America/New_York", &[(Weekday::Sunday, 1380, 1440)]);
        check(&new_york, &[("2026-03-02T04:30:00Z", true), ("2026-03-01T23:30:00Z", false)]);
        check(&topic("Mars/Olympus", &[(Weekday::Monday, 540, 600)]), &[("2026-03-02T09:30:00Z", true)]);
    }

    #[test]
    fn clocks_that_are_changed_move_the_hours() {
        // Forward at 02:00 on 29 March 2026, back at 03:00 on 25 October.
        let morning = topic("Europe/Oslo", &[(Weekday::Saturday, 540, 600), (Weekday::Sunday, 540, 600)]);
        check(
            &morning,
            &[
                ("2026-03-28T08:30:00Z", true),
                ("2026-03-28T07:30:00Z", false),
                ("2026-03-29T07:30:00Z", true),
                ("2026-03-29T08:30:00Z", false),
                ("2026-10-25T08:30:00Z", true),
                ("2026-10-25T07:30:00Z", false),
            ],
        );
        let night = topic("Europe/Oslo", &[(Weekday::Sunday, 150, 240)]);
        check(
            &night,
            &[
                // 01:59 and then 03:00.
                ("2026-03-29T00:59:00Z", false),
                ("2026-03-29T01:00:00Z", true),
                // 02:30 twice, with 02:00 in between.
                ("2026-10-25T00:30:00Z", true),
                ("2026-10-25T01:00:00Z", false),
                ("2026-10-25T01:30:00Z", true),
            ],
        );
    }
}
