//! The text of a `towpath.toml`.

use towpath_core::config;

/// Reads a configuration: an application, or mistakes with their places in the text.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match config::parse(text, "towpath.toml") {
        Ok(application) => assert!(!application.environments.is_empty(), "nothing can be deployed anywhere"),
        Err(mistakes) => {
            assert!(!mistakes.as_slice().is_empty(), "it is refused without a reason");
            let _told = mistakes.to_string();
            return false;
        }
    }
    true
}
