//! Which registry a request is for: every account and region has one, and all of them are on one port.
//!
//! The `Host` header says so where it names a registry of ECR, as behind a proxy; or else the first two parts of the
//! repository's name, `ACCOUNT/REGION/`, do; or else it is the registry that the credentials were made for.

use crate::{ecr::Token, sts::is_account, world::Place};

/// A registry, and a repository in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) place: Place,
    pub(super) repository: String,
}

impl Address {
    /// The address that a `Host` header, a name and a token together mean.
    pub(super) fn read(host: Option<&str>, name: &str, token: Option<&Token>) -> Option<Self> {
        if let Some(place) = host.and_then(registry_of) {
            return Some(Self { place, repository: name.to_owned() });
        }
        if let Some(address) = Self::in_name(name) {
            return Some(address);
        }
        let token = token?;
        Some(Self { place: Place::new(&token.registry, &token.region), repository: name.to_owned() })
    }

    /// Takes `ACCOUNT/REGION/REPOSITORY` apart.
    pub(super) fn in_name(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '/');
        let (account, region, repository) = (parts.next()?, parts.next()?, parts.next()?);
        let is_named = is_account(account) && is_region(region);
        is_named.then(|| Self { place: Place::new(account, region), repository: repository.to_owned() })
    }
}

/// Takes `ACCOUNT.dkr.ecr.REGION.…` apart.
fn registry_of(host: &str) -> Option<Place> {
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let (region, _) = rest.split_once('.')?;
    is_account(account).then(|| Place::new(account, region))
}

/// Whether a part of a name is written like `us-west-2`.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() >= 3 && parts.last().is_some_and(is_number) && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, name: &str, expected: Option<(&str, &str)>) {
        let read = Address::read(Some(host), name, None);
        let read = read.map(|address| (address.place.to_string(), address.repository));
        assert_eq!(read, expected.map(|(place, name)| (place.to_owned(), name.to_owned())), "{host} {name}");
    }

    #[test]
    fn a_registry_is_named_by_the_host_or_by_the_name() {
        let here = "127.0.0.1:4599";
        let there = "111111111111.dkr.ecr.us-west-2.amazonaws.com";
        check(there, "shop/api", Some(("111111111111/us-west-2", "shop/api")));
        check(here, "333333333333/eu-central-1/shop/api", Some(("333333333333/eu-central-1", "shop/api")));
        check(here, "shop/api", None);
        check(here, "333333333333/api/x", None);
        check("1.dkr.ecr.us-west-2.amazonaws.com", "shop", None);
    }
}
