//! The database's file: made by the commands that are meant to, readable by its owner.

use crate::schemes::{chat_server, said};

#[test]
fn commands_that_look_make_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    std::fs::write(directory.join("password"), "x").unwrap();
    for arguments in [
        &["user", "list"][..],
        &["user", "set-password", "tje0", "--password-file", "password"],
        &["user", "sign-out", "tje0"],
        &["user", "disable", "tje0"],
        &["user", "enable", "tje0"],
        &["ticket", "list"],
        &["ticket", "issue", "tje0"],
        &["ticket", "revoke", "1"],
        &["token", "list"],
        &["token", "issue", "tje0"],
        &["token", "revoke", "1"],
        &["app", "list"],
        &["app", "revoke", "x"],
    ] {
        let output = chat_server(directory, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        for part in ["there is no database file `chat.db`", "chat-server migrate", "--database"] {
            assert!(said.contains(part), "{arguments:?}: {part}: {said}");
        }
        assert!(!directory.join("chat.db").exists(), "{arguments:?}");
    }
    said(directory, &["migrate"]);
    assert_eq!(said(directory, &["user", "list"]), "");
}

#[cfg(unix)]
mod modes {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use crate::schemes::{call, log_of, said, serve};

    fn mode(file: &Path) -> u32 {
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn new_database_is_its_owners_alone() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let (process, address) = serve(directory, &[]);
        assert_eq!(call(address, "Authorization: Basic dGplMDpUamUw").await, 200);
        for name in ["chat.db", "chat.db-wal", "chat.db-shm"] {
            assert_eq!(mode(&directory.join(name)), 0o600, "{name}");
        }
        let log = log_of(directory, process);
        assert!(!log.contains("may read the database"), "{log}");
    }

    #[tokio::test]
    async fn database_that_others_may_read_is_warned_of_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        said(directory, &["migrate"]);
        let file = directory.join("chat.db");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let (process, address) = serve(directory, &[]);
        assert_eq!(call(address, "Authorization: Basic dGplMDpUamUw").await, 200);
        assert_eq!(mode(&file), 0o640);
        let log = log_of(directory, process);
        let warning = log.lines().find(|line| line.contains("may read the database")).expect("a warning");
        assert!(warning.contains("WARN") && warning.contains("chat.db") && warning.contains("640"), "{warning}");
    }
}
