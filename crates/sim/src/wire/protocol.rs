//! How answers and errors are written: awsJson, awsQuery, or smithy's RPC v2 in CBOR.
//!
//! It decides nothing about what is answered.

use hyper::{StatusCode, http::request::Parts};
use serde_json::{Value, json};

use super::{
    cbor,
    reply::Reply,
    request::{header, rpc_target},
    signature::Scope,
    xml,
};
use crate::{fault::AwsError, world::Service};

/// How a client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// awsJson 1.0 or 1.1, by the service.
    Json(Option<Service>),
    /// awsQuery: a form in, XML out.
    Query(Option<Service>),
    /// RPC v2 in CBOR.
    Cbor(Option<Service>),
}

/// The namespace of answers to requests of no known service.
const NO_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const CBOR_TYPE: &str = "application/cbor";

impl Protocol {
    /// The protocol of a request, as its headers and its path tell.
    pub(super) fn of(parts: &Parts) -> Self {
        if header(&parts.headers, "smithy-protocol") == Some("rpc-v2-cbor") {
            return Self::Cbor(rpc_target(parts).and_then(|(prefix, _)| Service::by_target_prefix(prefix)));
        }
        if let Some(target) = header(&parts.headers, "x-amz-target") {
            let prefix = target.rsplit_once('.').map(|(prefix, _)| prefix);
            return Self::Json(prefix.and_then(Service::by_target_prefix));
        }
        let scope = header(&parts.headers, "authorization").and_then(|header| Scope::read(header).ok());
        Self::Query(scope.and_then(|scope| Service::by_name(scope.service)))
    }

    /// A success.
    pub(super) fn success(self, operation: &str, output: &Value, request_id: &str) -> Reply {
        match self {
            Self::Json(service) => Reply::new(StatusCode::OK, json_type(service), output.to_string()),
            Self::Query(service) => {
                Reply::new(StatusCode::OK, "text/xml", xml::response(namespace(service), operation, output, request_id))
            }
            Self::Cbor(_) => cbor_reply(StatusCode::OK, output),
        }
    }

    /// A refusal.
    pub(super) fn failure(self, error: &AwsError, request_id: &str) -> Reply {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self {
            Self::Json(service) => {
                let shape = shape(service, &error.code);
                let body = json!({"__type": shape, message_member(service): error.message});
                let reply = Reply::new(status, json_type(service), body.to_string());
                with_query_code(reply.with_header("x-amzn-errortype", &shape), service, error)
            }
            Self::Query(service) => Reply::new(status, "text/xml", xml::error(namespace(service), error, request_id)),
            Self::Cbor(service) => {
                let body = json!({"__type": shape(service, &error.code), "message": error.message});
                with_query_code(cbor_reply(status, &body), service, error)
            }
        }
    }
}

/// An operation without an output has no body.
fn cbor_reply(status: StatusCode, value: &Value) -> Reply {
    let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
    let reply = if is_empty { Reply::empty(status) } else { Reply::new(status, CBOR_TYPE, cbor::encode(value)) };
    reply.with_header("smithy-protocol", "rpc-v2-cbor")
}

fn json_type(service: Option<Service>) -> &'static str {
    service.map_or("application/x-amz-json-1.1", Service::json_type)
}

fn namespace(service: Option<Service>) -> &'static str {
    service.and_then(Service::query).map_or(NO_NAMESPACE, |dialect| dialect.namespace)
}

/// The name that the service gives to an error's message.
fn message_member(service: Option<Service>) -> &'static str {
    if service == Some(Service::SecretsManager) { "Message" } else { "message" }
}

/// The shape of an error, whose name differs from its code where a service once spoke awsQuery only.
fn shape(service: Option<Service>, code: &str) -> String {
    match (service, code) {
        (Some(Service::CloudWatch), "InvalidFormat" | "LimitExceeded" | "InternalServiceError") => {
            format!("{code}Fault")
        }
        (_, code) => code.to_owned(),
    }
}

/// Whoever spoke awsQuery before still finds the code that it knows.
fn with_query_code(reply: Reply, service: Option<Service>, error: &AwsError) -> Reply {
    if service.is_none_or(|service| service.query().is_none()) {
        return reply;
    }
    let side = if error.status < 500 { "Sender" } else { "Receiver" };
    reply.with_header("x-amzn-query-error", &format!("{};{side}", error.code))
}

/// The error that a service throttles with.
pub(super) fn throttled(service: Service) -> AwsError {
    let code = match service {
        Service::Ecs | Service::Ecr | Service::SecretsManager | Service::Logs => "ThrottlingException",
        Service::Sts | Service::CloudWatch | Service::LoadBalancing => "Throttling",
    };
    AwsError::client(code, "Rate exceeded")
}

/// The error for credentials that were good once.
pub(super) fn expired(service: Service) -> AwsError {
    let message = "The security token included in the request is expired";
    match service.query() {
        Some(_) => AwsError { status: 403, ..AwsError::client("ExpiredToken", message) },
        None => AwsError::client("ExpiredTokenException", message),
    }
}

/// The error of a service that is broken itself.
pub(super) fn broken(service: Service) -> AwsError {
    match service {
        Service::Ecs | Service::Ecr => AwsError::server("ServerException", UNAVAILABLE),
        Service::SecretsManager | Service::CloudWatch => AwsError::server("InternalServiceError", UNAVAILABLE),
        Service::Logs => AwsError { status: 503, ..AwsError::server("ServiceUnavailableException", UNAVAILABLE) },
        Service::Sts | Service::LoadBalancing => AwsError::server("InternalFailure", UNAVAILABLE),
    }
}

const UNAVAILABLE: &str = "Service Unavailable. Please try again later.";
