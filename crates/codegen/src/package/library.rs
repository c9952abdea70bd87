//! `lib.rs` of generated crates, from `lib.rs` of this workspace's own.

/// Where the generated module of a `lib.rs` begins and ends.
const GENERATED: (&str, &str) = ("#[rustfmt::skip]\n", "mod generated;\n");
const EXPORT: &str = "pub use generated::*;\n";

/// A `lib.rs` without its documentation.
pub(crate) fn modules(library: &str) -> String {
    let lines = library.lines().filter(|line| !line.starts_with("//!"));
    lines.flat_map(|line| [line, "\n"]).collect::<String>().trim_start().to_owned()
}

/// The same without the generated module, for the crate that holds support alone.
pub(crate) fn support(library: &str) -> String {
    let modules = modules(library);
    modules.replacen(generated(&modules), "", 1).replacen(EXPORT, "", 1)
}

/// The generated module with its attributes.
pub(crate) fn generated(library: &str) -> &str {
    let start = library.find(GENERATED.0).unwrap_or_default();
    let end = library[start..].find(GENERATED.1).map_or(start, |end| start + end + GENERATED.1.len());
    &library[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_and_generated_code_are_told_apart() {
        let library = "//! Docs.\n\nmod a;\n#[rustfmt::skip]\n#[allow(x)]\nmod generated;\nmod z;\n\n\
                       pub use a::A;\npub use generated::*;\n";
        assert_eq!(generated(library), "#[rustfmt::skip]\n#[allow(x)]\nmod generated;\n");
        assert_eq!(support(library), "mod a;\nmod z;\n\npub use a::A;\n");
        assert!(modules(library).starts_with("mod a;\n#[rustfmt::skip]\n"));
    }
}
