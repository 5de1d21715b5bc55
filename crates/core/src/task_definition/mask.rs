//! Values that a task definition holds in plain text, kept out of what is shown and kept.
//!
//! A log line of a program that crashes may hold its own environment. What is known here is masked; what a program got
//! from elsewhere cannot be known.

use serde_json::Value;

use super::Document;

/// Shorter values (`true`, `8080`, `eu`) are in too many words to be masked.
const LEAST: usize = 6;

impl Document {
    /// The text with every plain value of `environment`, and every password in an address, masked.
    pub fn masked(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for value in self.plain_values() {
            masked = masked.replace(value, "***");
        }
        without_passwords(&masked)
    }

    /// The longest first: one value may hold another.
    fn plain_values(&self) -> Vec<&str> {
        let containers = self.members.get("containerDefinitions").and_then(Value::as_array).into_iter().flatten();
        let entries = containers.filter_map(|container| container.get("environment")?.as_array()).flatten();
        let mut values: Vec<&str> =
            entries.filter_map(|entry| entry.get("value")?.as_str()).filter(|value| value.len() >= LEAST).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values
    }
}

/// `scheme://user:password@host` without the password.
fn without_passwords(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        masked.push_str(before);
        let end = after.find(|character: char| character.is_whitespace() || "/?#\"'".contains(character));
        let (authority, remaining) = after.split_at(end.unwrap_or(after.len()));
        match authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
            Some((user, host)) => masked.extend([user, ":***@", host]),
            None => masked.push_str(authority),
        }
        rest = remaining;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let document = r#"{"family":"api","containerDefinitions":[{"name":"api","image":"x:1","environment":[
            {"name":"TOKEN","value":"hunter22"},{"name":"LONG","value":"hunter22-and-more"},{"name":"PORT","value":"8080"}]}]}"#;
        let document = Document::parse(document, "what serves").unwrap();
        assert_eq!(document.masked(text), expected, "{text}");
    }

    #[test]
    fn plain_values_and_passwords_in_addresses_are_masked() {
        check("token=hunter22 on port 8080", "token=*** on port 8080");
        check("hunter22-and-more", "***");
        check("cannot reach postgres://shop:s3cr/et@db:5432/x", "cannot reach postgres://shop:s3cr/et@db:5432/x");
        check("cannot reach postgres://shop:s3cret@db:5432/x", "cannot reach postgres://shop:***@db:5432/x");
        check(
            "see https://example.com/a@b:c and redis://:pw@cache",
            "see https://example.com/a@b:c and redis://:***@cache",
        );
        check("://", "://");
    }
}
