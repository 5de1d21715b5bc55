//! What happens on the wire during one call: the raw body in, the raw answer out, and the evidence whether it left.
//!
//! The SDK's errors alone cannot tell "not sent" from "sent and lost". How often a request was handed to a connection
//! can, and so can whether there ever was a connection.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_ecs::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
            BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
};
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;

/// An interceptor for one call. Its clones share what they see.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    body: Option<Arc<[u8]>>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    attempts: u32,
    host: Option<String>,
    connection: Option<CaptureSmithyConnection>,
    answer: Option<Answer>,
}

/// An HTTP answer as it came.
#[derive(Clone)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It was never handed to a connection: credentials, signing or configuration failed before.
    NotAttempted,
    /// There was no connection to hand it to: no byte left.
    NoConnection,
    /// It may have left, in part or whole.
    MayHaveLeft,
}

impl Wire {
    /// An interceptor that sends this body in place of the one that the SDK serialised.
    pub(crate) fn with_body(body: Option<Arc<[u8]>>) -> Self {
        Self { body, seen: Arc::default() }
    }

    /// How far the last attempt came. Without any capture of the connection the answer is the careful one.
    pub(crate) fn reach(&self) -> Reach {
        let seen = self.seen();
        match &seen.connection {
            _ if seen.attempts == 0 => Reach::NotAttempted,
            Some(connection) if connection.get().is_none() => Reach::NoConnection,
            Some(_) | None => Reach::MayHaveLeft,
        }
    }

    /// How often a request was handed to a connection: the SDK repeats reads by itself.
    pub(crate) fn attempts(&self) -> u32 {
        self.seen().attempts
    }

    /// The last attempt's answer, if it was read to its end.
    pub(crate) fn answer(&self) -> Option<Answer> {
        self.seen().answer.clone()
    }

    /// The host and port that the last attempt was for.
    pub(crate) fn host(&self) -> Option<String> {
        self.seen().host.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bodies may hold plaintext environment values, so that only their lengths are shown.
impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Wire")
            .field("body_bytes", &self.body.as_ref().map(|body| body.len()))
            .finish_non_exhaustive()
    }
}

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "Wire"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = &self.body {
            let request = context.request_mut();
            *request.body_mut() = body.to_vec().into();
            // The SDK has computed the length of its own body already; with that one, only a part of ours would be sent.
            request.headers_mut().insert("content-length", body.len().to_string());
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = self.seen();
        seen.attempts += 1;
        seen.answer = None;
        seen.host = host(context.request().uri());
        seen.connection = config.load::<CaptureSmithyConnection>().cloned();
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let answer = |body: &[u8]| Answer { status: response.status().as_u16(), body: body.to_vec() };
        self.seen().answer = response.body().bytes().map(answer);
        Ok(())
    }
}

/// The host and port of a URI, without the user information that an endpoint may carry.
pub(crate) fn host(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
    match (has_port, scheme) {
        (true, _) => Some(host.to_owned()),
        (false, "http") => Some(format!("{host}:80")),
        (false, _) => Some(format!("{host}:443")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_its_port_and_never_a_password() {
        let check = |uri, expected| assert_eq!(host(uri).as_deref(), expected, "{uri}");
        check("http://127.0.0.1:5601/", Some("127.0.0.1:5601"));
        check("https://ecs.us-west-2.amazonaws.com/", Some("ecs.us-west-2.amazonaws.com:443"));
        check("http://user:word@proxy/?x", Some("proxy:80"));
        check("nonsense", None);
    }

    #[test]
    fn the_debug_form_has_no_body() {
        let wire = Wire::with_body(Some(b"hush".as_slice().into()));
        assert_eq!(format!("{wire:?}"), "Wire { body_bytes: Some(4), .. }");
    }
}
