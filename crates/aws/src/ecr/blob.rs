//! Downloads a small blob from the address that ECR signs for it.
//!
//! The address is as good as a password while it lasts, so that no failure names it: there is a blob or there is none.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::byte_stream::ByteStream;

use crate::connect::connector;

/// The longest configuration of an image that is read; usual ones have some kilobytes.
const LONGEST: u64 = 4 * 1024 * 1024;

/// What is at this address, if it answers in time and is small.
pub(super) async fn download(address: &str, within: Duration) -> Option<Vec<u8>> {
    let request = HttpRequest::get(address).ok()?;
    let answer = async { collected(connector(address).call(request).await.ok()?).await };
    tokio::time::timeout(within, answer).await.ok()?
}

async fn collected(response: HttpResponse) -> Option<Vec<u8>> {
    let length: Option<u64> = response.headers().get("content-length").and_then(|length| length.parse().ok());
    if response.status().as_u16() != 200 || length.is_none_or(|length| length > LONGEST) {
        return None;
    }
    Some(ByteStream::new(response.into_body()).collect().await.ok()?.to_vec())
}
