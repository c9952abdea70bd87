//! Topics, members, presence and customers from the command line: how people run the service without demonstration data.

use std::path::Path;

use crate::schemes::{chat_server, said};

/// What a command that fails says.
#[track_caller]
fn refused(directory: &Path, arguments: &[&str]) -> String {
    let output = chat_server(directory, arguments).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?}: {said}");
    said
}

/// A folder with a database in which there are `kari` and the topic `Support`.
fn office() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("password"), "Blue mug\n").unwrap();
    let path = directory.path();
    said(path, &["user", "add", "kari", "--full-name", "Kari Lie", "--password-file", "password"]);
    assert_eq!(said(path, &["topic", "add", "Support", "--language", "en"]), "added topic 1, `Support`");
    directory
}

#[test]
fn topics_are_added_shown_changed_and_listed() {
    let office = office();
    let path = office.path();
    let hours = ["--hours", "mon-fri 08:00-11:30", "--hours", "mon-fri 12:00-16:00", "--hours", "sat 10:00-14:00"];
    let more = ["--time-zone", "Europe/Oslo", "--warn-after", "2m", "--warn-managers-after", "5m", "--post-chat-form"];
    let added =
        said(path, &[&["topic", "add", "Salg", "--welcome", "Hei!\nDu er nr. {cque}."], &hours[..], &more].concat());
    assert_eq!(added, "added topic 2, `Salg`");
    let shown = said(path, &["topic", "show", "Salg"]);
    assert_eq!(
        shown,
        "number\t2\nname\tSalg\nlanguage\tnone\nwelcome\tHei!\n\tDu er nr. {cque}.\ntime zone\tEurope/Oslo\n\
         open\tmon-fri 08:00-11:30; sat 10:00-14:00; mon-fri 12:00-16:00\nwarns\tafter 120s\n\
         warns managers\tafter 300s\npost-chat form\tyes\nlast accepted\tnever"
    );
    let set = ["topic", "set", "2", "--name", "Sales", "--welcome", "", "--no-hours", "--no-warn-managers-after"];
    assert_eq!(said(path, &set), "topic 2, `Sales`, is changed");
    assert_eq!(said(path, &["topic", "set", "Sales", "--no-hours"]), "topic 2, `Sales`, is so already");
    let shown = said(path, &["topic", "show", "Sales"]);
    for line in ["welcome\tnone", "open\talways", "warns\tafter 120s", "warns managers\tnever", "post-chat form\tyes"] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    let listed = said(path, &["topic", "list"]);
    assert_eq!(listed, "2\tSales\t\t0 members\t0 waiting\n1\tSupport\ten\t0 members\t0 waiting");
}

#[test]
fn wrong_topics_are_explained_and_change_nothing() {
    let office = office();
    let path = office.path();
    for (arguments, expected) in [
        (&["add", "Support"][..], "topic `Support` is in the database already"),
        (&["add", " Support"], "blanks at its ends"),
        (&["add", "x", "--time-zone", "Oslo"], "no time zone is called `Oslo`"),
        (&["add", "x", "--hours", "mon 8-16"], "expected days and times such as `mon-fri 08:00-16:00`"),
        (&["add", "x", "--hours", "fri 22:00-04:00"], "past midnight"),
        (
            &["add", "x", "--hours", "mon-fri 08:00-16:00", "--hours", "wed 15:00-20:00"],
            "the opening hours `wed 08:00-16:00` and `wed 15:00-20:00` overlap",
        ),
        (&["add", "x", "--warn-after", "5m", "--warn-managers-after", "2m"], "managers are not warned before members"),
        (&["add", "x", "--welcome", "\u{7}"], "the welcome message has the character U+0007"),
        (&["set", "Support"], "say what is to change"),
        (&["set", "support", "--language", "no"], "did you mean `Support`?"),
        (&["set", "7", "--language", "no"], "no topic has the name or number `7`"),
        (&["set", "Support", "--no-hours", "--hours", "mon 08:00-16:00"], "cannot be used with"),
        (&["set", "Support", "--time-zone", "Nowhere"], "no time zone is called"),
        (&["show", "Suport"], "`chat-server topic list` shows all"),
        (&["member", "Support", "nobody", "--permissions", "respond"], "no user is called `nobody`"),
        (&["member", "Nowhere", "kari", "--permissions", "respond"], "no topic has the name"),
        (&["member", "Support", "kari", "--permissions", "answer"], "expected `respond`"),
        (&["member", "Support", "kari"], "--permissions"),
    ] {
        let said = refused(path, &[&["topic"], arguments].concat());
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert_eq!(said(path, &["topic", "list"]), "1\tSupport\ten\t0 members\t0 waiting");
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(refused(elsewhere.path(), &["topic", "list"]).contains("there is no database file"));
}

#[test]
fn members_come_go_and_are_present() {
    let office = office();
    let path = office.path();
    let member = |user, permissions| said(path, &["topic", "member", "Support", user, "--permissions", permissions]);
    assert_eq!(member("KARI", "respond,notify"), "`kari` may respond, notify in `Support`");
    assert!(said(path, &["topic", "show", "1"]).ends_with("\nmember\tkari\trespond,notify"));
    assert_eq!(said(path, &["presence", "list"]), "1\tKari Lie\taway\t0 active\t1");
    assert_eq!(said(path, &["presence", "set", "kari", "on"]), "`kari` is present");
    assert_eq!(said(path, &["presence", "list"]), "1\tKari Lie\tpresent\t0 active\t1");
    assert_eq!(said(path, &["presence", "set", "kari", "off"]), "`kari` is away");
    assert!(refused(path, &["presence", "set", "ola", "on"]).contains("no user is called `ola`"));
    said(path, &["user", "disable", "kari"]);
    assert!(refused(path, &["presence", "set", "kari", "on"]).contains("may not sign in"));
    assert_eq!(member("kari", "none"), "`kari` is no member of `Support`");
    assert_eq!(said(path, &["presence", "list"]), "");
}

/// Two sessions of Marilyne, one of which is open, and one of somebody else.
const CUSTOMERS: &str = r#"
[[sessions]]
topic = "Support"
id = 1
status = "Closed"
user = "kari"
customer = { name = "Marilyne Mohr", email = "Marilyne@Example.com", host = "192.0.2.7" }
key = "0123456789abcdef0123456789abcdef"
requested = { minutes_ago = 1500 }
started = { minutes_ago = 1496 }
ended = { minutes_ago = 1470 }
messages = [
    { from = "customer", text = "Desk 14 does not move.", posted = { minutes_ago = 1500 } },
    { from = "agent", text = "Good morning!", posted = { minutes_ago = 1475 } },
]
[[sessions]]
topic = "Support"
id = 2
status = "InQueue"
customer = { name = "Marilyne Mohr", email = "marilyne@example.com" }
requested = { minutes_ago = 2 }
[[sessions]]
topic = "Support"
id = 3
status = "InQueue"
customer = { name = "Priya Nair", email = "priya@example.net" }
requested = { minutes_ago = 1 }
"#;

fn with_customers() -> tempfile::TempDir {
    let office = office();
    std::fs::write(office.path().join("sessions.toml"), CUSTOMERS).unwrap();
    said(office.path(), &["import", "sessions.toml"]);
    office
}

#[test]
fn customer_is_exported_without_what_is_secret() {
    let office = with_customers();
    let path = office.path();
    let export = ["customer", "export", "--email", "MARILYNE@example.com"];
    let printed = said(path, &export);
    let wrote = said(path, &[&export[..], &["--out", "marilyne.json"]].concat());
    assert_eq!(wrote, "wrote 2 sessions with 2 messages to `marilyne.json`");
    let text = std::fs::read_to_string(path.join("marilyne.json")).unwrap();
    for text in [&text, &printed] {
        for kept_back in ["0123456789abcdef", "SessionKey", "kari", "TableRight", "FieldProperties", "Priya"] {
            assert!(!text.contains(kept_back), "{kept_back}: {text}");
        }
    }
    let export: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(export["sessions"][0]["session"]["CustomerHost"], "192.0.2.7");
    assert_eq!(export["sessions"][0]["session"]["User"]["FullName"], "Kari Lie");
    assert_eq!(export["sessions"][0]["messages"][0]["Message"], "Desk 14 does not move.");
    assert_eq!(export["sessions"][1]["session"]["Status"], "InQueue");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path.join("marilyne.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(refused(path, &["customer", "export", "--email", "x", "--out", "nowhere/x.json"]).contains("cannot write"));
    let nobody = said(path, &["customer", "export", "--email", "nobody@example.com"]);
    assert!(nobody.contains(r#""sessions": []"#), "{nobody}");
    let mut names: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.retain(|name| name.to_string_lossy().ends_with(".new"));
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn customer_is_deleted_when_that_is_wanted() {
    let office = with_customers();
    let path = office.path();
    let delete = ["customer", "delete", "--email", "marilyne@example.com"];
    let open = refused(path, &[&delete[..], &["--yes"]].concat());
    assert!(open.contains("session 2: nothing was deleted"), "{open}");
    let unasked = refused(path, &[&delete[..], &["--end-open"]].concat());
    assert!(unasked.contains("add --yes"), "{unasked}");
    let count = |email| {
        let printed = said(path, &["customer", "export", "--email", email]);
        let export: serde_json::Value = serde_json::from_str(&printed).unwrap();
        export["sessions"].as_array().unwrap().len()
    };
    assert_eq!(count("marilyne@example.com"), 2);
    let deleted = said(path, &[&delete[..], &["--yes", "--end-open"]].concat());
    assert_eq!(deleted, "deleted 2 sessions of `marilyne@example.com` with 2 messages");
    assert_eq!((count("marilyne@example.com"), count("priya@example.net")), (0, 1));
    assert_eq!(said(path, &delete), "there are no sessions of `marilyne@example.com`");
}
