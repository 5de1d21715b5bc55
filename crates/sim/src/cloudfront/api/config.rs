//! A distribution's configuration, as far as it is simulated.
//!
//! It has one origin, a bucket, and the default cache behavior; what else a client sends is taken and forgotten.

use crate::{
    cloudfront::{distribution::Distribution, spec::ErrorPageSpec},
    rest::{Element, RestError},
    s3::bucket_of_host,
};

/// A configuration.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) reference: String,
    comment: String,
    is_enabled: bool,
    bucket: String,
    origin_path: String,
    default_root_object: String,
    aliases: Vec<String>,
    /// The least, the usual and the most seconds.
    ttls: (u32, u32, u32),
    query_strings: bool,
    error_pages: Vec<ErrorPageSpec>,
}

/// The managed cache policies that are known: their ids and their seconds.
const POLICIES: [(&str, (u32, u32, u32)); 3] = [
    ("658327ea-f89d-4fab-a63d-7e88639e58f6", (1, 86_400, 31_536_000)),
    ("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", (1, 86_400, 31_536_000)),
    ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", (0, 0, 0)),
];

impl Config {
    pub(super) fn read(body: &[u8]) -> Result<Self, RestError> {
        let config = Element::read(body, "DistributionConfig")?;
        let text = |name: &str| config.value(name).unwrap_or_default().to_owned();
        let reference = text("CallerReference");
        if reference.is_empty() {
            return Err(RestError::client("InvalidArgument", "The member CallerReference is missing."));
        }
        let origin = items(&config, "Origins").next();
        let no_origin =
            || RestError::client("InvalidOrigin", "The specified origin server does not exist or is not valid.");
        let origin = origin.ok_or_else(no_origin)?;
        let bucket = bucket_of_host(origin.value("DomainName").unwrap_or_default()).ok_or_else(no_origin)?;
        let behavior = config
            .child("DefaultCacheBehavior")
            .ok_or_else(|| RestError::client("InvalidArgument", "The member DefaultCacheBehavior is missing."))?;
        let forwarded = behavior.child("ForwardedValues").and_then(|values| values.value("QueryString"));
        Ok(Self {
            reference,
            comment: text("Comment"),
            is_enabled: config.value("Enabled") == Some("true"),
            bucket: bucket.to_owned(),
            origin_path: origin.value("OriginPath").unwrap_or_default().to_owned(),
            default_root_object: text("DefaultRootObject"),
            aliases: items(&config, "Aliases").map(|alias| alias.text.clone()).collect(),
            ttls: ttls(behavior)?,
            query_strings: forwarded == Some("true"),
            error_pages: items(&config, "CustomErrorResponses").filter_map(error_page).collect(),
        })
    }

    /// Makes a distribution what the configuration says.
    pub(super) fn apply(self, distribution: &mut Distribution) {
        distribution.reference = self.reference;
        distribution.comment = self.comment;
        distribution.is_enabled = self.is_enabled;
        let spec = &mut distribution.spec;
        spec.bucket = self.bucket;
        spec.origin_path = self.origin_path;
        spec.default_root_object = self.default_root_object;
        spec.aliases = self.aliases;
        (spec.min_ttl, spec.default_ttl, spec.max_ttl) = self.ttls;
        spec.query_strings = self.query_strings;
        spec.error_pages = self.error_pages;
    }
}

/// The items of a list of CloudFront's: a quantity and the items themselves.
fn items<'a>(parent: &'a Element, name: &str) -> impl Iterator<Item = &'a Element> {
    let items = parent.child(name).and_then(|list| list.child("Items"));
    items.into_iter().flat_map(|items| &items.children)
}

fn ttls(behavior: &Element) -> Result<(u32, u32, u32), RestError> {
    if let Some(policy) = behavior.value("CachePolicyId") {
        let known = POLICIES.iter().find(|(id, _)| *id == policy).map(|(_, ttls)| *ttls);
        return known.ok_or_else(|| RestError::new(404, "NoSuchCachePolicy", "The cache policy does not exist."));
    }
    let seconds = |name: &str, usual| behavior.value(name).and_then(|text| text.trim().parse().ok()).unwrap_or(usual);
    Ok((seconds("MinTTL", 0), seconds("DefaultTTL", 86_400), seconds("MaxTTL", 31_536_000)))
}

/// A page instead of an error; an error that is only cached for a while has none.
fn error_page(response: &Element) -> Option<ErrorPageSpec> {
    let status = response.value("ErrorCode")?.trim().parse().ok()?;
    Some(ErrorPageSpec {
        status,
        page: response.value("ResponsePagePath").filter(|page| !page.is_empty())?.to_owned(),
        answer: response.value("ResponseCode").and_then(|answer| answer.trim().parse().ok()).unwrap_or(status),
        ttl: response.value("ErrorCachingMinTTL").and_then(|ttl| ttl.trim().parse().ok()).unwrap_or(10),
    })
}
