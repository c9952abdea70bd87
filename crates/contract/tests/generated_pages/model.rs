//! A reference as an author has it in mind, and random ones.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What the pages are to say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) carriers: BTreeMap<String, Vec<Property>>,
    pub(super) operations: Vec<Operation>,
}

/// A property of a carrier.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) description: Option<String>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// As the given pages call it: `int32`.
    Scalar(String),
    Enumeration(Vec<String>),
    List(Box<Ty>),
    Map(Box<Ty>),
    Carrier(String),
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) signs_in: bool,
    pub(super) request: Option<Body>,
    /// Statuses with their descriptions.
    pub(super) statuses: Vec<(String, String)>,
    /// Of each status that has content.
    pub(super) answer: Option<Body>,
}

/// A parameter: `path`, `query` or `header`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) ty: Ty,
    pub(super) required: bool,
    pub(super) description: Option<String>,
}

/// A body with its media types.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    pub(super) ty: Ty,
    pub(super) media_types: Vec<String>,
}

const NAMES: [&str; 5] = ["Alpha", "Bravo", "Candle", "Dagger", "Ember"];
const PROPERTIES: [&str; 8] = ["Size", "Label", "Colour", "Weight", "Since", "Open", "Rank", "Note"];
/// Types that samples show as well as tables.
const SHOWN: [&str; 5] = ["string", "int32", "double", "bool", "date-time"];
/// Types that need a table.
const TOLD: [&str; 4] = ["int64", "byte", "float", "binary"];
const MEDIA_TYPES: [&str; 4] = ["application/json", "text/json", "application/xml", "application/merge-patch+json"];

/// A text in one line of which nothing needs to be cleaned, though some of it could be mistaken for a mark.
fn sentence() -> impl Strategy<Value = String> {
    let words = vec![
        "green",
        "old boxes",
        "how many",
        "é",
        "x | y",
        "1.5",
        "(odd)",
        "a_b",
        "50 %",
        "A & B",
        "x < y",
        "'single'",
        "* b",
        "`code`",
        "{id}",
        "key: value",
        "100.000,00",
        "#1",
        "~",
        "\"quoted\"",
        "| z",
        "Requirement",
    ];
    vec(select(words), 0..4).prop_map(|words| [vec!["The text"], words].concat().join(" "))
}

fn scalar() -> impl Strategy<Value = Ty> {
    select([&SHOWN[..], &TOLD[..]].concat()).prop_map(|name| Ty::Scalar(name.to_owned()))
}

fn shown_scalar() -> impl Strategy<Value = Ty> {
    select(&SHOWN[..]).prop_map(|name| Ty::Scalar(name.to_owned()))
}

fn enumeration() -> impl Strategy<Value = Ty> {
    subsequence(vec!["New", "Open", "a_b", "1st"], 1..=4)
        .prop_map(|values| Ty::Enumeration(values.into_iter().map(str::to_owned).collect()))
}

/// The properties of the carrier with this number: its own, and one for each carrier that it leads to. Those come after
/// it, so that no carrier stands in itself.
fn carrier(number: usize) -> impl Strategy<Value = Vec<Property>> {
    let own = prop_oneof![
        6 => scalar(),
        1 => enumeration(),
        1 => shown_scalar().prop_map(|ty| Ty::List(Box::new(ty))),
        1 => shown_scalar().prop_map(|ty| Ty::Map(Box::new(ty))),
    ];
    let own = subsequence(&PROPERTIES[..], 4..=7)
        .prop_flat_map(move |names| vec(own.clone(), names.len()).prop_map(move |types| (names.clone(), types)));
    let links = subsequence(NAMES[number + 1..].to_vec(), 0..=(NAMES.len() - number - 1).min(2))
        .prop_flat_map(|names| vec(0..3_usize, names.len()).prop_map(move |forms| (names.clone(), forms)));
    (own, links, vec(option::of(sentence()), 9)).prop_map(move |((names, types), (links, forms), texts)| {
        let own = names.into_iter().zip(types).map(|(name, ty)| (format!("{}{name}", NAMES[number]), ty));
        let links = links.into_iter().zip(forms).map(|(name, form)| {
            let carrier = Box::new(Ty::Carrier(name.to_owned()));
            match form {
                0 => (name.to_owned(), *carrier),
                1 => (format!("{name}s"), Ty::List(carrier)),
                _ => (format!("{name}s"), Ty::Map(carrier)),
            }
        });
        let all = own.chain(links).zip(texts);
        all.map(|((name, ty), description)| Property { name, ty, description }).collect()
    })
}

fn body() -> impl Strategy<Value = Body> {
    let carrier = select(&NAMES[..]).prop_map(|name| Ty::Carrier(name.to_owned()));
    let ty = prop_oneof![
        4 => carrier.clone(),
        3 => carrier.prop_map(|carrier| Ty::List(Box::new(carrier))),
        1 => shown_scalar(),
        1 => shown_scalar().prop_map(|ty| Ty::List(Box::new(ty))),
        1 => shown_scalar().prop_map(|ty| Ty::Map(Box::new(ty))),
    ];
    (ty, subsequence(&MEDIA_TYPES[..], 1..=4))
        .prop_map(|(ty, media_types)| Body { ty, media_types: media_types.into_iter().map(str::to_owned).collect() })
}

fn parameter(name: &str, place: &'static str) -> BoxedStrategy<Parameter> {
    let name = name.to_owned();
    let ty = match place {
        "path" => prop_oneof![scalar(), enumeration()].boxed(),
        "query" => {
            let list = Just(Ty::List(Box::new(Ty::Scalar("string".to_owned()))));
            prop_oneof![4 => scalar(), 1 => enumeration(), 1 => list].boxed()
        }
        _ => Just(Ty::Scalar("string".to_owned())).boxed(),
    };
    // What pages say of a header is the same on all of them.
    let text = match place {
        "header" => Just(Some(format!("The text of {name}"))).boxed(),
        _ => option::of(sentence()).boxed(),
    };
    (ty, any::<bool>(), text)
        .prop_map(move |(ty, required, description)| Parameter {
            name: name.clone(),
            place: place.to_owned(),
            ty,
            required: place == "path" || place == "query" && required,
            description,
        })
        .boxed()
}

fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    let names = subsequence(
        vec![
            ("id", "path"),
            ("otherId", "path"),
            ("top", "query"),
            ("$filter", "query"),
            ("ids", "query"),
            ("X-Trace", "header"),
            ("SO-Language", "header"),
        ],
        0..=5,
    );
    names.prop_flat_map(|names| names.into_iter().map(|(name, place)| parameter(name, place)).collect::<Vec<_>>())
}

fn operation(number: usize) -> impl Strategy<Value = Operation> {
    let route = (select(vec!["GET", "PUT", "POST", "DELETE", "PATCH"]), select(vec!["Box", "Garden"]));
    let statuses = select(vec![vec!["200"], vec!["201", "404"], vec!["200", "202"], vec!["204"], vec!["204", "409"]]);
    let texts = (sentence(), option::of(sentence()), vec(sentence(), 2));
    (route, parameters(), statuses, texts, (any::<bool>(), option::of(body()), body())).prop_map(
        move |((method, tag), parameters, statuses, (summary, description, said), (signs_in, request, answer))| {
            let in_path = parameters.iter().filter(|parameter| parameter.place == "path");
            let in_path: String = in_path.map(|parameter| format!("/{{{}}}", parameter.name)).collect();
            let has_content = statuses.iter().any(|status| matches!(*status, "200" | "201" | "202"));
            Operation {
                id: format!("v1{tag}Agent_Do{number}"),
                tag: tag.to_owned(),
                method: method.to_owned(),
                path: format!("/api/v1/{tag}/{number}{in_path}"),
                summary,
                description,
                parameters,
                signs_in,
                request: request.filter(|_| matches!(method, "PUT" | "POST" | "PATCH")),
                statuses: statuses.into_iter().map(str::to_owned).zip(said).collect(),
                answer: Some(answer).filter(|_| has_content),
            }
        },
    )
}

/// References of up to five carriers and as many operations.
pub(super) fn reference() -> impl Strategy<Value = Reference> {
    let carriers: Vec<_> = (0..NAMES.len()).map(|number| carrier(number).boxed()).collect();
    let operations = (1..=5_usize)
        .prop_flat_map(|count| (0..count).map(|number| operation(number).boxed()).collect::<Vec<BoxedStrategy<_>>>());
    (carriers, operations).prop_map(|(carriers, operations)| {
        let carriers = NAMES.into_iter().map(str::to_owned).zip(carriers).collect();
        Reference { carriers, operations }.made_sayable()
    })
}

impl Reference {
    /// The carriers that some page has a table of.
    pub(super) fn roots(&self) -> BTreeSet<String> {
        let bodies = self.operations.iter().flat_map(|operation| operation.request.iter().chain(&operation.answer));
        bodies.filter_map(|body| body.ty.carrier().map(str::to_owned)).collect()
    }

    /// Without carriers that no body leads to. What stands in samples alone is what samples can show: no texts, no sizes
    /// of numbers, no values that a property does not have there, and no maps, which look like carriers.
    fn made_sayable(mut self) -> Self {
        let roots = self.roots();
        let mut reached: Vec<String> = roots.iter().cloned().collect();
        let mut index = 0;
        while let Some(name) = reached.get(index).cloned() {
            let properties = self.carriers.get_mut(&name).expect("every carrier is there");
            if !roots.contains(&name) {
                properties.iter_mut().for_each(Property::as_samples_can_show);
            }
            for held in properties.iter().filter_map(|property| property.ty.carrier()) {
                if !reached.iter().any(|known| known == held) {
                    reached.push(held.to_owned());
                }
            }
            index += 1;
        }
        self.carriers.retain(|name, _| reached.contains(name));
        self
    }
}

impl Property {
    fn as_samples_can_show(&mut self) {
        self.description = None;
        self.ty = match &self.ty {
            Ty::Scalar(name) if SHOWN.contains(&name.as_str()) => return,
            Ty::Scalar(_) | Ty::Enumeration(_) => Ty::Scalar("string".to_owned()),
            Ty::Map(inner) if inner.carrier().is_some() => Ty::List(inner.clone()),
            Ty::Map(inner) => (**inner).clone(),
            Ty::List(_) | Ty::Carrier(_) => return,
        };
    }
}

impl Ty {
    /// The carrier that it is, or that its items or values are.
    pub(super) fn carrier(&self) -> Option<&str> {
        match self {
            Self::Carrier(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.carrier(),
            Self::Scalar(_) | Self::Enumeration(_) => None,
        }
    }
}
