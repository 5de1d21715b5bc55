//! How a distribution shows a site: which URLs its files have, and whether it shows it at all.

use std::time::Duration;

use crate::{
    identifier::{DistributionId, Region},
    ports::{Distribution, Origin},
};

use super::{Home, SitePath};

/// Answers to errors that edges keep for longer than this are worth forgetting. CloudFront's own default is 10 seconds.
const BRIEF: Duration = Duration::from_mins(1);

/// How a distribution shows a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeView {
    /// The path that every URL of the site begins with: `/`, or a folder with a `/` at its end.
    pub root: String,
    /// The file that is answered for `/`.
    pub at_slash: Option<SitePath>,
    /// Files that are answered for whatever is not there, and that edges keep for a while.
    pub kept_fallbacks: Vec<SitePath>,
    /// Files that are answered for whatever is not there, with the status of something that is.
    pub fallbacks: Vec<SitePath>,
}

/// Why a distribution does not show a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeProblem {
    /// It gets its files from somewhere else.
    #[error("the distribution {id} is not in front of {home}: its origins are {}", origins.join(", "))]
    OtherBucket {
        /// The distribution.
        id: DistributionId,
        /// Where the site is.
        home: Home,
        /// Where it gets its files from.
        origins: Vec<String>,
    },
    /// It answers nobody.
    #[error("the distribution {0} is disabled")]
    Disabled(
        /// The distribution.
        DistributionId,
    ),
}

impl EdgeView {
    /// How this distribution shows a site that is there.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub fn of(distribution: &Distribution, home: &Home, region: &Region) -> Result<Self, EdgeProblem> {
        if !distribution.is_enabled {
            return Err(EdgeProblem::Disabled(distribution.id.clone()));
        }
        let origins = || distribution.default_origin.iter().chain(&distribution.other_origins);
        let Some(root) = origins().find_map(|origin| root_behind(origin, home, region)) else {
            let origins = origins().map(|origin| format!("{}{}", origin.domain, origin.path)).collect();
            return Err(EdgeProblem::OtherBucket { id: distribution.id.clone(), home: home.clone(), origins });
        };
        let at_slash = distribution.default_root.as_ref().and_then(|page| file_at(&format!("/{page}"), &root));
        let pages =
            distribution.error_documents.iter().filter_map(|one| Some((one, file_at(one.page.as_ref()?, &root)?)));
        let kept = |kept_for: Duration| kept_for > BRIEF;
        let kept_fallbacks = pages.clone().filter(|(one, _)| kept(one.cached_for)).map(|(_, file)| file).collect();
        let is_hiding = |answered: Option<u16>| answered.is_some_and(|status| (200..300).contains(&status));
        let fallbacks = pages.filter(|(one, _)| is_hiding(one.answered)).map(|(_, file)| file).collect();
        Ok(Self { root, at_slash, kept_fallbacks, fallbacks })
    }

    /// The path of a file's URL, not encoded.
    pub fn url_path(&self, path: &SitePath) -> String {
        format!("{}{path}", self.root)
    }
}

/// The root of the site's URLs behind this origin, where the origin is the site's bucket and shows its prefix.
fn root_behind(origin: &Origin, home: &Home, region: &Region) -> Option<String> {
    if !is_bucket(&origin.domain, home, region) {
        return None;
    }
    let shown = origin.path.trim_matches('/');
    let prefix = home.prefix.as_str();
    let below = if shown.is_empty() { prefix } else { prefix.strip_prefix(shown)?.strip_prefix('/')? };
    Some(format!("/{below}"))
}

/// Whether a domain is one of those that S3 gives to a bucket: as objects, or as a website.
fn is_bucket(domain: &str, home: &Home, region: &Region) -> bool {
    let Some(service) = domain.strip_prefix(home.bucket.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
        return false;
    };
    let service = service.strip_suffix(".amazonaws.com.cn").or_else(|| service.strip_suffix(".amazonaws.com"));
    let forms = ["s3", "s3.REGION", "s3-REGION", "s3.dualstack.REGION", "s3-website-REGION", "s3-website.REGION"];
    service.is_some_and(|service| forms.iter().any(|form| form.replace("REGION", region.as_str()) == service))
}

fn file_at(url_path: &str, root: &str) -> Option<SitePath> {
    url_path.strip_prefix(root)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::ErrorDocument;

    fn distribution(domain: &str, path: &str) -> Distribution {
        let error = |page: &str, answered, cached_for| ErrorDocument {
            status: 403,
            page: Some(page.to_owned()),
            answered,
            cached_for: Duration::from_secs(cached_for),
        };
        Distribution {
            id: "E123".parse().unwrap(),
            domain: "d1.cloudfront.net".to_owned(),
            aliases: Vec::new(),
            is_enabled: true,
            is_deployed: true,
            default_origin: Some(Origin { domain: "api.example.com".to_owned(), path: String::new() }),
            other_origins: vec![Origin { domain: domain.to_owned(), path: path.to_owned() }],
            default_root: Some("index.html".to_owned()),
            error_documents: vec![error("/index.html", Some(200), 10), error("/404.html", None, 300)],
        }
    }

    fn view(domain: &str, path: &str, prefix: &str) -> Result<EdgeView, EdgeProblem> {
        let home = Home { bucket: "www.shop".parse().unwrap(), prefix: prefix.parse().unwrap() };
        EdgeView::of(&distribution(domain, path), &home, &"us-west-2".parse().unwrap())
    }

    #[test]
    fn every_domain_of_the_bucket_is_the_bucket_and_no_other() {
        for form in ["s3", "s3.us-west-2", "s3-us-west-2", "s3.dualstack.us-west-2", "s3-website-us-west-2"] {
            assert_eq!(view(&format!("www.shop.{form}.amazonaws.com"), "", "").unwrap().root, "/", "{form}");
        }
        for other in [
            "www.shop2.s3.amazonaws.com",
            "shop.s3.amazonaws.com",
            "www.shop.s3.eu-west-1.amazonaws.com",
            "www.shop.s3.amazonaws.com.evil.org",
        ] {
            assert!(matches!(view(other, "", ""), Err(EdgeProblem::OtherBucket { .. })), "{other}");
        }
    }

    #[test]
    fn urls_begin_with_what_of_the_prefix_the_origin_does_not_add() {
        let domain = "www.shop.s3.us-west-2.amazonaws.com";
        let check = |path: &str, prefix: &str, expected: Option<&str>| {
            assert_eq!(view(domain, path, prefix).ok().map(|view| view.root).as_deref(), expected, "{path} {prefix}");
        };
        check("", "app", Some("/app/"));
        check("/app", "app", Some("/"));
        check("/app", "app/web", Some("/web/"));
        check("/app", "app2", None);
        check("/app", "", None);
    }

    #[test]
    fn what_is_answered_for_what_is_not_there_is_known() {
        let seen = view("www.shop.s3.amazonaws.com", "", "").unwrap();
        let (index, missing): (SitePath, SitePath) = ("index.html".parse().unwrap(), "404.html".parse().unwrap());
        assert_eq!(seen.at_slash, Some(index.clone()));
        assert_eq!((seen.fallbacks, seen.kept_fallbacks), (vec![index], vec![missing]));
        assert_eq!(view("www.shop.s3.amazonaws.com", "", "app").unwrap().at_slash, None);
        let disabled = Distribution { is_enabled: false, ..distribution("www.shop.s3.amazonaws.com", "") };
        let home = Home { bucket: "www.shop".parse().unwrap(), prefix: "".parse().unwrap() };
        let found = EdgeView::of(&disabled, &home, &"us-west-2".parse().unwrap());
        assert_eq!(found.unwrap_err().to_string(), "the distribution E123 is disabled");
    }
}
