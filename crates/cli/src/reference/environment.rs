//! The page of environment variables.

use crate::variables;

/// `docs/reference/environment.md`.
pub fn environment() -> String {
    let rows: Vec<String> =
        variables::ALL.iter().map(|variable| format!("| `{}` | {} |", variable.name, variable.meaning)).collect();
    format!(
        "# Environment variables\n\n\
         <!-- Written by `cargo xtask generate` from crates/cli/src/variables.rs; do not edit. -->\n\n\
         What is empty counts as not set.\n\
         AWS's SDK reads its own variables besides (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, …), and the HTTP client `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.\n\n\
         | variable | meaning |\n|---|---|\n{}\n",
        rows.join("\n")
    )
}
