//! The page of the documentation that names all causes, written from the catalogue.

use super::CauseKind;

/// What stands before the table.
const OPENING: &str = include_str!("page.md");

/// The page `docs/diagnosis.md`.
pub fn diagnosis_markdown() -> String {
    let row =
        |kind: CauseKind| format!("| `{kind}` | {} | {} | {} |\n", kind.meaning(), kind.recognised_by(), kind.remedy());
    let rows: String = CauseKind::all().map(row).collect();
    format!("{OPENING}\n| kind | what it means | recognised by | what to do |\n|---|---|---|---|\n{rows}")
}
