//! Components of operations where they are used.

use indexmap::IndexMap;

use crate::model::RefOr;

/// What is written in place, or the component that is named there; `None` where there is none.
pub(super) fn resolve<'c, T>(given: &'c RefOr<T>, components: &'c IndexMap<String, T>) -> Option<&'c T> {
    match given {
        RefOr::Inline(inline) => Some(inline),
        RefOr::Ref(name) => components.get(name),
    }
}
