//! From what pages state to what the committed contract says: the overlay's corrections, and the
//! known values of open enumerations in words.

use serde_json::Value;

use crate::model::{Additional, Contract, Schema, Type};
use crate::overlay::{Overlay, OverlayError, UnmatchedTarget};
use crate::read::ReadError;
use crate::{emit, read};

/// A contract that cannot be corrected.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// The overlay cannot be applied.
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    /// What the overlay made of the contract is none.
    #[error("with its overlay, the contract cannot be read")]
    Read(#[from] ReadError),
}

/// The contract with what people know better, and the overlay's actions that had no effect.
///
/// # Errors
/// When an action cannot be applied, or leaves a document that is no contract.
pub fn correct(
    contract: Contract,
    overlay: Option<&Overlay>,
) -> Result<(Contract, Vec<UnmatchedTarget>), CorrectError> {
    let (mut corrected, unmatched) = match overlay {
        Some(overlay) => {
            let mut document = emit::to_value(&contract);
            drop(contract);
            let unmatched = overlay.apply(&mut document)?;
            (read::from_value(&document)?, unmatched)
        }
        None => (contract, Vec::new()),
    };
    corrected.schemas.values_mut().for_each(name_values);
    Ok((corrected, unmatched))
}

/// Names the known values of open enumerations in their descriptions: many tools show no extension.
fn name_values(schema: &mut Schema) {
    let listed = |key: &str| {
        let values = schema.extensions.get(key).and_then(Value::as_array)?;
        Some(values.iter().filter_map(Value::as_str).map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "))
    };
    let sentence = match (listed("x-extensible-enum"), listed("x-flags")) {
        (Some(values), _) => Some(format!("Known values: {values}.")),
        (None, Some(values)) => Some(format!("Any of these, joined with a comma and a blank: {values}.")),
        (None, None) => None,
    };
    if let Some(sentence) = sentence {
        let described = schema.description.take().filter(|text| !text.is_empty());
        schema.description = Some(match described {
            Some(text) if text.contains(&sentence) => text,
            Some(text) => format!("{text}\n\n{sentence}"),
            None => sentence,
        });
    }
    match &mut schema.ty {
        Type::Array { items } => name_values(items),
        Type::Object { properties, additional, .. } => {
            properties.values_mut().for_each(name_values);
            if let Additional::Schema(values) = additional {
                name_values(values);
            }
        }
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => parts.iter_mut().for_each(name_values),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::correct;
    use crate::model::{Contract, Info};
    use crate::overlay::Overlay;
    use crate::{read, yaml};

    const DOCUMENT: &str = "
        openapi: 3.0.3
        info: {title: t, version: '1'}
        paths: {}
        components:
          schemas:
            Thing:
              type: object
              properties:
                Status: {type: string, description: How it is., x-extensible-enum: [On, Off]}
                Marks: {type: array, items: {type: string, x-flags: [A, B]}}
    ";

    #[test]
    fn known_values_are_named_once() {
        let contract = read::from_value(&yaml::from_str(DOCUMENT).unwrap()).unwrap();
        let (once, _) = correct(contract, None).unwrap();
        let (twice, _) = correct(once.clone(), None).unwrap();
        assert_eq!(once, twice);
        let text = crate::canonical::full(&once);
        assert!(text.contains(r"How it is.\n\nKnown values: `On`, `Off`."), "{text}");
        assert!(text.contains("Any of these, joined with a comma and a blank: `A`, `B`."), "{text}");
    }

    #[test]
    fn without_an_overlay_the_document_is_the_same_as_with_one_that_changes_nothing() {
        let contract = || read::from_value(&yaml::from_str(DOCUMENT).unwrap()).unwrap();
        let nothing = "{overlay: 1.0.0, info: {title: o, version: '1'}, actions: [{target: $.nothing, remove: true}]}";
        let (with, _) = correct(contract(), Some(&Overlay::parse(nothing).unwrap())).unwrap();
        let (without, _) = correct(contract(), None).unwrap();
        assert_eq!(crate::emit::to_yaml(&without, ""), crate::emit::to_yaml(&with, ""));
    }

    #[test]
    fn actions_without_effect_are_answered() {
        let contract = Contract {
            info: Info { title: "t".to_owned(), version: "1".to_owned(), ..Info::default() },
            ..Contract::default()
        };
        let overlay = "{overlay: 1.0.0, info: {title: o, version: '1'}, actions: [\
            {target: $.info, update: {title: better}}, {target: $.nothing, update: {a: b}}]}";
        let (corrected, unmatched) = correct(contract, Some(&Overlay::parse(overlay).unwrap())).unwrap();
        assert_eq!(corrected.info.title, "better");
        assert_eq!(unmatched.len(), 1);
    }
}
