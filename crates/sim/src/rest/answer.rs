//! A request that was let in and noted in the log of calls.
//!
//! What a fault makes of it is in `strike`.

use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch::Receiver;

use super::{error::RestError, reply::RestReply};
use crate::{
    cloudfront,
    fault::AwsError,
    faults::{FaultTarget, Struck},
    s3,
    simulator::Shared,
    sts::Caller,
    wire::reply::Dropped,
};

/// A request that one of the services understands.
#[derive(Debug)]
pub(crate) enum Job {
    S3(Box<s3::Request>),
    CloudFront(Box<cloudfront::Request>),
}

/// What the log says of a request.
pub(crate) struct Call<'a> {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) caller: &'a Caller,
    pub(crate) access_key: &'a str,
    pub(crate) input: Value,
    pub(crate) invocation_id: Option<String>,
}

/// A request that was noted.
pub(crate) struct Noted {
    /// When it came.
    pub(crate) at: Timestamp,
    /// What tells it from all others.
    pub(crate) number: u64,
    sequence: u64,
}

impl Job {
    fn call(&self) -> Call<'_> {
        match self {
            Self::S3(request) => request.call(),
            Self::CloudFront(request) => request.call(),
        }
    }

    pub(super) async fn perform(
        &self,
        shared: &Shared,
        noted: &Noted,
        body: &mut Incoming,
    ) -> Result<RestReply, RestError> {
        match self {
            Self::S3(request) => request.perform(shared, body).await,
            Self::CloudFront(request) => request.perform(shared, noted, body).await,
        }
    }

    pub(super) fn failure(&self, error: &RestError, noted: &Noted) -> RestReply {
        match self {
            Self::S3(request) => request.failure(error, noted.number),
            Self::CloudFront(_) => cloudfront::failure(error, noted.number),
        }
    }

    /// What both services put into every answer.
    pub(super) fn finish(&self, reply: RestReply, noted: &Noted) -> RestReply {
        match self {
            Self::S3(_) => s3::finish(reply, noted.number),
            Self::CloudFront(_) => reply.header("x-amzn-requestid", cloudfront::request_id(noted.number)),
        }
    }

    /// The error that the service throttles with.
    pub(super) fn throttled(&self) -> AwsError {
        match self {
            Self::S3(_) => AwsError { status: 503, ..AwsError::client("SlowDown", "Please reduce your request rate.") },
            Self::CloudFront(_) => AwsError::client("Throttling", "Rate exceeded"),
        }
    }

    /// The error of the service when it is broken itself.
    pub(super) fn broken(&self) -> AwsError {
        match self {
            Self::S3(_) => AwsError::server("InternalError", "We encountered an internal error. Please try again."),
            Self::CloudFront(_) => {
                let message = "CloudFront encountered an internal error. Please try again.";
                AwsError { status: 503, ..AwsError::server("ServiceUnavailable", message) }
            }
        }
    }

    /// The error for credentials that were good once.
    pub(super) fn expired(&self) -> AwsError {
        match self {
            Self::S3(_) => AwsError::client("ExpiredToken", "The provided token has expired."),
            Self::CloudFront(_) => {
                let message = "The security token included in the request is expired";
                AwsError { status: 403, ..AwsError::client("ExpiredToken", message) }
            }
        }
    }
}

impl Noted {
    /// Notes a request in the log, with the fault that strikes it.
    pub(super) fn begin(shared: &Shared, job: &Job) -> (Self, Option<Struck>, Receiver<u64>) {
        let Call { service, operation, caller, access_key, input, invocation_id } = job.call();
        let mut world = shared.world();
        let at = world.step();
        let number = world.request_number();
        let sequence = world.calls.begin(at, caller, service, operation, &input);
        let (account, region) = (caller.account.as_str(), caller.region.as_str());
        let target = FaultTarget { service, operation, account, region, access_key, at };
        let struck = world.estate.faults.strike(&target);
        world.calls.note(sequence, |call| {
            call.fault = struck.as_ref().map(|struck| struck.fault.kind);
            call.invocation_id = invocation_id;
        });
        // Subscribed while nobody else has the world: no release is missed.
        let release = shared.release();
        drop(world);
        (Self { at, number, sequence }, struck, release)
    }

    /// Lets the service perform the request, and writes its answer.
    pub(super) async fn perform(&self, shared: &Shared, job: &Job, body: &mut Incoming) -> RestReply {
        let result = job.perform(shared, self, body).await;
        match result {
            Ok(reply) => {
                self.note(shared, Some(reply.status.as_u16()), None, true);
                reply
            }
            Err(error) => {
                // A condition that holds is no refusal, although it is told like one.
                self.note(shared, Some(error.error.status), Some(&error.error.code), false);
                job.failure(&error, self)
            }
        }
    }

    /// Answers with an error, whatever the service did.
    pub(super) fn refuse(&self, shared: &Shared, job: &Job, error: AwsError) -> RestReply {
        shared.world().calls.note(self.sequence, |call| {
            call.status = Some(error.status);
            call.error = Some(error.code.clone());
        });
        job.failure(&error.into(), self)
    }

    /// Notes that there was no answer.
    pub(super) fn drop_connection(&self, shared: &Shared) -> Dropped {
        shared.world().calls.note(self.sequence, |call| {
            call.status = None;
            call.error = None;
        });
        Dropped
    }

    fn note(&self, shared: &Shared, status: Option<u16>, error: Option<&str>, accepted: bool) {
        shared.world().calls.note(self.sequence, |call| {
            call.status = status;
            call.error = error.map(str::to_owned);
            call.accepted = accepted;
        });
    }
}
