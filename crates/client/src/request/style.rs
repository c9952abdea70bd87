//! How the value of a parameter is written (OpenAPI 3.0, "Style Values").

use std::iter;

use serde_json::Value;

/// A style, and whether each item or property stands by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// `a,b` and `k,v`.
    Simple,
    /// `a,b` and `k=v`.
    SimpleExploded,
    /// `.a,b`.
    Label,
    /// `.a.b`.
    LabelExploded,
    /// `;name=a,b`.
    Matrix,
    /// `;name=a;name=b`.
    MatrixExploded,
    /// `name=a,b`.
    Form,
    /// `name=a&name=b`, and `k=v` without the name.
    FormExploded,
    /// `name=a b`.
    SpaceDelimited,
    /// `name=a|b`.
    PipeDelimited,
    /// `name=a b` with a tab in between.
    TabDelimited,
    /// `name[k]=v`.
    DeepObject,
    /// The value as JSON.
    Json,
}

impl Style {
    /// The value in a path, a header or a cookie; `encode` escapes what it is made of, not what stands between.
    pub(crate) fn text(self, name: &str, value: &Value, encode: &dyn Fn(&str) -> String) -> String {
        let joined = |between: &str, equals: &str| match value {
            Value::Array(items) => {
                items.iter().filter_map(scalar).map(|item| encode(&item)).collect::<Vec<_>>().join(between)
            }
            Value::Object(properties) => properties
                .iter()
                .filter_map(|(key, value)| Some(format!("{}{equals}{}", encode(key), encode(&scalar(value)?))))
                .collect::<Vec<_>>()
                .join(between),
            value => scalar(value).map(|text| encode(&text)).unwrap_or_default(),
        };
        match self {
            Self::SimpleExploded => joined(",", "="),
            Self::Label => format!(".{}", joined(",", ",")),
            Self::LabelExploded => format!(".{}", joined(".", "=")),
            Self::MatrixExploded if value.is_array() => format!(";{name}={}", joined(&format!(";{name}="), "=")),
            Self::MatrixExploded if value.is_object() => format!(";{}", joined(";", "=")),
            Self::Matrix | Self::MatrixExploded => format!(";{name}={}", joined(",", ",")),
            Self::SpaceDelimited => joined(" ", " "),
            Self::PipeDelimited => joined("|", "|"),
            // Addresses drop a tab that is not escaped.
            Self::TabDelimited => joined(&encode("\t"), &encode("\t")),
            Self::Json => encode(&value.to_string()),
            Self::Simple | Self::Form | Self::FormExploded | Self::DeepObject => joined(",", ","),
        }
    }

    /// The value in a query or form; nothing for null and for what is empty. `encode` escapes what values are made of, not
    /// what stands between: so an item may hold what separates items. Names are as they are.
    pub(crate) fn pairs(self, name: &str, value: &Value, encode: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
        let one = |text: String| vec![(name.to_owned(), text)];
        match (self, value) {
            (_, Value::Null) => Vec::new(),
            (Self::Json, value) => one(encode(&value.to_string())),
            (Self::DeepObject, value) => deep(name, value, encode),
            (Self::FormExploded, Value::Array(items)) => {
                items.iter().filter_map(scalar).map(|item| (name.to_owned(), encode(&item))).collect()
            }
            (Self::FormExploded, Value::Object(properties)) => {
                properties.iter().flat_map(|(key, value)| self.pairs(key, value, encode)).collect()
            }
            (_, Value::Array(items)) if items.is_empty() => Vec::new(),
            (_, Value::Object(properties)) if properties.is_empty() => Vec::new(),
            (style, value) => one(style.text(name, value, encode)),
        }
    }
}

fn deep(name: &str, value: &Value, encode: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    match value {
        Value::Object(properties) => {
            properties.iter().flat_map(|(key, value)| deep(&format!("{name}[{key}]"), value, encode)).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| deep(name, item, encode)).collect(),
        value => iter::once(name.to_owned()).zip(scalar(value).map(|text| encode(&text))).collect(),
    }
}

/// A value as text; JSON where it is a list or object inside another.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_stand_in_paths_headers_and_cookies() {
        let (list, object) = (json!(["a", "b/c", 3]), json!({ "k": "v", "n": null, "m": 1 }));
        for (style, scalar, of_list, of_object) in [
            (Style::Simple, "x", "a,b%2Fc,3", "k,v,m,1"),
            (Style::SimpleExploded, "x", "a,b%2Fc,3", "k=v,m=1"),
            (Style::Label, ".x", ".a,b%2Fc,3", ".k,v,m,1"),
            (Style::LabelExploded, ".x", ".a.b%2Fc.3", ".k=v.m=1"),
            (Style::Matrix, ";p=x", ";p=a,b%2Fc,3", ";p=k,v,m,1"),
            (Style::MatrixExploded, ";p=x", ";p=a;p=b%2Fc;p=3", ";k=v;m=1"),
        ] {
            let text = |value: &Value| style.text("p", value, &|part| part.replace('/', "%2F"));
            assert_eq!(
                (text(&json!("x")).as_str(), text(&list).as_str(), text(&object).as_str()),
                (scalar, of_list, of_object)
            );
        }
    }

    #[test]
    fn values_stand_in_queries() {
        let deep = json!({ "a": 1, "b": { "c": ["x", "y"] }, "d": null });
        for (style, value, expected) in [
            (Style::FormExploded, json!(["a", "b c"]), "p=a p=b c"),
            (Style::FormExploded, json!({ "k": "v", "l": [1, 2] }), "k=v l=1 l=2"),
            (Style::FormExploded, json!(true), "p=true"),
            (Style::Form, json!(["a", "b"]), "p=a,b"),
            (Style::Form, json!({ "k": "v" }), "p=k,v"),
            (Style::Form, json!([]), ""),
            (Style::SpaceDelimited, json!(["a", "b"]), "p=a b"),
            (Style::PipeDelimited, json!(["a", "b"]), "p=a|b"),
            (Style::TabDelimited, json!(["a", "b"]), "p=a\tb"),
            // Only what stands within an item is escaped.
            (Style::Form, json!(["a,", "b"]), "p=a%2C,b"),
            (Style::Form, json!({ "k,": "v" }), "p=k%2C,v"),
            (Style::FormExploded, json!(["a,", "b"]), "p=a%2C p=b"),
            (Style::DeepObject, deep, "p[a]=1 p[b][c]=x p[b][c]=y"),
            (Style::Json, json!({ "k": [1] }), "p={\"k\":[1]}"),
            (Style::Json, json!(null), ""),
            (Style::Form, json!(null), ""),
        ] {
            let pairs: Vec<String> = style
                .pairs("p", &value, &|part| part.replace("a,", "a%2C").replace("k,", "k%2C"))
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(pairs.join(" "), expected, "{style:?} {value}");
        }
    }
}
