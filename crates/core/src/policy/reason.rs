//! One reason per thing that policy looked at: what it found, what that means, and what to do about it.
//!
//! Reasons are kept in the journal and in records for ever; a variant's name and fields are a format.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{AppName, BranchName, CommitId, ComponentName, Digest, EnvironmentName, PromotionId, Version},
    scan::{Allowed, Over, Summary},
    signature::{Other, Signature},
};

use super::{PathGlob, TagPattern, Trigger};

/// What a reason amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// As it must be.
    Pass,
    /// Could not be checked, and does not have to be.
    Unchecked,
    /// Not this environment's business.
    Ignore,
    /// Not yet.
    Hold {
        /// When to ask again.
        until: Timestamp,
    },
    /// No.
    Refuse,
}

impl Outcome {
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        match self {
            Self::Hold { until } => Some(*until),
            Self::Pass | Self::Unchecked | Self::Ignore | Self::Refuse => None,
        }
    }
}

/// What the rules make of an image that was not scanned, or could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WhenUnscanned {
    /// It is refused.
    Refused,
    /// It passes, unseen.
    Allowed,
    /// It is held: a scan may come.
    Held {
        /// When to ask again.
        until: Timestamp,
    },
}

/// One thing that was looked at. `Display` says it in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reason {
    /// A rule lets this trigger bring releases here.
    Listed {
        /// The trigger.
        trigger: Trigger,
    },
    /// No rule lets a person do this here.
    NotListed {
        /// The trigger.
        trigger: Trigger,
        /// The rules that there are, in words.
        listed: Vec<String>,
    },
    /// A pull request never deploys.
    PullRequest {
        /// Its number.
        number: u64,
    },
    /// The push was to a branch that no rule names.
    OtherBranch {
        /// The branch.
        branch: BranchName,
        /// The branches that rules name.
        wanted: Vec<BranchName>,
    },
    /// The tag is of none of the application's forms.
    OtherTag {
        /// The tag.
        tag: String,
        /// The forms.
        forms: Vec<TagPattern>,
    },
    /// The tag makes a release, and no rule brings it here.
    PublishesOnly {
        /// The tag.
        tag: String,
        /// Its form.
        form: TagPattern,
        /// The forms that do bring releases here.
        wanted: Vec<TagPattern>,
    },
    /// A changed path matches.
    PathChanged {
        /// The path.
        path: String,
        /// The glob that it matches.
        glob: PathGlob,
    },
    /// No changed path matches.
    NoPathChanged {
        /// The globs.
        globs: Vec<PathGlob>,
        /// How many paths the push changed.
        changed: usize,
    },
    /// Which paths changed is unknown: any may have.
    PathsUnknown {
        /// The globs.
        globs: Vec<PathGlob>,
    },
    /// The commit is on the branch.
    OnBranch {
        /// The branch.
        branch: BranchName,
    },
    /// The commit is not on the branch.
    NotOnBranch {
        /// The branch.
        branch: BranchName,
        /// The commit, where it is known.
        commit: Option<CommitId>,
    },
    /// Whether the commit is on the branch cannot be told.
    AncestryUnknown {
        /// The branch.
        branch: BranchName,
        /// Why.
        why: String,
    },
    /// The tag that must be on the same commit is.
    SameCommitAsTag {
        /// The tag.
        tag: String,
        /// The commit.
        commit: CommitId,
    },
    /// The tag that must be on the same commit is on another.
    OtherCommitThanTag {
        /// The tag.
        tag: String,
        /// The commit that it is on.
        there: CommitId,
        /// The commit that it would have to be on.
        here: CommitId,
    },
    /// The tag that must be on the same commit is not there, or cannot be looked up.
    TagUnknown {
        /// The tag.
        tag: String,
        /// Why.
        why: String,
    },
    /// There is no release yet to look at.
    NoRelease,
    /// The release is of another application.
    OtherApplication {
        /// The application that policy was asked for.
        application: AppName,
        /// The application that the release is of.
        release: AppName,
    },
    /// The trigger and the release name the same commit.
    SameCommit {
        /// The commit.
        commit: CommitId,
    },
    /// The trigger and the release name different commits.
    OtherCommit {
        /// The trigger's.
        trigger: CommitId,
        /// The release's.
        release: CommitId,
    },
    /// The tag and the release name the same version.
    SameVersion {
        /// The version.
        version: Version,
    },
    /// The tag and the release name different versions.
    OtherVersion {
        /// The tag's.
        tag: Version,
        /// The release's.
        release: Version,
    },
    /// The release has an artifact for every component of the environment.
    ArtifactsComplete {
        /// How many.
        components: usize,
    },
    /// The release has no artifact for a component of the environment.
    ArtifactMissing {
        /// The component.
        component: ComponentName,
    },
    /// A component's image was scanned, and what was found is within the rules.
    ScanPassed {
        /// The component.
        component: ComponentName,
        /// What was found, by whom.
        scan: Box<Summary>,
    },
    /// A component's image was scanned, and there is more in it than the rules allow.
    ScanFailed {
        /// The component.
        component: ComponentName,
        /// What was found, by whom.
        scan: Box<Summary>,
        /// The severities of which there are too many.
        over: Vec<Over>,
        /// The allowances that are about a finding and have expired.
        expired: Vec<Allowed>,
    },
    /// A component's image was not scanned, or could not be.
    NotScanned {
        /// The component.
        component: ComponentName,
        /// Which image, and why.
        why: String,
        /// What the rules make of that.
        then: WhenUnscanned,
    },
    /// A component's image was signed by whom it should be.
    Signed {
        /// The component.
        component: ComponentName,
        /// The image.
        image: Digest,
        /// By whom, when, and where that is to be found.
        signature: Box<Signature>,
    },
    /// A component's image was signed, and by nobody who is wanted.
    SignedByOther {
        /// The component.
        component: ComponentName,
        /// The image.
        image: Digest,
        /// Who is wanted, in words.
        wanted: Vec<String>,
        /// Who signed, and what is different.
        others: Vec<Other>,
    },
    /// There is what may be a signature of a component's image, and none of it could be verified.
    SignatureUnverified {
        /// The component.
        component: ComponentName,
        /// The image.
        image: Digest,
        /// Where each is, and why not.
        why: Vec<String>,
    },
    /// Whether a component's image was signed could not be asked.
    SignatureUnknown {
        /// The component.
        component: ComponentName,
        /// The image.
        image: Digest,
        /// Why.
        why: Vec<String>,
    },
    /// A component's image was not signed.
    NotSigned {
        /// The component.
        component: ComponentName,
        /// The image.
        image: Digest,
        /// Where a signature was looked for.
        looked: Vec<String>,
    },
    /// The release is proven upstream.
    ProvenUpstream {
        /// Where.
        environment: EnvironmentName,
        /// Since when.
        since: Timestamp,
        /// By which promotion.
        promotion: PromotionId,
    },
    /// The release is not proven upstream.
    NotProvenUpstream {
        /// Where.
        environment: EnvironmentName,
        /// The release's version, where there is a release.
        version: Option<Version>,
    },
    /// The release was proven upstream, and then rolled back there.
    WithdrawnUpstream {
        /// Where.
        environment: EnvironmentName,
        /// When.
        at: Timestamp,
        /// By which promotion.
        promotion: PromotionId,
    },
    /// Whether the release is proven upstream cannot be told.
    ProofUnknown {
        /// Where.
        environment: EnvironmentName,
        /// Why.
        why: String,
    },
    /// The release has served upstream long enough.
    Soaked {
        /// Where.
        environment: EnvironmentName,
        /// For how long it has served.
        served: Duration,
        /// For how long it must.
        wanted: Duration,
    },
    /// The release has not served upstream long enough yet.
    Soaking {
        /// Where.
        environment: EnvironmentName,
        /// For how long it must.
        wanted: Duration,
        /// When it will have.
        until: Timestamp,
    },
    /// The release was replaced upstream before it had served long enough.
    SoakCutShort {
        /// Where.
        environment: EnvironmentName,
        /// For how long it served.
        served: Duration,
        /// For how long it must.
        wanted: Duration,
        /// The version that replaced it.
        by: Version,
    },
}

impl Reason {
    /// What this reason amounts to.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Listed { .. }
            | Self::PathChanged { .. }
            | Self::OnBranch { .. }
            | Self::SameCommitAsTag { .. }
            | Self::SameCommit { .. }
            | Self::SameVersion { .. }
            | Self::ArtifactsComplete { .. }
            | Self::ScanPassed { .. }
            | Self::Signed { .. }
            | Self::ProvenUpstream { .. }
            | Self::Soaked { .. } => Outcome::Pass,
            Self::PathsUnknown { .. } | Self::NoRelease | Self::NotScanned { then: WhenUnscanned::Allowed, .. } => {
                Outcome::Unchecked
            }
            Self::PullRequest { .. }
            | Self::OtherBranch { .. }
            | Self::OtherTag { .. }
            | Self::PublishesOnly { .. }
            | Self::NoPathChanged { .. } => Outcome::Ignore,
            Self::Soaking { until, .. } | Self::NotScanned { then: WhenUnscanned::Held { until }, .. } => {
                Outcome::Hold { until: *until }
            }
            Self::NotListed { .. }
            | Self::NotOnBranch { .. }
            | Self::AncestryUnknown { .. }
            | Self::OtherCommitThanTag { .. }
            | Self::TagUnknown { .. }
            | Self::OtherApplication { .. }
            | Self::OtherCommit { .. }
            | Self::OtherVersion { .. }
            | Self::ArtifactMissing { .. }
            | Self::ScanFailed { .. }
            | Self::NotScanned { then: WhenUnscanned::Refused, .. }
            | Self::SignedByOther { .. }
            | Self::SignatureUnverified { .. }
            | Self::SignatureUnknown { .. }
            | Self::NotSigned { .. }
            | Self::NotProvenUpstream { .. }
            | Self::WithdrawnUpstream { .. }
            | Self::ProofUnknown { .. }
            | Self::SoakCutShort { .. } => Outcome::Refuse,
        }
    }
}
