//! JSON values as source text.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Number, Value};

/// What stands inside `json!(…)`.
pub(crate) fn tokens(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Bool(flag) => quote!(#flag),
        Value::String(text) => quote!(#text),
        Value::Number(number) => self::number(number),
        Value::Array(items) => {
            let items = items.iter().map(tokens);
            quote!([#(#items),*])
        }
        Value::Object(members) => {
            let names = members.keys();
            let values = members.values().map(tokens);
            quote!({#(#names: #values),*})
        }
    }
}

/// A number is one token or two (`-1`). Rust takes whole ones for `i32` unless they say otherwise.
fn number(number: &Number) -> TokenStream {
    let suffix = match () {
        () if is_small_number(number) => "",
        () if number.is_i64() => "i64",
        () => "u64",
    };
    format!("{number}{suffix}").parse().unwrap_or_else(|_| quote!(null))
}

/// Whether Rust takes the number as it is written: it is no whole number, or an `i32`.
pub(crate) fn is_small_number(number: &Number) -> bool {
    number.is_f64() || number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

/// Whether a text stands in a literal as it is. utoipa reads names without undoing escapes, and takes an empty one for
/// none.
pub(crate) fn is_plain_text(text: &str) -> bool {
    !text.is_empty() && Literal::string(text).to_string() == format!("\"{text}\"")
}

/// Whether `json!(…)` takes the value without running out of the compiler's recursion.
pub(crate) fn is_small(value: &Value) -> bool {
    size(value) <= 24
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(|value| 1 + size(value)).sum::<usize>(),
        _ => 1,
    }
}

/// An expression that is the value.
pub(crate) fn expression(value: &Value) -> TokenStream {
    if is_small(value) {
        let tokens = tokens(value);
        quote!(json!(#tokens))
    } else {
        let text = value.to_string();
        quote!(verbatim(#text))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_literals_of_rust() {
        for (value, expected) in [
            (json!(null), "null"),
            (json!(-1), "- 1"),
            (json!(2_147_483_647), "2147483647"),
            (json!(-2_147_483_648_i64), "- 2147483648"),
            (json!(2_147_483_648_i64), "2147483648i64"),
            (json!(-3_000_000_000_i64), "- 3000000000i64"),
            (json!(u64::MAX), "18446744073709551615u64"),
            (json!(1.5), "1.5"),
            (json!("a\u{1}\u{c}\u{202e}\r"), r#""a\u{1}\u{c}\u{202e}\r""#),
            (json!([true, "é"]), r#"[true , "é"]"#),
        ] {
            assert_eq!(tokens(&value).to_string(), expected);
        }
    }

    #[test]
    fn some_texts_need_escapes() {
        for (text, expected) in [
            ("a", true),
            ("é 'x'", true),
            ("", false),
            ("a\"]", false),
            ("\\", false),
            ("\u{202e}", false),
            ("\r", false),
        ] {
            assert_eq!(is_plain_text(text), expected, "{text:?}");
        }
    }
}
