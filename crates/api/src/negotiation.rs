//! Which media type an answer has: RFC 9110, section 12.5.1.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use mediatype::MediaType;

use crate::keys::key_headers;
use crate::{ApiError, shortened};

/// How much a range of `Accept` wants what it matches, in thousandths.
type Quality = u16;

/// What an answer depends on besides the address: the headers of its form, language and dates, and of the caller.
pub(crate) static VARY_ON: LazyLock<HeaderValue> = LazyLock::new(|| {
    const OWN: &str = "Accept, Accept-Language, SO-Language, SO-Culture, SO-TimeZone, Authorization, Cookie";
    let all: Vec<&str> = std::iter::once(OWN).chain(key_headers()).collect();
    HeaderValue::from_str(&all.join(", ")).unwrap_or(HeaderValue::from_static(OWN))
});

/// Chooses among `offered`, which are in the service's own order of preference, what the header
/// `Accept` wants most. No such header, or an empty one, admits everything.
///
/// `*` is read as `*/*` and `q=.2` as `q=0.2`, which clients write; for the rest RFC 9110 is followed to the letter.
///
/// # Errors
/// - 400 where the header is not a list of media ranges.
/// - 406 where it admits nothing that is offered.
pub fn negotiate(headers: &HeaderMap, offered: &[&'static str]) -> Result<&'static str, ApiError> {
    let lines: Result<Vec<&str>, _> = headers.get_all(ACCEPT).iter().map(HeaderValue::to_str).collect();
    let lines = lines.map_err(|_| malformed("it holds other characters than printable ASCII"))?;
    // Several lines are one list (RFC 9110, section 5.3), whoever joins them: also where one opens a quote that another
    // closes.
    let list = lines.join(",");
    let mut ranges = Vec::new();
    for element in elements(&list, ',') {
        let range = Range::parse(element);
        ranges.push(range.map_err(|why| malformed(&format!("`{}`: {why}", shortened(element))))?);
    }
    if ranges.is_empty() {
        return offered.first().copied().ok_or_else(|| not_acceptable(offered));
    }
    offered
        .iter()
        .enumerate()
        .map(|(preference, name)| (quality(&ranges, name), Reverse(preference), *name))
        .filter(|(quality, ..)| *quality > 0)
        .max()
        .map(|(.., name)| name)
        .ok_or_else(|| not_acceptable(offered))
}

/// Whether what has this media type is written as JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    MediaType::parse(media_type).is_ok_and(|parsed| {
        parsed.subty == "json" && (parsed.ty == "application" || parsed.ty == "text")
            || parsed.suffix.is_some_and(|suffix| suffix == "json")
    })
}

/// Whether what has this media type is written as XML.
pub(crate) fn is_xml(media_type: &str) -> bool {
    MediaType::parse(media_type)
        .is_ok_and(|parsed| parsed.subty == "xml" || parsed.suffix.is_some_and(|suffix| suffix == "xml"))
}

fn malformed(why: &str) -> ApiError {
    let error = ApiError::bad_request(format!("header `Accept`: {why}"));
    error.with_reference("SR_ERROR_HEADER", [("header", "Accept".into())])
}

fn not_acceptable(offered: &[&'static str]) -> ApiError {
    let offered = offered.join(", ");
    let error = ApiError::not_acceptable(format!("`Accept` admits none of: {offered}"));
    error.with_reference("SR_ERROR_NOT_ACCEPTABLE", [("offered", (&*offered).into())])
}

/// What `separator` divides outside of quotes, without the empty elements, which RFC 9110 (sections 5.6.1 and 5.6.6)
/// lets pass.
fn elements(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut is_escaped) = (false, false);
    list.split(move |c| {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_quotes => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            c => return c == separator && !in_quotes,
        }
        false
    })
    .map(str::trim)
    .filter(|element| !element.is_empty())
}

/// One element of `Accept`: more may stand there than names of media types may hold (RFC 6838), so it is read by itself.
struct Range<'a> {
    ty: &'a str,
    subtype: &'a str,
    /// All but `q`, with their values as they are meant.
    parameters: Vec<(&'a str, Cow<'a, str>)>,
    quality: Quality,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Result<Self, &'static str> {
        const NO_RANGE: &str = "not a media range";
        // The range itself comes first: without it, a parameter would stand in its place.
        let end = text.find(';').unwrap_or(text.len());
        let (ty, subtype) = match text[..end].trim_end() {
            // RFC 9110 does not know it, and clients write it (Java's `HttpURLConnection`).
            "*" => ("*", "*"),
            range => range.split_once('/').ok_or(NO_RANGE)?,
        };
        if !is_token(ty) || !is_token(subtype) || ty == "*" && subtype != "*" {
            return Err(NO_RANGE);
        }
        let (mut parameters, mut quality) = (Vec::new(), None);
        for parameter in elements(&text[end..], ';') {
            let (name, value) = parameter.split_once('=').filter(|(name, _)| is_token(name)).ok_or(NO_RANGE)?;
            if !name.eq_ignore_ascii_case("q") {
                parameters.push((name, meant(value).ok_or(NO_RANGE)?));
                continue;
            }
            let weight = parse_lenient_quality(value).ok_or("`q` is not a weight")?;
            if quality.replace(weight).is_some() {
                return Err("`q` is there twice");
            }
        }
        Ok(Self { ty, subtype, parameters, quality: quality.unwrap_or(1000) })
    }

    /// How closely the range describes what is offered: 0 for `*/*`; `None` if not at all.
    fn specificity(&self, ty: &str, subtype: &str) -> Option<usize> {
        if self.ty == "*" {
            return self.parameters_match().map(|_| 0);
        }
        if !self.ty.eq_ignore_ascii_case(ty) {
            return None;
        }
        if self.subtype == "*" {
            return self.parameters_match().map(|_| 1);
        }
        if !self.subtype.eq_ignore_ascii_case(subtype) {
            return None;
        }
        self.parameters_match().map(|count| 2 + count)
    }

    /// The number of parameters, if all are the answer's own: text is always in UTF-8.
    fn parameters_match(&self) -> Option<usize> {
        let is_own = |(name, value): &(&str, Cow<'_, str>)| {
            name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
        };
        self.parameters.iter().all(is_own).then_some(self.parameters.len())
    }
}

/// The value of a parameter: a token, or what stands in quotes; nothing where it is neither.
fn meant(value: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = value.strip_prefix('"') else {
        return is_token(value).then_some(Cow::Borrowed(value));
    };
    let mut text = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    loop {
        match letters.next()? {
            '"' => return letters.as_str().is_empty().then_some(Cow::Owned(text)),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

/// RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// What the most specific range that matches says; 0 where none does.
fn quality(ranges: &[Range<'_>], offered: &str) -> Quality {
    let essence = offered.split(';').next().unwrap_or_default().trim_end();
    let Some((ty, subtype)) = essence.split_once('/') else { return 0 };
    ranges
        .iter()
        .filter_map(|range| Some((range.specificity(ty, subtype)?, range.quality)))
        .max()
        .map_or(0, |(_, quality)| quality)
}

/// RFC 9110, section 12.4.2: 0 to 1 with at most three decimals.
pub(crate) fn parse_quality(text: &str) -> Option<Quality> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: Quality = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// The same, and `.2`, which Java's `HttpURLConnection` writes for 0.2.
fn parse_lenient_quality(text: &str) -> Option<Quality> {
    match text.strip_prefix('.') {
        Some(decimals) if !decimals.is_empty() => parse_quality(&format!("0.{decimals}")),
        _ => parse_quality(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: &[&str] =
        &["application/json", "text/json", "application/json-patch+json", "application/merge-patch+json"];

    fn answer(accept: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        match negotiate(&headers, OFFERED) {
            Ok(media_type) => media_type.to_owned(),
            Err(error) => error.status().as_u16().to_string(),
        }
    }

    #[test]
    fn accept_chooses() {
        for (accept, expected) in [
            ("*/*", "application/json"),
            ("*", "application/json"),
            ("*;q=0.5", "application/json"),
            ("text/json;q=0.9, *;q=0.1", "text/json"),
            ("text/json;q=0.1, *;q=0.9", "application/json"),
            ("text/json;q=.9, * ; q=.1", "text/json"),
            ("application/json;q=0, *", "text/json"),
            ("*;charset=utf-8", "application/json"),
            ("*;charset=latin1", "406"),
            ("*;q=0", "406"),
            ("*;q=0, text/json", "text/json"),
            ("*;q=0, */*;q=0.1", "application/json"),
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),
            ("text/json, image/gif, *; q=.2, */*; q=.2", "text/json"),
            ("application/*", "application/json"),
            ("text/*", "text/json"),
            ("text/json", "text/json"),
            ("TEXT/JSON", "text/json"),
            ("text/json, application/json", "application/json"),
            ("application/json;q=0.5, text/json;q=0.8", "text/json"),
            ("application/json;q=0, */*", "text/json"),
            ("application/*;q=0, */*;q=0.1", "text/json"),
            ("application/merge-patch+json", "application/merge-patch+json"),
            ("application/merge-patch+json;q=0.001, application/xml", "application/merge-patch+json"),
            ("application/json; charset=utf-8", "application/json"),
            ("application/json; charset=\"UTF-8\"", "application/json"),
            ("application/json; charset=latin1", "406"),
            ("application/json; version=1, text/json;q=0.1", "text/json"),
            ("application/json; q=0.3; charset=utf-8, text/json;q=0.2", "application/json"),
            ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/json"),
            (" , application/json ,, ", "application/json"),
            ("application/xml", "406"),
            ("application/xml, text/xml", "406"),
            ("application/xml, application/json;q=0", "406"),
            ("image/png", "406"),
            ("*/*;q=0", "406"),
            ("*/*;q=0.000", "406"),
            ("", "application/json"),
            ("json", "400"),
            ("application/", "400"),
            ("*/json", "400"),
            ("application/json;q=2", "400"),
            ("application/json;q=1.001", "400"),
            ("application/json;q=0.1234", "400"),
            ("application/json;q=.", "400"),
            ("application/json;q=.1234", "400"),
            // More than media types may be called is no mistake, and neither are empty parameters.
            ("a~b/c|d;e=`, text/json", "text/json"),
            ("application/vnd.x+, text/json", "text/json"),
            ("text/json;;q=0.5; ;, application/json;q=0.1;", "text/json"),
            ("application/json;a=\"x\\\";q=0, y\", text/json;q=0.1", "text/json"),
            ("application/json;charset=\"ut\\f-8\"", "application/json"),
            ("text/json;Q=0.1, */*;q=0.2", "application/json"),
            ("application/json;charset=", "400"),
            ("application/json;=x", "400"),
            ("application/json;charset=\"utf-8", "400"),
            ("application/json;charset=\"utf-8\"x", "400"),
            ("application/json;q=\"1\"", "400"),
            (";q=1", "400"),
            ("*;nonsense==", "400"),
            ("*;q=2", "400"),
            ("*;q=0.1;q=0.2", "400"),
            ("*json", "400"),
            ("**", "400"),
            ("* application/json", "400"),
            ("application/json;q=-1", "400"),
            ("application/json;q=", "400"),
            ("application/json;q=0.1;q=0.2", "400"),
            ("application/json;q=\"", "400"),
            ("application/json application/xml", "400"),
        ] {
            assert_eq!(answer(&[accept]), expected, "{accept:?}");
        }
    }

    #[test]
    fn no_header_admits_everything_and_several_headers_are_one_list() {
        assert_eq!(answer(&[]), "application/json");
        assert_eq!(answer(&["application/json;q=0.1", "text/json"]), "text/json");
        // As a proxy may write them in one line.
        assert_eq!(answer(&["text/json, image/png;a=\"", "\""]), "text/json");
        assert_eq!(answer(&["text/json, image/png;a=\"", "b"]), "400");
    }

    #[test]
    fn media_types_have_a_syntax() {
        for (media_type, json, xml) in [
            ("application/json", true, false),
            ("text/json; charset=utf-8", true, false),
            ("application/merge-patch+json", true, false),
            ("application/xml", false, true),
            ("text/xml", false, true),
            ("application/atom+xml", false, true),
            ("application/octet-stream", false, false),
            ("nonsense", false, false),
        ] {
            assert_eq!((is_json(media_type), is_xml(media_type)), (json, xml), "{media_type}");
        }
    }
}
