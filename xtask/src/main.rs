//! `cargo xtask`: turns documents into the contract and the contract into code, and checks that
//! they are in step. See `cargo xtask --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
