//! The types of component schemas, and of what is inside them.

use std::collections::{BTreeMap, BTreeSet};

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Schema, Type};
use indexmap::IndexMap;
use proc_macro2::Ident;

use super::{DEVICES, Form, KEYWORDS, distinct, file_stem, ident, is_identifier, pascal_case, snake_case};

/// Types that generated code uses itself, and those at the root of the crate of models.
const TYPES: &[&str] = &[
    "BTreeMap",
    "Box",
    "DateTime",
    "DateTimeError",
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

/// Files and folders that a folder of carriers cannot have beside its own.
const MODULES: &[&str] = &["crate", "mod", "self", "super"];

/// The Rust names of a contract's schemas.
#[derive(Clone, Debug)]
pub struct SchemaTypes {
    types: BTreeMap<String, String>,
    modules: BTreeMap<String, String>,
    nested: BTreeMap<String, String>,
    /// The schemas that admit null by themselves.
    nullable: BTreeSet<String>,
}

impl SchemaTypes {
    /// Names everything that the schemas of the contract declare.
    pub fn of(contract: &Contract) -> Self {
        let schemas = || contract.schemas.keys().map(String::as_str);
        let bases: Vec<(&str, String)> = schemas().map(|name| (name, base(name))).collect();
        let types = distinct(&bases, TYPES, Form::Type);

        let mut places = Vec::new();
        for (name, schema) in &contract.schemas {
            inside(&place("", name), schema, &mut places);
        }
        let nested: Vec<(&str, String)> = places.iter().map(|place| (place.as_str(), nested_base(place))).collect();
        let reserved: Vec<&str> = types.iter().map(String::as_str).chain(TYPES.iter().copied()).collect();
        let nested_types = distinct(&nested, &reserved, Form::Type);

        let files: Vec<(&str, String)> = schemas().map(|name| (name, module_base(name))).collect();
        let reserved: Vec<&str> = MODULES.iter().chain(DEVICES).copied().collect();
        let modules = distinct(&files, &reserved, Form::Value);
        let map = |names: Vec<&str>, rust: Vec<String>| names.into_iter().map(str::to_owned).zip(rust).collect();
        Self {
            types: map(schemas().collect(), types),
            modules: map(schemas().collect(), modules),
            nested: map(nested.iter().map(|(place, _)| *place).collect(), nested_types),
            nullable: contract
                .schemas
                .iter()
                .filter(|(_, schema)| admits_null(contract, schema))
                .map(|(name, _)| name.clone())
                .collect(),
        }
    }

    /// The type of a component schema: its own name where that is a type's name, else in Pascal case. A name that
    /// generated code needs for something else has `Carrier` behind it: `OptionCarrier`.
    pub fn ident(&self, schema: &str) -> Ident {
        // Who reports a reference to nothing goes on generating until all such are found.
        self.types.get(schema).map_or_else(|| ident(&base(schema)), |name| ident(name))
    }

    /// What a utoipa document calls a component schema: its name where Rust can say it as a path, else its type.
    pub fn described(&self, schema: &str) -> String {
        if dotted(schema).is_some() { schema.to_owned() } else { self.ident(schema).to_string() }
    }

    /// The module of a component schema, which is also the stem of its file.
    pub fn module(&self, schema: &str) -> String {
        self.modules.get(schema).cloned().unwrap_or_else(|| module_base(schema))
    }

    /// Whether a value may be null, by itself or because of the component that it is.
    pub fn admits_null(&self, schema: &Schema) -> bool {
        schema.nullable
            || match &schema.ty {
                Type::AllOf(parts) => matches!(parts.as_slice(), [part] if self.admits_null(part)),
                Type::Ref(name) => self.nullable.contains(name),
                _ => false,
            }
    }

    /// The type that stands at a [`place`] within a schema: `ChatSessionEntity.Status` → `ChatSessionEntityStatus`.
    pub fn nested(&self, place: &str) -> Ident {
        self.nested.get(place).map_or_else(|| ident(&nested_base(place)), |name| ident(name))
    }
}

fn admits_null(contract: &Contract, schema: &Schema) -> bool {
    let (mut schema, mut seen) = (schema, BTreeSet::new());
    loop {
        if schema.nullable {
            return true;
        }
        schema = match &schema.ty {
            Type::AllOf(parts) if parts.len() == 1 => &parts[0],
            Type::Ref(name) if seen.insert(name) => match contract.schemas.get(name) {
                Some(schema) => schema,
                None => return false,
            },
            _ => return false,
        };
    }
}

/// A place within a schema: the names that lead there with dots between. Dots, stars and backslashes of a name get a
/// backslash, so that no two places are the same. `outer` is empty for the schema itself; the items of a list are
/// `.Item`, the values of a map `.Value`, those beside named properties `.*`.
pub fn place(outer: &str, name: &str) -> String {
    let mut place = if outer.is_empty() { String::new() } else { format!("{outer}.") };
    for c in name.chars() {
        if matches!(c, '.' | '*' | '\\') {
            place.push('\\');
        }
        place.push(c);
    }
    place
}

/// The types of shared responses (`components.responses`), by their names in the contract.
pub fn response_types(contract: &Contract) -> IndexMap<String, String> {
    let names: Vec<(&str, String)> = contract.responses.keys().map(|name| (name.as_str(), base(name))).collect();
    let types = distinct(&names, &[], Form::Type);
    contract.responses.keys().cloned().zip(types).collect()
}

/// The parts of a name that are identifiers with dots between them, the only form of name that `utoipa` takes for a
/// schema; nothing for any other name.
pub fn dotted(name: &str) -> Option<Vec<Ident>> {
    let is_plain = |part: &&str| is_identifier(part) && !KEYWORDS.contains(part) && *part != "Self";
    name.split('.').map(|part| Some(part).filter(is_plain).map(ident)).collect()
}

fn base(name: &str) -> String {
    let is_type = is_identifier(name) && name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_');
    let name = if is_type { name.to_owned() } else { pascal_case(name) };
    if TYPES.contains(&name.as_str()) { format!("{name}Carrier") } else { name }
}

fn module_base(schema: &str) -> String {
    let name = snake_case(schema);
    if MODULES.contains(&name.as_str()) { format!("{name}_") } else { file_stem(name) }
}

fn nested_base(place: &str) -> String {
    let parts: String = place.split('.').map(pascal_case).collect();
    if TYPES.contains(&parts.as_str()) { format!("{parts}Carrier") } else { parts }
}

/// The places below `outer` that need a type of their own.
fn inside(outer: &str, schema: &Schema, places: &mut Vec<String>) {
    let mut visit = |name: String, schema: &Schema| {
        let has_properties = matches!(&schema.ty, Type::Object { properties, .. } if !properties.is_empty());
        let has_values = ["x-extensible-enum", "x-flags"].iter().any(|name| schema.extensions.contains_key(*name));
        if has_properties || has_values || !schema.enumeration.is_empty() {
            places.push(name.clone());
        }
        inside(&name, schema, places);
    };
    match &schema.ty {
        Type::Array { items } => visit(format!("{outer}.Item"), items),
        Type::Object { properties, additional, .. } => {
            for (name, property) in properties {
                visit(place(outer, name), property);
            }
            if let Additional::Schema(values) = additional {
                visit(format!("{outer}.{}", if properties.is_empty() { "Value" } else { "*" }), values);
            }
        }
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => {
            for (index, part) in parts.iter().enumerate() {
                visit(format!("{outer}.{index}"), part);
            }
        }
        Type::Any | Type::Ref(_) | Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {
        }
    }
}

#[cfg(test)]
mod tests {
    use docwright_contract::read;
    use serde_json::{Value, json};

    use super::*;

    fn contract(schemas: Value) -> Contract {
        let info = json!({ "title": "Test", "version": "1" });
        let components = json!({ "schemas": schemas });
        read::from_value(&json!({ "openapi": "3.0.3", "info": info, "paths": {}, "components": components })).unwrap()
    }

    #[test]
    fn every_schema_has_a_type_and_a_module() {
        let names = [
            ("ChatSession", "ChatSession", "chat_session_2"),
            ("chatSession", "ChatSession2", "chat_session_3"),
            ("CHATSession", "CHATSession", "chat_session"),
            ("api.v1.Pod", "ApiV1Pod", "api_v1_pod"),
            ("user-2", "User2", "user_2"),
            ("Option", "OptionCarrier2", "option"),
            ("OptionCarrier", "OptionCarrier", "option_carrier"),
            ("Mod", "Mod", "mod_"),
            ("Con", "Con", "con_"),
            ("COM1", "COM1", "com1_"),
            ("Ærlig", "AErlig", "a_erlig"),
            ("", "ValueCarrier", "_x"),
            ("Value", "ValueCarrier2", "value"),
        ];
        let schemas: Value = names.iter().map(|(name, ..)| ((*name).to_owned(), json!({}))).collect();
        let types = SchemaTypes::of(&contract(schemas));
        let found = names.map(|(name, ..)| (name, types.ident(name).to_string(), types.module(name)));
        for ((name, ty, module), expected) in found.iter().zip(names) {
            assert_eq!((*name, ty.as_str(), module.as_str()), expected);
        }
    }

    #[test]
    fn utoipa_takes_identifiers_and_dots() {
        for (name, expected) in [
            ("api.v1.Pod", Some("api::v1::Pod")),
            ("user_2", Some("user_2")),
            ("user-2", None),
            ("a..b", None),
            ("type.Pod", None),
            ("", None),
        ] {
            let path = dotted(name).map(|parts| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("::"));
            assert_eq!(path.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn types_within_schemas_leave_the_schemas_names_alone() {
        let kind = json!({ "type": "string", "enum": ["A"] });
        let holder = |properties: Value| json!({ "type": "object", "properties": properties });
        let types = SchemaTypes::of(&contract(json!({
            "A": holder(json!({ "Kind": kind, "kind": kind, "B.Kind": kind, "B": holder(json!({ "Kind": kind })) })),
            "AKind": {},
            "List": { "type": "array", "items": kind },
        })));
        assert_eq!(types.ident("AKind"), "AKind");
        for (place, expected) in [
            (place("A", "Kind"), "AKind2"),
            (place("A", "kind"), "AKind3"),
            (place("A", "B"), "AB"),
            (place("A", "B.Kind"), "ABKind2"),
            (place("A.B", "Kind"), "ABKind"),
            ("List.Item".to_owned(), "ListItem"),
        ] {
            assert_eq!(types.nested(&place), expected, "{place}");
        }
    }
}
