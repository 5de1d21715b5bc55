//! Texts of errors, made safe to show: one line, bounded, and without anything that signs a request.
//!
//! It does not escape for terminals or markup: who prints does that.

use std::error::Error;

const LONGEST: usize = 600;

/// A message on one line without credentials.
pub(crate) fn clean(message: &str) -> String {
    // AWS quotes what it would have signed, which has the session token among its headers.
    let quoted = ["The Canonical String", "The String-to-Sign", "x-amz-security-token", "X-Amz-Security-Token"];
    let end = quoted.iter().filter_map(|start| message.find(start)).min().unwrap_or(message.len());
    let words: Vec<&str> =
        message[..end].split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let kept: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).map(without_key).collect();
    kept.join(" ").chars().take(LONGEST).collect()
}

/// Access key ids are no secrets, but they have no place in a log either.
fn without_key(word: &str) -> &str {
    let core = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
    let plain = core.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_key = core.len() >= 16 && plain && (core.starts_with("AKIA") || core.starts_with("ASIA"));
    if is_key || word.contains("Credential=") || word.contains("Signature=") { "(not shown)" } else { word }
}

/// What an error and its causes say, from the outside in, without repetitions.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(current) = next {
        let text = current.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        next = current.source();
    }
    clean(&texts.join(": "))
}

/// The innermost cause's text.
pub(crate) fn root(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(next) = current.source() {
        current = next;
    }
    clean(&current.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_would_have_signed_is_cut_off() {
        let message = "The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'POST\n/\nx-amz-security-token:SECRET'";
        assert_eq!(clean(message), "The request signature we calculated does not match.");
    }

    #[test]
    fn access_keys_and_signatures_are_not_shown() {
        assert_eq!(clean("key 'ASIAABCDEFGHIJKLMNOP' unknown"), "key (not shown) unknown");
        assert_eq!(clean("header Credential=AKIA/x, Signature=abc"), "header (not shown) (not shown)");
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(clean("a\r\n::error::b\u{1b}[31m"), "a ::error::b [31m");
        assert_eq!(clean(&"x".repeat(5000)).len(), LONGEST);
    }
}
