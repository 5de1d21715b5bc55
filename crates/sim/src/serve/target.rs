//! Choosing a task for a request, as a load balancer would.
//!
//! Requests go to the tasks in service one after the other, while traffic shifts by the weights of the revisions. What the tasks answer does not count as a health check.

use std::{collections::BTreeMap, time::Duration};

use hyper::StatusCode;

use super::content;
use crate::{ecs::Listener, image::Target, simulator::Shared, wire::reply::Reply, world::Place};

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

/// Answers a request to `/_serve/`, or to `/_serve-test/` for the test listener, and `path`.
pub(crate) async fn answer(shared: &Shared, path: &str, listener: Listener) -> Reply {
    let Some(address) = Address::read(path) else {
        return Reply::text(StatusCode::NOT_FOUND, "write /_serve/ACCOUNT/REGION/CLUSTER/SERVICE/path");
    };
    let Some(target) = choose(shared, &address, listener) else {
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

fn choose(shared: &Shared, address: &Address<'_>, listener: Listener) -> Option<Target> {
    let Address { account, region, cluster, service, .. } = address;
    let mut world = shared.world();
    let now = world.step();
    let ecs = world.estate.ecs.get(&Place::new(account, region))?;
    let key = format!("{account}/{region}/{cluster}/{service}/{listener:?}");
    let turn = u64::try_from(world.turns.get(&key).copied().unwrap_or_default()).unwrap_or_default();
    let (revision, mut targets) = ecs.route(cluster, service, listener, turn, now);
    targets.retain(|target| target.in_service);
    take_turn(&mut world.turns, key.clone());
    if targets.is_empty() {
        return None;
    }
    let turn = take_turn(&mut world.turns, format!("{key}/{revision}"));
    let chosen = turn % targets.len();
    Some(targets.swap_remove(chosen))
}

/// Whose turn it is, and the next one's from now on.
fn take_turn(turns: &mut BTreeMap<String, usize>, key: String) -> usize {
    let turn = turns.entry(key).or_default();
    let taken = *turn;
    *turn = turn.wrapping_add(1);
    taken
}

/// What an Application Load Balancer answers for a target group without healthy targets.
fn unavailable() -> Reply {
    const PAGE: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n";
    Reply::new(StatusCode::SERVICE_UNAVAILABLE, "text/html", PAGE).with_header("server", "awselb/2.0")
}
