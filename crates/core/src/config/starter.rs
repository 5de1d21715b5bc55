//! The `towpath.toml` that `towpath init` writes.
//!
//! It is a whole and valid file, so that `towpath check` has something to say at once; accounts are placeholders.

use crate::identifier::AppName;

/// The commented starting file of an application.
pub fn starter(app: &AppName) -> String {
    include_str!("starter.toml").replace("APPLICATION", app.as_str())
}
