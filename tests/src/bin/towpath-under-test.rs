//! The command line as a process of its own, for scenarios that are about processes: arguments, signals, proxies.

use std::process::ExitCode;

fn main() -> ExitCode {
    towpath_cli::main()
}
