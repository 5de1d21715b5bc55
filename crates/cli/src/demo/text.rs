//! The demonstration's end, for people: what serves, what is recorded, where to look next.

use jiff::Timestamp;

use crate::commands::{history, ledger, status};

use super::Document;

/// The lines.
pub(crate) fn text(document: &Document, now: Timestamp) -> String {
    let histories: Vec<String> =
        document.history.iter().map(|history| history::text(&history.environment, &history.records)).collect();
    let folder = document.directory.display();
    format!(
        "What serves now (times are the simulator's):\n\n{}\n\nWhat the ledger has:\n\n{}\n\n{}\n\n\
         All of it is kept in {folder}. Where to look next:\n\
         \n  towpath history production --config {folder}/towpath.toml\
         \n  towpath release show 1.2.0 --config {folder}/towpath.toml\
         \n  towpath policy matrix --config {folder}/towpath.toml\
         \n  towpath ledger verify --config {folder}/towpath.toml\
         \n  towpath sim              simulates this shop for any AWS client; docs/simulator.md\
         \n  towpath init             writes a towpath.toml for your own application",
        status::text(&document.environments, now),
        histories.join("\n\n"),
        ledger::text(&document.ledger),
    )
}
