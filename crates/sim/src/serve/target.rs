//! Choosing a task for a request, as a load balancer would.
//!
//! Requests go to the tasks in service one after the other. What the tasks answer does not count as a health check.

use std::time::Duration;

use hyper::StatusCode;

use super::content;
use crate::{image::Target, simulator::Shared, wire::reply::Reply, world::Place};

/// Where a request goes: `ACCOUNT/REGION/CLUSTER/SERVICE` and the path inside the service.
struct Address<'a> {
    account: &'a str,
    region: &'a str,
    cluster: &'a str,
    service: &'a str,
    path: String,
}

impl<'a> Address<'a> {
    fn read(path: &'a str) -> Option<Self> {
        let mut parts = path.splitn(5, '/');
        let (account, region) = (parts.next()?, parts.next()?);
        let (cluster, service) = (parts.next()?, parts.next()?);
        let path = format!("/{}", parts.next().unwrap_or_default());
        Some(Self { account, region, cluster, service, path })
    }
}

/// Answers a request to `/_serve/` and `path`.
pub(crate) async fn answer(shared: &Shared, path: &str) -> Reply {
    let Some(address) = Address::read(path) else {
        return Reply::text(StatusCode::NOT_FOUND, "write /_serve/ACCOUNT/REGION/CLUSTER/SERVICE/path");
    };
    let Some(target) = choose(shared, &address) else {
        return unavailable();
    };
    if let Some(route) = target.behaviour.route(&address.path, address.account) {
        tokio::time::sleep(Duration::from_millis(route.delay_ms)).await;
    }
    let task = target.task_arn.rsplit('/').next().unwrap_or_default();
    content::reply(&target.behaviour, &address.path, address.account)
        .with_header("x-towpath-sim-task", task)
        .with_header("x-towpath-sim-digest", &target.digest)
}

fn choose(shared: &Shared, address: &Address<'_>) -> Option<Target> {
    let Address { account, region, cluster, service, .. } = address;
    let mut world = shared.world();
    let now = world.step();
    let ecs = world.estate.ecs.get(&Place::new(account, region))?;
    let mut targets = ecs.targets(cluster, service, now);
    targets.retain(|target| target.in_service);
    if targets.is_empty() {
        return None;
    }
    let turn = world.turns.entry(format!("{account}/{region}/{cluster}/{service}")).or_default();
    let chosen = *turn % targets.len();
    *turn = turn.wrapping_add(1);
    Some(targets.swap_remove(chosen))
}

/// What an Application Load Balancer answers for a target group without healthy targets.
fn unavailable() -> Reply {
    const PAGE: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n";
    Reply::new(StatusCode::SERVICE_UNAVAILABLE, "text/html", PAGE).with_header("server", "awselb/2.0")
}
