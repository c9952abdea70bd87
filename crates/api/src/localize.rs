//! Texts in the caller's language and date-times in the caller's zone, everywhere in an answer.

mod compose;
mod errors;
mod multi_language;

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use jiff::tz::TimeZone;

pub use self::compose::{TextValue, compose};
pub(crate) use self::errors::Translation;
pub use self::errors::localized_errors;
use self::multi_language::{Part, parts};
use crate::models::{DateTime, Visit, Visitor};
use crate::{ApiError, Culture, LanguagePreference, LanguageTag, time_zone};

/// How a reference to a resource string begins.
const REFERENCE: &str = "[SR_";

/// The texts that references such as `[SR_SOMETHING]` stand for.
pub trait Resources: fmt::Debug + Send + Sync {
    /// The text of `name` (without brackets) in each language that has one, with the language's tag.
    /// Empty where nobody knows the name.
    fn texts(&self, name: &str) -> Vec<(&str, &str)>;
}

/// No texts: every reference leaves as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoResources;

impl Resources for NoResources {
    fn texts(&self, _: &str) -> Vec<(&str, &str)> {
        Vec::new()
    }
}

/// Translates what can be translated in `text`:
///
/// - a text that is, as a whole, a multi-language value such as `US:"Supplier";NO:"Leverandør"` becomes the best of
///   its parts. A quote inside a part is written twice. Every tag has to be a language or country that CLDR knows, so
///   that a customer's `Note:"hi"` stays what it is;
/// - references such as `[SR_SOMETHING]` become the best text of that name, wherever they stand in a text: the CRM
///   composes texts from them. What a reference brings in is not looked at again.
///
/// The best is what [`LanguagePreference::best`] says. Everything else, references that nobody knows included, stays
/// byte for byte.
pub fn translate<'a>(text: &'a str, language: &LanguagePreference, resources: &dyn Resources) -> Cow<'a, str> {
    if language.is_unchanged() {
        return Cow::Borrowed(text);
    }
    let part = parts(text).and_then(|mut parts| {
        let tags: Vec<LanguageTag> = parts.iter().map(|part| part.tag.clone()).collect();
        language.best(&tags).map(|best| parts.swap_remove(best))
    });
    match part {
        Some(Part { text, .. }) => Cow::Owned(resolve(&text, language, resources).into_owned()),
        None => resolve(text, language, resources),
    }
}

/// Replaces the references that are known.
fn resolve<'a>(text: &'a str, language: &LanguagePreference, resources: &dyn Resources) -> Cow<'a, str> {
    let mut out = String::new();
    let mut rest = text;
    // How much of `text` is in `out`.
    let mut done = 0;
    while let Some(start) = rest.find(REFERENCE) {
        let at = text.len() - rest.len() + start;
        let name = &text[at + 1..];
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let found = name[end..].starts_with(']').then(|| reference(&name[..end], language, resources)).flatten();
        if let Some(found) = found {
            out.push_str(&text[done..at]);
            out.push_str(found);
            done = at + 1 + end + 1;
        }
        rest = &name[end..];
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// The best text of a name without brackets.
pub(crate) fn reference<'a>(
    name: &str,
    language: &LanguagePreference,
    resources: &'a dyn Resources,
) -> Option<&'a str> {
    let texts = resources.texts(name);
    let tags: Vec<LanguageTag> = texts.iter().map(|(tag, _)| LanguageTag::vendor(tag)).collect();
    language.best(&tags).map(|best| texts[best].1)
}

/// What a request wants of texts, of numbers inside texts, and of date-times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preferences {
    pub(crate) language: LanguagePreference,
    pub(crate) culture: Option<Culture>,
    pub(crate) time_zone: Option<TimeZone>,
}

impl Preferences {
    /// # Errors
    /// 400 where a header is malformed, or names no known zone.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
        let language = LanguagePreference::from_headers(headers)?;
        let culture = Culture::from_headers(headers, &language)?;
        Ok(Self { language, culture, time_zone: time_zone::from_headers(headers)? })
    }
}

/// Translates every text of a value and moves every date-time into a zone, as the layer does with answers: for what a
/// service sends by itself, such as events.
pub fn localize(
    value: &mut dyn Visit,
    language: &LanguagePreference,
    time_zone: Option<&TimeZone>,
    resources: &dyn Resources,
) {
    let mut localizer = Localizer { language, time_zone, resources };
    if !localizer.is_idle() {
        value.visit(&mut localizer);
    }
}

/// Translates every text and moves every date-time that it is shown.
pub(crate) struct Localizer<'a> {
    pub(crate) language: &'a LanguagePreference,
    pub(crate) time_zone: Option<&'a TimeZone>,
    pub(crate) resources: &'a dyn Resources,
}

impl Localizer<'_> {
    /// Whether it would change nothing at all.
    pub(crate) fn is_idle(&self) -> bool {
        self.language.is_unchanged() && self.time_zone.is_none()
    }
}

impl Visitor for Localizer<'_> {
    fn text(&mut self, text: &mut String) {
        if let Cow::Owned(translated) = translate(text, self.language, self.resources) {
            *text = translated;
        }
    }

    fn date_time(&mut self, value: &mut DateTime) {
        if let Some(zone) = self.time_zone {
            *value = time_zone::move_to(*value, zone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Two;

    impl Resources for Two {
        fn texts(&self, name: &str) -> Vec<(&str, &str)> {
            match name {
                "SR_YES" => vec![("en", "yes"), ("no", "ja")],
                "SR_LOOP" => vec![("en", "[SR_YES]")],
                "SR_QUOTED" => vec![("en", "US:\"a\"")],
                _ => Vec::new(),
            }
        }
    }

    #[track_caller]
    fn check(language: &str, text: &str, expected: &str) {
        let language = LanguagePreference::only(LanguageTag::vendor(language));
        let translated = translate(text, &language, &Two);
        assert_eq!(translated, expected, "{text}");
        // What stays is not even copied.
        assert!(text != expected || matches!(translated, Cow::Borrowed(_)), "{text}");
    }

    #[test]
    fn multi_language_values_become_their_best_part() {
        check("nb-no", "US:\"Supplier\";NO:\"Leverandør\"", "Leverandør");
        check("en-gb", "US:\"Supplier\";NO:\"Leverandør\"", "Supplier");
        check("fr", "NO:\"Leverandør\";US:\"Supplier\"", "Supplier");
        check("fr", "NO:\"Leverandør\"", "Leverandør");
        check("no", "US:\"\";NO:\"\"", "");
        check("no", "US:\"Say \"\"yes\"\"\";NO:\"Si \"\"ja\"\"\"", "Si \"ja\"");
        check("no", "US:\"It is [SR_YES]\";NO:\"Det er [SR_YES]\"", "Det er ja");
    }

    #[test]
    fn references_become_their_text_wherever_they_stand() {
        check("nb", "[SR_YES]", "ja");
        check("en", "[SR_YES]", "yes");
        check("fr", "[SR_YES]", "yes");
        check("nb", "a [SR_YES], [SR_YES]!", "a ja, ja!");
        check("nb", "[SR_NO] [SR_YES]", "[SR_NO] ja");
        check("nb", "[SR_[SR_YES]", "[SR_ja");
        check("nb", "[SR_YES [SR_YES]]", "[SR_YES ja]");
        check("en", "[SR_LOOP]", "[SR_YES]");
        check("en", "[SR_QUOTED]", "US:\"a\"");
    }

    #[test]
    fn everything_else_stays() {
        for text in ["", "Hello", "[SR_NO]", "[SR_", "[SR_YES", "[SR_YÆS]", "[sr_yes]", "US:Supplier", "{cque}"] {
            check("nb", text, text);
        }
        let unchanged = LanguagePreference::default();
        assert_eq!(translate("[SR_YES]", &unchanged, &Two), "[SR_YES]");
        assert_eq!(translate("US:\"a\"", &unchanged, &Two), "US:\"a\"");
    }
}
