//! What to run or change next: one sentence for every ending, apart from the message that says what happened.

use towpath_aws::ConnectError;
use towpath_core::{
    engine::{BuildFailure, EngineError, Report},
    ledger::{BundlesError, LeaseError, LedgerError, ReleasesError, ReportsError},
    ports::{BuildError, CallError, Fault, PublishError, SourceError},
    promotion::{ComponentPhase, FailureKind, JournalError, Outcome, SitePhase, Stopped},
    scan::read::ReadError,
};
use towpath_host::{HostBuilderError, HostScannerError, ScannerRefused};
use towpath_sim::StartError;

use crate::{error::CliError, summary::is_passed};

/// What is missing for a proof: tasks of a service, or anybody to ask for a site.
fn unverified(report: &Report) -> String {
    let what = if report.state.sites.values().any(|site| site.phase == SitePhase::Proven { answers: 0 }) {
        "give the site a `distribution` or a smoke check"
    } else {
        "scale the service up"
    };
    format!("{what}, then prove the release: run the same promotion to {} again", report.environment)
}

/// What to do after a promotion, a rollback or a resumed promotion.
pub(crate) fn after(report: &Report) -> String {
    let environment = &report.environment;
    match report.outcome {
        Outcome::Succeeded | Outcome::Unchanged | Outcome::Adopted => format!("towpath status {environment}"),
        Outcome::Ignored => "nothing: the policy leaves this trigger alone; `towpath policy matrix` shows what it does".to_owned(),
        Outcome::Unverified => unverified(report),
        Outcome::Refused => match report.state.decision.as_ref().and_then(remedy) {
            Some(remedy) => remedy,
            None => "change what the reasons name, then run it again; `towpath policy explain` asks the policy alone".to_owned(),
        },
        Outcome::Held => match report.retry_at {
            Some(until) => format!("run it again after {until}"),
            None => "run it again later".to_owned(),
        },
        Outcome::Errored => format!("mend what the reason names, then run it again; `towpath history {environment}` has the record"),
        Outcome::Unauthorized if let Some(missing) = missing(report) => missing,
        Outcome::Unauthorized => "give AWS credentials that may do what the reason names (AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
             aws-actions/configure-aws-credentials in a workflow), then run it again".to_owned(),
        Outcome::RolledBack if is_passed(report) => {
            format!("nothing: run it again when what watches {environment} was changed")
        }
        Outcome::RolledBack if report.state.request.intent.is_drill() => {
            "let something fail for a release that cannot run: the circuit breaker, a health check or a smoke check; \
             then run the drill again".to_owned()
        }
        Outcome::RolledBack if was_only_declined(report) => {
            format!("nothing: nobody judged the release, so it may be promoted to {environment} again")
        }
        Outcome::RolledBack => {
            "mend the fault and make a new release: a release never changes, and this one was judged bad".to_owned()
        }
        Outcome::Stuck if !has_target(report) => format!(
            "a person is needed: nothing was ever proven here, so there is nothing to go back to; mend the fault, make a new release and promote it to {environment}"
        ),
        Outcome::Stuck => format!(
            "a person is needed: look at the service in ECS, then `towpath rollback {environment}` or promote a good release"
        ),
        Outcome::Inconclusive | Outcome::Interrupted if waits(report) => format!(
            "`towpath continue {environment}` lets it go on, `towpath continue {environment} --rollback` puts back what served"
        ),
        Outcome::Inconclusive | Outcome::Interrupted => format!("towpath resume {environment}"),
        Outcome::Superseded => format!("towpath status {environment}, and find out who else deploys there"),
    }
}

/// Whether ECS holds a component at a hook for a person.
fn waits(report: &Report) -> bool {
    report.state.components.values().any(|component| matches!(component.phase, ComponentPhase::Paused { .. }))
}

/// Whether it went back because somebody wanted that, and for nothing else.
fn was_only_declined(report: &Report) -> bool {
    let mut failures = report.state.failures().peekable();
    failures.peek().is_some() && failures.all(|failure| failure.kind == FailureKind::Declined)
}

/// The permission that the caller lacks, where that is why.
fn missing(report: &Report) -> Option<String> {
    let stopped = match &report.state.stopped {
        Some(Stopped::Failure(failure)) => Some(failure),
        Some(Stopped::Held { .. } | Stopped::Decision | Stopped::Check { .. }) | None => None,
    };
    let failed = report.state.failures();
    let missing = stopped.into_iter().chain(failed).find_map(|failure| failure.missing.as_ref())?;
    let on = missing.resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
    Some(format!("allow {}{on} to the caller, then run it again", missing.action))
}

/// Whether there was anything to go back to.
fn has_target(report: &Report) -> bool {
    let (services, sites) = (&report.state.components, &report.state.sites);
    services.is_empty() && sites.is_empty()
        || services.values().any(|component| component.plan.target.is_some())
        || sites.values().any(|site| site.plan.target.is_some())
}

fn remedy(decision: &towpath_core::policy::Decision) -> Option<String> {
    let refusing = decision.reasons.iter().filter(|reason| reason.outcome() == towpath_core::policy::Outcome::Refuse);
    let remedies: Vec<String> = refusing.filter_map(towpath_core::policy::Reason::remedy).collect();
    (!remedies.is_empty()).then(|| remedies.join("; "))
}

/// What to do about an error; nothing where the message says it already.
pub(crate) fn about(error: &CliError) -> Option<String> {
    let text = match error {
        CliError::NoConfiguration(_) => "run `towpath init` to write one, or name it with --config",
        CliError::Unreadable { .. } => "name the file with --config, or run `towpath init` to write one",
        CliError::Configuration(_) => "mend the lines above, then run `towpath check`",
        CliError::AlreadyThere(_) => "nothing is overwritten: change the file by hand, and run `towpath check`",
        CliError::Unwritable { .. } => "see that the folder exists and may be written to",
        CliError::NoAppName(_) => "name the application with --app",
        CliError::LedgerWouldBeLost => {
            "use a runner of your own, or set TOWPATH_FILE_LEDGER=keep where the directory outlives the runner"
        }
        CliError::TriggerIncomplete { .. } => "give it on the command line, for example --trigger tag --ref v1.4.0",
        CliError::NoTrigger(_) => "say what asks with --trigger",
        CliError::NoSuchForm { .. } => "see `towpath promote --help`",
        CliError::Source(error) => return Some(about_git(error).to_owned()),
        CliError::SeveralVersions(_) => "say which one with --version",
        CliError::Draft(_) => "give each component's image with --image COMPONENT=REPOSITORY@DIGEST",
        CliError::NoSuchTag(_) | CliError::NoSuchImage(_) => "push the image first, or name one that is there",
        CliError::Changed(_) => "commit them, or pass --allow-changes to build what is here under the commit's name",
        CliError::NoCommitTime(_) => "see that the commit is in this clone: `git show HEAD`",
        CliError::BuildPlan(_) => {
            "mend `image` of the component in towpath.toml, or give an image with --image COMPONENT=REPOSITORY@DIGEST"
        }
        CliError::NoBuilder(error) => match &**error {
            HostBuilderError::Builder(error) => about_build(error),
            HostBuilderError::Room(_) => "see that the temporary folder (TMPDIR) may be written to",
        },
        CliError::NotBuilt(error) => about_build(error),
        CliError::Build(failure) => return Some(about_failure(failure)),
        CliError::BuildInterrupted => "run the same command again: it goes on with what is there",
        CliError::ImageTwice { .. } => "give one --image a component",
        CliError::Registry(error) | CliError::Asked { source: error, .. } => {
            return Some(about_call(error));
        }
        CliError::Connect { source, .. } | CliError::ConnectRegistry { source, .. } => {
            return Some(about_connection(source));
        }
        CliError::Publish(error) => return Some(about_publishing(error)),
        CliError::NoReleases => "make one with `towpath release create`",
        CliError::Releases(error) => return Some(about_releases(error).to_owned()),
        CliError::Engine(error) => return Some(about_engine(error)),
        CliError::NotPinned(scanner) => {
            return Some(format!(
                "write the version that may be run to towpath.toml: [scan.{scanner}] version = \"…\""
            ));
        }
        CliError::NoScanner(error) => return Some(about_scanner(error)),
        CliError::NotScanned { .. } => "see what the scanner printed, then run it again",
        CliError::ScanInterrupted => "run the same command again",
        CliError::Report { source, .. } => about_report(source),
        CliError::ReportToCome { .. } => "set the clock of the machine that scans, and scan again",
        CliError::Bundle { .. } => "write the file anew, with `gh attestation download` or `cosign sign --bundle`",
        CliError::BundleOfAnother { .. } => "download the bundle for the release's image, by its digest",
        CliError::Bundles(BundlesError::Damaged { .. }) => {
            "put the object back from a copy, and hand the bundle in again"
        }
        CliError::Bundles(BundlesError::TooMany) => "attach signatures to the image in its registry instead",
        CliError::Reports(ReportsError::Damaged { .. }) => "scan the image again; put the object back from a copy",
        CliError::Reports(ReportsError::Store(_)) | CliError::Bundles(BundlesError::Store(_)) => {
            "see that the ledger's place can be read and written, then run it again"
        }
        CliError::NotATerminal => "pass --yes",
        CliError::NothingWaits { environment, .. } => return Some(format!("towpath resume {environment}")),
        CliError::Interrupted => "run it again",
        CliError::Survey(_) => "build the site, and mend or leave out (`exclude`) what is named",
        CliError::SiteFile(_) => "let the build end first, then run it again",
        CliError::Sites(_) => "see that the ledger can be reached; put a damaged object back from a copy",
        CliError::SiteUnplanned { .. } => "mend what is named; nothing was changed",
        CliError::SiteNotBuilt { .. } => "see what the command said, then run it again",
        CliError::SiteUnverified { .. } => "publish it with `towpath promote` or `towpath site deploy`",
        CliError::NoSuchComponent { .. } => "name one of these",
        CliError::NoTasksOfSite { .. } => "`towpath site verify` asks what visitors get of it",
        CliError::NoSuchTask { .. } => {
            "without --task, all of them are shown; ECS forgets ended tasks after an hour or so"
        }
        CliError::NotConfirmed => "run it again and type the environment's name, or pass --yes",
        CliError::NoScenario { .. } => {
            "name a scenario that is there; without --scenario the built-in shop is simulated"
        }
        CliError::Scenario(_) => "see docs/simulator.md for every key",
        CliError::Simulator(error) => match **error {
            StartError::Bind { .. } => "see that the port is free, or pass --listen 127.0.0.1:0 for any",
            StartError::Scenario(_) => "see docs/simulator.md for every key",
            StartError::State(_) => "see that the directory given with --state may be read and written",
            StartError::Pace(_) => "give --speed a number above 0",
        },
        CliError::SimulatorState(_) => "see that the directory given with --state may be written to",
        CliError::Demonstration(_) => "this is a fault of Towpath: please report it with what was printed",
        CliError::Output(_) | CliError::Runtime(_) => return None,
    };
    Some(text.to_owned())
}

fn about_scanner(error: &HostScannerError) -> String {
    match error {
        HostScannerError::Refused(ScannerRefused::NotInstalled(scanner)) => {
            format!("install {scanner} of the version that [scan.{scanner}] pins, and see that it is in PATH")
        }
        HostScannerError::Refused(ScannerRefused::NoVersion { scanner, .. }) => {
            format!("see what `{scanner} version` prints; install the version that [scan.{scanner}] pins")
        }
        HostScannerError::Refused(ScannerRefused::OtherVersion { scanner, wanted, .. }) => {
            format!(
                "install {scanner} {wanted}, or pin the one that is here under [scan.{scanner}] once it was looked at"
            )
        }
        HostScannerError::Refused(ScannerRefused::OtherFile { .. }) => {
            "do not run it: find out where this program came from, and install the one that is pinned".to_owned()
        }
        HostScannerError::Room(_) => "see that the temporary folder (TMPDIR) may be written to".to_owned(),
    }
}

fn about_build(error: &BuildError) -> &'static str {
    match error {
        BuildError::NoBuilder { .. } => "install docker with buildx, podman or buildah, and see that it runs",
        BuildError::ToolMissing { .. } => "install it, start it, or choose another `tool` under [build]",
        BuildError::Unsupported { .. } => "choose another `tool` under [build], or do without",
        BuildError::NotThere { .. } => "mend `context` and `dockerfile` in towpath.toml: they are relative to it",
        BuildError::NoSecret { .. } => "set the variable, or mend `secrets` in towpath.toml",
        BuildError::StorageFull { .. } => {
            "free some space (the builder's own prune command, TMPDIR), then run it again"
        }
        BuildError::BaseImageRefused { .. } => {
            "see that the base image exists; for one in ECR, name its repository in `pull-from` under [build]"
        }
        BuildError::Failed { .. } => "mend what the builder says above, then run it again",
        BuildError::TimedOut { .. } => "give it longer with `timeout` under [build], or see why it takes so long",
        BuildError::Content { .. } => "see `platforms`, `target` and what the Dockerfile copies, then run it again",
        BuildError::Machine { .. } => "see whether the disk is mounted and whole, then run it again",
    }
}

fn about_failure(failure: &BuildFailure) -> String {
    let text = match failure {
        BuildFailure::Build(error) => about_build(error),
        BuildFailure::Registry { source, .. } => return about_call(source),
        BuildFailure::Publish { source: PublishError::TagTaken { .. }, .. } => {
            "the commit was built before: `towpath release create --image` makes a release of the image that is there; or use another form of tag"
        }
        BuildFailure::Publish { source: PublishError::NoRepository(repository), .. } => {
            return format!("create the repository {repository}, then run it again");
        }
        BuildFailure::NotTagged { source: PublishError::TagTaken { .. }, .. } => {
            "take it out of `moving-tags`, or exclude it from the repository's immutability in ECR; then run it again: nothing is built again"
        }
        BuildFailure::Publish { source, .. } | BuildFailure::NotTagged { source, .. } => {
            return about_publishing(source);
        }
        BuildFailure::Held { until, .. } => {
            return format!("run it again after {until}: the same bytes are not sent again");
        }
        BuildFailure::Refused { .. } => "mend what the reasons name, then run it again",
        BuildFailure::OtherCommit { .. } => "give another version with --version, or check out the release's commit",
        BuildFailure::Draft(_) => "mend `image` of the component in towpath.toml, or give an image with --image",
        BuildFailure::Releases(error) => about_releases(error),
    };
    text.to_owned()
}

fn about_engine(error: &EngineError) -> String {
    match error {
        EngineError::UnknownEnvironment { .. } => "name one of these".to_owned(),
        EngineError::OtherApplication { .. } => {
            "give each application a `ledger` of its own in its configuration".to_owned()
        }
        EngineError::Release(error) => about_releases(error).to_owned(),
        EngineError::Ledger(LedgerError::Tampered { environment, .. }) => format!(
            "nothing was changed: find out who changed it, put it back from a copy, then `towpath ledger verify {environment}`"
        ),
        EngineError::Journal(JournalError::Tampered { .. } | JournalError::Illegal { .. })
        | EngineError::Lease(LeaseError::Damaged { .. }) => {
            "find out who changed it, and put it back from a copy; nothing goes on before".to_owned()
        }
        EngineError::Lease(LeaseError::Held { environment, until, .. }) => {
            format!(
                "wait until {until}, or, if you know that its holder is gone: `towpath resume {environment} --take-over`"
            )
        }
        EngineError::Lease(LeaseError::Lost { environment, .. }) => {
            format!("towpath status {environment}")
        }
        EngineError::Unfinished { environment, .. } => format!("towpath resume {environment}"),
        EngineError::Journal(JournalError::Overtaken { .. }) => {
            "another run goes on with it: see its output".to_owned()
        }
        EngineError::NothingProven(environment) => format!("towpath history {environment}"),
        EngineError::NoDrill(environment) => {
            format!("set `drill = true` under [environments.{environment}], where a bad release does no harm")
        }
        EngineError::NothingOpen(environment) => format!("towpath status {environment}"),
        EngineError::Ledger(LedgerError::Contended(_)) => "run it again".to_owned(),
        EngineError::Ledger(LedgerError::Store(_))
        | EngineError::Journal(JournalError::Store(_))
        | EngineError::Lease(LeaseError::Store(_))
        | EngineError::Store(_) => "see that the ledger's place can be read and written, then run it again".to_owned(),
        EngineError::Journal(JournalError::Refused(_)) => {
            "this is a fault of Towpath: please report it with what was printed".to_owned()
        }
    }
}

/// What to do where an image is not, or cannot be brought, where it has to be.
fn about_publishing(error: &PublishError) -> String {
    match error {
        PublishError::Call(error) => about_call(error),
        PublishError::NoRepository(repository) => format!(
            "make the repository {} in the account and region that its registry's name says, or set `repository` to another",
            repository.path()
        ),
        PublishError::NoImage(_) => {
            "push the image again, and see that no lifecycle rule removes what is deployed: `towpath release verify` \
             shows where it is"
                .to_owned()
        }
        PublishError::Incomplete { .. } => {
            "push the image again from where it was built, and see that no lifecycle rule removes untagged images that \
             an index names"
                .to_owned()
        }
        PublishError::Corrupted { .. } => {
            "run it again; if it happens again, a proxy or a disk in between changes bytes".to_owned()
        }
        PublishError::TagTaken { tag, .. } => format!(
            "nothing was changed: use another tag than {}, or make a new version; an immutable tag never moves",
            tag.tag
        ),
        PublishError::Unsupported { .. } => {
            "build an OCI or docker image with something that runs in it, for a platform that ECS has".to_owned()
        }
        PublishError::Layout { .. } => "build the image again".to_owned(),
    }
}

fn about_releases(error: &ReleasesError) -> &'static str {
    match error {
        ReleasesError::Missing(_) => "`towpath release list` shows what there is; `towpath release create` makes one",
        ReleasesError::Taken { .. } => "a release never changes: create this one under another version",
        ReleasesError::Damaged { .. } => "put the object back from a copy, or create the release under another version",
        ReleasesError::Store(_) => "see that the ledger's place can be read and written, then run it again",
    }
}

fn about_report(error: &ReadError) -> &'static str {
    match error {
        ReadError::TooLarge { .. } | ReadError::TooMany { .. } => {
            "scan one image, and let the scanner list vulnerabilities alone"
        }
        ReadError::NotJson(_) | ReadError::Damaged { .. } | ReadError::Word { .. } => {
            "write the report anew, with `trivy image --format json` or `grype --output json`"
        }
        ReadError::UnknownForm | ReadError::UnknownVersion { .. } | ReadError::OtherTool(_) => {
            "use `trivy image --format json`, `grype --output json`, or the SARIF of one of these"
        }
        ReadError::NoImage(_) => "scan the image: `trivy image` or `grype`, with REPOSITORY@sha256:…",
        ReadError::NoDigest { .. } => {
            "scan the image by its digest, REPOSITORY@sha256:…, and use the scanner's JSON, which names it"
        }
        ReadError::OtherImage { .. } => "scan the image of this release, by its digest",
    }
}

fn about_git(error: &SourceError) -> &'static str {
    match error {
        SourceError::NoRepository(_) => "run it in a git repository, or give the commit with --commit or --sha",
        SourceError::Shallow { .. } => {
            "fetch the whole history: `fetch-depth: 0` at checkout, or `git fetch --unshallow`"
        }
        SourceError::Unknown(_) => "fetch it, or name a commit that is there",
        SourceError::Git { .. } => "run the git command by hand to see what is wrong",
    }
}

fn about_connection(error: &ConnectError) -> String {
    match error {
        ConnectError::Caller(error) => about_call(error),
        ConnectError::RoleOfAnotherAccount { .. } => {
            "set `role` to a role of the environment's account, or mend `account`".to_owned()
        }
    }
}

fn about_call(error: &CallError) -> String {
    let text = match &error.fault {
        Fault::Unauthenticated => {
            "give AWS credentials: `aws configure sso` and AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; \
             in a workflow, `permissions: id-token: write` and aws-actions/configure-aws-credentials"
        }
        Fault::Denied { action: Some(action), resource, .. } => {
            let on = resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
            return format!("allow {action}{on} to the caller");
        }
        Fault::Denied { action: None, .. } => "allow the operation to the caller",
        Fault::NotSent => "see that AWS can be reached from here (name look-up, proxy, AWS_ENDPOINT_URL)",
        Fault::Throttled | Fault::Unanswered { .. } => "run it again",
        Fault::NotFound => "check the names in towpath.toml, the account and the region",
        Fault::Rejected => "change what AWS refuses, then run it again",
        Fault::Ambiguous => "look at what is there before running it again",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use towpath_core::promotion::Intent;

    use super::*;

    #[test]
    fn every_outcome_says_what_to_run_or_change_next() {
        let lines = Outcome::ALL.map(|outcome| format!("{outcome}: {}", after(&crate::summary::example(outcome))));
        insta::assert_snapshot!(lines.join("\n"), @"
        succeeded: towpath status dev
        unchanged: towpath status dev
        unverified: scale the service up, then prove the release: run the same promotion to dev again
        refused: change what the reasons name, then run it again; `towpath policy explain` asks the policy alone
        ignored: nothing: the policy leaves this trigger alone; `towpath policy matrix` shows what it does
        held: run it again after 2026-03-02T10:00:00Z
        errored: mend what the reason names, then run it again; `towpath history dev` has the record
        unauthorized: give AWS credentials that may do what the reason names (AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws-actions/configure-aws-credentials in a workflow), then run it again
        rolled_back: mend the fault and make a new release: a release never changes, and this one was judged bad
        stuck: a person is needed: look at the service in ECS, then `towpath rollback dev` or promote a good release
        inconclusive: towpath resume dev
        interrupted: towpath resume dev
        superseded: towpath status dev, and find out who else deploys there
        adopted: towpath status dev
        ");
    }

    #[test]
    fn who_went_back_because_somebody_wanted_that_may_try_the_same_release_again() {
        let intent = || Intent::Promote { version: "1.1.0".parse().unwrap(), commit: "a".repeat(40).parse().unwrap() };
        let declined = after(&crate::summary::put_back(intent(), "declined"));
        assert_eq!(declined, "nothing: nobody judged the release, so it may be promoted to dev again");
        assert!(after(&crate::summary::put_back(intent(), "rollout")).contains("judged bad"));
    }

    #[test]
    fn a_missing_permission_is_named() {
        let error = CallError {
            operation: "ecs:UpdateService".to_owned(),
            fault: Fault::Denied {
                principal: None,
                action: Some("iam:PassRole".to_owned()),
                resource: Some("arn:x".to_owned()),
            },
            code: None,
            message: "no".to_owned(),
        };
        let error = CliError::Registry(Box::new(error));
        assert_eq!(about(&error).as_deref(), Some("allow iam:PassRole on arn:x to the caller"));
    }
}
