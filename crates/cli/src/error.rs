//! Everything that can keep a command from coming to a result, with its exit code.
//!
//! What to do about each is `hint`'s to say.

use std::{error::Error as _, io, path::PathBuf};

use towpath_aws::ConnectError;
use towpath_core::{
    build::PlanError,
    config::Mistakes,
    engine::{BuildFailure, EngineError},
    identifier::{
        AccountId, CommitId, ComponentName, Digest, EnvironmentName, ImageReference, InvalidIdentifier, PromotionId,
        TaggedImage,
    },
    ledger::{BundlesError, LeaseError, LedgerError, ReleasesError, ReportsError, SitesError},
    ports::{BuildError, CallError, FileError, PublishError, SourceError},
    promotion::JournalError,
    release::DraftError,
    scan::{Scanner, read::ReadError},
    signature::BundleError,
    site::SurveyError,
};
use towpath_host::{HostBuilderError, HostScannerError, SiteBuildError};
use towpath_sim::{StartError, scenario::ScenarioError};

use crate::{Exit, plain::count};

/// Why a command came to no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("there is no towpath.toml in {} or above it", .0.display())]
    NoConfiguration(PathBuf),
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the configuration has {}", count(.0.as_slice().len(), "mistake"))]
    Configuration(Mistakes),
    #[error("{} is there already", .0.display())]
    AlreadyThere(PathBuf),
    #[error("cannot write {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("the folder's name makes no application name")]
    NoAppName(#[source] InvalidIdentifier),
    #[error("the ledger is a directory on a runner that is thrown away with all that is on it")]
    LedgerWouldBeLost,
    #[error("--trigger {trigger} needs {missing}")]
    TriggerIncomplete { trigger: &'static str, missing: &'static str },
    #[error("the event `{0}` is no trigger of a promotion")]
    NoTrigger(String),
    #[error("`{value}` is no {wanted}")]
    NoSuchForm { value: String, wanted: &'static str },
    #[error("git cannot tell")]
    Source(#[from] SourceError),
    #[error("the tags of the commit name several versions: {}", .0.join(", "))]
    SeveralVersions(Vec<String>),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("there is no image {repository}:{tag}", repository = .0.repository, tag = .0.tag)]
    NoSuchTag(TaggedImage),
    #[error("`{component}` is given twice")]
    ImageTwice { component: ComponentName },
    #[error("the image {0} does not exist")]
    NoSuchImage(String),
    #[error("files differ from the commit that the images would name: {}", some(.0))]
    Changed(Vec<String>),
    #[error("git does not say when {0} was committed")]
    NoCommitTime(CommitId),
    #[error(transparent)]
    BuildPlan(#[from] PlanError),
    #[error(transparent)]
    NoBuilder(#[from] Box<HostBuilderError>),
    #[error("not built")]
    NotBuilt(#[source] Box<BuildError>),
    #[error(transparent)]
    Build(#[from] Box<BuildFailure>),
    #[error("interrupted")]
    BuildInterrupted,
    #[error("cannot connect to the registry in {account}")]
    ConnectRegistry { account: AccountId, source: Box<ConnectError> },
    #[error("cannot look into the registry")]
    Registry(#[source] Box<CallError>),
    #[error("the image is not as it has to be in the registry")]
    Publish(#[source] Box<PublishError>),
    #[error("there is no release yet")]
    NoReleases,
    #[error("cannot connect to {environment}")]
    Connect { environment: EnvironmentName, source: Box<ConnectError> },
    #[error("cannot ask ECS in {environment}")]
    Asked { environment: EnvironmentName, source: Box<CallError> },
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("cannot use the releases")]
    Releases(#[from] ReleasesError),
    #[error("cannot use {}", path.display())]
    Report { path: PathBuf, source: Box<ReadError> },
    #[error("{} is of {at}, which is still to come", path.display())]
    ReportToCome { path: PathBuf, at: jiff::Timestamp },
    #[error("cannot use {}", path.display())]
    Bundle { path: PathBuf, source: BundleError },
    #[error("{} is about {}, and the release has {}", path.display(), digests(about), digests(images))]
    BundleOfAnother { path: PathBuf, about: Vec<Digest>, images: Vec<Digest> },
    #[error("cannot use the signatures that were handed in")]
    Bundles(#[from] BundlesError),
    #[error("no version of {0} is pinned")]
    NotPinned(Scanner),
    #[error(transparent)]
    NoScanner(#[from] Box<HostScannerError>),
    #[error("{image} was not scanned: {why}")]
    NotScanned { image: ImageReference, why: String },
    #[error("interrupted; reports that are whole are kept")]
    ScanInterrupted,
    #[error("cannot use the scanners' reports")]
    Reports(#[from] ReportsError),
    #[error("this changes what serves, so it must be confirmed")]
    NotATerminal,
    #[error("not confirmed; nothing was changed")]
    NotConfirmed,
    #[error("{promotion} is open in {environment}, but does not wait at a hook; nothing was changed")]
    NothingWaits { environment: EnvironmentName, promotion: PromotionId },
    #[error(transparent)]
    Survey(#[from] Box<SurveyError>),
    #[error(transparent)]
    SiteFile(#[from] FileError),
    #[error("cannot use what is kept of sites")]
    Sites(#[from] SitesError),
    #[error("the check would refuse {component}: {why}")]
    SiteUnplanned { component: ComponentName, why: String },
    #[error("{component} was not built")]
    SiteNotBuilt { component: ComponentName, source: Box<SiteBuildError> },
    #[error("{component} cannot be verified: {why}")]
    SiteUnverified { component: ComponentName, why: String },
    #[error("there is no component `{component}` here; there are {}", known.join(", "))]
    NoSuchComponent { component: ComponentName, known: Vec<String> },
    #[error("`{component}` in {environment} is a site: nothing runs for it that would write logs")]
    NoTasksOfSite { environment: EnvironmentName, component: ComponentName },
    #[error(
        "no task of {component} has an id that begins with {task}, among those that run and those that ended lately"
    )]
    NoSuchTask { component: ComponentName, task: String },
    #[error("interrupted before anything was begun")]
    Interrupted,
    #[error("cannot read the scenario {}", .path.display())]
    NoScenario { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Scenario(#[from] Box<ScenarioError>),
    #[error("the simulator does not start")]
    Simulator(#[from] Box<StartError>),
    #[error("cannot keep the simulator's state")]
    SimulatorState(#[from] towpath_sim::state::StateError),
    #[error("the demonstration did not go as told: {}", .0.join("; "))]
    Demonstration(Vec<String>),
    #[error("cannot print")]
    Output(#[source] io::Error),
    #[error("cannot start")]
    Runtime(#[source] io::Error),
}

impl From<Mistakes> for CliError {
    fn from(mistakes: Mistakes) -> Self {
        Self::Configuration(mistakes)
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        Self::Engine(error.into())
    }
}

impl CliError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoConfiguration(_)
            | Self::Unreadable { .. }
            | Self::Configuration(_)
            | Self::AlreadyThere(_)
            | Self::NoAppName(_)
            | Self::LedgerWouldBeLost
            | Self::TriggerIncomplete { .. }
            | Self::NoTrigger(_)
            | Self::NoSuchForm { .. }
            | Self::SeveralVersions(_)
            | Self::Draft(_)
            | Self::NoSuchTag(_)
            | Self::ImageTwice { .. }
            | Self::NoSuchImage(_)
            | Self::NoReleases
            | Self::NotATerminal
            | Self::NoSuchComponent { .. }
            | Self::NoTasksOfSite { .. }
            | Self::Survey(_)
            | Self::SiteFile(_)
            | Self::NoSuchTask { .. }
            | Self::Report { .. }
            | Self::ReportToCome { .. }
            | Self::Bundle { .. }
            | Self::BundleOfAnother { .. }
            | Self::NotPinned(_)
            | Self::NoScenario { .. }
            | Self::Scenario(_)
            | Self::BuildPlan(_)
            | Self::Changed(_)
            | Self::Source(SourceError::Unknown(_) | SourceError::NoRepository(_)) => Exit::Usage,
            Self::Simulator(error) => match **error {
                StartError::Pace(_) | StartError::Scenario(_) => Exit::Usage,
                StartError::Bind { .. } | StartError::State(_) => Exit::Errored,
            },
            Self::NotConfirmed | Self::NothingWaits { .. } | Self::SiteUnplanned { .. } => Exit::Refused,
            Self::Sites(error) if error.is_tampered() => Exit::Tampered,
            Self::Interrupted | Self::BuildInterrupted | Self::ScanInterrupted => Exit::Interrupted,
            Self::NoBuilder(error) => match &**error {
                HostBuilderError::Builder(error) => of_build(error),
                HostBuilderError::Room(_) => Exit::Errored,
            },
            Self::NotBuilt(error) => of_build(error),
            Self::Build(failure) => of_failure(failure),
            Self::Source(SourceError::Shallow { .. } | SourceError::Git { .. })
            | Self::Unwritable { .. }
            | Self::Sites(_)
            | Self::SiteUnverified { .. }
            | Self::SiteNotBuilt { .. }
            | Self::NoScanner(_)
            | Self::NotScanned { .. }
            | Self::NoCommitTime(_)
            | Self::Reports(ReportsError::Store(_))
            | Self::Bundles(BundlesError::Store(_) | BundlesError::TooMany)
            | Self::SimulatorState(_)
            | Self::Demonstration(_)
            | Self::Output(_)
            | Self::Runtime(_) => Exit::Errored,
            Self::Connect { source, .. } | Self::ConnectRegistry { source, .. } => of_connection(source),
            Self::Asked { source: error, .. } | Self::Registry(error) => of_call(error),
            Self::Publish(error) => of_publishing(error),
            Self::Releases(error) => of_releases(error),
            Self::Reports(ReportsError::Damaged { .. }) | Self::Bundles(BundlesError::Damaged { .. }) => Exit::Tampered,
            Self::Engine(error) => of_engine(error),
        }
    }

    /// Whether a repository is not there.
    pub(crate) fn is_no_repository(&self) -> bool {
        matches!(self, Self::Publish(error) if matches!(**error, PublishError::NoRepository(_)))
    }

    /// The error and everything that caused it, each said once.
    pub(crate) fn chain(&self) -> Vec<String> {
        let mut messages = vec![self.to_string()];
        if let Self::Configuration(mistakes) = self {
            messages.extend(mistakes.as_slice().iter().map(ToString::to_string));
        }
        let mut source = self.source();
        while let Some(cause) = source {
            let message = cause.to_string();
            if messages.last().is_none_or(|last| !last.contains(&message)) {
                messages.push(message);
            }
            source = cause.source();
        }
        messages
    }
}

fn of_engine(error: &EngineError) -> Exit {
    match error {
        EngineError::UnknownEnvironment { .. } | EngineError::OtherApplication { .. } => Exit::Usage,
        EngineError::Release(error) => of_releases(error),
        EngineError::Ledger(LedgerError::Tampered { .. })
        | EngineError::Journal(JournalError::Tampered { .. } | JournalError::Illegal { .. })
        | EngineError::Lease(LeaseError::Damaged { .. }) => Exit::Tampered,
        EngineError::Lease(LeaseError::Held { .. } | LeaseError::Lost { .. }) => Exit::Held,
        EngineError::Unfinished { .. } | EngineError::Journal(JournalError::Overtaken { .. }) => Exit::Inconclusive,
        EngineError::NothingProven(_) | EngineError::NoDrill(_) => Exit::Refused,
        EngineError::NothingOpen(_) => Exit::Done,
        EngineError::Ledger(LedgerError::Store(_) | LedgerError::Contended(_))
        | EngineError::Journal(JournalError::Store(_) | JournalError::Refused(_))
        | EngineError::Lease(LeaseError::Store(_))
        | EngineError::Store(_) => Exit::Errored,
    }
}

fn of_publishing(error: &PublishError) -> Exit {
    match error {
        PublishError::Call(error) => of_call(error),
        PublishError::TagTaken { .. } => Exit::Refused,
        PublishError::NoRepository(_)
        | PublishError::NoImage(_)
        | PublishError::Incomplete { .. }
        | PublishError::Corrupted { .. }
        | PublishError::Unsupported { .. }
        | PublishError::Layout { .. } => Exit::Errored,
    }
}

fn of_releases(error: &ReleasesError) -> Exit {
    match error {
        ReleasesError::Missing(_) => Exit::Usage,
        ReleasesError::Taken { .. } => Exit::Refused,
        ReleasesError::Damaged { .. } => Exit::Tampered,
        ReleasesError::Store(_) => Exit::Errored,
    }
}

fn of_build(error: &BuildError) -> Exit {
    match error {
        BuildError::NotThere { .. } | BuildError::NoSecret { .. } | BuildError::Unsupported { .. } => Exit::Usage,
        BuildError::NoBuilder { .. }
        | BuildError::ToolMissing { .. }
        | BuildError::StorageFull { .. }
        | BuildError::BaseImageRefused { .. }
        | BuildError::Failed { .. }
        | BuildError::TimedOut { .. }
        | BuildError::Content { .. }
        | BuildError::Machine { .. } => Exit::Errored,
    }
}

fn of_failure(failure: &BuildFailure) -> Exit {
    match failure {
        BuildFailure::Build(error) => of_build(error),
        BuildFailure::Registry { source, .. } => of_call(source),
        BuildFailure::Publish { source: PublishError::TagTaken { .. }, .. }
        | BuildFailure::Refused { .. }
        | BuildFailure::OtherCommit { .. } => Exit::Refused,
        BuildFailure::Held { .. } => Exit::Held,
        BuildFailure::NotTagged { .. } => Exit::Partial,
        BuildFailure::Publish { source, .. } => source.call().map_or(Exit::Errored, of_call),
        BuildFailure::Draft(_) => Exit::Usage,
        BuildFailure::Releases(error) => of_releases(error),
    }
}

/// The first few of many.
fn some(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN { format!("{shown} and {} more", all.len() - SHOWN) } else { shown }
}

/// Digests, for a sentence.
fn digests(all: &[Digest]) -> String {
    match all {
        [] => "no image".to_owned(),
        all => all.iter().map(Digest::as_str).collect::<Vec<_>>().join(", "),
    }
}

fn of_connection(error: &ConnectError) -> Exit {
    match error {
        ConnectError::RoleOfAnotherAccount { .. } => Exit::Usage,
        ConnectError::Caller(error) => of_call(error),
    }
}

fn of_call(error: &CallError) -> Exit {
    if error.is_about_the_caller() { Exit::Credentials } else { Exit::Errored }
}

#[cfg(test)]
mod tests {
    use towpath_core::ports::{Fault, StoreError};

    use super::*;

    fn check(error: impl Into<CliError>, expected: Exit) {
        let error = error.into();
        assert_eq!(error.exit(), expected, "{error}");
    }

    fn call(fault: Fault) -> CliError {
        let (operation, message) = ("ecs:DescribeServices".to_owned(), "no".to_owned());
        CliError::Registry(Box::new(CallError { operation, fault, code: None, message }))
    }

    #[test]
    fn each_error_has_the_exit_code_of_what_it_means() {
        let environment: EnvironmentName = "dev".parse().unwrap();
        let key = "environments/dev/head.json".parse().unwrap();
        check(call(Fault::Unauthenticated), Exit::Credentials);
        check(call(Fault::Denied { principal: None, action: None, resource: None }), Exit::Credentials);
        check(call(Fault::Throttled), Exit::Errored);
        check(LedgerError::Tampered { environment: environment.clone(), key, what: String::new() }, Exit::Tampered);
        check(LedgerError::Contended(environment.clone()), Exit::Errored);
        check(ReleasesError::Missing("1.0.0".parse().unwrap()), Exit::Usage);
        check(EngineError::NothingProven(environment.clone()), Exit::Refused);
        let (found, what) = ("api".parse().unwrap(), "release 1.0.0".to_owned());
        check(EngineError::OtherApplication { found, what, configured: "web".parse().unwrap() }, Exit::Usage);
        let held = LeaseError::Held {
            environment,
            holder: String::new(),
            promotion: "p".parse().unwrap(),
            until: jiff::Timestamp::UNIX_EPOCH,
        };
        check(EngineError::Lease(held), Exit::Held);
    }

    #[test]
    fn the_chain_says_everything_once() {
        let store = StoreError::Unavailable {
            action: "read",
            key: "k".to_owned(),
            place: "file:x".to_owned(),
            reason: "disk on fire".to_owned(),
        };
        let error = CliError::Engine(EngineError::Ledger(store.into()));
        insta::assert_snapshot!(error.chain().join(" | "), @"cannot use the ledger | cannot reach the ledger | cannot read `k` in file:x: disk on fire");
    }
}
