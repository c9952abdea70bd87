//! Texts of a topic: languages, place holders, and the copies that a session keeps.

use std::sync::Arc;

use chat_api::{Culture, LanguagePreference, LanguageTag, Resources, TextValue};
use jiff::SignedDuration;

/// Characters of a message that `FirstMessage` and `LastMessage` keep.
pub const MESSAGE_COPY_MAX_CHARS: usize = 1024;

/// The figures that a topic's text may mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueFigures {
    /// Place in the queue, from 1.
    pub place: i64,
    /// How long customers wait for an answer, on average.
    pub average_wait: SignedDuration,
}

/// Makes the texts that are sent to a customer.
#[derive(Clone, Debug)]
pub struct Composer {
    /// What `[SR_…]` stands for.
    pub resources: Arc<dyn Resources>,
    /// How numbers are written, where the caller says so; none for the way of the topic's language.
    pub culture: Option<Culture>,
}

impl Composer {
    /// A text of a topic as it is sent: in the topic's language, with the figures filled in.
    ///
    /// A topic may keep its texts as multi-language values or references. The customer reads one language, that of the
    /// topic, whatever language the agent wants answers in. Without a language a topic's texts are sent as they are.
    pub fn topic_text(&self, text: &str, language: &str, figures: QueueFigures) -> String {
        let tag = Some(LanguageTag::vendor(language)).filter(LanguageTag::is_known);
        let culture = self.culture.clone().or_else(|| tag.as_ref().and_then(Culture::of));
        let language = tag.map(LanguagePreference::only).unwrap_or_default();
        fill_in(&chat_api::translate(text, &language, self.resources.as_ref()), figures, culture.as_ref())
    }
}

/// Fills in `{cque}` (place in the queue) and `{cavw}` (average waiting time, hh:mm), written as people of `culture` do.
///
/// What the figures bring in is not looked at again, and other braces stay as they are.
pub fn fill_in(text: &str, figures: QueueFigures, culture: Option<&Culture>) -> String {
    let values = [("cque", figures.place.into()), ("cavw", TextValue::HoursAndMinutes(figures.average_wait))];
    chat_api::compose(text, &values, culture, None)
}

/// The copy of a message that a session keeps.
pub fn message_copy(text: &str) -> String {
    text.chars().take(MESSAGE_COPY_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_holders_are_filled_in() {
        #[track_caller]
        fn check(text: &str, place: i64, wait_secs: i64, expected: &str) {
            let figures = QueueFigures { place, average_wait: SignedDuration::from_secs(wait_secs) };
            assert_eq!(fill_in(text, figures, None), expected);
        }
        check("", 1, 0, "");
        check("Hello!", 1, 0, "Hello!");
        check("Number {cque}, about {cavw}.", 3, 4 * 60 + 59, "Number 3, about 00:04.");
        check("{cque}{cque} {cavw}", 12, 27 * 3600 + 60, "1212 27:01");
        check("{name} {cque", 1, 0, "{name} {cque");
        check("{{cque}} ø {CQUE}", 1, -90, "{1} ø {CQUE}");
        check("{cavw}", 1, -90, "00:00");
    }

    #[test]
    fn topic_texts_are_sent_in_the_topics_language_with_the_callers_figures() {
        let resources = Arc::new(crate::resources::ResourceTexts::embedded().unwrap());
        let text = "US:\"{cque} {cavw} [SR_CATEGORY_VIP]\";NO:\"Nr. {cque} {cavw} [SR_CATEGORY_VIP]\"";
        for (language, culture, expected) in [
            ("en", None, "1,234 27:01 VIP customer"),
            ("no", None, "Nr. 1\u{a0}234 27:01 VIP-kunde"),
            ("nb-NO", Some("en"), "Nr. 1,234 27:01 VIP-kunde"),
            ("sv", Some("de"), "1.234 27:01 VIP customer"),
            ("", None, "US:\"1234 27:01 [SR_CATEGORY_VIP]\";NO:\"Nr. 1234 27:01 [SR_CATEGORY_VIP]\""),
        ] {
            let culture = culture.and_then(|tag| Culture::of(&LanguageTag::vendor(tag)));
            let composer = Composer { resources: resources.clone(), culture };
            let figures = QueueFigures { place: 1234, average_wait: SignedDuration::from_mins(27 * 60 + 1) };
            assert_eq!(composer.topic_text(text, language, figures), expected, "{language}");
        }
    }

    #[test]
    fn copies_are_cut_at_a_character() {
        assert_eq!(message_copy("short"), "short");
        let long = "ø".repeat(MESSAGE_COPY_MAX_CHARS + 1);
        assert_eq!(message_copy(&long).chars().count(), MESSAGE_COPY_MAX_CHARS);
    }
}
