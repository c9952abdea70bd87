//! What the binary says of a wrong configuration, and where.

use std::path::Path;

use crate::schemes::chat_server;

/// What a command that fails says.
#[track_caller]
fn refused(directory: &Path, arguments: &[&str]) -> String {
    let output = chat_server(directory, arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?}: {said}");
    said
}

#[test]
fn wrong_key_is_named_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    for (setting, named) in [
        ("resources_folder=/nowhere/at/all", "`resources_folder`"),
        ("database=mysql://localhost/chat", "`database`"),
        ("database=sqlite://nowhere/at/all/chat.db", "`database`"),
        ("log.level=wran", "`log.level`"),
        ("password_cost.memory_kib=1", "`password_cost.memory_kib`"),
    ] {
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["config", "check"]] {
            let said = refused(directory.path(), &[command, &["--set", setting]].concat());
            assert!(said.contains(named), "{command:?} {setting}: {said}");
            for other in ["`resources_folder`", "`database`", "`log.level`", "`password_cost."] {
                assert!(!said.contains(other) || named.starts_with(other), "{command:?} {setting}: {said}");
            }
            assert!(!said.contains("listening") && !said.contains("is fine"), "{command:?} {setting}: {said}");
        }
    }
}

#[test]
fn check_looks_at_everything_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let said = refused(
        directory,
        &[
            "config",
            "check",
            "--set",
            "resources_folder=nowhere",
            "--set",
            "database=sqlite://elsewhere/chat.db?mode=rwc",
        ],
    );
    for part in ["`resources_folder` comes from --set", "`nowhere`", "`database` comes from", "no folder `elsewhere`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    std::fs::create_dir(directory.join("texts")).unwrap();
    std::fs::write(directory.join("texts/qq.toml"), "").unwrap();
    let said = refused(directory, &["config", "check", "--set", "resources_folder=texts"]);
    assert!(said.contains("qq.toml` is named after no known language"), "{said}");

    std::fs::rename(directory.join("texts/qq.toml"), directory.join("texts/de.toml")).unwrap();
    for database in ["sqlite://chat.db", "sqlite://texts/chat.db", "sqlite::memory:"] {
        let database = format!("database={database}");
        let arguments = ["config", "check", "--set", "resources_folder=texts", "--set", &database];
        let output = chat_server(directory, &arguments).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "the configuration is fine\n", "{database}");
    }
    assert!(!directory.join("chat.db").exists() && !directory.join("texts/chat.db").exists());
}
