//! A request that was let in: who asks for what, noted in the log of calls, and the fault that strikes it.
//!
//! What a fault does to it is said in `answer`.

use hyper::{HeaderMap, http::request::Parts};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch::Receiver;

use super::{SERVICE, address::Address, login, problem::Problem, route::Route};
use crate::{
    faults::{FaultTarget, OtherCall, Struck},
    simulator::Shared,
    sts::Caller,
    wire::reply::Reply,
    world::{Service, not_before_today},
};

/// A request that was let in.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) parts: &'a Parts,
    pub(super) route: Route<'a>,
    pub(super) action: &'static str,
    pub(super) address: Address,
    pub(super) caller: Caller,
    sequence: u64,
}

/// The fault that strikes a request, and what ends its waiting.
pub(super) type Strike = (Option<Struck>, Receiver<u64>);

impl<'a> Visit<'a> {
    /// Lets a request in, or says why not.
    pub(super) fn begin(shared: &Shared, parts: &'a Parts) -> Result<(Self, Strike), Problem> {
        let unknown = || Problem::new(404, "UNSUPPORTED", "404 page not found");
        let route = Route::read(parts.uri.path()).ok_or_else(unknown)?;
        let action = route.action(&parts.method).ok_or_else(not_allowed)?;
        let (address, caller, access_key) = who(shared, parts, &route)?;
        let mut world = shared.world();
        let now = world.step();
        let input =
            json!({"method": parts.method.as_str(), "path": parts.uri.path(), "repositoryName": address.repository});
        let sequence = world.calls.begin(now, &caller, SERVICE, action, &input);
        let target = FaultTarget {
            service: SERVICE,
            operation: action,
            account: address.place.account(),
            region: address.place.region(),
            access_key: &access_key,
            at: now,
        };
        let struck = world.estate.faults.strike(&target);
        world.calls.note(sequence, |call| call.fault = struck.as_ref().map(|struck| struck.fault.kind));
        let release = shared.release();
        drop(world);
        Ok((Self { parts, route, action, address, caller, sequence }, (struck, release)))
    }

    /// Refuses what the caller may not do.
    pub(super) fn check_access(&self, shared: &Shared) -> Result<(), Problem> {
        if let Route::Base | Route::Layer { .. } = self.route {
            return Ok(());
        }
        let Address { place, repository } = &self.address;
        let mut world = shared.world();
        let registry = world.estate.registry(place);
        registry.check_access(repository, self.action, &self.caller)?;
        if self.route == Route::Catalog {
            return Ok(());
        }
        registry.check_repository(repository).map_err(Problem::from)
    }

    /// Notes how the request was answered; `None` for not at all.
    pub(super) fn note(&self, shared: &Shared, status: Option<u16>, problem: Option<&Problem>, accepted: Option<bool>) {
        let mut world = shared.world();
        world.is_dirty = true;
        world.calls.note(self.sequence, |call| {
            call.status = status;
            call.error = problem.map(|problem| problem.code.clone());
            call.accepted = accepted.unwrap_or(call.accepted);
        });
    }

    /// Lets somebody else of the same account and region call something.
    pub(super) fn interfere(&self, shared: &Shared, other: &OtherCall) {
        shared.world().let_somebody_call(Service::Ecr, &self.caller, other);
    }

    /// The path of something in the same repository, with the host as the client wrote it.
    pub(super) fn location(&self, rest: &str) -> String {
        let name = self.route.name().unwrap_or_default();
        format!("http://{}/v2/{name}/{rest}", self.host())
    }

    /// The host as the client wrote it.
    pub(super) fn host(&self) -> &str {
        host(&self.parts.headers)
    }

    /// The value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        text(&self.parts.headers, name)
    }
}

/// Who asks which registry; the last is what tells one client's credentials from another's.
fn who(shared: &Shared, parts: &Parts, route: &Route<'_>) -> Result<(Address, Caller, String), Problem> {
    let host = host(&parts.headers);
    if let Route::Layer { name, .. } = route {
        let address = Address::in_name(name).ok_or_else(|| Problem::new(404, "NoSuchKey", "There is no such layer"))?;
        let caller = login::nobody(address.place.account(), address.place.region());
        return Ok((address, caller, String::new()));
    }
    let authorization = text(&parts.headers, "authorization");
    let (now, takes_bearer) = {
        let world = shared.world();
        (not_before_today(world.clock.now()), world.estate.registry_knobs.bearer)
    };
    let token = login::token(authorization, takes_bearer)?.ok_or_else(|| login::challenge(host))?;
    login::check(&token, now)?;
    let address = Address::read(Some(host), route.name().unwrap_or_default(), Some(&token));
    let address = address.ok_or_else(|| Problem::new(404, "NAME_UNKNOWN", "The name names no registry"))?;
    Ok((address, login::caller(&token), authorization.unwrap_or_default().to_owned()))
}

fn host(headers: &HeaderMap) -> &str {
    text(headers, "host").unwrap_or_default()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The path does not know the method.
pub(super) fn not_allowed() -> Problem {
    Problem::new(405, "UNSUPPORTED", "405 method not allowed")
}

/// What an action answers.
pub(super) type Answered = Result<Reply, Problem>;

/// The simulated instant, for what is noted.
pub(super) fn now(shared: &Shared) -> Timestamp {
    shared.world().step()
}
