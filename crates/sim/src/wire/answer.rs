//! Answering a request to a simulated service, with the fault that strikes it, if one does.
//!
//! What a fault does to a call is in `strike`.

use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch::Receiver;

use super::{
    protocol::Protocol,
    reply::{Dropped, Reply},
    request::AwsRequest,
    strike,
};
use crate::{
    fault::AwsError,
    faults::{FaultTarget, OtherCall, Struck},
    simulator::Shared,
};

/// A request that was let in and noted.
pub(super) struct Noted {
    pub(super) request: AwsRequest,
    pub(super) protocol: Protocol,
    pub(super) request_id: String,
    sequence: u64,
}

/// Answers a request, or drops the connection because a fault says so.
pub(super) async fn answer(shared: &Shared, parts: &Parts, body: &[u8]) -> Result<Reply, Dropped> {
    let protocol = Protocol::of(parts);
    let request_id = shared.world().request_id();
    let read = AwsRequest::read(parts, body, &shared.world());
    let reply = match read {
        Ok(request) => strike::answer(shared, request, protocol, request_id.clone()).await?,
        Err(error) => protocol.failure(&error, &request_id),
    };
    Ok(reply.with_header("x-amzn-requestid", &request_id))
}

impl Noted {
    /// Notes a request in the log, with the fault that strikes it.
    pub(super) fn begin(
        shared: &Shared,
        request: AwsRequest,
        protocol: Protocol,
        request_id: String,
    ) -> (Self, Option<Struck>, Receiver<u64>) {
        let mut world = shared.world();
        let now = world.step();
        let AwsRequest { service, operation, input, caller, invocation_id, .. } = &request;
        let sequence = world.calls.begin(now, caller, service.name(), operation, input);
        let struck = world.estate.faults.strike(&target(&request, now));
        world.calls.note(sequence, |call| {
            call.fault = struck.as_ref().map(|struck| struck.fault.kind);
            call.invocation_id.clone_from(invocation_id);
        });
        // Subscribed while nobody else has the world: no release is missed.
        let release = shared.release();
        drop(world);
        (Self { request, protocol, request_id, sequence }, struck, release)
    }

    /// Lets the service perform the operation, and answers as it does.
    pub(super) fn perform(&self, shared: &Shared) -> Reply {
        let result = self.result(shared);
        self.reply(shared, result)
    }

    /// Lets the service perform the operation, and notes whether it did.
    pub(super) fn result(&self, shared: &Shared) -> Result<Value, AwsError> {
        let AwsRequest { service, operation, input, caller, .. } = &self.request;
        let mut world = shared.world();
        let result = world.perform(*service, operation, input, caller);
        world.calls.note(self.sequence, |call| call.accepted = result.is_ok());
        if let Ok(answer) = &result {
            let now = world.clock.now();
            world.estate.faults.remember(&target(&self.request, now), &self.question(), answer);
        }
        result
    }

    /// What was answered before to the same question.
    pub(super) fn earlier(&self, shared: &Shared, struck: &Struck) -> Option<Value> {
        let world = shared.world();
        world.estate.faults.recall(struck, &self.question(), world.clock.now())
    }

    /// Lets somebody else of the same account and region call something.
    pub(super) fn interfere(&self, shared: &Shared, other: &OtherCall) {
        let AwsRequest { service, caller, .. } = &self.request;
        shared.world().let_somebody_call(*service, caller, other);
    }

    /// Writes an answer, and notes it.
    pub(super) fn reply(&self, shared: &Shared, result: Result<Value, AwsError>) -> Reply {
        match result {
            Ok(output) => {
                self.note_status(shared, 200, None);
                self.protocol.success(&self.request.operation, &output, &self.request_id)
            }
            Err(error) => self.refuse(shared, &error),
        }
    }

    /// What makes two calls the same question.
    fn question(&self) -> String {
        let AwsRequest { service, operation, input, caller, .. } = &self.request;
        format!("{} {operation} {} {} {input}", service.name(), caller.account, caller.region)
    }

    /// Answers with an error, whatever the service did.
    pub(super) fn refuse(&self, shared: &Shared, error: &AwsError) -> Reply {
        self.note_status(shared, error.status, Some(&error.code));
        self.protocol.failure(error, &self.request_id)
    }

    /// Notes that there was no answer.
    pub(super) fn drop_connection(&self, shared: &Shared) -> Dropped {
        shared.world().calls.note(self.sequence, |call| {
            call.status = None;
            call.error = None;
        });
        Dropped
    }

    fn note_status(&self, shared: &Shared, status: u16, error: Option<&str>) {
        shared.world().calls.note(self.sequence, |call| {
            call.status = Some(status);
            call.error = error.map(str::to_owned);
        });
    }
}

fn target(request: &AwsRequest, at: Timestamp) -> FaultTarget<'_> {
    let AwsRequest { service, operation, caller, access_key, .. } = request;
    FaultTarget { service: service.name(), operation, account: &caller.account, region: &caller.region, access_key, at }
}
