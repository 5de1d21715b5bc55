//! How a release is stored: JSON with its format's version inside.
//!
//! The same release is always the same bytes. A format that is not known is never guessed at.

use serde::Deserialize;

use super::{
    Release,
    artifact::{RELEASE_SCHEMA, WITH_SITES},
};

/// A stored release that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// It says no format, or is not JSON at all.
    #[error("the stored release is not a JSON object with a `schema`")]
    NoSchema(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It was written in a format that this version does not know.
    #[error(
        "the stored release is of format {found}, and this version of Towpath knows formats {RELEASE_SCHEMA} to {WITH_SITES}"
    )]
    UnknownSchema {
        /// The format it was written in.
        found: u32,
    },
    /// It has a member that its format does not have.
    #[error("the stored release has `{member}`, which its format has not")]
    NewerThanItsSchema {
        /// The member.
        member: &'static str,
    },
    /// It is not what its format says.
    #[error("the stored release is malformed")]
    Malformed(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
}

/// The one member that every format has. The others are not looked at.
#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

impl Release {
    /// Reads a stored release.
    ///
    /// # Errors
    ///
    /// When the bytes are not a release in a format that this version knows.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReleaseError> {
        let Schema { schema } = serde_json::from_slice(bytes).map_err(ReleaseError::NoSchema)?;
        if !(RELEASE_SCHEMA..=WITH_SITES).contains(&schema) {
            return Err(ReleaseError::UnknownSchema { found: schema });
        }
        let release: Self = serde_json::from_slice(bytes).map_err(ReleaseError::Malformed)?;
        if schema == RELEASE_SCHEMA && !release.attestations.is_empty() {
            return Err(ReleaseError::NewerThanItsSchema { member: "attestations" });
        }
        if schema < WITH_SITES && release.oldest_schema() == WITH_SITES {
            return Err(ReleaseError::NewerThanItsSchema { member: "site" });
        }
        Ok(release)
    }

    /// The bytes to store: readable, ending with a new line, and always the same for the same release.
    ///
    /// # Panics
    ///
    /// Never: nothing in a release is beyond JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("every member of a release is a text, a number or a table of texts");
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, error::Error as _};

    use super::*;
    use crate::release::{Artifact, Attestation};

    fn release() -> Release {
        let image = format!("ghcr.io/acme/shop-api@sha256:{}", "0".repeat(64));
        Release {
            schema: RELEASE_SCHEMA,
            app: "shop".parse().unwrap(),
            version: "1.4.0".parse().unwrap(),
            commit: "a".repeat(40).parse().unwrap(),
            artifacts: BTreeMap::from([("api".parse().unwrap(), Artifact::Image(image.parse().unwrap()))]),
            created_at: "2026-03-02T12:00:00Z".parse().unwrap(),
            created_by: "ci".to_owned(),
            attestations: BTreeMap::new(),
        }
    }

    /// Reads the stored release with one text in the place of another.
    fn error(from: &str, to: &str) -> String {
        let text = String::from_utf8(release().to_json()).unwrap();
        assert!(text.contains(from), "{from}");
        let error = Release::from_json(text.replacen(from, to, 1).as_bytes()).unwrap_err();
        let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        format!("{error}{source}")
    }

    #[test]
    fn a_release_is_stored_so() {
        insta::assert_snapshot!(String::from_utf8(release().to_json()).unwrap(), @r#"
        {
          "schema": 1,
          "app": "shop",
          "version": "1.4.0",
          "commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "artifacts": {
            "api": {
              "image": "ghcr.io/acme/shop-api@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            }
          },
          "created_at": "2026-03-02T12:00:00Z",
          "created_by": "ci"
        }
        "#);
    }

    #[test]
    fn a_stored_release_is_read_again() {
        assert_eq!(Release::from_json(&release().to_json()).unwrap(), release());
    }

    fn attested() -> Release {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64)).parse().unwrap();
        let predicate = "https://slsa.dev/provenance/v1".parse().unwrap();
        let attestation = Attestation { predicate, subject: digest("1"), manifest: digest("2") };
        release().with_attestations(BTreeMap::from([("api".parse().unwrap(), vec![attestation])]))
    }

    #[test]
    fn a_release_with_attestations_is_of_the_next_format_and_one_without_stays_as_it_was() {
        assert_eq!(attested().schema, 2);
        assert_eq!(Release::from_json(&attested().to_json()).unwrap(), attested());
        let none = attested().with_attestations(BTreeMap::from([("api".parse().unwrap(), Vec::new())]));
        assert_eq!(none.to_json(), release().to_json());
        assert!(attested().is_same_content(&release()));
    }

    #[test]
    fn a_release_with_a_site_is_of_the_newest_format() {
        let site = Artifact::Site(format!("sha256:{}", "1".repeat(64)).parse().unwrap());
        let mut with_site = attested();
        with_site.artifacts.insert("web".parse().unwrap(), site);
        let with_site = with_site.with_attestations(BTreeMap::new());
        assert_eq!((with_site.schema, Release::from_json(&with_site.to_json()).unwrap()), (3, with_site.clone()));
        assert!(
            with_site.site(&"web".parse().unwrap()).is_some() && with_site.image(&"web".parse().unwrap()).is_none()
        );
        assert!(
            with_site.site(&"api".parse().unwrap()).is_none() && with_site.image(&"api".parse().unwrap()).is_some()
        );
        let text = String::from_utf8(with_site.to_json()).unwrap().replace("\"schema\": 3", "\"schema\": 2");
        let error = Release::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the stored release has `site`, which its format has not");
    }

    #[test]
    fn attestations_in_a_format_that_has_none_are_refused() {
        let text = String::from_utf8(attested().to_json()).unwrap().replace("\"schema\": 2", "\"schema\": 1");
        let error = Release::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the stored release has `attestations`, which its format has not");
    }

    #[test]
    fn another_format_is_not_guessed_at() {
        insta::assert_snapshot!(error("\"schema\": 1", "\"schema\": 4, \"new\": 1"), @"the stored release is of format 4, and this version of Towpath knows formats 1 to 3");
        insta::assert_snapshot!(error("\"schema\": 1,", ""), @"the stored release is not a JSON object with a `schema`: missing field `schema` at line 13 column 1");
        insta::assert_snapshot!(error("{", "["), @r#"the stored release is not a JSON object with a `schema`: invalid type: string "schema", expected u32 at line 2 column 10"#);
    }

    #[test]
    fn what_is_not_of_the_format_is_refused() {
        insta::assert_snapshot!(error("\"1.4.0\"", "\"v1.4.0\""), @"the stored release is malformed: unexpected character 'v' while parsing major version number at line 4 column 21");
        insta::assert_snapshot!(error("\"created_by\"", "\"made_by\""), @"the stored release is malformed: unknown field `made_by`, expected one of `schema`, `app`, `version`, `commit`, `artifacts`, `created_at`, `created_by`, `attestations` at line 12 column 11");
        insta::assert_snapshot!(error("\"app\": \"shop\",", "\"app\": \"shop\", \"app\": \"shop\","), @"the stored release is malformed: duplicate field `app` at line 3 column 22");
    }
}
