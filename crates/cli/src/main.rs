//! The `towpath` binary: it wires, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    towpath_cli::main()
}
