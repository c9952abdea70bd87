//! Parameters as progenitor can take them.

use docwright_contract::model::{Location, Parameter, Schema, Type};
use serde_json::{Value, json};

use crate::naming;

/// What becomes of a parameter.
pub(super) enum Projected {
    /// An argument of the method: the parameter object, and what it lost.
    Argument { parameter: Value, lost: Vec<&'static str> },
    /// No argument, because there is no way to send it; why.
    Omitted(&'static str),
    /// The method cannot do without it, and there is no way to send it; why.
    Impossible(&'static str),
}

/// A component of the projected document that stands for the date-time type.
pub(super) const DATE_TIME: &str = "DocwrightDateTime";

/// Projects a path, query, header or cookie parameter.
pub(super) fn project(parameter: &Parameter) -> Projected {
    let (schema, lost) = match value(parameter) {
        Ok(found) => found,
        Err(why) if parameter.required => return Projected::Impossible(why),
        Err(why) => return Projected::Omitted(why),
    };
    let argument = json!({
        "name": parameter.name,
        "in": parameter.location.as_str(),
        "required": parameter.required || parameter.location == Location::Path,
        "schema": schema,
    });
    Projected::Argument { parameter: argument, lost }
}

fn value(parameter: &Parameter) -> Result<(Value, Vec<&'static str>), &'static str> {
    let style = parameter.extensions.get("style").and_then(Value::as_str);
    let plain = match parameter.location {
        Location::Cookie => return Err("cookies are not sent"),
        Location::Query => style.is_none_or(|style| style == "form"),
        Location::Path | Location::Header => style.is_none_or(|style| style == "simple"),
    };
    if !plain {
        return Err("its style is not supported");
    }
    let mut lost = Vec::new();
    let schema = &parameter.schema;
    let value = match &schema.ty {
        Type::Array { items } if parameter.location == Location::Query => {
            if parameter.extensions.get("explode") == Some(&Value::Bool(false)) {
                lost.push("the caller joins the items of the list");
                json!({ "type": "string" })
            } else {
                let items = scalar(items, &mut lost).ok_or("a list of objects has no form in a query")?;
                json!({ "type": "array", "items": items })
            }
        }
        Type::Array { .. } => {
            lost.push("the caller joins the items of the list");
            json!({ "type": "string" })
        }
        _ => scalar(schema, &mut lost).ok_or("an object has no form in a parameter")?,
    };
    Ok((value, lost))
}

fn scalar(schema: &Schema, lost: &mut Vec<&'static str>) -> Option<Value> {
    if schema.constraints != Default::default() {
        lost.push("bounds are not checked before sending");
    }
    Some(match &schema.ty {
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer { format } => {
            json!({ "type": "integer", "format": if format.as_deref() == Some("int32") { "int32" } else { "int64" } })
        }
        Type::Number { .. } => json!({ "type": "number", "format": "double" }),
        Type::String { format } if format.as_deref() == Some("date-time") => {
            json!({ "$ref": format!("#/components/schemas/{DATE_TIME}") })
        }
        Type::String { .. } | Type::Any => match closed_values(schema) {
            Some(values)
                if naming::collisions("", values.iter().map(|value| (*value, naming::pascal_case(value))))
                    .is_empty() =>
            {
                json!({ "type": "string", "enum": values })
            }
            Some(_) => {
                lost.push("any text is accepted, because values of the list are the same in Rust");
                json!({ "type": "string" })
            }
            None => json!({ "type": "string" }),
        },
        _ => return None,
    })
}

fn closed_values(schema: &Schema) -> Option<Vec<&str>> {
    let values: Vec<&str> = schema.enumeration.iter().filter_map(Value::as_str).collect();
    (!values.is_empty()).then_some(values)
}
