//! The generated reference pages are those of this program. `TOWPATH_WRITE_REFERENCE=1` writes them.

use std::{fs, path::Path};

use towpath_cli::reference;

#[test]
fn the_reference_pages_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let pages = [
        ("exit-codes.md", reference::exit_codes()),
        ("environment.md", reference::environment()),
        ("command-line.md", reference::command_line()),
    ];
    for (name, text) in pages {
        let file = folder.join(name);
        if std::env::var_os("TOWPATH_WRITE_REFERENCE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            there == text,
            "docs/reference/{name} is stale: run `cargo xtask generate`, or this test with TOWPATH_WRITE_REFERENCE=1"
        );
    }
}
