//! Texts of a length, and of a format.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use docwright_contract::model::Constraints;

use super::MAX_LENGTH;

/// What came of a format.
pub(super) enum Formatted {
    /// A text of the format and the length.
    Text(String),
    /// No text of the format has the length.
    Impossible,
    /// Nobody checks this format.
    Unknown,
}

/// Plain text number `variation` within the bounds of its length.
pub(super) fn plain(constraints: &Constraints, variation: usize) -> Option<String> {
    let (least, most) = bounds(constraints)?;
    let mut text = match variation {
        0 => "string".to_owned(),
        _ => format!("{variation}string"),
    };
    if most < text.chars().count() {
        // Short texts differ in their letters.
        text = letters(variation, most)?;
    }
    // Letters and digits alone: as many as bytes.
    while text.len() < least {
        text.push_str("string");
    }
    let end = least.max(text.chars().count().min(most).min(least.max("string".len() + 8)));
    Some(text.chars().take(end).collect())
}

/// The text number `variation` of `length` small letters.
fn letters(variation: usize, length: usize) -> Option<String> {
    let mut rest = variation;
    let mut text = String::new();
    for _ in 0..length {
        text.push(char::from(b'a' + u8::try_from(rest % 26).ok()?));
        rest /= 26;
    }
    (rest == 0).then_some(text)
}

fn bounds(constraints: &Constraints) -> Option<(usize, usize)> {
    let least = constraints.min_length.unwrap_or(0);
    let most = constraints.max_length.unwrap_or(u64::MAX);
    if least > most || least > MAX_LENGTH {
        return None;
    }
    Some((usize::try_from(least).ok()?, usize::try_from(most).unwrap_or(usize::MAX)))
}

/// Text number `variation` of a format, of the demanded length.
pub(super) fn formatted(format: &str, constraints: &Constraints, variation: usize) -> Formatted {
    let Some((least, most)) = bounds(constraints) else { return Formatted::Impossible };
    let day = variation % 28 + 1;
    let month = variation / 28 % 12 + 1;
    let year = 2024 + variation / (28 * 12) % 1000;
    let (minute, second) = (variation / 60 % 60, variation % 60);
    // What is put in so often that the text gets its length, and where.
    let (text, filler) = match format {
        "date-time" => (format!("{year:04}-{month:02}-{day:02}T12:00:00Z"), None),
        "date" => (format!("{year:04}-{month:02}-{day:02}"), None),
        "time" => (format!("12:{minute:02}:{second:02}Z"), None),
        "duration" => (format!("P{}D", variation + 1), None),
        "uuid" => (format!("00000000-0000-4000-8000-{:012x}", variation + 1), None),
        "email" | "idn-email" => (format!("user{variation}@example.com").replace("user0@", "user@"), Some(4)),
        "hostname" | "idn-hostname" => (host(variation), None),
        "ipv4" => (format!("192.0.{}.{}", variation / 250 % 250, variation % 250 + 1), None),
        "ipv6" => (format!("2001:db8::{:x}", variation % 0xffff + 1), None),
        "uri" | "url" | "iri" => (format!("https://example.com/{}", number(variation)), Some(20)),
        "uri-reference" | "iri-reference" => (format!("/path{}", number(variation)), Some(5)),
        "uri-template" => (format!("/path{}/{{id}}", number(variation)), Some(5)),
        "json-pointer" => (format!("/member{}", number(variation)), Some(7)),
        "relative-json-pointer" => (format!("{variation}/member"), None),
        "regex" => (format!("^[a-z]+{}$", number(variation)), None),
        "byte" => return bytes(least, most, variation),
        _ => return Formatted::Unknown,
    };
    let length = text.chars().count();
    let text = match filler {
        Some(position) if length < least => {
            let mut longer = text;
            longer.insert_str(position, &"a".repeat(least - length));
            longer
        }
        _ => text,
    };
    if (least..=most).contains(&text.chars().count()) { Formatted::Text(text) } else { Formatted::Impossible }
}

fn host(variation: usize) -> String {
    if variation == 0 { "example.com".to_owned() } else { format!("host{variation}.example.com") }
}

/// Nothing for the first, so that it looks plain.
fn number(variation: usize) -> String {
    if variation == 0 { String::new() } else { variation.to_string() }
}

/// Base64, whose length is a multiple of four.
fn bytes(least: usize, most: usize, variation: usize) -> Formatted {
    let content = if variation == 0 { "bytes".to_owned() } else { format!("bytes{variation}") };
    let length = least.max(1).div_ceil(4).max(STANDARD.encode(&content).len().min(most / 4 * 4) / 4) * 4;
    if length > most {
        return if least == 0 && variation == 0 { Formatted::Text(String::new()) } else { Formatted::Impossible };
    }
    let mut content = content.into_bytes();
    content.resize((length / 4 * 3).max(1).min(content.len().max(length / 4 * 3 - 2)), b'.');
    Formatted::Text(STANDARD.encode(content))
}
