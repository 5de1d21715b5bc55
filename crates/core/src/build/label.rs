//! The labels of an image, in the words of the OCI image specification's annotations.

use std::collections::BTreeMap;

use super::Checkout;

const SOURCE: &str = "org.opencontainers.image.source";
const REVISION: &str = "org.opencontainers.image.revision";
const VERSION: &str = "org.opencontainers.image.version";
const CREATED: &str = "org.opencontainers.image.created";

/// Source, revision, version and time of creation.
pub(super) fn labels(checkout: &Checkout) -> BTreeMap<String, String> {
    let source = checkout.source.as_ref().map(|source| (SOURCE, source.to_string()));
    let known = [
        (REVISION, checkout.commit.to_string()),
        (VERSION, checkout.version.to_string()),
        (CREATED, checkout.committed_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    ];
    known.into_iter().chain(source).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::checkout::tests::checkout, *};

    #[test]
    fn an_image_says_where_it_comes_from() {
        let labels: Vec<String> = labels(&checkout()).iter().map(|(name, value)| format!("{name}={value}")).collect();
        insta::assert_snapshot!(labels.join("\n"), @"
        org.opencontainers.image.created=2026-03-02T12:00:00Z
        org.opencontainers.image.revision=0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8
        org.opencontainers.image.source=https://github.com/acme/shop
        org.opencontainers.image.version=1.4.0
        ");
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        assert!(!labels(&Checkout { source: None, ..checkout() }).contains_key(SOURCE));
    }
}
