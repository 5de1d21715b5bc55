//! A release before it is one: what somebody wants to make a release of, held against the configuration.
//!
//! It does not look whether the images exist: the Images port does.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;

use crate::{
    config::{Application, Component},
    identifier::{AppName, CommitId, ComponentName, ImageReference, Version},
    site::SiteDigest,
};

use super::{Artifact, RELEASE_SCHEMA, Release};

/// What to make a release of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// The application.
    pub app: AppName,
    /// The version.
    pub version: Version,
    /// The commit that they were built from.
    pub commit: CommitId,
    /// One image per service.
    pub images: BTreeMap<ComponentName, ImageReference>,
    /// One manifest per site.
    pub sites: BTreeMap<ComponentName, SiteDigest>,
}

/// Why no release was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no release was made: {}", list(.problems))]
pub struct DraftError {
    /// Everything that is wrong; at least one problem.
    pub problems: Vec<DraftProblem>,
}

/// One thing that is wrong with a new release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftProblem {
    /// It is of another application than the configuration.
    OtherApplication {
        /// What was named.
        named: AppName,
        /// What the configuration describes.
        configured: AppName,
    },
    /// A component has no image.
    NoImage {
        /// The component.
        component: ComponentName,
    },
    /// A component that is a site has no files.
    NoSite {
        /// The component.
        component: ComponentName,
    },
    /// A service was given files, or a site an image.
    OtherKind {
        /// The component.
        component: ComponentName,
        /// What it is.
        kind: &'static str,
    },
    /// There is no such component.
    UnknownComponent {
        /// What was named.
        component: ComponentName,
        /// The components that there are.
        known: Vec<ComponentName>,
    },
    /// The image is not in the component's repository.
    OtherRepository {
        /// The component.
        component: ComponentName,
        /// The image.
        image: ImageReference,
        /// How its repository must end.
        wanted: String,
    },
    /// Nobody is named who creates it.
    NoCreator,
}

impl NewRelease {
    /// Makes the release.
    ///
    /// # Errors
    ///
    /// Everything that is wrong at once: a component without an image, an image without a component, an image from
    /// another repository than the component's, another application, nobody who creates it.
    pub fn create(self, application: &Application, now: Timestamp, by: &str) -> Result<Release, DraftError> {
        let problems = self.problems(application, by);
        if !problems.is_empty() {
            return Err(DraftError { problems });
        }
        let images = self.images.into_iter().map(|(component, image)| (component, Artifact::Image(image)));
        let sites = self.sites.into_iter().map(|(component, site)| (component, Artifact::Site(site)));
        let release = Release {
            schema: RELEASE_SCHEMA,
            app: self.app,
            version: self.version,
            commit: self.commit,
            artifacts: images.chain(sites).collect(),
            created_at: now,
            created_by: by.to_owned(),
            attestations: BTreeMap::new(),
        };
        Ok(release.with_attestations(BTreeMap::new()))
    }

    fn problems(&self, application: &Application, by: &str) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        if self.app != application.app {
            problems
                .push(DraftProblem::OtherApplication { named: self.app.clone(), configured: application.app.clone() });
        }
        problems.extend(application.components.iter().filter_map(|component| self.problem_of(component)));
        problems.extend(self.unknown(application));
        if by.trim().is_empty() {
            problems.push(DraftProblem::NoCreator);
        }
        problems
    }

    fn problem_of(&self, component: &Component) -> Option<DraftProblem> {
        let (name, is_site) = (&component.name, component.site.is_some());
        let (has_image, has_site) = (self.images.contains_key(name), self.sites.contains_key(name));
        if is_site && has_image || !is_site && has_site {
            let kind = if is_site { "a site" } else { "a service" };
            return Some(DraftProblem::OtherKind { component: name.clone(), kind });
        }
        if is_site {
            return (!has_site).then(|| DraftProblem::NoSite { component: name.clone() });
        }
        let Some(image) = self.images.get(&component.name) else {
            return Some(DraftProblem::NoImage { component: component.name.clone() });
        };
        let wanted = component.image_repository.clone()?;
        (!component.may_come_from(image.repository())).then(|| DraftProblem::OtherRepository {
            component: component.name.clone(),
            image: image.clone(),
            wanted,
        })
    }

    fn unknown(&self, application: &Application) -> Vec<DraftProblem> {
        let known: Vec<ComponentName> = application.components.iter().map(|component| component.name.clone()).collect();
        let unknown = self.images.keys().chain(self.sites.keys()).filter(|component| !known.contains(component));
        unknown
            .map(|component| DraftProblem::UnknownComponent { component: component.clone(), known: known.clone() })
            .collect()
    }
}

impl fmt::Display for DraftProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherApplication { named, configured } => {
                write!(formatter, "it is of `{named}`, and the configuration describes `{configured}`")
            }
            Self::NoImage { component } => write!(formatter, "`{component}` has no image"),
            Self::NoSite { component } => write!(formatter, "`{component}` is a site and has no files"),
            Self::OtherKind { component, kind } => write!(formatter, "`{component}` is {kind}"),
            Self::UnknownComponent { component, known } => {
                let known: Vec<String> = known.iter().map(|component| format!("`{component}`")).collect();
                write!(formatter, "there is no component `{component}`, only {}", known.join(", "))
            }
            Self::OtherRepository { component, image, wanted } => {
                write!(
                    formatter,
                    "the image of `{component}` is in `{}`, which does not end with `{wanted}`",
                    image.repository()
                )
            }
            Self::NoCreator => formatter.write_str("nobody is named who creates it"),
        }
    }
}

fn list(problems: &[DraftProblem]) -> String {
    problems.iter().map(DraftProblem::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application() -> Application {
        let text = r#"
            app = "shop"
            [environments.dev]
            account = "111111111111"
            region = "us-west-2"
            [components.api]
            kind = "service"
            image = { repository = "team/shop-api" }
            cluster = "shop"
            service = "api"
            [components.worker]
            kind = "service"
            cluster = "shop"
            service = "worker"
        "#;
        crate::config::parse(text, "towpath.toml").unwrap()
    }

    fn draft(app: &str, images: &[(&str, &str)]) -> NewRelease {
        let image = |repository: &str| format!("{repository}@sha256:{}", "0".repeat(64)).parse().unwrap();
        NewRelease {
            app: app.parse().unwrap(),
            version: "1.4.0".parse().unwrap(),
            commit: "a".repeat(40).parse().unwrap(),
            images: images
                .iter()
                .map(|(component, repository)| (component.parse().unwrap(), image(repository)))
                .collect(),
            sites: BTreeMap::new(),
        }
    }

    fn check(draft: NewRelease, by: &str, expected: &[&str]) {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        let problems = draft.create(&application(), now, by).err().map(|error| error.problems).unwrap_or_default();
        assert_eq!(problems.iter().map(DraftProblem::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_release_has_one_image_for_each_component() {
        let draft = draft("shop", &[("api", "ghcr.io/team/shop-api"), ("worker", "localhost:5000/anything")]);
        let release = draft.create(&application(), "2026-03-02T12:00:00Z".parse().unwrap(), "ci").unwrap();
        assert_eq!((release.schema, release.artifacts.len(), release.created_by.as_str()), (RELEASE_SCHEMA, 2, "ci"));
        assert_eq!(release.image(&"api".parse().unwrap()).unwrap().repository().path(), "team/shop-api");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = [
            "it is of `books`, and the configuration describes `shop`",
            "the image of `api` is in `ghcr.io/other/shop-api`, which does not end with `team/shop-api`",
            "`worker` has no image",
            "there is no component `web`, only `api`, `worker`",
            "nobody is named who creates it",
        ];
        check(draft("books", &[("api", "ghcr.io/other/shop-api"), ("web", "ghcr.io/team/web")]), " ", &wrong);
    }

    #[test]
    fn a_site_has_files_and_a_service_has_an_image() {
        let mut with_sites = draft("shop", &[("api", "ghcr.io/team/shop-api")]);
        let site: SiteDigest = format!("sha256:{}", "1".repeat(64)).parse().unwrap();
        with_sites.sites = BTreeMap::from([("worker".parse().unwrap(), site.clone()), ("web".parse().unwrap(), site)]);
        check(with_sites, "ci", &["`worker` is a service", "there is no component `web`, only `api`, `worker`"]);
    }

    #[test]
    fn a_repository_ends_with_whole_parts_of_its_path() {
        let check = |repository: &str, expected: &[&str]| {
            check(draft("shop", &[("api", repository), ("worker", "ghcr.io/w")]), "ci", expected);
        };
        check("ghcr.io/acme/team/shop-api", &[]);
        let wrong = "the image of `api` is in `ghcr.io/myteam/shop-api`, which does not end with `team/shop-api`";
        check("ghcr.io/myteam/shop-api", &[wrong]);
    }
}
