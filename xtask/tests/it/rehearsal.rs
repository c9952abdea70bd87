//! A small reference that uses every construct becomes a workspace that compiles without a
//! warning, and whose server layer says what the contract says: in one crate each, and split.

use docwright_codegen::Limits;
use docwright_contract::correct::correct;
use docwright_contract::{Contract, emit, read, yaml};
use xtask::{Reference, Workspace};

fn contract(workspace: &Workspace) -> Contract {
    let mut reference = Reference::read(&workspace.root().join("xtask/tests/reference")).unwrap();
    assert!(!reference.has_errors());
    let inferred = reference.infer();
    let (contract, _) = correct(inferred.contract, None).unwrap();
    // Code starts from the bytes that people review.
    read::from_value(&yaml::from_str(&emit::to_yaml(&contract, "")).unwrap()).unwrap()
}

fn check(workspace: &Workspace, contract: &Contract, name: &str, limits: Limits, expected_crates: usize) {
    let complaints = xtask::rehearse(workspace, contract, name, limits).unwrap();
    assert_eq!(complaints, Vec::<String>::new());
    let crates = std::fs::read_dir(workspace.target().join("rehearsal").join(name).join("crates")).unwrap().count();
    assert_eq!(crates, expected_crates);
}

#[test]
fn a_reference_of_every_construct_compiles() {
    let workspace = Workspace::locate().unwrap();
    let contract = contract(&workspace);
    check(&workspace, &contract, "small", Limits::default(), 3);
    check(&workspace, &contract, "split", Limits { carriers: 3, operations: 9 }, 14);
}

/// What no page can say, and texts that the compiler refuses in comments.
#[test]
fn a_contract_of_somebody_else_compiles() {
    let workspace = Workspace::locate().unwrap();
    let text = std::fs::read_to_string(workspace.root().join("crates/api/tests/synthetic/openapi.yaml")).unwrap();
    // schemars knows no integer without a size.
    let text = text.replace("Big: { type: integer,", "Big: { type: integer, format: int64,");
    let mut contract = read::from_value(&yaml::from_str(&text).unwrap()).unwrap();
    contract.info.title = "A \u{202e}title\u{2066}\n```\n[of] <somebody>".to_owned();
    contract.info.version = "1.0 \u{202e}\u{e5}".to_owned();
    check(&workspace, &contract, "synthetic", Limits::default(), 3);
    contract.schemas.clear();
    contract.operations.retain(|operation| matches!(operation.operation_id.as_str(), "upload" | "resources"));
    check(&workspace, &contract, "bare", Limits::default(), 3);
}
