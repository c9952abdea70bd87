//! What groups of operations are called.

use super::{DEVICES, Form, distinct, file_stem, pascal_case, snake_case};

/// The Rust names of a tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupNames {
    /// A type or trait.
    pub name: String,
    /// A module, and the stem of its file.
    pub module: String,
    /// The function that makes the group's router.
    pub router: String,
}

/// The names of each tag, in the same order. What is among the taken ones has `Operations` behind it.
pub fn group_names<'a>(
    tags: impl IntoIterator<Item = &'a str>,
    taken_types: &[&str],
    taken_modules: &[&str],
) -> Vec<GroupNames> {
    let tags: Vec<&str> = tags.into_iter().collect();
    let named = |base: fn(&str) -> String, taken: &[&str], end: &str, form| {
        let base = |tag: &str| match base(tag) {
            name if taken.contains(&name.as_str()) => name + end,
            name => name,
        };
        let names: Vec<(&str, String)> = tags.iter().map(|tag| (*tag, base(tag))).collect();
        distinct(&names, taken, form)
    };
    let names = named(pascal_case, taken_types, "Operations", Form::Type);
    let taken_modules: Vec<&str> = taken_modules.iter().chain(DEVICES).copied().collect();
    let modules = named(|tag| file_stem(snake_case(tag)), &taken_modules, "_operations", Form::Value);
    let routers = named(snake_case, &[], "", Form::Value);
    let routers = routers.into_iter().map(|name| format!("{name}_router"));
    let all = names.into_iter().zip(modules).zip(routers);
    all.map(|((name, module), router)| GroupNames { name, module, router }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_one_contract_differ() {
        let found = group_names(["chat", "Chat", "Document", "mod", "7", "AUX"], &["Document"], &["document", "mod"]);
        let found: Vec<_> = found.iter().map(|names| (&*names.name, &*names.module, &*names.router)).collect();
        let expected = [
            ("Chat2", "chat", "chat_router"),
            ("Chat", "chat_2", "chat_2_router"),
            ("DocumentOperations", "document_operations", "document_router"),
            ("Mod", "mod_operations", "mod_router"),
            ("_7", "_7", "_7_router"),
            ("Aux", "aux_", "aux_router"),
        ];
        assert_eq!(found, expected);
    }
}
