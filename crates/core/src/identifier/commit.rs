//! A git commit, by its full name.

use super::macros::identifier;

identifier! {
    /// A git commit by its full object name, 40 (SHA-1) or 64 (SHA-256) lowercase hexadecimal digits.
    CommitId, "a commit", "use the full name of the commit: 40 or 64 lowercase hexadecimal digits", is_commit
}

impl CommitId {
    /// The first seven digits, as git abbreviates.
    pub fn short(&self) -> &str {
        &self.as_str()[..7]
    }
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
