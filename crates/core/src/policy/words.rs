//! Reasons in plain words, and what to do about each.
//!
//! What a reason amounts to is `Reason::outcome`'s to say. Texts from outside are escaped.

use std::fmt::{Display, Formatter};

use crate::{
    config::plain_duration,
    identifier::{CommitId, ComponentName, Digest},
    scan::{Allowed, Over, Summary, some},
    signature::Other,
};

use super::{Reason, TagPattern, reason::WhenUnscanned};

impl Display for Reason {
    #[expect(clippy::too_many_lines, reason = "an arm for each reason, and nothing else")]
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listed { trigger } => write!(f, "{trigger} may bring a release here"),
            Self::NotListed { trigger, listed } => {
                write!(f, "{trigger} may not bring a release here; what may: {}", list(listed, "nothing"))
            }
            Self::PullRequest { number } => write!(f, "pull request #{number} never deploys"),
            Self::OtherBranch { branch, wanted } => {
                write!(f, "a push to `{branch}` brings nothing here; branches that do: {}", list(wanted, "none"))
            }
            Self::OtherTag { tag, forms } => other_tag(f, tag, forms),
            Self::PublishesOnly { tag, form, wanted } => write!(
                f,
                "the tag `{}` is of the form `{form}`, which makes a release and brings it nowhere here; forms that do: {}",
                tag.escape_debug(),
                list(wanted, "none")
            ),
            Self::PathChanged { path, glob } => write!(f, "`{}` changed, which `{glob}` matches", path.escape_debug()),
            Self::NoPathChanged { globs, changed } => {
                write!(f, "none of the {changed} changed paths matches {}", list(globs, "any glob"))
            }
            Self::PathsUnknown { globs } => {
                write!(f, "which paths changed is unknown, so {} was taken as matched", list(globs, "every glob"))
            }
            Self::OnBranch { branch } => write!(f, "the commit is on `{branch}`"),
            Self::NotOnBranch { branch, commit: Some(commit) } => {
                write!(f, "commit {} is not on `{branch}`", commit.short())
            }
            Self::NotOnBranch { branch, commit: None } => write!(f, "the commit is not on `{branch}`"),
            Self::AncestryUnknown { branch, why } => {
                write!(f, "whether the commit is on `{branch}` cannot be told: {}", why.escape_debug())
            }
            Self::SameCommitAsTag { tag, commit } => {
                write!(f, "the tag `{}` is on the same commit, {}", tag.escape_debug(), commit.short())
            }
            Self::OtherCommitThanTag { tag, there, here } => other_commit(f, tag, there, here),
            Self::TagUnknown { tag, why } => no_tag(f, tag, why),
            Self::NoRelease => {
                f.write_str("there is no release yet, so its commit, version and artifacts were not checked")
            }
            Self::OtherApplication { application, release } => {
                write!(f, "the release is of `{release}`, and this is `{application}`")
            }
            Self::SameCommit { commit } => write!(f, "trigger and release name the same commit, {}", commit.short()),
            Self::OtherCommit { trigger, release } => {
                write!(
                    f,
                    "the trigger names commit {}, and the release was built from {}",
                    trigger.short(),
                    release.short()
                )
            }
            Self::SameVersion { version } => {
                write!(f, "tag and release name the same version, {version}")
            }
            Self::OtherVersion { tag, release } => {
                write!(f, "the tag names version {tag}, and the release is {release}")
            }
            Self::ArtifactsComplete { components } => {
                write!(f, "the release has an artifact for each of the environment's components ({components})")
            }
            Self::ArtifactMissing { component } => {
                write!(f, "the release has no artifact for `{component}`")
            }
            Self::ScanPassed { component, scan } => write!(f, "the scan of `{component}` is within the rules: {scan}"),
            Self::ScanFailed { component, scan, over, expired } => scan_failed(f, component, scan, over, expired),
            Self::NotScanned { component, why, then } => not_scanned(f, component, why, *then),
            Self::Signed { component, image, signature } => {
                write!(f, "`{component}` ({image}) was signed by {signature}")
            }
            Self::SignedByOther { component, image, wanted, others } => {
                signed_by_other(f, component, image, wanted, others)
            }
            Self::SignatureUnverified { component, image, why } => {
                write!(f, "nothing that may be a signature of `{component}` ({image}) could be verified: {}", told(why))
            }
            Self::SignatureUnknown { component, image, why } => {
                write!(f, "whether `{component}` ({image}) was signed could not be asked: {}", told(why))
            }
            Self::NotSigned { component, image, looked } => {
                write!(f, "`{component}` ({image}) was not signed: there is nothing {}", looked.join(", nor "))
            }
            Self::ProvenUpstream { environment, since, promotion } => {
                write!(f, "proven in {environment} since {since} by promotion {promotion}")
            }
            Self::NotProvenUpstream { environment, version: Some(version) } => {
                write!(f, "release {version} is not proven in {environment}")
            }
            Self::NotProvenUpstream { environment, version: None } => {
                write!(f, "no release was named that is proven in {environment}")
            }
            Self::WithdrawnUpstream { environment, at, promotion } => {
                write!(f, "it was proven in {environment}, and rolled back there at {at} by promotion {promotion}")
            }
            Self::ProofUnknown { environment, why } => {
                write!(f, "whether it is proven in {environment} cannot be told: {}", why.escape_debug())
            }
            Self::Soaked { environment, served, wanted } => write!(
                f,
                "it has served in {environment} for {}, and must for {}",
                plain_duration(*served),
                plain_duration(*wanted)
            ),
            Self::Soaking { environment, wanted, until } => {
                write!(f, "it must serve in {environment} for {}, which is over at {until}", plain_duration(*wanted))
            }
            Self::SoakCutShort { environment, served, wanted, by } => write!(
                f,
                "it served in {environment} for {} before {by} replaced it, and must for {}",
                plain_duration(*served),
                plain_duration(*wanted)
            ),
        }
    }
}

impl Reason {
    /// What to do about it; `None` where nothing is to be done.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NotListed { .. } => {
                Some("use one of the listed triggers, or add this one to the environment's `deploy-on`".to_owned())
            }
            Self::OtherTag { .. } => {
                Some("tag in one of these forms, or add the form to `tags` under [release]".to_owned())
            }
            Self::NotOnBranch { branch, .. } => Some(format!("tag or release a commit that is on `{branch}`")),
            Self::AncestryUnknown { branch, .. } => Some(format!(
                "make the whole history of `{branch}` available, for example with `fetch-depth: 0` at checkout, or `git fetch --unshallow origin {branch}`"
            )),
            Self::OtherCommitThanTag { tag, there, .. } => {
                Some(format!("set this tag on the commit of `{}`: `git tag TAG {}`", tag.escape_debug(), there.short()))
            }
            Self::TagUnknown { tag, .. } => Some(format!(
                "tag the version's commit first, and fetch tags at checkout: `git fetch origin tag {}`",
                tag.escape_debug()
            )),
            Self::PathsUnknown { .. } => Some(
                "make the commit before the push available, for example with `fetch-depth: 0`, to compare".to_owned(),
            ),
            Self::NoRelease => Some("create one with `towpath release create`".to_owned()),
            Self::OtherApplication { .. } => {
                Some("use the configuration of the application that the release is of".to_owned())
            }
            Self::OtherCommit { trigger, .. } => {
                Some(format!("bring the release that was built from {}", trigger.short()))
            }
            Self::OtherVersion { tag, .. } => {
                Some(format!("bring release {tag}, or tag the commit with the release's version"))
            }
            Self::ArtifactMissing { component } => {
                Some(format!("a release never changes: create a new one that has an image for `{component}`"))
            }
            Self::ScanFailed { expired, .. } if !expired.is_empty() => {
                Some("mend what is named and make a new release, or give the entry of `allow` a later `expires` and a reason for it".to_owned())
            }
            Self::ScanFailed { .. } => Some(
                "mend what is named and make a new release, or list it under `allow` with a reason and the day on which that ends"
                    .to_owned(),
            ),
            Self::NotScanned { then: WhenUnscanned::Refused | WhenUnscanned::Held { .. }, .. } => {
                Some("scan the image and hand in the report with `towpath scan --file`; `unscanned` says what happens without".to_owned())
            }
            Self::SignedByOther { .. } => Some(
                "have it signed by whom `signed` names; where the others are to be believed too, add them to `by`".to_owned(),
            ),
            Self::SignatureUnverified { .. } => Some(
                "sign it anew; where the signer is right and its root is newer than this version's, name the root with `trusted-root`"
                    .to_owned(),
            ),
            Self::SignatureUnknown { .. } => {
                Some("mend what is named and run this again, or hand the bundle in with `towpath signatures --bundle`".to_owned())
            }
            Self::NotSigned { image, .. } => Some(format!(
                "sign or attest {image} in the image's repository, or hand the bundle in with `towpath signatures --bundle`"
            )),
            Self::NotProvenUpstream { environment, version: Some(version) } => {
                Some(format!("run `towpath promote {environment} --release {version}` first"))
            }
            Self::NotProvenUpstream { environment, version: None } => {
                Some(format!("bring a release to {environment} first"))
            }
            Self::WithdrawnUpstream { environment, .. } => {
                Some(format!("bring a release with the fault removed, or this one to {environment} once more"))
            }
            Self::ProofUnknown { environment, .. } => {
                Some(format!("see that the ledger can be read: `towpath history {environment}`"))
            }
            Self::Soaking { until, .. } => Some(format!("ask again at {until}")),
            Self::SoakCutShort { environment, by, .. } => {
                Some(format!("bring {by} instead, or this release to {environment} once more and let it serve"))
            }
            Self::Listed { .. }
            | Self::PullRequest { .. }
            | Self::OtherBranch { .. }
            | Self::PublishesOnly { .. }
            | Self::PathChanged { .. }
            | Self::NoPathChanged { .. }
            | Self::OnBranch { .. }
            | Self::SameCommit { .. }
            | Self::SameCommitAsTag { .. }
            | Self::SameVersion { .. }
            | Self::ArtifactsComplete { .. }
            | Self::ScanPassed { .. }
            | Self::NotScanned { then: WhenUnscanned::Allowed, .. }
            | Self::Signed { .. }
            | Self::ProvenUpstream { .. }
            | Self::Soaked { .. } => None,
        }
    }
}

fn other_commit(f: &mut Formatter<'_>, tag: &str, there: &CommitId, here: &CommitId) -> std::fmt::Result {
    write!(f, "the tag `{}` is on commit {}, and this is {}", tag.escape_debug(), there.short(), here.short())
}

fn no_tag(f: &mut Formatter<'_>, tag: &str, why: &str) -> std::fmt::Result {
    write!(f, "the tag `{}` was not found: {}", tag.escape_debug(), why.escape_debug())
}

fn other_tag(f: &mut Formatter<'_>, tag: &str, forms: &[TagPattern]) -> std::fmt::Result {
    let (tag, forms) = (tag.escape_debug(), list(forms, "none"));
    write!(
        f,
        "the tag `{tag}` is of none of this application's forms: {forms}; nothing is published or deployed for it"
    )
}

fn not_scanned(f: &mut Formatter<'_>, component: &ComponentName, why: &str, then: WhenUnscanned) -> std::fmt::Result {
    let then = match then {
        WhenUnscanned::Refused => "is refused",
        WhenUnscanned::Allowed => "passes unseen",
        WhenUnscanned::Held { .. } => "is held",
    };
    write!(f, "what a scan would say of `{component}` is not known, so it {then}: {}", why.escape_debug())
}

fn scan_failed(
    f: &mut Formatter<'_>,
    component: &ComponentName,
    scan: &Summary,
    over: &[Over],
    expired: &[Allowed],
) -> std::fmt::Result {
    write!(f, "the scan of `{component}` is beyond the rules: ")?;
    let over = over.iter().map(ToString::to_string);
    let expired = (!expired.is_empty()).then(|| format!("no longer allowed: {}", some(expired)));
    write!(f, "{}; {scan}", over.chain(expired).collect::<Vec<_>>().join("; "))?;
    if scan.worst.is_empty() { Ok(()) } else { write!(f, "; the worst: {}", scan.worst_in_words()) }
}

fn signed_by_other(
    f: &mut Formatter<'_>,
    component: &ComponentName,
    image: &Digest,
    wanted: &[String],
    others: &[Other],
) -> std::fmt::Result {
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    write!(f, "`{component}` ({image}) was signed by {}; wanted: {}", others.join("; and by "), wanted.join(", or "))
}

/// What was found wrong, from wherever it comes.
fn told(why: &[String]) -> String {
    why.iter().map(|why| why.escape_debug().to_string()).collect::<Vec<_>>().join("; ")
}

fn list<T: Display>(items: &[T], none: &str) -> String {
    if items.is_empty() {
        return none.to_owned();
    }
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
