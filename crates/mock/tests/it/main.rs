//! The mock on a socket, called as clients call it.

mod call;
mod negotiation;
mod refusals;
mod requests;

use docwright_contract::{Contract, read, yaml};

/// A small contract with one operation for each thing that is tested.
fn library() -> Contract {
    let value = yaml::from_str(include_str!("library.yaml")).expect("the contract is YAML");
    read::from_value(&value).expect("the contract can be read")
}
