//! Image references: which registry, repository, tag and digest they name.
//!
//! Only references to ECR are taken apart; to the simulator any other one is just a text.

use crate::{ecr::ImageId, sts::is_account};

/// A reference to an image in ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EcrReference<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) repository: &'a str,
    pub(super) id: ImageId,
}

/// Takes `ACCOUNT.dkr.ecr.REGION.amazonaws.com[.cn]/repository[:tag][@digest]` apart, or the same with
/// `127.0.0.1:PORT/ACCOUNT/REGION` before the repository.
pub(super) fn ecr(reference: &str) -> Option<EcrReference<'_>> {
    let (host, path) = reference.split_once('/')?;
    let on_loopback = || {
        let mut parts = path.splitn(3, '/');
        let (account, region, path) = (parts.next()?, parts.next()?, parts.next()?);
        is_loopback(host).then_some((account, region, path))
    };
    let (account, region, path) =
        of_host(host).map(|(account, region)| (account, region, path)).or_else(on_loopback)?;
    let (name, digest) = match path.split_once('@') {
        Some((name, digest)) => (name, Some(digest.to_owned())),
        None => (path, None),
    };
    let (repository, tag) = match name.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag.to_owned())),
        None => (name, None),
    };
    // With a digest, the tag is for people only.
    let tag = if digest.is_some() { None } else { tag.or_else(|| Some("latest".to_owned())) };
    is_account(account).then_some(EcrReference { account, region, repository, id: ImageId { digest, tag } })
}

/// Takes `ACCOUNT.dkr.ecr.REGION.amazonaws.com[.cn]` apart.
fn of_host(host: &str) -> Option<(&str, &str)> {
    let host = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    host.split_once(".dkr.ecr.")
}

/// Whether a host is this machine with a port: a registry there has its account and region in its names.
fn is_loopback(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(name, _)| ["127.0.0.1", "localhost", "[::1]"].contains(&name))
}

/// The digest that a reference carries itself.
pub(super) fn pinned_digest(reference: &str) -> Option<&str> {
    reference.split_once('@').map(|(_, digest)| digest).filter(|digest| digest.starts_with("sha256:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reference: &str, expected: Option<(&str, Option<&str>, Option<&str>)>) {
        let read = ecr(reference);
        let read = read.as_ref().map(|read| (read.repository, read.id.tag.as_deref(), read.id.digest.as_deref()));
        assert_eq!(read, expected, "{reference}");
    }

    #[test]
    fn references_to_ecr_are_taken_apart() {
        let host = "111111111111.dkr.ecr.us-west-2.amazonaws.com";
        check(&format!("{host}/shop/api:1.0"), Some(("shop/api", Some("1.0"), None)));
        check(&format!("{host}/shop/api"), Some(("shop/api", Some("latest"), None)));
        check(&format!("{host}/api@sha256:ab"), Some(("api", None, Some("sha256:ab"))));
        check(&format!("{host}/api:1.0@sha256:ab"), Some(("api", None, Some("sha256:ab"))));
        check(&format!("{host}.cn/api:1"), Some(("api", Some("1"), None)));
    }

    #[test]
    fn other_references_are_left_alone() {
        for reference in ["nginx", "nginx:1.27", "ghcr.io/a/b", "x.dkr.ecr.us-west-2.amazonaws.com/api", ""] {
            check(reference, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_reference_is_too_strange(reference in ".*", path in ".*") {
            let _read = ecr(&reference);
            let whole = format!("111111111111.dkr.ecr.us-west-2.amazonaws.com/{path}");
            proptest::prop_assert!(ecr(&whole).is_some());
        }
    }
}
