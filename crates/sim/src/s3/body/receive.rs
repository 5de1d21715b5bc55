//! Taking a body to the disk, or into memory where it is a small document.
//!
//! A body that breaks off leaves nothing behind.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use super::{chunked::Chunked, claims::Claims};
use crate::{
    rest::RestError,
    s3::{
        blobs::{BlobStore, Data, Writer},
        checksums::{Algorithm, Digests, Sums},
        errors::{broken, incomplete_body, invalid_request},
    },
};

/// The largest document: a list of ten thousand parts.
const LARGEST_DOCUMENT: usize = 4 * 1024 * 1024;
/// The largest body that one request may carry: 5 GiB.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// A body that came whole and is what its claims say.
#[derive(Debug)]
pub(in crate::s3) struct Received {
    pub(in crate::s3) data: Data,
    pub(in crate::s3) sums: Sums,
}

/// Takes a body to the disk, and judges its claims; `also` is computed too.
pub(in crate::s3) async fn receive(
    body: &mut Incoming,
    claims: &Claims,
    also: Option<Algorithm>,
    store: &Arc<BlobStore>,
) -> Result<Received, RestError> {
    let length = claims.length.ok_or_else(|| {
        RestError::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    })?;
    if length > LARGEST {
        return Err(RestError::client("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            .with("ProposedSize", length.to_string())
            .with("MaxSizeAllowed", LARGEST.to_string()));
    }
    let mut writer = Writer::new(Arc::clone(store), Digests::new(claims.algorithms().chain(also)));
    let mut chunked = claims.is_chunked.then(Chunked::default);
    let mut content = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| incomplete_body())?.into_data() else { continue };
        match &mut chunked {
            None => content.push(data),
            Some(chunked) => chunked.feed(data, &mut content).map_err(|_| incomplete_body())?,
        }
        for bytes in content.drain(..) {
            writer = writer.push(&bytes).await.map_err(|error| broken(&error))?;
        }
    }
    let trailers = chunked.map_or(Ok(Vec::new()), Chunked::finish).map_err(|_| incomplete_body())?;
    let (data, digests) = writer.finish().await.map_err(|error| broken(&error))?;
    let sums = digests.finish();
    claims.judge(&sums, &trailers)?;
    Ok(Received { data, sums })
}

/// Takes a document into memory, and judges its claims.
pub(in crate::s3) async fn collect(body: &mut Incoming, claims: &Claims) -> Result<Bytes, RestError> {
    let limited = Limited::new(body, LARGEST_DOCUMENT).collect().await;
    let whole = limited.map_err(|_| invalid_request("The request body is too large or broke off."))?.to_bytes();
    let (content, trailers) = if claims.is_chunked { unframed(whole)? } else { (whole, Vec::new()) };
    let mut digests = Digests::new(claims.algorithms());
    digests.update(&content);
    claims.judge(&digests.finish(), &trailers)?;
    Ok(content)
}

type Unframed = (Bytes, Vec<(String, String)>);

fn unframed(whole: Bytes) -> Result<Unframed, RestError> {
    let (mut chunked, mut content) = (Chunked::default(), Vec::new());
    chunked.feed(whole, &mut content).map_err(|_| incomplete_body())?;
    Ok((content.concat().into(), chunked.finish().map_err(|_| incomplete_body())?))
}
