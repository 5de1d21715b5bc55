//! An HTTP client whose failures name the host that was meant, for calls that the SDK makes by itself.
//!
//! Calls of ours know their host by [`Wire`](crate::call::Wire); the SDK's own, to assume a role, cannot be watched so.
//! Nothing else is changed about a failure: whether it is a time-out, or whether a byte left, decides over a retry.

use std::{error::Error, fmt};

use aws_sdk_ecs::{
    config::{RuntimeComponents, SharedHttpClient},
    error::ConnectorError,
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};

use crate::call::host;

/// The same client, with the host in its failures.
pub(super) fn named(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Named(client))
}

#[derive(Debug)]
struct Named(SharedHttpClient);

impl HttpClient for Named {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(NamedConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct NamedConnector(SharedHttpConnector);

impl HttpConnector for NamedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri()).unwrap_or_else(|| "a host without a name".to_owned());
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { answer.await.map_err(|error| at(host, error)) })
    }
}

/// The same failure, with the host about its cause.
fn at(host: String, error: ConnectorError) -> ConnectorError {
    let (is_timeout, is_io, is_user, kind) = (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
    let connection = error.connection_metadata().cloned();
    let source = Unreached { host, source: error.into_source() }.into();
    let named = match (is_timeout, is_io, is_user) {
        (true, _, _) => ConnectorError::timeout(source),
        (_, true, _) => ConnectorError::io(source),
        (_, _, true) => ConnectorError::user(source),
        (false, false, false) => ConnectorError::other(source, kind),
    };
    match connection {
        Some(connection) => named.with_connection(connection),
        None => named,
    }
}

/// A host that gave no answer.
#[derive(Debug)]
pub(crate) struct Unreached {
    /// The host and its port.
    pub(crate) host: String,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Unreached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no answer of {}", self.host)
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stays_what_it_was_but_for_its_host() {
        let check = |error: ConnectorError| {
            let kind = (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
            let named = at("sts.us-west-2.amazonaws.com:443".to_owned(), error);
            assert_eq!((named.is_timeout(), named.is_io(), named.is_user(), named.as_other()), kind);
            let cause = named.into_source();
            let unreached = cause.downcast_ref::<Unreached>().unwrap();
            assert_eq!(unreached.to_string(), "no answer of sts.us-west-2.amazonaws.com:443");
            assert_eq!(unreached.source().unwrap().to_string(), "dns error");
        };
        check(ConnectorError::timeout("dns error".into()));
        check(ConnectorError::io("dns error".into()));
        check(ConnectorError::user("dns error".into()));
        check(ConnectorError::other("dns error".into(), None));
    }
}
