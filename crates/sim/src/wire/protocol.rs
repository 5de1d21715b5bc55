//! How answers and errors are written: awsJson 1.1 or awsQuery.
//!
//! It decides nothing about what is answered.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::{reply::Reply, xml};
use crate::{fault::AwsError, world::Service};

/// How a client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// awsJson 1.1, with the name that the service gives to an error's message.
    Json { message: &'static str },
    /// awsQuery: a form in, XML out.
    Query,
}

const JSON_TYPE: &str = "application/x-amz-json-1.1";

impl Protocol {
    /// The protocol of a request with the header `X-Amz-Target: target`, or without it.
    pub(super) fn of(target: Option<&str>) -> Self {
        match target {
            Some(target) if target.starts_with("secretsmanager.") => Self::Json { message: "Message" },
            Some(_) => Self::Json { message: "message" },
            None => Self::Query,
        }
    }

    /// A success.
    pub(super) fn success(self, operation: &str, output: &Value, request_id: &str) -> Reply {
        match self {
            Self::Json { .. } => Reply::new(StatusCode::OK, JSON_TYPE, output.to_string()),
            Self::Query => Reply::new(StatusCode::OK, "text/xml", xml::response(operation, output, request_id)),
        }
    }

    /// A refusal.
    pub(super) fn failure(self, error: &AwsError, request_id: &str) -> Reply {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self {
            Self::Json { message } => {
                let body = json!({"__type": error.code, message: error.message});
                Reply::new(status, JSON_TYPE, body.to_string()).with_header("x-amzn-errortype", &error.code)
            }
            Self::Query => Reply::new(status, "text/xml", xml::error(error, request_id)),
        }
    }
}

/// The error that a service throttles with.
pub(super) fn throttled(service: Service) -> AwsError {
    match service {
        Service::Ecs | Service::Ecr | Service::SecretsManager => {
            AwsError::client("ThrottlingException", "Rate exceeded")
        }
        Service::Sts | Service::CloudWatch => AwsError::client("Throttling", "Rate exceeded"),
    }
}

/// The error of a service that is broken itself.
pub(super) fn broken(service: Service) -> AwsError {
    let code = match service {
        Service::Ecs | Service::Ecr => "ServerException",
        Service::SecretsManager => "InternalServiceError",
        Service::Sts => "InternalFailure",
        Service::CloudWatch => "InternalServiceFault",
    };
    AwsError::server(code, "Service Unavailable. Please try again later.")
}
