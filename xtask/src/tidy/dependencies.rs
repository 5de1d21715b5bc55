//! Dependencies point one way: core <- aws, host <- cli <- action; the simulator knows nothing of ours; and only one
//! crate names AWS's SDK.
//!
//! It reads what cargo says of the manifests, with and without tests.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::tree::Finding;

/// The crate that may name the SDK.
const ON_AWS: &str = "towpath-aws";

/// Every crate with those of ours that it may use.
const HOUSE: [(&str, &[&str]); 9] = [
    ("towpath-core", &[]),
    ("towpath-sim", &[]),
    (ON_AWS, &["towpath-core"]),
    ("towpath-host", &["towpath-core"]),
    ("towpath", &["towpath-core", ON_AWS, "towpath-host", "towpath-sim"]),
    ("towpath-action", &["towpath-core", "towpath"]),
    ("towpath-tests", &["towpath-core", ON_AWS, "towpath-host", "towpath-sim", "towpath", "towpath-action"]),
    ("xtask", &["towpath-core", "towpath"]),
    ("towpath-example-app", &[]),
];

/// Those of ours that a crate may use in its tests besides.
const IN_TESTS: [(&str, &[&str]); 2] = [(ON_AWS, &["towpath-sim"]), ("towpath", &["towpath-action"])];

pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = command.args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(root).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(judge(&metadata))
}

fn judge(metadata: &Value) -> Vec<Finding> {
    let packages = list(&metadata["packages"]);
    packages.iter().flat_map(|package| judge_package(text(&package["name"]), list(&package["dependencies"]))).collect()
}

fn judge_package(name: &str, dependencies: &[Value]) -> Vec<Finding> {
    let Some((_, allowed)) = HOUSE.iter().find(|(known, _)| *known == name) else {
        return vec![Finding::of(name, "is a crate that tidy does not know: say there what it may use")];
    };
    let in_tests = IN_TESTS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, besides)| *besides);
    let fault = |dependency: &Value| {
        let (used, is_for_tests) = (text(&dependency["name"]), dependency["kind"] == "dev");
        let is_ours = HOUSE.iter().any(|(ours, _)| *ours == used);
        if is_ours && !allowed.contains(&used) && !(is_for_tests && in_tests.contains(&used)) {
            return Some(Finding::of(name, &format!("may not use {used}: dependencies point one way")));
        }
        let is_sdk = used.starts_with("aws-") && name != ON_AWS;
        is_sdk.then(|| Finding::of(name, &format!("may not use {used}: only {ON_AWS} names AWS's SDK")))
    };
    dependencies.iter().filter_map(fault).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A package with the dependencies that cargo would tell of; `dev:` before a name means for tests.
    fn check_package(name: &str, uses: &[&str], expected: Option<&str>) {
        let dependency = |written: &&str| match written.strip_prefix("dev:") {
            Some(name) => json!({"name": name, "kind": "dev"}),
            None => json!({"name": written, "kind": null}),
        };
        let dependencies: Vec<Value> = uses.iter().map(dependency).collect();
        let metadata = json!({"packages": [{"name": name, "dependencies": dependencies}]});
        let messages: Vec<String> = judge(&metadata).into_iter().map(|finding| finding.message).collect();
        match expected {
            None => assert_eq!(messages, [""; 0]),
            Some(expected) => assert!(messages.len() == 1 && messages[0].contains(expected), "{messages:?}"),
        }
    }

    #[test]
    fn dependencies_point_inward() {
        check_package("towpath", &["towpath-core", "towpath-aws", "clap"], None);
        check_package("towpath-core", &["towpath-host"], Some("towpath-host"));
        check_package("towpath-host", &["towpath-aws"], Some("towpath-aws"));
        check_package("towpath-sim", &["dev:towpath-core"], Some("towpath-core"));
    }

    #[test]
    fn the_simulator_may_serve_the_tests_of_the_adapters() {
        check_package("towpath-aws", &["towpath-core", "dev:towpath-sim", "aws-sdk-ecs"], None);
        check_package("towpath-aws", &["towpath-sim"], Some("towpath-sim"));
    }

    #[test]
    fn only_one_crate_names_the_sdk() {
        for name in ["towpath", "towpath-sim", "towpath-tests"] {
            check_package(name, &["dev:aws-sdk-ecs"], Some("only towpath-aws names AWS's SDK"));
        }
    }

    #[test]
    fn a_new_crate_needs_a_place() {
        check_package("towpath-new", &[], Some("does not know"));
    }
}
