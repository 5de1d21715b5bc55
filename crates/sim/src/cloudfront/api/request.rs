//! A request to CloudFront's API: which operation, about what.
//!
//! Whether there is such a thing is asked when it is performed.

use hyper::{HeaderMap, Method, http::request::Parts};
use serde_json::{Value, json};

use super::NAMESPACE;
use crate::{
    rest::{Call, RestError, RestReply, Signed, Target, Xml},
    sts::Caller,
};

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) operation: Operation,
    /// The distribution; empty where there is none yet.
    pub(super) distribution: String,
    /// The invalidation, where it is about one.
    pub(super) invalidation: String,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) caller: Caller,
    access_key: String,
}

/// An operation of CloudFront.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    CreateDistribution,
    ListDistributions,
    GetDistribution,
    GetDistributionConfig,
    UpdateDistribution,
    CreateInvalidation,
    GetInvalidation,
    ListInvalidations,
}

impl Operation {
    /// The operation, and the names in its path.
    fn of<'a>(method: &Method, path: &'a str) -> Option<(Self, &'a str, &'a str)> {
        let path = path.strip_prefix("/2020-05-31/")?;
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["distribution"]) => Some((Self::CreateDistribution, "", "")),
            ("GET", ["distribution"]) => Some((Self::ListDistributions, "", "")),
            ("GET", ["distribution", id]) => Some((Self::GetDistribution, id, "")),
            ("GET", ["distribution", id, "config"]) => Some((Self::GetDistributionConfig, id, "")),
            ("PUT", ["distribution", id, "config"]) => Some((Self::UpdateDistribution, id, "")),
            ("POST", ["distribution", id, "invalidation"]) => Some((Self::CreateInvalidation, id, "")),
            ("GET", ["distribution", id, "invalidation"]) => Some((Self::ListInvalidations, id, "")),
            ("GET", ["distribution", id, "invalidation", invalidation]) => {
                Some((Self::GetInvalidation, id, invalidation))
            }
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::CreateDistribution => "CreateDistribution",
            Self::ListDistributions => "ListDistributions",
            Self::GetDistribution => "GetDistribution",
            Self::GetDistributionConfig => "GetDistributionConfig",
            Self::UpdateDistribution => "UpdateDistribution",
            Self::CreateInvalidation => "CreateInvalidation",
            Self::GetInvalidation => "GetInvalidation",
            Self::ListInvalidations => "ListInvalidations",
        }
    }
}

impl Request {
    /// Reads a request by `caller`, or says that there is no such operation.
    pub(crate) fn read(parts: &Parts, target: Target, signed: &Signed, caller: Caller) -> Result<Self, RestError> {
        let Some((operation, distribution, invalidation)) = Operation::of(&parts.method, &target.path) else {
            let message = format!("The simulator does not know {} {} of CloudFront", parts.method, target.path);
            return Err(RestError::new(501, "NotImplemented", message));
        };
        let (distribution, invalidation) = (distribution.to_owned(), invalidation.to_owned());
        let (headers, access_key) = (parts.headers.clone(), signed.access_key.clone());
        Ok(Self { operation, distribution, invalidation, target, headers, caller, access_key })
    }

    /// What the log says of it.
    pub(crate) fn call(&self) -> Call<'_> {
        let mut input = json!({});
        let named = [("DistributionId", &self.distribution), ("Id", &self.invalidation)];
        for (name, value) in named.into_iter().filter(|(_, value)| !value.is_empty()) {
            input[name] = Value::from(value.as_str());
        }
        let invocation_id = self.headers.get("amz-sdk-invocation-id").and_then(|id| id.to_str().ok());
        Call {
            service: "cloudfront",
            operation: self.operation.name(),
            caller: &self.caller,
            access_key: &self.access_key,
            input,
            invocation_id: invocation_id.map(str::to_owned),
        }
    }
}

pub(crate) fn request_id(number: u64) -> String {
    format!("00000000-0000-4000-9000-{number:012x}")
}

/// A refusal as a document.
pub(crate) fn failure(error: &RestError, number: u64) -> RestReply {
    let side = if error.error.status < 500 { "Sender" } else { "Receiver" };
    let document = Xml::document().root("ErrorResponse", NAMESPACE, |xml| {
        let xml = xml.element("Error", |xml| {
            let xml = xml.text("Type", side).text("Code", &error.error.code);
            xml.text("Message", &error.error.message)
        });
        xml.text("RequestId", request_id(number))
    });
    RestReply::xml(error.error.status, document.done()).header("content-type", "text/xml")
}
