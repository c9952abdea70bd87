//! Content negotiation against a reference that is written from RFC 9110 alone.

mod reference;

use chat_api::{LanguagePreference, LanguageTag, negotiate};
use http::header::{ACCEPT, ACCEPT_LANGUAGE};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use proptest::sample::select;

use self::reference::Answer;

/// What a service may offer; some pairs differ only in what a sloppy comparison would overlook.
const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "text/json",
    "application/xml",
    "text/xml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "text/event-stream",
];

fn from_lines(name: http::HeaderName, lines: &[String]) -> HeaderMap {
    lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
}

/// Weights, the wrong ones rarely.
fn weight() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec!["0", "0.", "0.0", "0.000", "0.001", "0.5", "0.50", "0.9", "1", "1.", "1.0", "1.000", ".2"]),
        1 => select(vec!["", ".", "2", "1.001", "0.1234", "00", "01", "-1", "0,5", "0.5.5", "q", "\"0.5\"", "0. 5", "1e0"]),
    ]
    .prop_map(str::to_owned)
}

fn blanks() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(""), 2 => Just(" "), 1 => Just("\t "), ]
}

fn parameter() -> impl Strategy<Value = String> {
    let usual = (select(vec!["q", "Q"]), weight()).prop_map(|(name, weight)| format!("{name}={weight}"));
    let charset = select(vec![
        "charset=utf-8",
        "Charset=\"UTF-8\"",
        "charset=\"u\\tf-8\"",
        "charset=latin1",
        "version=1",
        "title=\"a, b;q=0\"",
        "x=`|~",
    ]);
    let odd = select(vec![
        "",
        "charset",
        "charset=",
        "=utf-8",
        "charset =utf-8",
        "charset= utf-8",
        "a=\"",
        "a=\"b\"c",
        "a=b c",
        "é=1",
    ]);
    let odd = odd.prop_filter("headers are ASCII here", |text| text.is_ascii());
    prop_oneof![6 => usual, 3 => charset.prop_map(str::to_owned), 1 => odd.prop_map(str::to_owned)]
}

fn media_range() -> impl Strategy<Value = String> {
    let offered = select(MEDIA_TYPES).prop_flat_map(|name| select(vec![name.to_owned(), name.to_uppercase()]));
    let range = prop_oneof![
        8 => offered,
        3 => select(vec!["*/*", "application/*", "text/*", "image/*", "*"]).prop_map(str::to_owned),
        2 => select(vec!["image/png", "application/vnd.x+", "a~b/c|d", "application/json+xml", "application/jso"])
            .prop_map(str::to_owned),
        1 => select(vec!["", "json", "application/", "/json", "*/json", "**", "a /b", "a/ b", "a/b/c", "(a)/b", "\"a\"/b"])
            .prop_map(str::to_owned),
    ];
    let parameters = prop::collection::vec((blanks(), blanks(), parameter()), 0..3);
    (range, parameters).prop_map(|(range, parameters)| {
        parameters
            .into_iter()
            .fold(range, |range, (before, after, parameter)| format!("{range}{before};{after}{parameter}"))
    })
}

/// Headers of one name, each a list of these elements.
fn lines(element: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    let separator = select(vec![",", ", ", " ,\t", ",,", ", , "]);
    let line = prop::collection::vec((element, separator), 0..5).prop_map(|elements| {
        let mut line: String = elements.iter().map(|(element, separator)| format!("{element}{separator}")).collect();
        // A separator behind the last element is allowed, and rare.
        if !line.len().is_multiple_of(4) {
            line.truncate(line.trim_end_matches([',', ' ', '\t']).len());
        }
        line
    });
    prop::collection::vec(line, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn media_types_are_chosen_as_rfc_9110_says(
        lines in lines(media_range()),
        offered in prop::sample::subsequence(MEDIA_TYPES, 1..=MEDIA_TYPES.len()).prop_shuffle(),
    ) {
        let expected = reference::media_type(&lines.iter().map(String::as_str).collect::<Vec<_>>(), &offered);
        let found = match negotiate(&from_lines(ACCEPT, &lines), &offered) {
            Ok(media_type) => Answer::Chosen(media_type),
            Err(error) if error.status() == 406 => Answer::NotAcceptable,
            Err(error) => {
                prop_assert_eq!(error.status().as_u16(), 400);
                Answer::Malformed
            }
        };
        prop_assert_eq!(found, expected, "{:?} of {:?}", lines, offered);
    }
}

/// Languages with what CLDR takes each for: language, script and region.
const LANGUAGES: &[(&str, [&str; 3])] = &[
    ("en", ["en", "Latn", "US"]),
    ("en-US", ["en", "Latn", "US"]),
    ("en-GB", ["en", "Latn", "GB"]),
    ("en-AU", ["en", "Latn", "AU"]),
    ("nb", ["nb", "Latn", "NO"]),
    ("nb-NO", ["nb", "Latn", "NO"]),
    ("no", ["nb", "Latn", "NO"]),
    ("nn", ["nn", "Latn", "NO"]),
    ("zh", ["zh", "Hans", "CN"]),
    ("zh-Hant", ["zh", "Hant", "TW"]),
    ("zh-TW", ["zh", "Hant", "TW"]),
    ("zh-Hant-HK", ["zh", "Hant", "HK"]),
    ("sr", ["sr", "Cyrl", "RS"]),
    ("sr-Latn", ["sr", "Latn", "RS"]),
    ("fr", ["fr", "Latn", "FR"]),
    ("fr-CA", ["fr", "Latn", "CA"]),
    ("ja", ["ja", "Jpan", "JP"]),
    ("fi", ["fi", "Latn", "FI"]),
];

fn language_tag() -> impl Strategy<Value = &'static str> {
    select(LANGUAGES).prop_map(|(tag, _)| tag)
}

fn language_range() -> impl Strategy<Value = String> {
    let tag = prop_oneof![
        8 => language_tag().prop_map(str::to_owned),
        2 => language_tag().prop_map(str::to_uppercase),
        2 => Just("*".to_owned()),
        1 => select(vec!["tlh", "i-klingon", "x-private", "", "en_GB", "abcdefghi", "en-", "-en", "e n", "1a", "en-123456789", "**"])
            .prop_map(str::to_owned),
    ];
    (tag, prop::option::weighted(0.6, (blanks(), blanks(), weight()))).prop_map(|(tag, weight)| match weight {
        Some((before, after, weight)) => format!("{tag}{before};{after}q={weight}"),
        None => tag,
    })
}

/// How near an offer is to a range, the smaller the nearer; nothing where it is another language. What is written alike
/// comes first, then what CLDR takes for the same, another region, the other Norwegian, another script. Among equals the
/// one with more subtags in common counts, if one of the two is the beginning of the other (RFC 4647, sections 3.3.1 and
/// 3.4).
fn nearness(range: &str, offer: &str) -> Option<(u8, usize)> {
    let known = |tag: &str| LANGUAGES.iter().find(|(known, _)| known.to_lowercase() == tag.to_lowercase());
    let (&(range, [language, script, region]), &(offer, [own_language, own_script, own_region])) =
        (known(range)?, known(offer)?);
    let step = if range == offer {
        0
    } else if language != own_language {
        if [language, own_language].iter().all(|language| ["nb", "nn"].contains(language)) { 3 } else { return None }
    } else if script != own_script {
        4
    } else if region != own_region {
        2
    } else {
        1
    };
    let common = range.split('-').zip(offer.split('-')).take_while(|(one, other)| one == other).count();
    let all = range.split('-').count().min(offer.split('-').count());
    Some((step, 10 - if common == all { common } else { 0 }))
}

/// The language that the ranges want most of those that are offered, and whether they want any: the weights decide, and
/// among equals the order; `*` ends what is wanted, and then nothing stands in for it.
fn expected_language(ranges: &[(String, u16)], offered: &[&str]) -> (Option<usize>, bool) {
    let mut ordered: Vec<&(String, u16)> = ranges.iter().collect();
    ordered.sort_by(|(_, a), (_, b)| b.cmp(a));
    let star = ordered.iter().position(|(range, _)| range == "*");
    let wanted: Vec<&String> = ordered[..star.unwrap_or(ordered.len())]
        .iter()
        .filter(|(_, weight)| *weight > 0)
        .map(|(range, _)| range)
        .collect();
    // What is excluded takes its regions with it, unless something that is wanted is nearer.
    let excluded = |offer: &str| {
        let nearest_wanted = wanted.iter().filter_map(|range| nearness(range, offer)).min();
        ranges.iter().filter(|(range, weight)| *weight == 0 && range != "*").any(|(range, _)| {
            nearness(range, offer).is_some_and(|near| near.0 <= 2 && nearest_wanted.is_none_or(|wanted| near <= wanted))
        })
    };
    let allowed: Vec<usize> = (0..offered.len()).filter(|index| !excluded(offered[*index])).collect();
    let nearest = |range: &str| {
        allowed
            .iter()
            .filter_map(|index| Some((nearness(range, offered[*index])?, *index)))
            .min()
            .map(|(_, index)| index)
    };
    let found = wanted.iter().find_map(|range| nearest(range));
    // What nothing matches is English, or the first.
    let english = || allowed.iter().copied().find(|index| offered[*index].split('-').next() == Some("en"));
    let stand_in = || english().or(allowed.first().copied()).filter(|_| star.is_none());
    (if wanted.is_empty() { None } else { found.or_else(stand_in) }, !wanted.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn languages_are_chosen_as_rfc_9110_says(
        lines in lines(language_range()),
        offered in prop::sample::subsequence(LANGUAGES, 0..=6).prop_shuffle(),
    ) {
        let found = LanguagePreference::from_headers(&from_lines(ACCEPT_LANGUAGE, &lines));
        let Some(ranges) = reference::language_ranges(&lines.join(",")) else {
            prop_assert_eq!(found.map_err(|error| error.status().as_u16()), Err(400), "{:?}", lines);
            return Ok(());
        };
        let found = found.map_err(|error| TestCaseError::fail(format!("{lines:?}: {error}")))?;
        let offered: Vec<&str> = offered.iter().map(|(tag, _)| *tag).collect();
        let tags: Vec<LanguageTag> = offered.iter().map(|tag| LanguageTag::vendor(tag)).collect();
        let (best, wants_any) = expected_language(&ranges, &offered);
        prop_assert_eq!((found.best(&tags), !found.is_unchanged()), (best, wants_any), "{:?} of {:?}", lines, offered);
    }
}
