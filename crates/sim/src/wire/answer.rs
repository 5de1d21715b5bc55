//! Answering a request to a simulated service, with the fault that strikes it, if one does.
//!
//! What a fault does to a call is in `strike`.

use hyper::http::request::Parts;

use super::{
    protocol::Protocol,
    reply::{Dropped, Reply},
    request::AwsRequest,
    strike,
};
use crate::{fault::AwsError, faults::FaultTarget, simulator::Shared};

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
    ) -> (Self, Option<crate::faults::Fault>, tokio::sync::watch::Receiver<u64>) {
        let mut world = shared.world();
        let now = world.step();
        let AwsRequest { service, operation, input, caller, invocation_id } = &request;
        let sequence = world.calls.begin(now, caller, service.name(), operation, input);
        let target =
            FaultTarget { service: service.name(), operation, account: &caller.account, region: &caller.region };
        let fault = world.estate.faults.strike(&target);
        world.calls.note(sequence, |call| {
            call.fault = fault.as_ref().map(|fault| fault.kind);
            call.invocation_id.clone_from(invocation_id);
        });
        // Subscribed while nobody else has the world: no release is missed.
        let release = shared.release();
        drop(world);
        (Self { request, protocol, request_id, sequence }, fault, release)
    }

    /// Lets the service perform the operation, and notes whether it did.
    pub(super) fn perform(&self, shared: &Shared) -> Reply {
        let AwsRequest { service, operation, input, caller, .. } = &self.request;
        let mut world = shared.world();
        let result = world.perform(*service, operation, input, caller);
        world.calls.note(self.sequence, |call| call.accepted = result.is_ok());
        drop(world);
        match result {
            Ok(output) => {
                self.note_status(shared, 200, None);
                self.protocol.success(operation, &output, &self.request_id)
            }
            Err(error) => self.refuse(shared, &error),
        }
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
