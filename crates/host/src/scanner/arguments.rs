//! What each scanner is told: one image, everything that is found, as JSON into a file.
//!
//! Nothing filters what is found, and nothing here is secret: logins are in files that variables name.
//! The options are those of Trivy's and Grype's documentation.

use std::path::Path;

use towpath_core::{identifier::ImageReference, scan::Scanner};

/// Where the one image is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// An OCI layout that holds it and no other.
    Layout(&'a Path),
    /// Its registry.
    Registry(&'a ImageReference),
}

/// How it is asked for its version.
pub(super) fn version(scanner: Scanner) -> Vec<String> {
    words(match scanner {
        Scanner::Trivy => &["version", "--format", "json"],
        Scanner::Grype => &["version", "--output", "json"],
    })
}

/// How it is told to scan.
pub(super) fn scan(scanner: Scanner, source: Source<'_>, report: &Path) -> Vec<String> {
    let report = report.display().to_string();
    match scanner {
        Scanner::Trivy => {
            let mut all =
                words(&["image", "--no-progress", "--scanners", "vuln", "--format", "json", "--output", &report]);
            all.extend(match source {
                Source::Layout(folder) => words(&["--input", &folder.display().to_string()]),
                Source::Registry(image) => words(&["--image-src", "remote", &image.to_string()]),
            });
            all
        }
        Scanner::Grype => {
            let mut all = words(&["--verbose", "--output", "json", "--file", &report]);
            all.push(match source {
                Source::Layout(folder) => format!("oci-dir:{}", folder.display()),
                Source::Registry(image) => format!("registry:{image}"),
            });
            all
        }
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scanner: Scanner, expected: [&str; 2]) {
        let image = format!("111111111111.dkr.ecr.us-west-2.amazonaws.com/shop@sha256:{}", "a".repeat(64));
        let image: ImageReference = image.parse().unwrap();
        for (source, expected) in [Source::Layout(Path::new("/in")), Source::Registry(&image)].into_iter().zip(expected)
        {
            let said = scan(scanner, source, Path::new("/out")).join(" ");
            assert_eq!(said.replace(&image.to_string(), "IMAGE"), expected);
        }
    }

    #[test]
    fn everything_is_asked_for_by_digest_into_a_file() {
        check(
            Scanner::Trivy,
            [
                "image --no-progress --scanners vuln --format json --output /out --input /in",
                "image --no-progress --scanners vuln --format json --output /out --image-src remote IMAGE",
            ],
        );
        check(
            Scanner::Grype,
            ["--verbose --output json --file /out oci-dir:/in", "--verbose --output json --file /out registry:IMAGE"],
        );
    }
}
