//! What a registry's answer proves, and reading one without ever holding more than is sensible.
//!
//! No address is in any message: one may be signed.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;
use tokio::time::timeout;
use towpath_core::ports::{CallError, Fault, PublishError};

use crate::{
    call::{Nature, chain, clean},
    fault,
};

use super::login::RegistryLogin;

/// The longest explanation of a refusal that is read.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// What was asked for: the permission of IAM's that it takes, and whether it changes anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct What {
    pub(super) operation: &'static str,
    pub(super) nature: Nature,
}

impl What {
    pub(super) fn read(operation: &'static str) -> Self {
        Self { operation, nature: Nature::Read }
    }

    pub(super) fn change(operation: &'static str) -> Self {
        Self { operation, nature: Nature::Change }
    }

    pub(super) fn failed(self, fault: Fault, message: impl Into<String>) -> Failed {
        let operation = self.operation.to_owned();
        Failed {
            error: CallError { operation, fault, code: None, message: message.into() },
            wait: None,
            is_of_login: false,
        }
    }

    /// The failure of a request whose answer did not come, or not whole.
    pub(super) fn unsure(self, message: impl Into<String>) -> Failed {
        let fault = match self.nature {
            Nature::Read => Fault::Unanswered { waited: None },
            Nature::Change => Fault::Ambiguous,
        };
        self.failed(fault, message)
    }

    /// The failure of a request that was not answered.
    pub(super) fn lost(self, error: reqwest::Error) -> Failed {
        let is_unsent = error.is_connect() || error.is_builder();
        let message = format!("the connection to the registry failed: {}", chain(&error.without_url()));
        if is_unsent { self.failed(Fault::NotSent, message) } else { self.unsure(message) }
    }

    /// The failure of a request that took too long.
    pub(super) fn late(self, waited: Duration) -> Failed {
        self.unsure(format!("the registry did nothing for {:.1} s", waited.as_secs_f64()))
    }
}

/// A request that came to nothing, and how long the registry asks to be left alone.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: CallError,
    pub(super) wait: Option<Duration>,
    /// Whether another login may help.
    pub(super) is_of_login: bool,
}

impl From<Failed> for PublishError {
    fn from(failed: Failed) -> Self {
        Self::Call(failed.error)
    }
}

impl Failed {
    /// Whether the registry's code is one of these.
    pub(super) fn is_coded(&self, codes: &[&str]) -> bool {
        self.error.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

/// The failure that a refusal is.
pub(super) async fn refused(what: What, response: Response, login: &RegistryLogin, patience: Duration) -> Failed {
    let status = response.status();
    let wait = response.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    let body = whole(what, response, LONGEST_REFUSAL, patience).await.unwrap_or_default();
    let (code, message) = told(&body);
    let message = clean(&login.conceal(&message.unwrap_or_else(|| format!("HTTP {}", status.as_u16()))));
    let fault = meaning(what, status, code.as_deref(), &message);
    let message = match fault {
        Fault::Unauthenticated => "the registry does not take the login that ECR gave".to_owned(),
        _ => message,
    };
    let error = CallError { operation: what.operation.to_owned(), fault, code: code.map(|code| clean(&code)), message };
    let is_of_login = error.fault == Fault::Unauthenticated;
    Failed { error, wait: wait.map(Duration::from_secs), is_of_login }
}

fn meaning(what: What, status: StatusCode, code: Option<&str>, message: &str) -> Fault {
    if matches!(code, Some("TOOMANYREQUESTS" | "ThrottlingException" | "Throttling")) {
        return Fault::Throttled;
    }
    // ECR's word for a login whose twelve hours are over, with the status of a denial.
    if message.contains("authorization token has expired") {
        return Fault::Unauthenticated;
    }
    match status.as_u16() {
        401 => Fault::Unauthenticated,
        403 => match fault::denied(message) {
            Fault::Denied { principal, action, resource } => {
                Fault::Denied { principal, action: action.or_else(|| Some(what.operation.to_owned())), resource }
            }
            other => other,
        },
        404 => Fault::NotFound,
        429 => Fault::Throttled,
        408 | 425 | 500..=599 => what.unsure("").error.fault,
        _ => Fault::Rejected,
    }
}

/// The first error's code and message.
fn told(body: &[u8]) -> (Option<String>, Option<String>) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let first = &body["errors"][0];
    let text = |name: &str| first[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    (text("code"), text("message"))
}

/// A body, whole, unless it is longer than that.
pub(super) async fn whole(
    what: What,
    mut response: Response,
    longest: usize,
    patience: Duration,
) -> Result<Bytes, Failed> {
    let mut body = BytesMut::new();
    loop {
        let chunk = timeout(patience, response.chunk()).await.map_err(|_| what.late(patience))?;
        let Some(chunk) = chunk.map_err(|error| what.lost(error))? else {
            return Ok(body.freeze());
        };
        if body.len() + chunk.len() > longest {
            return Err(what.failed(Fault::Rejected, format!("the answer is longer than {longest} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, expected: &Fault) {
        let (code, message) = told(body.as_bytes());
        let status = StatusCode::from_u16(status).unwrap();
        let fault = meaning(What::change("ecr:PutImage"), status, code.as_deref(), &message.unwrap_or_default());
        assert_eq!(fault, *expected, "{status} {body}");
    }

    #[test]
    fn refusals_prove_that_nothing_was_done_and_breakdowns_nothing() {
        check(400, r#"{"errors": [{"code": "TOOMANYREQUESTS", "message": "slow down"}]}"#, &Fault::Throttled);
        check(429, "", &Fault::Throttled);
        check(401, "Not Authorized", &Fault::Unauthenticated);
        let expired = "Your authorization token has expired. Reauthenticate and try again.";
        check(
            403,
            &format!(r#"{{"errors": [{{"code": "DENIED", "message": "{expired}"}}]}}"#),
            &Fault::Unauthenticated,
        );
        check(404, r#"{"errors": []}"#, &Fault::NotFound);
        check(400, r#"{"errors": [{"code": "MANIFEST_INVALID"}]}"#, &Fault::Rejected);
        check(503, "<html>", &Fault::Ambiguous);
    }

    #[test]
    fn a_denial_names_the_permission_also_where_the_registry_does_not() {
        let denied = |principal: Option<&str>, resource: Option<&str>| Fault::Denied {
            principal: principal.map(str::to_owned),
            action: Some("ecr:PutImage".to_owned()),
            resource: resource.map(str::to_owned),
        };
        check(403, "", &denied(None, None));
        let said = r#"{"errors": [{"code": "DENIED", "message": "User: arn:x is not authorized to perform: ecr:PutImage on resource: arn:y because"}]}"#;
        check(403, said, &denied(Some("arn:x"), Some("arn:y")));
    }
}
