//! A conversation as people read it: as plain text and as HTML, for one reader.
//!
//! Names and texts are translated here as they are in every answer, each by itself and before it is escaped. The layer leaves
//! a finished transcript alone (`x-docwright-verbatim`): what it put into HTML would be markup.

use std::borrow::Cow;
use std::fmt::Write as _;

use chat_api::{Culture, LanguagePreference, LanguageTag, Resources, TextValue, compose, translate};
use html_escape::{encode_double_quoted_attribute as attribute, encode_text as escaped};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};

use crate::records::{MessageType, NewMessage, Session, SpecialType};

/// How a line that goes on begins. Otherwise a message could pretend to be several, of several people.
const CONTINUATION: &str = "\n    ";

/// Whom a transcript is for.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// In which language what the service itself says is said; English for a reader who asks for none.
    pub language: &'a LanguagePreference,
    /// How dates and times are written.
    pub culture: Option<&'a Culture>,
    /// Whose dates and times they are; UTC without one.
    pub time_zone: Option<&'a TimeZone>,
    /// The texts.
    pub resources: &'a dyn Resources,
}

/// A conversation as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The topic and the customer.
    pub title: String,
    /// Plain text: a line for the title, one for each day, one for each message.
    pub text: String,
    /// An HTML fragment with the same; everything that people wrote is escaped.
    pub html: String,
}

/// Writes down what was said.
pub fn write<'m>(
    topic: &str,
    session: &Session,
    messages: impl IntoIterator<Item = &'m NewMessage>,
    reader: &Reader<'_>,
) -> Transcript {
    let customer = if session.customer.name.is_empty() { &session.customer.alias } else { &session.customer.name };
    let title = reader.say("SR_TRANSCRIPT_TITLE", &[("topic", topic), ("customer", customer)]);
    let mut text = title.clone();
    let mut html = format!("<article><h1>{}</h1>", escaped(&title));
    let mut day = None;
    for message in messages {
        let Some(line) = Line::of(message, reader) else { continue };
        let today = reader.day(message.when_posted);
        if day != Some(today) {
            let heading = reader.heading(message.when_posted, today.1);
            let _ = write!(text, "\n\n{heading}\n");
            let _ = write!(html, "<h2>{}</h2>", escaped(&heading));
            day = Some(today);
        }
        let time = reader.compose("{time}", &[("time", TextValue::Time(message.when_posted))]);
        line.write_text(&mut text, &time);
        line.write_html(&mut html, &time, message.when_posted);
    }
    html.push_str("</article>");
    Transcript { title, text, html }
}

/// What a message is in a transcript.
enum Line<'m> {
    /// What somebody said.
    Said { author: String, text: Cow<'m, str> },
    /// What happened.
    Happened(String),
}

impl<'m> Line<'m> {
    /// Nothing for what only programs understand.
    fn of(message: &'m NewMessage, reader: &Reader<'_>) -> Option<Self> {
        let text = reader.translated(&message.text);
        let happened = |reference| Some(Self::Happened(reader.say(reference, &[("name", &message.special_param)])));
        match message.special_type {
            SpecialType::TransferedSession => happened("SR_TRANSCRIPT_TRANSFERRED"),
            SpecialType::TransferRejected => happened("SR_TRANSCRIPT_TRANSFER_REJECTED"),
            SpecialType::ClosedByUser | SpecialType::ClosedByCustomer => happened("SR_TRANSCRIPT_ENDED"),
            SpecialType::ClosedByIdle => happened("SR_TRANSCRIPT_ENDED_IDLE"),
            _ if text.is_empty() => None,
            _ if message.message_type == MessageType::Special => Some(Self::Happened(one_line(&text).into())),
            _ => Some(Self::Said { author: one_line(&reader.translated(&message.author)).into_owned(), text }),
        }
    }

    fn write_text(&self, out: &mut String, time: &str) {
        match self {
            Self::Said { author, text } => {
                let _ = write!(out, "\n{time} {author}: ");
                for (index, line) in lines(text).into_iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { CONTINUATION });
                    out.push_str(line);
                }
            }
            Self::Happened(what) => {
                let _ = write!(out, "\n{time} – {what}");
            }
        }
    }

    fn write_html(&self, out: &mut String, time: &str, when: Timestamp) {
        let _ = write!(out, "<p><time datetime=\"{}\">{}</time> ", attribute(&when.to_string()), escaped(time));
        match self {
            Self::Said { author, text } => {
                let text: Vec<Cow<'_, str>> = lines(text).into_iter().map(|line| escaped(line)).collect();
                // Names and texts may be written from right to left.
                let _ = write!(out, "<b><bdi>{}</bdi></b>: <bdi>{}</bdi></p>", escaped(author), text.join("<br>"));
            }
            Self::Happened(what) => {
                let _ = write!(out, "<i>{}</i></p>", escaped(what));
            }
        }
    }
}

impl Reader<'_> {
    /// What a reference stands for, with names filled in.
    fn say(&self, reference: &str, values: &[(&str, &str)]) -> String {
        let value = |value: &str| TextValue::Text(one_line(&self.translated(value)).into_owned());
        let values: Vec<(&str, TextValue)> = values.iter().map(|(name, text)| (*name, value(text))).collect();
        self.compose(&self.text(reference), &values)
    }

    /// What somebody wrote, as any answer says it.
    fn translated<'t>(&self, text: &'t str) -> Cow<'t, str> {
        translate(text, self.language, self.resources)
    }

    /// The date, and the offset, without which a time of day says little.
    fn heading(&self, when: Timestamp, offset: Offset) -> String {
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '\u{2212}' } else { '+' };
        let offset = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        let values = [("date", TextValue::Date(when)), ("offset", TextValue::Text(offset))];
        self.compose(&self.text("SR_TRANSCRIPT_DAY"), &values)
    }

    fn compose(&self, text: &str, values: &[(&str, TextValue)]) -> String {
        compose(text, values, self.culture, self.time_zone)
    }

    fn text(&self, name: &str) -> String {
        let reference = format!("[{name}]");
        let found = translate(&reference, self.language, self.resources);
        if *found != *reference {
            return found.into_owned();
        }
        let english = LanguagePreference::only(LanguageTag::vendor("en"));
        translate(&reference, &english, self.resources).into_owned()
    }

    /// A new heading stands where the date changes, or the offset.
    fn day(&self, when: Timestamp) -> (civil::Date, Offset) {
        let there = when.to_zoned(self.time_zone.cloned().unwrap_or(TimeZone::UTC));
        (there.date(), there.offset())
    }
}

/// The lines of a text, whichever way they end.
fn lines(text: &str) -> Vec<&str> {
    let is_end = |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let text = text.trim_end_matches(is_end);
    text.split("\r\n").flat_map(|part| part.split(is_end)).collect()
}

/// A name on one line.
fn one_line(text: &str) -> Cow<'_, str> {
    let parts = lines(text);
    if parts.len() == 1 { Cow::Borrowed(parts[0]) } else { Cow::Owned(parts.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Customer, SessionId, Status, TopicId};
    use crate::resources::ResourceTexts;

    fn session() -> Session {
        Session {
            id: SessionId(1),
            topic: TopicId(1),
            status: Status::Closed,
            user: None,
            transfer_to: None,
            customer: Customer { alias: "Kari".into(), name: "Kari <b>".into(), ..Customer::default() },
            first_message: String::new(),
            last_message: String::new(),
            when_requested: None,
            when_started: None,
            when_ended: None,
            when_idle: None,
            when_fetched: None,
            unanswered_since: None,
            was_reset: false,
            key: String::new(),
            initial_queue_pos: 1,
            alert_level: 0,
            rank: 0,
            flags: String::new(),
        }
    }

    fn message(when: &str, special_type: SpecialType, author: &str, text: &str) -> NewMessage {
        let is_said = matches!(special_type, SpecialType::None | SpecialType::Welcome);
        NewMessage {
            message_type: if is_said { MessageType::ToUser } else { MessageType::Special },
            special_type,
            special_param: if is_said { String::new() } else { author.to_owned() },
            text: text.to_owned(),
            author: author.to_owned(),
            when_posted: when.parse().unwrap(),
        }
    }

    fn transcript(messages: &[NewMessage], language: &str, zone: &str) -> Transcript {
        let resources = ResourceTexts::embedded().unwrap();
        let tag = LanguageTag::vendor(language);
        let culture = Culture::of(&tag);
        let language = if language.is_empty() { LanguagePreference::default() } else { LanguagePreference::only(tag) };
        let time_zone = (!zone.is_empty()).then(|| TimeZone::get(zone).unwrap());
        let reader = Reader {
            language: &language,
            culture: culture.as_ref(),
            time_zone: time_zone.as_ref(),
            resources: &resources,
        };
        write("US:\"Help\";NO:\"Hjelp\"", &session(), messages, &reader)
    }

    #[test]
    fn text_is_in_the_readers_language_customs_and_zone() {
        let messages = [
            message("2026-03-02T22:12:31Z", SpecialType::None, "Kari", "Hi"),
            message("2026-03-02T23:30:00Z", SpecialType::TransferedSession, "Ida", ""),
            message("2026-03-03T09:00:00Z", SpecialType::ClosedByIdle, "", ""),
        ];
        for (language, zone, expected) in [
            (
                "",
                "",
                "US:\"Help\";NO:\"Hjelp\": Kari <b>\n\n2026-03-02 (UTC+00:00)\n\n22:12 Kari: Hi\
                 \n23:30 – Ida took over the conversation.\n\n2026-03-03 (UTC+00:00)\n\
                 \n09:00 – The conversation ended, because nobody wrote any more.",
            ),
            (
                "NO",
                "Europe/Oslo",
                "Hjelp: Kari <b>\n\n02.03.2026 (UTC+01:00)\n\n23:12 Kari: Hi\n\n03.03.2026 (UTC+01:00)\n\
                 \n00:30 – Ida overtok samtalen.\n10:00 – Samtalen ble avsluttet fordi ingen skrev noe mer.",
            ),
            (
                "en-US",
                "America/New_York",
                "Help: Kari <b>\n\n3/2/2026 (UTC\u{2212}05:00)\n\n5:12\u{202f}PM Kari: Hi\
                 \n6:30\u{202f}PM – Ida took over the conversation.\n\n3/3/2026 (UTC\u{2212}05:00)\n\
                 \n4:00\u{202f}AM – The conversation ended, because nobody wrote any more.",
            ),
        ] {
            assert_eq!(transcript(&messages, language, zone).text, expected, "{language}");
        }
    }

    #[test]
    fn change_of_clocks_is_told() {
        let messages = [
            message("2026-10-25T00:30:00Z", SpecialType::None, "Kari", "a"),
            message("2026-10-25T01:30:00Z", SpecialType::None, "Kari", "b"),
        ];
        let text = transcript(&messages, "no", "Europe/Oslo").text;
        let expected = "25.10.2026 (UTC+02:00)\n\n02:30 Kari: a\n\n25.10.2026 (UTC+01:00)\n\n02:30 Kari: b";
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn nothing_that_people_wrote_is_html() {
        let attack = "<script>\"'&amp;</script>\r\nnext\u{2028}last\n";
        let messages = [
            message("2026-03-02T09:00:00Z", SpecialType::None, "<i>\nEve", attack),
            message("2026-03-02T09:01:00Z", SpecialType::ClosedByUser, "<img src=x>", ""),
            message("2026-03-02T09:01:00Z", SpecialType::Options, "", "{\"<x>\": 1}"),
            message("2026-03-02T09:01:00Z", SpecialType::ClickedOption, "", ""),
        ];
        let written = transcript(&messages, "en", "");
        assert_eq!(
            written.html,
            "<article><h1>Help: Kari &lt;b&gt;</h1><h2>3/2/2026 (UTC+00:00)</h2>\
             <p><time datetime=\"2026-03-02T09:00:00Z\">9:00\u{202f}AM</time> <b><bdi>&lt;i&gt; Eve</bdi></b>: \
             <bdi>&lt;script&gt;\"'&amp;amp;&lt;/script&gt;<br>next<br>last</bdi></p>\
             <p><time datetime=\"2026-03-02T09:01:00Z\">9:01\u{202f}AM</time> \
             <i>&lt;img src=x&gt; ended the conversation.</i></p>\
             <p><time datetime=\"2026-03-02T09:01:00Z\">9:01\u{202f}AM</time> <i>{\"&lt;x&gt;\": 1}</i></p></article>"
        );
    }

    /// Texts with markup in them.
    #[derive(Debug)]
    struct Markup;

    impl Resources for Markup {
        fn texts(&self, name: &str) -> Vec<(&str, &str)> {
            match name {
                "SR_BOLD" => vec![("en", "<b>R&D</b>")],
                "SR_AGAIN" => vec![("en", "[SR_BOLD]")],
                "SR_TRANSCRIPT_TITLE" => vec![("en", "{topic}: {customer}")],
                "SR_TRANSCRIPT_ENDED" => vec![("en", "{name} ended it.")],
                "SR_TRANSCRIPT_DAY" => vec![("en", "{date}")],
                _ => Vec::new(),
            }
        }
    }

    #[test]
    fn what_is_translated_is_escaped_afterwards() {
        let messages = [
            message("2026-03-02T09:00:00Z", SpecialType::None, "[SR_BOLD]", "US:\"<i>\"\"&\"\"</i>\";NO:\"b\""),
            message("2026-03-02T09:00:00Z", SpecialType::None, "Eve", "[SR_BOLD] and [SR_AGAIN]"),
            message("2026-03-02T09:00:00Z", SpecialType::ClosedByUser, "[SR_BOLD]", ""),
        ];
        let language = LanguagePreference::only(LanguageTag::vendor("en"));
        let reader = Reader { language: &language, culture: None, time_zone: None, resources: &Markup };
        let mut session = session();
        session.customer.name = "[SR_BOLD]".to_owned();
        let written = write("[SR_BOLD]", &session, &messages, &reader);
        assert_eq!(written.title, "<b>R&D</b>: <b>R&D</b>");
        let bold = "&lt;b&gt;R&amp;D&lt;/b&gt;";
        let expected = [
            format!("<article><h1>{bold}: {bold}</h1><h2>2026-03-02</h2>"),
            format!("<b><bdi>{bold}</bdi></b>: <bdi>&lt;i&gt;\"&amp;\"&lt;/i&gt;</bdi></p>"),
            format!("<b><bdi>Eve</bdi></b>: <bdi>{bold} and [SR_BOLD]</bdi></p>"),
            format!("<i>{bold} ended it.</i></p></article>"),
        ];
        for part in expected {
            assert!(written.html.contains(&part), "{part}: {}", written.html);
        }
        assert!(written.text.contains("Eve: <b>R&D</b> and [SR_BOLD]"), "{}", written.text);
    }

    #[test]
    fn a_message_cannot_pretend_to_be_two() {
        let messages =
            [message("2026-03-02T09:00:00Z", SpecialType::None, "Eve\n09:00 Ida", "Hi\n09:01 Ida: I owe you")];
        let text = transcript(&messages, "", "").text;
        assert!(text.ends_with("\n09:00 Eve 09:00 Ida: Hi\n    09:01 Ida: I owe you"), "{text}");
    }
}
