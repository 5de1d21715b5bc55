//! The shop of the example scenario, with a clock that stands still.

use std::{net::SocketAddr, time::Duration};

use towpath_aws::{AccessKeys, Aws, Patience, Settings, Source};
use towpath_core::rollout::ServiceKey;
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

pub(crate) const DEV: &str = "111111111111";
pub(crate) const PRODUCTION: &str = "333333333333";
pub(crate) const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios/shop.toml");

pub(crate) async fn shop() -> Simulator {
    start(scenario()).await
}

/// The shop with more in its scenario.
pub(crate) async fn shop_that(more: &str) -> Simulator {
    let text = format!("{}\n{more}", std::fs::read_to_string(FILE).unwrap());
    start(Scenario::from_toml(&text, FILE).unwrap()).await
}

/// The shop in an AWS that throttles as AWS does.
pub(crate) async fn throttled() -> Simulator {
    let mut scenario = scenario();
    scenario.knobs.throttle = true;
    start(scenario).await
}

/// Repositories without images, whose tags may move, in two accounts and regions.
pub(crate) async fn registries() -> Simulator {
    registries_with("").await
}

/// The same, with these settings of the registries.
pub(crate) async fn registries_with(settings: &str) -> Simulator {
    let places = [
        ("shop-api", DEV, "us-west-2"),
        ("copies", DEV, "eu-central-1"),
        ("shop-api", PRODUCTION, "us-west-2"),
        ("shop-api", PRODUCTION, "eu-central-1"),
    ];
    let made = places.map(|(name, account, region)| {
        format!("[[repositories]]\nname = \"{name}\"\naccount = \"{account}\"\nregion = \"{region}\"\n")
    });
    // A login's time is never over before the machine's own clock says so.
    let beginning = "start = 2036-01-01T00:00:00Z";
    let text = format!(
        "{beginning}\ndefault-account = \"{DEV}\"\ndefault-region = \"us-west-2\"\n{}[registry]\n{settings}",
        made.concat()
    );
    start(Scenario::from_toml(&text, "registries").unwrap()).await
}

fn scenario() -> Scenario {
    Scenario::from_toml(&std::fs::read_to_string(FILE).unwrap(), FILE).unwrap()
}

async fn start(scenario: Scenario) -> Simulator {
    let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), scenario, pace: Pace::Stepped, state: None };
    Simulator::start(options).await.unwrap()
}

/// The settings of an account's environment, with keys of that account.
pub(crate) fn settings(simulator: &Simulator, account: &str) -> Settings {
    Settings {
        endpoint: Some(simulator.endpoint()),
        source: Source::Keys(AccessKeys::new(format!("AKIASIM0{account}"), "simulated", None)),
        patience: Patience {
            attempt: Duration::from_secs(2),
            read_attempts: 3,
            first_pause: Duration::from_millis(4),
            ..Patience::default()
        },
        ..Settings::new("us-west-2".parse().unwrap(), account.parse().unwrap())
    }
}

pub(crate) async fn aws(simulator: &Simulator, account: &str) -> Aws {
    Aws::connect(settings(simulator, account)).await.unwrap()
}

pub(crate) fn key(cluster: &str, service: &str) -> ServiceKey {
    ServiceKey { cluster: cluster.parse().unwrap(), service: service.parse().unwrap() }
}

pub(crate) fn production() -> ServiceKey {
    key("shop-production", "shop-api-production")
}
