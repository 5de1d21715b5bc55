//! Distributions as a scenario declares them.
//!
//! What is not here is as CloudFront's own defaults have it.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// A distribution in front of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DistributionSpec {
    /// Its id, for example `E123SHOP`.
    pub id: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// The bucket that it serves.
    pub bucket: String,
    /// What stands before every key, for example `/site`.
    #[serde(default)]
    pub origin_path: String,
    /// The key that is served for `/`.
    #[serde(default)]
    pub default_root_object: String,
    /// Further hosts that it serves.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// An address of its own; without one it is reached by its host.
    pub listen: Option<SocketAddr>,
    /// The least seconds that anything is cached, whatever its headers say.
    #[serde(default)]
    pub min_ttl: u32,
    /// The seconds for what says nothing.
    #[serde(default = "day")]
    pub default_ttl: u32,
    /// The most seconds.
    #[serde(default = "year")]
    pub max_ttl: u32,
    /// The seconds for which an error without a page is cached.
    #[serde(default = "ten")]
    pub error_ttl: u32,
    /// Pages that are served instead of errors.
    #[serde(default)]
    pub error_pages: Vec<ErrorPageSpec>,
    /// Whether the distribution may list the bucket: an absent key is a 404 if it may, and a 403 if it may not.
    #[serde(default)]
    pub may_list: bool,
    /// Whether queries are part of what is cached.
    #[serde(default)]
    pub query_strings: bool,
    /// The edge locations; without any there is one, which an invalidation reaches after two seconds.
    #[serde(default)]
    pub locations: Vec<LocationSpec>,
}

/// A page instead of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ErrorPageSpec {
    /// The status of the origin, for example 403.
    pub status: u16,
    /// The path of the page, for example `/index.html`.
    pub page: String,
    /// The status that is answered.
    pub answer: u16,
    /// The seconds for which the error is cached.
    #[serde(default = "ten")]
    pub ttl: u32,
}

/// An edge location with a cache of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LocationSpec {
    /// Its name, for example `FRA56-P1`.
    pub name: String,
    /// After how many seconds an invalidation reaches it.
    #[serde(default = "two")]
    pub lag: u32,
}

fn day() -> u32 {
    86_400
}

fn year() -> u32 {
    31_536_000
}

fn ten() -> u32 {
    10
}

fn two() -> u32 {
    2
}

impl DistributionSpec {
    /// A distribution in front of `bucket`, as CloudFront's defaults have it.
    pub(super) fn new(id: &str, bucket: &str) -> Self {
        Self {
            id: id.to_owned(),
            account: None,
            bucket: bucket.to_owned(),
            origin_path: String::new(),
            default_root_object: String::new(),
            aliases: Vec::new(),
            listen: None,
            min_ttl: 0,
            default_ttl: day(),
            max_ttl: year(),
            error_ttl: ten(),
            error_pages: Vec::new(),
            may_list: false,
            query_strings: false,
            locations: Vec::new(),
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn defect(&self) -> Option<&'static str> {
        let is_path = |path: &str| path.starts_with('/') && !path.ends_with('/');
        let is_id =
            !self.id.is_empty() && self.id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let pages = || self.error_pages.iter();
        match self {
            Self { .. } if !is_id => Some("`id` has capital letters and digits, as E123SHOP does"),
            Self { origin_path, .. } if !origin_path.is_empty() && !is_path(origin_path) => {
                Some("`origin-path` begins with a slash and does not end with one")
            }
            Self { default_root_object, .. } if default_root_object.starts_with('/') => {
                Some("`default-root-object` does not begin with a slash")
            }
            Self { min_ttl, default_ttl, max_ttl, .. } if min_ttl > default_ttl || default_ttl > max_ttl => {
                Some("`min-ttl` is at most `default-ttl`, and that is at most `max-ttl`")
            }
            Self { .. } if pages().any(|page| !is_path(&page.page)) => Some("`page` begins with a slash"),
            Self { .. }
                if pages().any(|page| !(400..=599).contains(&page.status) || !(200..=599).contains(&page.answer)) =>
            {
                Some("`status` of an error page is an error, and `answer` a status")
            }
            Self { .. } => None,
        }
    }

    /// The locations that it has.
    pub(super) fn all_locations(&self) -> Vec<LocationSpec> {
        if self.locations.is_empty() {
            return vec![LocationSpec { name: "SIM1-C1".to_owned(), lag: two() }];
        }
        self.locations.clone()
    }
}
