//! What will be built, under which names: everything that is known before anything is run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    config::{Application, Component},
    identifier::{ArgumentName, ComponentName, InvalidIdentifier, Repository, TagName},
    ports::BuildRequest,
};

use super::{Checkout, ImageTagPattern, Recipe, TagWord, label::labels};

/// The argument that holds the release's version.
const VERSION: &str = "VERSION";
/// The argument that holds the commit.
const GIT_SHA: &str = "GIT_SHA";

/// What will be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "planning builds nothing"]
pub struct BuildPlan {
    /// The commit.
    pub checkout: Checkout,
    /// The components, in the order of the configuration.
    pub components: Vec<ComponentBuild>,
}

/// One component's image, to be built and named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentBuild {
    /// What the builder is asked for.
    pub request: BuildRequest,
    /// Where it is published.
    pub repository: Repository,
    /// The tags that it gets once and for ever.
    pub tags: Vec<TagName>,
    /// The tags that move to it.
    pub moving_tags: Vec<TagName>,
    /// Forms of tags that it gets none of, because the branch is not known.
    pub without_branch: Vec<ImageTagPattern>,
}

/// Why nothing can be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be built: {}", list(.problems))]
pub struct PlanError {
    /// Everything that is wrong; at least one problem.
    pub problems: Vec<PlanProblem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanProblem {
    /// A component is neither built nor given.
    NoRecipe {
        /// The component.
        component: ComponentName,
    },
    /// A component that is built has no repository, or its path is none.
    NoRepository {
        /// The component.
        component: ComponentName,
    },
    /// A form of tags makes no tag.
    NoTag {
        /// The component.
        component: ComponentName,
        /// What came out.
        invalid: InvalidIdentifier,
    },
    /// Two images would get the same tag in one repository.
    SameTag {
        /// The repository.
        repository: Repository,
        /// The tag.
        tag: TagName,
        /// The components, one of them twice where it would move its own tag.
        components: Vec<ComponentName>,
    },
}

impl BuildPlan {
    /// Plans the build of every service but those whose images are given.
    ///
    /// # Errors
    /// Everything that is wrong at once: a component without a recipe, a tag that is none, one tag for two images.
    pub fn new(
        application: &Application,
        checkout: Checkout,
        given: &BTreeSet<ComponentName>,
    ) -> Result<Self, PlanError> {
        let is_wanted = |component: &&Component| component.site.is_none() && !given.contains(&component.name);
        let wanted = application.components.iter().filter(is_wanted);
        let mut problems = Vec::new();
        let mut components = Vec::new();
        for component in wanted {
            match plan(application, component, &checkout) {
                Ok(build) => components.push(build),
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(shared_tags(&components));
        if problems.is_empty() { Ok(Self { checkout, components }) } else { Err(PlanError { problems }) }
    }
}

fn plan(application: &Application, component: &Component, checkout: &Checkout) -> Result<ComponentBuild, PlanProblem> {
    let name = &component.name;
    let recipe = component.build.as_ref().ok_or_else(|| PlanProblem::NoRecipe { component: name.clone() })?;
    let rules = &application.build;
    let repository = component.image_repository.as_deref();
    let repository = repository.and_then(|path| Repository::in_ecr(&rules.account, &rules.region, path).ok());
    let repository = repository.ok_or_else(|| PlanProblem::NoRepository { component: name.clone() })?;
    let tags = |patterns: &[ImageTagPattern]| tags(patterns, checkout, name);
    let all = recipe.tags.iter().chain(&recipe.moving_tags);
    Ok(ComponentBuild {
        request: request(application, name, recipe, checkout),
        repository,
        tags: tags(&recipe.tags)?,
        moving_tags: tags(&recipe.moving_tags)?,
        without_branch: all.filter(|pattern| is_without_branch(pattern, checkout)).cloned().collect(),
    })
}

fn is_without_branch(pattern: &ImageTagPattern, checkout: &Checkout) -> bool {
    pattern.has(TagWord::Branch) && checkout.branch.is_none()
}

fn tags(
    patterns: &[ImageTagPattern],
    checkout: &Checkout,
    component: &ComponentName,
) -> Result<Vec<TagName>, PlanProblem> {
    let tags = patterns.iter().filter_map(|pattern| pattern.tag(checkout, component).transpose());
    let no_tag = |invalid| PlanProblem::NoTag { component: component.clone(), invalid };
    let mut tags = tags.collect::<Result<Vec<TagName>, _>>().map_err(no_tag)?;
    tags.dedup();
    Ok(tags)
}

fn request(application: &Application, component: &ComponentName, recipe: &Recipe, checkout: &Checkout) -> BuildRequest {
    BuildRequest {
        component: component.clone(),
        context: recipe.context.clone(),
        dockerfile: recipe.dockerfile.clone(),
        target: recipe.target.clone(),
        platforms: recipe.platforms.clone(),
        arguments: arguments(application, component, recipe, checkout),
        labels: labels(checkout),
        secrets: recipe.secrets.clone(),
        attest: application.build.attest.clone(),
        created: checkout.committed_at,
        timeout: application.build.timeout,
    }
}

fn arguments(
    application: &Application,
    component: &ComponentName,
    recipe: &Recipe,
    checkout: &Checkout,
) -> BTreeMap<ArgumentName, String> {
    let Checkout { version, commit, .. } = checkout;
    let own = recipe.arguments.iter();
    let own = own.map(|(name, value)| (name.clone(), value.fill(&application.app, component, version, commit)));
    let given = [(VERSION, version.to_string()), (GIT_SHA, commit.to_string())];
    let given = given.map(|(name, value)| (name.parse().expect("capital letters are a name"), value));
    own.chain(given).collect()
}

/// Tags that more than one image would get.
fn shared_tags(components: &[ComponentBuild]) -> Vec<PlanProblem> {
    let mut wanted: BTreeMap<(&Repository, &TagName), Vec<ComponentName>> = BTreeMap::new();
    for build in components {
        for tag in build.tags.iter().chain(&build.moving_tags) {
            wanted.entry((&build.repository, tag)).or_default().push(build.request.component.clone());
        }
    }
    let shared = wanted.into_iter().filter(|(_, components)| components.len() > 1);
    shared
        .map(|((repository, tag), components)| PlanProblem::SameTag {
            repository: repository.clone(),
            tag: tag.clone(),
            components,
        })
        .collect()
}

impl fmt::Display for PlanProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecipe { component } => {
                write!(formatter, "`{component}` has no `image.context` to build it from, and no image is given")
            }
            Self::NoRepository { component } => {
                write!(formatter, "`{component}` has no `image.repository` to be published to")
            }
            Self::NoTag { component, invalid } => write!(formatter, "`{component}`: {invalid}"),
            Self::SameTag { repository, tag, components } => {
                let components: Vec<String> = components.iter().map(|component| format!("`{component}`")).collect();
                write!(formatter, "{} would both be {repository}:{tag}", components.join(" and "))
            }
        }
    }
}

fn list(problems: &[PlanProblem]) -> String {
    problems.iter().map(PlanProblem::to_string).collect::<Vec<_>>().join("; ")
}
