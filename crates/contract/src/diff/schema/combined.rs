//! Schemas that are made of others: `allOf`, `oneOf`, `anyOf`.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};

use indexmap::IndexMap;

use super::super::components::{Comparison, Judged, Sides};
use super::super::place::{At, Step};
use super::super::{rules, words};
use super::{
    beside_shape, changed_type, compare, component, followed, keywords, look, merged, nullable, similar, values,
};
use crate::model::{Additional, Constraints, Contract, Schema, Type};

/// An object is not made up of more parts than this.
const MOST_PARTS: usize = 4096;

/// `allOf` on either side: part by part where they correspond, else as the object that the parts
/// make up, else by the parts that are the same.
pub(super) fn all_of(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    if let (Type::AllOf(a), Type::AllOf(b)) = (&base.ty, &revision.ty)
        && a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| correspond(comparison, a, b))
    {
        beside(comparison, base, revision, at);
        for (number, (a, b)) in a.iter().zip(b).enumerate() {
            compare(comparison, a, b, &at.then(Step::Part("allOf", number)));
        }
        return;
    }
    // What is made up of components may have itself in it, and has the same in it everywhere.
    if comparison.combining > 0 {
        let key = (comparison.owner, comparison.ways, digest(base), digest(revision));
        if !comparison.combinations.insert(key) {
            return;
        }
    }
    if !look(comparison, at) {
        return;
    }
    let flat = [(comparison.base, base), (comparison.revision, revision)]
        .map(|(contract, schema)| flattened(contract, schema, &mut Vec::new(), &mut MOST_PARTS.clone()));
    comparison.combining += 1;
    if let [Some(a), Some(b)] = &flat {
        for part in [base, revision].into_iter().flat_map(|schema| Parts::of(schema).parts) {
            if let Type::Ref(name) = &part.ty {
                comparison.looked_through(name);
            }
        }
        values(comparison, a, b, at);
    } else {
        let (a, b) = (Parts::of(base), Parts::of(revision));
        beside(comparison, &a.whole, &b.whole, at);
        let matched = assign(comparison, &a.parts, &b.parts);
        for (old, new) in &matched {
            let (mut part, mut other) = (a.parts[*old].clone(), b.parts[*new].clone());
            // Of a schema that is no `allOf`, whether it may be null was compared as a whole.
            if a.is_alone || b.is_alone {
                (part.nullable, other.nullable) = (false, false);
            }
            compare(comparison, &part, &other, &at.then(Step::Part("allOf", *new)));
        }
        let pairs = (&rules::PART_ADDED, &rules::PART_REMOVED);
        unmatched(comparison, (&a.parts, &b.parts), &matched, "allOf", pairs, at);
    }
    comparison.combining -= 1;
}

/// What stands beside a combination.
fn beside(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    keywords::flags(comparison, base, revision, at);
    nullable(comparison, base.nullable, revision.nullable, at);
    beside_shape(comparison, base, revision, at);
}

/// The parts of `allOf`, or a schema that is none as its only part.
struct Parts {
    /// What stands beside the parts.
    whole: Schema,
    parts: Vec<Schema>,
    is_alone: bool,
}

impl Parts {
    fn of(schema: &Schema) -> Self {
        match &schema.ty {
            Type::AllOf(parts) => Self { whole: schema.clone(), parts: parts.clone(), is_alone: false },
            _ => {
                let (whole, part) = taken_apart(schema);
                Self { whole, parts: vec![part], is_alone: true }
            }
        }
    }
}

/// What is said of a value as a whole, and what it may be.
fn taken_apart(schema: &Schema) -> (Schema, Schema) {
    let whole =
        Schema { ty: Type::Any, enumeration: Vec::new(), constraints: Constraints::default(), ..schema.clone() };
    let part = Schema {
        enumeration: schema.enumeration.clone(),
        constraints: schema.constraints.clone(),
        ..Schema::new(schema.ty.clone())
    };
    (whole, part)
}

fn digest(schema: &Schema) -> u64 {
    /// Hashes text as it is written.
    struct Hashed(DefaultHasher);
    impl std::fmt::Write for Hashed {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut hashed = Hashed(DefaultHasher::new());
    // Hashing never fails.
    _ = std::fmt::write(&mut hashed, format_args!("{schema:?}"));
    hashed.0.finish()
}

fn correspond(comparison: &mut Comparison<'_>, a: &Schema, b: &Schema) -> bool {
    match (component(comparison.base, a), component(comparison.revision, b)) {
        (Some(a), Some(b)) => comparison.similar(a, b),
        (None, None) if matches!((&a.ty, &b.ty), (Type::Any, Type::Any)) => true,
        (None, None) if matches!((&a.ty, &b.ty), (Type::AllOf(_), Type::AllOf(_))) => {
            similar::similar((comparison.base, a), (comparison.revision, b))
        }
        (None, None) => a.ty.name() == b.ty.name() && a.ty.name().is_some(),
        _ => false,
    }
}

/// The object that the parts of `allOf` make up; `None` where they are no objects. `within` has the
/// components that are being looked into: one that has itself in it adds nothing.
fn flattened(contract: &Contract, schema: &Schema, within: &mut Vec<usize>, left: &mut usize) -> Option<Schema> {
    *left = left.checked_sub(1)?;
    let (schema, through) = followed(contract, schema);
    let depth = within.len();
    if through.iter().any(|index| within.contains(index)) {
        return Some(Schema::default());
    }
    let parts = match &schema.ty {
        Type::Object { .. } | Type::Any => return Some(schema.into_owned()),
        Type::AllOf(parts) => parts,
        _ => return None,
    };
    within.extend(through);
    let mut whole = Schema { ty: Type::Any, ..schema.clone().into_owned() };
    let (mut properties, mut required, mut additional) = (IndexMap::new(), BTreeSet::new(), Additional::Unstated);
    let mut all_nullable = true;
    for part in parts {
        let part = flattened(contract, part, within, left)?;
        all_nullable &= part.nullable;
        let nullable = whole.nullable;
        whole = merged::over(&Schema { ty: Type::Any, ..part.clone() }, &whole);
        whole.nullable = nullable;
        if let Type::Object { properties: more, required: also, additional: rest } = part.ty {
            for (name, property) in more {
                both(&mut properties, name, property);
            }
            required.extend(also);
            additional = match (additional, rest) {
                (known, Additional::Unstated | Additional::Any) => known,
                (Additional::Unstated | Additional::Any, rest) => rest,
                (Additional::Forbidden, _) | (_, Additional::Forbidden) => Additional::Forbidden,
                (Additional::Schema(a), Additional::Schema(b)) if a == b => Additional::Schema(a),
                (Additional::Schema(a), Additional::Schema(b)) => {
                    Additional::Schema(Box::new(Schema::new(Type::AllOf(vec![*a, *b]))))
                }
            };
        }
    }
    within.truncate(depth);
    whole.nullable |= all_nullable;
    whole.ty = Type::Object { properties, required, additional };
    Some(whole)
}

/// A property of several parts has to fit what each says of it.
fn both(properties: &mut IndexMap<String, Schema>, name: String, property: Schema) {
    let joined = match properties.get(&name) {
        Some(known) if *known == property => return,
        Some(known) if known.ty == Type::Any => merged::over(known, &property),
        Some(known) if property.ty == Type::Any || known.ty == property.ty => merged::over(&property, known),
        Some(known) => Schema::new(Type::AllOf(vec![known.clone(), property])),
        None => property,
    };
    properties.insert(name, joined);
}

/// The alternatives of `oneOf` and `anyOf`, or a schema that is none as the only one.
struct Alternatives {
    keyword: &'static str,
    /// What stands beside the alternatives.
    whole: Schema,
    parts: Vec<Schema>,
}

impl Alternatives {
    /// Whether null is a value is said of the whole, wherever the schema says it.
    fn of(contract: &Contract, schema: &Schema, other: &Schema) -> Self {
        let (keyword, parts) = match &schema.ty {
            Type::OneOf(parts) => ("oneOf", parts),
            Type::AnyOf(parts) => ("anyOf", parts),
            _ => {
                let (whole, part) = taken_apart(schema);
                let parts = if schema.ty == Type::Any { Vec::new() } else { vec![part] };
                return Self { keyword: "", whole, parts };
            }
        };
        let mut whole = schema.clone();
        // What a component says of null is a change of the component, unless it is looked into here.
        let is_looked_into = !matches!(other.ty, Type::OneOf(_) | Type::AnyOf(_));
        let null_of = |part: &Schema| {
            let is_inline = component(contract, part).is_none();
            part.nullable || ((is_inline || is_looked_into) && followed(contract, part).0.nullable)
        };
        whole.nullable |= parts.iter().any(null_of);
        let mut parts = parts.clone();
        for part in &mut parts {
            part.nullable = false;
            if is_looked_into && component(contract, part).is_some() {
                let mut inner = followed(contract, part).0.into_owned();
                if inner.nullable {
                    inner.nullable = false;
                    *part = inner;
                }
            }
        }
        // Beside an only shape, what holds for all alternatives is compared with each of them.
        if is_looked_into && (!whole.enumeration.is_empty() || whole.constraints != Constraints::default()) {
            let common = Schema {
                enumeration: std::mem::take(&mut whole.enumeration),
                constraints: std::mem::take(&mut whole.constraints),
                ..Schema::default()
            };
            parts = parts.iter().map(|part| merged::over(&common, part)).collect();
        }
        Self { keyword, whole, parts }
    }

    /// Whether a value can fit only one of them.
    fn are_apart(&self, contract: &Contract) -> bool {
        let mut names = BTreeSet::new();
        self.parts.iter().all(|part| match followed(contract, part).0.ty.name() {
            Some("integer" | "number") => names.insert("number"),
            Some(name) => names.insert(name),
            None => false,
        })
    }
}

/// `oneOf` and `anyOf` on either side.
pub(super) fn alternatives(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let a = Alternatives::of(comparison.base, base, revision);
    let b = Alternatives::of(comparison.revision, revision, base);
    if a.parts.is_empty() || b.parts.is_empty() {
        // Anything at all includes null.
        keywords::flags(comparison, base, revision, at);
        let pair = if a.parts.is_empty() { &rules::TYPE_STATED } else { &rules::TYPE_UNSTATED };
        comparison.value(pair, at, Some(words::schema(base)), Some(words::schema(revision)));
        return beside_shape(comparison, base, revision, at);
    }
    beside(comparison, &a.whole, &b.whole, at);
    let matched = assign(comparison, &a.parts, &b.parts);
    if matched.is_empty() {
        return changed_type(comparison, base, revision, at);
    }
    let exclusive = match (a.keyword, b.keyword) {
        ("anyOf", "oneOf") if !b.are_apart(comparison.revision) => Some(&rules::ALTERNATIVES_EXCLUSIVE),
        ("oneOf", "anyOf") if !a.are_apart(comparison.base) => Some(&rules::ALTERNATIVES_INCLUSIVE),
        _ => None,
    };
    if let Some(pair) = exclusive {
        comparison.value(pair, at, Some(a.keyword.to_owned()), Some(b.keyword.to_owned()));
    }
    let keyword = if b.keyword.is_empty() { a.keyword } else { b.keyword };
    for (old, new) in &matched {
        compare(comparison, &a.parts[*old], &b.parts[*new], &at.then(Step::Part(keyword, *new)));
    }
    let pairs = (&rules::ALTERNATIVE_ADDED, &rules::ALTERNATIVE_REMOVED);
    unmatched(comparison, (&a.parts, &b.parts), &matched, keyword, pairs, at);
}

/// Which parts of the two sides are the same: by component, else by shape, else by type.
fn assign(comparison: &mut Comparison<'_>, a: &[Schema], b: &[Schema]) -> Vec<(usize, usize)> {
    let mut matched: Vec<(usize, usize)> = Vec::new();
    let (mut known, mut taken) = (vec![false; a.len()], vec![false; b.len()]);
    let name = |schema: &Schema| match &schema.ty {
        Type::Ref(name) => Some(format!("${name}")),
        _ => None,
    };
    let shape = |schema: &Schema| match schema.ty {
        Type::Ref(_) => None,
        _ => Some(similar::shape(schema)),
    };
    for key in [&name as &dyn Fn(&Schema) -> Option<String>, &shape] {
        let mut waiting: IndexMap<String, std::collections::VecDeque<usize>> = IndexMap::new();
        for (new, part) in b.iter().enumerate().filter(|(new, _)| !taken[*new]) {
            if let Some(key) = key(part) {
                waiting.entry(key).or_default().push_back(new);
            }
        }
        for (old, part) in a.iter().enumerate() {
            if known[old] {
                continue;
            }
            if let Some(new) = key(part).and_then(|key| waiting.get_mut(&key)?.pop_front()) {
                matched.push((old, new));
                (known[old], taken[new]) = (true, true);
            }
        }
    }
    for (old, part) in a.iter().enumerate().filter(|(old, _)| !known[*old]) {
        let found = b.iter().enumerate().find(|(new, other)| !taken[*new] && correspond(comparison, part, other));
        if let Some((new, _)) = found {
            matched.push((old, new));
            taken[new] = true;
        }
    }
    matched.sort_unstable();
    matched
}

/// Says which parts have no counterpart.
fn unmatched(
    comparison: &mut Comparison<'_>,
    (a, b): (&[Schema], &[Schema]),
    matched: &[(usize, usize)],
    keyword: &'static str,
    (added, removed): (&'static rules::Pair, &'static rules::Pair),
    at: &At<'_>,
) {
    let (olds, news): (BTreeSet<usize>, BTreeSet<usize>) = matched.iter().copied().unzip();
    for (old, part) in a.iter().enumerate().filter(|(old, _)| !olds.contains(old)) {
        let values = (Some(words::schema(part)), None);
        comparison.note(Judged::ByDirection(removed), &at.then(Step::Part(keyword, old)), Sides::Base, values);
    }
    for (new, part) in b.iter().enumerate().filter(|(new, _)| !news.contains(new)) {
        let values = (None, Some(words::schema(part)));
        comparison.note(Judged::ByDirection(added), &at.then(Step::Part(keyword, new)), Sides::Revision, values);
    }
}
