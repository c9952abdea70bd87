//! Methods that progenitor cannot make, over the hand-written `Request`.

use docwright_contract::model::Location;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::answer::Reading;
use super::body::{Body, Form};
use super::call::Call;
use super::methods::{self, Part};
use super::parameter::Shape;
use super::values::Enumeration;
use crate::{naming, render};

/// The method of `crate::Client`.
pub(super) fn method(call: &Call<'_>, enumerations: &[Enumeration<'_>], part: &Part) -> TokenStream {
    let docs = docs(call);
    let name = naming::ident(&call.name);
    let mut inputs: Vec<TokenStream> = call
        .arguments
        .iter()
        .map(|argument| {
            let (name, rust) = (naming::ident(&argument.name), argument.rust(enumerations));
            quote!(#name: #rust)
        })
        .collect();
    let set = call.arguments.iter().map(|argument| {
        let (ident, name) = (naming::ident(&argument.name), &argument.parameter.name);
        match &argument.value {
            Shape::Key { digits: Some(digits) } => {
                let digits = Literal::usize_unsuffixed(*digits);
                return quote!(.idempotency_key(#name, #digits, #ident));
            }
            Shape::Key { digits: None } => return quote!(.idempotency_uuid(#name, #ident)),
            _ => {}
        }
        let setter = format_ident!("{}", argument.parameter.location.as_str());
        let style = format_ident!("{}", argument.style);
        quote!(.#setter(#name, Style::#style, &#ident))
    });
    let set: Vec<TokenStream> = set.collect();
    let body = call.body.as_ref().map(|body| {
        let (more, set) = body_tokens(body);
        inputs.extend(more);
        set
    });
    let accept = &call.answer.accept;
    let raw = part.raw();
    let (success, read) = match &call.answer.reading {
        Reading::Nothing => (quote!(()), quote!(empty(#raw))),
        Reading::Json(rust) => (rust_type(rust), quote!(value(#accept, #raw))),
        Reading::Optional(rust) => {
            let rust = rust_type(rust);
            (quote!(Option<#rust>), quote!(optional(#accept, #raw)))
        }
        Reading::Bytes => (quote!(ByteStream), quote!(bytes(#accept, #raw))),
        Reading::Events => (quote!(EventStream), quote!(events(#accept, #raw))),
    };
    let (http, path) = (call.operation.method.as_str(), &call.operation.path);
    quote! {
        #docs
        pub async fn #name(&self, #(#inputs),*) -> Result<ResponseValue<#success>, Error> {
            Request::new(#http, #path) #(#set)* #body .#read.await
        }
    }
}

/// The arguments for a body, and the call that sets it.
fn body_tokens(body: &Body<'_>) -> (Vec<TokenStream>, TokenStream) {
    let media_type = body.media_type;
    let given = if body.required { quote!(Some(body)) } else { quote!(body) };
    let optional = |rust: TokenStream| if body.required { quote!(body: #rust) } else { quote!(body: Option<#rust>) };
    match &body.form {
        Form::Json(rust) => {
            let rust = rust_type(rust);
            (vec![optional(quote!(&#rust))], quote!(.json(#media_type, #given)))
        }
        Form::Urlencoded(rust) => {
            let rust = rust_type(rust);
            (vec![optional(quote!(&#rust))], quote!(.form(#given)))
        }
        Form::Multipart => (vec![optional(quote!(crate::multipart::Form))], quote!(.multipart(#given))),
        Form::Raw { any } => {
            let mut inputs = vec![if body.required {
                quote!(body: impl Into<crate::Body>)
            } else {
                quote!(body: Option<crate::Body>)
            }];
            if *any {
                inputs.insert(0, quote!(content_type: &str));
                return (inputs, quote!(.body(content_type, #given)));
            }
            (inputs, quote!(.body(#media_type, #given)))
        }
    }
}

fn rust_type(rust: &str) -> TokenStream {
    let mut rust = syn::parse_str(rust).unwrap_or_else(|_| syn::parse_quote!(serde_json::Value));
    methods::shorten(&mut rust);
    quote!(#rust)
}

/// Those of the request body, for people.
fn media_types(call: &Call<'_>) -> String {
    let content = call.operation.request_body.iter().flat_map(|body| body.content.keys());
    content.map(|media_type| format!("`{media_type}`")).collect::<Vec<_>>().join(", ")
}

/// The same documentation that progenitor writes.
fn docs(call: &Call<'_>) -> TokenStream {
    let operation = call.operation;
    let summary = operation.summary.as_ref().map(|summary| summary.trim().trim_end_matches(['.', ',']));
    let texts = [summary, operation.description.as_deref()].into_iter().flatten();
    let mut paragraphs: Vec<String> = texts.map(render::doc_text).filter(|text| !text.is_empty()).collect();
    paragraphs.push(format!("Sends a `{}` request to `{}`", operation.method.as_str(), operation.path));
    let describe = |name: &str, description: Option<String>| match description {
        Some(description) => format!("- `{name}`: {description}"),
        None => format!("- `{name}`"),
    };
    let mut arguments: Vec<String> =
        call.arguments.iter().map(|argument| describe(&argument.name, argument.description())).collect();
    if let Some(body) = &call.body {
        if matches!(body.form, Form::Raw { any: true }) {
            arguments.push(describe(
                "content_type",
                Some(format!("the media type of the body, one of {}", media_types(call))),
            ));
        }
        let any = matches!(body.form, Form::Raw { any: true });
        arguments.push(describe("body", (!any).then(|| format!("`{}`", body.media_type))));
    }
    if arguments.iter().any(|argument| argument.contains("`: ")) {
        paragraphs.push(format!("Arguments:\n{}", arguments.join("\n")));
    }
    if call.arguments.iter().any(|argument| argument.parameter.location == Location::Cookie) {
        paragraphs.push("Cookies are sent beside those of the sign-in.".to_owned());
    }
    if let Some(key) = call.arguments.iter().find(|argument| matches!(argument.value, Shape::Key { .. })) {
        paragraphs.push(format!(
            "Without `{}` the client makes a key for this call. With either the request is sent again where a GET request \
             would be: the server knows a repetition by its key.",
            key.name
        ));
    }
    if matches!(call.answer.reading, Reading::Events) {
        paragraphs.push("The stream of events has no time-out, only its beginning has.".to_owned());
    }
    if matches!(call.answer.reading, Reading::Optional(_)) {
        paragraphs.push("`None` is an answer of success without content.".to_owned());
    }
    paragraphs.push(methods::ERRORS.to_owned());
    render::verbatim_docs(Some(&paragraphs.join("\n\n")))
}
