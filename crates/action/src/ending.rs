//! The result of a command, read from the document that it printed.

use serde_json::{Value, json};
use towpath_cli::{Diagnosis, Exit, harmless, one_line};

/// How many causes are told beside the reason.
const CAUSES: usize = 3;

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

    /// The ending of a run that came to no command.
    pub(crate) fn of_problem(problem: &str, exit: Exit) -> Self {
        Self { exit, document: json!({ "error": problem }), printed: String::new() }
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
        let is_passed = self.document.pointer("/drill/is_passed") == Some(&Value::Bool(true));
        let outcome = if is_passed { "drill passed".to_owned() } else { self.outcome().replace('_', " ") };
        if about.is_empty() { outcome } else { format!("{about}, {outcome}") }
    }

    /// Everything else, as names and texts.
    pub(crate) fn details(&self) -> Vec<(&'static str, String)> {
        let mut details: Vec<(&str, String)> = Vec::new();
        details.extend(self.why().map(|why| ("why", why)));
        for (component, diagnosis) in self.diagnoses() {
            let causes = diagnosis.causes.iter().take(CAUSES);
            details.extend(causes.flat_map(|cause| {
                let because = format!("{component}: {}: {}", cause.kind.meaning(), one_line(&cause.because));
                [("cause", because), ("remedy", one_line(&cause.remedy))]
            }));
        }
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

    /// What was found out about each rollout, or way back, that went badly.
    pub(crate) fn diagnoses(&self) -> Vec<(String, Diagnosis)> {
        let components = self.document.get("components").and_then(Value::as_array).into_iter().flatten();
        let each = components.flat_map(|component| {
            let name = component.get("component").and_then(Value::as_str).map(one_line).unwrap_or_default();
            ["diagnosis", "diagnosis_of_rollback"].map(|member| (name.clone(), component.get(member)))
        });
        // One that a newer program wrote may not be readable; the ending stands without it.
        each.filter_map(|(name, found)| Some((name, serde_json::from_value(found?.clone()).ok()?))).collect()
    }

    /// The most telling cause, in one sentence.
    pub(crate) fn headline(&self) -> Option<String> {
        self.diagnoses().iter().find_map(|(_, diagnosis)| diagnosis.headline()).map(|headline| one_line(&headline))
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
    use super::*;

    /// An ending whose texts try everything.
    pub(crate) fn hostile() -> Ending {
        let document = json!({
            "environment": "dev", "release": "1.1.0", "outcome": "rolled_back", "promotion": "p",
            "reason": "bad\n::error::<script>|`x`", "next": "towpath status dev",
            "components": [{
                "component": "api", "serves": "1.0.0", "is_proven": true, "changed": "set_back",
                "diagnosis": {
                    "causes": [{ "kind": "crash-loop", "because": "a\n::error::<b>", "remedy": "*mend* it" }],
                    "tasks": [{ "seen": 3, "task": {
                        "arn": "arn:aws:ecs:eu-west-1:111111111111:task/shop-dev/0123456789abcdef0123456789abcdef",
                        "started_by": null, "stop_code": "EssentialContainerExited", "reason": null, "started_at": null,
                        "task_definition": "arn:aws:ecs:eu-west-1:111111111111:task-definition/shop-api-dev:2",
                        "stopped_at": null, "containers": [
                            { "name": "api", "exit_code": 1, "reason": null, "log": ["</pre><b>boom", "::error::x"] },
                        ],
                    } }],
                    "targets": [], "alarms": [], "events": [], "unasked": [],
                },
                "diagnosis_of_rollback": null,
            }],
        });
        Ending::read(document.to_string().as_bytes(), Exit::RolledBack)
    }

    #[test]
    fn the_log_shows_the_ending_and_nothing_acts() {
        insta::assert_snapshot!(hostile().text(), @"
        dev: 1.1.0, rolled back
          why      bad ::error::<script>|`x`
          cause    api: the component's container ends with an error again and again: a ::error::<b>
          remedy   *mend* it
          serves   api: 1.0.0 (proven)
          changed  api: set_back
          next     towpath status dev
        ");
    }

    #[test]
    fn what_printed_nothing_still_has_an_outcome() {
        assert_eq!(Ending::read(b"", Exit::Usage).outcome(), "usage");
    }

    #[test]
    fn a_drill_that_was_passed_is_no_failure() {
        let document = json!({ "environment": "dev", "outcome": "rolled_back", "drill": { "is_passed": true } });
        let ending = Ending::read(document.to_string().as_bytes(), Exit::Done);
        assert_eq!(ending.title(), "dev, drill passed");
        assert_eq!(crate::annotation::of(&ending), "");
    }

    #[test]
    fn inputs_that_make_no_command_line_have_outputs_too() {
        let ending = Ending::of_problem("the input `release` is missing", Exit::Usage);
        assert_eq!(ending.why().as_deref(), Some("the input `release` is missing"));
        assert!(crate::outputs::of(&ending).contains("exit-code<<TOWPATH_END\n2\n"));
        assert!(crate::annotation::of(&ending).starts_with("::error title=usage::the input"));
    }
}
