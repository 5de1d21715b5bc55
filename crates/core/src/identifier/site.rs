//! The names of where sites live: buckets, distributions and their invalidations.

use super::macros::identifier;

identifier! {
    /// An S3 bucket.
    BucketName, "a bucket's name", "use 3 to 63 lowercase letters, digits, dots and hyphens, beginning and ending with a letter or digit, without two dots in a row", is_bucket
}
identifier! {
    /// A CloudFront distribution, for example `E2QWRUHAPOMQZL`.
    DistributionId, "a distribution's id", "use its id of capital letters and digits, for example `E2QWRUHAPOMQZL`, not its domain", is_distribution
}
identifier! {
    /// One invalidation of a distribution.
    InvalidationId, "an invalidation's id", "use 1 to 64 letters and digits", |text| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// S3's rules for general purpose buckets, as far as they can be told from the name alone.
fn is_bucket(text: &str) -> bool {
    let is_end = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    (3..=63).contains(&text.len())
        && text.bytes().all(is_plain)
        && is_end(text.as_bytes().first())
        && is_end(text.as_bytes().last())
        && !text.contains("..")
        && text.parse::<std::net::Ipv4Addr>().is_err()
}

fn is_distribution(text: &str) -> bool {
    (2..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_s3() {
        for good in ["fe-shop-dev", "abc", "www.example.com", "1a2"] {
            assert!(good.parse::<BucketName>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "Shop", "s3://shop", "shop/app", "-shop", "shop-", "a..b", "192.168.1.1", "a_b"] {
            assert!(bad.parse::<BucketName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_domain_is_no_distribution() {
        for good in ["E123", "E2QWRUHAPOMQZL"] {
            assert!(good.parse::<DistributionId>().is_ok(), "{good}");
        }
        for bad in ["", "E", "d111111abcdef8.cloudfront.net", "e123", "E123/"] {
            assert!(bad.parse::<DistributionId>().is_err(), "{bad}");
        }
    }
}
