//! Ways to sign in: which are the same on both sides, and what changed in each. They are the same
//! by what they say, else by their names, which are never sent.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::components::{Comparison, Sides};
use super::place::{At, Step};
use super::schema::extensions;
use super::{rules, words};
use crate::model::{Contract, Location, SecurityScheme, SecuritySchemeKind};

/// What is written of flows that says nothing about who is let in.
const SCOPES: &str = "scopes";

/// A scheme: the same number on both sides is the same scheme.
#[derive(Clone, Debug)]
pub(super) struct Scheme {
    /// What it asks for, in a few words.
    pub(super) words: String,
    number: usize,
    /// The name of one that is not described.
    undescribed: String,
}

impl Scheme {
    fn key(&self) -> (usize, &str) {
        (self.number, &self.undescribed)
    }
}

impl Ord for Scheme {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Scheme {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheme {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Scheme {}

/// The schemes of both sides, by name.
#[derive(Default)]
pub(super) struct Schemes([HashMap<String, Scheme>; 2]);

impl Schemes {
    fn of(base: &Contract, revision: &Contract) -> Self {
        let mut known: Vec<(&str, &SecurityScheme)> = Vec::new();
        let mut old = HashMap::new();
        for (name, scheme) in &base.security_schemes {
            let number = known.iter().position(|(_, other)| is_same(&other.kind, &scheme.kind)).unwrap_or(known.len());
            if number == known.len() {
                known.push((name, scheme));
            }
            old.insert(name.clone(), Scheme { words: meaning(scheme), number, undescribed: String::new() });
        }
        let mut new = HashMap::new();
        let mut taken = BTreeSet::new();
        let mut left = Vec::new();
        for (name, scheme) in &revision.security_schemes {
            match known.iter().position(|(_, other)| is_same(&other.kind, &scheme.kind)) {
                Some(number) => {
                    taken.insert(number);
                    new.insert(name.clone(), Scheme { words: meaning(scheme), number, undescribed: String::new() });
                }
                None => left.push((name, scheme)),
            }
        }
        let mut next = known.len();
        for pass in [Pass::Name, Pass::OnlyOne] {
            left.retain(|(name, scheme)| {
                let words = meaning(scheme);
                let mut candidates = known.iter().enumerate().filter(|(number, (other_name, other))| {
                    !taken.contains(number)
                        && meaning(other) == words
                        && match pass {
                            Pass::Name => *other_name == name.as_str(),
                            Pass::OnlyOne => true,
                        }
                });
                let (Some((number, _)), None) = (candidates.next(), candidates.next()) else { return true };
                taken.insert(number);
                new.insert((*name).clone(), Scheme { words, number, undescribed: String::new() });
                false
            });
        }
        for (name, scheme) in left {
            new.insert(name.clone(), Scheme { words: meaning(scheme), number: next, undescribed: String::new() });
            next += 1;
        }
        let mut schemes = Self([old, new]);
        schemes.tell_apart();
        schemes
    }

    /// Schemes that the same words stand for go by their names too.
    fn tell_apart(&mut self) {
        let mut numbers: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for scheme in self.0.iter().flat_map(HashMap::values) {
            numbers.entry(scheme.words.clone()).or_default().insert(scheme.number);
        }
        for (name, scheme) in self.0.iter_mut().flatten() {
            if numbers.get(&scheme.words).is_some_and(|numbers| numbers.len() > 1) {
                scheme.words = format!("{} `{name}`", scheme.words);
            }
        }
    }

    fn side(&self, side: Sides) -> &HashMap<String, Scheme> {
        if side == Sides::Base { &self.0[0] } else { &self.0[1] }
    }

    /// The scheme that a requirement of a side names; one that is not described goes by its name.
    pub(super) fn named(&self, side: Sides, name: &str) -> Scheme {
        let undescribed = || Scheme { words: name.to_owned(), number: usize::MAX, undescribed: name.to_owned() };
        self.side(side).get(name).cloned().unwrap_or_else(undescribed)
    }
}

#[derive(Clone, Copy)]
enum Pass {
    Name,
    OnlyOne,
}

/// Compares the schemes that the documents describe.
pub(super) fn compare(comparison: &mut Comparison<'_>) -> Schemes {
    let (base, revision) = (comparison.base, comparison.revision);
    let schemes = Schemes::of(base, revision);
    let root = At::document();
    // By number, the names of a scheme: the same one may be described twice.
    let names = |contract: &Contract, side: Sides| -> BTreeMap<usize, Vec<String>> {
        let mut names: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for name in contract.security_schemes.keys() {
            names.entry(schemes.named(side, name).number).or_default().push(name.clone());
        }
        names
    };
    let (mut old, mut new) = (names(base, Sides::Base), names(revision, Sides::Revision));
    for (number, old_names) in &mut old {
        let Some(new_names) = new.get_mut(number) else { continue };
        let mut pairs: Vec<(String, String)> = Vec::new();
        old_names.retain(|name| match new_names.iter().position(|other| other == name) {
            Some(index) => {
                pairs.push((name.clone(), new_names.remove(index)));
                false
            }
            None => true,
        });
        while !old_names.is_empty() && !new_names.is_empty() {
            pairs.push((old_names.remove(0), new_names.remove(0)));
        }
        for (old_name, new_name) in pairs {
            let subject = format!("security scheme {new_name}");
            let at = root.then(Step::Named(&subject, "/components/securitySchemes"));
            if old_name != new_name {
                let values = (Some(old_name.clone()), Some(new_name.clone()));
                comparison.plain(&rules::SCHEME_RENAMED, &at, Sides::Both, values);
            }
            if let (Some(old), Some(new)) =
                (base.security_schemes.get(&old_name), revision.security_schemes.get(&new_name))
            {
                pair(comparison, old, new, &at);
            }
        }
    }
    for (rule, side, left) in [(&rules::SCHEME_ADDED, Sides::Revision, new), (&rules::SCHEME_REMOVED, Sides::Base, old)]
    {
        for name in left.into_values().flatten() {
            let subject = format!("security scheme {name}");
            let at = root.then(Step::Named(&subject, "/components/securitySchemes"));
            let value = Some(schemes.named(side, &name).words);
            let values = if side == Sides::Base { (value, None) } else { (None, value) };
            comparison.plain(rule, &at, side, values);
        }
    }
    schemes
}

fn pair(comparison: &mut Comparison<'_>, old: &SecurityScheme, new: &SecurityScheme, at: &At<'_>) {
    if words::texts_differ(old.description.as_deref(), new.description.as_deref()) {
        comparison.plain(&rules::DESCRIPTION_CHANGED, at, Sides::Both, (None, None));
    }
    extensions(comparison, &old.extensions, &new.extensions, &[], at);
    let format = |scheme: &SecurityScheme| match &scheme.kind {
        SecuritySchemeKind::Http { bearer_format, .. } => bearer_format.clone(),
        _ => None,
    };
    if format(old) != format(new) {
        let [a, b] = [old, new].map(|scheme| format(scheme).map(|format| format!("bearerFormat: {format}")));
        comparison.plain(&rules::SCHEME_CHANGED, at, Sides::Both, (a, b));
    }
    let (SecuritySchemeKind::Other(old), SecuritySchemeKind::Other(new)) = (&old.kind, &new.kind) else { return };
    let flows = |scheme: &Value| scheme.get("flows").and_then(Value::as_object).cloned().unwrap_or_default();
    let (old_flows, new_flows) = (flows(old), flows(new));
    for name in old_flows.keys().filter(|name| !new_flows.contains_key(*name)) {
        comparison.plain(&rules::SCHEME_FLOW_REMOVED, at, Sides::Both, (Some(name.clone()), None));
    }
    for (name, new) in &new_flows {
        let Some(old) = old_flows.get(name) else {
            comparison.plain(&rules::SCHEME_FLOW_ADDED, at, Sides::Both, (None, Some(name.clone())));
            continue;
        };
        members(comparison, old, new, &[SCOPES], at);
        let scopes = |flow: &Value| -> BTreeSet<String> {
            flow.get(SCOPES).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        let (old_scopes, new_scopes) = (scopes(old), scopes(new));
        let named = |scopes: Vec<&String>| {
            (!scopes.is_empty()).then(|| format!("{name}: {}", words::list(scopes.into_iter().map(String::as_str))))
        };
        let gone = named(old_scopes.difference(&new_scopes).collect());
        let added = named(new_scopes.difference(&old_scopes).collect());
        if gone.is_some() || added.is_some() {
            comparison.plain(&rules::SCHEME_SCOPES_CHANGED, at, Sides::Both, (gone, added));
        } else if old.get(SCOPES) != new.get(SCOPES) {
            comparison.plain(&rules::DESCRIPTION_CHANGED, at, Sides::Both, (None, None));
        }
    }
    members(comparison, old, new, &["flows", "description"], at);
}

/// The members of two objects that differ.
fn members(comparison: &mut Comparison<'_>, old: &Value, new: &Value, but: &[&str], at: &At<'_>) {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let all: BTreeSet<String> = names(old).into_iter().chain(names(new)).collect();
    for name in all.iter().filter(|name| !but.contains(&name.as_str())) {
        let (a, b) = (old.get(name), new.get(name));
        if a != b {
            let [a, b] = words::values([a, b]).map(|value| value.map(|value| format!("{name}: {value}")));
            let rule = if name.starts_with("x-") { &rules::EXTENSION_CHANGED } else { &rules::SCHEME_CHANGED };
            comparison.plain(rule, at, Sides::Both, (a, b));
        }
    }
}

/// Whether two schemes say the same, but for texts.
fn is_same(a: &SecuritySchemeKind, b: &SecuritySchemeKind) -> bool {
    match (a, b) {
        // Names of headers are the same in any case.
        (
            SecuritySchemeKind::ApiKey { name: a, location: Location::Header },
            SecuritySchemeKind::ApiKey { name: b, location: Location::Header },
        ) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// What a scheme asks for, in a few words.
fn meaning(scheme: &SecurityScheme) -> String {
    match &scheme.kind {
        SecuritySchemeKind::Http { scheme, .. } => format!("HTTP {scheme}"),
        SecuritySchemeKind::ApiKey { name, location: Location::Header } => format!("header {}", name.to_lowercase()),
        SecuritySchemeKind::ApiKey { name, location } => format!("{} {name}", location.as_str()),
        SecuritySchemeKind::Other(value) => {
            let kind = value.get("type").and_then(Value::as_str).unwrap_or("other");
            match value.get("openIdConnectUrl").and_then(Value::as_str) {
                Some(url) => format!("{kind} {url}"),
                None => kind.to_owned(),
            }
        }
    }
}
