//! Bodies: what a caller sends and what an operation answers when all is well, by their media types.

use std::collections::BTreeSet;

use docwright_contract::model::{MediaType, RequestBody, Response, Schema, Type};
use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::form::{self, FormType};
use super::operation::{Layer, free_type, success_status};
use super::rust_type::{Mention, RustType};
use crate::naming::SchemaTypes;

const URLENCODED: &str = "application/x-www-form-urlencoded";
const EVENTS: &str = "text/event-stream";

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Json,
    /// In either, or in XML alone.
    JsonOrXml,
    /// In JSON or XML, or as bytes of another kind.
    Mixed,
    /// Fields and files.
    Form,
    Text,
    Binary,
    /// A stream of events, which only an answer can be.
    Events,
    /// A list in JSON, item by item, which only an answer can be.
    JsonItems,
    /// The same in JSON or XML, or in XML alone.
    JsonOrXmlItems,
}

impl Kind {
    /// The method of the hand-written support that reads or writes it.
    pub(super) fn method(self) -> Ident {
        format_ident!(
            "{}",
            match self {
                Self::Json => "json",
                Self::JsonOrXml => "json_or_xml",
                Self::Mixed => "mixed",
                Self::Form => "form",
                Self::Text => "text",
                Self::Binary => "binary",
                Self::Events => "events",
                Self::JsonItems => "json_items",
                Self::JsonOrXmlItems => "json_or_xml_items",
            }
        )
    }

    /// Whether the service gives it piece by piece: it can be neither copied nor compared.
    pub(super) fn is_stream(self) -> bool {
        self == Self::Events || self.is_items()
    }

    /// Whether it is a list that the service gives item by item.
    pub(super) fn is_items(self) -> bool {
        matches!(self, Self::JsonItems | Self::JsonOrXmlItems)
    }
}

/// What a caller sends.
pub(super) struct Body<'a> {
    pub(super) kind: Kind,
    pub(super) ty: TokenStream,
    /// Whether it may be null, which `ty` leaves out.
    pub(super) is_nullable: bool,
    /// Declared beside the operations, where the body is a form with known fields.
    pub(super) form: Option<FormType<'a>>,
    /// Those that are read.
    pub(super) media_types: Vec<&'a str>,
    /// Those that are not: of another type, or of a kind that the others' type cannot be read from.
    pub(super) refused: Vec<&'a str>,
    pub(super) is_required: bool,
}

impl<'a> Body<'a> {
    pub(super) fn of(layer: &Layer<'a>, method: &str, body: &'a RequestBody, taken: &mut BTreeSet<String>) -> Self {
        let (kind, ty) = match kind(&body.content) {
            // A body is what it is; only an answer can be either.
            Kind::Mixed if body.content.keys().any(|name| is_xml(name)) => (Kind::JsonOrXml, None),
            Kind::Mixed => (Kind::Json, None),
            Kind::Events => (Kind::Text, None),
            Kind::Binary | Kind::Text if body.content.keys().any(|name| is_form(name)) => {
                let schema =
                    body.content.iter().find(|(name, _)| is_form(name)).and_then(|(_, form)| form.schema.as_ref());
                (Kind::Form, schema.and_then(|schema| form::of(layer, method, schema, taken)))
            }
            kind => (kind, None),
        };
        let value = shown(&body.content);
        let is_value = matches!(kind, Kind::Json | Kind::JsonOrXml);
        let tokens = match &ty {
            Some(FormType { ident, .. }) => quote!(super::#ident),
            None if is_value => value_type(&layer.types, value),
            None => type_of(&layer.types, kind, &body.content).tokens,
        };
        let is_read = |name: &str, content: &MediaType| match kind {
            Kind::Json | Kind::JsonOrXml => {
                let is_kind = is_json(name)
                    || (is_xml(name) && kind == Kind::JsonOrXml)
                    || (is_open(name) && !is_bytes(content.schema.as_ref()))
                    || essence(name) == URLENCODED;
                let is_same = content.schema.is_none()
                    || value_type(&layer.types, content.schema.as_ref()).to_string() == tokens.to_string();
                is_kind && is_same
            }
            Kind::Form => is_form(name),
            _ => true,
        };
        let (read, refused): (Vec<_>, Vec<_>) = body.content.iter().partition(|(name, content)| is_read(name, content));
        let names =
            |content: Vec<(&'a String, &MediaType)>| content.into_iter().map(|(name, _)| name.as_str()).collect();
        Self {
            kind,
            is_nullable: is_value && value.is_some_and(|schema| layer.types.admits_null(schema)),
            form: ty,
            media_types: if body.content.is_empty() { vec!["*/*"] } else { names(read) },
            refused: names(refused),
            is_required: body.required,
            ty: tokens,
        }
    }
}

/// How a service gives lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Delivery {
    Whole,
    ItemByItem,
}

/// What an operation answers when all is well.
pub(super) struct Answer<'a> {
    /// At least one.
    pub(super) outcomes: Vec<Outcome>,
    /// Of all outcomes.
    pub(super) media_types: Vec<&'a str>,
    /// Declared beside the operations, where the service has to say which of several outcomes it is.
    pub(super) enumeration: Option<Ident>,
}

/// One of the answers that mean success.
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) media_types: Vec<String>,
    pub(super) content: Option<(Kind, TokenStream)>,
}

impl<'a> Answer<'a> {
    pub(super) fn of(
        types: &SchemaTypes,
        method: &str,
        responses: &[(&'a str, &'a Response)],
        delivery: Delivery,
        taken: &mut BTreeSet<String>,
    ) -> Self {
        let mut found: Vec<(u16, &Response)> =
            responses.iter().filter_map(|(status, response)| Some((success_status(status)?, *response))).collect();
        if found.is_empty() {
            // An operation may do nothing but lead elsewhere, or say the same of every status.
            let redirect = |status: &str| status.parse().ok().filter(|status| (300..400).contains(status));
            found = responses.iter().filter_map(|(status, response)| Some((redirect(status)?, *response))).collect();
        }
        if found.is_empty() {
            let any = responses.iter().filter(|(status, _)| *status == "default");
            found = any.map(|(_, response)| (if response.content.is_empty() { 204 } else { 200 }, *response)).collect();
        }
        let mut media_types: Vec<&str> = Vec::new();
        for name in found.iter().flat_map(|(_, response)| response.content.keys()) {
            if !media_types.contains(&name.as_str()) {
                media_types.push(name);
            }
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        for (status, response) in found {
            let content = (!response.content.is_empty()).then(|| {
                let kind = match kind(&response.content) {
                    kind if delivery == Delivery::Whole || items(&response.content).is_none() => kind,
                    Kind::Json => Kind::JsonItems,
                    Kind::JsonOrXml => Kind::JsonOrXmlItems,
                    kind => kind,
                };
                (kind, type_of(types, kind, &response.content).tokens)
            });
            // `200` stands beside `2XX`.
            if outcomes.iter().all(|known| known.status != status) {
                let media_types = response.content.keys().cloned().collect();
                outcomes.push(Outcome { status, media_types, content });
            }
        }
        if outcomes.is_empty() {
            outcomes.push(Outcome { status: 204, media_types: Vec::new(), content: None });
        }
        let is_plain = match outcomes.as_slice() {
            [_] => true,
            [one, other] => one.content.is_some() != other.content.is_some(),
            _ => false,
        };
        let enumeration = (!is_plain).then(|| free_type(&format!("{method}_answer"), taken));
        Self { outcomes, media_types, enumeration }
    }

    /// Whether the service gives any of it item by item.
    pub(super) fn has_items(&self) -> bool {
        self.outcomes.iter().any(|outcome| matches!(outcome.content, Some((kind, _)) if kind.is_items()))
    }

    /// What the service gives.
    pub(super) fn ty(&self) -> TokenStream {
        if let Some(ident) = &self.enumeration {
            return quote!(super::#ident);
        }
        let content = self.outcomes.iter().find_map(|outcome| outcome.content.as_ref());
        match content {
            None => quote!(()),
            Some((_, ty)) if self.outcomes.len() == 1 => ty.clone(),
            Some((_, ty)) => quote!(Option<#ty>),
        }
    }
}

impl Outcome {
    /// Its variant, where there are several.
    pub(super) fn variant(&self) -> Ident {
        format_ident!("Status{}", self.status)
    }
}

/// How a body with this content is written.
fn kind(content: &IndexMap<String, MediaType>) -> Kind {
    let (mut has_json, mut has_xml, mut others) = (false, false, Vec::new());
    for (name, media_type) in content {
        match () {
            () if is_json(name) || (is_open(name) && !is_bytes(media_type.schema.as_ref())) => has_json = true,
            () if is_xml(name) => has_xml = true,
            () => others.push(name.as_str()),
        }
    }
    if !content.is_empty() && content.keys().all(|name| essence(name) == EVENTS) {
        return Kind::Events;
    }
    let is_text = |name: &&str| essence(name).starts_with("text/");
    match (has_json || has_xml, others.iter().all(is_text)) {
        (true, true) if has_xml => Kind::JsonOrXml,
        (true, true) => Kind::Json,
        (true, false) => Kind::Mixed,
        (false, true) if !others.is_empty() => Kind::Text,
        (false, _) => Kind::Binary,
    }
}

/// The schema of the value that JSON or XML carries.
fn shown(content: &IndexMap<String, MediaType>) -> Option<&Schema> {
    let found = content.iter().find(|(name, _)| is_json(name));
    let found = found.or_else(|| content.iter().find(|(name, _)| is_xml(name)));
    let found = found.or_else(|| content.iter().find(|(name, _)| is_open(name)));
    found.and_then(|(_, media_type)| media_type.schema.as_ref())
}

/// The schema of the items, where such a value is a list that is written where it is used.
fn items(content: &IndexMap<String, MediaType>) -> Option<&Schema> {
    match shown(content) {
        Some(Schema { ty: Type::Array { items }, nullable: false, .. }) => Some(items),
        _ => None,
    }
}

/// The type of such a value where it is not null.
fn value_type(types: &SchemaTypes, schema: Option<&Schema>) -> TokenStream {
    schema.map_or_else(RustType::any, |schema| RustType::present(types, schema, Mention::Handler)).tokens
}

fn type_of(types: &SchemaTypes, kind: Kind, content: &IndexMap<String, MediaType>) -> RustType {
    let value = || shown(content).map_or_else(RustType::any, |schema| RustType::of(types, schema, Mention::Handler));
    match kind {
        Kind::Json | Kind::JsonOrXml => value(),
        Kind::Mixed => {
            let RustType { tokens, .. } = value();
            RustType { tokens: quote!(Mixed<#tokens>), is_inline: true }
        }
        Kind::Form => RustType { tokens: quote!(Form), is_inline: true },
        Kind::Text => RustType { tokens: quote!(String), is_inline: false },
        Kind::Binary => RustType::binary(),
        Kind::Events => RustType { tokens: quote!(EventStream), is_inline: true },
        Kind::JsonItems | Kind::JsonOrXmlItems => {
            let item = items(content).map_or_else(RustType::any, |item| RustType::of(types, item, Mention::Handler));
            let RustType { tokens, .. } = item;
            RustType { tokens: quote!(Items<#tokens>), is_inline: true }
        }
    }
}

/// Without parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media_type: &str) -> bool {
    let name = essence(media_type);
    name.ends_with("/json") || name.ends_with("+json")
}

fn is_xml(media_type: &str) -> bool {
    let name = essence(media_type);
    name.ends_with("/xml") || name.ends_with("+xml")
}

fn is_form(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), "multipart/form-data" | URLENCODED)
}

/// Whether the contract leaves the form to both sides.
fn is_open(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), "*/*" | "application/*")
}

/// Whether a value is bytes, or not described at all.
fn is_bytes(schema: Option<&Schema>) -> bool {
    schema.is_none_or(|schema| match &schema.ty {
        Type::Any => true,
        Type::String { format } => format.as_deref() == Some("binary"),
        _ => false,
    })
}
