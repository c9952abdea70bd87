//! Explains schemas.

use std::collections::BTreeMap;

use docwright_pages::page::Span;

use super::Trace;
use super::fact::{Certainty, Explanation, Fact, Mention};
use super::quote::{is_tabled, rows, shortened};
use crate::infer::evidence::{Place, Shape, SightingId};
use crate::infer::naming::{Claim, pascal_case};
use crate::infer::phrases::stated_carrier;
use crate::infer::sameness::Rule;
use crate::text::clean_markdown;

impl Trace<'_> {
    /// Explains a schema.
    pub(super) fn schema(&self, name: &str) -> Option<Explanation> {
        let group = self.group_named(name)?;
        let named = self.name(group);
        let unions = self.unions(group, named.certainty);
        let mut facts = vec![named];
        facts.extend(self.carrier_description(group));
        facts.extend(unions);
        facts.extend(self.properties(group));
        Some(Explanation { kind: "schema", subject: name.to_owned(), facts })
    }

    /// How a carrier came by its name, and which other names lost.
    fn name(&self, group: usize) -> Fact {
        let naming = &self.carriers.names[group];
        let sightings = &self.carriers.groups[group].sightings;
        let statements: Vec<(Mention, bool)> = match naming.rule {
            "stated-name" => sightings.iter().filter_map(|id| self.statement(*id, &naming.name)).collect(),
            _ => Vec::new(),
        };
        let is_verbatim = statements.iter().any(|(_, is_verbatim)| *is_verbatim);
        let (certainty, rule, because) = match naming.rule {
            "stated-name" if is_verbatim => (Certainty::Stated, naming.rule, naming.grounds.clone()),
            "stated-name" => {
                (Certainty::Deduced, "name-with-links", "the text adds links to the carrier that it names".to_owned())
            }
            rule if naming.guess => (Certainty::Guessed, rule, naming.grounds.clone()),
            rule => (Certainty::Deduced, rule, naming.grounds.clone()),
        };
        let fact = Fact::new("name", &naming.name, certainty, rule).because(because);
        let fact = if statements.is_empty() {
            fact.seen(sightings, |id| self.sighting(*id))
        } else {
            fact.seen(&statements, |(mention, _)| mention.clone())
        };
        fact.but(&naming.losers, |claim| self.loser(group, claim))
    }

    /// Where a page states a carrier's name, and whether in so many words.
    pub(super) fn statement(&self, id: SightingId, name: &str) -> Option<(Mention, bool)> {
        let sighting = &self.evidence.sightings[id];
        let stated = sighting.stated_name.as_deref().filter(|stated| pascal_case(stated) == name)?;
        let Place { page: index, span } = sighting.place;
        let page = self.sources[index].page;
        let said = |span: Span, text: &str, what: &str| {
            (self.mention(Place { page: index, span }, what.to_owned()), text.contains(stated))
        };
        let texts = if sighting.property.is_none() {
            let request = page.request_body.as_ref().filter(|section| section.heading == span);
            let response = page.response.as_ref().filter(|section| section.heading == span);
            let headings = response.into_iter().flat_map(|section| [&section.body, &section.kind]).flatten();
            if let Some(heading) = headings.into_iter().find(|heading| heading.value.trim() == stated) {
                return Some(said(heading.span, stated, &format!("the heading says `{stated}`")));
            }
            request.map_or_else(|| response.and_then(|s| s.description.as_ref()), |s| s.description.as_ref())
        } else {
            let row = rows(page).find(|row| row.name.span == span)?;
            if row.type_name.value.trim().trim_end_matches("[]") == stated {
                return Some(said(row.type_name.span, stated, &self.quote_cell(row)));
            }
            Some(&row.description)
        };
        let text = texts.filter(|text| stated_carrier(&text.value).as_deref() == Some(stated))?;
        Some(said(text.span, &text.value, &format!("the text says “{}”", sentence_about(&text.value, stated))))
    }

    /// A name that lost, where its evidence is, and why.
    fn loser(&self, group: usize, claim: &Claim) -> Mention {
        let sightings = &self.carriers.groups[group].sightings;
        let id = sightings.iter().find(|id| self.supports(**id, claim)).unwrap_or(&sightings[0]);
        let is_taken = self.group_named(&claim.name).is_some();
        let why = if is_taken { ", but another carrier has that name" } else { "" };
        let Mention { what, .. } = self.sighting(*id);
        self.mention(self.evidence.sightings[*id].place, format!("{what}: `{}` by `{}`{why}", claim.name, claim.rule))
    }

    /// Whether a sighting is evidence for a name.
    fn supports(&self, id: SightingId, claim: &Claim) -> bool {
        let sighting = &self.evidence.sightings[id];
        let is = |name: Option<&str>| name.is_some_and(|name| pascal_case(name) == claim.name);
        match claim.rule {
            "stated-name" => is(sighting.stated_name.as_deref()),
            "operation-request" => sighting.root.request_of.is_some(),
            "owner-of-property" => sighting.owners.iter().any(|owner| is(Some(owner))),
            "operation-object" => is(sighting.root.object.as_deref()),
            "operation-entity" => is(sighting.root.entity),
            "request-heading" => is(sighting.root.heading),
            "first-id-property" => sighting.properties.keys().any(|name| is(name.strip_suffix("Id"))),
            _ => is(sighting.property.as_deref()),
        }
    }

    fn carrier_description(&self, group: usize) -> Option<Fact> {
        let group = &self.carriers.groups[group];
        let text = clean_markdown(group.description?)?;
        let said = |id: &SightingId| {
            let sighting = &self.evidence.sightings[*id];
            let text = clean_markdown(sighting.root.description?)?;
            let page = self.sources[sighting.place.page].page;
            let request = page.request_body.as_ref().filter(|section| section.heading == sighting.place.span);
            let section = request.map_or_else(
                || page.response.as_ref().and_then(|section| section.description.as_ref()),
                |section| section.description.as_ref(),
            );
            let span = section.map_or(sighting.place.span, |text| text.span);
            Some((text, Place { page: sighting.place.page, span }))
        };
        let (same, other): (Vec<_>, Vec<_>) =
            group.sightings.iter().filter_map(said).partition(|(said, _)| *said == text);
        let fact = Fact::new("description", text, Certainty::Stated, "first-text");
        let fact = fact.seen(&same, |(_, place)| self.mention(*place, ""));
        Some(fact.but(&other, |(text, place)| self.mention(*place, shortened(text))))
    }

    /// What brought the sightings of a carrier together, a fact for each rule.
    fn unions(&self, group: usize, name: Certainty) -> Vec<Fact> {
        let mut by_rule: BTreeMap<Rule, Vec<[SightingId; 2]>> = BTreeMap::new();
        for union in &self.carriers.unions {
            if self.carriers.group_of[union.sightings[0]] == group {
                by_rule.entry(union.rule).or_default().push(union.sightings);
            }
        }
        let is_patch = self.carriers.names[group].rule == "json-patch";
        let fact = |(rule, pairs): (Rule, Vec<[SightingId; 2]>)| {
            let value = format!("in {} more {}", pairs.len(), if pairs.len() == 1 { "place" } else { "places" });
            let (certainty, name, because) = match rule {
                Rule::SameName if is_patch => {
                    (Certainty::Deduced, "json-patch", "both are operations of JSON Patch (RFC 6902)")
                }
                Rule::SameName => (name, rule.name(), rule.meaning()),
                rule if rule.is_guess() => (Certainty::Guessed, rule.name(), rule.meaning()),
                rule => (Certainty::Deduced, rule.name(), rule.meaning()),
            };
            Fact::new("one carrier", value, certainty, name).because(because).seen(&pairs[0], |id| self.sighting(*id))
        };
        by_rule.into_iter().map(fact).collect()
    }

    /// Which properties tables print, and which only samples show.
    fn properties(&self, group: usize) -> Vec<Fact> {
        let carrier = &self.carriers.groups[group];
        let is_seen = |name: &str, tabled: bool| {
            carrier.sightings.iter().find(|id| {
                let sighting = &self.evidence.sightings[**id];
                sighting.properties.get(name).is_some_and(|property| is_tabled(sighting, property) == tabled)
            })
        };
        let (mut tabled, mut sampled, mut known) = (Vec::new(), Vec::new(), Vec::new());
        let mut first = [None, None];
        for name in carrier.properties.keys().copied() {
            if let Some(id) = is_seen(name, true) {
                first[0] = first[0].or(Some((*id, name)));
                tabled.push(name);
            } else if let Some(id) = is_seen(name, false) {
                first[1] = first[1].or(Some((*id, name)));
                sampled.push(name);
            } else {
                known.push(name);
            }
        }
        let listed = |names: &[&str]| format!("{} ({})", names.join(", "), names.len());
        let at = |(id, name): (SightingId, &str), what: &str| {
            let sighting = &self.evidence.sightings[id];
            let place = self.words(sighting, &sighting.properties[name]).place;
            let operation = &self.sources[place.page].page.id.value;
            self.mention(place, format!("the first, in the {what} of `{operation}`"))
        };
        let mut facts = Vec::new();
        if let Some(first) = first[0] {
            facts.push(Fact::stated("properties", listed(&tabled), "property-table", at(first, "table")));
        }
        if let Some(first) = first[1] {
            let fact = Fact::new("properties", listed(&sampled), Certainty::Deduced, "sample");
            let only = if tabled.is_empty() {
                "no table prints this carrier; samples show it"
            } else {
                "only samples show these"
            };
            facts.push(fact.because(only).seen(&[first], |first| at(*first, "sample")));
        }
        let seen = |fact: Fact| fact.seen(&carrier.sightings, |id| self.sighting(*id));
        if !known.is_empty() {
            let fact = Fact::new("properties", listed(&known), Certainty::Guessed, "known-rights");
            facts.push(seen(fact.because("no page expands it; references of this family print these in it")));
        } else if facts.is_empty() {
            let fact =
                Fact::new("properties", "unknown, so that any is allowed", Certainty::Guessed, "unexpanded-carrier");
            facts.push(seen(fact.because("no page expands this carrier")));
        }
        facts
    }

    /// Where a carrier was seen.
    pub(super) fn sighting(&self, id: SightingId) -> Mention {
        let sighting = &self.evidence.sightings[id];
        let operation = &self.sources[sighting.place.page].page.id.value;
        let printed = if sighting.properties.is_empty() { ", not expanded" } else { "" };
        let what = match &sighting.property {
            Some(property) => format!("`{property}` of `{operation}`{printed}"),
            None => format!("body of `{operation}`{printed}"),
        };
        self.mention(sighting.place, what)
    }

    /// A type in a few words, with the names of carriers; `property` leads to it.
    pub(super) fn type_of(&self, shape: &Shape, property: &str) -> String {
        match shape {
            Shape::Unknown => "anything".to_owned(),
            Shape::Scalar(scalar) => scalar.name().to_owned(),
            Shape::Enumeration(values) => format!("enum of {}", values.join(", ")),
            Shape::Array(items) => {
                let items = self.carriers.unshown_items(shape, property).unwrap_or(items);
                format!("array of {}", self.type_of(items, ""))
            }
            Shape::Map(values) => format!("map of {}", self.type_of(values, property)),
            Shape::Carrier(id) => format!("carrier `{}`", self.carriers.names[self.carriers.group_of[*id]].name),
        }
    }
}

/// The part of a text that has a name in it.
fn sentence_about(text: &str, name: &str) -> String {
    let name = name.strip_suffix("WithLinks").unwrap_or(name);
    let line = text.split(['\n', '.']).find(|part| part.contains(name)).unwrap_or(text);
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
