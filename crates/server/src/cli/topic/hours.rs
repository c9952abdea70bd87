//! Opening hours as people type and read them: `mon-fri 08:00-16:00`.

use chat_server::import::parse_time;
use chat_server::records::OpeningHours;
use jiff::civil::Weekday;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Days, and one span of the clock on each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spans(pub(super) Vec<OpeningHours>);

/// Reads `mon-fri 08:00-16:00`, `sat,sun 10:00-24:00`.
pub(super) fn parse(text: &str) -> Result<Spans, String> {
    let expected =
        || format!("expected days and times such as `mon-fri 08:00-16:00` or `sat,sun 10:00-24:00`, found `{text}`");
    let (days, times) = text.trim().split_once(char::is_whitespace).ok_or_else(expected)?;
    let (opens, closes) = times.trim().split_once('-').ok_or_else(expected)?;
    let (opens, closes) = parse_time(opens).zip(parse_time(closes)).ok_or_else(expected)?;
    if opens >= closes {
        return Err(format!(
            "`{text}` closes before it opens; hours past midnight are two: until 24:00, and from 00:00"
        ));
    }
    let mut spans = Vec::new();
    for part in days.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = place(first).zip(place(last)).ok_or_else(expected)?;
        // `sat-mon` goes on over the end of the week.
        let count = (last + DAYS.len() - first) % DAYS.len() + 1;
        spans.extend((first..first + count).map(|day| OpeningHours {
            weekday: DAYS[day % DAYS.len()].1,
            opens,
            closes,
        }));
    }
    Ok(Spans(spans))
}

/// The place of a day in the week, from 0.
fn place(day: &str) -> Option<usize> {
    DAYS.iter().position(|(name, _)| name.eq_ignore_ascii_case(day.trim()))
}

/// One line for all days with the same times, in the form that is typed.
pub(super) fn written(hours: &[OpeningHours]) -> Vec<String> {
    let mut hours = hours.to_vec();
    hours.sort_by_key(|span| (span.opens, span.closes, span.weekday.to_monday_zero_offset()));
    let mut lines = Vec::new();
    for alike in hours.chunk_by(|a, b| (a.opens, a.closes) == (b.opens, b.closes)) {
        let mut days: Vec<String> = Vec::new();
        for in_a_row in alike.chunk_by(|a, b| next_to(a.weekday, b.weekday)) {
            let name = |span: &OpeningHours| day_name(span.weekday);
            match in_a_row {
                [first, .., last] => days.push(format!("{}-{}", name(first), name(last))),
                _ => days.extend(in_a_row.iter().map(|span| name(span).to_owned())),
            }
        }
        if let Some(OpeningHours { opens, closes, .. }) = alike.first() {
            lines.push(format!("{} {}-{}", days.join(","), time(*opens), time(*closes)));
        }
    }
    lines
}

/// One day with its times, for messages.
pub(super) fn one(span: &OpeningHours) -> String {
    written(std::slice::from_ref(span)).concat()
}

fn next_to(day: Weekday, other: Weekday) -> bool {
    day.to_monday_zero_offset() + 1 == other.to_monday_zero_offset()
}

fn day_name(day: Weekday) -> &'static str {
    DAYS.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| name)
}

fn time(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_written_as_they_are_typed() {
        for (text, expected) in [
            ("mon-fri 08:00-16:00", "mon-fri 08:00-16:00"),
            (" Mon-Fri  08:00-16:00 ", "mon-fri 08:00-16:00"),
            ("mon,wed 08:00-16:30", "mon,wed 08:00-16:30"),
            ("sat,sun 10:00-24:00", "sat-sun 10:00-24:00"),
            ("sat-mon 00:00-12:00", "mon,sat-sun 00:00-12:00"),
            ("mon-sun 00:00-24:00", "mon-sun 00:00-24:00"),
            ("tue 09:05-09:06", "tue 09:05-09:06"),
        ] {
            assert_eq!(written(&parse(text).unwrap().0), [expected], "{text}");
        }
        let both = [parse("mon-tue 08:00-11:00").unwrap().0, parse("mon-tue 12:00-16:00").unwrap().0].concat();
        assert_eq!(written(&both), ["mon-tue 08:00-11:00", "mon-tue 12:00-16:00"]);
    }

    #[test]
    fn what_is_no_hours_is_explained() {
        for (text, expected) in [
            ("", "expected days and times"),
            ("mon", "expected days and times"),
            ("mon 8-16", "expected days and times"),
            ("mon 08:00", "expected days and times"),
            ("monday 08:00-16:00", "expected days and times"),
            ("mon-fri 08:00-25:00", "expected days and times"),
            ("mon-fri-sun 08:00-16:00", "expected days and times"),
            ("mon 16:00-08:00", "past midnight"),
            ("mon 08:00-08:00", "past midnight"),
        ] {
            let said = parse(text).expect_err(text);
            assert!(said.contains(expected), "{text}: {said}");
        }
    }
}
