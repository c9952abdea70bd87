//! The places where the workspace's version stands: one in `Cargo.toml`, the crates' own dependencies on each other, and
//! the lock files.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use semver::Version;
use toml_edit::{DocumentMut, Item, Table, value};

const MANIFEST: &str = "Cargo.toml";
/// `fuzz/` is a workspace of its own, which uses some of our crates.
const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

/// The workspace's manifest and its lock files.
pub(super) struct Manifests {
    manifest: DocumentMut,
    locks: Vec<(&'static str, DocumentMut)>,
    version: Version,
    /// The crates that have the workspace's version.
    members: Vec<String>,
}

impl Manifests {
    /// # Errors
    /// When a file cannot be read, or states no version.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let read = |path: &str| -> anyhow::Result<DocumentMut> {
            let text = fs::read_to_string(root.join(path)).with_context(|| format!("cannot read `{path}`"))?;
            text.parse().with_context(|| format!("`{path}` is no manifest"))
        };
        let manifest = read(MANIFEST)?;
        let version = manifest["workspace"]["package"]["version"].as_str().context("`Cargo.toml` states no version")?;
        let version = Version::parse(version).with_context(|| format!("`{version}` in `Cargo.toml` is no version"))?;
        let locks = LOCKS.into_iter().map(|path| Ok((path, read(path)?))).collect::<anyhow::Result<Vec<_>>>()?;
        let members = members(root)?;
        Ok(Self { manifest, locks, version, members })
    }

    /// The version of all crates.
    pub(super) fn version(&self) -> &Version {
        &self.version
    }

    /// The places that state another version than the workspace, and which.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let own = self.version.to_string();
        let mut found = Vec::new();
        for (name, dependency) in dependencies(&self.manifest) {
            // What only tests need of each other states none: it is not published.
            if let (Some(_), Some(stated)) = (dependency.get("path"), dependency.get("version").and_then(Item::as_str))
                && stated != own
            {
                found.push(format!("`workspace.dependencies.{name}` in `{MANIFEST}` says {stated}"));
            }
        }
        for (path, lock) in &self.locks {
            for package in packages(lock) {
                let text = |key| package.get(key).and_then(Item::as_str).unwrap_or_default();
                if self.is_member(package) && text("version") != own {
                    found.push(format!("`{}` in `{path}` is {}", text("name"), text("version")));
                }
            }
        }
        found
    }

    /// All files with another version.
    ///
    /// # Errors
    /// None that the files as they were read can bring about.
    pub(super) fn with_version(&self, version: &Version) -> anyhow::Result<Vec<(&'static str, String)>> {
        let own = version.to_string();
        let mut manifest = self.manifest.clone();
        replace(&mut manifest["workspace"]["package"]["version"], &own)?;
        let paths: Vec<String> = dependencies(&self.manifest)
            .filter(|(_, dependency)| dependency.get("path").is_some() && dependency.get("version").is_some())
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in paths {
            replace(&mut manifest["workspace"]["dependencies"][name.as_str()]["version"], &own)?;
        }
        let mut files = vec![(MANIFEST, manifest.to_string())];
        for (path, lock) in &self.locks {
            let mut lock = lock.clone();
            let packages = lock
                .get_mut("package")
                .and_then(Item::as_array_of_tables_mut)
                .context("a lock file without packages")?;
            for package in packages.iter_mut().filter(|package| self.is_member(package)) {
                package["version"] = value(&own);
            }
            files.push((path, lock.to_string()));
        }
        Ok(files)
    }

    /// Whether a package of a lock file is a crate of this workspace.
    fn is_member(&self, package: &Table) -> bool {
        let name = package.get("name").and_then(Item::as_str).unwrap_or_default();
        !package.contains_key("source") && self.members.iter().any(|member| member == name)
    }
}

/// Puts a text in the place of another, and leaves blanks and comments around it.
fn replace(item: &mut Item, text: &str) -> anyhow::Result<()> {
    let place = item.as_value_mut().context("`Cargo.toml` lacks a version")?;
    let decor = place.decor().clone();
    *place = text.into();
    *place.decor_mut() = decor;
    Ok(())
}

fn dependencies(manifest: &DocumentMut) -> impl Iterator<Item = (&str, &Item)> {
    let table = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(Item::as_table);
    table.into_iter().flat_map(Table::iter)
}

fn packages(lock: &DocumentMut) -> impl Iterator<Item = &Table> {
    lock.get("package").and_then(Item::as_array_of_tables).into_iter().flatten()
}

/// The names of the crates below `crates/` and of `xtask`, sorted.
fn members(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut folders = vec![root.join("xtask")];
    for entry in fs::read_dir(root.join("crates")).context("cannot read `crates`")? {
        folders.push(entry?.path());
    }
    let mut names = Vec::new();
    for manifest in folders.into_iter().map(|folder| folder.join(MANIFEST)).filter(|manifest| manifest.is_file()) {
        let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read `{}`", manifest.display()))?;
        let parsed: DocumentMut = text.parse().with_context(|| format!("`{}` is no manifest", manifest.display()))?;
        let name =
            parsed["package"]["name"].as_str().with_context(|| format!("`{}` states no name", manifest.display()))?;
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}
