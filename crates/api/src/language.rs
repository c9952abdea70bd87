//! In which languages a caller wants texts: the headers `SO-Language` and `Accept-Language`.

mod tag;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::ApiError;

pub use tag::LanguageTag;
pub(crate) use tag::is_language_range;

const SO_LANGUAGE: &str = "SO-Language";

/// How much a language is wanted, in thousandths.
type Quality = u16;

/// The languages that a caller wants texts in, best first; none where texts are to leave unchanged.
///
/// - `SO-Language` is one tag, and where it is there, `Accept-Language` does not count.
/// - `Accept-Language` is a list with qualities as in RFC 9110 (section 12.5.4): the higher comes first, among equals
///   the earlier; a quality of 0 excludes.
/// - `*` and `x` cancel translation: no text changes. Within a list they say what becomes of a text that no
///   language before them matches: it leaves unchanged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LanguagePreference {
    /// Best first.
    wanted: Vec<LanguageTag>,
    excluded: Vec<LanguageTag>,
    /// Whether a text that nothing matches stays as it is.
    nothing_else: bool,
}

impl LanguagePreference {
    /// Wants texts in this language, and in what stands in for it.
    pub fn only(tag: LanguageTag) -> Self {
        Self { wanted: vec![tag], ..Self::default() }
    }

    /// Reads what the headers say; no header leaves texts unchanged.
    ///
    /// # Errors
    /// 400 where one of the two headers is malformed, or `SO-Language` is there more than once.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut accepted = Vec::new();
        for value in headers.get_all(ACCEPT_LANGUAGE) {
            let ranges = value.to_str().ok().and_then(parse_ranges);
            let malformed = || malformed("Accept-Language", "it is no list of language tags");
            accepted.extend(ranges.ok_or_else(malformed)?);
        }
        let Some(value) = crate::support::header::<String>(headers, SO_LANGUAGE)? else {
            return Ok(Self::of(accepted));
        };
        match value.as_str() {
            "*" => Ok(Self::default()),
            tag if is_language_range(tag) => Ok(Self::of(vec![(tag, 1000)])),
            _ => Err(malformed(SO_LANGUAGE, "it is no language tag")),
        }
    }

    fn of(mut ranges: Vec<(&str, Quality)>) -> Self {
        let mut preference = Self::default();
        // Stable: among equals the first comes first. What is excluded comes last.
        ranges.sort_by_key(|&(_, quality)| std::cmp::Reverse(quality));
        for (range, quality) in ranges {
            match (range, quality) {
                ("*" | "x" | "X", _) => preference.nothing_else = true,
                (tag, 0) => preference.excluded.push(LanguageTag::vendor(tag)),
                // What comes after `*` is never asked for.
                _ if preference.nothing_else => {}
                (tag, _) => preference.wanted.push(LanguageTag::vendor(tag)),
            }
        }
        preference
    }

    /// Whether texts leave as they are.
    pub fn is_unchanged(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The languages, best first.
    pub fn wanted(&self) -> &[LanguageTag] {
        &self.wanted
    }

    /// The position of the best of `offered`: the nearest to the first wanted language that anything is near to.
    ///
    /// Where nothing is near, the first offer in English is the best, else the first; `None` where that is excluded,
    /// where the caller wants nothing else (`*` at the end of the list), and where texts leave unchanged.
    pub fn best(&self, offered: &[LanguageTag]) -> Option<usize> {
        if self.is_unchanged() {
            return None;
        }
        let allowed = || offered.iter().enumerate().filter(|(_, offer)| !self.excludes(offer));
        for wanted in &self.wanted {
            let near = allowed().filter_map(|(index, offer)| Some((wanted.nearness(offer)?, index)));
            if let Some((_, index)) = near.min() {
                return Some(index);
            }
        }
        if self.nothing_else {
            return None;
        }
        let english = allowed().find(|(_, offer)| offer.is_english());
        english.or_else(|| allowed().next()).map(|(index, _)| index)
    }

    /// A quality of 0 counts for an offer unless a wanted language is nearer: `en-GB, en;q=0` admits British English.
    fn excludes(&self, offer: &LanguageTag) -> bool {
        let nearest = |tags: &[LanguageTag]| tags.iter().filter_map(|tag| tag.nearness(offer)).min();
        let Some(excluded) = nearest(&self.excluded).filter(|(distance, _)| distance.is_same_language()) else {
            return false;
        };
        nearest(&self.wanted).is_none_or(|wanted| excluded <= wanted)
    }
}

fn malformed(header: &'static str, why: &str) -> ApiError {
    ApiError::bad_request(format!("header `{header}`: {why}"))
        .with_reference("SR_ERROR_HEADER", [("header", header.into())])
}

/// The ranges of a list with their qualities; nothing where it is not a list of them.
fn parse_ranges(list: &str) -> Option<Vec<(&str, Quality)>> {
    /// People know fewer languages; matching costs time for each, and nobody has signed in yet.
    const MAX_RANGES: usize = 32;

    // RFC 9110, section 5.6.1: a list may have empty elements.
    let elements = list.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|e| !e.is_empty());
    elements
        .take(MAX_RANGES)
        .map(|element| {
            let Some((range, weight)) = element.split_once(';') else { return range(element, 1000) };
            let weight = weight.trim_start_matches([' ', '\t']);
            let quality = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?;
            self::range(range.trim_end_matches([' ', '\t']), crate::negotiation::parse_quality(quality)?)
        })
        .collect()
}

fn range(text: &str, quality: Quality) -> Option<(&str, Quality)> {
    (text == "*" || is_language_range(text)).then_some((text, quality))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// The wanted languages, then `!` and the excluded, then `*` where nothing else is wanted.
    fn read(headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        match LanguagePreference::from_headers(&map) {
            Err(error) => error.status().as_u16().to_string(),
            Ok(preference) if preference.is_unchanged() => "unchanged".to_owned(),
            Ok(LanguagePreference { wanted, excluded, nothing_else }) => {
                let wanted = wanted.iter().map(|tag| tag.to_string());
                let excluded = excluded.iter().map(|tag| format!("!{tag}"));
                let rest = nothing_else.then(|| "*".to_owned());
                wanted.chain(excluded).chain(rest).collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn accept_language_is_a_list_with_qualities() {
        for (value, expected) in [
            ("nb", "nb"),
            ("nb-NO", "nb-NO"),
            ("en-GB,en;q=0.5,nb;q=0.8", "en-GB nb en"),
            ("nb;q=0.1 , sv ; q=0.2,\tda;Q=0.200", "sv da nb"),
            ("nb, en;q=0", "nb !en"),
            ("en;q=0", "unchanged"),
            ("en;q=0.000, nb;q=1.000", "nb !en"),
            ("", "unchanged"),
            (" , ,", "unchanged"),
            (",nb,,en,", "nb en"),
            ("*", "unchanged"),
            ("x", "unchanged"),
            ("X", "unchanged"),
            ("nb, *", "nb *"),
            ("nb;q=0.5, *", "unchanged"),
            ("nb;q=0.5, *;q=0.4, en;q=0.3", "nb *"),
            ("nb, *;q=0", "nb *"),
            ("zh-Hant-TW", "zh-Hant-TW"),
            ("i-klingon, tlh", "i-klingon tlh"),
            ("x-private", "x-private"),
            ("nb_NO", "400"),
            ("nb no", "400"),
            ("nb-", "400"),
            ("-nb", "400"),
            ("abcdefghi", "400"),
            ("nb-123456789", "400"),
            ("1a", "400"),
            ("nb;q=2", "400"),
            ("nb;q=1.001", "400"),
            ("nb;q=0.1234", "400"),
            ("nb;q=", "400"),
            ("nb;q", "400"),
            ("nb;level=1", "400"),
            ("nb;q=1;q=1", "400"),
            ("nb;", "400"),
            (";q=1", "400"),
            ("**", "400"),
            ("*-NO", "400"),
        ] {
            assert_eq!(read(&[("accept-language", value)]), expected, "{value:?}");
        }
    }

    #[test]
    fn so_language_is_one_tag_and_wins() {
        for (headers, expected) in [
            (&[][..], "unchanged"),
            (&[("so-language", "NO")], "NO"),
            (&[("so-language", "nb-NO"), ("accept-language", "en")], "nb-NO"),
            (&[("so-language", "*"), ("accept-language", "en")], "unchanged"),
            (&[("so-language", "x"), ("accept-language", "en")], "unchanged"),
            (&[("so-language", "en"), ("accept-language", "*")], "en"),
            (&[("accept-language", "en"), ("accept-language", "nb;q=0.5")], "en nb"),
            (&[("so-language", "")], "400"),
            (&[("so-language", "nb,en")], "400"),
            (&[("so-language", "nb;q=1")], "400"),
            (&[("so-language", "en"), ("so-language", "en")], "400"),
            (&[("so-language", "en"), ("accept-language", "nb_NO")], "400"),
        ] {
            assert_eq!(read(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_nearest_offer_is_taken() {
        for (accepted, offered, expected) in [
            ("nb-no", "US NO", Some("NO")),
            ("nb", "US NO", Some("NO")),
            ("no", "US NO", Some("NO")),
            ("nn", "US NO", Some("NO")),
            ("NO", "en nb-NO", Some("nb-NO")),
            ("nn", "nb nn", Some("nn")),
            ("en-gb", "NO US", Some("US")),
            ("en-gb", "NO en", Some("en")),
            ("en", "NO GB US", Some("US")),
            ("en-GB", "US GB", Some("GB")),
            ("US", "en-GB en", Some("en")),
            ("sv", "US SV", Some("SV")),
            ("sv", "US SE", Some("SE")),
            ("SE", "US sv", Some("sv")),
            ("da-DK", "US DA", Some("DA")),
            ("DK", "US da", Some("da")),
            ("de-AT", "US GE", Some("GE")),
            ("GE", "US DE", Some("DE")),
            ("nl-BE", "US NL", Some("NL")),
            ("fr-CA", "US FR", Some("FR")),
            ("AT", "US de", Some("de")),
            ("JP", "US ja", Some("ja")),
            ("zh-TW", "zh-Hans zh-Hant", Some("zh-Hant")),
            ("zh-HK", "zh-CN en", Some("zh-CN")),
            ("iw", "en he", Some("he")),
            ("en-GB", "en-US en", Some("en")),
            ("en-gb", "US en-AU EN", Some("EN")),
            ("sl-rozaj-biske", "sl sl-rozaj", Some("sl-rozaj")),
            // The first language that anything is near to decides, not the nearest of all.
            ("nn, en", "en nb", Some("nb")),
            ("fr, nb;q=0.9, en;q=0.8", "US NO", Some("NO")),
            // Nothing near: English, else the first.
            ("fr", "NO US", Some("US")),
            ("fr", "NO SV", Some("NO")),
            ("i-klingon", "NO US", Some("US")),
            ("qq", "NO US", Some("US")),
            ("fr, *", "NO US", None),
            ("fr, *;q=0", "NO US", None),
            ("fr", "", None),
            // Excluded.
            ("fr, en;q=0", "US NO", Some("NO")),
            ("fr, en;q=0", "US", None),
            ("en-GB, en;q=0", "US GB", Some("GB")),
            ("en-GB, en;q=0", "US NO", Some("NO")),
            ("nb, en-US;q=0", "en-GB", None),
            ("nn, nb;q=0", "nb nn", Some("nn")),
            ("en, en-GB;q=0", "en-AU", Some("en-AU")),
            ("en, en-GB;q=0", "en-GB", None),
        ] {
            let preference = LanguagePreference::of(parse_ranges(accepted).unwrap());
            let tags: Vec<LanguageTag> = offered.split_whitespace().map(LanguageTag::vendor).collect();
            let best = preference.best(&tags).map(|index| tags[index].to_string());
            assert_eq!(best.as_deref(), expected, "{accepted} of {offered}");
        }
    }
}
