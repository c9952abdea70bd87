//! The methods that callers see: those of progenitor's client, with the crate's own error, and those beside them.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, Lit, Meta, MetaNameValue,
    Pat, PathArguments, ReturnType, Type, Visibility, parse_quote,
};

use super::by_hand;
use super::call::{Call, Calls};
use crate::{Error, GeneratedFile, Problem, render};

/// What every method's documentation says last.
pub(super) const ERRORS: &str = "# Errors\nAn answer with another status, no answer, or one that cannot be read.";

/// Which of progenitor's clients has a method.
pub(super) enum Part {
    /// There is one only.
    Whole,
    /// The one of this number, from 1.
    Of(usize),
}

impl Part {
    /// The field of `Raw`.
    fn field(&self) -> Option<Ident> {
        match self {
            Self::Whole => None,
            Self::Of(number) => Some(format_ident!("part_{number}")),
        }
    }

    /// progenitor's client, borrowed.
    pub(super) fn raw(&self) -> TokenStream {
        let field = self.field().map(|field| quote!(.#field));
        quote!(&self.raw #field)
    }
}

/// A file with an `impl crate::Client`: its imports, and the methods in the order of the contract. `raw` is the text of
/// `progenitor.rs`; `head` and `items` stand before and after the imports.
pub(super) fn file(
    path: &str,
    all: &Calls<'_>,
    calls: &[&Call<'_>],
    raw: &str,
    part: &Part,
    (head, items): (TokenStream, TokenStream),
) -> Result<GeneratedFile, Error> {
    let mut made: BTreeMap<String, ImplItemFn> =
        operations(raw)?.into_iter().map(|method| (method.sig.ident.to_string(), method)).collect();
    let mut methods = Vec::new();
    for call in calls {
        methods.push(if call.is_plain {
            let method = made.remove(&call.name).and_then(|method| wrapper(method, part));
            method.ok_or_else(|| Problem::internal(path, format!("progenitor has not made `{}`", call.name)))?
        } else {
            by_hand::method(call, &all.enumerations, part)
        });
    }
    let text: String = methods.iter().map(ToString::to_string).collect();
    let import = |word: &str, tokens: TokenStream| text.contains(word).then_some(tokens);
    let stream = import(
        "ByteStream",
        quote!(
            use progenitor_client::ByteStream;
        ),
    );
    let request = import(
        "Request :: new",
        quote!(
            use crate::request::Request;
        ),
    );
    let style = import(
        "Style ::",
        quote!(
            use crate::request::Style;
        ),
    );
    let events = import(
        "EventStream",
        quote!(
            use crate::EventStream;
        ),
    );
    let docs = render::docs(Some(&format!("The operations of the {}.", all.contract.info.title.trim())));
    render::file(
        path,
        quote! {
            #head
            #stream
            use progenitor_client::ResponseValue;
            use crate::{Client, Error};
            #events
            #request
            #style

            #items

            #docs
            impl Client { #(#methods)* }
        },
    )
}

/// progenitor's code with a doc comment a line, where it has one comment of many lines, and without
/// the constructor that panics where TLS cannot be set up.
pub(super) fn tidy(tokens: TokenStream) -> Result<TokenStream, Error> {
    struct Tidy;
    impl VisitMut for Tidy {
        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            *attributes = attributes.drain(..).flat_map(split).collect();
        }

        fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
            block.items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
            visit_mut::visit_item_impl_mut(self, block);
        }
    }
    fn split(attribute: Attribute) -> Vec<Attribute> {
        let Some(text) = doc_line(&attribute).filter(|text| text.contains('\n')) else { return vec![attribute] };
        let line = |line: &str| if line.is_empty() { String::new() } else { format!(" {line}") };
        text.trim().lines().map(line).map(|line| parse_quote!(#[doc = #line])).collect()
    }
    let mut file: syn::File = syn::parse2(tokens).map_err(|error| Problem::internal("progenitor.rs", error))?;
    Tidy.visit_file_mut(&mut file);
    // It is empty but for an error that nothing uses: types of parameters are not progenitor's.
    file.items
        .retain(|item| !matches!(item, Item::Mod(module) if module.ident == "types" || module.ident == "prelude"));
    Ok(quote! {
        #file

        impl ClientHooks<crate::Defaults> for Client {
            async fn pre<E>(&self, request: &mut reqwest::Request, _: &OperationInfo) -> Result<(), Error<E>> {
                // The contract's version, which the API does not know.
                request.headers_mut().remove("api-version");
                crate::hooks::prepare(&self.inner, request);
                Ok(())
            }

            async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
                crate::hooks::execute(&self.inner, &self.client, request).await
            }
        }
    })
}

/// A line for each method of an `impl Client`.
pub(super) fn surface(source: &str) -> Result<String, Error> {
    let mut lines = String::new();
    for method in operations(source)? {
        let arguments = method.sig.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => {
                Some(format!("{}: {}", render::code_text(&argument.pat), render::code_text(&argument.ty)))
            }
            FnArg::Receiver(_) => None,
        });
        let arguments: Vec<String> = arguments.collect();
        let output = match &method.sig.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, output) => format!(" -> {}", render::code_text(output)),
        };
        lines += &format!("{}({}){output}\n", method.sig.ident, arguments.join(", "));
    }
    Ok(lines)
}

/// The public async methods of `impl Client`.
fn operations(source: &str) -> Result<Vec<ImplItemFn>, Error> {
    let file = syn::parse_file(source).map_err(|error| Problem::internal("the client", error))?;
    let blocks = file.items.into_iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && render::code_text(&block.self_ty) == "Client" => {
            Some(block.items)
        }
        _ => None,
    });
    let methods = blocks.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() && matches!(method.vis, Visibility::Public(_)) => {
            Some(method)
        }
        _ => None,
    });
    Ok(methods.collect())
}

/// The same method on the hand-written client.
fn wrapper(mut method: ImplItemFn, part: &Part) -> Option<TokenStream> {
    Shorten.visit_signature_mut(&mut method.sig);
    let success = success_type(&method.sig.output)?.clone();
    let docs: Vec<&Attribute> = method.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    let (name, inputs) = (&method.sig.ident, method.sig.inputs.iter().skip(1));
    let (docs, field) = (docs_of(&docs), part.field().map(|field| quote!(.#field)));
    let (mut arguments, mut parameters) = (Vec::new(), Vec::new());
    for input in inputs {
        let FnArg::Typed(typed) = input else { return None };
        let Pat::Ident(pattern) = &*typed.pat else { return None };
        let (ident, ty) = (&pattern.ident, &typed.ty);
        // Values of lists are small: callers hand them over as they are.
        let text = render::code_text(ty);
        let (ty, argument) = match text.strip_prefix("Option<&crate::types::").and_then(|name| name.strip_suffix('>')) {
            Some(name) => {
                let name = Ident::new(name, ident.span());
                (quote!(Option<types::#name>), quote!(#ident.as_ref()))
            }
            None => match text.strip_prefix("&crate::types::") {
                Some(name) => {
                    let name = Ident::new(name, ident.span());
                    (quote!(types::#name), quote!(&#ident))
                }
                None => (quote!(#ty), quote!(#ident)),
            },
        };
        parameters.push(quote!(#ident: #ty));
        arguments.push(argument);
    }
    Some(quote! {
        #docs
        pub async fn #name(&self, #(#parameters),*) -> Result<ResponseValue<#success>, Error> {
            Ok(self.raw #field.#name(#(#arguments),*).await?)
        }
    })
}

/// progenitor's documentation, with what every method's documentation has to say.
fn docs_of(attributes: &[&Attribute]) -> TokenStream {
    let lines = attributes.iter().filter_map(|attribute| doc_line(attribute));
    let end = std::iter::once(String::new()).chain(ERRORS.lines().map(|line| format!(" {line}")));
    let lines: Vec<String> = lines.chain(end).collect();
    quote!(#(#[doc = #lines])*)
}

/// The text of a doc comment.
fn doc_line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. })
            if path.is_ident("doc") =>
        {
            Some(text.value())
        }
        _ => None,
    }
}

/// `T` of `Result<ResponseValue<T>, …>`.
fn success_type(output: &ReturnType) -> Option<&Type> {
    let ReturnType::Type(_, output) = output else { return None };
    first_argument(first_argument(output)?)
}

fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A type with its paths as people write them.
pub(super) fn shorten(ty: &mut Type) {
    Shorten.visit_type_mut(ty);
}

/// Paths as people write them: `::std::vec::Vec` is in scope everywhere, `'a` can be left to the compiler.
struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let in_prelude = matches!(
            names.as_slice(),
            ["std", "vec", "Vec"] | ["std", "string", "String"] | ["std", "option", "Option"]
        );
        if in_prelude {
            path.segments = path.segments.iter().skip(2).cloned().collect();
        }
        path.leading_colon = None;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        visit_mut::visit_type_reference_mut(self, reference);
        reference.lifetime = None;
    }
}
