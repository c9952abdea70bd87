//! Pages that are made up at random: the contract that is inferred from them says what the pages were written from, in
//! whatever dialect, and pages that are written from the contract lead to the same contract.

mod found;
mod model;
mod page;

use docwright_contract::infer::{Inferred, Source, infer};
use docwright_contract::{Contract, canonical, emit, read};
use docwright_pages::{Page, parse};
use proptest::prelude::*;

use self::page::pages;

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contracts_say_what_pages_were_written_from(
        reference in model::reference(),
        first in page::dialect(),
        second in page::dialect(),
    ) {
        let written = pages(&reference, first);
        let contract = inferred(&written)?.contract;
        let found = found::reference(&contract);
        let found = found.map_err(|why| TestCaseError::fail(format!("{why}\n{}", shown(&written))))?;
        prop_assert_eq!(&found, &reference, "{}", shown(&written));

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
    }
}
