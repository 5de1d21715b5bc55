//! The keys of an environment's `signed`: by whom images must have been signed, and what vouches for that.
//!
//! They are part of the one table in `keys`; the forms of their texts are here too.

use super::{
    form::{self, is},
    key::{Form, Kind, Need, Table},
    keys::key,
};
use crate::identifier::{GitHubRepository, PredicateType, RefPattern, SignerPattern, TokenIssuer, WorkflowFile};

static REPOSITORY: Form = Form {
    name: "repository on GitHub",
    example: "acme/shop",
    pattern: Some("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$"),
    check: is::<GitHubRepository>,
};
static WORKFLOW: Form = Form {
    name: "workflow's file",
    example: ".github/workflows/release.yml",
    pattern: None,
    check: is::<WorkflowFile>,
};
static REF: Form = Form {
    name: "git ref in full",
    example: "refs/heads/main",
    pattern: Some("^refs/(heads|tags)/.+$"),
    check: is::<RefPattern>,
};
static IDENTITY: Form =
    Form { name: "identity", example: "release@acme.example", pattern: None, check: is::<SignerPattern> };
static ISSUER: Form = Form {
    name: "issuer",
    example: "https://accounts.google.com",
    pattern: Some("^https://.+$"),
    check: is::<TokenIssuer>,
};
static STATEMENT: Form = Form {
    name: "type of a statement",
    example: "https://slsa.dev/provenance/v1",
    pattern: None,
    check: is::<PredicateType>,
};

pub(super) static ENVIRONMENT_SIGNED: Table = Table {
    heading: "[environments.NAME.signed]",
    meaning: "By whom every component's image must have been signed before it is brought here. What is verified is a bundle of Sigstore's for the image's digest.",
    groups: &[&[
        key(
            "by",
            Kind::OneOf("signer", &[&GITHUB, &PERSON, &PUBLIC_KEY]),
            Need::Required,
            "Who may have signed: one of these is enough.",
        ),
        key(
            "statements",
            Kind::Texts(&STATEMENT),
            Need::Default("[\"https://slsa.dev/provenance/v1\", \"https://sigstore.dev/cosign/sign/v1\"]"),
            "What they must have stated of the image, by the type of the predicate: one of these. Who signs a list of packages or a report does not say with it that the image may be deployed.",
        ),
        key(
            "trusted-root",
            Kind::Text(&form::FILE),
            Need::Otherwise("Sigstore's public root and GitHub's, as they were when this version was made"),
            "A file with the roots that certificates, logs and timestamps must go back to, as `gh attestation trusted-root` and `cosign trusted-root create` write it.",
        ),
    ]],
};

static GITHUB: Table = Table {
    heading: "by = [{ github = … }]",
    meaning: "A workflow on github.com, which attests or signs with its own identity.",
    groups: &[&[
        key("github", Kind::Text(&REPOSITORY), Need::Required, "The repository that was built."),
        key(
            "workflow",
            Kind::Text(&WORKFLOW),
            Need::Required,
            "The workflow that signed. One of another repository is written with that and the ref that it is called at: `acme/workflows/.github/workflows/build.yml@refs/tags/v2`.",
        ),
        key(
            "refs",
            Kind::Texts(&REF),
            Need::Otherwise("the `branch` of `[release]`"),
            "The refs that it may have run for, in full; `*` stands for a part without `/`. Whoever may push to one of them may sign.",
        ),
    ]],
};

static PERSON: Table = Table {
    heading: "by = [{ identity = … }]",
    meaning: "Whom a certificate of Fulcio's names.",
    groups: &[&[
        key(
            "identity",
            Kind::Text(&IDENTITY),
            Need::Required,
            "The address of mail or the URI in the certificate; `*` stands for a part without `/`.",
        ),
        key("issuer", Kind::Text(&ISSUER), Need::Required, "Who vouched for it, by the certificate."),
    ]],
};

static PUBLIC_KEY: Table = Table {
    heading: "by = [{ key = … }]",
    meaning: "Whoever has a key, as `cosign sign --key` signs.",
    groups: &[&[
        key("key", Kind::Text(&form::FILE), Need::Required, "The file with the public key, in PEM."),
        key(
            "log",
            Kind::Flag,
            Need::Default("true"),
            "Whether its place in a transparency log must be proven. With `false` the bundle still needs an entry or a timestamp, and an entry is not verified.",
        ),
    ]],
};
