//! Which versions are pinned, read from where they are pinned.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// The version of `package` that the `package.json` or `requirements.in` of `folder` pins.
pub(super) fn version(folder: &Path, package: &str) -> anyhow::Result<String> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    of_requirements(&read("requirements.in"), package)
        .or_else(|| of_package_json(&read("package.json"), package))
        .with_context(|| format!("`{}` pins no `{package}`", folder.display()))
}

fn of_requirements(text: &str, package: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.strip_prefix(package)?.strip_prefix("=="))
        .map(|version| version.trim().to_owned())
}

fn of_package_json(text: &str, package: &str) -> Option<String> {
    let document: Value = serde_json::from_str(text).ok()?;
    let version = ["dependencies", "devDependencies"].iter().find_map(|kind| document[kind].get(package)?.as_str())?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use walkdir::WalkDir;

    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn versions_stand_where_packages_are_pinned() {
        let requirements = "# a comment\nmypy==2.4.1\nopenapi-generator-cli==7.26.0\n";
        assert_eq!(of_requirements(requirements, "openapi-generator-cli").as_deref(), Some("7.26.0"));
        assert_eq!(of_requirements(requirements, "openapi"), None);
        let package = r#"{ "dependencies": { "a": "1.0.0" }, "devDependencies": { "@b/c": "2.0.0" } }"#;
        assert_eq!(of_package_json(package, "a").as_deref(), Some("1.0.0"));
        assert_eq!(of_package_json(package, "@b/c").as_deref(), Some("2.0.0"));
        assert_eq!(of_package_json(package, "c"), None);
    }

    /// All that is installed is fixed, transitive packages with their hashes too, and comes from wherever the
    /// machine's registry is, not from where somebody once ran the tool.
    #[test]
    fn lock_files_fix_everything_and_name_no_machine() {
        let sdk = Workspace::locate().unwrap().sdk();
        let mut seen = 0;
        for entry in WalkDir::new(&sdk) {
            let path = entry.unwrap().into_path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let text = || fs::read_to_string(&path).unwrap();
            match name {
                "requirements.in" => {
                    let locked = fs::read_to_string(path.with_extension("txt")).unwrap();
                    let text = text();
                    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
                    for pinned in lines {
                        assert!(locked.lines().any(|line| line.starts_with(&format!("{pinned} "))), "{name}: {pinned}");
                    }
                }
                "requirements.txt" => {
                    let text = text();
                    assert!(!text.contains("://") && !text.contains("--index-url"), "{}", path.display());
                    let packages = text.lines().filter(|line| line.contains("==")).count();
                    assert!(packages > 0 && text.matches("--hash=sha256:").count() >= packages);
                }
                "package-lock.json" => {
                    let lock: Value = serde_json::from_str(&text()).unwrap();
                    for (package, entry) in lock["packages"].as_object().unwrap() {
                        assert!(package.is_empty() || entry["integrity"].is_string(), "{package}");
                        let from = entry["resolved"].as_str().unwrap_or("https://registry.npmjs.org/");
                        assert!(from.starts_with("https://registry.npmjs.org/"), "{package}: {from}");
                    }
                }
                "package.json" => {
                    let package: Value = serde_json::from_str(&text()).unwrap();
                    for kind in ["dependencies", "devDependencies"] {
                        for (package, version) in package[kind].as_object().into_iter().flatten() {
                            let version = version.as_str().unwrap();
                            assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{package} {version}");
                        }
                    }
                }
                _ => continue,
            }
            seen += 1;
        }
        assert!(seen > 10, "{seen}");
    }
}
