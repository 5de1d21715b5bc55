//! Leaves the tables for unwinding out of the release binary, of which they are an eighth.
//!
//! A release aborts where it panics, and is stripped: nothing unwinds it, and a backtrace would be of addresses alone. The
//! panic's message and place are not in these tables. Their own option (`-C force-unwind-tables=no`) cannot be given for
//! one profile, so that the linker drops them: only where rustc brings the linker that this was tried with, and nobody
//! has chosen another.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=unwinding.ld");
    if is("PROFILE", "release") && is("TARGET", "x86_64-unknown-linux-gnu") && !chooses_linker() {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Xlinker");
        println!("cargo::rustc-link-arg-bins=--script={folder}/unwinding.ld");
    }
}

fn is(variable: &str, value: &str) -> bool {
    env::var(variable).is_ok_and(|given| given == value)
}

fn chooses_linker() -> bool {
    env::var_os("RUSTC_LINKER").is_some()
        || env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"))
}
