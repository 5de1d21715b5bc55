//! The result of a command, read from the document that it printed.

use serde_json::Value;
use towpath_cli::{Exit, harmless, one_line};

/// What there is to tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending {
    /// The exit code.
    pub(crate) exit: Exit,
    document: Value,
    /// What was printed for people, where no document was.
    pub(crate) printed: String,
}

impl Ending {
    /// The ending in what was printed; a command that was not understood has printed nothing.
    pub(crate) fn read(printed: &[u8], exit: Exit) -> Self {
        match serde_json::from_slice(printed) {
            Ok(document) => Self { exit, document, printed: String::new() },
            Err(_) => Self { exit, document: Value::Null, printed: harmless(&String::from_utf8_lossy(printed)) },
        }
    }

    /// How it ended: a promotion's outcome, otherwise the exit code's name.
    pub(crate) fn outcome(&self) -> String {
        self.member("outcome").unwrap_or_else(|| self.exit.name().to_owned())
    }

    /// The environment, where it is about one.
    pub(crate) fn environment(&self) -> Option<String> {
        self.member("environment")
    }

    /// The version of the release, where it is about one.
    pub(crate) fn version(&self) -> Option<String> {
        let nested = || self.document.get("release")?.get("version")?.as_str().map(one_line);
        self.member("release").or_else(|| self.member("version")).or_else(nested)
    }

    /// The promotion, where there was one.
    pub(crate) fn promotion(&self) -> Option<String> {
        self.member("promotion")
    }

    /// What it was about and how it ended, in a line.
    pub(crate) fn title(&self) -> String {
        let about = [self.environment(), self.version()].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let outcome = self.outcome().replace('_', " ");
        if about.is_empty() { outcome } else { format!("{about}, {outcome}") }
    }

    /// Everything else, as names and texts.
    pub(crate) fn details(&self) -> Vec<(&'static str, String)> {
        let mut details: Vec<(&str, String)> = Vec::new();
        details.extend(self.why().map(|why| ("why", why)));
        let components = self.document.get("components").and_then(Value::as_array);
        for component in components.into_iter().flatten() {
            let text = |member: &str| component.get(member).and_then(Value::as_str).map(one_line);
            let (Some(name), Some(serves), Some(changed)) = (text("component"), text("serves"), text("changed")) else {
                continue;
            };
            let proof =
                if component.get("is_proven") == Some(&Value::Bool(true)) { "proven" } else { "not proven now" };
            details
                .extend([("serves", format!("{name}: {serves} ({proof})")), ("changed", format!("{name}: {changed}"))]);
        }
        details.extend(self.member("next").map(|next| ("next", next)));
        details
    }

    /// Why it ended so.
    pub(crate) fn why(&self) -> Option<String> {
        let causes = self.document.get("causes").and_then(Value::as_array);
        let causes = causes.into_iter().flatten().filter_map(Value::as_str).map(one_line);
        let error =
            self.member("error").map(|error| std::iter::once(error).chain(causes).collect::<Vec<_>>().join(": "));
        self.member("reason").or(error)
    }

    /// The lines for the job's log; what is not about a promotion is shown as it was printed.
    pub(crate) fn text(&self) -> String {
        if !self.printed.is_empty() {
            return self.printed.clone();
        }
        let details = self.details();
        let details = details.iter().map(|(name, text)| format!("  {name:<7}  {text}"));
        let lines: Vec<String> = std::iter::once(self.title()).chain(details).collect();
        harmless(&(lines.join("\n") + "\n"))
    }

    fn member(&self, name: &str) -> Option<String> {
        self.document.get(name)?.as_str().map(one_line)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// An ending whose texts try everything.
    pub(crate) fn hostile() -> Ending {
        let document = json!({
            "environment": "dev", "release": "1.1.0", "outcome": "rolled_back", "promotion": "p",
            "reason": "bad\n::error::<script>|`x`", "next": "towpath status dev",
            "components": [{ "component": "api", "serves": "1.0.0", "is_proven": true, "changed": "set_back" }],
        });
        Ending::read(document.to_string().as_bytes(), Exit::RolledBack)
    }

    #[test]
    fn the_log_shows_the_ending_and_nothing_acts() {
        insta::assert_snapshot!(hostile().text(), @"
        dev: 1.1.0, rolled back
          why      bad ::error::<script>|`x`
          serves   api: 1.0.0 (proven)
          changed  api: set_back
          next     towpath status dev
        ");
    }

    #[test]
    fn what_printed_nothing_still_has_an_outcome() {
        assert_eq!(Ending::read(b"", Exit::Usage).outcome(), "usage");
    }
}
