//! The `xml` metadata of schemas that travel as XML: how elements are called, and that lists have an
//! element of their own.
//!
//! A carrier's element has the carrier's name as a root and as an item of a list; a property's element
//! has the property's name, which is said where the carrier that it refers to is called otherwise.

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::model::{Contract, MediaType, RefOr, Schema, Type};

/// Whether a body of this media type is XML.
fn is_xml(media_type: &str) -> bool {
    media_type.ends_with("/xml") || media_type.ends_with("+xml")
}

/// Adds the metadata where any operation takes or answers XML.
pub(super) fn describe(contract: &mut Contract) {
    let roots = contract.operations.par_iter_mut().map(|operation| {
        let mut found = false;
        let responses = operation.responses.values_mut().filter_map(|response| match response {
            RefOr::Inline(response) => Some(&mut response.content),
            RefOr::Ref(_) => None,
        });
        let bodies = operation.request_body.as_mut().map(|body| &mut body.content);
        for (_, MediaType { schema, .. }) in
            responses.chain(bodies).flatten().filter(|(media_type, _)| is_xml(media_type))
        {
            found = true;
            if let Some(schema) = schema {
                root(schema);
            }
        }
        found
    });
    // Each operation is described, so that none may be passed over once one is found.
    if !roots.reduce(|| false, |one, other| one | other) {
        return;
    }
    for (name, schema) in &mut contract.schemas {
        if let Type::Object { properties, .. } = &mut schema.ty {
            for (name, property) in properties {
                describe_property(name, property);
            }
        }
        set(schema, json!({ "name": name }));
    }
}

/// A body that is no carrier has to say what its root is called.
fn root(schema: &mut Schema) {
    let name = element_name(schema);
    match &mut schema.ty {
        Type::Ref(_) => {}
        Type::Array { items } => {
            describe_item(items);
            set(schema, json!({ "name": name, "wrapped": true }));
        }
        _ => set(schema, json!({ "name": name })),
    }
}

fn describe_property(name: &str, schema: &mut Schema) {
    match &mut schema.ty {
        Type::Array { items } => {
            describe_item(items);
            set(schema, json!({ "wrapped": true }));
        }
        Type::Ref(carrier) if carrier != name => set(schema, json!({ "name": name })),
        _ => {}
    }
}

/// Carriers name themselves.
fn describe_item(schema: &mut Schema) {
    let name = element_name(schema);
    match &mut schema.ty {
        Type::Ref(_) => {}
        Type::Array { items } => {
            describe_item(items);
            set(schema, json!({ "name": name, "wrapped": true }));
        }
        _ => set(schema, json!({ "name": name })),
    }
}

/// What the element of such a value is called where no property names it.
fn element_name(schema: &Schema) -> String {
    match &schema.ty {
        Type::Ref(name) => name.clone(),
        Type::Array { items } => format!("ArrayOf{}", element_name(items)),
        Type::Boolean => "boolean".to_owned(),
        Type::Integer { format } if format.as_deref() == Some("int32") => "int".to_owned(),
        Type::Integer { .. } => "long".to_owned(),
        Type::Number { format } if format.as_deref() == Some("float") => "float".to_owned(),
        Type::Number { .. } => "double".to_owned(),
        Type::String { format } if format.as_deref() == Some("date-time") => "dateTime".to_owned(),
        Type::String { .. } => "string".to_owned(),
        Type::Object { .. } if schema.map_values().is_some() => "map".to_owned(),
        Type::Object { .. } => "object".to_owned(),
        Type::Any | Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => "anyType".to_owned(),
    }
}

fn set(schema: &mut Schema, xml: Value) {
    schema.extensions.insert("xml".to_owned(), xml);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_called_after_their_types() {
        let text = |format: Option<&str>| Schema::new(Type::String { format: format.map(str::to_owned) });
        for (schema, expected) in [
            (Schema::reference("Thing"), "Thing"),
            (Schema::array(Schema::reference("Thing")), "ArrayOfThing"),
            (Schema::array(Schema::array(text(None))), "ArrayOfArrayOfstring"),
            (text(Some("date-time")), "dateTime"),
            (text(Some("byte")), "string"),
            (Schema::new(Type::Integer { format: Some("int32".to_owned()) }), "int"),
            (Schema::new(Type::Integer { format: None }), "long"),
            (Schema::new(Type::Number { format: Some("double".to_owned()) }), "double"),
            (Schema::map(text(None)), "map"),
            (Schema::default(), "anyType"),
        ] {
            assert_eq!(element_name(&schema), expected);
        }
    }

    #[test]
    fn lists_are_wrapped_and_their_items_named() {
        let mut schema = Schema::array(Schema::array(Schema::new(Type::Boolean)));
        describe_property("Flags", &mut schema);
        assert_eq!(schema.extensions["xml"], json!({ "wrapped": true }));
        let Type::Array { items } = schema.ty else { panic!("still a list") };
        assert_eq!(items.extensions["xml"], json!({ "name": "ArrayOfboolean", "wrapped": true }));

        let mut schema = Schema::array(Schema::reference("Thing"));
        root(&mut schema);
        assert_eq!(schema.extensions["xml"], json!({ "name": "ArrayOfThing", "wrapped": true }));
        let Type::Array { items } = schema.ty else { panic!("still a list") };
        assert_eq!(*items, Schema::reference("Thing"));
    }

    #[test]
    fn a_property_says_its_name_where_its_carrier_has_another() {
        let mut user = Schema::reference("Associate").nullable();
        describe_property("User", &mut user);
        assert_eq!(user.xml_name(), Some("User"));
        let mut person = Schema::reference("Person").nullable();
        describe_property("Person", &mut person);
        assert_eq!(person.extensions.get("xml"), None);
    }
}
