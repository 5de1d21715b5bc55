//! What is built: the commit that is checked out, and what is known of it.
//!
//! It asks no git: the front end does, and hands the answers in.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use crate::identifier::{BranchName, CommitId, InvalidIdentifier, Version};

/// The commit that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The version that the release gets.
    pub version: Version,
    /// The commit.
    pub commit: CommitId,
    /// When it was committed. The image says that it was created then, so that the same commit gives the same image.
    pub committed_at: Timestamp,
    /// The branch, where one is known; a tag is on none.
    pub branch: Option<BranchName>,
    /// Where the source is.
    pub source: Option<SourceAddress>,
}

/// Where the source is, for people: `https://github.com/acme/shop`, free of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceAddress(String);

impl SourceAddress {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceAddress {
    type Err = InvalidIdentifier;

    /// Any form in which git names a remote; what may hold a password is left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "the address of a repository",
            value: "(not shown: it may hold a password)".to_owned(),
            rule: "use `https://HOST/PATH`, `ssh://HOST/PATH` or `HOST:PATH`",
        };
        let (host, path) = match text.split_once("://") {
            Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/').ok_or_else(invalid)?,
            Some(_) => return Err(invalid()),
            None => text.split_once(':').ok_or_else(invalid)?,
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        // A port is ssh's own, or one of a server that people reach by its name.
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let is_host =
            host.contains('.') && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        let is_path =
            !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/~".contains(&byte));
        if is_host && is_path { Ok(Self(format!("https://{host}/{path}"))) } else { Err(invalid()) }
    }
}

impl fmt::Display for SourceAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::build) fn checkout() -> Checkout {
        Checkout {
            version: "1.4.0".parse().unwrap(),
            commit: "0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8".parse().unwrap(),
            committed_at: "2026-03-02T12:00:00Z".parse().unwrap(),
            branch: Some("main".parse().unwrap()),
            source: Some("https://github.com/acme/shop".parse().unwrap()),
        }
    }

    fn check(text: &str, expected: Option<&str>) {
        let address = text.parse::<SourceAddress>().ok();
        assert_eq!(address.as_ref().map(SourceAddress::as_str), expected, "{text}");
    }

    #[test]
    fn every_form_of_a_remote_becomes_one_address() {
        let shop = Some("https://github.com/acme/shop");
        check("https://github.com/acme/shop", shop);
        check("https://github.com/acme/shop.git", shop);
        check("git@github.com:acme/shop.git", shop);
        check("ssh://git@github.com:22/acme/shop.git", shop);
        check("http://github.com:8080/acme/shop/", shop);
    }

    #[test]
    fn a_password_in_a_remote_goes_nowhere() {
        check("https://x-access-token:ghs_secret@github.com/acme/shop.git", Some("https://github.com/acme/shop"));
        check("https://user:p@ss@github.com/acme/shop", Some("https://github.com/acme/shop"));
        let error = "https://token:s3cret@/".parse::<SourceAddress>().unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn what_names_no_place_for_people_is_left_out() {
        for text in ["", "/srv/git/shop", "../shop", "file:///srv/git/shop", "origin", "https://github.com", "C:\\shop"]
        {
            check(text, None);
        }
    }
}
