//! The reviewed surface of the generated client.

use std::fs;

use docwright_codegen::client;
use xtask::Workspace;

#[test]
fn client_surface() {
    let workspace = Workspace::locate().unwrap();
    let source = fs::read_to_string(workspace.root().join("crates/client/src/generated/mod.rs")).unwrap();
    insta::assert_snapshot!("client_surface", client::surface(&source).unwrap());
}
