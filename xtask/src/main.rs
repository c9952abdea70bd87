//! `cargo xtask`: turns documents into the contract and the contract into code, and checks that
//! they are in step. See `cargo xtask --help`.

use std::process::ExitCode;

/// Thousands of pages are many small texts, which this allocator serves best, from several threads at once too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    xtask::main()
}
