//! Decides which sightings show one carrier.
//!
//! Every rule unites sightings on evidence of its own, from the pages' own words down to guesses; what
//! the rules found is kept for whoever asks. Two carriers to which the pages give different names are
//! never united, whatever a rule thinks, and the root of a request belongs to its operation alone.

use std::collections::BTreeMap;

use super::evidence::{Shape, Sighting, SightingId};
use super::fast::{Map, Ordered, Set};

/// Fewer properties than this are too common a set to identify a carrier alone.
const DISTINCTIVE_PROPERTIES: usize = 4;

/// Properties that the generator of the pages adds to most carriers and leaves out in requests.
pub(super) const RIGHTS: [&str; 2] = ["TableRight", "FieldProperties"];

/// Of the carriers that stand below one property, this share in one carrier makes it the likely one.
const LIKELY_SHARE: (usize, usize) = (3, 4);

/// Why two sightings are one carrier.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Rule {
    /// The pages give both the same name.
    SameName,
    /// Both print the same properties, and enough of them.
    SameShape,
    /// Both print the same few properties below a property of the same name.
    SameSmallShape,
    /// They are the same property of one carrier.
    SameProperty,
    /// One is not expanded; the other stands below a property of the same name and description.
    SameDescription,
    /// One is not expanded; its property is called like the other.
    PropertyNamesCarrier,
    /// One is not expanded; wherever else a property of its name is expanded, it is the other.
    OnlyCandidate,
    /// One is not expanded; most properties of its name are the other.
    LikelyCandidate,
    /// One is not expanded; the other has no name, and its operation is about what the one is called.
    NamedByOperation,
    /// One is not expanded; the other has no name, and its first property is an id of what the one is called.
    NamedByFirstId,
}

impl Rule {
    /// The rule's stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SameName => "same-name",
            Self::SameShape => "same-shape",
            Self::SameSmallShape => "same-small-shape",
            Self::SameProperty => "same-property",
            Self::SameDescription => "same-description",
            Self::PropertyNamesCarrier => "property-names-carrier",
            Self::OnlyCandidate => "only-candidate",
            Self::LikelyCandidate => "likely-candidate",
            Self::NamedByOperation => "named-by-operation",
            Self::NamedByFirstId => "named-by-first-id",
        }
    }

    /// What the rule says, as the end of a sentence about two places.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::SameName => "the pages give both the same name",
            Self::SameShape => "both print the same properties",
            Self::SameSmallShape => "both print the same few properties below properties of one name",
            Self::SameProperty => "both are the same property of one carrier",
            Self::SameDescription => "not expanded here; expanded below a property of the same name and description",
            Self::PropertyNamesCarrier => "not expanded here; the property is called like the carrier",
            Self::OnlyCandidate => "not expanded here; every other property of this name is this carrier",
            Self::LikelyCandidate => "not expanded here; most other properties of this name are this carrier",
            Self::NamedByOperation => "not expanded here; an operation that is about this name expands it",
            Self::NamedByFirstId => "not expanded here; the first property of the other is an id of this name",
        }
    }

    /// Whether it rests on names and likelihood alone. A shape is evidence, though no page says that two
    /// carriers of one shape are one.
    pub(super) fn is_guess(self) -> bool {
        self >= Self::SameDescription
    }
}

/// Two sightings that a rule united.
#[derive(Clone, Copy, Debug)]
pub(super) struct Union {
    pub(super) rule: Rule,
    pub(super) sightings: [SightingId; 2],
}

/// Disjoint sets of sightings: a set is a carrier.
pub(super) struct Sameness<'e> {
    sightings: &'e [Sighting<'e>],
    parent: Vec<SightingId>,
    /// Names of a set, by its representative; what is not nameless never joins another name.
    identity: Vec<Option<Identity<'e>>>,
    /// Whether any sighting of the set, by its representative, prints properties.
    expanded: Vec<bool>,
    pub(super) unions: Vec<Union>,
}

/// What keeps a carrier apart from all others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Identity<'e> {
    Named(&'e str),
    RequestOf(SightingId),
}

impl<'e> Sameness<'e> {
    /// Applies all rules.
    pub(super) fn find_all(sightings: &'e [Sighting<'e>]) -> Self {
        let identity = |(id, sighting): (SightingId, &'e Sighting<'e>)| match &sighting.stated_name {
            Some(name) => Some(Identity::Named(name)),
            None => sighting.root.request_of.as_ref().map(|_| Identity::RequestOf(id)),
        };
        let mut sameness = Self {
            sightings,
            parent: (0..sightings.len()).collect(),
            identity: sightings.iter().enumerate().map(identity).collect(),
            expanded: sightings.iter().map(|sighting| !sighting.properties.is_empty()).collect(),
            unions: Vec::new(),
        };
        let by_words = || {
            sameness.by_name();
            sameness.by_shape();
        };
        let ((), edges) = rayon::join(by_words, || Edges::new(sightings));
        sameness.by_property(&edges);
        // A union that one rule finds may be the evidence for another; every round unites or ends.
        let guesses = [
            Rule::SameDescription,
            Rule::PropertyNamesCarrier,
            Rule::NamedByOperation,
            Rule::OnlyCandidate,
            Rule::LikelyCandidate,
            Rule::NamedByFirstId,
        ];
        let mut next = 0;
        while let Some(rule) = guesses.get(next) {
            let changed = match rule {
                Rule::NamedByOperation | Rule::NamedByFirstId => sameness.by_only_name(*rule),
                rule => sameness.by_candidates(*rule),
            };
            if changed {
                sameness.by_property(&edges);
                next = 0;
            } else {
                next += 1;
            }
        }
        sameness.unexpanded_together();
        sameness
    }

    /// The representative of a sighting's set: its smallest member, so that the outcome does not
    /// depend on the order of the unions.
    pub(super) fn find(&mut self, id: SightingId) -> SightingId {
        let mut root = id;
        while self.parent[root] != root {
            self.parent[root] = self.parent[self.parent[root]];
            root = self.parent[root];
        }
        root
    }

    /// Unites two sets, unless the pages keep them apart; says whether anything changed.
    fn unite(&mut self, a: SightingId, b: SightingId, rule: Rule) -> bool {
        let (root_a, root_b) = (self.find(a), self.find(b));
        let identity = match (self.identity[root_a], self.identity[root_b]) {
            _ if root_a == root_b => return false,
            (Some(one), Some(other)) if one != other => return false,
            (one, other) => one.or(other),
        };
        let (keep, drop) = (root_a.min(root_b), root_a.max(root_b));
        self.parent[drop] = keep;
        self.identity[keep] = identity;
        self.expanded[keep] |= self.expanded[drop];
        self.unions.push(Union { rule, sightings: [a, b] });
        true
    }

    /// Whether any sighting of the same set prints properties.
    fn is_expanded(&mut self, id: SightingId) -> bool {
        let root = self.find(id);
        self.expanded[root]
    }

    fn by_name(&mut self) {
        let mut first: Map<&str, SightingId> = Map::default();
        for (id, sighting) in self.sightings.iter().enumerate() {
            if let Some(name) = &sighting.stated_name {
                self.unite(*first.entry(name).or_insert(id), id, Rule::SameName);
            }
        }
    }

    fn by_shape(&mut self) {
        let mut by_shape: Ordered<(Vec<usize>, &str), Vec<SightingId>> = Ordered::default();
        let mut numbers: Map<&str, usize> = Map::default();
        for (id, sighting) in self.sightings.iter().enumerate() {
            let names = sighting.properties.keys().copied().filter(|name| !RIGHTS.contains(name));
            let mut names: Vec<usize> = names
                .map(|name| {
                    let next = numbers.len();
                    *numbers.entry(name).or_insert(next)
                })
                .collect();
            if names.is_empty() || sighting.root.request_of.is_some() {
                continue;
            }
            names.sort_unstable();
            let is_small = names.len() < DISTINCTIVE_PROPERTIES;
            let leading = if is_small { sighting.leading_name().unwrap_or_default() } else { "" };
            by_shape.entry((names, leading)).or_default().push(id);
        }
        for ((_, leading), ids) in by_shape {
            let rule = if leading.is_empty() { Rule::SameShape } else { Rule::SameSmallShape };
            self.same_shape(&ids, rule);
        }
    }

    /// Unites sightings of one shape; where several named carriers share it, the unnamed ones go by
    /// what leads to them.
    fn same_shape(&mut self, ids: &[SightingId], rule: Rule) {
        let sightings = self.sightings;
        let stated: BTreeMap<&str, SightingId> =
            ids.iter().rev().filter_map(|id| Some((sightings[*id].stated_name.as_deref()?, *id))).collect();
        if stated.len() <= 1 {
            for pair in ids.windows(2) {
                self.unite(pair[0], pair[1], rule);
            }
            return;
        }
        let mut by_leading: BTreeMap<Option<&str>, SightingId> = BTreeMap::new();
        for id in ids.iter().filter(|id| sightings[**id].stated_name.is_none()) {
            let leading = sightings[*id].leading_name();
            let same = leading.and_then(|name| stated.get(name).copied());
            let same = same.unwrap_or_else(|| *by_leading.entry(leading).or_insert(*id));
            self.unite(same, *id, rule);
        }
    }

    /// What stands below the same property of one carrier is one carrier; to a fixed point, as every
    /// union brings properties together.
    fn by_property(&mut self, edges: &Edges) {
        loop {
            let mut changed = false;
            let mut first: Map<(SightingId, usize), SightingId> = Map::default();
            for edge in &edges.list {
                let from = self.find(edge.from);
                match first.get(&(from, edge.property)) {
                    Some(known) => changed |= self.unite(*known, edge.to, Rule::SameProperty),
                    None => {
                        first.insert((from, edge.property), edge.to);
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Finds for carriers that no page expands, or that only have a name, the ones that they are by
    /// one of the rules that guess. All candidates are found before any union, so that the order of
    /// the pages does not matter.
    fn by_candidates(&mut self, rule: Rule) -> bool {
        // Few carriers are not expanded: what they do not ask for need not be known.
        let mut known: Map<(&str, Option<&str>), BTreeMap<SightingId, usize>> = Map::default();
        let mut wanted = Vec::new();
        let sightings = self.sightings;
        for (id, sighting) in sightings.iter().enumerate() {
            if self.is_expanded(id) {
                continue;
            }
            let Some(key) = candidate_key(sighting, rule) else { continue };
            known.entry(key).or_default();
            wanted.push((key, id));
        }
        if wanted.is_empty() {
            return false;
        }
        let mut named: Map<&str, SightingId> = Map::default();
        for (id, sighting) in sightings.iter().enumerate() {
            let root = self.find(id);
            if rule == Rule::PropertyNamesCarrier {
                if let Some(Identity::Named(name)) = self.identity[root] {
                    named.entry(name).or_insert(root);
                }
            } else if self.expanded[root]
                && let Some(candidates) = candidate_key(sighting, rule).and_then(|key| known.get_mut(&key))
            {
                *candidates.entry(root).or_default() += 1;
            }
        }
        let mut found = Vec::new();
        for (key, id) in wanted {
            let candidates = known.get(&key);
            let same = match rule {
                Rule::PropertyNamesCarrier => named.get(key.0).copied(),
                Rule::LikelyCandidate => candidates.and_then(likely),
                _ => candidates.filter(|roots| roots.len() == 1).and_then(|roots| roots.keys().next().copied()),
            };
            found.extend(same.map(|same| (same, id)));
        }
        let mut changed = false;
        for (same, id) in found {
            changed |= self.unite(same, id, rule);
        }
        changed
    }

    /// Finds for carriers of which the pages show nothing but the name, or the property that leads to
    /// them, the one carrier without a name that has evidence for it.
    fn by_only_name(&mut self, rule: Rule) -> bool {
        let sightings = self.sightings;
        let mut named: BTreeMap<&str, SightingId> = BTreeMap::new();
        let mut nameless: Map<&str, Option<SightingId>> = Map::default();
        let mut properties: Vec<(&str, SightingId)> = Vec::new();
        // What links other carriers begins with their ids: only what stands by itself begins with its own.
        let mut links: Set<SightingId> = Set::default();
        for (id, sighting) in sightings.iter().enumerate() {
            let root = self.find(id);
            match self.identity[root] {
                Some(Identity::Named(name)) if !self.expanded[root] => {
                    named.insert(name, root);
                }
                None if self.expanded[root] => {
                    let name = match rule {
                        Rule::NamedByFirstId => {
                            sighting.properties.keys().next().and_then(|first| first.strip_suffix("Id"))
                        }
                        _ => sighting.root.object.as_deref(),
                    };
                    let Some(name) = name else { continue };
                    if rule == Rule::NamedByFirstId && sighting.property.as_deref().is_some_and(|led| led != name) {
                        links.insert(root);
                    }
                    let only = nameless.entry(name).or_insert(Some(root));
                    *only = only.filter(|known| *known == root);
                }
                _ => {}
            }
        }
        for (id, sighting) in sightings.iter().enumerate() {
            let root = self.find(id);
            let Some(property) = sighting.property.as_deref() else { continue };
            if self.identity[root].is_none() && !self.expanded[root] {
                properties.push((property, id));
            }
        }
        let mut changed = false;
        for (name, id) in named.into_iter().chain(properties) {
            if let Some(same) = nameless.get(name).copied().flatten().filter(|same| !links.contains(same)) {
                changed |= self.unite(same, id, rule);
            }
        }
        changed
    }

    /// What nobody expands is at least one carrier for all properties of one name.
    fn unexpanded_together(&mut self) {
        let mut first: BTreeMap<&str, SightingId> = BTreeMap::new();
        for (id, sighting) in self.sightings.iter().enumerate() {
            let root = self.find(id);
            let Some(property) = sighting.property.as_deref().filter(|_| !self.expanded[root]) else { continue };
            if self.identity[root].is_none() {
                self.unite(*first.entry(property).or_insert(id), id, Rule::OnlyCandidate);
            }
        }
    }
}

/// What a sighting and its candidates must share.
fn candidate_key<'s>(sighting: &'s Sighting<'_>, rule: Rule) -> Option<(&'s str, Option<&'s str>)> {
    let property = sighting.property.as_deref()?;
    match rule {
        Rule::SameDescription => sighting.led_by.map(|text| (property, Some(text))),
        _ => Some((property, None)),
    }
}

/// The candidate that most sightings are.
fn likely(candidates: &BTreeMap<SightingId, usize>) -> Option<SightingId> {
    let all: usize = candidates.values().sum();
    let (share, whole) = LIKELY_SHARE;
    candidates.iter().find(|(_, count)| **count * whole >= all * share).map(|(root, _)| *root)
}

/// Which carrier stands below which property of which other, directly, in a list or in a map.
struct Edges {
    list: Vec<Edge>,
}

struct Edge {
    from: SightingId,
    /// A number for the property's name and how it holds the carrier.
    property: usize,
    to: SightingId,
}

impl Edges {
    fn new(sightings: &[Sighting<'_>]) -> Self {
        let mut numbers: Map<(&str, u64), usize> = Map::default();
        let mut list = Vec::new();
        for (from, sighting) in sightings.iter().enumerate() {
            for (name, property) in &sighting.properties {
                let Some((holders, to)) = target(&property.shape) else { continue };
                let number = numbers.len();
                let property = *numbers.entry((name, holders)).or_insert(number);
                list.push(Edge { from, property, to });
            }
        }
        Self { list }
    }
}

/// The carrier in a shape, and a number for the lists and maps through which it is held.
fn target(shape: &Shape) -> Option<(u64, SightingId)> {
    let mut holders: u64 = 1;
    let mut shape = shape;
    loop {
        (holders, shape) = match shape {
            Shape::Carrier(id) => return Some((holders, *id)),
            Shape::Array(inner) => (holders.wrapping_mul(3).wrapping_add(1), inner),
            Shape::Map(inner) => (holders.wrapping_mul(3).wrapping_add(2), inner),
            Shape::Unknown | Shape::Scalar(_) | Shape::Enumeration(_) => return None,
        }
    }
}
