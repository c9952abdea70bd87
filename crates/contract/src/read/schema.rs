//! Schemas in the dialects of OpenAPI 3.0, 3.1 and JSON Schema 2020-12.

mod keywords;

use serde_json::Value;

use super::{
    cursor::{Cursor, unescape},
    error::{Problem, ReadError},
    source::Dialect,
};
use crate::model::{Constraints, Schema, Type};

/// Deeper nesting than this is refused. Above what the YAML reader lets through.
const MAX_DEPTH: usize = 64;

/// A schema of an OpenAPI or Swagger document.
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

/// A schema as it is kept in the extensions of another. What it refers to is taken for granted.
pub(super) fn kept(cursor: &Cursor<'_>) -> Result<Schema, ReadError> {
    Reader { names: Names::Unchecked }.schema(cursor, 0)
}

/// What references name.
enum Names<'a> {
    /// Components of the document, or any other schema in it.
    Components,
    /// `#/$defs/…`, and `#` for the whole.
    Defs { root: &'a Value, own: &'a str },
    /// `#/components/schemas/…`, whether it exists or not.
    Unchecked,
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
        keywords::kept_schemas(cursor, &mut schema.extensions, |part| self.schema(part, depth + 1))?;
        let mut shapes = Vec::new();
        if let Some(target) = cursor.reference()? {
            shapes.push(self.referred(cursor, target, depth)?);
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

    fn referred(&self, cursor: &Cursor<'_>, target: &str, depth: usize) -> Result<Schema, ReadError> {
        let dangling = || cursor.error(Problem::Dangling { target: target.to_owned() });
        let name = match self.names {
            Names::Components => return self.referred_in_document(cursor, target, depth),
            Names::Defs { own, .. } if target == "#" => own.to_owned(),
            Names::Defs { root, .. } => {
                let name = target.strip_prefix("#/$defs/").map(unescape).ok_or_else(dangling)?;
                root.get("$defs").and_then(|all| all.get(&name)).ok_or_else(dangling)?;
                name
            }
            Names::Unchecked => target.strip_prefix("#/components/schemas/").map(unescape).ok_or_else(dangling)?,
        };
        Ok(Schema::reference(name))
    }

    /// A component by its name; any other schema is read where it is used if it is simple, and
    /// becomes a component if it has parts: it may contain itself.
    fn referred_in_document(&self, cursor: &Cursor<'_>, target: &str, depth: usize) -> Result<Schema, ReadError> {
        let mut place = cursor.clone();
        let mut target = target;
        for _ in 0..MAX_DEPTH {
            if let Some(name) = place.component_name(target, "schemas")? {
                return Ok(Schema::reference(name));
            }
            place = place.follow(target)?;
            match place.reference()? {
                Some(next) if place.object()?.len() == 1 => target = next,
                _ if keywords::has_parts(place.value) => {
                    return Ok(Schema::reference(place.source.name_schema(place.pointer())));
                }
                _ => return self.schema(&place, depth + 1),
            }
        }
        Err(cursor.error(Problem::Circular { target: target.to_owned() }))
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
            0 => keywords::encoded(Type::Any, &mut schema.extensions),
            1 => keywords::encoded(types.remove(0), &mut schema.extensions),
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
            "file" if cursor.source.dialect == Dialect::Swagger2 => Type::String { format: Some("binary".to_owned()) },
            _ => return Err(place.unexpected("a JSON type")),
        })
    }
}

fn implied_type(cursor: &Cursor<'_>) -> Option<&'static str> {
    let object = ["properties", "additionalProperties"].iter().any(|name| cursor.get(name).is_some())
        || cursor.get("required").is_some_and(|names| names.value.is_array());
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

/// Whether both say something, and not the same.
fn differ<T: PartialEq>(outer: Option<&T>, inner: Option<&T>) -> bool {
    outer.zip(inner).is_some_and(|(outer, inner)| outer != inner)
}

/// The one shape `inner` with what is said around it, where that does not contradict it.
fn overlaid(outer: Schema, inner: Schema) -> Schema {
    let no_bounds = Constraints::default();
    let conflict = !outer.enumeration.is_empty() && !inner.enumeration.is_empty()
        || outer.constraints != no_bounds && inner.constraints != no_bounds
        || differ(outer.description.as_ref(), inner.description.as_ref())
        || differ(outer.title.as_ref(), inner.title.as_ref())
        || differ(outer.default.as_ref(), inner.default.as_ref())
        || differ(outer.example.as_ref(), inner.example.as_ref())
        || inner.extensions.iter().any(|(name, value)| differ(outer.extensions.get(name), Some(value)));
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
        if schema.enumeration.is_empty() {
            schema.enumeration.push(Value::Null);
        }
        schema.nullable |= schema.ty == Type::Any;
    }
    // Anything at all includes null. A closed list of values does not.
    if schema.ty == Type::Any && schema.enumeration.is_empty() {
        schema.nullable = false;
    }
}
