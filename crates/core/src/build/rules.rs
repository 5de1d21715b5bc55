//! What a configuration says about building.
//!
//! Nothing here names an environment: an image is built once, for all of them.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use crate::{
    config::replace_placeholders,
    identifier::{
        AccountId, AppName, ArgumentName, CommitId, ComponentName, InvalidIdentifier, Region, Repository, RoleArn,
        SecretId, StageName, VariableName, Version,
    },
    ports::Platform,
    scan::PublishRules,
};

use super::ImageTagPattern;

/// How images are built, and where they are published first.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildRules {
    /// The tool that must be used; the first that is found where nothing is said.
    pub tool: Option<Tool>,
    /// The account whose registry they are published to.
    pub account: AccountId,
    /// The region of that registry.
    pub region: Region,
    /// The role to take to publish there.
    pub role: Option<RoleArn>,
    /// ECR repositories that base images come from: the builder is logged in to their registries.
    pub pull_from: Vec<Repository>,
    /// What the builder is asked to attest.
    pub attest: Vec<Attest>,
    /// How many components are built at once.
    pub parallel: usize,
    /// How long one component's build may take.
    pub timeout: Duration,
    /// What may be found in an image before it gets a tag; nothing where scans are not looked at.
    pub scan: Option<PublishRules>,
}

/// How one component's image is built.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The folder that is given to the builder, relative to the configuration file.
    pub context: String,
    /// The Dockerfile, relative to the configuration file.
    pub dockerfile: String,
    /// The stage to build; the last one where nothing is said.
    pub target: Option<StageName>,
    /// What it must run on; the builder's own platform where nothing is said.
    pub platforms: Vec<Platform>,
    /// Further build arguments.
    pub arguments: BTreeMap<ArgumentName, ArgumentTemplate>,
    /// Secrets that the Dockerfile mounts, and the variables that hold them.
    pub secrets: BTreeMap<SecretId, VariableName>,
    /// The tags that the image gets, once and for ever.
    pub tags: Vec<ImageTagPattern>,
    /// The tags that move to the image.
    pub moving_tags: Vec<ImageTagPattern>,
}

/// A program that builds images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// `docker buildx build`, with a builder that exports OCI layouts.
    Buildx,
    /// `docker build` and `docker save`, of Docker 25 or later.
    Docker,
    /// `podman build`.
    Podman,
    /// `buildah build`.
    Buildah,
}

impl Tool {
    /// Every tool, in the order in which they are looked for.
    pub const ALL: [Self; 4] = [Self::Buildx, Self::Docker, Self::Podman, Self::Buildah];

    /// Its name, as the configuration has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buildx => "docker-buildx",
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Tool {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|tool| tool.name() == text).ok_or_else(|| InvalidIdentifier {
            what: "a program that builds images",
            value: text.to_owned(),
            rule: "use `docker-buildx`, `docker`, `podman` or `buildah`",
        })
    }
}

/// What a builder may attest of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attest {
    /// How it was built.
    Provenance,
    /// What is in it.
    Sbom,
}

impl FromStr for Attest {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "provenance" => Ok(Self::Provenance),
            "sbom" => Ok(Self::Sbom),
            _ => Err(InvalidIdentifier {
                what: "an attestation of a builder",
                value: text.to_owned(),
                rule: "use `provenance` or `sbom`",
            }),
        }
    }
}

/// A build argument's value, with `{app}`, `{component}`, `{version}` and `{commit}` still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentTemplate(String);

impl ArgumentTemplate {
    /// The value as the configuration writes it. Any text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value for one build.
    pub fn fill(&self, app: &AppName, component: &ComponentName, version: &Version, commit: &CommitId) -> String {
        let version = version.to_string();
        replace_placeholders(&self.0, |name| match name {
            "app" => Some(app.as_str()),
            "component" => Some(component.as_str()),
            "version" => Some(&version),
            "commit" => Some(commit.as_str()),
            _ => None,
        })
    }
}
