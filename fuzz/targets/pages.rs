//! The page reader on any bytes: no panic, every place within the page, and the same page again
//! from the same text with other line ends.

#![no_main]

use docwright_pages::{Severity, is_damaged_page, is_reference_page, parse_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse_bytes("fuzz/page.md", bytes);
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= bytes.len(), "{diagnostic:?}");
        assert!(!diagnostic.render().chars().any(|c| c.is_control() && c != '\n'), "{diagnostic:?}");
    }
    let has_error = parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(parsed.page.is_none(), has_error, "a page is refused with an error, and only then");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(!is_reference_page(text) || !is_damaged_page(text));
    if let Some(page) = &parsed.page {
        let rows = page.response.iter().flat_map(|response| &response.properties).flatten();
        for span in rows.map(|row| row.name.span).chain([page.id.span, page.method.span, page.path_template.span]) {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is no place in the page");
        }
    }
});
