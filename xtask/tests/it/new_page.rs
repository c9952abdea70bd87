//! `cargo xtask new-page`: what it writes is read as it was asked for.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use docwright_contract::Contract;
use docwright_contract::model::{Operation, Parameter, RefOr, Schema, Type};
use docwright_pages::template;
use tempfile::TempDir;
use xtask::{Reference, Workspace};

/// What an author writes where a text waits.
const FILLED_IN: [(&str, &str); 6] = [
    (template::SUMMARY, "Does it."),
    (template::PATH_PART, "Which one."),
    (template::QUERY_PARAMETER, "How many."),
    (template::REQUEST_BODY, "Something to keep."),
    (template::CARRIER, "Something that is kept."),
    (template::PROPERTY, "A part of it."),
];
/// The pages that all others are written after.
const GIVEN: [&str; 2] =
    ["v1ChatSessionEntity_ChatSessionsForUser.md", "v1ChatSessionEntity_PickUpFirstChatSession.md"];
const SESSION: &str = "/api/v1/ChatSession/{chatSessionId}";

/// The given pages in a folder of their own.
struct Pages {
    folder: TempDir,
}

impl Pages {
    fn given() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("documents")).unwrap();
        for name in GIVEN {
            let page = Workspace::locate().unwrap().documents().join(name);
            fs::copy(page, folder.path().join("documents").join(name)).unwrap();
        }
        Self { folder }
    }

    fn documents(&self) -> PathBuf {
        self.folder.path().join("documents")
    }

    fn new_page(&self, arguments: &[&str]) -> Run {
        xtask(&[&["new-page", "--out", self.documents().to_str().unwrap()], arguments].concat())
    }

    fn generate(&self) -> Run {
        let (documents, out) = (self.documents(), self.folder.path().join("out"));
        let folders = ["--documents", documents.to_str().unwrap(), "--out", out.to_str().unwrap()];
        xtask(&[&["generate", "--contract-only", "--deny-warnings"], &folders[..]].concat())
    }

    /// The contract, and the codes of all diagnostics.
    fn contract(&self) -> (Contract, Vec<&'static str>) {
        let mut reference = Reference::read(&self.documents()).unwrap();
        let contract = reference.infer().contract;
        (contract, reference.diagnostics.iter().map(|diagnostic| diagnostic.code).collect())
    }

    fn fill_in(&self, id: &str) {
        let page = self.documents().join(format!("{id}.md"));
        let text = fs::read_to_string(&page).unwrap();
        fs::write(&page, FILLED_IN.iter().fold(text, |text, (blank, written)| text.replace(blank, written))).unwrap();
    }

    fn count(&self) -> usize {
        fs::read_dir(self.documents()).unwrap().count()
    }
}

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn xtask(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A schema in a word.
fn word(schema: &Schema) -> String {
    match &schema.ty {
        Type::Ref(name) => name.clone(),
        Type::Array { items } => format!("[{}]", word(items)),
        Type::Boolean => "bool".to_owned(),
        Type::Integer { format } | Type::Number { format } => format.clone().unwrap_or_default(),
        Type::String { .. } if !schema.enumeration.is_empty() => "enum".to_owned(),
        Type::String { format } => format.clone().unwrap_or("string".to_owned()),
        other => format!("{other:?}"),
    }
}

/// An operation in a line: its own parameters, what it takes, what it answers.
fn line(operation: &Operation) -> String {
    let parameter = |parameter: &Parameter| {
        let mark = if parameter.required { "!" } else { "" };
        format!("{}:{}{mark} ", parameter.name, word(&parameter.schema))
    };
    let own = operation.parameters.iter().filter_map(|each| match each {
        RefOr::Inline(own) => Some(parameter(own)),
        RefOr::Ref(_) => None,
    });
    let body = operation.request_body.as_ref().and_then(|body| body.content.values().next()?.schema.as_ref());
    let answers = operation.responses.iter().map(|(status, response)| {
        let RefOr::Inline(response) = response else { panic!("the pages share no answers") };
        let schema = response.content.values().next().and_then(|content| content.schema.as_ref());
        format!(" {status}{}", schema.map(|schema| format!("={}", word(schema))).unwrap_or_default())
    });
    format!("{}<{}>{}", own.collect::<String>(), body.map(word).unwrap_or_default(), answers.collect::<String>())
}

/// One skeleton beside the given pages: the operation that it is read as, and the carriers that it adds.
#[track_caller]
fn check(arguments: &[&str], id: &str, operation: &str, new_carriers: &[&str]) {
    let pages = Pages::given();
    let (before, _) = pages.contract();
    let run = pages.new_page(arguments);
    assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
    assert!(run.stdout.contains(&format!("as `{id}`")), "{}", run.stdout);

    // Nothing is odd but the texts that wait, and each of those is named with its line.
    let page = pages.documents().join(format!("{id}.md"));
    let text = fs::read_to_string(&page).unwrap();
    let (_, codes) = pages.contract();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "placeholder-text"), "{arguments:?}: {codes:?}");
    for (number, row) in text.lines().enumerate() {
        let is_blank = FILLED_IN.iter().any(|(blank, _)| row.contains(blank));
        let named = run.stdout.contains(&format!("{}:{}: What", page.display(), number + 1));
        assert_eq!(named, is_blank, "{arguments:?}, line {}: {}", number + 1, run.stdout);
    }
    let denied = pages.generate();
    assert_eq!(denied.code, Some(1));
    assert!(denied.stderr.contains("warning[placeholder-text]"), "{}", denied.stderr);

    pages.fill_in(id);
    let (after, codes) = pages.contract();
    assert_eq!(codes, Vec::<&str>::new(), "{arguments:?}");
    let found = after.operations.iter().find(|operation| operation.operation_id == id).unwrap();
    assert_eq!(line(found), operation, "{arguments:?}");
    let added: BTreeSet<&String> = after.schemas.keys().filter(|name| !before.schemas.contains_key(*name)).collect();
    assert_eq!(added, new_carriers.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().iter().collect());
    for (name, schema) in &before.schemas {
        let is_filled = name == "Address" && after.schemas[name].ty != schema.ty;
        assert!(after.schemas[name].ty == schema.ty || is_filled, "{arguments:?} changes {name}");
    }
    let generated = pages.generate();
    assert_eq!(generated.code, Some(0), "{arguments:?}: {}", generated.stderr);
}

#[test]
fn skeletons_are_read_as_they_were_asked_for() {
    let messages = "/api/v1/ChatSession/{chatSessionId}/Messages";
    check(&["POST", messages], "v1ChatSessionEntity_PostMessages", "chatSessionId:int32! <> 204", &[]);
    check(
        &["GET", "/api/v1/ChatTopic/{chatTopicId}/IsOpen", "--carrier", "bool"],
        "v1ChatTopicEntity_IsOpen",
        "chatTopicId:int32! <> 200=bool",
        &[],
    );
    check(
        &["get", SESSION, "--carrier", "ChatSessionEntity", "--status", "200", "--status", "404"],
        "v1ChatSessionEntity_GetChatSessionEntity",
        "chatSessionId:int32! <> 200=ChatSessionEntity 404",
        &[],
    );
    check(
        &["PUT", SESSION, "--carrier", "ChatSessionEntity", "--body", "ChatSessionEntity", "--id", "putIt"],
        "putIt",
        "chatSessionId:int32! <ChatSessionEntity> 200=ChatSessionEntity",
        &[],
    );
    check(
        &["POST", messages, "--body", "ChatMessage", "--carrier", "ChatMessage", "--no-sign-in"],
        "v1ChatSessionEntity_PostMessages",
        "chatSessionId:int32! <ChatMessage> 200=ChatMessage",
        &["ChatMessage"],
    );
    check(
        &["PATCH", "/api/v1/ChatSession/{key:string}", "--body", "Patch", "--status", "204"],
        "v1ChatSessionEntity_PatchChatSessionEntity",
        "key:string! <Patch> 204",
        &["Patch"],
    );
    check(&["DEL", SESSION], "v1ChatSessionEntity_DeleteChatSessionEntity", "chatSessionId:int32! <> 204", &[]);
    check(
        &["POST", "/api/v1/Flag", "--body", "bool", "--carrier", "string", "--array"],
        "v1FlagEntity_PostFlagEntity",
        "<bool> 200=[string]",
        &[],
    );
}

#[test]
fn every_carrier_with_a_shape_of_its_own_is_recognised() {
    for carrier in ["ChatSessionEntity", "Associate", "Person", "Contact", "Project", "Sale", "Ticket", "Address"] {
        let arguments = ["GET", "/api/v1/Some/Thing", "--array", "--carrier", carrier];
        check(&arguments, "v1SomeEntity_GetThing", &format!("<> 200=[{carrier}]"), &[]);
        let arguments = ["POST", "/api/v1/Some/Thing", "--body", carrier];
        check(&arguments, "v1SomeEntity_PostThing", &format!("<{carrier}> 204"), &[]);
    }
}

#[test]
fn bodies_may_be_lists() {
    let path = "/api/v1/ChatSession/Messages";
    for (body, operation, new) in [
        ("ChatMessage", "<[ChatMessage]> 204", &["ChatMessage"][..]),
        ("ChatSessionEntity", "<[ChatSessionEntity]> 204", &[]),
        ("Associate", "<[Associate]> 204", &[]),
        ("int32", "<[int32]> 204", &[]),
        ("date-time", "<[date-time]> 204", &[]),
    ] {
        let arguments = ["POST", path, "--body-array", "--body", body];
        check(&arguments, "v1ChatSessionEntity_PostMessages", operation, new);
    }
}

#[test]
fn parameters_of_the_query_have_their_types() {
    let queries = ["$select:string", "limit:int32:required", "ids:array", "state:Enum:A,B:required", "since:date-time"];
    let mut arguments = vec!["GET", "/api/v1/ChatSession/Search", "--carrier", "Associate", "--array"];
    arguments.extend(queries.iter().flat_map(|query| ["--query", query]));
    check(
        &arguments,
        "v1ChatSessionEntity_GetSearch",
        "$select:string limit:int32! ids:[string] state:enum! since:date-time <> 200=[Associate]",
        &[],
    );
}

/// The names of a page's header rows.
fn header_rows(pages: &Pages, id: &str) -> Vec<String> {
    let text = fs::read_to_string(pages.documents().join(format!("{id}.md"))).unwrap();
    let page = docwright_pages::parse("page.md", &text).page.unwrap();
    page.headers.into_iter().map(|row| row.name.value).collect()
}

#[test]
fn only_rows_that_are_about_all_operations_are_copied() {
    const LANGUAGES: [&str; 5] = ["Accept-Language", "SO-Language", "SO-Culture", "SO-TimeZone", "SO-AppToken"];
    fn all<'n>(first: &[&'n str], last: &[&'n str]) -> Vec<&'n str> {
        [first, &LANGUAGES, last].concat()
    }
    // Both pages have a row of which nothing is known, one has rows about its own operation.
    let pages = Pages::given();
    let row = "| SO-AppToken |";
    let edit = |name: &str, rows: &str| {
        let page = pages.documents().join(name);
        let text = fs::read_to_string(&page).unwrap();
        fs::write(page, text.replace(row, &format!("{rows}\n{row}"))).unwrap();
    };
    let own = "| Last-Event-ID | Where to go on |\n| X-Chat-Session-Key | Mine |\n| Idempotency-Key | Mine too |";
    edit(GIVEN[0], &format!("{own}\n| X-Trace | A trace |"));
    edit(GIVEN[1], "| X-Trace | A trace |");
    let mut arguments = vec!["POST", "/api/v1/ChatSession/One", "--body", "bool"];
    assert_eq!(pages.new_page(&arguments).code, Some(0));
    let sign_in = ["Authorization", "X-XSRF-TOKEN"];
    let mut expected = all(&[&sign_in[..], &["Content-Type"]].concat(), &[]);
    expected.insert(expected.len() - 1, "X-Trace");
    assert_eq!(header_rows(&pages, "v1ChatSessionEntity_PostOne"), expected);

    // Those of single operations are to be asked for, and say what the pages say of them.
    arguments[1] = "/api/v1/ChatSession/Two";
    arguments.extend(["--session-key", "--idempotent"]);
    let run = pages.new_page(&arguments);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stdout.contains("overlay"), "another folder has none: {}", run.stdout);
    expected.insert(2, "X-Chat-Session-Key");
    expected.push("Idempotency-Key");
    assert_eq!(header_rows(&pages, "v1ChatSessionEntity_PostTwo"), expected);
    let text = fs::read_to_string(pages.documents().join("v1ChatSessionEntity_PostTwo.md")).unwrap();
    assert!(
        text.contains("| X-Chat-Session-Key | Mine |\n") && text.contains("| Idempotency-Key | Mine too |\n"),
        "{text}"
    );

    let pages = Pages::given();
    let arguments = ["DELETE", "/api/v1/Some/Thing", "--session-key", "--idempotent"];
    assert_eq!(pages.new_page(&arguments).code, Some(0));
    let expected = all(&["Authorization", "X-XSRF-TOKEN", "X-Chat-Session-Key"], &["Idempotency-Key"]);
    assert_eq!(header_rows(&pages, "v1SomeEntity_DeleteThing"), expected);
}

#[test]
fn skeletons_stand_beside_each_other() {
    let pages = Pages::given();
    let message = "/api/v1/ChatSession/{chatSessionId}/Message";
    let one = format!("{message}/{{messageId}}");
    for arguments in [
        &["POST", message, "--body", "ChatMessage", "--carrier", "ChatMessage"][..],
        &["GET", message, "--carrier", "ChatMessage", "--array"],
        &["GET", &one, "--carrier", "ChatMessage"],
        &["PUT", &one, "--body", "ChatMessage"],
        &["DELETE", &one],
    ] {
        let run = pages.new_page(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
    }
    let (contract, codes) = pages.contract();
    assert!(codes.iter().all(|code| *code == "placeholder-text"), "{codes:?}");
    let ids: Vec<&str> = contract.operations.iter().map(|operation| operation.operation_id.as_str()).collect();
    assert!(ids.contains(&"v1ChatSessionEntity_GetMessageByMessageId"), "{ids:?}");
    let messages: Vec<&String> = contract.schemas.keys().filter(|name| name.contains("Message")).collect();
    assert_eq!(messages, ["ChatMessage"]);
}

#[test]
fn a_folder_without_pages_gets_its_first() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/pages");
    let arguments = ["new-page", "GET", "/api/v1/Some/Thing", "--carrier", "Associate", "--out"];
    let run = xtask(&[&arguments[..], &[out.to_str().unwrap()]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut reference = Reference::read(&out).unwrap();
    let contract = reference.infer().contract;
    assert!(reference.diagnostics.iter().all(|diagnostic| diagnostic.code == "placeholder-text"));
    assert_eq!(line(&contract.operations[0]), "<> 200=Associate");
    assert!(contract.security_schemes.contains_key("soTicket"));
}

#[test]
fn what_cannot_be_is_refused_with_a_remedy() {
    let pages = Pages::given();
    let pickup = "/api/v1/ChatSession/Pickup";
    fs::write(pages.documents().join("v1Thing_Get.md"), "# Notes\n").unwrap();
    for (arguments, code, parts) in [
        (&["FETCH", "/a"][..], 2, &["`FETCH` is no method", "one of GET, PUT"][..]),
        (&["GET", "a"], 2, &["`a` is no path", "in quotes"]),
        (&["GET", "/api/v1/Thing"], 2, &["a GET answers something", "--carrier bool"]),
        (
            &["POST", pickup],
            2,
            &[
                "`POST /api/v1/ChatSession/Pickup` is described already, as `v1ChatSessionEntity_PickUpFirstChatSession`",
                "--> documents/v1ChatSessionEntity_PickUpFirstChatSession.md:9",
            ],
        ),
        (
            &["PUT", pickup, "--id", "v1chatsessionentity_pickupfirstchatsession"],
            2,
            &["is taken", "--> documents/v1ChatSessionEntity_PickUpFirstChatSession.md:3", "another id"],
        ),
        (&["PUT", pickup, "--id", "../x"], 2, &["`../x` is no id", "letters, digits"]),
        (&["PUT", "/api/v1/{id}"], 2, &["no word to make an id of", "--id"]),
        (&["PUT", "/api/v1/Thing", "--id", "v1Thing_Get"], 2, &["v1Thing_Get.md` is there already", "remove it"]),
        (&["GET", "/a", "--carrier", "chatsessionentity"], 2, &["did you mean `ChatSessionEntity`?"]),
        (&["GET", "/a", "--carrier", "boolean"], 2, &["neither a carrier nor a type", "`bool`"]),
        (&["GET", "/a", "--carrier", "bool", "--body", "bool"], 2, &["a GET has no body", "leave `--body` away"]),
        (&["GET", "/a", "--carrier", "bool", "--status", "204"], 2, &["none of the statuses has content"]),
        (&["GET", "/a", "--array"], 2, &["--carrier"]),
        (&["POST", "/a", "--body-array"], 2, &["--body"]),
        (
            &["GET", "/a", "--carrier", "bool", "--idempotent"],
            2,
            &["a GET changes nothing", "leave `--idempotent` away"],
        ),
        (&["POST", "/a", "--session-key", "--no-sign-in"], 2, &["--no-sign-in"]),
        (&["POST", "/a", "--query", "x:integer"], 2, &["`integer` is no type", "`int32`"]),
        (&["POST", "/a/{x}", "--query", "x"], 2, &["two parameters are called `x`"]),
        (&["POST", "/a", "--status", "299"], 1, &["warning[unknown-status]"]),
        (&["GET", "/a", "--carrier", "TableRight"], 1, &["`TableRight` would not be recognised", "or a new name"]),
    ] {
        let run = pages.new_page(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {}{}", run.stdout, run.stderr);
        for part in parts {
            assert!(run.stderr.contains(part), "no {part:?} for {arguments:?} in {}", run.stderr);
        }
        assert_eq!(pages.count(), 3, "{arguments:?} wrote a file");
    }
    assert_eq!(fs::read_to_string(pages.documents().join("v1Thing_Get.md")).unwrap(), "# Notes\n");
}

#[test]
fn names_of_a_paths_parameters_are_those_of_the_other_pages() {
    let pages = Pages::given();
    assert_eq!(pages.new_page(&["DELETE", SESSION]).code, Some(0));
    let run = pages.new_page(&["PUT", "/api/v1/ChatSession/{id}"]);
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    for part in ["v1ChatSessionEntity_DeleteChatSessionEntity.md:9", "name its parameters alike", SESSION] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}
