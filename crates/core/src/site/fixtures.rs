//! Manifests for tests.

use std::collections::BTreeMap;

use crate::identifier::Sha256;

use super::{FileClass, Headers, Manifest, ManifestFile};

/// A manifest of these files. What they hash to follows from path and size.
pub(super) fn manifest(files: &[(&str, FileClass, u64)]) -> Manifest {
    let file = |(path, class, size): &(&str, FileClass, u64)| {
        let sha256 = Sha256::of(format!("{path} {size}").as_bytes());
        (path.parse().unwrap(), ManifestFile { sha256, size: *size, class: *class, headers: headers("no-cache") })
    };
    Manifest::new(files.iter().map(file).collect::<BTreeMap<_, _>>()).unwrap()
}

/// Headers with this `Cache-Control`.
pub(super) fn headers(cache_control: &str) -> Headers {
    Headers {
        content_type: "text/plain; charset=utf-8".parse().unwrap(),
        cache_control: cache_control.parse().unwrap(),
        content_encoding: None,
        content_disposition: None,
        content_language: None,
    }
}
