//! The crates that hold the carriers of a generated workspace.
//!
//! One crate where it stays small. Else carriers are spread over `models-1`, `models-2`, …, the
//! hand-written support goes into `models-core`, and `models` re-exports them all, so that users
//! see one crate still. Carriers that hold each other stay together, because crates cannot depend
//! on each other in a circle; the rest follows the references, so that related carriers are close.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use docwright_contract::Contract;
use docwright_contract::model::{Additional, Schema, Type};
use indexmap::IndexMap;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use crate::Error;
use crate::package::{Limits, Names, Package, library, manifest, one_line};

/// The hand-written files of `chat-models` beside its `lib.rs`, by their paths below `src/`.
const SUPPORT: &[(&str, &str)] = &[
    ("date_time.rs", include_str!("../../../models/src/date_time.rs")),
    ("flags.rs", include_str!("../../../models/src/flags.rs")),
    ("free_form.rs", include_str!("../../../models/src/free_form.rs")),
    ("open_enum.rs", include_str!("../../../models/src/open_enum.rs")),
    ("visit.rs", include_str!("../../../models/src/visit.rs")),
    ("xml.rs", include_str!("../../../models/src/xml.rs")),
    ("xml/collections.rs", include_str!("../../../models/src/xml/collections.rs")),
    ("xml/error.rs", include_str!("../../../models/src/xml/error.rs")),
    ("xml/free_form.rs", include_str!("../../../models/src/xml/free_form.rs")),
    ("xml/list.rs", include_str!("../../../models/src/xml/list.rs")),
    ("xml/reader.rs", include_str!("../../../models/src/xml/reader.rs")),
    ("xml/scalars.rs", include_str!("../../../models/src/xml/scalars.rs")),
    ("xml/writer.rs", include_str!("../../../models/src/xml/writer.rs")),
];
const LIBRARY: &str = include_str!("../../../models/src/lib.rs");
const MANIFEST: &str = include_str!("../../../models/Cargo.toml");
/// The features of every crate of carriers.
const FEATURES: [&str; 3] = ["schemars", "utoipa", "xml"];
const USERS: &str = "models";
const CORE: &str = "models-core";

/// The crates of the carriers; users depend on the one called `models`, which is the last.
///
/// # Errors
/// As [`generate`](super::generate).
pub fn packages(contract: &Contract, names: Names<'_>, limits: Limits) -> Result<Vec<Package>, Error> {
    let title = &one_line(&contract.info.title);
    let description = format!("The carriers of \"{title}\"");
    if contract.schemas.len() <= limits.carriers.max(1) {
        let mut package = Package::new(USERS, manifest::derived(MANIFEST, names, USERS, &description)?);
        let docs = docs(title);
        package.files.extend(names.support(SUPPORT));
        if contract.schemas.is_empty() {
            // There is nothing to export.
            package.add("src/lib.rs", format!("{docs}\n{}", library::support(LIBRARY)));
        } else {
            package.add("src/lib.rs", format!("{docs}\n{}", library::modules(LIBRARY)));
            package.add_generated(super::generate(contract)?);
        }
        return Ok(vec![package]);
    }
    let mut core = Package::new(
        CORE,
        manifest::derived(MANIFEST, names, CORE, &format!("What the carriers of \"{title}\" are made of"))?,
    );
    let pointer = format!("Use `{}`, which re-exports it.", names.package(USERS));
    core.add(
        "src/lib.rs",
        format!("//! What the carriers of \"{title}\" are made of. {pointer}\n\n{}", library::support(LIBRARY)),
    );
    core.files.extend(names.support(SUPPORT));
    let mut packages = vec![core];
    let parts = parts(contract, limits.carriers);
    for (index, part) in parts.iter().enumerate() {
        let folder = format!("models-{}", index + 1);
        let mut manifest = manifest::head(names, &folder, &format!("{description}, part {}", index + 1));
        manifest += &dependencies(names, &part.needs, &["serde", "serde_json"]);
        let mut package = Package::new(folder, manifest);
        let mut lib = format!("//! Carriers of \"{title}\". {pointer}\n\n{}\n", library::generated(LIBRARY));
        for needed in std::iter::once(CORE.to_owned()).chain(part.needs.iter().map(|part| format!("models-{part}"))) {
            let _ = writeln!(
                lib,
                "#[allow(unused_imports, reason = \"what is needed depends on the carriers\")]\nuse {}::*;",
                names.library(&needed)
            );
        }
        lib += "\npub use generated::*;\n";
        package.add("src/lib.rs", lib);
        package.add_generated(super::generate_only(contract, &part.schemas)?);
        packages.push(package);
    }
    let all: Vec<usize> = (1..=parts.len()).collect();
    let mut facade = Package::new(USERS, manifest::head(names, USERS, &description) + &dependencies(names, &all, &[]));
    let mut lib = docs(title) + "\n";
    for folder in std::iter::once(CORE.to_owned()).chain(all.iter().map(|part| format!("models-{part}"))) {
        let _ = writeln!(lib, "pub use {}::*;", names.library(&folder));
    }
    facade.add("src/lib.rs", lib);
    packages.push(facade);
    Ok(packages)
}

/// The documentation of the crate that users see.
fn docs(title: &str) -> String {
    format!(
        "//! The carriers of \"{}\": what travels in its requests and answers, for client and server alike.\n\
         //!\n\
         //! Properties that the contract does not promise are an `Option`; properties that it does not know are passed\n\
         //! over when reading, and an enumeration keeps a value that it does not know as `Other`.\n\
         //!\n\
         //! Features: `utoipa` and `schemars` describe every carrier as a schema; `xml` writes and reads it as XML.\n",
        title
    )
}

/// Dependencies on support and other parts, and features that reach all of them.
fn dependencies(names: Names<'_>, parts: &[usize], others: &[&str]) -> String {
    let needed: Vec<String> = std::iter::once(CORE.to_owned())
        .chain(parts.iter().map(|part| format!("models-{part}")))
        .map(|folder| names.package(&folder))
        .collect();
    let mut text = String::from("\n[features]\n");
    for feature in FEATURES {
        let own = (feature != "xml" && !others.is_empty()).then(|| format!("\"dep:{feature}\""));
        let theirs = needed.iter().map(|package| format!("\"{package}/{feature}\""));
        let _ = writeln!(text, "{feature} = [{}]", own.into_iter().chain(theirs).collect::<Vec<_>>().join(", "));
    }
    text += "\n[dependencies]\n";
    for package in needed.iter().map(String::as_str).chain(others.iter().copied()) {
        let _ = writeln!(text, "{package}.workspace = true");
    }
    if !others.is_empty() {
        text += "schemars = { workspace = true, optional = true }\nutoipa = { workspace = true, optional = true }\n";
    }
    text
}

/// A crate of carriers.
struct Part<'a> {
    schemas: BTreeSet<&'a str>,
    /// The numbers of the crates, from 1, whose carriers these hold.
    needs: Vec<usize>,
}

/// Distributes the carriers: about as many to each crate, a crate needing earlier ones only.
fn parts(contract: &Contract, limit: usize) -> Vec<Part<'_>> {
    let mut graph = DiGraph::<&str, ()>::new();
    let nodes: IndexMap<&str, _> =
        contract.schemas.keys().map(|name| (name.as_str(), graph.add_node(name.as_str()))).collect();
    let references: IndexMap<&str, BTreeSet<&str>> =
        contract.schemas.iter().map(|(name, schema)| (name.as_str(), references(schema))).collect();
    for (name, targets) in &references {
        for target in targets.iter().filter_map(|target| nodes.get(target)) {
            graph.add_edge(nodes[name], *target, ());
        }
    }
    let crates = contract.schemas.len().div_ceil(limit.max(1));
    let share = contract.schemas.len().div_ceil(crates.max(1));
    let mut parts: Vec<BTreeSet<&str>> = Vec::new();
    // What others hold comes first.
    for together in kosaraju_scc(&graph) {
        let together: Vec<&str> = together.into_iter().map(|node| graph[node]).collect();
        match parts.last_mut().filter(|part| part.len() + together.len() <= share) {
            Some(part) => part.extend(together),
            None => parts.push(together.into_iter().collect()),
        }
    }
    let number = |name: &str| parts.iter().position(|part| part.contains(name)).map(|index| index + 1);
    let needs = |part: &BTreeSet<&str>| {
        let held: BTreeSet<&str> =
            part.iter().flat_map(|name| &references[name]).copied().filter(|name| !part.contains(name)).collect();
        held.into_iter().filter_map(number).collect::<BTreeSet<usize>>().into_iter().collect()
    };
    let needs: Vec<Vec<usize>> = parts.iter().map(needs).collect();
    parts.into_iter().zip(needs).map(|(schemas, needs)| Part { schemas, needs }).collect()
}

/// Every component that a schema mentions.
pub(super) fn references(schema: &Schema) -> BTreeSet<&str> {
    match &schema.ty {
        Type::Ref(name) => BTreeSet::from([name.as_str()]),
        Type::Array { items } => references(items),
        Type::Object { properties, additional, .. } => {
            let additional = match additional {
                Additional::Schema(values) => Some(&**values),
                _ => None,
            };
            properties.values().chain(additional).flat_map(references).collect()
        }
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => parts.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests;
