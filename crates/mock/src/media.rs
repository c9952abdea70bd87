//! Media types: which form of a body they mean, and which one a caller prefers.

use http::HeaderMap;
use http::header::ACCEPT;
use mediatype::{MediaType, MediaTypeList};

/// The forms of a body that are told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Json,
    Xml,
    UrlEncoded,
    Multipart,
    Text,
    Binary,
}

impl Form {
    /// The form that the media type means. Parameters do not matter.
    pub(crate) fn of(media_type: &str) -> Self {
        let essence = essence(media_type);
        if is_json(&essence) {
            Self::Json
        } else if is_xml(&essence) {
            Self::Xml
        } else if essence == "application/x-www-form-urlencoded" {
            Self::UrlEncoded
        } else if essence.starts_with("multipart/") {
            Self::Multipart
        } else if essence.starts_with("text/") || TEXTUAL.contains(&&*essence) {
            Self::Text
        } else {
            Self::Binary
        }
    }
}

/// Text that is not called so.
const TEXTUAL: [&str; 7] = [
    "application/yaml",
    "application/x-yaml",
    "application/javascript",
    "application/x-ndjson",
    "application/jsonl",
    "application/graphql",
    "application/sql",
];

/// `type/subtype` in small letters, without parameters.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    matches!(&*essence, "application/json" | "text/json") || essence.ends_with("+json")
}

pub(crate) fn is_xml(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/xml") || essence.ends_with("+xml")
}

/// Whether the media type `concrete` is one of those that a contract's key means; the key may be a
/// range.
pub(crate) fn is_of(key: &str, concrete: &str) -> bool {
    let (key, concrete) = (essence(key), essence(concrete));
    key == concrete
        || key == "*/*"
        || key == "*"
        || key.strip_suffix("/*").is_some_and(|ty| concrete.split('/').next() == Some(ty))
}

pub(crate) fn is_range(key: &str) -> bool {
    key.contains('*')
}

/// Which of the offered media types the caller prefers, and as what to send it. By quality, then by
/// the caller's order, then JSON before others, then the contract's order. `None` where the caller
/// wants none of them.
pub(crate) fn preferred(headers: &HeaderMap, offered: &[&str]) -> Option<(usize, String)> {
    let accepted: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> =
        accepted.iter().flat_map(|value| MediaTypeList::new(value)).filter_map(Result::ok).map(Range::of).collect();
    let any = [Range { essence: "*/*".to_owned(), quality: 1_000, media_type: None }];
    let ranges = if ranges.is_empty() { &any[..] } else { &ranges };
    let mut best: Option<((u16, usize, bool), usize, String)> = None;
    for (index, key) in offered.iter().enumerate() {
        let Some((position, range)) = most_specific(ranges, key) else { continue };
        if range.quality == 0 {
            continue;
        }
        let rank = (range.quality, usize::MAX - position, is_json(key));
        if best.as_ref().is_none_or(|(known, ..)| rank > *known) {
            best = Some((rank, index, concrete(key, range)));
        }
    }
    best.map(|(_, index, media_type)| (index, media_type))
}

/// What a key is sent as: itself, unless it is a range.
fn concrete(key: &str, range: &Range<'_>) -> String {
    if !is_range(key) {
        return key.to_owned();
    }
    if !is_range(&range.essence) {
        return range.essence.clone();
    }
    match essence(key).as_str() {
        "text/*" => "text/plain",
        "image/*" => "image/png",
        "application/*" | "*/*" | "*" => "application/json",
        _ => "application/octet-stream",
    }
    .to_owned()
}

struct Range<'a> {
    essence: String,
    /// In thousandths.
    quality: u16,
    media_type: Option<MediaType<'a>>,
}

impl<'a> Range<'a> {
    fn of(media_type: MediaType<'a>) -> Self {
        let quality = media_type.params.iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case("q"));
        let quality = quality.and_then(|(_, value)| value.as_str().parse::<f32>().ok()).unwrap_or(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        let quality = (quality.clamp(0.0, 1.0) * 1_000.0) as u16;
        Self { essence: media_type.essence().to_string().to_ascii_lowercase(), quality, media_type: Some(media_type) }
    }

    /// How closely the range names the offered type: 0 not at all.
    fn closeness(&self, key: &str) -> usize {
        let offered = essence(key);
        if self.essence == offered {
            let wants = |media_type: &MediaType<'_>| media_type.params.iter().any(|(name, _)| name.as_str() != "q");
            return if self.media_type.as_ref().is_some_and(wants)
                && MediaType::parse(key).is_ok_and(|key| self.has_params_of(&key))
            {
                4
            } else {
                3
            };
        }
        // A range in the contract takes whatever the caller names.
        if is_range(&offered) && is_of(&offered, &self.essence) {
            return 3;
        }
        if self.essence == "*/*" {
            1
        } else if self.essence.strip_suffix("/*").is_some_and(|ty| offered.split('/').next() == Some(ty)) {
            2
        } else {
            0
        }
    }

    fn has_params_of(&self, offered: &MediaType<'_>) -> bool {
        self.media_type.as_ref().is_some_and(|wanted| offered.params.iter().all(|param| wanted.params.contains(param)))
    }
}

fn most_specific<'r, 'a>(ranges: &'r [Range<'a>], key: &str) -> Option<(usize, &'r Range<'a>)> {
    let mut best: Option<(usize, usize, &Range<'_>)> = None;
    for (position, range) in ranges.iter().enumerate() {
        let closeness = range.closeness(key);
        if closeness > 0 && best.is_none_or(|(known, ..)| closeness > known) {
            best = Some((closeness, position, range));
        }
    }
    best.map(|(_, position, range)| (position, range))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    use super::preferred;

    #[track_caller]
    fn check(accept: &str, offered: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        let found = preferred(&headers, offered).map(|(_, media_type)| media_type);
        assert_eq!(found.as_deref(), expected, "{accept:?} of {offered:?}");
    }

    #[test]
    fn preferred_media_types() {
        let both = ["application/xml", "application/json"];
        check("", &both, Some("application/json"));
        check("*/*", &both, Some("application/json"));
        check("garbage", &both, Some("application/json"));
        check("application/*", &both, Some("application/json"));
        check("application/xml", &both, Some("application/xml"));
        check("APPLICATION/XML", &both, Some("application/xml"));
        check("application/xml, application/json", &both, Some("application/xml"));
        check("application/xml;q=0.5, application/json;q=0.9", &both, Some("application/json"));
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", &both, Some("application/xml"));
        check("application/json;q=0, */*", &both, Some("application/xml"));
        check("text/plain", &both, None);
        check("*/*;q=0", &both, None);
        check("text/json", &["text/json", "application/json"], Some("text/json"));
        check("application/json", &["application/json; charset=utf-8"], Some("application/json; charset=utf-8"));
        check("image/webp", &["image/*"], Some("image/webp"));
        check("*/*", &["image/*"], Some("image/png"));
        check("", &["*/*"], Some("application/json"));
    }
}
