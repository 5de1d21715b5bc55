//! Scenario 136: AWS is out of reach, or only reachable through a proxy.
//!
//! In the wild: runners without a way out of their own; the proxy's variables were ignored, or the local endpoint was sent
//! through the proxy too; "connection timed out" named no host.
//!
//! Demanded: `HTTP_PROXY` is honoured and `NO_PROXY` too, what is on the machine itself is asked directly, and an error
//! names the host and how far it came, be it the service or the role that must be assumed first.
//!
//! Not here: a proxy that intercepts TLS is left to the system's certificates; the simulator speaks no TLS.

use std::process::{Command, Output};

use towpath_tests::{
    Stage,
    scenario::{Play, Proxy, Shop},
};

/// A name that nobody can look up.
const HOST: &str = "ecs.shop.invalid";

/// Asks for the status in an environment with these variables and nothing else.
fn status(play: &Play, variables: &[(&str, &str)]) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let text = Stage::configuration().split("[environments.staging]").next().unwrap().to_owned();
    let component = "[components.api]\nkind = \"service\"\ncluster = \"shop-dev\"\nservice = \"shop-api-dev\"\ncontainer = \"api\"\n";
    std::fs::write(folder.path().join("towpath.toml"), format!("{text}{component}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_towpath-under-test"));
    command.args(["status", "dev"]).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.envs(play.stage.simulator.environment("111111111111"));
    command.env("AWS_ENDPOINT_URL", format!("http://{HOST}")).env("AWS_MAX_ATTEMPTS", "1");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    (output, said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_named_is_gone_through() {
    let play = Shop::new().open().await;
    let proxy = Proxy::to(&play.stage.simulator.endpoint());
    for variable in ["HTTP_PROXY", "http_proxy"] {
        let before = proxy.connections();
        let (output, said) = status(&play, &[(variable, &proxy.url())]);
        assert!(output.status.success() && said.contains("shop-api-dev:1"), "{said}");
        assert!(proxy.connections() > before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_this_machine_is_not_sent_through_it() {
    let play = Shop::new().open().await;
    let endpoint = play.stage.simulator.endpoint();
    let (output, said) = status(&play, &[("AWS_ENDPOINT_URL", &endpoint), ("HTTP_PROXY", "http://127.0.0.1:9")]);
    assert!(output.status.success() && said.contains("shop-api-dev:1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_proxy_names_goes_around_it_and_the_host_is_said() {
    let play = Shop::new().open().await;
    let proxy = Proxy::to(&play.stage.simulator.endpoint());
    let (_, said) = status(&play, &[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", HOST)]);
    assert_eq!(proxy.connections(), 0, "{said}");
    assert!(said.contains(HOST), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_way_out_the_host_is_said_and_how_far_it_came() {
    let play = Shop::new().open().await;
    let (_, said) = status(&play, &[]);
    assert!(said.contains(HOST) && said.contains("could not be sent"), "{said}");
    assert!(said.contains("dns") || said.contains("lookup") || said.contains("resolve"), "{said}");
}
