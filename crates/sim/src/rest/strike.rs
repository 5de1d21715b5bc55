//! Answering a REST request, with what the fault that strikes it makes of it.
//!
//! Which request is struck was decided before.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{Response, body::Incoming};
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;

use super::{
    answer::{Job, Noted},
    reply::RestReply,
};
use crate::{
    api::http_date,
    fault::AwsError,
    faults::{Fault, FaultKind, Struck, edit},
    s3,
    simulator::Shared,
    wire::reply::{Body, Dropped},
};

const USUAL_DELAY: u64 = 1000;
/// How much of a body is taken that nobody wants, so that a client which still sends can read its answer.
const MOST_UNWANTED: u64 = 64 * 1024 * 1024;

/// Performs and answers a request as the fault that strikes it lets it.
pub(crate) async fn answer(
    shared: &Shared,
    job: Job,
    expects: bool,
    mut body: Incoming,
) -> Result<Response<Body>, Dropped> {
    if let Some(latency) = job.latency(shared) {
        tokio::time::sleep(latency).await;
    }
    let (noted, struck, release) = Noted::begin(shared, &job);
    let reply = match struck {
        Some(struck) => strike(shared, (&job, &noted), &struck, release, &mut body).await?,
        None => noted.perform(shared, &job, &mut body).await,
    };
    // A client that waits to be told to go on is told not to; any other is heard out.
    if !expects {
        drain(&mut body).await;
    }
    let date = http_date(noted.at);
    Ok(job.finish(reply, &noted).header("date", &date).into_response())
}

async fn strike(
    shared: &Shared,
    (job, noted): (&Job, &Noted),
    struck: &Struck,
    release: Receiver<u64>,
    body: &mut Incoming,
) -> Result<RestReply, Dropped> {
    let fault = &struck.fault;
    let usual = match fault.kind {
        FaultKind::Throttle => return Ok(noted.refuse(shared, job, worded(fault, job.throttled()))),
        FaultKind::ErrorBefore => return Ok(noted.refuse(shared, job, worded(fault, job.broken()))),
        FaultKind::ExpiredCredentials => return Ok(noted.refuse(shared, job, worded(fault, job.expired()))),
        FaultKind::Status => {
            let error = AwsError::client("InvalidRequest", "A fault on purpose");
            return Ok(noted.refuse(shared, job, worded(fault, error)));
        }
        FaultKind::Missing => return Ok(noted.refuse(shared, job, worded(fault, job.missing()))),
        FaultKind::DropBefore => return Err(noted.drop_connection(shared)),
        FaultKind::Hang => {
            wait(release).await;
            noted.perform(shared, job, body).await
        }
        FaultKind::Delay => {
            tokio::time::sleep(Duration::from_millis(fault.delay_ms.unwrap_or(USUAL_DELAY))).await;
            noted.perform(shared, job, body).await
        }
        FaultKind::InterfereBefore => {
            interfere(shared, job, fault);
            noted.perform(shared, job, body).await
        }
        FaultKind::ErrorAfter
        | FaultKind::DropAfter
        | FaultKind::Truncate
        | FaultKind::Garbage
        | FaultKind::Edit
        | FaultKind::Stale
        | FaultKind::InterfereAfter => noted.perform(shared, job, body).await,
    };
    afterwards(shared, (job, noted), fault, usual)
}

/// What becomes of an answer once the request was performed.
fn afterwards(
    shared: &Shared,
    (job, noted): (&Job, &Noted),
    fault: &Fault,
    usual: RestReply,
) -> Result<RestReply, Dropped> {
    match fault.kind {
        FaultKind::ErrorAfter => Ok(noted.refuse(shared, job, worded(fault, job.broken()))),
        FaultKind::DropAfter => Err(noted.drop_connection(shared)),
        FaultKind::Truncate => Ok(usual.truncated()),
        FaultKind::Garbage => Ok(usual.corrupted()),
        FaultKind::Edit => Ok(edited(usual, fault)),
        FaultKind::InterfereAfter => {
            interfere(shared, job, fault);
            Ok(usual)
        }
        // Both services read what was last written: there is no older answer to give.
        FaultKind::Stale
        | FaultKind::Hang
        | FaultKind::Delay
        | FaultKind::InterfereBefore
        | FaultKind::Throttle
        | FaultKind::ErrorBefore
        | FaultKind::ExpiredCredentials
        | FaultKind::Status
        | FaultKind::Missing
        | FaultKind::DropBefore => Ok(usual),
    }
}

/// Lets somebody else write to the bucket.
fn interfere(shared: &Shared, job: &Job, fault: &Fault) {
    if let (Job::S3(request), Some(call)) = (job, &fault.call) {
        s3::interfere(shared, request, &call.operation, &call.input);
    }
}

/// Sets and removes headers, as `/headers/etag` and the like.
fn edited(reply: RestReply, fault: &Fault) -> RestReply {
    let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = reply.headers.iter().map(|(name, value)| (name.as_str().to_owned(), Value::from(text(value))));
    let mut shown = json!({"headers": headers.collect::<serde_json::Map<_, _>>()});
    edit(&mut shown, &fault.set, &fault.remove);
    let mut reply = reply;
    reply.headers.clear();
    let edited = shown["headers"].as_object().cloned().unwrap_or_default();
    edited.iter().fold(reply, |reply, (name, value)| reply.maybe(name, value.as_str()))
}

/// The usual error, with what the fault says instead.
fn worded(fault: &Fault, usual: AwsError) -> AwsError {
    AwsError {
        status: fault.status.unwrap_or(usual.status),
        code: fault.code.clone().unwrap_or(usual.code),
        message: fault.message.clone().unwrap_or(usual.message),
    }
}

async fn wait(mut release: Receiver<u64>) {
    // The sender lives as long as the world does; without a world there is nothing to wait for.
    let _released = release.changed().await;
}

async fn drain(body: &mut Incoming) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.into_data().map_or(0, |data: Bytes| data.len() as u64);
        if taken > MOST_UNWANTED {
            return;
        }
    }
}

impl Job {
    /// The error that what was asked for is not there.
    fn missing(&self) -> AwsError {
        match self {
            Self::S3(_) => AwsError { status: 404, ..AwsError::client("NoSuchKey", s3::NO_SUCH_KEY) },
            Self::CloudFront(_) => {
                let message = "The specified distribution does not exist.";
                AwsError { status: 404, ..AwsError::client("NoSuchDistribution", message) }
            }
        }
    }

    /// How long every request takes, in real time.
    fn latency(&self, shared: &Shared) -> Option<Duration> {
        match self {
            Self::S3(_) => shared.storage().latency(),
            Self::CloudFront(_) => None,
        }
    }
}
