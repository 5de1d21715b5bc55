//! Reading a request: which service and operation, by whom, with which input.
//!
//! What the input means is judged by the service.

use hyper::{
    HeaderMap, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
    http::request::Parts,
};
use serde_json::{Map, Value};

use super::signature::Scope;
use crate::{
    fault::AwsError,
    sts::Caller,
    world::{Service, World},
};

/// A request to a simulated service.
#[derive(Debug)]
pub(super) struct AwsRequest {
    pub(super) service: Service,
    pub(super) operation: String,
    pub(super) input: Value,
    pub(super) caller: Caller,
    pub(super) invocation_id: Option<String>,
}

/// The value of a header, if it is there and legible.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl AwsRequest {
    /// Reads a request, or says why it is refused before any service sees it.
    pub(super) fn read(parts: &Parts, body: &[u8], world: &World) -> Result<Self, AwsError> {
        let scope = header(&parts.headers, AUTHORIZATION.as_str()).map(Scope::read).transpose()?;
        let named = match header(&parts.headers, "x-amz-target") {
            Some(target) => read_json(parts, target, body),
            None => read_query(parts, body, scope.as_ref()),
        };
        let (service, operation, input) = named?;
        let caller = identify(scope.as_ref(), service, &operation, world)?;
        let invocation_id = header(&parts.headers, "amz-sdk-invocation-id").map(str::to_owned);
        Ok(Self { service, operation, input, caller, invocation_id })
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
    if parts.method != Method::POST || !content_type.starts_with("application/x-amz-json-1.1") {
        return Err(AwsError::client(
            "SerializationException",
            "Expected POST with Content-Type application/x-amz-json-1.1",
        ));
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

fn read_query(parts: &Parts, body: &[u8], scope: Option<&Scope<'_>>) -> Result<(Service, String, Value), AwsError> {
    if let Some(scope) = scope.filter(|scope| scope.service != Service::Sts.name()) {
        return Err(not_simulated(scope.service));
    }
    let form = if parts.method == Method::GET { parts.uri.query().unwrap_or_default().as_bytes() } else { body };
    let (mut operation, mut input) = (None, Map::new());
    for (name, value) in form_urlencoded::parse(form) {
        match name.as_ref() {
            "Action" => operation = Some(value.into_owned()),
            "Version" if value == "2011-06-15" => (),
            "Version" => {
                return Err(AwsError::client(
                    "InvalidAction",
                    format!("The simulator knows version 2011-06-15 of STS, not {value}"),
                ));
            }
            // `Tags.member.1.Key` is part of `Tags`; nothing that lists and structures hold matters to the simulator.
            name => {
                let member = name.split('.').next().unwrap_or(name);
                input.insert(member.to_owned(), Value::from(value.into_owned()));
            }
        }
    }
    let missing = || match scope {
        Some(_) => AwsError::client("MissingAction", "The request must contain the parameter Action"),
        None => forbidden(
            "MissingAuthenticationToken",
            "The request is neither signed nor one of AssumeRoleWithWebIdentity",
        ),
    };
    Ok((Service::Sts, operation.ok_or_else(missing)?, Value::Object(input)))
}

fn not_simulated(service: &str) -> AwsError {
    let message = match Service::by_name(service) {
        Some(_) => format!("Requests to '{service}' need the header X-Amz-Target"),
        None => format!(
            "The simulator does not speak for the service '{service}'; it speaks for ecs, ecr, secretsmanager and sts"
        ),
    };
    AwsError { status: 501, code: "NotImplemented".to_owned(), message }
}

fn forbidden(code: &str, message: &str) -> AwsError {
    AwsError { status: 403, code: code.to_owned(), message: message.to_owned() }
}
