//! Who signed a request, and for which service: by the header, or by the address itself.
//!
//! The signature is not verified, and neither is how long it holds.

use hyper::{header::AUTHORIZATION, http::request::Parts};

use super::target::Target;
use crate::wire::Scope;

/// Who signed, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Signed {
    /// Reads the header, or else the address.
    pub(crate) fn read(parts: &Parts, target: &Target) -> Option<Self> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(header) = header {
            return Scope::read(header).ok().map(Self::of);
        }
        // The older way of signing an address names neither a region nor a service; it is S3's alone.
        if let (Some(access_key), Some(_)) = (target.parameter("AWSAccessKeyId"), target.parameter("Signature")) {
            let (region, service) = (String::new(), "s3".to_owned());
            return Some(Self { access_key: access_key.to_owned(), region, service });
        }
        let credential = target.parameter("X-Amz-Credential")?;
        target.parameter("X-Amz-Signature")?;
        Scope::of_credential(credential).map(Self::of)
    }

    fn of(scope: Scope<'_>) -> Self {
        let Scope { access_key, region, service } = scope;
        Self { access_key: access_key.to_owned(), region: region.to_owned(), service: service.to_owned() }
    }
}
