//! The world of the fleet: services alike, their configuration and their release.

use std::fmt::Write as _;

use towpath_core::release::Release;
use towpath_sim::scenario::Scenario;

pub(crate) const COMMIT: &str = "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c";
pub(crate) const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/fleet";

/// So many services. A rollout takes three minutes: tasks start in 20 seconds and count as healthy 158 later.
pub(crate) fn scenario(services: usize, throttle: bool) -> Scenario {
    let mut text = format!(
        "start = 2026-03-02T09:00:00Z\ndefault-account = \"111111111111\"\ndefault-region = \"us-west-2\"\n[knobs]\n\
         throttle = {throttle}\nsettle = 158\n"
    );
    for version in ["1.0.0", "1.1.0"] {
        writeln!(text, "[[images]]\nrepository = \"fleet\"\ntags = [\"{version}\"]").unwrap();
    }
    for number in 0..services {
        writeln!(
            text,
            "[[services]]\nname = \"s{number:03}\"\ncluster = \"fleet\"\ncircuit-breaker = \"roll-back\"\n\
             task-definition = {{ family = \"s{number:03}\", containerDefinitions = [{{ name = \"api\", \
             image = \"{REPOSITORY}:1.0.0\", memory = 128 }}] }}"
        )
        .unwrap();
    }
    Scenario::from_toml(&text, "fleet.toml").unwrap()
}

/// A component for each service.
pub(crate) fn configuration(services: usize) -> String {
    let mut text = "app = \"fleet\"\n[environments.dev]\naccount = \"111111111111\"\nregion = \"us-west-2\"\n\
                    deploy-on = [{ command-line = true }]\n"
        .to_owned();
    for number in 0..services {
        writeln!(
            text,
            "[components.c{number:03}]\nkind = \"service\"\nimage = {{ repository = \"fleet\" }}\ncluster = \"fleet\"\n\
             service = \"s{number:03}\"\ncontainer = \"api\""
        )
        .unwrap();
    }
    text
}

/// Version 1.1.0 of all of them, which is one image.
pub(crate) fn release(services: usize, digest: &str) -> Release {
    let image = serde_json::json!({ "image": format!("{REPOSITORY}@{digest}") });
    let artifacts: serde_json::Map<_, _> =
        (0..services).map(|number| (format!("c{number:03}"), image.clone())).collect();
    let text = serde_json::json!({
        "schema": 1, "app": "fleet", "version": "1.1.0", "commit": COMMIT, "artifacts": artifacts,
        "created_at": "2026-03-01T00:00:00Z", "created_by": "tests"
    });
    Release::from_json(&serde_json::to_vec(&text).unwrap()).unwrap()
}
