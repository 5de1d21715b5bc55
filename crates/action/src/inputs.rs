//! The action's inputs as a command line: each value stays one word, and none can become an option.

/// The commands that a workflow can run.
const COMMANDS: [&str; 13] = [
    "promote", "plan", "rollback", "continue", "resume", "wait", "drill", "status", "history", "check", "build",
    "release", "verify",
];

/// The command line, the program's name first.
pub(crate) fn words(read: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let inputs = Inputs(read);
    let command = inputs.get("COMMAND").unwrap_or_else(|| "promote".to_owned());
    let mut words = inputs.globals(&command);
    match command.as_str() {
        "promote" | "plan" => {
            words.extend([command, inputs.option("release", "RELEASE")?]);
            words.extend(inputs.trigger());
            words.extend(inputs.environment()?);
        }
        "rollback" => {
            words.extend([command, "--yes".to_owned()]);
            words.extend(inputs.optional("to", "RELEASE"));
            words.extend(inputs.trigger());
            words.extend(inputs.environment()?);
        }
        "drill" => {
            words.extend([command, "--yes".to_owned()]);
            words.extend(inputs.trigger());
            words.extend(inputs.environment()?);
        }
        "continue" => {
            words.extend([command, "--yes".to_owned()]);
            words.extend(inputs.is_true("ROLLBACK").then(|| "--rollback".to_owned()));
            words.extend(inputs.environment()?);
        }
        "wait" => {
            words.push(command);
            words.extend(inputs.optional("timeout", "TIMEOUT"));
            words.extend(inputs.environment()?);
        }
        "resume" => {
            words.push(command);
            words.extend(inputs.is_true("TAKE-OVER").then(|| "--take-over".to_owned()));
            words.extend(inputs.environment()?);
        }
        "history" => {
            words.push(command);
            words.extend(inputs.environment()?);
        }
        "status" => {
            words.extend([vec![command], inputs.environment().unwrap_or_default()].concat());
        }
        "verify" => {
            words.extend(["ledger".to_owned(), command]);
            words.extend(inputs.environment().unwrap_or_default());
        }
        "check" => words.push(command),
        "build" => {
            words.push(command);
            words.extend(inputs.is_true("LOCAL").then(|| "--local".to_owned()));
            words.extend(inputs.images());
            words.extend(inputs.optional("version", "RELEASE"));
        }
        "release" => words.extend(inputs.release(command)?),
        other => {
            return Err(format!("there is no command `{}`; there are {}", other.escape_debug(), COMMANDS.join(", ")));
        }
    }
    Ok(words)
}

/// The inputs, by their names in capitals.
struct Inputs<R>(R);

impl<R: Fn(&str) -> Option<String>> Inputs<R> {
    /// An input without what surrounds it; an empty one was not given.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(&format!("INPUT_{name}"))?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name).as_deref() == Some("true")
    }

    /// A document is asked for where outputs are made of it; the rest is for people.
    fn globals(&self, command: &str) -> Vec<String> {
        let is_for_people = matches!(command, "plan" | "status" | "history" | "check" | "verify");
        let output = if is_for_people { "text" } else { "json" };
        let mut words = vec!["towpath".to_owned(), format!("--output={output}")];
        words.extend(self.optional("config", "CONFIG"));
        words.extend(self.optional("events", "EVENTS"));
        words
    }

    fn trigger(&self) -> Vec<String> {
        let options = [("trigger", "TRIGGER"), ("ref", "REF"), ("sha", "SHA")];
        options.iter().filter_map(|(option, input)| self.optional(option, input)).collect()
    }

    /// The environment, behind the mark after which nothing is an option.
    fn environment(&self) -> Result<Vec<String>, String> {
        let environment = self.get("ENVIRONMENT").ok_or_else(|| missing("ENVIRONMENT"))?;
        Ok(vec!["--".to_owned(), environment])
    }

    fn release(&self, command: String) -> Result<Vec<String>, String> {
        let images = self.images();
        if images.is_empty() {
            return Err(missing("IMAGES"));
        }
        let mut words = vec![command, "create".to_owned()];
        words.extend(images);
        words.extend(self.optional("version", "RELEASE"));
        words.extend(self.optional("commit", "SHA"));
        Ok(words)
    }

    /// One image a line.
    fn images(&self) -> Vec<String> {
        let images = self.get("IMAGES").unwrap_or_default();
        images.lines().map(str::trim).filter(|line| !line.is_empty()).map(|image| format!("--image={image}")).collect()
    }

    fn optional(&self, option: &str, input: &str) -> Option<String> {
        Some(format!("--{option}={}", self.get(input)?))
    }

    fn option(&self, option: &str, input: &str) -> Result<String, String> {
        self.optional(option, input).ok_or_else(|| missing(input))
    }
}

fn missing(input: &str) -> String {
    format!("the input `{}` is missing", input.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inputs: &[(&str, &str)], expected: Result<&str, &str>) {
        let read = |name: &str| {
            let known = inputs.iter().find(|(known, _)| format!("INPUT_{known}") == name);
            known.map(|(_, value)| (*value).to_owned())
        };
        let found = words(read).map(|words| words[2..].join(" "));
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{inputs:?}");
    }

    #[test]
    fn inputs_become_a_command_line() {
        check(&[("ENVIRONMENT", "dev"), ("RELEASE", "1.1.0")], Ok("promote --release=1.1.0 -- dev"));
        check(&[("COMMAND", "rollback"), ("ENVIRONMENT", "dev")], Ok("rollback --yes -- dev"));
        check(&[("COMMAND", "resume"), ("ENVIRONMENT", "dev"), ("TAKE-OVER", "true")], Ok("resume --take-over -- dev"));
        check(&[("COMMAND", "status")], Ok("status"));
        check(&[("COMMAND", "drill"), ("ENVIRONMENT", "dev")], Ok("drill --yes -- dev"));
        check(&[("COMMAND", "wait"), ("ENVIRONMENT", "dev"), ("TIMEOUT", "5m")], Ok("wait --timeout=5m -- dev"));
        let declined = [("COMMAND", "continue"), ("ENVIRONMENT", "dev"), ("ROLLBACK", "true")];
        check(&declined, Ok("continue --yes --rollback -- dev"));
        check(&[("COMMAND", "verify"), ("CONFIG", "a/towpath.toml")], Ok("--config=a/towpath.toml ledger verify"));
        let images = [("COMMAND", "release"), ("IMAGES", "a=x/y:1\n\n  b=x/z:1\n"), ("RELEASE", "1.1.0")];
        check(&images, Ok("release create --image=a=x/y:1 --image=b=x/z:1 --version=1.1.0"));
    }

    #[test]
    fn a_build_may_be_for_a_pull_request_and_may_be_given_images() {
        check(&[("COMMAND", "build")], Ok("build"));
        check(&[("COMMAND", "build"), ("LOCAL", "true")], Ok("build --local"));
        let given = [("COMMAND", "build"), ("IMAGES", "proxy=x/y:1"), ("RELEASE", "1.1.0"), ("LOCAL", "false")];
        check(&given, Ok("build --image=proxy=x/y:1 --version=1.1.0"));
        check(&[("COMMAND", "build"), ("RELEASE", "--local")], Ok("build --version=--local"));
    }

    #[test]
    fn no_value_becomes_an_option() {
        let inputs = [("ENVIRONMENT", "--take-over"), ("RELEASE", "1 --config=x")];
        check(&inputs, Ok("promote --release=1 --config=x -- --take-over"));
        let read = |name: &str| {
            inputs.iter().find(|(known, _)| format!("INPUT_{known}") == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(words(read).unwrap().len(), 6);
    }

    #[test]
    fn what_is_missing_is_named() {
        check(&[("RELEASE", "1.1.0")], Err("the input `environment` is missing"));
        check(&[("ENVIRONMENT", "dev")], Err("the input `release` is missing"));
        check(&[("COMMAND", "release")], Err("the input `images` is missing"));
        let commands =
            "promote, plan, rollback, continue, resume, wait, drill, status, history, check, build, release, verify";
        check(&[("COMMAND", "x")], Err(&format!("there is no command `x`; there are {commands}")));
    }
}
