//! Texts that hold a part a language: `US:"Supplier";NO:"Leverandør"`.

use std::borrow::Cow;

use crate::LanguageTag;
use crate::language::is_language_range;

/// The text of one language.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part<'a> {
    pub(super) tag: LanguageTag,
    /// Without the quotes, and with doubled ones halved.
    pub(super) text: Cow<'a, str>,
}

/// The parts of a text that is a multi-language value from its first byte to its last:
///
/// ```text
/// value = part *( ";" part ) [ ";" ]
/// part  = tag ":" DQUOTE *( any character but DQUOTE / DQUOTE DQUOTE ) DQUOTE
/// ```
///
/// No blanks between the pieces, and every tag one that CLDR knows. Nothing where the text is anything else.
pub(super) fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (tag, after) = rest.split_once(":\"").filter(|(tag, _)| is_language_range(tag))?;
        let end = closing_quote(after)?;
        let (inner, after) = (&after[..end], &after[end + 1..]);
        let text = if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
        let tag = LanguageTag::vendor(tag);
        parts.push(Part { text, tag: Some(tag).filter(LanguageTag::is_known)? });
        match after.strip_prefix(';') {
            None if after.is_empty() => return Some(parts),
            None => return None,
            Some("") => return Some(parts),
            Some(next) => rest = next,
        }
    }
}

/// The position of the first quote that is not doubled.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += text[at..].find('"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_this_form_from_end_to_end() {
        for (text, expected) in [
            ("US:\"Supplier\";NO:\"Leverandør\"", Some("US=Supplier NO=Leverandør")),
            ("US:\"Supplier\"", Some("US=Supplier")),
            ("US:\"Supplier\";", Some("US=Supplier")),
            ("nb-NO:\"a\";en:\"b\"", Some("nb-NO=a en=b")),
            ("US:\"\"", Some("US=")),
            ("US:\"a\"\"b\"", Some("US=a\"b")),
            ("US:\"\"\"\"", Some("US=\"")),
            ("US:\"a;NO:b\"", Some("US=a;NO:b")),
            ("US:\"a\nb\"", Some("US=a\nb")),
            ("US:\"a\"\";NO:\"b\"", None),
            ("US:\"\"\"", None),
            ("US:\"a", None),
            ("US:a", None),
            ("US: \"a\"", None),
            (" US:\"a\"", None),
            ("US:\"a\" ", None),
            ("US:\"a\"; NO:\"b\"", None),
            ("US:\"a\";;", None),
            ("US:\"a\"NO:\"b\"", None),
            ("US:\"a\";b", None),
            (";US:\"a\"", None),
            (":\"a\"", None),
            ("Note:\"a\"", None),
            ("ex:\"a\"", None),
            ("US:\"a\";ex:\"a\"", None),
            ("he said US:\"a\"", None),
            ("{\"US\":\"a\"}", None),
            ("US:'a'", None),
            ("", None),
        ] {
            let read = parts(text).map(|parts| {
                parts.iter().map(|part| format!("{}={}", part.tag, part.text)).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }
}
