//! What a build tells while it goes on, what it came to, and why it came to nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    build::Tool,
    identifier::{CommitId, ComponentName, Digest, ImageReference, TagName, Version},
    ledger::ReleasesError,
    policy::Reason,
    ports::{BuildError, BuildOutput, CallError, Moved, PublishError, Tagged},
    release::{DraftError, Release},
    scan::Scanner,
};

/// Something that a build did, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildNotice {
    /// A component's build began.
    Building {
        /// The component.
        component: ComponentName,
        /// What builds it.
        tool: Tool,
    },
    /// It was built; nothing has left this machine.
    Built {
        /// The component.
        component: ComponentName,
        /// What it is named by.
        digest: Digest,
    },
    /// It is in its registry, under no tag.
    Candidate {
        /// The component.
        component: ComponentName,
        /// The image.
        image: ImageReference,
        /// What of its layers had to be sent.
        blobs: Moved,
    },
    /// A scanner is run on a candidate.
    Scanning {
        /// The component.
        component: ComponentName,
        /// What is run.
        scanner: Scanner,
    },
    /// What the rules make of what a scanner said.
    Scanned {
        /// The component.
        component: ComponentName,
        /// The reason for the verdict, good or bad.
        reason: Box<Reason>,
    },
    /// Every gate has let every candidate pass.
    Admitted,
    /// The release was there before, so that nothing is built again.
    ReleaseThere {
        /// The release.
        version: Version,
    },
    /// The release was created.
    ReleaseCreated {
        /// The release.
        version: Version,
    },
    /// A tag names the image now.
    Tagged {
        /// The image.
        image: ImageReference,
        /// The tag.
        tag: TagReport,
    },
}

/// Who hears what a build does, and what its builders print.
pub trait BuildObserver: BuildOutput {
    /// Something was done.
    fn notice(&self, notice: &BuildNotice);
}

/// What a build came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use = "says which release there is now"]
pub struct BuildReport {
    /// The release.
    pub release: Release,
    /// Whether the very same release was there before.
    pub was_there: bool,
    /// What the scans of each component that was built in this run came to.
    pub scans: BTreeMap<ComponentName, Vec<Reason>>,
    /// What became of each component that is built here.
    pub components: BTreeMap<ComponentName, ComponentReport>,
}

/// One component's image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentReport {
    /// The image.
    pub image: ImageReference,
    /// Its tags, in the order in which they were set.
    pub tags: Vec<TagReport>,
}

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagReport {
    /// The tag.
    pub tag: TagName,
    /// `set`, `there` or `moved`.
    pub became: &'static str,
    /// What it named before, where it moved.
    pub from: Option<Digest>,
}

impl TagReport {
    pub(super) fn of(tag: &TagName, tagged: Tagged) -> Self {
        let (became, from) = match tagged {
            Tagged::Set => ("set", None),
            Tagged::AlreadyThere => ("there", None),
            Tagged::Moved { from } => ("moved", Some(from)),
        };
        Self { tag: tag.clone(), became, from }
    }
}

/// Why a build came to no release, or to one whose tags are not all set.
#[derive(Debug, thiserror::Error)]
pub enum BuildFailure {
    /// A component was not built. Nothing was published under any tag.
    #[error("nothing was published")]
    Build(#[from] BuildError),
    /// A registry could not be asked.
    #[error("{component}: the registry cannot be asked")]
    Registry {
        /// The component.
        component: ComponentName,
        /// Why.
        #[source]
        source: CallError,
    },
    /// An image did not come to its registry, or may not have its tag. No tag was set and no release was made.
    #[error("{component}: {what}")]
    Publish {
        /// The component.
        component: ComponentName,
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: PublishError,
    },
    /// The release was made, and one of its tags was not set.
    #[error("{component}: the release is there, and the tag {tag} is not on its image")]
    NotTagged {
        /// The component.
        component: ComponentName,
        /// The tag.
        tag: TagName,
        /// Why not.
        #[source]
        source: PublishError,
    },
    /// A gate refused. No tag was set and no release was made.
    #[error("no tag was set: {}", .reasons.join("; "))]
    Refused {
        /// Every reason.
        reasons: Vec<String>,
    },
    /// A gate held: it may let them pass later. No tag was set and no release was made.
    #[error("no tag was set yet: {}", .reasons.join("; "))]
    Held {
        /// Every reason.
        reasons: Vec<String>,
        /// When to ask again.
        until: Timestamp,
    },
    /// The version is a release of another commit.
    #[error("release {version} is of commit {}, and this is {}", there.short(), here.short())]
    OtherCommit {
        /// The version.
        version: Version,
        /// The release's commit.
        there: CommitId,
        /// The commit that is checked out.
        here: CommitId,
    },
    /// What was built and given makes no release.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The releases cannot be read or written, or the version is taken.
    #[error("cannot use the releases")]
    Releases(#[from] ReleasesError),
}
