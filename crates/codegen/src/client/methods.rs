//! The methods that callers see: those of progenitor's client, with the crate's own error.

use docwright_contract::Contract;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, Lit, Meta, MetaNameValue,
    Pat, PathArguments, ReturnType, Type, Visibility, parse_quote,
};

use crate::{Error, GeneratedFile, Problem, render};

const FILE: &str = "mod.rs";

/// `mod.rs`: an `impl crate::Client` over `progenitor.rs`, whose text is `raw`.
pub(super) fn generate(contract: &Contract, raw: &str, error_body: &str) -> Result<GeneratedFile, Error> {
    let error_body: TokenStream = error_body.parse().map_err(|error| Problem::internal(FILE, error))?;
    let mut methods = Vec::new();
    for method in operations(raw)? {
        methods.push(wrapper(method).ok_or_else(|| Problem::internal(FILE, "progenitor's methods have another form"))?);
    }
    let all = methods.iter().map(ToString::to_string).collect::<String>();
    let types = all.contains("types ::").then(|| {
        quote!(
            pub use progenitor::types;
        )
    });
    let stream = all.contains("ByteStream").then(|| {
        quote!(
            use progenitor_client::ByteStream;
        )
    });
    let title = format!("The operations of the {}.", contract.info.title.trim());
    let docs = render::docs(Some(&title));
    render::file(
        FILE,
        quote! {
            pub(crate) mod progenitor;

            #types
            #stream
            use progenitor_client::ResponseValue;
            use crate::{Client, Error};

            #[doc = " What an error answer holds."]
            pub type ErrorBody = #error_body;

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
    let mut file = syn::parse2(tokens).map_err(|error| Problem::internal("progenitor.rs", error))?;
    Tidy.visit_file_mut(&mut file);
    Ok(file.into_token_stream())
}

/// A line for each method of an `impl Client`.
pub(super) fn surface(source: &str) -> Result<String, Error> {
    let mut lines = String::new();
    for method in operations(source)? {
        let arguments = method.sig.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(format!("{}: {}", text(&argument.pat), text(&argument.ty))),
            FnArg::Receiver(_) => None,
        });
        let arguments: Vec<String> = arguments.collect();
        let output = match &method.sig.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, output) => format!(" -> {}", text(output)),
        };
        lines += &format!("{}({}){output}\n", method.sig.ident, arguments.join(", "));
    }
    Ok(lines)
}

/// The public async methods of `impl Client`.
fn operations(source: &str) -> Result<Vec<ImplItemFn>, Error> {
    let file = syn::parse_file(source).map_err(|error| Problem::internal("the client", error))?;
    let blocks = file.items.into_iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && text(&block.self_ty) == "Client" => Some(block.items),
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
fn wrapper(mut method: ImplItemFn) -> Option<TokenStream> {
    Shorten.visit_signature_mut(&mut method.sig);
    let success = success_type(&method.sig.output)?.clone();
    let docs: Vec<&Attribute> = method.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    let (name, inputs) = (&method.sig.ident, method.sig.inputs.iter().skip(1));
    let arguments = method.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern) => Some(&pattern.ident),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let (docs, inputs, arguments) = (docs_of(&docs), inputs.collect::<Vec<_>>(), arguments.collect::<Vec<_>>());
    Some(quote! {
        #docs
        pub async fn #name(&self, #(#inputs),*) -> Result<ResponseValue<#success>, Error> {
            Ok(self.raw.#name(#(#arguments),*).await?)
        }
    })
}

/// progenitor's documentation, with what every method's documentation has to say.
fn docs_of(attributes: &[&Attribute]) -> TokenStream {
    let lines = attributes.iter().filter_map(|attribute| doc_line(attribute));
    let end = ["", " # Errors", " An answer with another status, no answer, or one that cannot be read."];
    let lines: Vec<String> = lines.chain(end.map(str::to_owned)).collect();
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

/// Tokens as `prettyplease` would write a type.
fn text(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut out = text;
    for (loose, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        ("& '", "&'"),
        (",>", ">"),
    ] {
        out = out.replace(loose, tight);
    }
    out
}
