//! One repository in one registry, and what can be asked of it.
//!
//! Each question names the permission of IAM's that it takes, for whoever lacks it.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::{
    Method, Response,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, LINK, LOCATION, RANGE},
};
use towpath_core::{
    identifier::{Digest, Repository, TagName},
    ports::CallError,
};

use crate::{Patience, connect::Aws};

use super::{
    answer::{Failed, What},
    http::Clients,
    login::{self, Logins, RegistryLogin},
    manifest,
    request::{Request, To},
};

/// The longest list of what refers to a manifest that is read.
const LONGEST_LIST: usize = 4 * 1024 * 1024;

/// More pages than such a list has: one that goes on for ever is none.
const MOST_PAGES: usize = 20;

/// ECR's registries, as one caller.
#[derive(Clone)]
pub(crate) struct Registries(Arc<Reach>);

/// What all of a caller's repositories have in common.
struct Reach {
    aws: Aws,
    clients: Clients,
    logins: Logins,
}

impl Registries {
    pub(crate) fn new(aws: Aws) -> Self {
        let clients = Clients::new(aws.patience().connect);
        Self(Arc::new(Reach { clients, logins: Logins::new(aws.clone()), aws }))
    }

    /// A login of that region, new each time.
    pub(crate) async fn login(&self, region: &str) -> Result<RegistryLogin, CallError> {
        login::ask(&self.0.aws, region).await
    }

    /// A repository of ECR's; `None` for others.
    pub(crate) fn repository(&self, repository: &Repository) -> Option<Remote> {
        let (_, region) = repository.ecr()?;
        Some(Remote { repository: repository.clone(), region: region.to_owned(), registries: self.clone() })
    }
}

/// A repository.
#[derive(Clone)]
pub(crate) struct Remote {
    repository: Repository,
    region: String,
    registries: Registries,
}

/// How an upload begins.
pub(super) enum Begun {
    /// With its end: the registry has taken the layer over from another of its repositories.
    Mounted,
    /// With the address to send to.
    Session(String),
}

impl Remote {
    pub(super) fn repository(&self) -> &Repository {
        &self.repository
    }

    pub(super) fn patience(&self) -> &Patience {
        self.registries.0.aws.patience()
    }

    pub(super) fn clients(&self) -> &Clients {
        &self.registries.0.clients
    }

    pub(super) async fn login(&self) -> Result<Arc<RegistryLogin>, CallError> {
        self.registries.0.logins.get(&self.region).await
    }

    pub(super) async fn forget(&self, login: &Arc<RegistryLogin>) {
        self.registries.0.logins.forget(&self.region, login).await;
    }

    /// The bytes of a manifest, and the type that the registry says they have.
    pub(super) async fn get_manifest(&self, digest: &Digest) -> Result<(Bytes, Option<String>), Failed> {
        let what = What::read("ecr:BatchGetImage");
        self.manifest_at(what, &format!("manifests/{digest}")).await
    }

    /// As [`Remote::get_manifest`], of what a tag names now; `None` where there is no such tag.
    pub(super) async fn get_tagged(&self, tag: &TagName) -> Result<Option<(Bytes, Option<String>)>, Failed> {
        match self.manifest_at(What::read("ecr:BatchGetImage"), &format!("manifests/{tag}")).await {
            Ok(found) => Ok(Some(found)),
            Err(failed) if failed.error.is_not_found() && !failed.is_coded(&["NAME_UNKNOWN"]) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    async fn manifest_at(&self, what: What, path: &str) -> Result<(Bytes, Option<String>), Failed> {
        let request = Request::new(what, Method::GET, To::Path(path)).with(ACCEPT, manifest::ACCEPTED);
        let (headers, bytes) = self.fetch(&request, manifest::LONGEST).await?;
        Ok((bytes, headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned)))
    }

    /// Whether a manifest is there.
    pub(super) async fn has_manifest(&self, digest: &Digest) -> Result<bool, Failed> {
        let what = What::read("ecr:BatchGetImage");
        let path = format!("manifests/{digest}");
        let request = Request::new(what, Method::HEAD, To::Path(&path)).with(ACCEPT, manifest::ACCEPTED);
        found(self.send(&request).await)
    }

    pub(super) async fn put_manifest(&self, digest: &Digest, media_type: &str, bytes: Bytes) -> Result<(), Failed> {
        let path = format!("manifests/{digest}");
        let request = Request::new(What::change("ecr:PutImage"), Method::PUT, To::Path(&path));
        let request = Request { body: bytes, ..request.with(CONTENT_TYPE, media_type) };
        self.send(&request).await.map(drop)
    }

    /// The list of what refers to a manifest, page by page; none where the registry knows no such list, or there is
    /// none.
    pub(super) async fn get_referrers(&self, digest: &Digest) -> Result<Vec<Bytes>, Failed> {
        let what = What::read("ecr:ListImageReferrers");
        let path = format!("referrers/{digest}");
        let mut fetched = self.fetch(&Request::new(what, Method::GET, To::Path(&path)), LONGEST_LIST).await;
        let mut pages = Vec::new();
        loop {
            let (headers, page) = match fetched {
                Ok(fetched) => fetched,
                Err(failed) if pages.is_empty() && failed.error.is_not_found() => return Ok(pages),
                Err(failed) => return Err(failed),
            };
            pages.push(page);
            let Some(next) = next_page(&headers) else {
                return Ok(pages);
            };
            if pages.len() >= MOST_PAGES {
                return Err(what.unsure(format!("the list of what refers to it has more than {MOST_PAGES} pages")));
            }
            fetched = self.fetch(&Request::new(what, Method::GET, To::Session(&next, None)), LONGEST_LIST).await;
        }
    }

    /// A small layer, whole. Whether it is what its digest says is the caller's to see.
    pub(super) async fn small_blob(&self, digest: &Digest, longest: usize) -> Result<Bytes, Failed> {
        let path = format!("blobs/{digest}");
        let request = Request::new(What::read("ecr:GetDownloadUrlForLayer"), Method::GET, To::Path(&path));
        Ok(self.fetch(&request, longest).await?.1)
    }

    /// Whether a layer or configuration is there.
    pub(super) async fn has_blob(&self, digest: &Digest) -> Result<bool, Failed> {
        let path = format!("blobs/{digest}");
        let what = What::read("ecr:BatchCheckLayerAvailability");
        found(self.send(&Request::new(what, Method::HEAD, To::Path(&path))).await)
    }

    /// A layer or configuration, from that byte on, or from its first where the registry cannot begin there.
    pub(super) async fn get_blob(&self, digest: &Digest, from: u64) -> Result<Response, Failed> {
        let path = format!("blobs/{digest}");
        let request = Request::new(What::read("ecr:GetDownloadUrlForLayer"), Method::GET, To::Path(&path));
        let request = if from == 0 { request } else { request.with(RANGE, format!("bytes={from}-")) };
        self.send(&request).await
    }

    /// Begins an upload, or has the registry take the layer over from that repository of its own.
    pub(super) async fn begin(&self, digest: &Digest, mount: Option<&Repository>) -> Result<Begun, Failed> {
        let what = What::change("ecr:InitiateLayerUpload");
        let path = match mount {
            Some(from) => format!("blobs/uploads/?mount={digest}&from={}", from.path()),
            None => "blobs/uploads/".to_owned(),
        };
        let response = self.send(&Request::new(what, Method::POST, To::Path(&path))).await?;
        if response.status().as_u16() == 201 && mount.is_some() {
            return Ok(Begun::Mounted);
        }
        let session = session(&response);
        Ok(Begun::Session(session.ok_or_else(|| what.unsure("the registry does not say where to upload to"))?))
    }

    /// Ends an upload: the registry takes it as a layer only where it has this digest.
    pub(super) async fn finish(&self, session: &str, digest: &Digest) -> Result<(), Failed> {
        let what = What::change("ecr:CompleteLayerUpload");
        let to = To::Session(session, Some(digest.as_str()));
        self.send(&Request::new(what, Method::PUT, to)).await.map(drop)
    }

    /// Throws an upload away. That it fails is no harm: registries do it by themselves after a while.
    pub(super) async fn give_up(&self, session: &str) {
        let request = Request::new(What::change("ecr:InitiateLayerUpload"), Method::DELETE, To::Session(session, None));
        drop(self.send_once(&request, reqwest::Body::default(), self.patience().connect).await);
    }
}

/// Where the next request of an upload goes.
pub(super) fn session(response: &Response) -> Option<String> {
    response.headers().get(LOCATION)?.to_str().ok().map(str::to_owned)
}

fn found(answer: Result<Response, Failed>) -> Result<bool, Failed> {
    match answer {
        Ok(_) => Ok(true),
        Err(failed) if failed.error.is_not_found() => Ok(false),
        Err(failed) => Err(failed),
    }
}

/// Where a list goes on, as the registries' protocol says it: `Link: <ADDRESS>; rel="next"`.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(LINK)?.to_str().ok()?;
    let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
    rest.replace(' ', "").contains("rel=\"next\"").then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_the_registry_says_so() {
        let check = |link: &str, expected: Option<&str>| {
            let headers = HeaderMap::from_iter([(LINK, link.parse().unwrap())]);
            assert_eq!(next_page(&headers).as_deref(), expected, "{link}");
        };
        check("</v2/shop/referrers/sha256:0?last=a>; rel=\"next\"", Some("/v2/shop/referrers/sha256:0?last=a"));
        check("</v2/x>; rel=\"first\"", None);
        check("nonsense", None);
        assert_eq!(next_page(&HeaderMap::new()), None);
    }
}
