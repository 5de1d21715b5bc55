//! Reading a request: which service and operation, by whom, with which input.
//!
//! What the input means is judged by the service.

use hyper::{
    HeaderMap, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
    http::request::Parts,
};
use serde_json::{Map, Value};

use super::{cbor, protocol::Protocol, query::Form, signature::Scope};
use crate::{
    fault::AwsError,
    sts::Caller,
    world::{QueryDialect, Service, World},
};

/// A request to a simulated service.
#[derive(Debug)]
pub(super) struct AwsRequest {
    pub(super) service: Service,
    pub(super) operation: String,
    pub(super) input: Value,
    pub(super) caller: Caller,
    pub(super) invocation_id: Option<String>,
    /// The key that signed it; empty if none did.
    pub(super) access_key: String,
}

/// The value of a header, if it is there and legible.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl AwsRequest {
    /// Reads a request, or says why it is refused before any service sees it.
    pub(super) fn read(parts: &Parts, body: &[u8], world: &World) -> Result<Self, AwsError> {
        let scope = header(&parts.headers, AUTHORIZATION.as_str()).map(Scope::read).transpose()?;
        let named = match (Protocol::of(parts), header(&parts.headers, "x-amz-target")) {
            (Protocol::Cbor(_), _) => read_cbor(parts, body),
            (Protocol::Json(_), target) => read_json(parts, target.unwrap_or_default(), body),
            (Protocol::Query(_), _) => read_query(parts, body, scope.as_ref()),
        };
        let (service, operation, input) = named?;
        let caller = identify(scope.as_ref(), service, &operation, world)?;
        let invocation_id = header(&parts.headers, "amz-sdk-invocation-id").map(str::to_owned);
        let access_key = scope.map(|scope| scope.access_key.to_owned()).unwrap_or_default();
        Ok(Self { service, operation, input, caller, invocation_id, access_key })
    }
}

fn identify(scope: Option<&Scope<'_>>, service: Service, operation: &str, world: &World) -> Result<Caller, AwsError> {
    let estate = &world.estate;
    match scope {
        Some(scope) if scope.service == service.name() => {
            Ok(estate.sessions.caller(scope.access_key, scope.region, &estate.default_account))
        }
        Some(scope) => Err(forbidden(
            "InvalidSignatureException",
            &format!("Credential should be scoped to correct service: '{}', not '{}'.", service.name(), scope.service),
        )),
        None if operation == "AssumeRoleWithWebIdentity" => Ok(Caller {
            account: estate.default_account.clone(),
            region: estate.default_region.clone(),
            arn: "anonymous".to_owned(),
            user_id: "anonymous".to_owned(),
        }),
        None => Err(forbidden(
            if service == Service::Sts { "MissingAuthenticationToken" } else { "MissingAuthenticationTokenException" },
            "Missing Authentication Token",
        )),
    }
}

fn read_json(parts: &Parts, target: &str, body: &[u8]) -> Result<(Service, String, Value), AwsError> {
    let unknown =
        || AwsError::client("UnknownOperationException", format!("The simulator does not know the target '{target}'"));
    let (prefix, operation) = target.rsplit_once('.').ok_or_else(unknown)?;
    let service = Service::by_target_prefix(prefix).ok_or_else(unknown)?;
    let content_type = header(&parts.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let expected = service.json_type();
    if parts.method != Method::POST || !content_type.starts_with(expected) {
        return Err(AwsError::client("SerializationException", format!("Expected POST with Content-Type {expected}")));
    }
    let input = if body.is_empty() { Value::Object(Map::new()) } else { parse(body)? };
    Ok((service, operation.to_owned(), input))
}

fn parse(body: &[u8]) -> Result<Value, AwsError> {
    match serde_json::from_slice(body) {
        Ok(input @ Value::Object(_)) => Ok(input),
        Ok(_) => Err(AwsError::client("SerializationException", "Start of structure or map found where not expected.")),
        Err(error) => Err(AwsError::client("SerializationException", error.to_string())),
    }
}

fn read_cbor(parts: &Parts, body: &[u8]) -> Result<(Service, String, Value), AwsError> {
    let unknown = || {
        let path = parts.uri.path();
        AwsError::client("UnknownOperationException", format!("The simulator does not know the path '{path}'"))
    };
    let (prefix, operation) = rpc_target(parts).ok_or_else(unknown)?;
    let service = Service::by_target_prefix(prefix).ok_or_else(unknown)?;
    let wrong =
        |problem: &str| AwsError::client("SerializationException", format!("The body is no CBOR map: {problem}"));
    let input = if body.is_empty() { Ok(Value::Object(Map::new())) } else { cbor::decode(body) };
    match input {
        Ok(input @ Value::Object(_)) => Ok((service, operation.to_owned(), input)),
        Ok(_) => Err(wrong("it is something else")),
        Err(problem) => Err(wrong(problem)),
    }
}

/// Service and operation of `/service/SERVICE/operation/OPERATION`, as smithy's RPC writes them.
pub(super) fn rpc_target(parts: &Parts) -> Option<(&str, &str)> {
    parts.uri.path().strip_prefix("/service/")?.split_once("/operation/")
}

fn read_query(parts: &Parts, body: &[u8], scope: Option<&Scope<'_>>) -> Result<(Service, String, Value), AwsError> {
    let named = scope.map_or(Service::Sts.name(), |scope| scope.service);
    let Some((service, Some(dialect))) = Service::by_name(named).map(|service| (service, service.query())) else {
        return Err(not_simulated(named));
    };
    let form = if parts.method == Method::GET { parts.uri.query().unwrap_or_default().as_bytes() } else { body };
    let form = Form::read(form)?;
    if let Some(version) = form.version.as_deref().filter(|version| *version != dialect.version) {
        let QueryDialect { version: known, .. } = dialect;
        let problem = format!("The simulator knows version {known} of {named}, not {version}");
        return Err(AwsError::client("InvalidAction", problem));
    }
    let missing = || match scope {
        Some(_) => AwsError::client("MissingAction", "The request must contain the parameter Action"),
        None => forbidden(
            "MissingAuthenticationToken",
            "The request is neither signed nor one of AssumeRoleWithWebIdentity",
        ),
    };
    let operation = form.operation.clone().ok_or_else(missing)?;
    Ok((service, operation, form.input(service)?))
}

fn not_simulated(service: &str) -> AwsError {
    let message = match Service::by_name(service) {
        Some(_) => format!("Requests to '{service}' need the header X-Amz-Target"),
        None => format!("The simulator does not speak for the service '{service}'; it speaks for {}", Service::names()),
    };
    AwsError { status: 501, code: "NotImplemented".to_owned(), message }
}

fn forbidden(code: &str, message: &str) -> AwsError {
    AwsError { status: 403, code: code.to_owned(), message: message.to_owned() }
}
