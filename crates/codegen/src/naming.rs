//! Names of the contract as names of Rust, the same in models, client and server layer.

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::Operation;
use heck::{ToPascalCase, ToSnakeCase};
use indexmap::IndexMap;
use proc_macro2::{Ident, Span};

use crate::{Error, Problem};

/// Words that cannot be identifiers, in any edition so far.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot even be raw identifiers.
const NEVER_RAW: &[&str] = &["crate", "self", "super", "Self", "_"];

/// Types that generated code uses itself.
const TYPES: &[&str] = &[
    "BTreeMap",
    "Box",
    "DateTime",
    "Deserialize",
    "Err",
    "Flags",
    "FreeForm",
    "None",
    "Ok",
    "OpenEnum",
    "Option",
    "Result",
    "Serialize",
    "Some",
    "String",
    "Value",
    "Vec",
    "Visit",
    "Visitor",
];

/// Methods that every generated client has beside those of the operations.
const CLIENT_METHODS: &[&str] =
    &["api_version", "baseurl", "builder", "client", "exec", "inner", "new", "new_with_client", "post", "pre"];

/// `ChatSessionId` → `chat_session_id`; a valid identifier apart from keywords.
pub fn snake_case(name: &str) -> String {
    valid(words(name).to_snake_case(), "_")
}

/// `chatSession` → `ChatSession`; a valid identifier.
pub fn pascal_case(name: &str) -> String {
    valid(words(name).to_pascal_case(), "Value")
}

/// A field, parameter or method as an identifier: snake case, raw where it is a keyword.
pub fn field_ident(name: &str) -> Ident {
    ident(&snake_case(name))
}

/// The fields of a struct, in the same order: what an earlier one took gets a number behind it.
/// `Links` and `_Links` are two properties of one carrier of the vendor's.
pub fn field_idents<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Ident> {
    let mut taken = BTreeSet::new();
    let unique = |name: &str| {
        let base = snake_case(name);
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        ident(&free.unwrap_or(base))
    };
    names.into_iter().map(unique).collect()
}

/// A type or variant as an identifier: Pascal case.
pub fn type_ident(name: &str) -> Ident {
    ident(&pascal_case(name))
}

/// The type of a component schema: its own name where that is one, else in Pascal case. A name that
/// generated code needs for something else gets `Carrier` behind it: `OptionCarrier`.
pub fn schema_type(name: &str) -> Ident {
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    let name = if is_type { name.to_owned() } else { pascal_case(name) };
    if TYPES.contains(&name.as_str()) { ident(&format!("{name}Carrier")) } else { ident(&name) }
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

/// The Rust names of all operations, by `operationId`, in the order of the contract.
///
/// A name is the operation's id without the part before the first `_`, which names the entity:
/// `v1ChatSessionEntity_ChatSessionsForUser` becomes `chat_sessions_for_user`. Where that is
/// not unique, a keyword, or a method that every client has, the first tag stands in front; where
/// that is not enough either, the whole id is the name.
///
/// # Errors
/// Where two whole ids are the same in Rust.
pub fn method_names(contract: &Contract) -> Result<IndexMap<String, String>, Error> {
    let forms: [fn(&Operation) -> String; 3] =
        [without_entity, with_tag, |operation| snake_case(&operation.operation_id)];
    let mut chosen = vec![0; contract.operations.len()];
    loop {
        let names: Vec<String> =
            contract.operations.iter().zip(&chosen).map(|(operation, form)| forms[*form](operation)).collect();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &names {
            *uses.entry(name).or_default() += 1;
        }
        let taken = |name: &str| uses[name] > 1 || KEYWORDS.contains(&name) || CLIENT_METHODS.contains(&name);
        let mut changed = false;
        for (form, name) in chosen.iter_mut().zip(&names) {
            if taken(name) && *form + 1 < forms.len() {
                *form += 1;
                changed = true;
            }
        }
        if !changed {
            return unique_methods(contract, names);
        }
    }
}

/// Checks that names of the contract stay different in Rust: `names` are pairs of the name in
/// the contract and the one in Rust. Gives a problem for each that an earlier one took.
pub fn collisions<'a>(place: &str, names: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Problem> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, rust) in names {
        match first.get(&rust) {
            Some(earlier) => problems.push(Problem::Collision {
                place: place.to_owned(),
                first: (*earlier).to_owned(),
                second: name.to_owned(),
                rust,
            }),
            None => {
                first.insert(rust, name);
            }
        }
    }
    problems
}

fn unique_methods(contract: &Contract, names: Vec<String>) -> Result<IndexMap<String, String>, Error> {
    let ids = contract.operations.iter().map(|operation| operation.operation_id.as_str());
    let mut problems = collisions("operations", ids.clone().zip(names.iter().cloned()));
    for (id, name) in ids.clone().zip(&names) {
        if KEYWORDS.contains(&name.as_str()) || CLIENT_METHODS.contains(&name.as_str()) {
            problems.push(Problem::unsupported(format!("operation `{id}`"), format!("`{name}` cannot name a method")));
        }
    }
    Error::unless_empty(problems)?;
    Ok(ids.map(str::to_owned).zip(names).collect())
}

fn without_entity(operation: &Operation) -> String {
    let id = &operation.operation_id;
    match id.split_once('_') {
        // `get_all` has no entity in front: entities are written in Pascal case.
        Some((entity, rest)) if entity.contains(char::is_uppercase) && rest.contains(char::is_alphanumeric) => {
            snake_case(rest)
        }
        _ => snake_case(id),
    }
}

fn with_tag(operation: &Operation) -> String {
    let entity = operation.operation_id.split_once('_').map_or("", |(entity, _)| entity);
    let prefix = operation.tags.first().map_or(entity, String::as_str);
    snake_case(&format!("{prefix} {}", without_entity(operation)))
}

/// The name with everything that no identifier can hold replaced by a word boundary.
fn words(name: &str) -> String {
    name.replace('\'', "").replace(|c: char| !c.is_alphanumeric(), " ")
}

fn valid(name: String, empty: &str) -> String {
    match name.chars().next() {
        None => empty.to_owned() + if empty == "_" { "x" } else { "" },
        Some(first) if first.is_alphabetic() => name,
        Some(_) => format!("_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use docwright_contract::model::Method;

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
            ("", "_x", "Value"),
            ("+", "_x", "Value"),
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

    #[test]
    fn fields_of_one_struct_differ() {
        let idents = field_idents(["Links", "_Links", "Type", "links", "links_2"]);
        let names: Vec<String> = idents.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["links", "links_2", "r#type", "links_3", "links_2_2"]);
    }

    fn names(operations: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let operations = operations
            .iter()
            .map(|(id, tag)| Operation {
                operation_id: (*id).to_owned(),
                method: Method::Get,
                path: "/".to_owned(),
                tags: vec![(*tag).to_owned()],
                summary: None,
                description: None,
                deprecated: false,
                parameters: Vec::new(),
                request_body: None,
                responses: IndexMap::new(),
                security: None,
                extensions: BTreeMap::new(),
            })
            .collect();
        let contract = Contract { operations, ..Contract::default() };
        method_names(&contract).map(|names| names.into_values().collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn methods_drop_the_entity() {
        let names = names(&[
            ("v1ChatSessionEntity_ChatSessionsForUser", "ChatSession"),
            ("v1ChatSessionEntity_PickUpFirstChatSession", "ChatSession"),
            ("ping", "Health"),
        ]);
        assert_eq!(names.unwrap(), ["chat_sessions_for_user", "pick_up_first_chat_session", "ping"]);
    }

    #[test]
    fn shared_rests_take_the_tags_name() {
        let names = names(&[
            ("v1ChatEntity_GetAll", "Chat"),
            ("v1PresenceEntity_GetAll", "Presence"),
            ("v1ChatEntity_Move", "Chat"),
            ("v1ChatEntity_New", "Chat"),
            ("v1AEntity_Save", "Same"),
            ("v1BEntity_Save", "Same"),
        ]);
        assert_eq!(
            names.unwrap(),
            ["chat_get_all", "presence_get_all", "chat_move", "chat_new", "v1_a_entity_save", "v1_b_entity_save"]
        );
    }

    #[test]
    fn ids_that_are_the_same_in_rust_are_refused() {
        assert_eq!(
            names(&[("get_all", "A"), ("getAll", "A")]).unwrap_err(),
            "operations: `get_all` and `getAll` both become `get_all` in Rust"
        );
    }
}
