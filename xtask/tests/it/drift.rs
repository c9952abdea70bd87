//! Each copy of the workspace is broken in one place; the complaint must say where and what mends
//! it.

use std::fs;
use std::path::Path;

use xtask::{Mode, Reference, Status, Workspace, check_files, check_samples, plan_workspace};

/// Folders and files that generation reads or writes.
const PARTS: [&str; 11] = [
    "crates/pages/tests/fixtures",
    "crates/contract/tests/fixtures/diagnostics",
    "docs/breaking-changes.md",
    "docs/diagnostics.md",
    "documents",
    "documents.lock",
    "openapi.overlay.yaml",
    "openapi.yaml",
    "crates/models/src/generated",
    "crates/client/src/generated",
    "crates/api/src/generated",
];

/// A copy of the workspace that a test may break.
pub(crate) struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Workspace::locate().unwrap();
        for part in PARTS {
            copy(&root.root().join(part), &folder.path().join(part));
        }
        Self { folder }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Changes a text on every page that has it: a change of one alone would be a contradiction as well.
    fn edit_pages(&self, from: &str, to: &str) {
        let mut edited = 0;
        for page in fs::read_dir(self.folder.path().join("documents")).unwrap() {
            let path = page.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            edited += usize::from(text.contains(from));
            fs::write(&path, text.replace(from, to)).unwrap();
        }
        assert!(edited > 0, "no page has {from:?}");
    }

    /// Replaces `from`, which must stand in the file, once.
    fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.folder.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {}", path.display());
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn complaints(&self) -> Vec<String> {
        let workspace = Workspace::new(self.folder.path());
        let plan = plan_workspace(&workspace, None, false).unwrap();
        check_files(&workspace, &plan).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// The complaint about `path`, which must exist and name the mending command.
fn complaint<'c>(complaints: &'c [String], path: &str) -> &'c str {
    let found = complaints.iter().find(|complaint| complaint.contains(&format!("`{path}`")));
    let found = found.unwrap_or_else(|| panic!("no complaint about {path}: {complaints:#?}"));
    assert!(found.contains("run `cargo xtask generate`"), "{found}");
    found
}

#[test]
fn the_workspace_is_in_step() {
    let workspace = Workspace::locate().unwrap();
    let plan = plan_workspace(&workspace, None, false).unwrap();
    assert!(plan.reference.diagnostics.is_empty(), "{:#?}", plan.reference.diagnostics);
    let complaints = check_files(&workspace, &plan).unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(check_samples(&plan), Vec::<String>::new());
}

#[test]
fn where_the_documents_have_warnings_they_are_to_be_mended_before_anything_is_generated() {
    let copy = Copy::new();
    copy.edit("documents/v1ChatSessionEntity_PickUpFirstChatSession.md", "\"AlertLevel\": ", "\"AlertLevel\" ");
    let complaints = copy.complaints();
    let help = "help: mend the warnings above first, then run `cargo xtask generate`";
    assert!(complaint(&complaints, "openapi.yaml").contains(help), "{complaints:#?}");
}

#[test]
fn a_changed_type_of_a_page_is_noticed() {
    let copy = Copy::new();
    copy.edit_pages("| AlertLevel | int32 |", "| AlertLevel | string |");
    let complaints = copy.complaints();
    assert!(complaints.iter().all(|each| each.contains("\n  help: run `cargo xtask generate`")), "{complaints:#?}");
    let contract = complaint(&complaints, "openapi.yaml");
    assert!(contract.contains("AlertLevel"), "{contract}");
    assert!(contract.contains("openapi.yaml (as it is)"), "a diff is shown: {contract}");
    assert!(complaints.len() > 1, "the generated sources are stale too: {complaints:#?}");
}

#[test]
fn a_difference_is_explained_with_both_values_and_their_places() {
    const PICKUP: &str = "documents/v1ChatSessionEntity_PickUpFirstChatSession.md";
    type Break = fn(&Copy);
    let cases: [(Break, &[&str]); 4] = [
        (
            |copy| fs::remove_file(copy.folder.path().join(PICKUP)).unwrap(),
            &[
                "breaking[operation-removed]: POST /api/v1/ChatSession/Pickup",
                "openapi.yaml: v1ChatSessionEntity_PickUpFirstChatSession, at openapi.yaml:",
                "documents: (says nothing)\n",
            ],
        ),
        (
            |copy| copy.edit_pages("| AlertLevel | int32 |", "| AlertLevel | string |"),
            &[
                "breaking[response-type-changed]: ChatSessionEntity.AlertLevel: integer (int32) → string",
                "openapi.yaml: integer (int32), at openapi.yaml:",
                "documents: string, at documents/v1ChatSessionEntity_",
            ],
        ),
        (
            |copy| {
                copy.edit(
                    "openapi.yaml",
                    "    ChatSessionEntity:\n",
                    "    ChatSessionEntity:\n      required: [AlertLevel]\n",
                )
            },
            &[
                "[response-property-became-optional]: ChatSessionEntity.AlertLevel",
                "openapi.yaml: integer(int32) nullable required, at openapi.yaml:",
                "documents: integer(int32) nullable, at documents/v1ChatSessionEntity_",
            ],
        ),
        (
            |copy| copy.edit("openapi.yaml", "          - InQueue\n", ""),
            &[
                "[response-known-value-added]: ChatSessionEntity.Status: `InQueue`",
                "openapi.yaml: (says nothing), at openapi.yaml:",
                "documents: `InQueue`, at documents/v1ChatSessionEntity_",
            ],
        ),
    ];
    for (break_it, parts) in cases {
        let copy = Copy::new();
        break_it(&copy);
        let complaints = copy.complaints();
        let contract = complaint(&complaints, "openapi.yaml");
        for part in parts {
            assert!(contract.contains(part), "no {part:?} in {contract}");
        }
        let (told, diff) = (contract.find(parts[0]), contract.find("--- openapi.yaml (as it is)"));
        assert!(told < diff, "what it means stands before how it is written: {contract}");
    }
}

#[test]
fn every_changed_cell_of_a_page_is_noticed() {
    let copy = Copy::new();
    let workspace = Workspace::new(copy.folder.path());
    let committed = fs::read_to_string(copy.folder.path().join("documents.lock")).unwrap();
    let mut cells = 0;
    for page in ["v1ChatSessionEntity_ChatSessionsForUser", "v1ChatSessionEntity_PickUpFirstChatSession"] {
        let path = copy.folder.path().join(format!("documents/{page}.md"));
        let text = fs::read_to_string(&path).unwrap();
        for (end, _) in text.match_indices(" |\n").chain(text.match_indices(" | ")) {
            fs::write(&path, format!("{}x{}", &text[..end], &text[end..])).unwrap();
            let lock = Reference::read_for_lock(&workspace.documents()).unwrap().lock();
            assert_ne!(lock, committed, "byte {end} of {page} changed unseen");
            cells += 1;
        }
        fs::write(&path, text).unwrap();
    }
    assert!(cells > 200, "the pages have more than {cells} cells");
}

#[test]
fn a_changed_cell_that_the_contract_does_not_carry_is_noticed() {
    let copy = Copy::new();
    copy.edit("documents/v1ChatSessionEntity_PickUpFirstChatSession.md", "Content-type(s) you would", "What you would");
    let complaints = copy.complaints();
    let lock = complaint(&complaints, "documents.lock");
    assert!(lock.contains("documents/v1ChatSessionEntity_PickUpFirstChatSession.md"), "the page is named: {lock}");
}

#[test]
fn a_changed_description_of_a_page_is_noticed() {
    let copy = Copy::new();
    copy.edit(
        "documents/v1ChatSessionEntity_ChatSessionsForUser.md",
        "Get all chat sessions which this user is a member of.",
        "Get every chat session.",
    );
    let complaints = copy.complaints();
    assert!(complaint(&complaints, "openapi.yaml").contains("Get every chat session."));
}

#[test]
fn pages_that_contradict_each_other_are_named() {
    let copy = Copy::new();
    copy.edit(
        "documents/v1ChatSessionEntity_PickUpFirstChatSession.md",
        "| AlertLevel | int32 |",
        "| AlertLevel | bool |",
    );
    let workspace = Workspace::new(copy.folder.path());
    let plan = plan_workspace(&workspace, None, false).unwrap();
    let found = plan.reference.diagnostics.iter().find(|diagnostic| diagnostic.code == "contradicting-types");
    let found = found.expect("the pages contradict each other").render();
    assert!(found.contains("documents/v1ChatSessionEntity_PickUpFirstChatSession.md:"), "{found}");
    assert!(found.contains("`int32` was kept, from documents/v1ChatSessionEntity_AcceptTransfer.md:"), "{found}");
}

#[test]
fn a_changed_line_of_the_contract_is_noticed() {
    let copy = Copy::new();
    copy.edit("openapi.yaml", "The welcome message is sent to the customer.", "Nothing is sent.");
    let complaints = copy.complaints();
    let contract = complaint(&complaints, "openapi.yaml");
    assert!(contract.contains("Nothing is sent."), "{contract}");
    assert_eq!(complaints.len(), 1, "only the contract was changed: {complaints:#?}");
}

#[test]
fn a_changed_generated_line_is_noticed() {
    for package in ["models", "client", "api"] {
        let copy = Copy::new();
        let folder = format!("crates/{package}/src/generated");
        let mut files: Vec<_> = fs::read_dir(copy.folder.path().join(&folder)).unwrap().collect();
        files.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
        let file = files.iter().map(|entry| entry.as_ref().unwrap()).find(|entry| entry.path().is_file()).unwrap();
        let path = format!("{folder}/{}", file.file_name().to_string_lossy());
        let text = fs::read_to_string(file.path()).unwrap();
        fs::write(file.path(), format!("{text}// by hand\n")).unwrap();

        let complaints = copy.complaints();
        assert!(complaint(&complaints, &path).contains("-// by hand"), "{complaints:#?}");
        assert_eq!(complaints.len(), 1, "{complaints:#?}");
    }
}

#[test]
fn missing_and_orphaned_files_are_noticed_and_mended() {
    let copy = Copy::new();
    fs::remove_file(copy.folder.path().join("openapi.yaml")).unwrap();
    fs::write(copy.folder.path().join("crates/models/src/generated/old.rs"), "").unwrap();
    let complaints = copy.complaints();
    assert!(complaint(&complaints, "openapi.yaml").contains("error[missing]"));
    assert!(complaint(&complaints, "crates/models/src/generated/old.rs").contains("error[orphaned]"));

    let plan = plan_workspace(&Workspace::new(copy.folder.path()), None, false).unwrap();
    plan.files.apply(copy.folder.path(), Mode::Write).unwrap();
    assert!(copy.complaints().is_empty());
}

#[test]
fn a_sample_that_breaks_its_table_is_noticed() {
    let copy = Copy::new();
    copy.edit(
        "documents/v1ChatSessionEntity_PickUpFirstChatSession.md",
        "\"AlertLevel\": 11,",
        "\"AlertLevel\": \"x\",",
    );
    let workspace = Workspace::new(copy.folder.path());
    let plan = plan_workspace(&workspace, None, false).unwrap();
    let complaints = check_samples(&plan);
    assert!(complaints.len() == 1 && complaints[0].contains("/AlertLevel"), "{complaints:#?}");
}

#[test]
fn a_bad_page_stops_everything_unless_it_is_skipped() {
    let copy = Copy::new();
    let page =
        "---\ntitle: GET Nowhere\nid: v1ChatSessionEntity_PickUpFirstChatSession\n---\n\n```http\nGET /nowhere\n```\n";
    fs::write(copy.folder.path().join("documents/zz-copy.md"), page).unwrap();
    let workspace = Workspace::new(copy.folder.path());
    let plan = plan_workspace(&workspace, None, false).unwrap();
    assert!(plan.files.is_empty(), "nothing would be written");
    let rendered = plan.reference.diagnostics.iter().map(|d| d.render()).collect::<Vec<_>>().join("\n");
    assert!(rendered.contains("error[duplicate-id]"), "{rendered}");

    let plan = plan_workspace(&workspace, None, true).unwrap();
    let outcome = plan.files.apply(workspace.root(), Mode::Check).unwrap();
    let stale: Vec<&str> =
        outcome.files.iter().filter(|(_, status)| *status != Status::Fresh).map(|(path, _)| path.as_str()).collect();
    assert_eq!(stale, ["documents.lock"], "the other pages are read as ever");
}
