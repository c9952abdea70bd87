//! What callers send, cut to a length that messages and logs can bear.

use std::borrow::Cow;

/// The most characters of what a caller sent that a message or a line of the log repeats.
const MAX_CHARS: usize = 200;

/// `text`, or its first 200 characters and `…`.
///
/// ```
/// assert_eq!(chat_api::shortened("/api"), "/api");
/// assert_eq!(chat_api::shortened(&"x".repeat(1000)).chars().count(), 201);
/// ```
pub fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_cut_between_characters() {
        for (text, expected) in [
            (String::new(), String::new()),
            ("\u{e6}".repeat(200), "\u{e6}".repeat(200)),
            ("\u{e6}".repeat(201), "\u{e6}".repeat(200) + "…"),
        ] {
            assert_eq!(shortened(&text), expected);
        }
    }
}
