//! The way in: text to application, or every mistake.

use toml::de::DeTable;

use super::{
    Application, Mistakes, check, keys,
    mistake::{Complaint, Findings},
    read,
    tree::Section,
};

/// Reads a `towpath.toml`.
///
/// # Errors
///
/// Every mistake of the file at once, each with its place and remedy. Where the file is not TOML, only what is wrong
/// with it as TOML, because nothing else could be trusted.
pub fn parse(text: &str, file: &str) -> Result<Application, Mistakes> {
    let mut findings = Findings::new(text, file);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or_default();
        findings.add_also(&span, "", Complaint::new(error.message(), remedy(error.message())));
    }
    if !findings.is_empty() {
        return Err(findings.into_mistakes());
    }
    let root = Section::new("", 0..0, document.get_ref(), &keys::ROOT);
    check::section(&root, &mut findings);
    match read::application(&root, &mut findings) {
        Some(application) if findings.is_empty() => Ok(application),
        Some(_) | None => Err(findings.into_mistakes()),
    }
}

fn remedy(message: &str) -> &'static str {
    if message == "duplicate key" {
        "name each key and each table once"
    } else {
        "correct the TOML here: https://toml.io"
    }
}
