//! The texts that references such as `[SR_SOMETHING]` stand for: a TOML file a language.
//!
//! English and Norwegian are built in; a folder may add languages and replace single texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chat_api::{LanguageTag, Resources};

/// The languages that are built in. The first is what is said where nothing matches.
const EMBEDDED: &[(&str, &str)] =
    &[("en", include_str!("../resources/en.toml")), ("no", include_str!("../resources/no.toml"))];

/// How the names begin.
const PREFIX: &str = "SR_";

/// Texts by name and language.
#[derive(Clone, Debug, Default)]
pub struct ResourceTexts {
    /// The texts of a name by the language's tag, English first.
    texts: BTreeMap<String, Vec<(String, String)>>,
}

/// Why texts cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read the texts in `{}`", .path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is named after no language.
    #[error("`{}` is named after no known language: it should be called `de.toml` or the like", .0.display())]
    Language(PathBuf),
    /// A file does not hold texts by name.
    #[error("`{file}` does not hold texts by name: {message}")]
    Content {
        /// Which one.
        file: String,
        /// What is wrong.
        message: String,
    },
}

impl ResourceTexts {
    /// The built-in texts.
    ///
    /// # Errors
    /// None that the tests would not show.
    pub fn embedded() -> Result<Self, ResourceError> {
        let mut all = Self::default();
        for (language, text) in EMBEDDED {
            all.add(language, &format!("{language}.toml"), text)?;
        }
        Ok(all)
    }

    /// The built-in texts with those of a folder: every file `LANGUAGE.toml` adds to them, and replaces what has the same
    /// name and language. Other files are passed over.
    ///
    /// # Errors
    /// - The folder or a file cannot be read.
    /// - A file's name is no language, or it does not hold texts by name.
    pub fn with_folder(folder: &Path) -> Result<Self, ResourceError> {
        let mut all = Self::embedded()?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| ResourceError::Read { path, source }
        };
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut paths: Vec<PathBuf> = entries.map_err(failed(folder))?.into_iter().map(|entry| entry.path()).collect();
        // The same texts in the same order on every machine.
        paths.sort_unstable();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
            let language =
                path.file_stem().and_then(|stem| stem.to_str()).filter(|tag| LanguageTag::vendor(tag).is_known());
            let language = language.ok_or_else(|| ResourceError::Language(path.clone()))?;
            let text = std::fs::read_to_string(path).map_err(failed(path))?;
            all.add(language, &path.display().to_string(), &text)?;
        }
        Ok(all)
    }

    fn add(&mut self, language: &str, file: &str, text: &str) -> Result<(), ResourceError> {
        let wrong = |message: String| ResourceError::Content { file: file.to_owned(), message };
        let texts: BTreeMap<String, String> = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (name, text) in texts {
            let is_name = name.starts_with(PREFIX) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !is_name {
                return Err(wrong(format!(
                    "`{name}` is no name: it should be `{PREFIX}` with letters, digits and `_`"
                )));
            }
            if let Some(c) = chat_models::xml::uncarried(&text) {
                let code = u32::from(c);
                return Err(wrong(format!("`{name}`: XML cannot carry the character U+{code:04X}: remove it")));
            }
            let languages = self.texts.entry(name).or_default();
            match languages.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(language)) {
                Some((_, known)) => *known = text,
                None => languages.push((language.to_owned(), text)),
            }
        }
        Ok(())
    }
}

impl Resources for ResourceTexts {
    fn texts(&self, name: &str) -> Vec<(&str, &str)> {
        let texts = self.texts.get(name).map(Vec::as_slice).unwrap_or_default();
        texts.iter().map(|(language, text)| (language.as_str(), text.as_str())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_names_and_values() {
        let all = ResourceTexts::embedded().unwrap();
        assert!(!all.texts.is_empty());
        for (name, texts) in &all.texts {
            let languages: Vec<&str> = texts.iter().map(|(language, _)| language.as_str()).collect();
            assert_eq!(languages, EMBEDDED.iter().map(|(language, _)| *language).collect::<Vec<_>>(), "{name}");
            let values = |text: &str| {
                let mut values: Vec<String> =
                    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
                values.sort_unstable();
                values
            };
            assert!(texts.iter().all(|(_, text)| values(text) == values(&texts[0].1)), "{name}");
        }
    }

    /// The names between quotes or brackets in the code of the service and of its layer, which errors and reasons are
    /// made of.
    fn names_in_code() -> std::collections::BTreeSet<String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![manifest.join("src"), manifest.join("../api/src")];
        let mut names = std::collections::BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&entry).unwrap();
                    let code = text.split("#[cfg(test)]").next().unwrap();
                    for prefix in ["SR_ERROR_", "SR_RIGHT_"] {
                        for (at, _) in code.match_indices(prefix) {
                            let name = &code[at..];
                            let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap();
                            names.insert(name[..end].to_owned());
                        }
                    }
                }
            }
        }
        names
    }

    #[test]
    fn every_error_and_reason_of_the_code_has_its_text_and_no_text_is_left_over() {
        let all = ResourceTexts::embedded().unwrap();
        let is_of_code = |name: &&String| name.starts_with("SR_ERROR_") || name.starts_with("SR_RIGHT_");
        let known: Vec<&String> = all.texts.keys().filter(is_of_code).collect();
        assert_eq!(names_in_code().iter().collect::<Vec<_>>(), known);
    }

    #[test]
    fn a_folder_adds_languages_and_replaces_texts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("de.toml"), "SR_CATEGORY_VIP = \"VIP-Kunde\"\nSR_NEW = \"neu\"").unwrap();
        std::fs::write(folder.path().join("EN.toml"), "SR_CATEGORY_VIP = \"Very important\"").unwrap();
        std::fs::write(folder.path().join("README.md"), "not a language").unwrap();
        let all = ResourceTexts::with_folder(folder.path()).unwrap();
        assert_eq!(all.texts("SR_CATEGORY_VIP"), [("en", "Very important"), ("no", "VIP-kunde"), ("de", "VIP-Kunde")]);
        assert_eq!(all.texts("SR_NEW"), [("de", "neu")]);
        assert_eq!(all.texts("SR_UNKNOWN"), []);
    }

    #[test]
    fn broken_folders_are_refused() {
        for (file, text, expected) in [
            ("qq.toml", "", "named after no known language"),
            ("de.toml", "SR_X = 1", "does not hold texts by name"),
            ("de.toml", "X = \"x\"", "`X` is no name"),
            ("de.toml", "SR_X = \"a\\u0007\"", "`SR_X`: XML cannot carry the character U+0007"),
            ("de.toml", "SR_X", "does not hold texts by name"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), text).unwrap();
            let error = ResourceTexts::with_folder(folder.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(ResourceTexts::with_folder(Path::new("/nowhere/at/all")).is_err());
    }
}
