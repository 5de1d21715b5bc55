//! Every example's configuration is in order.

use std::{fs, path::Path};

#[test]
fn the_configurations_of_the_examples_are_in_order() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let folders = fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = folders.map(|folder| folder.join("towpath.toml")).filter(|file| file.is_file()).collect();
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let read = towpath_core::config::parse(&text, &file.display().to_string());
        assert!(read.is_ok(), "{}", read.unwrap_err());
    }
}
