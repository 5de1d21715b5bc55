//! Images: where they are kept, and which one is meant.
//!
//! A tag is only ever an input that is resolved once; what travels further is a digest.

use std::str::FromStr;

use super::{
    AccountId, Digest, Region,
    macros::{InvalidIdentifier, identifier, text_forms},
};

identifier! {
    /// A tag of an image, for example `v1.4.0`.
    TagName, "an image tag", "use 1 to 128 letters, digits, dots, hyphens and underscores, not beginning with a dot or hyphen", is_tag
}

identifier! {
    /// A repository of images with its registry, for example `111111111111.dkr.ecr.us-west-2.amazonaws.com/team/shop-api`.
    Repository, "an image repository", "use `registry/path` in lowercase, without tag or digest", is_repository
}

impl Repository {
    /// The registry's host, with its port where there is one.
    pub fn registry(&self) -> &str {
        self.as_str().split_once('/').map_or("", |(registry, _)| registry)
    }

    /// The path in the registry: everything after the host.
    pub fn path(&self) -> &str {
        self.as_str().split_once('/').map_or(self.as_str(), |(_, path)| path)
    }

    /// The repository of that path in an account's private Amazon ECR registry.
    ///
    /// # Errors
    /// Where the path is not one of a repository.
    pub fn in_ecr(account: &AccountId, region: &Region, path: &str) -> Result<Self, InvalidIdentifier> {
        // The registries of the partition of China have a domain of their own.
        let domain = if region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("{account}.dkr.ecr.{region}.{domain}/{path}").parse()
    }

    /// The account and region when the registry is Amazon ECR's private one.
    pub fn ecr(&self) -> Option<(&str, &str)> {
        let mut parts = self.registry().split('.');
        let (account, dkr, ecr, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_ecr = dkr == "dkr" && matches!(ecr, "ecr" | "ecr-fips");
        (is_account && is_ecr && parts.next() == Some("amazonaws")).then_some((account, region))
    }
}

/// An image by content: what is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageReference {
    text: String,
    repository: Repository,
    digest: Digest,
}

impl ImageReference {
    /// The image with this digest in this repository.
    pub fn new(repository: Repository, digest: Digest) -> Self {
        Self { text: format!("{repository}@{digest}"), repository, digest }
    }

    /// `repository@digest`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it is kept.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What it is.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl FromStr for ImageReference {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "an image by digest",
            value: text.to_owned(),
            rule: "use `registry/repository@sha256:…` with 64 lowercase hexadecimal digits",
        };
        let (repository, digest) = text.split_once('@').ok_or_else(invalid)?;
        Ok(Self::new(repository.parse()?, digest.parse()?))
    }
}

text_forms!(ImageReference);

/// An image by tag: only ever an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedImage {
    /// Where it is kept.
    pub repository: Repository,
    /// The tag to resolve.
    pub tag: TagName,
}

impl FromStr for TaggedImage {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "an image",
            value: text.to_owned(),
            rule: "use `registry/repository@sha256:…` or `registry/repository:tag`",
        };
        let (repository, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).ok_or_else(invalid)?;
        Ok(Self { repository: repository.parse()?, tag: tag.parse()? })
    }
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_repository(text: &str) -> bool {
    let Some((registry, path)) = text.split_once('/') else {
        return false;
    };
    text.len() <= 255 && is_registry(registry) && path.split('/').all(is_path_part)
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    (host.contains('.') || host == "localhost" || text.contains(':'))
        && !host.starts_with(['.', '-'])
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && port.parse::<u16>().is_ok()
}

fn is_path_part(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().next().is_some_and(inner)
        && text.bytes().last().is_some_and(inner)
        && text.bytes().all(|byte| inner(byte) || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_repository_may_have_several_parts() {
        let repository: Repository = "111111111111.dkr.ecr.us-west-2.amazonaws.com/team/app".parse().unwrap();
        assert_eq!(repository.path(), "team/app");
        assert_eq!(repository.ecr(), Some(("111111111111", "us-west-2")));
    }

    #[test]
    fn the_registry_of_an_account_is_named_by_it_and_the_region() {
        let check = |region: &str, expected: &str| {
            let account = "111111111111".parse().unwrap();
            let repository = Repository::in_ecr(&account, &region.parse().unwrap(), "team/api").unwrap();
            assert_eq!(repository.as_str(), expected);
            assert_eq!(repository.ecr(), Some(("111111111111", region)));
        };
        check("us-west-2", "111111111111.dkr.ecr.us-west-2.amazonaws.com/team/api");
        check("cn-north-1", "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api");
    }

    #[test]
    fn other_registries_are_not_ecr() {
        for text in ["ghcr.io/o/r", "localhost:5000/x", "111111111111.dkr.ecr.example.com/x"] {
            assert_eq!(text.parse::<Repository>().unwrap().ecr(), None, "{text}");
        }
    }

    #[test]
    fn a_tag_is_told_from_a_port() {
        assert!("localhost:5000/app".parse::<TaggedImage>().is_err());
        let image: TaggedImage = "localhost:5000/app:v1".parse().unwrap();
        assert_eq!((image.repository.as_str(), image.tag.as_str()), ("localhost:5000/app", "v1"));
    }

    #[test]
    fn malformed_images_are_refused() {
        for bad in [
            "",
            "app",
            "ghcr.io/App@sha256:00",
            "ghcr.io/app@sha256:zz",
            "ghcr.io/app",
            "ghcr.io//app:v1",
            "ghcr.io/a:",
        ] {
            assert!(bad.parse::<ImageReference>().is_err() && bad.parse::<TaggedImage>().is_err(), "{bad}");
        }
    }
}
