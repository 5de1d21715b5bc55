//! What a path of the distribution API is about.
//!
//! It does not know which methods a path takes, nor whether what it names is there.

use hyper::Method;

/// What a path is about; names have slashes in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/v2/`: is there a registry, and may I?
    Base,
    /// `/v2/_catalog`.
    Catalog,
    /// `/v2/NAME/tags/list`.
    Tags { name: &'a str },
    /// `/v2/NAME/manifests/TAG-OR-DIGEST`.
    Manifest { name: &'a str, reference: String },
    /// `/v2/NAME/blobs/DIGEST`.
    Blob { name: &'a str, digest: String },
    /// `/v2/NAME/blobs/uploads/`.
    Uploads { name: &'a str },
    /// `/v2/NAME/blobs/uploads/ID`.
    Upload { name: &'a str, id: &'a str },
    /// `/v2/NAME/referrers/DIGEST`.
    Referrers { name: &'a str, digest: String },
    /// `/_layers/ACCOUNT/REGION/NAME/DIGEST`.
    Layer { name: &'a str, digest: String },
}

impl<'a> Route<'a> {
    /// Reads a path.
    pub(super) fn read(path: &'a str) -> Option<Self> {
        if let Some(path) = path.strip_prefix("/_layers/") {
            let (name, digest) = path.rsplit_once('/')?;
            return Some(Self::Layer { name, digest: decoded(digest) });
        }
        let path = path.strip_prefix("/v2")?.trim_start_matches('/');
        if let "" | "_catalog" = path {
            return Some(if path.is_empty() { Self::Base } else { Self::Catalog });
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(name) = path.strip_suffix("/tags/list") {
            return Some(Self::Tags { name });
        }
        if let Some(name) = path.strip_suffix("/blobs/uploads") {
            return Some(Self::Uploads { name });
        }
        let (rest, last) = path.rsplit_once('/')?;
        let (rest, kind) = rest.rsplit_once('/')?;
        match (kind, rest.strip_suffix("/blobs")) {
            ("uploads", Some(name)) => Some(Self::Upload { name, id: last }),
            ("blobs", _) => Some(Self::Blob { name: rest, digest: decoded(last) }),
            ("manifests", _) => Some(Self::Manifest { name: rest, reference: decoded(last) }),
            ("referrers", _) => Some(Self::Referrers { name: rest, digest: decoded(last) }),
            (_, _) => None,
        }
    }

    /// The repository as the path names it.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self {
            Self::Base | Self::Catalog => None,
            Self::Tags { name }
            | Self::Manifest { name, .. }
            | Self::Blob { name, .. }
            | Self::Uploads { name }
            | Self::Upload { name, .. }
            | Self::Referrers { name, .. }
            | Self::Layer { name, .. } => Some(name),
        }
    }

    /// The action of ECR that a request amounts to; `None` for a method that the path does not know.
    pub(super) fn action(&self, method: &Method) -> Option<&'static str> {
        let action = match (self, method.as_str()) {
            (Self::Base, "GET" | "HEAD") => "GetAuthorizationToken",
            (Self::Catalog, "GET") => "DescribeRepositories",
            (Self::Tags { .. }, "GET") => "ListImages",
            (Self::Manifest { .. }, "GET" | "HEAD") => "BatchGetImage",
            (Self::Manifest { .. }, "PUT") => "PutImage",
            (Self::Manifest { .. }, "DELETE") => "BatchDeleteImage",
            (Self::Blob { .. }, "HEAD") => "BatchCheckLayerAvailability",
            (Self::Blob { .. }, "GET") => "GetDownloadUrlForLayer",
            (Self::Uploads { .. }, "POST") => "InitiateLayerUpload",
            (Self::Upload { .. }, "GET" | "PATCH" | "DELETE") => "UploadLayerPart",
            (Self::Upload { .. }, "PUT") => "CompleteLayerUpload",
            (Self::Referrers { .. }, "GET") => "ListImageReferrers",
            (Self::Layer { .. }, "GET" | "HEAD") => "GetLayer",
            (_, _) => return None,
        };
        Some(action)
    }
}

/// A last part of a path, in which clients may write the colon of a digest as `%3A`.
fn decoded(text: &str) -> String {
    text.replace("%3A", ":").replace("%3a", ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn check(path: &str, expected: Option<Route<'_>>) {
        assert_eq!(Route::read(path), expected, "{path}");
    }

    #[test]
    fn names_may_have_slashes_and_even_the_words_of_the_api() {
        let text = str::to_owned;
        check("/v2/", Some(Route::Base));
        check("/v2", Some(Route::Base));
        check("/v2/_catalog", Some(Route::Catalog));
        check("/v2/a/b/tags/list", Some(Route::Tags { name: "a/b" }));
        check("/v2/a/manifests/v1", Some(Route::Manifest { name: "a", reference: text("v1") }));
        check(
            "/v2/a/manifests/b/blobs/sha256%3A0",
            Some(Route::Blob { name: "a/manifests/b", digest: text("sha256:0") }),
        );
        check("/v2/a/blobs/uploads/", Some(Route::Uploads { name: "a" }));
        check("/v2/a/blobs/uploads/1", Some(Route::Upload { name: "a", id: "1" }));
        check("/v2/a/referrers/sha256:0", Some(Route::Referrers { name: "a", digest: text("sha256:0") }));
        check("/_layers/1/r/a/b/sha256:0", Some(Route::Layer { name: "1/r/a/b", digest: text("sha256:0") }));
        for strange in ["/v2/a", "/v2/a/b", "/v2/a/tags", "/v1/a/manifests/v1", "/_layers/"] {
            check(strange, None);
        }
    }

    #[test]
    fn a_request_is_one_of_ecrs_actions() {
        let blob = Route::Blob { name: "a", digest: String::new() };
        assert_eq!(blob.action(&Method::HEAD), Some("BatchCheckLayerAvailability"));
        assert_eq!(blob.action(&Method::POST), None);
    }

    proptest::proptest! {
        #[test]
        fn no_path_is_too_strange(path in ".*", method in "GET|PUT") {
            let _read = Route::read(&path);
            let whole = format!("/v2/{path}");
            if let Some(route) = Route::read(&whole) {
                let _action = route.action(&Method::from_bytes(method.as_bytes()).unwrap());
            }
        }
    }
}
