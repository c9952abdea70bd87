//! The method of an operation in its trait, and the handler that calls it.

use docwright_contract::model::{MediaType, RefOr};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::content::{Answer, Body, Kind, Outcome};
use super::json;
use super::operation::{Endpoint, Layer};
use super::parameter::Argument;
use super::rust_type::{Mention, RustType};
use crate::render;

/// Methods that a service, or what it is behind, has from elsewhere.
const AMBIGUOUS: &[&str] = &[
    "as_ref",
    "authenticate",
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "cmp",
    "deref",
    "drop",
    "eq",
    "fmt",
    "from",
    "hash",
    "into",
    "ne",
    "resources",
    "to_owned",
    "to_string",
    "try_into",
    "type_id",
];

/// The method in the trait.
pub(super) fn signature(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> TokenStream {
    let docs = render::docs(Some(&documentation(endpoint, layer)));
    let method = &endpoint.method;
    let caller = if is_open(endpoint) { quote!(Option<Self::Caller>) } else { quote!(Self::Caller) };
    let names = passed(endpoint).map(|argument| &argument.ident);
    let types = passed(endpoint).map(Argument::ty);
    let body = endpoint.body.as_ref().map(|body| {
        let ty = body_type(body);
        quote!(body: #ty,)
    });
    let answer = endpoint.answer.ty();
    quote! {
        #docs
        fn #method(
            &self,
            context: RequestContext<#caller>,
            #(#names: #types,)*
            #body
        ) -> impl Future<Output = Result<#answer, ApiError>> + Send;
    }
}

/// All types that the operation mentions.
pub(super) fn types(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> TokenStream {
    let arguments = passed(endpoint).map(Argument::ty);
    let body = endpoint.body.as_ref().map(body_type);
    let answer = endpoint.answer.ty();
    let content = endpoint.operation.request_body.iter().flat_map(|body| body.content.values());
    let described = content.map(|content| described(layer, content).tokens);
    quote!(#(#arguments)* #body #answer #(#described)*)
}

fn passed<'e>(endpoint: &'e Endpoint<'_>) -> impl Iterator<Item = &'e Argument<'e>> {
    endpoint.arguments.iter().filter(|argument| argument.is_passed())
}

/// The handler with its part of the document.
pub(super) fn source(endpoint: &Endpoint<'_>, service: &Ident, layer: &Layer<'_>) -> TokenStream {
    let description = document(endpoint, layer);
    let (method, handler) = (&endpoint.method, &endpoint.handler);
    let produces = &endpoint.answer.media_types;
    let accepts = endpoint.operation.security.iter().flatten();
    let accepts = accepts.map(|schemes| schemes.keys().collect::<Vec<_>>());
    let begin = if is_open(endpoint) { quote!(begin_open) } else { quote!(begin) };
    let arguments: Vec<_> = passed(endpoint).map(|argument| &argument.ident).collect();
    let reads: Vec<_> = passed(endpoint).map(Argument::read).collect();
    let in_path = reads_from(&reads, "& path");
    let in_query = reads_from(&reads, "query .");
    let path = in_path.then(|| quote!(let path = call.path().await?;));
    let query = in_query.then(|| quote!(let query = call.query()?;));
    let body = endpoint.body.as_ref().map(|body| {
        let consumes = &body.media_types;
        let kind = body.kind.method();
        let read = if body.is_required { kind } else { format_ident!("optional_{kind}") };
        let wait = (body.kind == Kind::Form).then(|| quote!(.await));
        // No body and null are the same to a service.
        let flat = (body.is_nullable && !body.is_required).then(|| quote!(.flatten()));
        quote!(let body = call.#read(&[#(#consumes),*]) #wait ? #flat;)
    });
    let mutable = (path.is_some() || body.is_some()).then(|| quote!(mut));
    let body_argument = body.is_some().then(|| quote!(, body));
    let call = if AMBIGUOUS.contains(&method.to_string().as_str()) {
        quote!(#service::#method(&*service, context #(, #arguments)* #body_argument).await?)
    } else {
        quote!(service.#method(context #(, #arguments)* #body_argument).await?)
    };
    let write = write(&endpoint.answer, &call);
    quote! {
        #description
        pub(super) async fn #handler<S: #service>(
            State(service): State<Arc<S>>,
            request: Request,
        ) -> Result<Response, ApiError> {
            let produces = [#(#produces),*];
            let security = Security { keys: API_KEYS, accepts: &[#(&[#(#accepts),*]),*] };
            let #mutable call = Call::#begin(&*service, request, &produces, security).await?;
            #path
            #query
            #(#reads)*
            #body
            let (context, answer) = call.split();
            #write
        }
    }
}

fn reads_from(reads: &[TokenStream], what: &str) -> bool {
    reads.iter().any(|read| read.to_string().contains(what))
}

fn write(answer: &Answer<'_>, call: &TokenStream) -> TokenStream {
    let written = |outcome: &Outcome| {
        let status = status(outcome.status);
        match &outcome.content {
            None => quote!(answer.empty(#status)),
            Some((kind, _)) => {
                let write = kind.method();
                // It is written while it is sent, when the handler has ended.
                let (service, wait) = match kind.is_items() {
                    true => (Some(quote!(, Arc::clone(&service))), Some(quote!(.await))),
                    false => (None, None),
                };
                let own = &outcome.media_types;
                // Negotiated is among the forms of all answers.
                let only = (*own != answer.media_types).then(|| quote!(.only(&[#(#own),*])));
                quote!(answer #only.#write(#status, value #service) #wait)
            }
        }
    };
    if let Some(ident) = &answer.enumeration {
        let arms = answer.outcomes.iter().map(|outcome| {
            let (variant, written) = (outcome.variant(), written(outcome));
            let value = outcome.content.is_some().then(|| quote!((value)));
            quote!(super::#ident::#variant #value => #written)
        });
        return quote!(match #call { #(#arms),* });
    }
    match answer.outcomes.as_slice() {
        [one] if one.content.is_none() => {
            let written = written(one);
            quote! {
                #call;
                #written
            }
        }
        [one] => {
            let written = written(one);
            quote! {
                let value = #call;
                #written
            }
        }
        several => {
            let (full, empty): (Vec<_>, Vec<_>) = several.iter().partition(|outcome| outcome.content.is_some());
            let (full, empty) = (full.into_iter().map(written), empty.into_iter().map(written));
            quote! {
                match #call {
                    #(Some(value) => #full,)*
                    #(None => #empty,)*
                }
            }
        }
    }
}

fn body_type(body: &Body<'_>) -> TokenStream {
    let ty = &body.ty;
    if body.is_required && !body.is_nullable { quote!(#ty) } else { quote!(Option<#ty>) }
}

/// Whether the operation may be called without signing in.
fn is_open(endpoint: &Endpoint<'_>) -> bool {
    match &endpoint.operation.security {
        None => true,
        Some(alternatives) => alternatives.is_empty() || alternatives.iter().any(std::collections::BTreeMap::is_empty),
    }
}

/// What the method's doc comment says: the contract's texts, and the errors it documents.
fn documentation(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> String {
    let operation = endpoint.operation;
    let mut parts: Vec<String> = [&operation.summary, &operation.description]
        .into_iter()
        .flatten()
        .filter(|text| !text.trim().is_empty())
        .cloned()
        .collect();
    parts.push(format!("`{} {}`", operation.method.as_str(), operation.path));
    let errors: Vec<String> = operation
        .responses
        .iter()
        .filter(|(status, _)| !status.starts_with('2'))
        .filter_map(|(status, response)| {
            let response = match response {
                RefOr::Inline(response) => response,
                RefOr::Ref(name) => layer.contract.responses.get(name)?,
            };
            Some(format!("- {status}: {}", response.description.lines().next().unwrap_or_default()))
        })
        .collect();
    if !errors.is_empty() {
        parts.push("# Errors".to_owned());
        parts.push(errors.join("\n"));
    }
    parts.join("\n\n")
}

/// `#[utoipa::path(…)]`.
fn document(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> TokenStream {
    let operation = endpoint.operation;
    let method = super::operation::plain_ident(operation.method.key());
    let (path, id, tags) = (&operation.path, &operation.operation_id, &operation.tags);
    let tags = (!tags.is_empty()).then(|| quote!(tags = [#(#tags),*],));
    // Said even where it is empty, or utoipa takes the doc comment.
    let summary = operation.summary.as_deref().unwrap_or_default();
    let description = operation.description.as_deref().unwrap_or_default();
    let common = (!layer.common.is_empty()).then(|| quote!(CommonHeaders));
    let declared = endpoint.arguments.iter().filter(|argument| argument.is_declared);
    let parameters: Vec<_> = common.into_iter().chain(declared.map(Argument::document)).collect();
    let parameters = (!parameters.is_empty()).then(|| quote!(params(#(#parameters),*),));
    let body = request_body(endpoint, layer);
    let statuses = endpoint.responses.iter().map(|(status, _)| match status.parse::<u16>() {
        Ok(status) => {
            let status = proc_macro2::Literal::u16_unsuffixed(status);
            quote!(#status)
        }
        Err(_) => quote!(#status),
    });
    let types = endpoint.responses.iter().map(|(_, name)| format_ident!("{name}"));
    let security = operation.security.as_ref().map(|alternatives| {
        let alternatives = alternatives.iter().map(|schemes| {
            let names = schemes.keys();
            let scopes = schemes.values().map(|scopes| quote!([#(#scopes),*]));
            quote!((#(#names = #scopes),*))
        });
        quote!(security(#(#alternatives),*),)
    });
    let extensions: Vec<_> = operation
        .extensions
        .iter()
        .filter(|(name, value)| name.starts_with("x-") && json::is_small(value))
        .map(|(name, value)| {
            let value = json::tokens(value);
            quote!((#name = json!(#value)))
        })
        .collect();
    let extensions = (!extensions.is_empty()).then(|| quote!(extensions(#(#extensions),*),));
    quote! {
        #[utoipa::path(
            #method,
            path = #path,
            operation_id = #id,
            #tags
            summary = #summary,
            description = #description,
            #parameters
            #body
            responses(#((status = #statuses, response = responses::#types)),*),
            #security
            #extensions
        )]
    }
}

fn request_body(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> Option<TokenStream> {
    let body = endpoint.operation.request_body.as_ref()?;
    let description = body.description.as_ref().map(|text| quote!(, description = #text));
    // Whether the body may be left out is among the document's details: utoipa says it with `Option`,
    // which also admits null.
    let content = body.content.iter().map(|(name, content)| {
        let RustType { tokens, is_inline } = described(layer, content);
        if is_inline { quote!((inline(#tokens) = #name)) } else { quote!((#tokens = #name)) }
    });
    let content: Vec<_> = content.collect();
    // utoipa knows no body without content; the details take it back.
    let content = if content.is_empty() { vec![quote!((String = "*/*"))] } else { content };
    Some(quote!(request_body(content(#(#content),*) #description),))
}

/// The type that the document describes for a form of a body.
pub(super) fn described(layer: &Layer<'_>, content: &MediaType) -> RustType {
    let schema = content.schema.as_ref();
    schema.map_or_else(RustType::any, |schema| RustType::present(&layer.types, schema, Mention::Document))
}

/// The constant of a status.
fn status(code: u16) -> TokenStream {
    let name = match code {
        200 => "OK",
        201 => "CREATED",
        202 => "ACCEPTED",
        203 => "NON_AUTHORITATIVE_INFORMATION",
        204 => "NO_CONTENT",
        205 => "RESET_CONTENT",
        206 => "PARTIAL_CONTENT",
        207 => "MULTI_STATUS",
        208 => "ALREADY_REPORTED",
        226 => "IM_USED",
        300 => "MULTIPLE_CHOICES",
        301 => "MOVED_PERMANENTLY",
        302 => "FOUND",
        303 => "SEE_OTHER",
        304 => "NOT_MODIFIED",
        307 => "TEMPORARY_REDIRECT",
        308 => "PERMANENT_REDIRECT",
        _ => {
            let code = proc_macro2::Literal::u16_unsuffixed(code);
            return quote!(support::status(#code));
        }
    };
    let name = format_ident!("{name}");
    quote!(StatusCode::#name)
}

/// `answers.rs`: what a service says where an operation has several answers that mean success; nothing where none has.
pub(super) fn answers(endpoints: &[&Endpoint<'_>]) -> TokenStream {
    let found = endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.answer.enumeration.as_ref()?)));
    let declarations: Vec<TokenStream> = found
        .map(|(endpoint, ident)| {
            let docs = render::docs(Some(&format!("What `{}` answers.", endpoint.operation.operation_id)));
            let variants = endpoint.answer.outcomes.iter().map(|outcome| {
                let docs = render::docs(Some(&format!("With status {}.", outcome.status)));
                let variant = outcome.variant();
                let value = outcome.content.as_ref().map(|(_, ty)| quote!((#ty)));
                quote!(#docs #variant #value)
            });
            let is_stream = |outcome: &Outcome| matches!(outcome.content, Some((kind, _)) if kind.is_stream());
            let is_value = !endpoint.answer.outcomes.iter().any(is_stream);
            let derived = if is_value { quote!(Clone, Debug, PartialEq) } else { quote!(Debug) };
            quote! {
                #docs
                #[derive(#derived)]
                pub enum #ident {
                    #(#variants),*
                }
            }
        })
        .collect();
    let text = quote!(#(#declarations)*).to_string();
    let models = text.contains("models ::").then(|| {
        quote!(
            use crate::models;
        )
    });
    let imports = ["Binary", "EventStream", "Items", "Mixed"].into_iter().filter(|ty| text.contains(&format!("({ty}")));
    let imports = imports.map(|ty| format_ident!("{ty}")).collect::<Vec<_>>();
    let support = (!imports.is_empty()).then(|| quote!(use crate::support::{#(#imports),*};));
    quote! {
        #models
        #support
        #(#declarations)*
    }
}
