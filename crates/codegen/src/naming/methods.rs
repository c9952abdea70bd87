//! What operations are called.

use std::collections::BTreeMap;

use docwright_contract::Contract;
use docwright_contract::model::Operation;
use indexmap::IndexMap;

use super::{Form, KEYWORDS, distinct, snake_case};

/// Names that operations cannot have: methods that every generated client has beside those of the operations, and the
/// methods of traits that callers have in scope everywhere and that a method of the same name would stand before, or that
/// would stand before it (`Into::into` takes the client by value, which is found before a method of `&self`).
const CLIENT_METHODS: &[&str] = &[
    "api_version",
    "as_mut",
    "as_ref",
    "base_url",
    "baseurl",
    "borrow",
    "borrow_mut",
    "builder",
    "client",
    "clone",
    "clone_from",
    "clone_into",
    "drop",
    "exec",
    "fmt",
    "from",
    "inner",
    "into",
    "new",
    "new_with_client",
    "post",
    "pre",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// The Rust names of all operations, by `operationId`, in the order of the contract.
///
/// A name is the operation's id without the part before the first `_`, which names the entity:
/// `v1ChatSessionEntity_ChatSessionsForUser` becomes `chat_sessions_for_user`. Where that is
/// not unique, a keyword, or a method that every client has, the first tag stands in front; where
/// that is not enough either, the whole id is the name, with a number where it has to have one.
pub fn method_names(contract: &Contract) -> IndexMap<String, String> {
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
            let ids = contract.operations.iter().map(|operation| operation.operation_id.as_str());
            let pairs: Vec<(&str, String)> = ids.clone().zip(names).collect();
            let reserved: Vec<&str> = KEYWORDS.iter().chain(CLIENT_METHODS).copied().collect();
            let names = distinct(&pairs, &reserved, Form::Value);
            return ids.map(str::to_owned).zip(names).collect();
        }
    }
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

#[cfg(test)]
mod tests {
    use docwright_contract::model::Method;

    use super::*;

    fn names(operations: &[(&str, &str)]) -> Vec<String> {
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
        method_names(&contract).into_values().collect()
    }

    #[test]
    fn methods_drop_the_entity() {
        let names = names(&[
            ("v1ChatSessionEntity_ChatSessionsForUser", "ChatSession"),
            ("v1ChatSessionEntity_PickUpFirstChatSession", "ChatSession"),
            ("ping", "Health"),
        ]);
        assert_eq!(names, ["chat_sessions_for_user", "pick_up_first_chat_session", "ping"]);
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
            names,
            ["chat_get_all", "presence_get_all", "chat_move", "chat_new", "v1_a_entity_save", "v1_b_entity_save"]
        );
    }

    #[test]
    fn methods_that_every_value_has_are_no_operations() {
        for name in ["into", "try_into", "clone", "borrow", "to_owned", "type_id", "from", "try_from", "as_ref", "drop"]
        {
            let tagged = format!("unit_{name}");
            assert_eq!(names(&[(name, "")]), [format!("{name}_2")]);
            assert_eq!(names(&[(name, "Unit")]), [tagged]);
        }
    }

    #[test]
    fn ids_that_are_the_same_in_rust_get_a_number() {
        let operations =
            [("getAll", "A"), ("get_all", "A"), ("GetAll", "A"), ("new", ""), ("move", ""), ("get_all_2", "A")];
        assert_eq!(names(&operations), ["get_all_4", "get_all", "get_all_3", "new_2", "move_2", "get_all_2"]);
    }
}
