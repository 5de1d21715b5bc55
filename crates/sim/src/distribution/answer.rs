//! Answering a request, as the fault that strikes it lets it.
//!
//! Of the faults, `edit` and `stale` change nothing here: they are about answers of the control API.

use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode, body::Incoming, http::request::Parts};
use tokio::sync::watch::Receiver;

use super::{
    download, layers, lists, login, manifests,
    problem::Problem,
    route::Route,
    uploads,
    visit::{Answered, Visit, not_allowed},
};
use crate::{
    faults::{Fault, FaultKind, Struck},
    simulator::Shared,
    wire::reply::{Dropped, Reply},
};

const USUAL_DELAY: u64 = 1000;

/// Answers a request, or drops the connection because a fault says so.
pub(crate) async fn answer(shared: &Shared, parts: &Parts, body: Incoming) -> Result<Reply, Dropped> {
    let reply = match Visit::begin(shared, parts) {
        Ok((visit, (Some(struck), release))) => strike(shared, &visit, body, (&struck, release)).await?,
        Ok((visit, (None, _))) => noted(shared, &visit, perform(shared, &visit, body).await),
        Err(problem) => problem.reply(),
    };
    Ok(reply.with_header("docker-distribution-api-version", "registry/2.0"))
}

/// Does what is asked.
async fn perform(shared: &Shared, visit: &Visit<'_>, body: Incoming) -> Answered {
    visit.check_access(shared)?;
    match (&visit.route, &visit.parts.method) {
        (Route::Base, _) => Ok(Reply::new(StatusCode::OK, "application/json; charset=utf-8", "{}")),
        (Route::Catalog, _) => lists::catalog(shared, visit),
        (Route::Tags { .. }, _) => lists::tags(shared, visit),
        (Route::Referrers { digest, .. }, _) => lists::referrers(shared, visit, digest),
        (Route::Manifest { reference, .. }, &Method::PUT) => manifests::put(shared, visit, reference, body).await,
        (Route::Manifest { reference, .. }, &Method::DELETE) => manifests::delete(shared, visit, reference),
        (Route::Manifest { reference, .. }, _) => manifests::get(shared, visit, reference),
        (Route::Blob { digest, .. }, &Method::HEAD) => layers::head(shared, visit, digest),
        (Route::Blob { digest, .. }, _) => layers::get(shared, visit, digest),
        (Route::Uploads { .. }, _) => uploads::begin(shared, visit, body).await,
        (Route::Upload { id, .. }, &Method::PATCH) => uploads::patch(shared, visit, id, body).await,
        (Route::Upload { id, .. }, &Method::PUT) => uploads::finish(shared, visit, id, body).await,
        (Route::Upload { id, .. }, &Method::GET) => uploads::status(shared, visit, id),
        (Route::Upload { id, .. }, &Method::DELETE) => uploads::cancel(shared, visit, id),
        (Route::Upload { .. }, _) => Err(not_allowed()),
        (Route::Layer { digest, .. }, _) => download::get(shared, visit, digest),
    }
}

/// Notes an answer, and writes it.
fn noted(shared: &Shared, visit: &Visit<'_>, answered: Answered) -> Reply {
    match answered {
        Ok(reply) => {
            visit.note(shared, Some(reply.status.as_u16()), None, Some(true));
            reply
        }
        Err(problem) => refused(shared, visit, &problem),
    }
}

fn refused(shared: &Shared, visit: &Visit<'_>, problem: &Problem) -> Reply {
    visit.note(shared, Some(problem.status), Some(problem), None);
    problem.reply()
}

async fn strike(
    shared: &Shared,
    visit: &Visit<'_>,
    body: Incoming,
    (struck, release): (&Struck, Receiver<u64>),
) -> Result<Reply, Dropped> {
    let fault = &struck.fault;
    let refuse = |usual: Problem| refused(shared, visit, &login::challenged(worded(fault, usual), visit.host()));
    match fault.kind {
        FaultKind::Throttle => Ok(refuse(Problem::new(429, "TOOMANYREQUESTS", "Rate exceeded"))),
        FaultKind::ErrorBefore => Ok(refuse(broken())),
        FaultKind::Status => Ok(refuse(Problem::new(400, "UNKNOWN", "A fault on purpose"))),
        FaultKind::ExpiredCredentials => Ok(refuse(login::expired())),
        FaultKind::Missing => Ok(refuse(Problem::new(404, "MANIFEST_UNKNOWN", "Requested image not found"))),
        FaultKind::ErrorAfter => {
            performed(shared, visit, body).await;
            Ok(refuse(broken()))
        }
        FaultKind::DropBefore => Err(dropped(shared, visit)),
        FaultKind::DropAfter => {
            performed(shared, visit, body).await;
            Err(dropped(shared, visit))
        }
        FaultKind::Hang => {
            wait(release).await;
            Ok(performed(shared, visit, body).await)
        }
        FaultKind::Delay => {
            tokio::time::sleep(Duration::from_millis(fault.delay_ms.unwrap_or(USUAL_DELAY))).await;
            Ok(performed(shared, visit, body).await)
        }
        FaultKind::Truncate if is_sent(visit) => {
            if let Route::Upload { id, .. } = &visit.route {
                uploads::receive_half(shared, visit, id, body).await;
            }
            Err(dropped(shared, visit))
        }
        FaultKind::Truncate => Ok(Reply { is_truncated: true, ..performed(shared, visit, body).await }),
        FaultKind::Garbage => Ok(corrupted(performed(shared, visit, body).await)),
        FaultKind::Edit | FaultKind::Stale => Ok(performed(shared, visit, body).await),
        FaultKind::InterfereBefore => {
            fault.call.iter().for_each(|call| visit.interfere(shared, call));
            Ok(performed(shared, visit, body).await)
        }
        FaultKind::InterfereAfter => {
            let reply = performed(shared, visit, body).await;
            fault.call.iter().for_each(|call| visit.interfere(shared, call));
            Ok(reply)
        }
    }
}

async fn performed(shared: &Shared, visit: &Visit<'_>, body: Incoming) -> Reply {
    noted(shared, visit, perform(shared, visit, body).await)
}

/// Whether the request brings bytes of a layer, so that it breaks off itself where an answer would.
fn is_sent(visit: &Visit<'_>) -> bool {
    matches!(visit.route, Route::Upload { .. }) && [Method::PATCH, Method::PUT].contains(&visit.parts.method)
}

/// The same answer with other bytes, as many of them: what a broken disk or a broken line makes of it.
fn corrupted(reply: Reply) -> Reply {
    let body: Bytes = reply.body.iter().map(|byte| !byte).collect();
    let file = reply.file.map(crate::content::FileSlice::corrupted);
    Reply { body, file, ..reply }
}

fn dropped(shared: &Shared, visit: &Visit<'_>) -> Dropped {
    visit.note(shared, None, None, None);
    Dropped
}

fn broken() -> Problem {
    Problem::new(500, "UNKNOWN", "Service Unavailable. Please try again later.")
}

/// The usual refusal, with what the fault says instead.
fn worded(fault: &Fault, usual: Problem) -> Problem {
    Problem {
        status: fault.status.unwrap_or(usual.status),
        code: fault.code.clone().unwrap_or(usual.code),
        message: fault.message.clone().unwrap_or(usual.message),
        headers: usual.headers,
    }
}

async fn wait(mut release: Receiver<u64>) {
    // The sender lives as long as the world does; without a world there is nothing to wait for.
    let _released = release.changed().await;
}
