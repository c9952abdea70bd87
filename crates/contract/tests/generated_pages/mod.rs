//! Pages that are made up at random: the contract that is inferred from them says what the pages were written from, in
//! whatever dialect, and pages that are written from the contract lead to the same contract.

mod found;
mod model;
mod page;

use docwright_contract::infer::{Inferred, Source, infer};
use docwright_contract::{Contract, canonical, emit, read};
use docwright_pages::{Page, parse};
use proptest::prelude::*;

use self::model::{Body, Operation, Property, Reference, Ty};
use self::page::{Dialect, pages};

/// Infers from pages; whatever is odd about them is an error here.
fn inferred(pages: &[(String, String)]) -> Result<Inferred, TestCaseError> {
    let mut read: Vec<(Page, &str)> = Vec::new();
    for (path, text) in pages {
        let parsed = parse(path, text);
        let odd: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
        prop_assert!(odd.is_empty(), "{}\n{}", odd.join("\n"), text);
        read.push((parsed.page.expect("a page without an error"), text));
    }
    let sources: Vec<Source<'_>> = read.iter().map(|(page, text)| Source { page, text }).collect();
    let inferred = infer(&sources);
    let odd: Vec<String> = inferred.diagnostics.iter().map(ToString::to_string).collect();
    prop_assert!(odd.is_empty(), "{}\n{}", odd.join("\n"), shown(pages));
    Ok(inferred)
}

/// The canonical form without what pages say of carriers in sentences: where headings name them, there are none.
fn without_sentences(mut contract: Contract) -> String {
    contract.schemas.values_mut().for_each(|schema| schema.description = None);
    canonical::full(&contract)
}

fn shown(pages: &[(String, String)]) -> String {
    pages.iter().map(|(path, text)| format!("==== {path}\n{text}\n")).collect()
}

/// Checks that a reference is found again in its pages of the one dialect, and that its contract is the same when it is
/// written in the other.
fn check(reference: &Reference, first: Dialect, second: Dialect) -> Result<(), TestCaseError> {
    let written = pages(reference, first);
    let contract = inferred(&written)?.contract;
    let found = found::reference(&contract);
    let found = found.map_err(|why| TestCaseError::fail(format!("{why}\n{}", shown(&written))))?;
    prop_assert_eq!(&found, reference, "{}", shown(&written));

    // Through `openapi.yaml`, and into pages again.
    let document = emit::to_yaml(&contract, "");
    let again = read::document(&document).map_err(|error| TestCaseError::fail(format!("{error}\n{document}")))?;
    prop_assert_eq!(canonical::full(&again.contract), canonical::full(&contract));
    let found = found::reference(&again.contract).map_err(TestCaseError::fail)?;
    let rewritten = pages(&found, second);
    let contract_again = inferred(&rewritten)?.contract;
    prop_assert_eq!(
        without_sentences(contract_again),
        without_sentences(contract),
        "{}\nand then\n{}",
        shown(&written),
        shown(&rewritten)
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contracts_say_what_pages_were_written_from(
        reference in model::reference(),
        first in page::dialect(),
        second in page::dialect(),
    ) {
        check(&reference, first, second)?;
    }
}

/// Found at random once, in its shortest form.
#[test]
fn a_carrier_that_a_sentence_names_is_the_one_that_a_heading_names() {
    let property =
        |name: &str| Property { name: format!("Alpha{name}"), ty: Ty::Scalar("string".to_owned()), description: None };
    let operation = Operation {
        id: "v1BoxAgent_Do0".to_owned(),
        tag: "Box".to_owned(),
        method: "GET".to_owned(),
        path: "/api/v1/Box/0".to_owned(),
        summary: "The text".to_owned(),
        description: None,
        parameters: Vec::new(),
        signs_in: false,
        request: None,
        statuses: vec![("200".to_owned(), "The text".to_owned())],
        answer: Some(Body { ty: Ty::Carrier("Alpha".to_owned()), media_types: vec!["application/xml".to_owned()] }),
    };
    let reference = Reference {
        carriers: [("Alpha".to_owned(), ["Weight", "Since", "Open", "Rank"].map(property).to_vec())].into(),
        operations: vec![operation],
    };
    let sentences = Dialect::default();
    check(&reference, sentences, Dialect { names_carriers: true, ..sentences }).unwrap();
}
