//! Every carrier goes through JSON and through XML and back, with values that the contract's schemas admit, and with
//! those that only a later contract does.

use std::fs;
use std::path::PathBuf;

use chat_models::xml::{XmlElement, XmlLimits, from_xml, to_xml};
use docwright_contract::model::{Additional, Schema, Type};
use docwright_contract::{Contract, read, yaml};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Deeper than this, properties that refer to carriers are null.
const MAX_DEPTH: usize = 4;

/// What the texts and names in a value must go through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Json,
    Xml,
}

fn contract() -> Contract {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml");
    read::from_value(&yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()).unwrap()
}

/// Whether XML has no way to write it.
fn is_for_json_alone(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Text of characters that the form can carry, the awkward ones often.
fn text(form: Form) -> impl Strategy<Value = String> {
    let mut awkward =
        vec![' ', '\t', '\n', '\r', '&', '<', '>', '"', '\'', ']', '\u{85}', '\u{FEFF}', '😀', '\\', '\u{2028}'];
    if form == Form::Json {
        awkward.extend(['\0', '\u{8}', '\u{1F}', '\u{7F}', '\u{FFFF}']);
    }
    let allowed =
        any::<char>().prop_filter("the form can carry it", move |c| form == Form::Json || !is_for_json_alone(*c));
    vec(prop_oneof![prop::sample::select(awkward), allowed], 0..12).prop_map(String::from_iter)
}

fn name(form: Form) -> BoxedStrategy<String> {
    match form {
        Form::Json => prop_oneof!["[A-Za-z0-9_.-]{1,8}", text(form)].boxed(),
        Form::Xml => "[A-Za-z_æ][A-Za-z0-9_.ø-]{0,8}".boxed(),
    }
}

fn date_time() -> impl Strategy<Value = Value> {
    let date = (1_i32..=9999, 1_u32..=12, 1_u32..=28, 0_u32..24, 0_u32..60, 0_u32..60);
    let fraction = prop_oneof![
        1 => Just(String::new()),
        3 => (0_u32..=9_999_999).prop_map(|ticks| format!(".{ticks:07}")),
        1 => "\\.[0-9]{1,9}",
    ];
    let offset =
        prop::sample::select(vec!["", "Z", "+00:00", "-00:00", "+02:00", "-05:30", "+14:00", "+05:45", "-23:59"]);
    (date, fraction, offset).prop_map(|((year, month, day, hour, minute, second), fraction, offset)| {
        json!(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"))
    })
}

/// Any JSON; for XML, with keys that are names there.
fn anything(form: Form) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text(form).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name(form), inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A value that the schema admits, or that a later one with further words would; some properties that may be null are
/// left out.
fn value(contract: &Contract, schema: &Schema, form: Form, depth: usize) -> BoxedStrategy<Value> {
    if schema.nullable && depth > MAX_DEPTH {
        return Just(Value::Null).boxed();
    }
    let known = ["x-extensible-enum", "x-flags"].iter().find_map(|name| schema.extensions.get(*name)?.as_array());
    let some = match &schema.ty {
        Type::Any => anything(form).boxed(),
        Type::Ref(name) => value(contract, &contract.schemas[name], form, depth + 1),
        Type::AllOf(parts) => value(contract, parts.first().expect("a schema"), form, depth),
        Type::OneOf(_) | Type::AnyOf(_) => panic!("no carrier has a choice"),
        Type::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Type::Integer { format } if format.as_deref() == Some("int32") => any::<i32>().prop_map(Value::from).boxed(),
        Type::Integer { .. } => any::<i64>().prop_map(Value::from).boxed(),
        Type::Number { .. } => any::<f64>().prop_map(Value::from).boxed(),
        Type::String { format } if format.as_deref() == Some("date-time") => date_time().boxed(),
        Type::String { .. } => match known {
            Some(values) => {
                let several = vec(prop::sample::select(values.clone()), 0..4).prop_map(|values| joined(&values));
                let unknown = prop_oneof![text(form), "[A-Z][a-z]{1,4}(, ?[A-Z][a-z]{1,4}){0,3}"];
                prop_oneof![prop::sample::select(values.clone()), several, unknown.prop_map(Value::from)].boxed()
            }
            None => text(form).prop_map(Value::from).boxed(),
        },
        Type::Array { items } => vec(value(contract, items, form, depth + 1), 0..4).prop_map(Value::from).boxed(),
        Type::Object { properties, additional, required } => {
            let further = match additional {
                Additional::Schema(values) => {
                    btree_map(name(form), value(contract, values, form, depth + 1), 0..3).boxed()
                }
                Additional::Any | Additional::Unstated if properties.is_empty() => {
                    btree_map(name(form), anything(form), 0..4).boxed()
                }
                _ => Just(Default::default()).boxed(),
            };
            let named: Vec<BoxedStrategy<(String, Option<Value>)>> = properties
                .iter()
                .map(|(name, property)| {
                    let value = value(contract, property, form, depth);
                    let may_be_absent = property.nullable && !required.contains(name);
                    let value =
                        if may_be_absent { option::weighted(0.8, value).boxed() } else { value.prop_map(Some).boxed() };
                    (Just(name.clone()), value).boxed()
                })
                .collect();
            (named, further)
                .prop_map(|(named, further)| {
                    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
                    Value::Object(named.chain(further).collect::<Map<_, _>>())
                })
                .boxed()
        }
    };
    if schema.nullable { prop_oneof![1 => Just(Value::Null), 3 => some].boxed() } else { some }
}

/// Values as they are joined in one text.
fn joined(values: &[Value]) -> Value {
    values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ").into()
}

/// What is written of a value that was sent: every property, null where it was left out, and sets in their usual form.
fn written(contract: &Contract, schema: &Schema, sent: &Value) -> Value {
    match (&schema.ty, sent) {
        (Type::Ref(name), _) => written(contract, &contract.schemas[name], sent),
        (Type::AllOf(parts), _) => written(contract, parts.first().expect("a schema"), sent),
        (Type::Array { items }, Value::Array(values)) => {
            values.iter().map(|value| written(contract, items, value)).collect()
        }
        (Type::Object { properties, additional, .. }, Value::Object(members)) => {
            let named = properties.iter().map(|(name, property)| {
                let value = members.get(name).map_or(Value::Null, |value| written(contract, property, value));
                (name.clone(), value)
            });
            let further = members.iter().filter(|(name, _)| !properties.contains_key(*name)).map(|(name, value)| {
                let value = match additional {
                    Additional::Schema(values) => written(contract, values, value),
                    _ => value.clone(),
                };
                (name.clone(), value)
            });
            named.chain(further).collect()
        }
        (Type::String { .. }, Value::String(text)) if schema.extensions.contains_key("x-flags") => {
            let mut flags: Vec<&str> = Vec::new();
            for flag in text.split(',').map(str::trim).filter(|flag| !flag.is_empty()) {
                if !flags.contains(&flag) {
                    flags.push(flag);
                }
            }
            flags.join(", ").into()
        }
        _ => sent.clone(),
    }
}

/// Runs `check` with values of the component `name`, as they are sent.
fn with_values(contract: &Contract, name: &str, form: Form, check: impl Fn(Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let strategy = value(contract, &contract.schemas[name], form, 0);
    let outcome = TestRunner::new_with_rng(config, fixed_rng()).run(&strategy, check);
    outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// Checks that what is read of JSON is written with nothing lost, and read again as it was.
fn through_json<T>(contract: &Contract, name: &str)
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug,
{
    with_values(contract, name, Form::Json, |sent| {
        let text = sent.to_string();
        let carrier: T =
            serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        let expected = written(contract, &contract.schemas[name], &sent);
        prop_assert_eq!(serde_json::to_value(&carrier).unwrap(), expected.clone(), "{}", text);
        let again = serde_json::to_string(&[&carrier]).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<T>>(&again).ok(), Some(vec![carrier.clone()]), "{}", again);
        // Nothing of the value is told apart by having been left out.
        prop_assert_eq!(serde_json::from_value::<T>(expected).ok(), Some(carrier), "{}", text);
        Ok(())
    });
}

/// Checks that every value of the component comes back as it was, alone and in a list; and that what XML cannot carry is
/// refused, not changed.
fn through_xml<T>(contract: &Contract, name: &str)
where
    T: XmlElement + Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug,
{
    assert_eq!(Some(&*T::element_name()), contract.schemas[name].xml_name(), "the contract says what the code says");
    with_values(contract, name, Form::Xml, |sent| {
        let carrier: T = serde_json::from_value(sent).unwrap();
        let xml = to_xml(&carrier).unwrap();
        let back = from_xml::<T>(xml.as_bytes(), XmlLimits::default());
        prop_assert_eq!(back.as_ref(), Ok(&carrier), "{}", xml);
        let list = vec![carrier.clone(), carrier];
        let back = from_xml::<Vec<T>>(to_xml(&list).unwrap().as_bytes(), XmlLimits::default());
        prop_assert_eq!(back, Ok(list));
        Ok(())
    });
    with_values(contract, name, Form::Json, |sent| {
        let carrier: T = serde_json::from_value(sent).unwrap();
        match to_xml(&carrier) {
            Ok(xml) => {
                let back = from_xml::<T>(xml.as_bytes(), XmlLimits::default());
                prop_assert_eq!(back.as_ref(), Ok(&carrier), "{}", xml);
            }
            Err(error) => {
                let value = serde_json::to_value(&carrier).unwrap();
                let said = Said::by(&value);
                // Documented properties are among the keys, and all of them have names that XML has.
                let is_refusable = said.texts.iter().any(|text| text.contains(is_for_json_alone))
                    || said.keys.iter().any(|key| !is_name(key));
                prop_assert!(is_refusable, "{}: {:?}", error, carrier);
            }
        }
        Ok(())
    });
}

/// Whether elements may be called so, in letters that the tests use.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// All keys and all texts of a value.
#[derive(Default)]
struct Said<'v> {
    keys: Vec<&'v str>,
    texts: Vec<&'v str>,
}

impl<'v> Said<'v> {
    fn by(value: &'v Value) -> Self {
        let mut said = Self::default();
        said.collect(value);
        said
    }

    fn collect(&mut self, value: &'v Value) {
        match value {
            Value::String(text) => self.texts.push(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                self.keys.push(key);
                self.collect(value);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The same values on every machine.
fn fixed_rng() -> prop::test_runner::TestRng {
    prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha)
}

macro_rules! round_trips {
    ($($carrier:ident),+ $(,)?) => {
        #[test]
        fn every_carrier_comes_back_from_xml_as_it_was() {
            let contract = contract();
            $(through_xml::<chat_models::$carrier>(&contract, stringify!($carrier));)+
        }

        #[test]
        fn every_carrier_comes_back_from_json_as_it_was() {
            let contract = contract();
            $(through_json::<chat_models::$carrier>(&contract, stringify!($carrier));)+
        }

        #[test]
        fn every_carrier_is_tested() {
            let tested = [$(stringify!($carrier)),+];
            let contract = contract();
            let missing: Vec<&String> = contract.schemas.keys().filter(|name| !tested.contains(&name.as_str())).collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    };
}

round_trips!(
    Address,
    Associate,
    ChatMessage,
    ChatPresence,
    ChatSessionEntity,
    ChatTopicAgent,
    ChatTranscript,
    Contact,
    CreateChatSessionRequest,
    ErrorResponse,
    FieldProperty,
    FieldRight,
    Person,
    PostChatMessageRequest,
    Project,
    Sale,
    TableRight,
    Ticket,
);
