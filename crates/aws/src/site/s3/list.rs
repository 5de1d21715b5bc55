//! Listing what is below a prefix, a thousand keys a page.
//!
//! A listing says which algorithm an object's checksum has, and not the checksum: that takes a look at each.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use reqwest::Method;
use towpath_core::{
    identifier::Sha256,
    ports::{BucketError, ETag, Listed},
    site::{Home, OWN_FOLDER},
};

use super::{
    client::{Client, Request},
    failed::{Failed, What},
    named, xml,
};

const WHAT: What = What { operation: "s3:ListBucket", nature: crate::call::Nature::Read };

/// A page of a thousand keys, each of at most 1,024 bytes that may all be escaped.
const LONGEST: usize = 8 << 20;

struct Page {
    objects: Vec<Listed>,
    next: Option<String>,
}

/// Everything below the prefix but Towpath's own folder.
pub(super) async fn list(client: &Client, home: &Home) -> Result<Vec<Listed>, BucketError> {
    let own = format!("{OWN_FOLDER}/");
    let mut listed = all(client, home, home.prefix.as_str()).await?;
    listed.retain(|object| !object.key.starts_with(&own));
    Ok(listed)
}

/// What the files hash to that are kept aside: it is their name.
pub(super) async fn kept(client: &Client, home: &Home) -> Result<BTreeSet<Sha256>, BucketError> {
    let listed = all(client, home, &home.key_of_kept()).await?;
    Ok(listed.iter().filter_map(|object| object.key.parse().ok()).collect())
}

/// Everything below a prefix of the bucket, by what follows it in the key.
async fn all(client: &Client, home: &Home, prefix: &str) -> Result<Vec<Listed>, BucketError> {
    let (mut listed, mut next) = (Vec::new(), None);
    loop {
        let page = page(client, prefix, next).await;
        let page = page.map_err(|failed| named::of_bucket(client, &home.bucket, failed))?;
        listed.extend(page.objects);
        next = page.next;
        if next.is_none() {
            return Ok(listed);
        }
    }
}

async fn page(client: &Client, prefix: &str, after: Option<String>) -> Result<Page, Failed> {
    let mut request = Request::new(WHAT, Method::GET, "").asking("list-type", "2").asking("encoding-type", "url");
    if !prefix.is_empty() {
        request = request.asking("prefix", prefix);
    }
    if let Some(after) = after {
        request = request.asking("continuation-token", after);
    }
    let answer = client.send(&request.expecting(LONGEST)).await?;
    xml::read(WHAT, &answer.body, "ListBucketResult", |root| {
        let is_escaped = xml::text(root, "EncodingType") == Some("url");
        let objects: Option<Vec<Listed>> =
            xml::children(root, "Contents").map(|object| listed(object, prefix, is_escaped)).collect();
        let is_cut = xml::text(root, "IsTruncated") == Some("true");
        let next = xml::text(root, "NextContinuationToken").filter(|_| is_cut).map(str::to_owned);
        // A page that is not the last and does not say how to go on would be taken for the end.
        (is_cut == next.is_some()).then_some(Page { objects: objects?, next })
    })
}

fn listed(object: roxmltree::Node<'_, '_>, prefix: &str, is_escaped: bool) -> Option<Listed> {
    let key = xml::text(object, "Key")?;
    let key = if is_escaped { unescaped(key)? } else { key.to_owned() };
    let size = xml::text(object, "Size")?.parse().ok()?;
    // Some servers' listings have none; nothing is compared with them then.
    let etag = ETag(xml::text(object, "ETag").unwrap_or_default().to_owned());
    Some(Listed { key: key.strip_prefix(prefix)?.to_owned(), size, etag })
}

/// In listings, a space is a plus sign.
fn unescaped(key: &str) -> Option<String> {
    let key = key.replace('+', " ");
    percent_decode_str(&key).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_listings_are_unescaped() {
        let check = |escaped, expected: Option<&str>| assert_eq!(unescaped(escaped).as_deref(), expected, "{escaped}");
        check("a/b.js", Some("a/b.js"));
        check("a+b%2Bc%20d/%C3%BC", Some("a b+c d/ü"));
        check("%FF", None);
    }
}
