//! What the sources give together.

use super::*;

fn source(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Source {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let flag = |(key, value): &(&str, &str)| Given {
        flag: format!("--set {key}"),
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    };
    Source {
        file: Some(("chat.toml".into(), file.to_owned())),
        variables: variables.iter().map(pair).collect(),
        flags: flags.iter().map(flag).collect(),
    }
}

fn problems(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    Settings::load(&source(file, variables, flags)).expect_err("something is wrong").to_string()
}

#[test]
fn flag_wins_over_variable_over_file_over_default() {
    let file = "[limits]\nmax_body_bytes = 1\nmax_header_bytes = 2_000\nrequest_timeout_ms = 3\n";
    let variables = [("CHAT_LIMITS_MAX_BODY_BYTES", "10"), ("CHAT_LIMITS_MAX_HEADER_BYTES", "3000"), ("HOME", "/root")];
    let limits = Settings::load(&source(file, &variables, &[("limits.max_body_bytes", "100")])).unwrap().limits;
    assert_eq!(limits.max_body_bytes, 100);
    assert_eq!(limits.max_header_bytes, 3000);
    assert_eq!(limits.request_timeout_ms, 3);
    assert_eq!(limits.shutdown_deadline_ms, LimitSettings::default().shutdown_deadline_ms);
}

#[test]
fn nothing_given_is_the_default() {
    assert_eq!(Settings::load(&Source::default()).unwrap(), Settings::default());
    let kubernetes = [("CHAT_SERVICE_HOST", "10.0.0.1"), ("CHAT_PORT", "tcp://10.0.0.1:80"), (FILE_VARIABLE, "x")];
    assert_eq!(Settings::load(&source("", &kubernetes, &[])).unwrap(), Settings::default());
}

#[test]
fn lists_and_texts_come_from_variables_too() {
    let variables = [
        ("CHAT_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
        ("CHAT_CORS_ALLOWED_ORIGINS", "https://a.example.com"),
        ("CHAT_INSTALLATION", "online"),
        ("CHAT_DOCS", "false"),
        ("CHAT_PUBLIC_URL", "https://chat.example.com/"),
    ];
    let settings = Settings::load(&source("", &variables, &[])).unwrap();
    assert_eq!(settings.trusted_proxies.len(), 2);
    assert_eq!(settings.cors_allowed_origins[0].as_str(), "https://a.example.com");
    assert_eq!(settings.installation, Installation::Online);
    assert!(!settings.docs);
    assert!(settings.public_url.unwrap().is_https());
}

#[test]
fn everything_wrong_is_said_at_once() {
    let said = problems(
        "listn = \"x\"\n[limits]\nmax_body_bytes = \"1 MB\"\n[log]\nformat = \"xml\"\n",
        &[("CHAT_LIMITS_MAX_HEADER_BYTES", "many"), ("CHAT_INSTALATION", "online")],
        &[("limits.request_timeout", "5")],
    );
    for expected in [
        "6 problems",
        "chat.toml:1: `listn`: there is no such key\n    help: did you mean `listen`?",
        "chat.toml:3: `limits.max_body_bytes`: expected a whole number from 1 to 1073741824, found `\"1 MB\"`\n    help: write `max_body_bytes = 1048576`",
        "chat.toml:5: `log.format`: expected one of `text`, `json`, found `\"xml\"`",
        "variable CHAT_LIMITS_MAX_HEADER_BYTES: `limits.max_header_bytes`: expected a whole number",
        "help: write `CHAT_LIMITS_MAX_HEADER_BYTES=32768`",
        "variable CHAT_INSTALATION: no key has this variable\n    help: did you mean CHAT_INSTALLATION?",
        "flag --set limits.request_timeout: `limits.request_timeout`: there is no such key",
        "did you mean `limits.request_timeout_ms`?",
    ] {
        assert!(said.contains(expected), "{expected}\n---\n{said}");
    }
}

#[test]
fn values_are_checked_where_they_stand() {
    for (file, expected) in [
        ("limits = 1", "chat.toml:1: `limits`: this is a section, not a value"),
        ("[limits]\nmax_body_bytes = 0", "from 1 to"),
        ("[limits]\nmax_body_bytes = 1.5", "found `1.5`"),
        ("[limits]\nmax_body_bytes = 99999999999", "from 1 to"),
        ("listen = \"8080\"", "chat.toml:1: `listen`: invalid socket address"),
        ("listen = 8080", "`listen`: expected a text, found `8080`"),
        ("database = 1", "`database`: expected a text, found `…`"),
        ("database = \"\"", "`database`: expected a text"),
        ("database = \"mysql://me:secret@db/chat\"", "chat.toml:1: `database`: expected `sqlite://FILE`"),
        ("database = \"postgres://me:secret@db:x/chat\"", "chat.toml:1: `database`: "),
        ("database = \"sqlite://\"", "`database`: expected `sqlite://FILE`"),
        ("database = \"sqlite://chat.db?secret=1\"", "`database`: "),
        ("[log]\nlevel = \"wran\"", "chat.toml:2: `log.level`: expected `error`, `warn`, `info`"),
        ("[log]\nlevel = \"chat_server=off\"", "`log.level`: `chat_server=off` would log nothing"),
        ("docs = \"no\"", "`docs`: expected `true` or `false`, found `\"no\"`"),
        ("trusted_proxies = \"10.0.0.1\"", "expected a list of texts"),
        ("trusted_proxies = [\"proxy\"]", "such as `10.0.0.0/8`, found `proxy`"),
        ("cors_allowed_origins = [\"*\"]", "without a path, found `*`"),
        ("public_url = \"chat.example.com\"", "`public_url`: expected `https://host`"),
        ("[password_cost]\nlanes = 200\nmemory_kib = 64", "`password_cost.memory_kib`: 64 KiB are too little"),
        ("listen = 127.0.0.1", "not TOML"),
        ("[limits]\n\n[limit]\nx = 1", "chat.toml:3: `limit`"),
    ] {
        let said = problems(file, &[], &[]);
        assert!(said.contains(expected), "{file}\n---\n{said}");
    }
    // A value that another wins over must be right too: the winner may go away.
    assert!(problems("listen = \"x\"", &[("CHAT_LISTEN", "127.0.0.1:1")], &[]).contains("chat.toml:1"));
}

#[test]
fn schema_is_the_committed_one() {
    let committed = include_str!("../../config.schema.json");
    let mend = "cargo run -p chat-server -- config --print-schema > crates/server/config.schema.json";
    assert!(committed == schema(), "config.schema.json is stale; {mend}");
}

/// The lines of the example with their values; those of keys without a default stand in comments.
fn example() -> (&'static str, String) {
    let text = include_str!("../../chat-server.example.toml");
    let bare = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if keys().iter().any(|key| rest.starts_with(&format!("{} = ", key.path))) => rest,
        _ => line,
    });
    (text, bare.collect::<Vec<_>>().join("\n"))
}

#[test]
fn example_holds_every_key_with_its_default_and_its_text() {
    let (text, bare) = example();
    let settings = Settings::load(&source(text, &[], &[])).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings, Settings::default());
    Settings::load(&source(&bare, &[], &[])).unwrap_or_else(|problems| panic!("{problems}"));

    let table: toml::Table = bare.parse().unwrap();
    let words = |text: &str| text.replace('#', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for key in keys() {
        let value =
            key.path.split('.').try_fold(toml::Value::Table(table.clone()), |value, name| value.get(name).cloned());
        assert!(value.is_some(), "`{}` is missing", key.path);
        assert!(words(text).contains(&words(&key.description)), "`{}`: its text is missing or another", key.path);
    }
}
