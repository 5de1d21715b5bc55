//! What each kind of fault does to a call.
//!
//! Which call is struck was decided before.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch::Receiver;

use super::{
    answer::Noted,
    protocol::{Protocol, broken, throttled},
    reply::{Dropped, Reply},
    request::AwsRequest,
};
use crate::{
    fault::AwsError,
    faults::{Fault, FaultKind},
    simulator::Shared,
};

const USUAL_DELAY: u64 = 1000;

/// Performs and answers a request as the fault that strikes it lets it.
pub(super) async fn answer(
    shared: &Shared,
    request: AwsRequest,
    protocol: Protocol,
    request_id: String,
) -> Result<Reply, Dropped> {
    let (noted, fault, release) = Noted::begin(shared, request, protocol, request_id);
    match fault {
        Some(fault) => strike(shared, &noted, &fault, release).await,
        None => Ok(noted.perform(shared)),
    }
}

async fn strike(shared: &Shared, noted: &Noted, fault: &Fault, release: Receiver<u64>) -> Result<Reply, Dropped> {
    let service = noted.request.service;
    match fault.kind {
        FaultKind::Throttle => Ok(noted.refuse(shared, &worded(fault, throttled(service)))),
        FaultKind::ErrorBefore => Ok(noted.refuse(shared, &worded(fault, broken(service)))),
        FaultKind::Status => {
            Ok(noted.refuse(shared, &worded(fault, AwsError::client("ClientException", "A fault on purpose"))))
        }
        FaultKind::ErrorAfter => {
            noted.perform(shared);
            Ok(noted.refuse(shared, &worded(fault, broken(service))))
        }
        FaultKind::DropBefore => Err(noted.drop_connection(shared)),
        FaultKind::DropAfter => {
            noted.perform(shared);
            Err(noted.drop_connection(shared))
        }
        FaultKind::Hang => {
            wait(release).await;
            Ok(noted.perform(shared))
        }
        FaultKind::Delay => {
            tokio::time::sleep(Duration::from_millis(fault.delay_ms.unwrap_or(USUAL_DELAY))).await;
            Ok(noted.perform(shared))
        }
        FaultKind::Truncate => Ok(Reply { is_truncated: true, ..noted.perform(shared) }),
        FaultKind::Garbage => {
            Ok(Reply { body: Bytes::from_static(b"<html>upstream connect error"), ..noted.perform(shared) })
        }
    }
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
