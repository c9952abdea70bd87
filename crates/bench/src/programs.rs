//! Programs that a machine may have or not, and cargo.

use std::path::PathBuf;
use std::process::Command;

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

/// Keeps from a cargo what another one told this process of its own package. Build scripts ask for that too (ring's does), so
/// they and all that depends on them would be compiled again each time that cargo is run from a shell and from here in turn.
pub fn forget_package(command: &mut Command) -> &mut Command {
    let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_package) {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cargo_is_not_told_of_the_package_that_runs_it() {
        // Cargo tells tests of theirs.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let mut command = Command::new("cargo");
        let forgotten: Vec<_> = forget_package(command.env("CARGO_INCREMENTAL", "0")).get_envs().collect();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            assert!(forgotten.contains(&(name.as_ref(), None)), "{name}: {forgotten:?}");
        }
        assert!(forgotten.contains(&("CARGO_INCREMENTAL".as_ref(), Some("0".as_ref()))));
    }

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
