//! Texts and instants, both ways.

use super::*;

fn parse(text: &str) -> DateTime {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn is_written_as_it_was_read() {
    for text in [
        "2010-10-19T09:40:58",
        "2010-10-19T09:40:58Z",
        "2010-10-19T09:40:58+02:00",
        "2010-10-19T09:40:58+00:00",
        "2010-10-19T09:40:58-00:00",
        "2010-10-19T09:40:58-03:30",
        "2010-10-19T09:40:58.7363769+02:00",
        "2010-10-19T09:40:58.700",
        "2010-10-19T09:40:58.000000001Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.9999999",
        "9999-12-31T23:59:59-23:59",
        "2024-02-29T00:00:00Z",
    ] {
        assert_eq!(parse(text).to_string(), text);
        let json = format!("\"{text}\"");
        let value: DateTime = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }
}

#[test]
fn says_what_is_wrong() {
    for (text, reason) in [
        ("", "expected a form like"),
        ("2010-10-19", "expected a form like"),
        ("2010-10-19 09:40:58", "expected a form like"),
        ("2010-10-19T09:40:58ø", "expected a form like"),
        ("+010-10-19T09:40:58", "the year is no number"),
        ("2010-1a-19T09:40:58", "the date has no numbers"),
        ("2010-10-19T09:-0:58", "the time of day has no numbers"),
        ("0000-01-01T00:00:00", "years start at 0001"),
        ("2023-02-29T00:00:00", "there is no such day"),
        ("2023-02-28T24:00:00", "there is no such time of day"),
        ("2010-10-19T09:40:58.", "one to nine digits"),
        ("2010-10-19T09:40:58.0123456789", "one to nine digits"),
        ("2010-10-19T09:40:58+0200", "expected an offset"),
        ("2010-10-19T09:40:58 +02:00", "expected an offset"),
        ("2010-10-19T09:40:58+24:00", "the offset is out of range"),
    ] {
        let message = text.parse::<DateTime>().unwrap_err().to_string();
        assert!(message.starts_with("invalid date-time: ") && message.contains(reason), "{text}: {message}");
    }
}

#[test]
fn order_is_that_of_the_instants() {
    let ascending = [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00",
        "1969-12-31T23:59:59.5Z",
        "1970-01-01T00:00:00",
        "2010-10-19T09:40:58+02:00",
        "2010-10-19T07:40:58.1Z",
        "2010-10-19T08:40:58",
        "2010-10-19T06:40:59-02:00",
        "9999-12-31T23:59:59",
        "9999-12-31T23:59:59-23:59",
    ];
    assert!(ascending.map(parse).is_sorted());
    assert_eq!(parse("2000-03-01T00:00:00Z").instant().0, 951_868_800);
    assert_ne!(parse("2010-10-19T07:40:58Z"), parse("2010-10-19T09:40:58+02:00"));
}

#[test]
fn converts_from_and_to_instants() {
    let timestamp: Timestamp = "2010-10-19T07:40:58.7363769Z".parse().unwrap();
    let oslo = Offset::constant(2);
    let local = DateTime::from_timestamp(timestamp, oslo);
    assert_eq!(local.to_string(), "2010-10-19T09:40:58.7363769+02:00");
    assert_eq!(local.to_timestamp(), Some(timestamp));
    assert_eq!(DateTime::from_timestamp(timestamp, Offset::UTC).to_string(), "2010-10-19T07:40:58.7363769Z");
    assert_eq!(local.at_offset(Offset::constant(-1)).unwrap().to_string(), "2010-10-19T06:40:58.7363769-01:00");
    let unzoned = parse("2010-10-19T09:40:58");
    assert_eq!((unzoned.to_timestamp(), unzoned.at_offset(oslo)), (None, None));
    assert_eq!(unzoned.to_timestamp_assuming(oslo).unwrap().to_string(), "2010-10-19T07:40:58Z");
    assert_eq!(DateTime::from_timestamp(Timestamp::MIN, Offset::UTC).to_string(), "0001-01-01T00:00:00Z");
    assert!(DateTime::from_timestamp(Timestamp::MAX, Offset::MAX).to_string().parse::<DateTime>().is_ok());
}

#[test]
fn digits_can_be_cut_and_filled() {
    let full = parse("2010-10-19T09:40:58.7363769Z");
    for (digits, text) in [(0, "58Z"), (3, "58.736Z"), (7, "58.7363769Z"), (20, "58.736376900Z")] {
        assert_eq!(full.with_digits(digits).to_string(), format!("2010-10-19T09:40:{text}"));
    }
}

#[test]
fn an_offset_of_zero_can_be_written_in_numbers() {
    for (text, expected) in [
        ("2010-10-19T09:40:58.70Z", "2010-10-19T09:40:58.70+00:00"),
        ("2010-10-19T09:40:58+00:00", "2010-10-19T09:40:58+00:00"),
        ("2010-10-19T09:40:58+02:00", "2010-10-19T09:40:58+02:00"),
        ("2010-10-19T09:40:58", "2010-10-19T09:40:58"),
    ] {
        assert_eq!(parse(text).with_numeric_offset().to_string(), expected, "{text}");
    }
}
