//! Reads maps of JSON Schemas, as schemars writes them.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Dialect, ReadError, cursor::Cursor, schema, source::Source};
use crate::model::Schema;

/// The schemas of a `{name: schema}` object, each a self-contained JSON Schema (2020-12). What a
/// schema holds in its `$defs` counts as a schema of that name where the object has none.
///
/// # Errors
/// When a schema is malformed or refers to something outside itself; the pointer begins with the
/// schema's name.
pub fn json_schemas(schemas: &Value) -> Result<IndexMap<String, Schema>, ReadError> {
    let source = Source::new(schemas, Dialect::OpenApi31);
    let all = Cursor::root(&source);
    let mut read = IndexMap::new();
    let mut inner = IndexMap::new();
    for (name, place) in all.members()? {
        // References count from the schema's own root.
        let source = Source::new(place.value, Dialect::OpenApi31);
        let own = Cursor::root(&source);
        let within = |error: ReadError| ReadError {
            pointer: format!("{}{}", place.pointer(), error.pointer.trim_start_matches('#')),
            ..error
        };
        read.insert(name.to_owned(), schema::standalone(&own, &own, name).map_err(within)?);
        for (definition, place) in own.members_of("$defs").map_err(within)? {
            if !inner.contains_key(definition) {
                inner.insert(definition.to_owned(), schema::standalone(&own, &place, name).map_err(within)?);
            }
        }
    }
    for (name, schema) in inner {
        read.entry(name).or_insert(schema);
    }
    Ok(read)
}
