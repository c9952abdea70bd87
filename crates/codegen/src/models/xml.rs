//! What makes a carrier an element of XML: an invocation of the macro `xml_element!`, laid out by
//! hand because the formatter does not know what is inside.

use proc_macro2::{Ident, Literal};

/// For a type with named fields, each with the name of its element.
pub(super) fn element(ident: &Ident, name: &str, fields: &[(Ident, String)], rest: Option<&str>) -> String {
    let mut text = format!("{} {ident} = {} {{\n", START, Literal::string(name));
    for (field, element) in fields {
        text += &format!("        {field} = {},\n", Literal::string(element));
    }
    text += "    }";
    if let Some(rest) = rest {
        text += &format!(" .. {rest}");
    }
    text + "\n}\n"
}

/// For a type around another.
pub(super) fn around(ident: &Ident, name: &str) -> String {
    format!("{START} {ident} = {} (..)\n}}\n", Literal::string(name))
}

const START: &str = "#[cfg(feature = \"xml\")]\ncrate::xml_element! {\n   ";
