//! The crates that hold the server layer of a generated workspace.
//!
//! One crate where it stays small. Else the operations of each tag go into one of `api-1`, `api-2`, …, the hand-written
//! support, the common headers and the shared responses into `api-core`, and `api` has the router and the document over
//! all of them and re-exports the rest, so that users see one crate still.

use docwright_contract::Contract;
use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::group::Group;
use super::operation::Layer;
use super::{Part, document, headers, responses, router, schemas};
use crate::package::{Limits, Names, Package, library, manifest, one_line};
use crate::{Error, naming, render};

/// The hand-written files of `chat-api` beside its `lib.rs`, by their paths below `src/`.
const SUPPORT: &[(&str, &str)] = &[
    ("context.rs", include_str!("../../../api/src/context.rs")),
    ("cors.rs", include_str!("../../../api/src/cors.rs")),
    ("credentials.rs", include_str!("../../../api/src/credentials.rs")),
    ("culture.rs", include_str!("../../../api/src/culture.rs")),
    ("error.rs", include_str!("../../../api/src/error.rs")),
    ("error_body.rs", include_str!("../../../api/src/error_body.rs")),
    ("fallback.rs", include_str!("../../../api/src/fallback.rs")),
    ("keys.rs", include_str!("../../../api/src/keys.rs")),
    ("language.rs", include_str!("../../../api/src/language.rs")),
    ("language/tag.rs", include_str!("../../../api/src/language/tag.rs")),
    ("localize.rs", include_str!("../../../api/src/localize.rs")),
    ("localize/compose.rs", include_str!("../../../api/src/localize/compose.rs")),
    ("localize/errors.rs", include_str!("../../../api/src/localize/errors.rs")),
    ("localize/multi_language.rs", include_str!("../../../api/src/localize/multi_language.rs")),
    ("negotiation.rs", include_str!("../../../api/src/negotiation.rs")),
    ("presented.rs", include_str!("../../../api/src/presented.rs")),
    ("shortened.rs", include_str!("../../../api/src/shortened.rs")),
    ("support.rs", include_str!("../../../api/src/support.rs")),
    ("support/answer.rs", include_str!("../../../api/src/support/answer.rs")),
    ("support/body.rs", include_str!("../../../api/src/support/body.rs")),
    ("support/document.rs", include_str!("../../../api/src/support/document.rs")),
    ("support/document/members.rs", include_str!("../../../api/src/support/document/members.rs")),
    ("support/document/names.rs", include_str!("../../../api/src/support/document/names.rs")),
    ("support/document/verbatim.rs", include_str!("../../../api/src/support/document/verbatim.rs")),
    ("support/document/xml.rs", include_str!("../../../api/src/support/document/xml.rs")),
    ("support/events.rs", include_str!("../../../api/src/support/events.rs")),
    ("support/form.rs", include_str!("../../../api/src/support/form.rs")),
    ("support/form_value.rs", include_str!("../../../api/src/support/form_value.rs")),
    ("support/items.rs", include_str!("../../../api/src/support/items.rs")),
    ("support/items/writer.rs", include_str!("../../../api/src/support/items/writer.rs")),
    ("support/parameters.rs", include_str!("../../../api/src/support/parameters.rs")),
    ("support/templates.rs", include_str!("../../../api/src/support/templates.rs")),
    ("time_zone.rs", include_str!("../../../api/src/time_zone.rs")),
    ("time_zone/codes.rs", include_str!("../../../api/src/time_zone/codes.rs")),
    ("time_zone/subdivisions.tsv", include_str!("../../../api/src/time_zone/subdivisions.tsv")),
];
const LIBRARY: &str = include_str!("../../../api/src/lib.rs");
const MANIFEST: &str = include_str!("../../../api/Cargo.toml");
/// Prints the document and the schemas of a layer, for whoever compares them with the contract.
const EXAMPLE: (&str, &str) = ("examples/print_documents.rs", include_str!("../../../api/examples/print_documents.rs"));
const EXAMPLE_SECTION: &str = "\n[[example]]\nname = \"print_documents\"\nrequired-features = [\"schemars\"]\n";
const USERS: &str = "api";
const CORE: &str = "api-core";

/// The crates of the server layer; users depend on the one called `api`, which is the last.
///
/// # Errors
/// As [`generate`](super::generate).
pub fn packages(contract: &Contract, names: Names<'_>, limits: Limits) -> Result<Vec<Package>, Error> {
    let title = one_line(&contract.info.title);
    let description = format!("The server layer of \"{title}\": traits, router and OpenAPI document");
    let docs = docs(&title);
    if contract.operations.len() <= limits.operations.max(1) {
        let manifest = manifest::derived(MANIFEST, names, USERS, &description)? + EXAMPLE_SECTION;
        let mut package = Package::new(USERS, manifest);
        package.add("src/lib.rs", format!("{docs}\n{}", names.renamed(&library::modules(LIBRARY))));
        package.files.extend(names.support(SUPPORT));
        package.add_generated(super::generate(contract)?);
        package.add(EXAMPLE.0, names.renamed(EXAMPLE.1));
        return Ok(vec![package]);
    }
    let layer = Layer::of(contract)?;
    let groups = Group::all(&layer);
    let shared = Part::of(&layer, Vec::new(), true);
    let mut packages = vec![core(&layer, &shared, names, &title)?];
    let crates = crates(&groups, limits.operations);
    for (index, groups) in crates.iter().enumerate() {
        packages.push(part(&Part::of(&layer, groups.clone(), false), index + 1, names, &title)?);
    }
    packages.push(facade(&layer, &groups, &shared, crates.len(), names, (&docs, &description))?);
    Ok(packages)
}

/// The documentation of the crate that users see.
fn docs(title: &str) -> String {
    format!(
        "//! The server layer of \"{title}\": a trait with a method an operation for each tag, a router that serves what\n\
         //! implements them, and the OpenAPI document that `ApiDoc` makes of the same handlers.\n\
         //!\n\
         //! The layer owns what is the same for every operation: sign-in, content negotiation, reading parameters and bodies,\n\
         //! and the body of every error. A service implements `Authenticate` once and the trait of each tag, and writes rules only.\n"
    )
}

/// The support, and what all operations share.
fn core(layer: &Layer<'_>, shared: &Part<'_, '_>, names: Names<'_>, title: &str) -> Result<Package, Error> {
    let description = format!("What the server layer of \"{title}\" is made of");
    let mut package = Package::new(CORE, manifest::derived(MANIFEST, names, CORE, &description)?);
    let pointer = format!("Use `{}`, which re-exports it.", names.package(USERS));
    let modules = names.renamed(&library::modules(LIBRARY)).replace(
        "pub use generated::*;",
        "pub use generated::{API_KEYS, CommonHeaders, REQUEST_HEADERS};\n#[doc(hidden)]\npub use generated::responses;",
    );
    package.add("src/lib.rs", format!("//! {description}. {pointer}\n\n{modules}"));
    package.files.extend(names.support(SUPPORT));
    let root = quote! {
        mod headers;
        pub mod responses;

        pub use headers::{API_KEYS, CommonHeaders, REQUEST_HEADERS};
    };
    package.add_generated(vec![
        render::file("mod.rs", root)?,
        render::file("headers.rs", headers::source(layer))?,
        render::file("responses.rs", responses::source(layer, &shared.responses, &quote!(pub)))?,
    ]);
    Ok(package)
}

/// The operations of some tags.
fn part(part: &Part<'_, '_>, number: usize, names: Names<'_>, title: &str) -> Result<Package, Error> {
    let folder = format!("api-{number}");
    let description = format!("The server layer of \"{title}\", part {number}");
    let core = names.library(CORE);
    let mut manifest = manifest::head(names, &folder, &description);
    manifest += &dependencies(&[names.package(CORE)], &["axum", "serde_json", "utoipa"]);
    let mut package = Package::new(folder, manifest);
    let pointer = format!("Use `{}`, which re-exports it.", names.package(USERS));
    let generated = library::generated(LIBRARY);
    package.add(
        "src/lib.rs",
        format!(
            "//! {description}. {pointer}\n\n{generated}\n\
             #[allow(unused_imports, reason = \"what is needed depends on the operations\")]\nuse {core}::*;\n\n\
             pub use generated::*;\n"
        ),
    );
    let items = part.items()?;
    let (declared, exported) = (items.iter().map(|item| item.declared()), items.iter().map(|item| item.exported()));
    let modules: Vec<_> = part.groups.iter().map(|group| naming::ident(&group.module)).collect();
    let (traits, routers): (Vec<_>, Vec<_>) = part.groups.iter().map(|group| (&group.name, &group.router)).unzip();
    let document = part_document(number);
    let common = (!part.layer.common.is_empty()).then(|| quote!(, CommonHeaders));
    let root = quote! {
        #(mod #modules;)*
        mod document;
        #(#declared)*
        mod responses;

        use crate::{API_KEYS #common};
        #(pub use #modules::{#traits, #routers};)*
        #[doc(hidden)]
        pub use document::#document;
        #(#exported)*
    };
    let name = document.to_string();
    let own = responses::source(part.layer, &part.responses, &quote!(pub(super)));
    let uses_shared = part
        .endpoints()
        .iter()
        .flat_map(|endpoint| &endpoint.responses)
        .any(|(_, name)| part.layer.shared_responses().any(|shared| shared == name));
    let shared = uses_shared.then(|| {
        quote!(
            pub(super) use crate::responses::*;
        )
    });
    package.add_generated(vec![
        render::file("mod.rs", root)?,
        render::file("document.rs", document::part(part, name))?,
        render::file("responses.rs", quote!(#shared #own))?,
    ]);
    package.add_generated(part.groups()?);
    package.add_generated(items.into_iter().map(|item| item.file).collect());
    package.add_generated(part.examples()?);
    Ok(package)
}

/// The crate that users see.
fn facade(
    layer: &Layer<'_>,
    groups: &[Group<'_>],
    shared: &Part<'_, '_>,
    parts: usize,
    names: Names<'_>,
    (docs, description): (&str, &str),
) -> Result<Package, Error> {
    let folders: Vec<String> = (1..=parts).map(|part| format!("api-{part}")).collect();
    let mut manifest = manifest::head(names, USERS, description);
    manifest += &format!("\n[features]\nschemars = [\"{}/schemars\", \"dep:schemars\"]\n", names.package(CORE));
    let needed: Vec<String> = [CORE.to_owned()].iter().chain(&folders).map(|folder| names.package(folder)).collect();
    manifest += &dependencies(&needed, &["axum", "serde_json", "utoipa"]);
    manifest += "schemars = { workspace = true, optional = true }\n";
    manifest += EXAMPLE_SECTION;
    let mut package = Package::new(USERS, manifest);
    let documents = folders.iter().enumerate().map(|(index, folder)| {
        let (library, document) = (format_ident!("{}", names.library(folder)), part_document(index + 1));
        quote!(#library::#document)
    });
    let documents = documents.collect();
    let core = names.library(CORE);
    let generated = library::generated(LIBRARY);
    let exports: String = folders.iter().map(|folder| format!("pub use {}::*;\n", names.library(folder))).collect();
    package.add("src/lib.rs", format!("{docs}\n{generated}\npub use generated::*;\n{exports}pub use {core}::*;\n"));
    let router = router(layer, groups);
    let root = quote! {
        mod document;
        #[cfg(feature = "schemars")]
        mod schemas;

        use std::sync::Arc;
        use crate::*;
        pub use document::ApiDoc;
        #[cfg(feature = "schemars")]
        pub use schemas::schemas;

        #router
    };
    package.add_generated(vec![
        render::file("mod.rs", root)?,
        render::file("document.rs", document::over(layer, shared, documents))?,
        render::file("schemas.rs", schemas(layer))?,
    ]);
    package.add_generated(shared.examples()?);
    package.add(EXAMPLE.0, names.renamed(EXAMPLE.1));
    Ok(package)
}

/// What a part's document is called: users see several parts.
fn part_document(number: usize) -> Ident {
    format_ident!("Part{number}")
}

/// The manifest's dependencies on crates of the workspace and others.
fn dependencies(needed: &[String], others: &[&str]) -> String {
    let all = needed.iter().map(String::as_str).chain(others.iter().copied());
    let lines: String = all.map(|package| format!("{package}.workspace = true\n")).collect();
    format!("\n[dependencies]\n{lines}")
}

/// Tags share a crate until it has as many operations as it may; one that has more by itself has one of its own.
fn crates<'g, 'a>(groups: &'g [Group<'a>], limit: usize) -> Vec<Vec<&'g Group<'a>>> {
    let mut crates: Vec<Vec<&Group<'_>>> = Vec::new();
    let mut room = 0;
    for group in groups {
        let size = group.endpoints.len();
        match crates.last_mut().filter(|_| size <= room) {
            Some(last) => {
                last.push(group);
                room -= size;
            }
            None => {
                crates.push(vec![group]);
                room = limit.saturating_sub(size);
            }
        }
    }
    crates
}
