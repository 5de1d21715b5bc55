//! The page of exit codes.

use towpath_core::promotion::Outcome;

use crate::Exit;

/// `docs/reference/exit-codes.md`.
pub fn exit_codes() -> String {
    let rows: Vec<String> = Exit::ALL.iter().map(|exit| row(*exit)).collect();
    format!(
        "# Exit codes\n\n\
         <!-- Written by `cargo xtask generate` from crates/cli/src/exit.rs; do not edit. -->\n\n\
         Every ending has its own exit code, and a code never changes its meaning.\n\
         With `--output json`, the document on standard output has it as `exit_code`.\n\n\
         | code | meaning | outcomes |\n|---|---|---|\n{}\n",
        rows.join("\n")
    )
}

fn row(exit: Exit) -> String {
    let outcomes: Vec<String> = Outcome::ALL
        .iter()
        .filter(|outcome| Exit::from(**outcome) == exit)
        .map(|outcome| format!("`{outcome}`"))
        .collect();
    format!("| {} | {} | {} |", exit.code(), exit.meaning(), outcomes.join(", "))
}
