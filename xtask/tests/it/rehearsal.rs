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

fn check(name: &str, limits: Limits, expected_crates: usize) {
    let workspace = Workspace::locate().unwrap();
    let contract = contract(&workspace);
    let complaints = xtask::rehearse(&workspace, &contract, name, limits).unwrap();
    assert_eq!(complaints, Vec::<String>::new());
    let crates = std::fs::read_dir(workspace.target().join("rehearsal").join(name).join("crates")).unwrap().count();
    assert_eq!(crates, expected_crates);
}

#[test]
fn a_reference_of_every_construct_compiles() {
    check("small", Limits::default(), 3);
    check("split", Limits { carriers: 3, operations: 9 }, 14);
}
