//! Deleting many objects, a thousand a call: S3 answers success with failures in it, so that each is looked at.

use std::{collections::BTreeMap, time::Instant};

use bytes::Bytes;
use reqwest::Method;
use tokio::time::sleep;
use towpath_core::{
    identifier::Sha256,
    ports::{BucketError, Deleted, Failure},
    site::{Home, SiteObject},
};

use super::{
    attempts::Attempts,
    client::{Client, Request},
    failed::{Failed, What},
    named, xml,
};

/// How many keys go into one call.
const A_CALL: usize = 1000;

const WHAT: What = What { operation: "s3:DeleteObject", nature: crate::call::Nature::Change };

/// Deletes these, and says of each what became of it.
pub(super) async fn delete(client: &Client, home: &Home, objects: &[SiteObject]) -> Result<Deleted, BucketError> {
    let mut deleted = Deleted::default();
    for some in objects.chunks(A_CALL) {
        let mut left: BTreeMap<String, &SiteObject> = some.iter().map(|object| (home.key(object), object)).collect();
        match call(client, home, &mut left, &mut deleted).await {
            Ok(()) => {}
            Err(failed) => {
                let error = named::of_bucket(client, &home.bucket, failed);
                if deleted == Deleted::default() {
                    return Err(error);
                }
                let failure = |object: &SiteObject| Failure { object: object.clone(), error: error.clone() };
                deleted.failed.extend(left.into_values().map(failure));
            }
        }
    }
    Ok(deleted)
}

/// One call, and again for those keys that may go later. What it could not ask for stays in `left`.
async fn call(
    client: &Client,
    home: &Home,
    left: &mut BTreeMap<String, &SiteObject>,
    deleted: &mut Deleted,
) -> Result<(), Failed> {
    let mut attempts = Attempts::new(client.patience());
    loop {
        let refused = ask(client, left.keys()).await?;
        let asked = std::mem::take(left);
        let mut again = None;
        for (key, object) in asked {
            let Some(failed) = refused.get(&key) else {
                deleted.gone.push(object.clone());
                continue;
            };
            if failed.error.is_passing() || failed.error.is_ambiguous() {
                again = Some(failed.clone());
                left.insert(key, object);
            } else {
                let error = named::of_bucket(client, &home.bucket, failed.clone());
                deleted.failed.push(Failure { object: object.clone(), error });
            }
        }
        let Some(failed) = again else { return Ok(()) };
        let Some(pause) = attempts.after(&failed, Instant::now()) else {
            for (key, object) in std::mem::take(left) {
                let failed = refused.get(&key).unwrap_or(&failed).clone();
                let error = named::of_bucket(client, &home.bucket, failed);
                deleted.failed.push(Failure { object: object.clone(), error });
            }
            return Ok(());
        };
        sleep(pause).await;
    }
}

/// The keys that were refused, and why.
async fn ask(client: &Client, keys: impl Iterator<Item = &String>) -> Result<BTreeMap<String, Failed>, Failed> {
    let mut named = String::new();
    for key in keys {
        named.extend(["<Object>", &xml::element("Key", key), "</Object>"]);
    }
    let document =
        format!("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{named}<Quiet>true</Quiet></Delete>");
    let (document, request) = (Bytes::from(document), Request::new(WHAT, Method::POST, "").asking("delete", ""));
    let hash = Sha256::of(&document);
    let request = request.bringing(document, &hash);
    let request = request.with("content-type", "application/xml").expecting(4 << 20);
    let answer = client.send(&request).await?;
    xml::read(WHAT, &answer.body, "DeleteResult", |root| {
        xml::children(root, "Error").map(|error| Some((xml::text(error, "Key")?.to_owned(), refused(error)))).collect()
    })
}

/// What S3 says of a key that is still there, or may be.
fn refused(error: roxmltree::Node<'_, '_>) -> Failed {
    let (code, message) =
        (xml::text(error, "Code").unwrap_or_default(), xml::text(error, "Message").unwrap_or_default());
    let body = format!("<Error>{}{}</Error>", xml::element("Code", code), xml::element("Message", message));
    let status = match code {
        "InternalError" => reqwest::StatusCode::INTERNAL_SERVER_ERROR,
        _ => reqwest::StatusCode::BAD_REQUEST,
    };
    WHAT.refused(status, &reqwest::header::HeaderMap::new(), body.as_bytes())
}
