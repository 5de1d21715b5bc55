//! Calling the aws command line, and looking at what it printed.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::peers::{
    python::Python,
    simulated::{self, Simulated},
};

/// The account whose keys the command line has.
pub(super) const ACCOUNT: &str = "111111111111";

/// The aws command line, pointed at a simulator.
pub(super) struct Client<'a> {
    python: &'a Python,
    pub(super) simulated: &'a Simulated,
}

impl<'a> Client<'a> {
    pub(super) fn new(python: &'a Python, simulated: &'a Simulated) -> Self {
        Self { python, simulated }
    }

    /// Runs `aws` with the words of `line`, and answers what it printed as JSON.
    pub(super) fn aws(&self, line: &str) -> Result<Value> {
        self.aws_with(line, &[])
    }

    /// The same with `further` words, which may hold blanks.
    pub(super) fn aws_with(&self, line: &str, further: &[&str]) -> Result<Value> {
        succeeded(line, self.run(line, further, &[])?)
    }

    /// The same with `variables` in the environment.
    pub(super) fn aws_as(&self, variables: &[(&str, &str)], line: &str) -> Result<Value> {
        succeeded(line, self.run(line, &[], variables)?)
    }

    /// Runs `aws`, which must be refused with the error `code`.
    pub(super) fn refused(&self, code: &str, line: &str, further: &[&str]) -> Result<()> {
        let output = self.run(line, further, &[])?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && complaint.contains(&format!("({code})")),
            "`aws {line}` was not refused with {code}, but ended with {}: {}",
            output.status,
            complaint.trim()
        );
        Ok(())
    }

    fn run(&self, line: &str, further: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
        Command::new(self.python.program("aws"))
            .args(["--output", "json"])
            .args(line.split_whitespace())
            .args(further)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(simulated::environment(self.simulated.address(), ACCOUNT))
            .envs(variables.iter().copied())
            .output()
            .context("the aws command line could not be started")
    }
}

fn succeeded(line: &str, output: Output) -> Result<Value> {
    ensure!(
        output.status.success(),
        "`aws {line}` ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let printed = String::from_utf8(output.stdout)?;
    if printed.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&printed).with_context(|| format!("`aws {line}` printed no JSON"))
}

/// Ensures that `answer` has `expected` at the JSON pointer `at`.
pub(super) fn expect(answer: &Value, at: &str, expected: impl Into<Value>) -> Result<()> {
    let (found, expected) = (answer.pointer(at), expected.into());
    ensure!(
        found == Some(&expected),
        "{at} is {}, not {expected}",
        found.map_or_else(|| "absent".to_owned(), Value::to_string)
    );
    Ok(())
}

/// The text that `answer` has at the JSON pointer `at`.
pub(super) fn text<'v>(answer: &'v Value, at: &str) -> Result<&'v str> {
    let found = answer.pointer(at).and_then(Value::as_str);
    found.with_context(|| format!("{at} is no text in {answer}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_is_not_as_expected_is_told_with_its_place() {
        let answer = json!({"service": {"runningCount": 1}});
        expect(&answer, "/service/runningCount", 1).unwrap();
        let wrong = expect(&answer, "/service/runningCount", 2).unwrap_err();
        assert_eq!(wrong.to_string(), "/service/runningCount is 1, not 2");
        let absent = expect(&answer, "/service/status", "ACTIVE").unwrap_err();
        assert_eq!(absent.to_string(), "/service/status is absent, not \"ACTIVE\"");
    }
}
