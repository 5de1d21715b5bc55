//! The marker: the one object of a bucket that says what is live there, what is kept, and whose site it is.
//!
//! It is read first and written last. Files, hashes and bytes are in the manifests and packs that it names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{AppName, ComponentName, EnvironmentName, PromotionId, Sha256, Version};

use super::{Extent, Kept, RuntimeFile, SiteDigest, SiteObject, SitePlan};

/// The format of a [`Marker`].
pub const MARKER_SCHEMA: u32 = 1;

/// What a publication left in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Publication {
    /// Its files.
    pub manifest: SiteDigest,
    /// How far it came. What is live is whole.
    pub extent: Extent,
    /// The release that they are of.
    pub release: Version,
    /// The promotion that brought them.
    pub promotion: PromotionId,
    /// When they were written.
    pub at: Timestamp,
    /// The runtime file that was put beside them, whole, so that it can be put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeFile>,
}

/// Whose site it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SiteOwner {
    /// The application.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The component.
    pub component: ComponentName,
}

impl std::fmt::Display for SiteOwner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} of {} in {}", self.component, self.app, self.environment)
    }
}

/// What is live in a bucket, and what is kept there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Marker {
    /// The format's version.
    pub schema: u32,
    /// Whose site it is.
    pub owner: SiteOwner,
    /// What is live.
    pub live: Publication,
    /// What was published before, the newest first: the files of all of it are still there, and what is whole can be
    /// gone back to.
    pub kept: Vec<Publication>,
    /// Manifests whose files were to be deleted after this publication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<SiteDigest>,
    /// Large files that are kept aside, by what they hash to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aside: BTreeSet<Sha256>,
}

/// Why a marker cannot be gone by.
#[derive(Debug, thiserror::Error)]
pub enum MarkerError {
    /// It is not a JSON object with a `schema`.
    #[error("the site's marker is not a JSON object with a `schema`")]
    NoSchema(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It was written by a newer version.
    #[error("the site's marker is of format {found}, and this version of Towpath knows format {MARKER_SCHEMA}")]
    UnknownSchema {
        /// The format it was written in.
        found: u32,
    },
    /// It is not what its format says.
    #[error("the site's marker is malformed")]
    Malformed(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It is another site's.
    #[error("this place in the bucket belongs to {found}, and not to {expected}")]
    OtherOwner {
        /// Whose it is.
        found: Box<SiteOwner>,
        /// Who asks.
        expected: Box<SiteOwner>,
    },
}

impl MarkerError {
    /// Whether what is live can be found out by looking instead. What is another's, or of a newer version, must not be.
    pub fn can_be_replaced(&self) -> bool {
        match self {
            Self::NoSchema(_) | Self::Malformed(_) => true,
            Self::UnknownSchema { .. } | Self::OtherOwner { .. } => false,
        }
    }
}

#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

impl Marker {
    /// Reads a marker.
    ///
    /// # Errors
    ///
    /// Where it is none, of another format, or another site's.
    pub fn from_json(bytes: &[u8], expected: &SiteOwner) -> Result<Self, MarkerError> {
        let Schema { schema } = serde_json::from_slice(bytes).map_err(MarkerError::NoSchema)?;
        if schema != MARKER_SCHEMA {
            return Err(MarkerError::UnknownSchema { found: schema });
        }
        let marker: Self = serde_json::from_slice(bytes).map_err(MarkerError::Malformed)?;
        if marker.owner != *expected {
            return Err(MarkerError::OtherOwner {
                found: Box::new(marker.owner),
                expected: Box::new(expected.clone()),
            });
        }
        Ok(marker)
    }

    /// The bytes to write.
    ///
    /// # Panics
    ///
    /// Never: nothing in a marker is beyond JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("every member of a marker is a text, list or number");
        bytes.push(b'\n');
        bytes
    }

    /// What is live and what is kept, the newest first.
    pub fn publications(&self) -> impl Iterator<Item = &Publication> {
        std::iter::once(&self.live).chain(&self.kept)
    }

    /// The marker once a plan was carried out. `past` is what was published before, the newest first, as it went into
    /// the plan; `aside` is what is kept aside by now.
    #[must_use]
    pub fn after(
        plan: &SitePlan,
        owner: SiteOwner,
        live: Publication,
        past: &[Publication],
        aside: &BTreeSet<Sha256>,
    ) -> Self {
        let of = |kept: &Kept| past.iter().find(|one| one.manifest == kept.manifest && one.extent == kept.extent);
        // The same files with another runtime file: the way back is to that file.
        let is_replaced = |one: &&Publication| one.manifest == live.manifest && one.runtime != live.runtime;
        let replaced = past.first().filter(|one| one.extent == Extent::Whole).filter(is_replaced);
        let kept = replaced.into_iter().chain(plan.kept.iter().filter_map(of)).cloned().collect();
        let is_deleted = |sha256: &Sha256| plan.deletions.objects().contains(&SiteObject::Kept(sha256.clone()));
        let aside = aside.iter().filter(|sha256| !is_deleted(sha256)).cloned().collect();
        Self { schema: MARKER_SCHEMA, owner, live, kept, leaving: plan.leaving.clone(), aside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Before, FileClass, Manifest, Past, PublishSettings, fixtures, plan};

    fn owner(component: &str) -> SiteOwner {
        let (app, environment) = ("shop".parse().unwrap(), "dev".parse().unwrap());
        SiteOwner { app, environment, component: component.parse().unwrap() }
    }

    fn manifest(at: u64) -> Manifest {
        fixtures::manifest(&[("index.html", FileClass::Entry, at)])
    }

    fn publication(at: u64, extent: Extent) -> Publication {
        Publication {
            manifest: manifest(at).digest().clone(),
            extent,
            release: format!("1.{at}.0").parse().unwrap(),
            promotion: format!("p-{at}").parse().unwrap(),
            at: "2026-03-02T12:00:00Z".parse().unwrap(),
            runtime: None,
        }
    }

    /// The marker after these were published one after another, the last one whole.
    fn marker(story: &[(u64, Extent)], keep: &str) -> Marker {
        let (&(last, _), past) = story.split_last().unwrap();
        let past: Vec<(u64, Extent)> = past.iter().rev().copied().collect();
        let manifests: Vec<(Manifest, Extent)> = past.iter().map(|(at, extent)| (manifest(*at), *extent)).collect();
        let history = manifests.iter().map(|(manifest, extent)| Past { manifest, extent: *extent }).collect();
        let before = Before { history, ..Before::default() };
        let settings = PublishSettings { keep: keep.parse().unwrap(), ..PublishSettings::default() };
        let plan = plan(&manifest(last), &before, &settings).unwrap();
        let past: Vec<Publication> = past.into_iter().map(|(at, extent)| publication(at, extent)).collect();
        Marker::after(&plan, owner("web"), publication(last, Extent::Whole), &past, &BTreeSet::new())
    }

    const WHOLE: Extent = Extent::Whole;
    const BROKEN: Extent = Extent::Broken;

    #[test]
    fn a_marker_is_written_so_and_read_again() {
        let marker = marker(&[(1, WHOLE), (2, WHOLE)], "5");
        let text = String::from_utf8(marker.to_json()).unwrap();
        insta::assert_snapshot!(text, @r#"
        {
          "schema": 1,
          "owner": {
            "app": "shop",
            "environment": "dev",
            "component": "web"
          },
          "live": {
            "manifest": "sha256:36f468077fa4aee59b65fa2a9038c96190583daa22d12815d88b820545f3dae9",
            "extent": "whole",
            "release": "1.2.0",
            "promotion": "p-2",
            "at": "2026-03-02T12:00:00Z"
          },
          "kept": [
            {
              "manifest": "sha256:46ce631837761f5ad9d05133f7e10398bb55f084f8de55d2eb4533bb8cb33ed9",
              "extent": "whole",
              "release": "1.1.0",
              "promotion": "p-1",
              "at": "2026-03-02T12:00:00Z"
            }
          ]
        }
        "#);
        assert_eq!(Marker::from_json(text.as_bytes(), &owner("web")).unwrap(), marker);
    }

    #[test]
    fn as_many_are_kept_as_can_be_gone_back_to_and_what_broke_off_among_them() {
        let check = |story: &[(u64, Extent)], expected: &[&str], leaving: usize| {
            let marker = marker(story, "2");
            let order: Vec<_> = marker.publications().map(|one| one.release.to_string()).collect();
            assert_eq!((order, marker.leaving.len()), (expected.iter().map(ToString::to_string).collect(), leaving));
        };
        check(&[(1, WHOLE)], &["1.1.0"], 0);
        check(&[(1, WHOLE), (2, WHOLE), (1, WHOLE)], &["1.1.0", "1.2.0"], 0);
        check(&[(1, WHOLE), (2, WHOLE), (3, WHOLE), (4, WHOLE)], &["1.4.0", "1.3.0", "1.2.0"], 1);
        let broken = [(1, WHOLE), (2, WHOLE), (3, BROKEN), (4, BROKEN), (5, WHOLE)];
        check(&broken, &["1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.1.0"], 0);
        check(&[(1, WHOLE), (2, BROKEN), (2, WHOLE)], &["1.2.0", "1.1.0"], 0);
    }

    #[test]
    fn what_had_another_runtime_file_is_kept_beside_the_same_files() {
        let check = |before: &str, after: &str, expected: usize| {
            let publication = |promotion: u64, text: &str| {
                let (path, headers) = ("config.json".parse().unwrap(), fixtures::headers("no-cache"));
                let runtime = Some(RuntimeFile { path, text: text.to_owned(), headers });
                Publication { promotion: format!("p-{promotion}").parse().unwrap(), runtime, ..publication(1, WHOLE) }
            };
            let manifest = manifest(1);
            let history = vec![Past { manifest: &manifest, extent: WHOLE }];
            let before_it = Before { history, ..Before::default() };
            let plan = plan(&manifest, &before_it, &PublishSettings::default()).unwrap();
            let past = [publication(1, before)];
            let marker = Marker::after(&plan, owner("web"), publication(2, after), &past, &BTreeSet::new());
            assert_eq!((marker.kept.len(), marker.live.promotion.as_str()), (expected, "p-2"));
            assert_eq!(marker.kept.first(), past.first().filter(|_| expected == 1));
        };
        check("{\"api\": 1}", "{\"api\": 2}", 1);
        check("{\"api\": 1}", "{\"api\": 1}", 0);
    }

    #[test]
    fn what_is_another_site_s_or_newer_is_never_written_over() {
        let bytes = marker(&[(1, WHOLE)], "1").to_json();
        let foreign = Marker::from_json(&bytes, &owner("docs")).unwrap_err();
        let expected = "this place in the bucket belongs to web of shop in dev, and not to docs of shop in dev";
        assert_eq!(foreign.to_string(), expected);
        let newer = String::from_utf8(bytes).unwrap().replace("\"schema\": 1", "\"schema\": 2");
        let newer = Marker::from_json(newer.as_bytes(), &owner("web")).unwrap_err();
        let broken = Marker::from_json(b"<html>", &owner("web")).unwrap_err();
        assert!(!foreign.can_be_replaced() && !newer.can_be_replaced() && broken.can_be_replaced());
    }
}
