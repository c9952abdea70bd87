//! Programs that a machine may have or not.

use std::path::PathBuf;

/// The file that runs when a shell is told this name.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What we are measured beside: the program that the variable names, or the one of this name.
///
/// # Errors
/// What is missing, and how to get it.
pub fn peer(variable: &str, name: &str) -> Result<PathBuf, String> {
    let named = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| find(name)).ok_or_else(|| {
        format!("there is no `{name}`: install it, or let `cargo xtask bench --install-peers` do it for the one run")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_or_not() {
        assert!(find("cargo").is_some());
        assert_eq!(find("docwright-has-no-such-program"), None);
        assert!(
            peer("DOCWRIGHT_NO_SUCH_VARIABLE", "docwright-has-no-such-program")
                .unwrap_err()
                .contains("--install-peers")
        );
    }
}
