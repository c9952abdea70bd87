//! The types that pages write into their cells, and what samples show of them.

use serde_json::{Value, json};

use crate::report::UsageError;

/// The types of single values.
const SCALARS: [&str; 7] = ["string", "bool", "int32", "int64", "double", "byte", "date-time"];
/// A list, in the query string alone.
const ARRAY: &str = "array";
/// What ends a parameter that may not be left out.
const REQUIRED: &str = "required";
/// What an enumeration's cell begins with.
const ENUM: &str = "Enum:";

/// A parameter as the command line names it: `chatTopicId`, `state:string`, `limit:int32:required`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Typed {
    pub(super) name: String,
    /// As a type cell says it.
    pub(super) ty: String,
    /// Whether the command line says that it may not be left out. Parts of a path never may.
    pub(super) is_required: bool,
}

/// Where a parameter stands, which decides what can be said of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Path,
    Query,
}

impl Typed {
    /// Reads `name` or `name:type`; in the query also lists, and `:required` at the end.
    pub(super) fn parse(text: &str, place: Place) -> Result<Self, UsageError> {
        let (stated, is_required) = match text.trim_end().rsplit_once(':') {
            Some((stated, mark)) if place == Place::Query && mark.trim() == REQUIRED => (stated, true),
            _ => (text, false),
        };
        let (name, ty) = match stated.split_once(':') {
            Some((name, ty)) => (name.trim(), Some(ty.trim())),
            None => (stated.trim(), None),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_$-.".contains(c);
        if name.is_empty() || !name.chars().all(is_name) {
            let help =
                "write a name of letters, digits, `_`, `-`, `.` and `$`, and a type behind a colon: `limit:int32`";
            return Err(UsageError(format!("`{text}` names no parameter\n  help: {help}")));
        }
        let ty = match ty {
            None if is_id(name) => "int32".to_owned(),
            None => "string".to_owned(),
            Some(ty) => cell(ty, place == Place::Query)?,
        };
        Ok(Self { name: name.to_owned(), ty, is_required })
    }

    /// What a call shows of it.
    pub(super) fn sample(&self) -> String {
        match self.ty.strip_prefix(ENUM) {
            Some(values) => values.split(',').next().unwrap_or_default().trim().to_owned(),
            None => match sample(&self.ty) {
                Value::String(text) => text.replace('+', "%2B"),
                other => other.to_string(),
            },
        }
    }
}

/// Whether pages of this kind write a number for a name.
pub(super) fn is_id(name: &str) -> bool {
    name.ends_with("Id") || name.eq_ignore_ascii_case("id")
}

/// Whether it is the type of a single value.
pub(super) fn is_scalar(ty: &str) -> bool {
    SCALARS.contains(&ty)
}

/// The names of all types of single values, for a message.
pub(super) fn scalars() -> String {
    SCALARS.map(|name| format!("`{name}`")).join(", ")
}

/// What a sample shows of a type.
pub(super) fn sample(ty: &str) -> Value {
    match ty {
        "bool" => json!(true),
        "int32" => json!(7),
        "int64" => json!(4_294_967_296_i64),
        "double" => json!(1.5),
        "byte" => json!("AQID"),
        "date-time" => json!("2021-03-15T09:40:58+01:00"),
        _ => json!("text"),
    }
}

/// A type as a cell writes it.
fn cell(ty: &str, lists: bool) -> Result<String, UsageError> {
    if let Some(values) = ty.strip_prefix(ENUM) {
        let values: Vec<&str> = values.split(',').map(str::trim).collect();
        let is_value = |value: &&str| !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if values.iter().all(is_value) {
            return Ok(format!("{ENUM} {}", values.join(", ")));
        }
    } else if is_scalar(ty) || lists && ty == ARRAY {
        return Ok(ty.to_owned());
    }
    let list = if lists { ", `array`" } else { "" };
    let help = format!("write one of {}{list}, or `{ENUM} A, B`", scalars());
    Err(UsageError(format!("`{ty}` is no type of a parameter\n  help: {help}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_a_type_that_their_name_tells_or_that_is_given() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let typed = Typed::parse(text, Place::Query).ok();
            assert_eq!(typed.as_ref().map(|typed| (typed.name.as_str(), typed.ty.as_str())), expected, "{text}");
        };
        check("chatTopicId", Some(("chatTopicId", "int32")));
        check("id", Some(("id", "int32")));
        check("valid", Some(("valid", "string")));
        check("chatTopicId:string", Some(("chatTopicId", "string")));
        check("$select: string", Some(("$select", "string")));
        check("tags:array", Some(("tags", "array")));
        check("state:Enum:Open,Closed", Some(("state", "Enum: Open, Closed")));
        check("state:Enum:", None);
        check("state:integer", None);
        check("state:", None);
        check(":int32", None);
        check("a b", None);
        assert!(Typed::parse("tags:array", Place::Path).is_err());
    }

    #[test]
    fn a_parameter_of_the_query_may_be_required() {
        let check = |text: &str, expected: (&str, bool)| {
            let typed = Typed::parse(text, Place::Query).unwrap();
            assert_eq!((typed.ty.as_str(), typed.is_required), expected, "{text}");
        };
        check("limit:int32:required", ("int32", true));
        check("limit: int32 : required ", ("int32", true));
        check("limit:int32", ("int32", false));
        check("chatTopicId:required", ("int32", true));
        check("state:Enum:Open,required", ("Enum: Open, required", false));
        check("state:Enum:Open,Closed:required", ("Enum: Open, Closed", true));
        check("required", ("string", false));
        for (text, place) in
            [("required:required:required", Place::Query), (":required", Place::Query), ("id:required", Place::Path)]
        {
            assert!(Typed::parse(text, place).is_err(), "{text}");
        }
    }

    #[test]
    fn a_call_shows_values() {
        let sample = |text: &str| Typed::parse(text, Place::Query).unwrap().sample();
        assert_eq!(sample("id"), "7");
        assert_eq!(sample("when:date-time"), "2021-03-15T09:40:58%2B01:00");
        assert_eq!(sample("state:Enum:Open,Closed"), "Open");
        assert_eq!(sample("tags:array"), "text");
    }
}
