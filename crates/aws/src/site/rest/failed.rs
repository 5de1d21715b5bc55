//! A request that came to nothing: what that proves, and what may be done about it.
//!
//! No credentials and no signed header is in any message.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use towpath_core::ports::{CallError, Fault};

use crate::{
    call::{Nature, chain, clean},
    fault::{self, Codes, Meaning},
};

/// What was asked for: the permission of IAM's that it takes, and whether it changes anything.
#[derive(Debug, Clone, Copy)]
pub(in crate::site) struct What {
    pub(in crate::site) operation: &'static str,
    pub(in crate::site) nature: Nature,
}

/// A request that came to nothing.
#[derive(Debug, Clone)]
pub(in crate::site) struct Failed {
    pub(in crate::site) error: CallError,
    /// How long S3 asks to be left alone.
    pub(in crate::site) wait: Option<Duration>,
    /// The region that the bucket is in, where it is not the one that was asked.
    pub(in crate::site) elsewhere: Option<String>,
    /// The HTTP status, where there was an answer.
    pub(in crate::site) status: Option<u16>,
}

impl What {
    pub(in crate::site) const fn read(operation: &'static str) -> Self {
        Self { operation, nature: Nature::Read }
    }

    pub(in crate::site) const fn change(operation: &'static str) -> Self {
        Self { operation, nature: Nature::Change }
    }

    /// What its service's error codes mean.
    pub(in crate::site) fn codes(self) -> Codes {
        if self.is_of_cloud_front() { fault::cloud_front } else { fault::s3 }
    }

    fn service(self) -> &'static str {
        if self.is_of_cloud_front() { "CloudFront" } else { "S3" }
    }

    fn is_of_cloud_front(self) -> bool {
        self.operation.starts_with("cloudfront:")
    }

    pub(in crate::site) fn failed(self, fault: Fault, message: impl Into<String>) -> Failed {
        let operation = self.operation.to_owned();
        let error = CallError { operation, fault, code: None, message: message.into() };
        Failed { error, wait: None, elsewhere: None, status: None }
    }

    /// The failure of a request whose answer did not come, or not whole.
    pub(in crate::site) fn unsure(self, message: impl Into<String>) -> Failed {
        self.failed(self.uncertain(None), message)
    }

    /// The failure of a request that the connection was lost with.
    pub(in crate::site) fn lost(self, error: reqwest::Error) -> Failed {
        let is_unsent = error.is_connect() || error.is_builder();
        let message = format!("the connection to {} failed: {}", self.service(), chain(&error.without_url()));
        if is_unsent { self.failed(Fault::NotSent, message) } else { self.unsure(message) }
    }

    /// The failure of a request that nothing moved in.
    pub(in crate::site) fn late(self, waited: Duration) -> Failed {
        let message = format!("{} did nothing for {:.1} s", self.service(), waited.as_secs_f64());
        self.failed(self.uncertain(Some(waited)), message)
    }

    fn uncertain(self, waited: Option<Duration>) -> Fault {
        match self.nature {
            Nature::Read => Fault::Unanswered { waited },
            Nature::Change => Fault::Ambiguous,
        }
    }

    /// The failure that an answer is.
    pub(in crate::site) fn refused(self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failed {
        let told = Told::read(body);
        let code = told.code.or_else(|| usual(status).map(str::to_owned));
        let message = told.message.unwrap_or_else(|| format!("HTTP {}", status.as_u16()));
        let fault = match code.as_deref().map(|code| fault::meaning(self.codes(), status.as_u16(), code, &message)) {
            Some(Meaning::NothingDone(fault)) => fault,
            // Whoever is sent elsewhere is sent there every time.
            Some(Meaning::Unsure) | None if status.is_redirection() => Fault::Rejected,
            None if status.is_client_error() => Fault::Rejected,
            Some(Meaning::Unsure) | None => self.uncertain(None),
        };
        let fault = self.named(fault);
        let words = code.as_deref().and_then(|code| fault::wording(&fault, code));
        let message = words.map_or_else(|| clean(&message), str::to_owned);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_elsewhere = status.is_redirection() || code.as_deref() == Some("AuthorizationHeaderMalformed");
        let region = || told.region.or_else(|| header("x-amz-bucket-region").map(str::to_owned));
        let wait = header(RETRY_AFTER.as_str()).and_then(|wait| wait.parse().ok()).map(Duration::from_secs);
        let error = CallError { operation: self.operation.to_owned(), fault, code, message };
        let elsewhere = if is_elsewhere { region() } else { None };
        Failed { error, wait, elsewhere, status: Some(status.as_u16()) }
    }

    /// S3 often says no more than "Access Denied": then the permission is the one that the request takes.
    fn named(self, fault: Fault) -> Fault {
        match fault {
            Fault::Denied { principal, action, resource } => {
                Fault::Denied { principal, action: action.or_else(|| Some(self.operation.to_owned())), resource }
            }
            other => other,
        }
    }
}

impl Failed {
    /// Whether S3's code is this one.
    pub(in crate::site) fn is_coded(&self, code: &str) -> bool {
        self.error.code.as_deref() == Some(code)
    }

    /// Whether S3 has refused because of a condition: 412, or 409 where it could not tell in time.
    pub(in crate::site) fn is_of_condition(&self) -> bool {
        self.is_coded("PreconditionFailed") || self.is_coded("ConditionalRequestConflict")
    }
}

/// What the body of a refusal says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    code: Option<String>,
    message: Option<String>,
    region: Option<String>,
}

impl Told {
    fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let Ok(document) = roxmltree::Document::parse(&text) else { return Self::default() };
        let root = document.root_element();
        // CloudFront has one more element around it.
        let inner = root.children().find(|child| child.tag_name().name() == "Error");
        let error = inner.unwrap_or(root);
        let member = |name: &str| {
            let found = error.children().find(|child| child.tag_name().name() == name)?;
            found.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        if error.tag_name().name() != "Error" {
            return Self::default();
        }
        Self { code: member("Code"), message: member("Message"), region: member("Region") }
    }
}

/// The code of an answer without a body, as one to `HEAD` is.
fn usual(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        301 => Some("PermanentRedirect"),
        307 => Some("TemporaryRedirect"),
        403 => Some("AccessDenied"),
        404 => Some("NoSuchKey"),
        409 => Some("ConditionalRequestConflict"),
        412 => Some("PreconditionFailed"),
        429 | 503 => Some("SlowDown"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Failed {
        let status = StatusCode::from_u16(status).unwrap();
        What::change("s3:PutObject").refused(status, &HeaderMap::new(), body.as_bytes())
    }

    fn error(code: &str) -> String {
        format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>Words.</Message></Error>")
    }

    #[test]
    fn refusals_prove_that_nothing_was_done_and_breakdowns_nothing() {
        let check = |status, body: &str, expected: &Fault| {
            assert_eq!(refused(status, body).error.fault, *expected, "{status} {body}");
        };
        check(503, &error("SlowDown"), &Fault::Throttled);
        check(503, "", &Fault::Throttled);
        check(500, &error("InternalError"), &Fault::Ambiguous);
        check(502, "<html>", &Fault::Ambiguous);
        check(404, &error("NoSuchBucket"), &Fault::NotFound);
        check(412, &error("PreconditionFailed"), &Fault::Rejected);
        check(400, &error("BadDigest"), &Fault::Rejected);
        check(403, &error("SignatureDoesNotMatch"), &Fault::Unauthenticated);
        check(400, &error("ExpiredToken"), &Fault::Unauthenticated);
        check(418, "", &Fault::Rejected);
        check(301, &error("PermanentRedirect"), &Fault::Rejected);
        check(307, "", &Fault::Rejected);
    }

    #[test]
    fn a_denial_names_the_permission_also_where_s3_does_not() {
        let Fault::Denied { action, .. } = refused(403, &error("AccessDenied")).error.fault else { panic!() };
        assert_eq!(action.as_deref(), Some("s3:PutObject"));
    }

    #[test]
    fn the_region_of_a_bucket_that_is_elsewhere_is_told() {
        let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        assert_eq!(refused(400, malformed).elsewhere.as_deref(), Some("eu-west-1"));
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-bucket-region", "eu-west-1".parse().unwrap());
        let redirected = What::read("s3:ListBucket").refused(StatusCode::MOVED_PERMANENTLY, &headers, b"");
        assert_eq!(redirected.elsewhere.as_deref(), Some("eu-west-1"));
        let missing = What::read("s3:ListBucket").refused(StatusCode::NOT_FOUND, &headers, b"");
        assert_eq!(missing.elsewhere, None);
    }

    #[test]
    fn what_is_no_error_of_s3_says_nothing() {
        assert_eq!(Told::read(b"<html><Code>x</Code></html>"), Told::default());
        assert_eq!(Told::read(b"not xml <"), Told::default());
    }
}
