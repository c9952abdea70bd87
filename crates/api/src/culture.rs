//! How numbers are written inside composed text: the header `SO-Culture`.

use std::fmt;

use http::HeaderMap;
use icu_decimal::input::Decimal;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use icu_locale::{LanguageIdentifier, Locale, LocaleExpander};
use jiff::SignedDuration;

use crate::{ApiError, LanguagePreference, LanguageTag};

const HEADER: &str = "SO-Culture";

/// The customs of a language and country in writing numbers, as CLDR knows them.
///
/// They hold inside text that the service composes. Numbers and date-times that are properties of an answer never
/// follow them: JSON and XML have their own form.
#[derive(Clone, Debug, PartialEq)]
pub struct Culture(LanguageIdentifier);

impl Culture {
    /// The culture that a request asks for: that of `SO-Culture`, else that of its best language; none without a
    /// language, even where the header is there.
    ///
    /// # Errors
    /// 400 where the header is malformed or there more than once.
    pub fn from_headers(headers: &HeaderMap, language: &LanguagePreference) -> Result<Option<Self>, ApiError> {
        let culture = match crate::support::header::<String>(headers, HEADER)? {
            None => None,
            Some(tag) => Some(Self::parse(&tag).ok_or_else(malformed)?),
        };
        Ok(if language.is_unchanged() { None } else { culture.or_else(|| language.wanted().iter().find_map(Self::of)) })
    }

    /// The culture of a language tag; none where CLDR does not know the language.
    pub fn of(tag: &LanguageTag) -> Option<Self> {
        let full = tag.identifier()?;
        // Numbers are found under `nb-NO` but not under `nb-Latn-NO`: a script that goes without saying is left out.
        let short = LanguageIdentifier { script: None, ..full.clone() };
        let mut expanded = short.clone();
        LocaleExpander::new_extended().maximize(&mut expanded);
        Some(Self(if expanded == *full { short } else { full.clone() }))
    }

    /// Language, script and region as in BCP 47, the first alone needed, or a country's code as in
    /// [`LanguageTag::vendor`]. A language that CLDR does not know is written like none in particular.
    fn parse(tag: &str) -> Option<Self> {
        let is_plain = |identifier: &LanguageIdentifier| {
            (2..=3).contains(&identifier.language.as_str().len()) && identifier.variants.is_empty()
        };
        let identifier: LanguageIdentifier = tag.parse().ok().filter(is_plain).filter(|_| !tag.contains('_'))?;
        Some(Self::of(&LanguageTag::vendor(tag)).unwrap_or(Self(identifier)))
    }

    /// A whole number with the culture's digits and groups: `1,234`, `1 234`.
    pub fn integer(&self, number: i64) -> String {
        self.write(number, 1, GroupingStrategy::Auto)
    }

    /// Hours and minutes (`00:04`, `27:01`) with the culture's digits; less than nothing is nothing.
    pub fn hours_and_minutes(&self, duration: SignedDuration) -> String {
        let minutes = duration.as_mins().max(0);
        let part = |number| self.write(number, 2, GroupingStrategy::Never);
        format!("{}:{}", part(minutes / 60), part(minutes % 60))
    }

    fn write(&self, number: i64, min_digits: i16, grouping: GroupingStrategy) -> String {
        let preferences = DecimalFormatterPreferences::from(&Locale::from(self.0.clone()));
        let mut options = DecimalFormatterOptions::default();
        options.grouping_strategy = Some(grouping);
        let mut decimal = Decimal::from(number);
        decimal.pad_start(min_digits);
        match DecimalFormatter::try_new(preferences, options) {
            Ok(formatter) => formatter.format(&decimal).to_string(),
            // The compiled data has an entry for every locale: that of no language.
            Err(_) => decimal.to_string(),
        }
    }
}

impl fmt::Display for Culture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

fn malformed() -> ApiError {
    let message = format!("header `{HEADER}`: it is no language tag such as `nb-NO`");
    ApiError::bad_request(message).with_reference("SR_ERROR_HEADER", [("header", HEADER)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The culture of a request, `none`, or the status.
    fn read(headers: &[(&'static str, &'static str)]) -> String {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let language = LanguagePreference::from_headers(&headers).unwrap();
        match Culture::from_headers(&headers, &language) {
            Ok(culture) => culture.map_or("none".to_owned(), |culture| culture.to_string()),
            Err(error) => error.status().as_u16().to_string(),
        }
    }

    #[test]
    fn culture_follows_the_language_unless_it_is_said() {
        for (headers, expected) in [
            (&[][..], "none"),
            (&[("so-culture", "de")], "none"),
            (&[("so-culture", "de"), ("accept-language", "*")], "none"),
            (&[("so-language", "NO")], "nb-NO"),
            (&[("accept-language", "i-klingon, de-CH;q=0.5")], "de-CH"),
            (&[("so-culture", "de-CH"), ("so-language", "NO")], "de-CH"),
            (&[("so-culture", "US"), ("so-language", "NO")], "en-US"),
            (&[("so-culture", "zh-hant-tw"), ("so-language", "NO")], "zh-TW"),
            (&[("so-culture", "es-419"), ("so-language", "NO")], "es-419"),
            (&[("so-culture", "qq"), ("so-language", "NO")], "qq"),
            (&[("so-culture", "")], "400"),
            (&[("so-culture", "*")], "400"),
            (&[("so-culture", "x")], "400"),
            (&[("so-culture", "nb_NO")], "400"),
            (&[("so-culture", "nb-NO-u-nu-latn")], "400"),
            (&[("so-culture", "english")], "400"),
            (&[("so-culture", "nb, de")], "400"),
            (&[("so-culture", "de"), ("so-culture", "de")], "400"),
        ] {
            assert_eq!(read(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn numbers_are_written_as_people_there_do() {
        for (tag, number, written) in [
            ("en-US", 1_234_567, "1,234,567"),
            ("nb", 1_234_567, "1\u{a0}234\u{a0}567"),
            ("de", 1_234, "1.234"),
            ("de-CH", 1_234, "1'234"),
            ("es", 1_234, "1234"),
            ("hi", 1_234_567, "12,34,567"),
            ("ar-EG", 1_234, "\u{661}\u{66c}\u{662}\u{663}\u{664}"),
            ("en", 0, "0"),
            ("qq", 1_234, "1,234"),
        ] {
            assert_eq!(Culture::parse(tag).unwrap().integer(number), written, "{tag}");
        }
    }

    #[test]
    fn durations_have_two_digits_at_least() {
        for (tag, seconds, written) in [
            ("en", 4 * 60 + 59, "00:04"),
            ("nb", 27 * 3600 + 60, "27:01"),
            ("nb", 1_234 * 3600, "1234:00"),
            ("en", -90, "00:00"),
            ("ar-EG", 4 * 60, "\u{660}\u{660}:\u{660}\u{664}"),
        ] {
            let duration = SignedDuration::from_secs(seconds);
            assert_eq!(Culture::parse(tag).unwrap().hours_and_minutes(duration), written, "{tag}");
        }
    }
}
