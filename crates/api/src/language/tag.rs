//! One language, as BCP 47 or the country codes of the CRM name it, and how near it is to another.

use std::cmp::Reverse;
use std::fmt;

use icu_locale::subtags::{Language, Region, language, script};
use icu_locale::{LanguageIdentifier, LocaleCanonicalizer, LocaleExpander};

use crate::time_zone::is_country;

/// Codes of the CRM that are, read as a language or by their country's, something else: `SE` is Northern Sami in
/// BCP 47, and the language of Georgia (`GE`) is Georgian.
const VENDOR_CODES: &[(&str, Language)] = &[("GE", language!("de")), ("SE", language!("sv"))];

/// A language tag with what CLDR knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageTag {
    text: String,
    /// With script and region, where CLDR knows likely ones; nothing where the tag names no language at all.
    identifier: Option<LanguageIdentifier>,
}

/// How far one language is from another: the smaller the nearer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Distance {
    /// Written alike.
    Same,
    /// Language, script and region are the same, once the likely ones are added.
    Equivalent,
    /// British for American English.
    OtherRegion,
    /// Whoever reads one reads the other: Bokmål and Nynorsk.
    Related,
    /// Cyrillic for Latin Serbian.
    OtherScript,
}

impl Distance {
    pub(super) fn is_same_language(self) -> bool {
        self <= Self::OtherRegion
    }
}

impl LanguageTag {
    /// A tag as the CRM writes it: a code of two letters is one of its own codes, else a language, else a country, whose
    /// most likely language it means: `US` is American English, `DK` Danish. Headers are read so, too: who sends `SE` wants
    /// Swedish more often than Northern Sami (`se-NO` names that).
    pub fn vendor(text: &str) -> Self {
        let code = VENDOR_CODES.iter().find(|(code, _)| code.eq_ignore_ascii_case(text));
        match code {
            Some(&(_, language)) => {
                Self { text: text.to_owned(), identifier: Some(likely(LanguageIdentifier::from(language))) }
            }
            None => Self { text: text.to_owned(), identifier: language_of(text).or_else(|| language_of_country(text)) },
        }
    }

    /// Whether the tag names a language that CLDR knows.
    pub fn is_known(&self) -> bool {
        self.identifier.is_some()
    }

    /// The language with its likely script and region; nothing where CLDR does not know it.
    pub fn identifier(&self) -> Option<&LanguageIdentifier> {
        self.identifier.as_ref()
    }

    pub(super) fn is_english(&self) -> bool {
        self.identifier.as_ref().is_some_and(|identifier| identifier.language == language!("en"))
    }

    /// How far an offer is, the smaller the nearer; nothing where it is another language. Of those that are equally far
    /// the nearest has most in common with the tag as RFC 4647 compares them: `en` is nearer to `en-GB` than `en-US`.
    pub(super) fn nearness(&self, offer: &Self) -> Option<(Distance, Reverse<usize>)> {
        let (shorter, longer) = match self.text.len() <= offer.text.len() {
            true => (&*self.text, &*offer.text),
            false => (&*offer.text, &*self.text),
        };
        let begins = longer.get(..shorter.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(shorter))
            && matches!(longer.as_bytes().get(shorter.len()), None | Some(b'-'));
        Some((self.distance(offer)?, Reverse(if begins { shorter.len() } else { 0 })))
    }

    fn distance(&self, offer: &Self) -> Option<Distance> {
        if self.text.eq_ignore_ascii_case(&offer.text) {
            return Some(Distance::Same);
        }
        let (wanted, offered) = (self.identifier.as_ref()?, offer.identifier.as_ref()?);
        let is_norwegian = |identifier: &LanguageIdentifier| {
            identifier.language == language!("nb") || identifier.language == language!("nn")
        };
        if wanted.language != offered.language {
            return (is_norwegian(wanted) && is_norwegian(offered)).then_some(Distance::Related);
        }
        Some(if wanted.script != offered.script {
            Distance::OtherScript
        } else if wanted.region != offered.region {
            Distance::OtherRegion
        } else {
            Distance::Equivalent
        })
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// RFC 4647, section 2.1, without `*`: letters, then letters and digits, at most eight between hyphens.
pub(crate) fn is_language_range(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_short = |subtag: &str| (1..=8).contains(&subtag.len());
    subtags.next().is_some_and(|first| is_short(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && subtags.all(|subtag| is_short(subtag) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn language_of(text: &str) -> Option<LanguageIdentifier> {
    let mut locale = text.parse::<icu_locale::Locale>().ok()?;
    LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
    let identifier = likely(locale.id);
    // CLDR knows the scripts of all languages that it knows.
    (!identifier.language.is_unknown() && identifier.script.is_some()).then_some(identifier)
}

fn language_of_country(text: &str) -> Option<LanguageIdentifier> {
    let region = text.parse::<Region>().ok().filter(|_| is_country(text))?;
    let found = likely(LanguageIdentifier { region: Some(region), ..LanguageIdentifier::UNKNOWN });
    if !found.language.is_unknown() {
        return Some(found);
    }
    // CLDR lists no country whose most likely language is that of the whole world: English.
    Some(LanguageIdentifier { language: language!("en"), script: Some(script!("Latn")), ..found })
}

/// Adds the likely script and region, and gives Norwegian its usual name.
fn likely(mut identifier: LanguageIdentifier) -> LanguageIdentifier {
    if identifier.language == language!("no") {
        identifier.language = language!("nb");
    }
    LocaleExpander::new_extended().maximize(&mut identifier);
    identifier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_languages_or_countries() {
        for (text, expected) in [
            ("no", Some("nb-Latn-NO")),
            ("NO", Some("nb-Latn-NO")),
            ("nb", Some("nb-Latn-NO")),
            ("nn", Some("nn-Latn-NO")),
            ("US", Some("en-Latn-US")),
            ("GB", Some("en-Latn-GB")),
            ("AU", Some("en-Latn-AU")),
            ("SV", Some("sv-Latn-SE")),
            ("SE", Some("sv-Latn-SE")),
            ("DA", Some("da-Latn-DK")),
            ("DK", Some("da-Latn-DK")),
            ("GE", Some("de-Latn-DE")),
            ("DE", Some("de-Latn-DE")),
            ("NL", Some("nl-Latn-NL")),
            ("FR", Some("fr-Latn-FR")),
            ("CZ", Some("cs-Latn-CZ")),
            ("JP", Some("ja-Jpan-JP")),
            ("uk", Some("uk-Cyrl-UA")),
            ("se-NO", Some("se-Latn-NO")),
            ("zh-TW", Some("zh-Hant-TW")),
            ("sh", Some("sr-Latn-RS")),
            ("qq", None),
            ("ex", None),
            ("und", None),
            ("Note", None),
            ("i-klingon", None),
        ] {
            let tag = LanguageTag::vendor(text);
            assert_eq!(tag.identifier().map(ToString::to_string).as_deref(), expected, "{text}");
        }
    }
}
