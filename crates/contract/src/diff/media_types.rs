//! Which media types are the same, and which are ranges of others.

/// Without blanks and quotation marks, in lower case.
pub(super) fn written(media_type: &str) -> String {
    media_type.chars().filter(|c| !c.is_whitespace() && *c != '"').flat_map(char::to_lowercase).collect()
}

/// Without what does not tell it from others: JSON is UTF-8 whatever `charset` says, and UTF-8 is
/// what texts are most often in.
pub(super) fn plain(media_type: &str) -> String {
    let written = written(media_type);
    let mut parts = written.split(';');
    let name = parts.next().unwrap_or_default().to_owned();
    let is_json = name.ends_with("/json") || name.ends_with("+json");
    let kept = parts
        .filter(|part| !(part.is_empty() || *part == "charset=utf-8" || (is_json && part.starts_with("charset="))));
    let mut kept: Vec<&str> = kept.collect();
    kept.sort_unstable();
    kept.into_iter().fold(name, |text, part| format!("{text};{part}"))
}

/// Whether `range` is `*/*` or `text/*`, and the media type is one of it.
pub(super) fn includes(range: &str, media_type: &str) -> bool {
    let (range, media_type) = (plain(range), plain(media_type));
    let Some(kind) = range.strip_suffix("/*") else { return false };
    range != media_type && (kind == "*" || media_type.split('/').next() == Some(kind))
}

#[cfg(test)]
mod tests {
    use super::{includes, plain};

    #[test]
    fn media_types_are_the_same_but_for_charsets_that_say_nothing() {
        for (a, b, expected) in [
            ("application/json", "application/json; charset=utf-8", true),
            ("application/json", "Application/JSON;charset=\"ISO-8859-1\"", true),
            ("text/plain", "text/plain; charset=UTF-8", true),
            ("text/plain", "text/plain; charset=latin1", false),
            ("a/b; x=1; y=2", "a/b;y=2;x=1", true),
            ("application/json; version=1", "application/json", false),
        ] {
            assert_eq!(plain(a) == plain(b), expected, "{a} and {b}");
        }
    }

    #[test]
    fn ranges_include_what_they_say() {
        for (range, media_type, expected) in [
            ("*/*", "application/json", true),
            ("*/*", "*/*", false),
            ("*/*", "text/*", true),
            ("text/*", "text/plain", true),
            ("text/*", "application/json", false),
            ("text/plain", "text/plain", false),
        ] {
            assert_eq!(includes(range, media_type), expected, "{range} and {media_type}");
        }
    }
}
