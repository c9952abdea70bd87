//! Names of the contract as names of Rust, the same in models, client and server layer.
//!
//! A name takes the case that Rust has for its place: `ChatSessionId` becomes the field `chat_session_id`, `so-language`
//! the variant `SoLanguage`. Letters outside ASCII are written with those of it (`Størrelse` becomes `storrelse`), everything
//! else that no name can hold ends a word, and an underscore stands before a digit that would come first. A name
//! without anything to write is `_x` or `Value`. Words of Rust become raw (`r#type`) or get an underscore behind them (`self_`).
//!
//! Names that differ in the contract stay different in Rust, among all that share a place: the operations of a contract, its
//! schemas, their modules, its shared responses, its tags, the parameters of an operation, the properties of a carrier, the
//! values of an enumeration. Of several that would be the same,
//!
//! 1. the one that the contract already spells as Rust does keeps the name, else the first in byte order;
//! 2. the others, in byte order, get 2, 3 and so on behind it: `links_2` for a value, `Links2` for a type or variant (`V1_2`
//!    where it ends in a digit);
//! 3. a number that would give another one's name is passed over, and a name that generated code needs itself (`body`, the client's `new`)
//!    is nobody's: there the first gets a number too.
//!
//! A module whose file Windows could not have (`con`, `nul`, `com1`) gets an underscore behind it.
//!
//! The types that a schema brings along, for its enumerations and for objects in objects, are called after the schema and
//! the property (`EntityStatus`) and come after all schemas: a schema of that name keeps it, and they get the number.
//! What a name is depends on nothing but the names that share the place, so neither the order of a document nor anything
//! elsewhere in it changes one.

mod distinct;
mod groups;
mod methods;
mod schemas;

use heck::{ToPascalCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

pub use self::distinct::{Form, distinct};
pub use self::groups::{GroupNames, group_names};
pub use self::methods::method_names;
pub use self::schemas::{SchemaTypes, dotted, place, response_types};

/// Words that cannot be identifiers, in any edition so far.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot even be raw identifiers.
const NEVER_RAW: &[&str] = &["crate", "self", "super", "Self", "_"];

/// Names that Windows keeps for devices: no file can be called so, whatever its extension.
pub const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2", "lpt3",
    "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// A name in snake case that a file can have on every system: `con` → `con_`.
pub fn file_stem(name: String) -> String {
    if DEVICES.contains(&name.as_str()) { name + "_" } else { name }
}

/// `ChatSessionId` → `chat_session_id`; a valid identifier apart from keywords.
pub fn snake_case(name: &str) -> String {
    valid(words(name).to_snake_case(), "_x")
}

/// `chatSession` → `ChatSession`; a valid identifier.
pub fn pascal_case(name: &str) -> String {
    valid(words(name).to_pascal_case(), "Value")
}

/// A field, parameter or method as an identifier: snake case, raw where it is a keyword.
pub fn field_ident(name: &str) -> Ident {
    ident(&snake_case(name))
}

/// The fields of a struct, in the same order; `reserved` are those that it has beside them.
pub fn field_idents<'a>(names: impl IntoIterator<Item = &'a str>, reserved: &[&str]) -> Vec<Ident> {
    let names: Vec<(&str, String)> = names.into_iter().map(|name| (name, snake_case(name))).collect();
    distinct(&names, reserved, Form::Value).iter().map(|name| ident(name)).collect()
}

/// The arguments of a function, in the same order: several parameters of one name are told apart by their order. `reserved` are
/// names that the function has for something else.
pub fn argument_names<'a>(names: impl IntoIterator<Item = &'a str>, reserved: &[&str]) -> Vec<String> {
    let names: Vec<(&str, String)> = names.into_iter().map(|name| (name, snake_case(name))).collect();
    distinct(&names, reserved, Form::Value)
}

/// The variants of an enumeration of texts, in the same order; `reserved` are those that it has beside them.
pub fn variant_idents<'a>(values: impl IntoIterator<Item = &'a str>, reserved: &[&str]) -> Vec<Ident> {
    let base = |value: &str| match pascal_case(value) {
        name if name.starts_with('_') => format!("Value{}", name.trim_start_matches('_')),
        name if reserved.contains(&name.as_str()) => format!("{name}Value"),
        name => name,
    };
    let values: Vec<(&str, String)> = values.into_iter().map(|value| (value, base(value))).collect();
    distinct(&values, reserved, Form::Type).iter().map(|name| ident(name)).collect()
}

/// A type or variant as an identifier: Pascal case.
pub fn type_ident(name: &str) -> Ident {
    ident(&pascal_case(name))
}

/// Text that has its case already, as an identifier: raw where it is a keyword.
pub fn ident(text: &str) -> Ident {
    if NEVER_RAW.contains(&text) {
        Ident::new(&format!("{text}_"), Span::call_site())
    } else if KEYWORDS.contains(&text) {
        Ident::new_raw(text, Span::call_site())
    } else {
        Ident::new(text, Span::call_site())
    }
}

/// Whether a text is an identifier of Rust in ASCII, keywords included.
pub fn is_identifier(text: &str) -> bool {
    let is_rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_rest && text != "_" && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// The name with everything that no identifier can hold replaced by a word boundary.
fn words(name: &str) -> String {
    let ascii = if name.is_ascii() { name.to_owned() } else { deunicode::deunicode_with_tofu(name, " ") };
    ascii.replace('\'', "").replace(|c: char| !c.is_ascii_alphanumeric(), " ")
}

fn valid(name: String, empty: &str) -> String {
    match name.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_alphabetic() => name,
        Some(_) => format!("_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_the_case_of_rust() {
        for (name, snake, pascal) in [
            ("ChatSessionId", "chat_session_id", "ChatSessionId"),
            ("URL", "url", "Url"),
            ("URLName", "url_name", "UrlName"),
            ("Post1", "post1", "Post1"),
            ("SO-Language", "so_language", "SoLanguage"),
            ("CustomerAlias", "customer_alias", "CustomerAlias"),
            ("Map<Int32,Boolean>", "map_int32_boolean", "MapInt32Boolean"),
            ("2fa", "_2fa", "_2fa"),
            ("user's name", "users_name", "UsersName"),
            ("Størrelse", "storrelse", "Storrelse"),
            ("Þjóð²", "thjod2", "Thjod2"),
            ("\u{1F600}\u{E000}", "grinning", "Grinning"),
            ("", "_x", "Value"),
            ("+", "_x", "Value"),
            ("\u{E000}", "_x", "Value"),
        ] {
            assert_eq!((snake_case(name).as_str(), pascal_case(name).as_str()), (snake, pascal), "{name:?}");
        }
    }

    #[test]
    fn keywords_become_raw_identifiers() {
        for (name, ident) in [("Type", "r#type"), ("Self", "self_"), ("gen", "r#gen"), ("Name", "name")] {
            assert_eq!(field_ident(name).to_string(), ident);
        }
        assert_eq!(type_ident("self").to_string(), "Self_");
    }

    #[track_caller]
    fn check(idents: Vec<Ident>, expected: &[&str]) {
        assert_eq!(idents.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn fields_of_one_struct_differ() {
        let names = ["_Links", "Links", "Type", "links", "links_2", "self", "Self"];
        let expected = ["links_4", "links_3", "r#type", "links", "links_2", "self_", "self_2"];
        check(field_idents(names, &[]), &expected);
        check(field_idents(["AdditionalProperties"], &["additional_properties"]), &["additional_properties_2"]);
    }

    #[test]
    fn arguments_leave_what_the_function_needs() {
        let names = argument_names(["soLanguage", "SO-Language", "body", "id", "id"], &["body"]);
        assert_eq!(names, ["so_language_2", "so_language", "body_2", "id", "id_2"]);
    }

    #[test]
    fn variants_of_one_enumeration_differ() {
        let values = ["a", "A", "", "2", "+2", "Other", "other", "self", "Self2", "ø"];
        let expected = ["A2", "A", "Value", "Value2_2", "Value2", "OtherValue", "OtherValue2", "Self_", "Self2", "O"];
        check(variant_idents(values, &["Other"]), &expected);
    }

    #[test]
    fn identifiers_are_known() {
        for (text, expected) in [("a", true), ("_a1", true), ("", false), ("_", false), ("1a", false), ("å", false)] {
            assert_eq!(is_identifier(text), expected, "{text:?}");
        }
    }
}
