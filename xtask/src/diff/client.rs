//! What a change means for the generated Rust client, as far as it shows without compiling: the
//! names of methods, their parameters and results, and the types of schemas with their members.

use std::collections::{BTreeMap, BTreeSet};

use docwright_codegen::client;
use docwright_codegen::models::{self, TypeSurface};
use docwright_codegen::naming::{SchemaTypes, method_names};
use docwright_contract::Contract;
use docwright_contract::diff::{Anchor, Change, same_operations};
use indexmap::IndexMap;

/// Which number of a semantic version has to grow.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Step {
    None,
    Patch,
    Minor,
    Major,
}

impl Step {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The generated client before and after.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct ClientChanges {
    pub(super) removed: Vec<String>,
    pub(super) added: Vec<String>,
    /// Former and new name.
    pub(super) renamed: Vec<(String, String)>,
    /// Name, former and new signature.
    pub(super) signatures: Vec<(String, String, String)>,
    /// Former and new name.
    pub(super) types_renamed: Vec<(String, String)>,
    pub(super) types_removed: Vec<String>,
    pub(super) types_added: Vec<String>,
    pub(super) types_changed: Vec<TypeChange>,
    /// Why signatures were not compared.
    pub(super) not_compared: Option<String>,
}

/// A type that is there on both sides, and what became of its members.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct TypeChange {
    /// Its new name.
    pub(super) name: String,
    /// What kind of type it was and is, where that changed; nothing is said of its members then.
    pub(super) kind: Option<(&'static str, &'static str)>,
    pub(super) removed: Vec<String>,
    /// Member, and what it is.
    pub(super) added: Vec<(String, String)>,
    /// Member, what it was and what it is.
    pub(super) changed: Vec<(String, String, String)>,
}

impl TypeChange {
    /// Nothing where all members are the same, in the words of the new side.
    fn between(name: &str, old: &TypeSurface, new: &TypeSurface, renamed: &BTreeMap<&str, &str>) -> Option<Self> {
        let mut change = Self { name: name.to_owned(), ..Self::default() };
        if old.kind != new.kind {
            change.kind = Some((old.kind, new.kind));
            return Some(change);
        }
        for (member, from) in &old.members {
            match new.members.get(member) {
                None => change.removed.push(member.clone()),
                Some(to) if in_new_words(from, renamed) != *to => {
                    change.changed.push((member.clone(), from.clone(), to.clone()));
                }
                Some(_) => {}
            }
        }
        let added = new.members.iter().filter(|(member, _)| !old.members.contains_key(*member));
        change.added.extend(added.map(|(member, is)| (member.clone(), is.clone())));
        (change.breaks() || !change.added.is_empty()).then_some(change)
    }

    /// Whether code that uses the type has to change. A new member counts like one in
    /// an answer: who builds carriers does so from their defaults.
    fn breaks(&self) -> bool {
        self.kind.is_some() || !self.removed.is_empty() || !self.changed.is_empty()
    }
}

impl ClientChanges {
    pub(super) fn between((base, revision): (&Contract, &Contract), changes: &[Change], surfaces: Surfaces) -> Self {
        let (old_names, new_names) = (method_names(base), method_names(revision));
        let pairs = renamed_schemas(changes);
        let mut client = Self { types_renamed: renamed_types(base, revision, &pairs), ..Self::default() };
        let (old, new) = match (surfaces.base, surfaces.revision) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(error), _) | (_, Err(error)) => {
                client.not_compared = Some(error);
                (Surface::new(), Surface::new())
            }
        };
        let renamed: BTreeMap<&str, &str> =
            client.types_renamed.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        let name = |names: &IndexMap<String, String>, id: &str| names.get(id).cloned().unwrap_or_default();
        for pair in same_operations(base, revision) {
            match pair {
                (Some(gone), None) => client.removed.push(name(&old_names, &gone.operation_id)),
                (None, Some(added)) => client.added.push(name(&new_names, &added.operation_id)),
                (Some(before), Some(after)) => {
                    let (before, after) =
                        (name(&old_names, &before.operation_id), name(&new_names, &after.operation_id));
                    if let (Some(a), Some(b)) = (old.get(&before), new.get(&after))
                        && in_new_words(a, &renamed) != *b
                    {
                        client.signatures.push((after.clone(), a.clone(), b.clone()));
                    }
                    if before != after {
                        client.renamed.push((before, after));
                    }
                }
                (None, None) => {}
            }
        }
        match changed_types((base, revision), &pairs, &renamed) {
            Ok(changed) => client.types_changed = changed,
            Err(error) => client.not_compared = Some(error),
        }
        let (old, new) = (types(base), types(revision));
        let is_renamed = |name: &String, to: bool| {
            client.types_renamed.iter().any(|(from, target)| if to { target == name } else { from == name })
        };
        client.types_removed = old.difference(&new).filter(|name| !is_renamed(name, false)).cloned().collect();
        client.types_added = new.difference(&old).filter(|name| !is_renamed(name, true)).cloned().collect();
        client
    }

    /// Whether code that uses the client sees no difference, as far as it was compared.
    pub(super) fn is_empty(&self) -> bool {
        self.step() == Step::None
    }

    /// Which number has to grow for the client alone.
    pub(super) fn step(&self) -> Step {
        let breaks = [
            self.removed.is_empty(),
            self.renamed.is_empty(),
            self.signatures.is_empty(),
            self.types_renamed.is_empty(),
            self.types_removed.is_empty(),
            !self.types_changed.iter().any(TypeChange::breaks),
        ];
        if breaks.contains(&false) {
            Step::Major
        } else if self.added.is_empty() && self.types_added.is_empty() && self.types_changed.is_empty() {
            Step::None
        } else {
            Step::Minor
        }
    }
}

/// The methods of a client: parameters and result by name.
type Surface = BTreeMap<String, String>;

/// The methods of both clients, or why there are none.
pub(super) struct Surfaces {
    base: Result<Surface, String>,
    revision: Result<Surface, String>,
}

impl Surfaces {
    pub(super) fn of(base: &Contract, revision: &Contract) -> Self {
        let (base, revision) = rayon::join(|| surface(base), || surface(revision));
        Self { base, revision }
    }
}

/// The component schemas that are the same under another name: former and new name.
fn renamed_schemas(changes: &[Change]) -> Vec<(&str, &str)> {
    let places = changes.iter().filter(|change| change.rule.code == "schema-renamed").flat_map(|change| &change.places);
    let pairs = places.filter_map(|place| match (&place.base.as_ref()?.anchor, &place.revision.as_ref()?.anchor) {
        (Anchor::Schema(from), Anchor::Schema(to)) => Some((from.as_str(), to.as_str())),
        _ => None,
    });
    pairs.collect()
}

/// Their types, where these have other names too.
fn renamed_types(base: &Contract, revision: &Contract, schemas: &[(&str, &str)]) -> Vec<(String, String)> {
    let (old, new) = (SchemaTypes::of(base), SchemaTypes::of(revision));
    let pairs = schemas.iter().map(|(from, to)| (old.ident(from).to_string(), new.ident(to).to_string()));
    pairs.filter(|(from, to)| from != to).collect()
}

/// The types of both sides whose members differ.
fn changed_types(
    (base, revision): (&Contract, &Contract),
    schemas: &[(&str, &str)],
    renamed: &BTreeMap<&str, &str>,
) -> Result<Vec<TypeChange>, String> {
    let forth: BTreeMap<&str, &str> = schemas.iter().copied().collect();
    let back: BTreeMap<&str, &str> = schemas.iter().map(|(from, to)| (*to, *from)).collect();
    let members = |contract, other, names: &BTreeMap<&str, &str>| {
        let touched = models::touched(contract, other, |name| names.get(name).copied().unwrap_or(name));
        models::surface(contract, &touched).map_err(|error| error.to_string())
    };
    let (old, new) = rayon::join(|| members(base, revision, &forth), || members(revision, base, &back));
    let (old, new) = (old?, new?);
    let both = old.iter().filter_map(|(name, members)| {
        let name = renamed.get(name.as_str()).copied().unwrap_or(name);
        Some((name, members, new.get(name)?))
    });
    Ok(both.filter_map(|(name, old, new)| TypeChange::between(name, old, new, renamed)).collect())
}

/// A signature with the types under their new names.
fn in_new_words(signature: &str, renamed: &BTreeMap<&str, &str>) -> String {
    let mut out = String::with_capacity(signature.len());
    for word in signature.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let end = word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_').len();
        out.push_str(renamed.get(&word[..end]).copied().unwrap_or(&word[..end]));
        out.push_str(&word[end..]);
    }
    out
}

fn surface(contract: &Contract) -> Result<Surface, String> {
    let output = client::generate(contract).map_err(|error| error.to_string())?;
    let root = output.files.iter().find(|file| file.path == "mod.rs").ok_or("the client has no methods")?;
    let lines = client::surface(&root.contents).map_err(|error| error.to_string())?;
    Ok(lines
        .lines()
        .filter_map(|line| line.split_once('(').map(|(name, rest)| (name.to_owned(), format!("({rest}"))))
        .collect())
}

fn types(contract: &Contract) -> BTreeSet<String> {
    let types = SchemaTypes::of(contract);
    contract.schemas.keys().map(|name| types.ident(name).to_string()).collect()
}
