//! How numbers, dates and times are written inside composed text: the header `SO-Culture`.

use std::fmt;

use http::HeaderMap;
use icu_calendar::Iso;
use icu_datetime::fieldsets::{T, YMD, zone::LocalizedOffsetShort};
use icu_datetime::input::{Date, Time, UtcOffset, ZonedDateTime};
use icu_datetime::options::YearStyle;
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences, NoCalendarFormatter};
use icu_decimal::input::Decimal;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use icu_locale::{LanguageIdentifier, Locale, LocaleExpander};
use jiff::{SignedDuration, Zoned};

use crate::{ApiError, LanguagePreference, LanguageTag};

const HEADER: &str = "SO-Culture";

/// The customs of a language and country in writing numbers and dates, as CLDR knows them.
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
    ///
    /// Always with a colon, also where people write the time of day with a full stop (`da`, `fi`): it is no time of day,
    /// and `hh:mm` is what a topic's texts promise.
    pub fn hours_and_minutes(&self, duration: SignedDuration) -> String {
        let minutes = duration.as_mins().max(0);
        let part = |number| self.write(number, 2, GroupingStrategy::Never);
        format!("{}:{}", part(minutes / 60), part(minutes % 60))
    }

    /// A date in the culture's short form and its calendar, the year in full: `3/2/2026`, `02.03.2026`, `2/3/2569`.
    pub fn date(&self, when: &Zoned) -> String {
        let form = YMD::short().with_year_style(YearStyle::Full);
        let formatted = DateTimeFormatter::try_new(self.dates(), form).ok().zip(date(when));
        formatted.map_or_else(|| when.date().to_string(), |(formatter, date)| formatter.format(&date).to_string())
    }

    /// A time of day to the minute: `3:15 PM`, `15:15`, `15.15`.
    pub fn time(&self, when: &Zoned) -> String {
        let formatted = NoCalendarFormatter::try_new(self.dates(), T::hm()).ok().zip(time(when));
        formatted
            .map_or_else(|| when.strftime("%H:%M").to_string(), |(formatter, time)| formatter.format(&time).to_string())
    }

    /// A date with the time of day to the minute and the offset from UTC, without which a time of day says little:
    /// `3/2/2026, 9:15 AM GMT-5`, `02.03.2026, 15:15 GMT+1`.
    pub fn date_time(&self, when: &Zoned) -> String {
        let form = YMD::short().with_year_style(YearStyle::Full).with_time_hm().with_zone(LocalizedOffsetShort);
        let formatted = DateTimeFormatter::try_new(self.dates(), form).ok().zip(date_time(when));
        formatted.map_or_else(
            || when.strftime("%Y-%m-%d %H:%M %:z").to_string(),
            |(formatter, date_time)| formatter.format(&date_time).to_string(),
        )
    }

    fn dates(&self) -> DateTimeFormatterPreferences {
        DateTimeFormatterPreferences::from(&Locale::from(self.0.clone()))
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

/// The date in ICU4X's terms, which know every date that jiff knows.
fn date(when: &Zoned) -> Option<Date<Iso>> {
    Date::try_new_iso(when.year().into(), when.month().try_into().ok()?, when.day().try_into().ok()?).ok()
}

fn time(when: &Zoned) -> Option<Time> {
    let part = |number: i8| u8::try_from(number).ok();
    Time::try_new(part(when.hour())?, part(when.minute())?, part(when.second())?, 0).ok()
}

fn date_time(when: &Zoned) -> Option<ZonedDateTime<Iso, UtcOffset>> {
    let zone = UtcOffset::try_from_seconds(when.offset().seconds()).ok()?;
    Some(ZonedDateTime { date: date(when)?, time: time(when)?, zone })
}

fn malformed() -> ApiError {
    let message = format!("header `{HEADER}`: it is no language tag such as `nb-NO`");
    ApiError::bad_request(message).with_reference("SR_ERROR_HEADER", [("header", HEADER.into())])
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
    fn dates_are_written_as_people_there_do() {
        for (tag, date, date_time) in [
            ("en-US", "3/2/2026", "3/2/2026, 9:05\u{202f}AM GMT-5"),
            ("en-GB", "02/03/2026", "02/03/2026, 09:05 GMT-5"),
            ("nb", "02.03.2026", "02.03.2026, 09:05 GMT\u{2212}5"),
            ("da", "02.03.2026", "02.03.2026, 09.05 GMT-5"),
            ("de-CH", "02.03.2026", "02.03.2026, 09:05 GMT-5"),
            ("sv", "2026-03-02", "2026-03-02 09:05 GMT\u{2212}5"),
            ("ja", "2026/03/02", "2026/03/02 9:05 GMT-5"),
            // Another calendar.
            ("th", "2/3/2569", "2/3/2569 09:05 GMT-5"),
            ("qq", "2026-03-02", "2026-03-02 09:05 GMT-5"),
        ] {
            let when = "2026-03-02T09:05:59-05:00[America/New_York]".parse().unwrap();
            let culture = Culture::parse(tag).unwrap();
            assert_eq!((culture.date(&when).as_str(), culture.date_time(&when).as_str()), (date, date_time), "{tag}");
        }
        // The ends of what can be written, and an offset that is no whole hour.
        let culture = Culture::parse("nb").unwrap();
        for (when, written) in [
            ("0001-01-01T00:00:00+00:00[UTC]", "01.01.1 e.Kr., 00:00 GMT+0"),
            ("9999-12-30T23:59:00+05:45[Asia/Kathmandu]", "30.12.9999, 23:59 GMT+5:45"),
        ] {
            assert_eq!(culture.date_time(&when.parse().unwrap()), written);
        }
    }

    #[test]
    fn durations_have_two_digits_at_least() {
        for (tag, seconds, written) in [
            ("en", 4 * 60 + 59, "00:04"),
            ("nb", 27 * 3600 + 60, "27:01"),
            ("nb", 1_234 * 3600, "1234:00"),
            ("en", -90, "00:00"),
            // No full stop, though the time of day has one there.
            ("da", 4 * 60, "00:04"),
            ("fi", 4 * 60, "00:04"),
            ("ar-EG", 4 * 60, "\u{660}\u{660}:\u{660}\u{664}"),
        ] {
            let duration = SignedDuration::from_secs(seconds);
            assert_eq!(Culture::parse(tag).unwrap().hours_and_minutes(duration), written, "{tag}");
        }
    }
}
