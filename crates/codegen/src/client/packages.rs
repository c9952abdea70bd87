//! The crates that hold the client of a generated workspace.
//!
//! One crate where it stays small. Else progenitor's code is spread over `client-1`, `client-2`, …, the operations of a tag
//! together where they fit; the hand-written support goes into `client-core`; and `client` has `Client` with all methods, so
//! that users see one crate still.

use docwright_contract::Contract;
use indexmap::IndexMap;
use quote::{format_ident, quote};

use super::call::{Call, Calls};
use super::coverage::Coverage;
use super::methods::{self, Part};
use super::{answer::Reading, api_keys, error_body, progenitor, types};
use crate::package::{Limits, Names, Package, library, manifest, one_line};
use crate::{Error, GeneratedFile, naming, render};

/// The hand-written files of `chat-client` beside its `lib.rs`, by their paths below `src/`.
const SUPPORT: &[(&str, &str)] = &[
    ("defaults.rs", include_str!("../../../client/src/defaults.rs")),
    ("error.rs", include_str!("../../../client/src/error.rs")),
    ("events.rs", include_str!("../../../client/src/events.rs")),
    ("hooks.rs", include_str!("../../../client/src/hooks.rs")),
    ("request.rs", include_str!("../../../client/src/request.rs")),
    ("request/idempotency.rs", include_str!("../../../client/src/request/idempotency.rs")),
    ("request/style.rs", include_str!("../../../client/src/request/style.rs")),
    ("tls.rs", include_str!("../../../client/src/tls.rs")),
];
/// The one that users see.
const FACADE: &[(&str, &str)] = &[
    ("client.rs", include_str!("../../../client/src/client.rs")),
    ("keys.rs", include_str!("../../../client/src/keys.rs")),
];
const LIBRARY: &str = include_str!("../../../client/src/lib.rs");
const MANIFEST: &str = include_str!("../../../client/Cargo.toml");
/// What stands behind the modules and exports of this workspace's client, and nowhere else.
const OURS_ALONE: &str = "\n/// The example in the project's README";
const USERS: &str = "client";
const CORE: &str = "client-core";

/// The crates of a client, and what it leaves out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientPackages {
    /// Users depend on the one called `client`, which is the last.
    pub packages: Vec<Package>,
    /// What the contract says and the client does not.
    pub coverage: Coverage,
}

/// The crates of the client.
///
/// # Errors
/// As [`generate`](super::generate).
pub fn packages(contract: &Contract, names: Names<'_>, limits: Limits) -> Result<ClientPackages, Error> {
    let all = Calls::of(contract)?;
    let title = &one_line(&contract.info.title);
    let description = format!("A client of \"{title}\"");
    if all.calls.len() <= limits.operations.max(1) {
        let output = super::generate(contract)?;
        let mut package = Package::new(USERS, manifest::derived(MANIFEST, names, USERS, &description)?);
        package.add("src/lib.rs", docs(&all, names, title) + &names.renamed(modules()));
        package.files.extend(names.support(FACADE));
        package.files.extend(names.support(SUPPORT));
        package.add_generated(output.files);
        return Ok(ClientPackages { packages: vec![package], coverage: output.coverage });
    }
    let pointer = format!("Use `{}`, which offers it.", names.package(USERS));
    let mut packages = vec![core(&all, names, &format!("//! What the client of \"{title}\" is made of. {pointer}"))?];
    let mut facade = Facade { part_files: Vec::new(), with_types: Vec::new() };
    let parts = parts(&all.calls, limits.operations.max(1));
    for (index, calls) in parts.iter().enumerate() {
        let number = index + 1;
        let folder = format!("client-{number}");
        let needed = [CORE, "models"].map(|folder| names.package(folder));
        let needed = needed.iter().map(String::as_str).chain(["progenitor-client", "reqwest", "serde", "serde_json"]);
        let manifest = manifest::head(names, &folder, &format!("{description}, part {number}")) + &dependencies(needed);
        let mut package = Package::new(folder, manifest);
        package.add(
            "src/lib.rs",
            format!(
                "//! Operations of \"{title}\". {pointer}\n\n{}\n\
                 #[allow(unused_imports, reason = \"what is needed depends on the operations\")]\n\
                 use {}::{{Defaults, hooks}};\n\
                 #[allow(unused_imports, reason = \"what is needed depends on the operations\")]\n\
                 use {} as models;\n\npub use generated::*;\n",
                library::generated(LIBRARY),
                names.library(CORE),
                names.library("models"),
            ),
        );
        let raw = progenitor(&all, calls)?;
        let types = types(&all, calls)?;
        let declare_types = types.is_some().then(|| {
            quote!(
                pub mod types;
            )
        });
        let path = format!("part_{number}.rs");
        let use_types = types.is_some().then(|| {
            quote!(
                use crate::types;
            )
        });
        let head = (quote!(#use_types), quote!());
        facade.part_files.push(methods::file(&path, &all, calls, &raw.contents, &Part::Of(number), head)?);
        facade.with_types.extend(types.is_some().then_some(number));
        let root = render::file("mod.rs", quote!(pub mod progenitor; #declare_types))?;
        package.add_generated(std::iter::once(root).chain(types).chain([raw]).collect());
        packages.push(package);
    }
    packages.push(facade.package(&all, names, title, parts.len())?);
    Ok(ClientPackages { packages, coverage: all.coverage })
}

/// `lib.rs` of this workspace's client, without what is true of it alone.
fn modules() -> &'static str {
    let start = LIBRARY.find("\nmod ").map_or(0, |start| start + 1);
    let end = LIBRARY.find(OURS_ALONE).unwrap_or(LIBRARY.len());
    LIBRARY.get(start..end).unwrap_or_default()
}

/// The crate that holds the support; what the crates of this workspace share among themselves, it shares with others.
fn core(all: &Calls<'_>, names: Names<'_>, docs: &str) -> Result<Package, Error> {
    let title = one_line(&all.contract.info.title);
    let description = format!("What the client of \"{title}\" is made of");
    let mut package = Package::new(CORE, manifest::derived(MANIFEST, names, CORE, &description)?);
    let modules = ["defaults", "error", "events", "generated", "hooks", "request", "tls"];
    let modules: String = modules.iter().map(|module| format!("pub mod {module};\n")).collect();
    let models = names.library("models");
    package.add(
        "src/lib.rs",
        format!(
            "{docs}\n\n{modules}\n#[allow(unused_imports, reason = \"a contract may have no error body\")]\n\
             use {models} as models;\npub use defaults::Defaults;\npub use error::Error;\npub use events::{{Event, EventStream}};\npub use generated::ErrorBody;\n"
        ),
    );
    let shared = names.support(SUPPORT).into_iter().map(|file| {
        let contents = file.contents.replace("pub(crate) ", "pub ");
        GeneratedFile { contents, ..file }
    });
    package.files.extend(shared);
    package.add_generated(vec![render::file("mod.rs", error_body(all)?)?]);
    Ok(package)
}

/// What the crate that users see is made of.
struct Facade {
    part_files: Vec<GeneratedFile>,
    /// The numbers of the parts whose parameters have lists of values.
    with_types: Vec<usize>,
}

impl Facade {
    fn package(self, all: &Calls<'_>, names: Names<'_>, title: &str, parts: usize) -> Result<Package, Error> {
        let folders: Vec<String> = (1..=parts).map(|number| format!("client-{number}")).collect();
        let needed: Vec<String> =
            folders.iter().map(String::as_str).chain([CORE, "models"]).map(|folder| names.package(folder)).collect();
        let others = ["base64", "progenitor-client", "reqwest", "serde_json", "thiserror"];
        let needed = needed.iter().map(String::as_str).chain(others);
        let manifest = manifest::head(names, USERS, &format!("A client of \"{title}\"")) + &dependencies(needed);
        let mut package = Package::new(USERS, manifest);
        let (core, models) = (names.library(CORE), names.library("models"));
        package.add(
            "src/lib.rs",
            format!(
                "{}mod client;\n#[allow(dead_code, reason = \"a contract may have no keys\")]\nmod keys;\n{}\n\
                 #[allow(unused_imports, reason = \"what is needed depends on the operations\")]\n\
                 use {core}::{{defaults, hooks, request, tls}};\n\n\
                 /// What requests and answers hold.\npub use {models} as models;\n\
                 pub use client::{{BuildError, Builder, Client}};\npub use {core}::{{Error, Event, EventStream}};\npub use generated::*;\n\
                 pub use progenitor_client::{{ByteStream, ResponseValue}};\npub use reqwest::{{Body, multipart}};\n",
                docs(all, names, title),
                library::generated(LIBRARY),
            ),
        );
        package.files.extend(names.support(FACADE));
        let library = |number: &usize| format_ident!("{}", names.library(&format!("client-{number}")));
        let numbers: Vec<usize> = (1..=parts).collect();
        let fields: Vec<_> = numbers.iter().map(|number| format_ident!("part_{number}")).collect();
        let clients: Vec<_> = numbers.iter().map(library).collect();
        let core = format_ident!("{core}");
        let with_types: Vec<_> = self.with_types.iter().map(library).collect();
        let types = (!with_types.is_empty()).then(|| {
            quote! {
                #[doc = " Values of parameters that have a closed list of them."]
                pub mod types {
                    #(pub use #with_types::types::*;)*
                }
            }
        });
        let keys = api_keys(all.contract);
        let root = render::file(
            "mod.rs",
            quote! {
                #(mod #fields;)*

                pub use #core::ErrorBody;
                use #core::Defaults;

                #keys

                #types

                #[doc = " progenitor's clients: each has a part of the operations."]
                #[derive(Clone, Debug)]
                pub(crate) struct Raw {
                    pub(crate) baseurl: String,
                    #(#fields: #clients::progenitor::Client,)*
                }

                impl Raw {
                    pub(crate) fn new_with_client(baseurl: &str, client: reqwest::Client, defaults: Defaults) -> Self {
                        Self {
                            baseurl: baseurl.to_owned(),
                            #(#fields: #clients::progenitor::Client::new_with_client(
                                baseurl,
                                client.clone(),
                                defaults.clone(),
                            ),)*
                        }
                    }
                }
            },
        )?;
        package.add_generated(std::iter::once(root).chain(self.part_files).collect());
        Ok(package)
    }
}

/// The documentation of the crate that users see, with a call that there is.
fn docs(all: &Calls<'_>, names: Names<'_>, title: &str) -> String {
    let is_simple = |call: &&Call<'_>| call.body.is_none() && call.arguments.iter().all(|argument| !argument.required);
    let shown = all.calls.iter().filter(is_simple).min_by_key(|call| {
        (!matches!(call.answer.reading, Reading::Json(_)), call.operation.method, call.arguments.len())
    });
    let call = shown.map_or_else(String::new, |call| {
        let arguments = vec!["None"; call.arguments.len()].join(", ");
        format!("//! let answer = client.{}({arguments}).await?;\n", naming::ident(&call.name))
    });
    let library = names.library(USERS);
    include_str!("../../templates/client.rs.txt")
        .replace("{title}", title)
        .replace("{library}", &library)
        .replace("//! {call}\n", &call)
}

fn dependencies<'a>(packages: impl IntoIterator<Item = &'a str>) -> String {
    let lines = packages.into_iter().map(|package| format!("{package}.workspace = true\n"));
    std::iter::once("\n[dependencies]\n".to_owned()).chain(lines).collect()
}

/// Distributes the methods: those of a tag stay together unless they are too many, in the order of the contract.
fn parts<'a>(calls: &'a [Call<'a>], limit: usize) -> Vec<Vec<&'a Call<'a>>> {
    let mut by_tag: IndexMap<&str, Vec<&Call<'_>>> = IndexMap::new();
    for call in calls {
        by_tag.entry(call.operation.tags.first().map_or("", String::as_str)).or_default().push(call);
    }
    let mut parts: Vec<Vec<&Call<'_>>> = Vec::new();
    for together in by_tag.values().flat_map(|together| together.chunks(limit)) {
        match parts.last_mut().filter(|part| part.len() + together.len() <= limit) {
            Some(part) => part.extend(together),
            None => parts.push(together.to_vec()),
        }
    }
    parts
}

#[cfg(test)]
mod tests;
