//! The method of an operation in its trait, and the handler that calls it.

use docwright_contract::model::RefOr;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::json;
use super::operation::{Answer, Body, Endpoint, Kind, Layer, path_parameters};
use crate::render;

/// The method in the trait.
pub(super) fn signature(endpoint: &Endpoint<'_>, layer: &Layer<'_>) -> TokenStream {
    let docs = render::docs(Some(&documentation(endpoint, layer)));
    let method = &endpoint.method;
    let caller = if is_open(endpoint) { quote!(Option<Self::Caller>) } else { quote!(Self::Caller) };
    let names = endpoint.arguments.iter().map(|argument| &argument.ident);
    let types = endpoint.arguments.iter().map(super::parameter::Argument::ty);
    let body = endpoint.body.as_ref().map(|body| {
        let ty = body_type(body);
        quote!(body: #ty,)
    });
    let answer = answer_type(&endpoint.answer);
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
pub(super) fn types(endpoint: &Endpoint<'_>) -> TokenStream {
    let arguments = endpoint.arguments.iter().map(super::parameter::Argument::ty);
    let body = endpoint.body.as_ref().map(body_type);
    let answer = answer_type(&endpoint.answer);
    quote!(#(#arguments)* #body #answer)
}

/// The handler with its part of the document.
pub(super) fn source(endpoint: &Endpoint<'_>, service: &Ident, layer: &Layer<'_>) -> TokenStream {
    let description = document(endpoint, layer);
    let method = &endpoint.method;
    let produces = &endpoint.answer.media_types;
    let begin = if is_open(endpoint) { quote!(begin_open) } else { quote!(begin) };
    let arguments: Vec<_> = endpoint.arguments.iter().map(|argument| &argument.ident).collect();
    let reads: Vec<_> = endpoint.arguments.iter().map(super::parameter::Argument::read).collect();
    let in_path = !path_parameters(&endpoint.operation.path).is_empty() && reads_from(&reads, "& path");
    let in_query = reads_from(&reads, "query .");
    let path = in_path.then(|| quote!(let path = call.path().await?;));
    let query = in_query.then(|| quote!(let query = call.query()?;));
    let body = endpoint.body.as_ref().map(|body| {
        let consumes = &body.media_types;
        let read = match (body.kind, body.is_required) {
            (Kind::Json, true) => quote!(json),
            (Kind::Json, false) => quote!(optional_json),
            (Kind::JsonOrXml, true) => quote!(json_or_xml),
            (Kind::JsonOrXml, false) => quote!(optional_json_or_xml),
            (Kind::Binary, true) => quote!(binary),
            (Kind::Binary, false) => quote!(optional_binary),
        };
        quote!(let body = call.#read(&[#(#consumes),*])?;)
    });
    let mutable = (path.is_some() || body.is_some()).then(|| quote!(mut));
    let body_argument = body.is_some().then(|| quote!(, body));
    let call = if method == "authenticate" {
        // The trait's parent has a method of this name.
        quote!(#service::#method(&*service, context #(, #arguments)* #body_argument).await?)
    } else {
        quote!(service.#method(context #(, #arguments)* #body_argument).await?)
    };
    let write = write(&endpoint.answer, &call);
    quote! {
        #description
        pub(super) async fn #method<S: #service>(
            State(service): State<Arc<S>>,
            request: Request,
        ) -> Result<Response, ApiError> {
            let produces = [#(#produces),*];
            let #mutable call = Call::#begin(&*service, request, &produces).await?;
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
    let status = status(answer.status);
    let Some((kind, _)) = &answer.content else {
        return quote! {
            #call;
            answer.empty(#status)
        };
    };
    let content = match kind {
        Kind::Json => quote!(answer.json),
        Kind::JsonOrXml => quote!(answer.json_or_xml),
        Kind::Binary => quote!(answer.binary),
    };
    match answer.empty_status {
        None => quote! {
            let value = #call;
            #content(#status, value)
        },
        Some(empty) => {
            let empty = self::status(empty);
            quote! {
                match #call {
                    Some(value) => #content(#status, value),
                    None => answer.empty(#empty),
                }
            }
        }
    }
}

fn body_type(body: &Body<'_>) -> TokenStream {
    let ty = &body.ty.tokens;
    if body.is_required { quote!(#ty) } else { quote!(Option<#ty>) }
}

fn answer_type(answer: &Answer<'_>) -> TokenStream {
    match (&answer.content, answer.empty_status) {
        (None, _) => quote!(()),
        (Some((_, ty)), None) => ty.tokens.clone(),
        (Some((_, ty)), Some(_)) => {
            let ty = &ty.tokens;
            quote!(Option<#ty>)
        }
    }
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
    let parameters: Vec<_> =
        common.into_iter().chain(endpoint.arguments.iter().map(|argument| argument.document())).collect();
    let parameters = (!parameters.is_empty()).then(|| quote!(params(#(#parameters),*),));
    let body = endpoint.body.as_ref().map(|body| request_body(endpoint, body));
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
        .filter(|(name, _)| name.starts_with("x-"))
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

fn request_body(endpoint: &Endpoint<'_>, body: &Body<'_>) -> TokenStream {
    let description = endpoint
        .operation
        .request_body
        .as_ref()
        .and_then(|body| body.description.as_ref())
        .map(|text| quote!(, description = #text));
    // Whether the body may be left out is among the document's details: utoipa says it with `Option`,
    // which also admits null.
    let ty = &body.ty.tokens;
    let ty = if body.ty.is_inline { quote!(inline(#ty)) } else { quote!(#ty) };
    let media_types = &body.media_types;
    quote!(request_body(content(#((#ty = #media_types)),*) #description),)
}

/// The constant of a status.
fn status(code: u16) -> TokenStream {
    let name = match code {
        201 => "CREATED",
        202 => "ACCEPTED",
        203 => "NON_AUTHORITATIVE_INFORMATION",
        204 => "NO_CONTENT",
        205 => "RESET_CONTENT",
        206 => "PARTIAL_CONTENT",
        207 => "MULTI_STATUS",
        208 => "ALREADY_REPORTED",
        226 => "IM_USED",
        _ => "OK",
    };
    let name = format_ident!("{name}");
    quote!(StatusCode::#name)
}
