//! What pages leave out about parameters.

use docwright_pages::page::{Page, ParameterRow};

use super::super::collect::Collector;
use super::super::kinds::UNDESCRIBED_PARAMETER;
use super::super::shape::is_described;
use super::check_prose;
use crate::model::{Location, Parameter, RefOr};
use crate::report::shape::may_be_enumerated;

/// Looks at every parameter of every operation.
pub(crate) fn check(pages: &mut Collector<'_>) {
    for (index, page, operation) in pages.documented() {
        for parameter in &operation.parameters {
            let parameter = match parameter {
                RefOr::Inline(parameter) => parameter,
                RefOr::Ref(name) => match pages.input.contract.parameters.get(name) {
                    Some(parameter) => parameter,
                    None => continue,
                },
            };
            let span = row(page, parameter).map_or(page.path_template.span, |row| row.name.span);
            let spot = pages.spot_of(index, span);
            let (name, location) = (&parameter.name, parameter.location.as_str());
            if !is_described(parameter.description.as_deref()) {
                let message = format!("the {location} parameter `{name}` has no description");
                pages.add(&UNDESCRIBED_PARAMETER, name, message, [spot]);
            } else if let Some(text) = parameter.description.as_deref()
                && may_be_enumerated(&parameter.schema)
            {
                check_prose(pages, name, text, |_| vec![spot]);
            }
        }
    }
}

/// The row that a parameter stands in.
fn row<'p>(page: &'p Page, parameter: &Parameter) -> Option<&'p ParameterRow> {
    let rows = match parameter.location {
        Location::Path => &page.path_parameters,
        Location::Query => &page.query_parameters,
        Location::Header | Location::Cookie => &page.headers,
    };
    rows.iter().find(|row| row.name.value.trim().eq_ignore_ascii_case(&parameter.name))
}
