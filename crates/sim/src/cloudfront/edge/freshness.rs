//! For how long something is cached: what its headers say, within what the distribution allows.
//!
//! As CloudFront documents it for origins that send `Cache-Control` or `Expires`.

use jiff::Timestamp;

use crate::{api::read_http_date, cloudfront::spec::DistributionSpec, s3::Metadata};

/// The seconds for which an object may be served without asking its origin.
pub(super) fn seconds(metadata: &Metadata, spec: &DistributionSpec, now: Timestamp) -> u32 {
    let control = metadata.header("cache-control").map(str::to_lowercase).unwrap_or_default();
    let directives = || control.split(',').map(str::trim);
    let forbids = |directive: &str| {
        let name = directive.split('=').next().unwrap_or_default();
        matches!(name, "no-cache" | "no-store" | "private")
    };
    if directives().any(forbids) {
        return spec.min_ttl;
    }
    let value = |name: &str| {
        directives()
            .find_map(|directive| directive.strip_prefix(name)?.strip_prefix('=')?.trim_matches('"').parse().ok())
    };
    let told: Option<u32> = value("s-maxage").or_else(|| value("max-age"));
    let left = |expires: Timestamp| u32::try_from(expires.duration_since(now).as_secs()).ok();
    // What is no date has expired, as HTTP has it.
    let until = |header: &str| read_http_date(header).and_then(left).unwrap_or(0);
    match told.or(metadata.header("expires").map(until)) {
        Some(told) => told.clamp(spec.min_ttl, spec.max_ttl),
        None => spec.default_ttl.max(spec.min_ttl),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<(&str, &str)>, (min, max): (u32, u32), expected: u32) {
        let mut metadata = Metadata::default();
        metadata.headers.extend(header.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let spec =
            DistributionSpec { min_ttl: min, max_ttl: max, default_ttl: 500, ..DistributionSpec::new("E1", "b") };
        assert_eq!(seconds(&metadata, &spec, Timestamp::UNIX_EPOCH), expected, "{header:?} {min} {max}");
    }

    #[test]
    fn headers_count_within_what_the_distribution_allows() {
        let control = |value| Some(("cache-control", value));
        check(None, (0, 1000), 500);
        check(control("max-age=60"), (0, 1000), 60);
        check(control("max-age=60, s-maxage=90"), (0, 1000), 90);
        check(control("public, max-age=31536000, immutable"), (0, 1000), 1000);
        check(control("max-age=1"), (30, 1000), 30);
        check(control("no-cache"), (0, 1000), 0);
        check(control("no-store, max-age=60"), (5, 1000), 5);
        check(control("private"), (0, 1000), 0);
        check(Some(("expires", "Thu, 01 Jan 1970 00:01:00 GMT")), (0, 1000), 60);
        check(Some(("expires", "Fri, 01 Jan 1960 00:01:00 GMT")), (0, 1000), 0);
        check(Some(("expires", "0")), (0, 1000), 0);
    }
}
