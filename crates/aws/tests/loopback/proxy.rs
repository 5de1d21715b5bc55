//! Proxies in the environment, which a process can be given only at its start: other tests are run again in a child.

use std::process::{Command, Output};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:1";
const VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// These tests, with a proxy that does not answer.
fn again(tests: &str) -> Output {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.arg(tests).env_remove("NO_PROXY").env_remove("no_proxy");
    for variable in VARIABLES {
        child.env(variable, NOWHERE);
    }
    child.output().unwrap()
}

#[test]
fn an_endpoint_on_this_machine_is_asked_without_the_proxy_by_every_client() {
    let output = again("callers::");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains(" 0 passed"), "{told}");
}
