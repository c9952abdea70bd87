//! Schemas in the dialects of OpenAPI 3.0, 3.1 and JSON Schema 2020-12.

mod keywords;

use serde_json::Value;

use super::{
    cursor::Cursor,
    error::{Problem, ReadError},
};
use crate::model::{Constraints, Schema, Type};

/// Deeper nesting than this is refused. Above what the YAML reader lets through.
const MAX_DEPTH: usize = 64;

/// A schema of an OpenAPI document.
pub(super) fn schema(cursor: &Cursor<'_>) -> Result<Schema, ReadError> {
    Reader { names: Names::Components }.schema(cursor, 0)
}

/// A schema within `root`, which has what is referred to in its own `$defs` and is called `name`.
pub(super) fn standalone(root: &Cursor<'_>, cursor: &Cursor<'_>, name: &str) -> Result<Schema, ReadError> {
    let mut schema = Reader { names: Names::Defs { root: root.value, own: name } }.schema(cursor, 0)?;
    for member in ["$schema", "$defs", "$id"] {
        schema.extensions.remove(member);
    }
    Ok(schema)
}

/// What references name.
enum Names<'a> {
    /// `#/components/schemas/…`
    Components,
    /// `#/$defs/…`, and `#` for the whole.
    Defs { root: &'a Value, own: &'a str },
}

struct Reader<'a> {
    names: Names<'a>,
}

impl Reader<'_> {
    fn schema(&self, cursor: &Cursor<'_>, depth: usize) -> Result<Schema, ReadError> {
        if depth > MAX_DEPTH {
            return Err(cursor.error(Problem::TooDeep { limit: MAX_DEPTH }));
        }
        match cursor.value {
            Value::Bool(true) => return Ok(Schema::default()),
            Value::Bool(false) => {
                let mut nothing = Schema::default();
                nothing.extensions.insert("not".to_owned(), Value::Object(serde_json::Map::new()));
                return Ok(nothing);
            }
            _ => cursor.object()?,
        };
        let mut schema = keywords::annotations(cursor)?;
        let mut shapes = Vec::new();
        if let Some(target) = cursor.reference()? {
            shapes.push(Schema::reference(self.name(cursor, target)?));
        }
        self.combinations(cursor, depth, &mut schema, &mut shapes)?;
        let own = self.own_type(cursor, depth, &mut schema)?;
        // `type: object` beside a reference says nothing that the reference does not say.
        if own != Type::Any && (shapes.is_empty() || !is_bare(&own)) {
            shapes.push(Schema::new(own));
        }
        let mut schema = if shapes.len() > 1 {
            Schema { ty: Type::AllOf(shapes), ..schema }
        } else {
            match shapes.pop() {
                Some(only) => overlaid(schema, only),
                None => schema,
            }
        };
        normalize(&mut schema);
        Ok(schema)
    }

    fn name(&self, cursor: &Cursor<'_>, target: &str) -> Result<String, ReadError> {
        match self.names {
            Names::Components => cursor.component_name(target, "schemas"),
            Names::Defs { own, .. } if target == "#" => Ok(own.to_owned()),
            Names::Defs { root, .. } => {
                let foreign = || cursor.error(Problem::Foreign { target: target.to_owned() });
                let name = target.strip_prefix("#/$defs/").filter(|name| !name.contains('/')).ok_or_else(foreign)?;
                match root.get("$defs").and_then(|all| all.get(name)) {
                    Some(_) => Ok(name.to_owned()),
                    None => Err(cursor.error(Problem::Dangling { target: target.to_owned() })),
                }
            }
        }
    }

    /// `allOf`, `oneOf` and `anyOf`, each as one shape; a choice that has only null beside it is
    /// no choice.
    fn combinations(
        &self,
        cursor: &Cursor<'_>,
        depth: usize,
        schema: &mut Schema,
        shapes: &mut Vec<Schema>,
    ) -> Result<(), ReadError> {
        for part in cursor.items_of("allOf")? {
            shapes.push(self.schema(&part, depth + 1)?);
        }
        for (keyword, combine) in [("oneOf", Type::OneOf as fn(Vec<Schema>) -> Type), ("anyOf", Type::AnyOf)] {
            let mut parts = Vec::new();
            for part in cursor.items_of(keyword)? {
                if is_null(part.value) {
                    schema.nullable = true;
                } else {
                    parts.push(self.schema(&part, depth + 1)?);
                }
            }
            match parts.len() {
                0 => {}
                1 => shapes.append(&mut parts),
                _ => shapes.push(Schema::new(combine(parts))),
            }
        }
        Ok(())
    }

    /// The shape that `type` and the keywords that go with it say.
    fn own_type(&self, cursor: &Cursor<'_>, depth: usize, schema: &mut Schema) -> Result<Type, ReadError> {
        let mut names = Vec::new();
        match cursor.get("type") {
            Some(ty) if ty.value.is_array() => {
                for item in ty.items()? {
                    names.push((item.text()?, item));
                }
            }
            Some(ty) => names.push((ty.text()?, ty)),
            None => {}
        }
        let mentions_null = names.iter().any(|(name, _)| *name == "null");
        names.retain(|(name, _)| *name != "null");
        if mentions_null && names.is_empty() {
            schema.enumeration = vec![Value::Null];
            return Ok(Type::Any);
        }
        schema.nullable |= mentions_null;
        let implied = if names.is_empty() { implied_type(cursor) } else { None };
        let mut types = Vec::new();
        for (name, place) in names {
            types.push(self.named_type(name, &place, cursor, depth)?);
        }
        if let Some(name) = implied {
            types.push(self.named_type(name, cursor, cursor, depth)?);
        }
        let format = cursor.text_of("format")?;
        let keeps_format = matches!(types.as_slice(), [ty] if format.is_none() || ty.format().is_some());
        if let Some(format) = format
            && !keeps_format
        {
            schema.extensions.insert("format".to_owned(), Value::String(format));
        }
        Ok(match types.len() {
            0 => Type::Any,
            1 => types.remove(0),
            _ => Type::AnyOf(types.into_iter().map(Schema::new).collect()),
        })
    }

    fn named_type(&self, name: &str, place: &Cursor<'_>, cursor: &Cursor<'_>, depth: usize) -> Result<Type, ReadError> {
        let format = cursor.text_of("format")?;
        Ok(match name {
            "boolean" => Type::Boolean,
            "integer" => Type::Integer { format },
            "number" => Type::Number { format },
            "string" => Type::String { format },
            "array" => {
                let items = cursor.get("items").map(|items| self.schema(&items, depth + 1)).transpose()?;
                Type::Array { items: Box::new(items.unwrap_or_default()) }
            }
            "object" => keywords::object(cursor, |part| self.schema(part, depth + 1))?,
            _ => return Err(place.unexpected("a JSON type")),
        })
    }
}

fn implied_type(cursor: &Cursor<'_>) -> Option<&'static str> {
    let object = ["properties", "additionalProperties", "required"].iter().any(|name| cursor.get(name).is_some());
    let array = cursor.get("items").is_some();
    if object {
        Some("object")
    } else if array {
        Some("array")
    } else {
        None
    }
}

/// Whether the shape is a type's name and nothing more.
fn is_bare(ty: &Type) -> bool {
    match ty {
        Type::Object { properties, required, additional } => {
            properties.is_empty() && required.is_empty() && *additional == crate::model::Additional::Unstated
        }
        Type::Array { items } => **items == Schema::default(),
        ty => ty.format().is_none(),
    }
}

/// Whether null is the only value of the schema. `{type: object, nullable, enum: [null]}` is how
/// OpenAPI 3.0 says so.
fn is_null(schema: &Value) -> bool {
    let null = [Value::Null];
    schema.is_null()
        || schema.get("type").and_then(Value::as_str) == Some("null")
        || schema.get("enum").and_then(Value::as_array).is_some_and(|values| values.as_slice() == null)
        || schema.get("const").is_some_and(Value::is_null)
}

/// The one shape `inner` with what is said around it; the outer words win.
fn overlaid(outer: Schema, inner: Schema) -> Schema {
    let no_bounds = Constraints::default();
    let conflict = !outer.enumeration.is_empty() && !inner.enumeration.is_empty()
        || outer.constraints != no_bounds && inner.constraints != no_bounds;
    if conflict {
        return Schema { ty: Type::AllOf(vec![inner]), ..outer };
    }
    let mut extensions = inner.extensions;
    extensions.extend(outer.extensions);
    Schema {
        ty: inner.ty,
        nullable: outer.nullable || inner.nullable,
        description: outer.description.or(inner.description),
        title: outer.title.or(inner.title),
        deprecated: outer.deprecated || inner.deprecated,
        read_only: outer.read_only || inner.read_only,
        write_only: outer.write_only || inner.write_only,
        enumeration: if outer.enumeration.is_empty() { inner.enumeration } else { outer.enumeration },
        default: outer.default.or(inner.default),
        example: outer.example.or(inner.example),
        constraints: if outer.constraints == no_bounds { inner.constraints } else { outer.constraints },
        extensions,
    }
}

/// Brings the ways of saying that null is a value to one.
fn normalize(schema: &mut Schema) {
    if schema.enumeration.len() > 1 && schema.enumeration.contains(&Value::Null) {
        schema.enumeration.retain(|value| !value.is_null());
        schema.nullable |= schema.ty == Type::Any;
    }
    // Anything at all includes null. A closed list of values does not.
    if schema.ty == Type::Any && schema.enumeration.is_empty() {
        schema.nullable = false;
    }
}
