//! The contract of a REST API in the field's own terms, independent of any OpenAPI version.
//!
//! A [`Contract`] is the hub of the workspace: pages are inferred into it, OpenAPI documents are
//! read into it and written from it, and the generators and the comparison start from it.
//! Order is kept everywhere, because people read what is written from it.

mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

pub use schema::{Additional, Constraints, Schema, Type};

/// Specification extensions (`x-…`) and members this model has no field for, by name.
pub type Extensions = BTreeMap<String, Value>;

/// A whole API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// Title, version, licence.
    pub info: Info,
    /// Where the API is served.
    pub servers: Vec<Server>,
    /// The groups of operations, in the order of the document.
    pub tags: Vec<Tag>,
    /// All operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// `components.schemas`.
    pub schemas: IndexMap<String, Schema>,
    /// `components.parameters`; the key is the component's name, not the parameter's.
    pub parameters: IndexMap<String, Parameter>,
    /// `components.responses`.
    pub responses: IndexMap<String, Response>,
    /// `components.securitySchemes`.
    pub security_schemes: IndexMap<String, SecurityScheme>,
    /// Extensions of the document's root, and `components`: those that this model has no field
    /// for and that nothing refers to but other members that are kept verbatim.
    pub extensions: Extensions,
}

/// The `info` object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Info {
    /// The API's name.
    pub title: String,
    /// The version of the contract, not of OpenAPI.
    pub version: String,
    /// CommonMark.
    pub description: Option<String>,
    /// The licence of the API.
    pub license: Option<License>,
    /// Other members, verbatim.
    pub extensions: Extensions,
}

/// A licence by name, with where to read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct License {
    /// For instance `MIT`.
    pub name: String,
    /// Its text's address.
    pub url: Option<String>,
    /// Other members (`identifier`, extensions), verbatim.
    pub extensions: Extensions,
}

/// A base address of the API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// May be relative to where the document is served.
    pub url: String,
    /// CommonMark.
    pub description: Option<String>,
    /// Other members (`variables`, extensions), verbatim.
    pub extensions: Extensions,
}

/// A group of operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tag {
    /// What operations name in `tags`.
    pub name: String,
    /// CommonMark.
    pub description: Option<String>,
    /// Other members (`externalDocs`, extensions), verbatim.
    pub extensions: Extensions,
}

/// The HTTP methods that OpenAPI knows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the variants are the methods' names")]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
    Trace,
}

impl Method {
    /// Every method, in the order in which OpenAPI lists them.
    pub const ALL: [Self; 8] =
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Options, Self::Head, Self::Patch, Self::Trace];

    /// As HTTP writes it: `GET`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }

    /// As an OpenAPI path item writes it: `get`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
        }
    }

    /// Reads a method in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.key().eq_ignore_ascii_case(text))
    }
}

/// One method on one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Unique in the contract.
    pub operation_id: String,
    /// HTTP method.
    pub method: Method,
    /// The path template, `/api/v1/ChatSession/{id}`.
    pub path: String,
    /// Names of [`Tag`]s.
    pub tags: Vec<String>,
    /// One line of text.
    pub summary: Option<String>,
    /// CommonMark.
    pub description: Option<String>,
    /// Whether the operation is on its way out.
    pub deprecated: bool,
    /// Path, query and header parameters, inline or by name of a shared one.
    pub parameters: Vec<RefOr<Parameter>>,
    /// What the caller sends.
    pub request_body: Option<RequestBody>,
    /// The answers by status: `200`, `4XX` or `default`.
    pub responses: IndexMap<String, RefOr<Response>>,
    /// Alternatives, each a set of schemes that are needed together; `None` where the
    /// operation does not say. An empty alternative means that no sign-in is needed.
    pub security: Option<Vec<SecurityRequirement>>,
    /// Extensions.
    pub extensions: Extensions,
}

/// Schemes that are needed together, with the scopes each needs.
pub type SecurityRequirement = BTreeMap<String, Vec<String>>;

/// Something inline, or the name of a component of the same kind.
#[derive(Clone, Debug, PartialEq)]
pub enum RefOr<T> {
    /// The name of the component, without the `#/components/…/` prefix.
    Ref(String),
    /// The thing itself.
    Inline(T),
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the variants are OpenAPI's own words")]
pub enum Location {
    Path,
    Query,
    Header,
    Cookie,
}

impl Location {
    /// As OpenAPI's `in` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A path, query, header or cookie parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Verbatim; header names are compared without regard to case.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// CommonMark.
    pub description: Option<String>,
    /// Always true for path parameters.
    pub required: bool,
    /// Whether it is on its way out.
    pub deprecated: bool,
    /// What it may hold.
    pub schema: Schema,
    /// Other members (`style`, `explode` where they differ from the default, extensions). A
    /// parameter that travels as a media type has `content` here: an object with that media type,
    /// without the schema.
    pub extensions: Extensions,
}

/// What a caller sends.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestBody {
    /// CommonMark.
    pub description: Option<String>,
    /// Whether the operation refuses a call without it.
    pub required: bool,
    /// The forms it may have, by media type.
    pub content: IndexMap<String, MediaType>,
    /// Extensions.
    pub extensions: Extensions,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// CommonMark; required by OpenAPI, may be empty.
    pub description: String,
    /// Response headers by name.
    pub headers: IndexMap<String, Header>,
    /// The forms it may have, by media type; empty for an answer without content.
    pub content: IndexMap<String, MediaType>,
    /// Extensions.
    pub extensions: Extensions,
}

/// A response header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// CommonMark.
    pub description: Option<String>,
    /// Whether it is always there.
    pub required: bool,
    /// What it holds.
    pub schema: Schema,
    /// Other members, as for a [`Parameter`].
    pub extensions: Extensions,
}

/// One form of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaType {
    /// Its shape, where it is known.
    pub schema: Option<Schema>,
    /// A whole example.
    pub example: Option<Arc<Value>>,
    /// Other members (`encoding`, extensions), verbatim. `examples` is here where there are
    /// several, or one that has more than a value; none of them is a reference.
    pub extensions: Extensions,
}

impl MediaType {
    /// The whole example, or the first of several that has a value in the document.
    pub fn first_example(&self) -> Option<&Value> {
        let several = || self.extensions.get("examples")?.as_object()?.values().find_map(|each| each.get("value"));
        self.example.as_deref().or_else(several)
    }
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityScheme {
    /// CommonMark.
    pub description: Option<String>,
    /// Which kind.
    pub kind: SecuritySchemeKind,
    /// Extensions.
    pub extensions: Extensions,
}

/// The kinds of [`SecurityScheme`].
#[derive(Clone, Debug, PartialEq)]
pub enum SecuritySchemeKind {
    /// An HTTP authentication scheme: `basic`, `bearer`.
    Http {
        /// In lower case.
        scheme: String,
        /// A hint on the form of a bearer token.
        bearer_format: Option<String>,
    },
    /// A value in a header, query or cookie parameter.
    ApiKey {
        /// The parameter's name.
        name: String,
        /// Where it travels.
        location: Location,
    },
    /// `oauth2`, `openIdConnect` and what comes later: the whole object, verbatim.
    Other(Value),
}
