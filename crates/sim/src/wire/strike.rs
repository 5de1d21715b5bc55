//! What each kind of fault does to a call.
//!
//! Which call is struck was decided before.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch::Receiver;

use super::{
    answer::Noted,
    protocol::{Protocol, broken, expired, throttled},
    reply::{Dropped, Reply},
    request::AwsRequest,
};
use crate::{
    fault::AwsError,
    faults::{Fault, FaultKind, Struck, edit, missing},
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
    let (noted, struck, release) = Noted::begin(shared, request, protocol, request_id);
    match struck {
        Some(struck) => strike(shared, &noted, &struck, release).await,
        None => Ok(noted.perform(shared)),
    }
}

async fn strike(shared: &Shared, noted: &Noted, struck: &Struck, release: Receiver<u64>) -> Result<Reply, Dropped> {
    let (service, fault) = (noted.request.service, &struck.fault);
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
        FaultKind::ExpiredCredentials => Ok(noted.refuse(shared, &worded(fault, expired(service)))),
        FaultKind::Edit => Ok(changed(shared, noted, |answer| edit(answer, &fault.set, &fault.remove))),
        FaultKind::Missing => Ok(changed(shared, noted, missing)),
        FaultKind::Stale => {
            let earlier = noted.earlier(shared, struck);
            let now = noted.result(shared);
            Ok(noted.reply(shared, now.map(|now| earlier.unwrap_or(now))))
        }
        FaultKind::InterfereBefore => {
            fault.call.iter().for_each(|call| noted.interfere(shared, call));
            Ok(noted.perform(shared))
        }
        FaultKind::InterfereAfter => {
            let result = noted.result(shared);
            fault.call.iter().for_each(|call| noted.interfere(shared, call));
            Ok(noted.reply(shared, result))
        }
    }
}

/// Performs the operation, and answers with a changed answer.
fn changed(shared: &Shared, noted: &Noted, change: impl FnOnce(&mut Value)) -> Reply {
    let mut result = noted.result(shared);
    if let Ok(answer) = &mut result {
        change(answer);
    }
    noted.reply(shared, result)
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
