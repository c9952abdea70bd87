//! Every carrier goes through XML and back, with values that the contract's schemas admit.

use std::fs;
use std::path::PathBuf;

use chat_models::xml::{XmlElement, XmlLimits, from_xml, to_xml};
use docwright_contract::model::{Additional, Schema, Type};
use docwright_contract::{Contract, read, yaml};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Deeper than this, properties that refer to carriers are null.
const MAX_DEPTH: usize = 4;

fn contract() -> Contract {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml");
    read::from_value(&yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()).unwrap()
}

/// Text of characters that XML can carry, the awkward ones often.
fn text() -> impl Strategy<Value = String> {
    let awkward =
        prop::sample::select(vec![' ', '\t', '\n', '\r', '&', '<', '>', '"', '\'', ']', '\u{85}', '\u{FEFF}', '😀']);
    let allowed = any::<char>().prop_filter(
        "XML can carry it",
        |c| !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'),
    );
    vec(prop_oneof![awkward, allowed], 0..12).prop_map(String::from_iter)
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_æ][A-Za-z0-9_.ø-]{0,8}"
}

fn date_time() -> impl Strategy<Value = Value> {
    let date = (1_i32..=9999, 1_u32..=12, 1_u32..=28, 0_u32..24, 0_u32..60, 0_u32..60);
    let fraction = prop_oneof![Just(String::new()), (1_u32..9_999_999).prop_map(|ticks| format!(".{ticks:07}"))];
    let offset = prop::sample::select(vec!["", "Z", "+02:00", "-05:30"]);
    (date, fraction, offset).prop_map(|((year, month, day, hour, minute, second), fraction, offset)| {
        json!(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"))
    })
}

/// Any JSON whose keys are names in XML.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name(), inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A value that the schema admits.
fn value(contract: &Contract, schema: &Schema, depth: usize) -> BoxedStrategy<Value> {
    if schema.nullable && depth > MAX_DEPTH {
        return Just(Value::Null).boxed();
    }
    let known = ["x-extensible-enum", "x-flags"].iter().find_map(|name| schema.extensions.get(*name)?.as_array());
    let some = match &schema.ty {
        Type::Any => anything().boxed(),
        Type::Ref(name) => value(contract, &contract.schemas[name], depth + 1),
        Type::AllOf(parts) => value(contract, parts.first().expect("a schema"), depth),
        Type::OneOf(_) | Type::AnyOf(_) => panic!("no carrier has a choice"),
        Type::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Type::Integer { format } if format.as_deref() == Some("int32") => any::<i32>().prop_map(Value::from).boxed(),
        Type::Integer { .. } => any::<i64>().prop_map(Value::from).boxed(),
        Type::Number { .. } => any::<f64>().prop_map(Value::from).boxed(),
        Type::String { format } if format.as_deref() == Some("date-time") => date_time().boxed(),
        Type::String { .. } => match known {
            Some(values) => prop_oneof![prop::sample::select(values.clone()), text().prop_map(Value::from)].boxed(),
            None => text().prop_map(Value::from).boxed(),
        },
        Type::Array { items } => vec(value(contract, items, depth + 1), 0..4).prop_map(Value::from).boxed(),
        Type::Object { properties, additional, .. } => {
            let further = match additional {
                Additional::Schema(values) => btree_map(name(), value(contract, values, depth + 1), 0..3).boxed(),
                Additional::Any | Additional::Unstated if properties.is_empty() => {
                    btree_map(name(), anything(), 0..4).boxed()
                }
                _ => Just(Default::default()).boxed(),
            };
            let named: Vec<BoxedStrategy<(String, Value)>> = properties
                .iter()
                .map(|(name, property)| (Just(name.clone()), value(contract, property, depth)).boxed())
                .collect();
            (named, further)
                .prop_map(|(named, further)| Value::Object(named.into_iter().chain(further).collect::<Map<_, _>>()))
                .boxed()
        }
    };
    if schema.nullable { prop_oneof![1 => Just(Value::Null), 3 => some].boxed() } else { some }
}

/// Checks that every value of the component `name` comes back as it was, alone and in a list.
fn round_trip<T>(contract: &Contract, name: &str)
where
    T: XmlElement + DeserializeOwned + Clone + PartialEq + std::fmt::Debug,
{
    let schema = &contract.schemas[name];
    assert_eq!(Some(&*T::element_name()), schema.xml_name(), "the contract says what the code says");
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let strategy = value(contract, schema, 0).prop_map(|json| serde_json::from_value::<T>(json).unwrap());
    let outcome = TestRunner::new_with_rng(config, fixed_rng()).run(&strategy, |carrier| {
        let xml = to_xml(&carrier).unwrap();
        let back = from_xml::<T>(xml.as_bytes(), XmlLimits::default());
        prop_assert_eq!(back.as_ref(), Ok(&carrier), "{}", xml);
        let list = vec![carrier.clone(), carrier];
        let back = from_xml::<Vec<T>>(to_xml(&list).unwrap().as_bytes(), XmlLimits::default());
        prop_assert_eq!(back, Ok(list));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// The same values on every machine.
fn fixed_rng() -> prop::test_runner::TestRng {
    prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha)
}

macro_rules! round_trips {
    ($($carrier:ident),+ $(,)?) => {
        #[test]
        fn every_carrier_comes_back_as_it_was() {
            let contract = contract();
            $(round_trip::<chat_models::$carrier>(&contract, stringify!($carrier));)+
            let tested = [$(stringify!($carrier)),+];
            let all: Vec<&str> = contract.schemas.keys().map(String::as_str).collect();
            assert!(all.iter().all(|name| tested.contains(name)), "{all:?}");
        }
    };
}

round_trips!(
    ChatPresence,
    ChatMessage,
    ChatTranscript,
    PostChatMessageRequest,
    ChatTopicAgent,
    CreateChatSessionRequest,
    ChatSessionEntity,
    Associate,
    Person,
    Contact,
    Project,
    Sale,
    Ticket,
    TableRight,
    FieldProperty,
    Address,
    FieldRight,
    ErrorResponse,
);
